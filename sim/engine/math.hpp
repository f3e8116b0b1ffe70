#pragma once
/// Elementary functions in plain arithmetic: the same bits on any CPU, compiler and optimisation level.
///
/// libm's log, exp and pow choose another path (and another last bit) on CPUs with and without fused
/// multiply-add, so a result that is compared bit for bit must not touch them. Everything here is +, -, *, /
/// and square root of IEEE doubles in a written order, and is compiled with -ffp-contract=off.
/// log and exp come from tables that the compiler computes (math_tables.hpp), with a relative error under
/// 3e-16. The normal quantile is Wichura's AS 241 (PPND16, 1988), about 1 part in 1e16.

#include <array>
#include <bit>
#include <cfloat>
#include <cmath>
#include <cstdint>
#include <limits>

#ifdef __FAST_MATH__
#error "Spillway's results must be the same on any machine: build without -ffast-math."
#endif

namespace spillway {

static_assert(FLT_EVAL_METHOD == 0, "doubles must be evaluated as doubles (no x87)");
static_assert(std::numeric_limits<double>::is_iec559);

inline constexpr double kInfinity = std::numeric_limits<double>::infinity();
inline constexpr double kNotANumber = std::numeric_limits<double>::quiet_NaN();

/// Wide enough for exact sums of 64-bit values and for products of a level and a duration.
__extension__ using Int128 = __int128;

}  // namespace spillway

/// Their own namespace, since `log` beside <cmath>'s `::log` would be ambiguous, silently or not.
namespace spillway::math {

inline constexpr double kPi = 3.14159265358979323846;
inline constexpr double kSqrtTwoPi = 2.50662827463100050242;
/// The 0.99 quantile of the standard normal distribution.
inline constexpr double kNormal99 = 2.32634787404084110089;

/// Natural logarithm. log(0) = -infinity, log(negative) = NaN. Relative error < 3e-16.
double log(double x);
/// e^x. Relative error < 3e-16 where the result is a normal number.
double exp(double x);
/// log(1 + x) and e^x - 1 without loss near zero. Relative error < 2e-15.
double log1p(double x);
double expm1(double x);
/// x^y for x >= 0, as exp(y log x): the relative error is about |y log x| * 3e-16.
double pow(double x, double y);
double cbrt(double x);

/// Sine and cosine of a whole turn's fraction (0.25 is a right angle): exact at the quarters.
double sin_turns(double turns);
double cos_turns(double turns);
double atan(double x);

/// x with P(Z <= x) = p, for p in [0, 1]. For p near 1 pass 1 - p and negate: small p are resolved to 1e-300.
double normal_quantile(double p);
/// The same for a u from Draws::open01() (2^-53 <= u <= 1 - 2^-53 and u != 1/2), three times as fast: one
/// polynomial from a table, no branch. Differs from normal_quantile by less than 1e-12.
double normal_of_draw(double u);
/// P(Z <= x), and P(Z > x), each to full relative precision in its own tail.
double normal_cdf(double x);
double normal_tail(double x);
double normal_density(double x);
/// normal_tail(x) / normal_density(x) for x >= 0: neither overflows nor underflows however far the tail.
double mills_ratio(double x);

/// log of the gamma function and the gamma function, for x > 0. Relative error of gamma < 3e-14 below 22.
double log_gamma(double x);
double gamma(double x);

namespace tables {

/// From 1 to 2 in 128 steps: -log(z / 2) = rest - log1p(r), with r = (z - center) / center and
/// rest = -log(center / 2). The last step's center is 2, so that small results keep their digits.
struct ExponentialStep {
  double center;
  double inverse;
  double rest;
};
inline constexpr int kExponentialShift = 52 - 7;
extern const std::array<ExponentialStep, 128> kExponential;
inline constexpr double kLn2Nearest = 0x1.62e42fefa39efp-1;

}  // namespace tables

/// The standard exponential quantile of a draw's 64 bits, that is -log(1 - u) with u = bits / 2^64:
/// increasing in the bits, above zero, at most 64 ln 2. Error < 2e-15, relative above 1 and absolute below:
/// small results keep the 53 digits of u. Every other event draws one, so it stands here to be compiled in
/// place: one table look-up, no branch, no division.
inline double exponential_of_draw(std::uint64_t bits) {
  // 1 - u = z 2^-(zeros + 1), with z in [1, 2).
  const std::uint64_t left = ~bits | 1;
  const int zeros = std::countl_zero(left);
  const std::uint64_t fraction = left << zeros << 1 >> 12;
  const tables::ExponentialStep& step = tables::kExponential[fraction >> tables::kExponentialShift];
  const double z = std::bit_cast<double>(fraction | 0x3FF0000000000000U);
  const double r = (z - step.center) * step.inverse;
  const double r2 = r * r;
  const double series = (-1.0 / 2 + r * (1.0 / 3)) + r2 * (-1.0 / 4 + r * (1.0 / 5));
  return (static_cast<double>(zeros) * tables::kLn2Nearest + (step.rest - r)) - r2 * series;
}

}  // namespace spillway::math
