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

#include "engine/draw_steps.hpp"

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
/// The same for the p that Draws::open01() makes of a draw's 64 bits, three times as fast: one polynomial
/// from a table, no branch. Differs from normal_quantile by less than 1e-12.
double normal_of_draw(std::uint64_t bits);
/// minus the normal quantile at the points of a step of p = min(u, 1 - u) (draw_steps.hpp).
StepValues minus_normal_on(std::size_t step);
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

/// One of 256 strips of equal area under e^-x (Marsaglia and Tsang, "The Ziggurat Method", 2000), the lowest
/// of which stands for the tail too. Widths are in steps of 2^-53 of the strip's, so that a draw's 53 bits
/// are a place in it; those below `inside` lie under the curve whatever their height.
struct ExponentialStrip {
  std::uint64_t inside;
  double step;
};
extern const std::array<ExponentialStrip, 256> kExponential;

}  // namespace tables

/// What exponential_of_draw says of the 2 % of draws that fall beside their strip's inside.
double exponential_beside(std::uint64_t bits);

/// A standard exponential from a draw's 64 bits: 8 choose the strip, 53 the place in it. A rejected place is
/// followed by another made from the same bits, so that a draw stays one draw. At least zero and at most 45.
/// Every other event draws one, so it stands here to be compiled in place: one look-up, one branch that is
/// nearly always taken, one multiplication.
inline double exponential_of_draw(std::uint64_t bits) {
  const tables::ExponentialStrip& strip = tables::kExponential[bits % 256];
  const std::uint64_t place = bits >> 11;
  if (place >= strip.inside) [[unlikely]]
    return exponential_beside(bits);
  return static_cast<double>(static_cast<std::int64_t>(place)) * strip.step;
}

}  // namespace spillway::math
