// Plain-arithmetic elementary functions; see math.hpp for why they exist.
// The functions that draws need (log, exp, normal_quantile) are written for speed; those that only set a
// distribution up (tails, gamma) are written to be short, and may loop.
//
// log and exp are tables and short Taylor series, without division (Tang 1989, 1990). The coefficients of
// sine and cosine: FDLIBM 5.3, Copyright (C) 1993 by Sun Microsystems, Inc.; permission to use, copy, modify
// and distribute is freely granted, provided that this notice is preserved.
#include "engine/math.hpp"

#include "engine/math_tables.hpp"
#include "spillway/random.hpp"

namespace spillway::math {
namespace {

/// Adding and subtracting it rounds to the nearest integer.
constexpr double kRounder = 0x1.8p52;

/// 2^k for k in the range of normal numbers.
double power_of_two(std::int64_t k) {
  return std::bit_cast<double>(static_cast<std::uint64_t>(k + 1023) << 52);
}

/// y * 2^k, correct (to one rounding) when the result over- or underflows.
double scale(double y, std::int64_t k) {
  if (k > 1023) return y * 0x1p1023 * power_of_two(k > 2046 ? 1023 : k - 1023);
  if (k < -1022) return y * power_of_two(k < -2000 ? -1022 : k + 970) * 0x1p-970;
  return y * power_of_two(k);
}

double log_of_special(double x) {
  if (x > 0 && x < DBL_MIN) return tables::log_of_normal(x * 0x1p54, -54);
  if (x == 0) return -kInfinity;
  if (x < 0) return kNotANumber;
  return x;  // infinity or NaN
}

}  // namespace

double log(double x) {
  if (x >= DBL_MIN && x <= DBL_MAX) return tables::log_of_normal(x, 0);
  return log_of_special(x);
}

namespace {

/// e^x = 2^k start (1 + series), for x = (k + i / 128) ln 2 + r with |r| <= ln 2 / 256.
struct ReducedExp {
  double start;  ///< in [1, 2)
  double series;
  std::int64_t k;
};

[[gnu::always_inline]] inline ReducedExp reduce_exp(double x) {
  using namespace tables;
  constexpr double kSteps = kExpSteps;
  // The rounder leaves the integer in the lowest bits, too.
  const double rounded = x * (1.44269504088896338700 * kSteps) + kRounder;
  const auto whole = static_cast<std::int64_t>(std::bit_cast<std::uint64_t>(rounded) -
                                               std::bit_cast<std::uint64_t>(kRounder));
  const double steps = rounded - kRounder;
  const double r = (x - steps * (kLn2High / kSteps)) - steps * (kLn2Low / kSteps);
  const double r2 = r * r;
  const double series = r + r2 * ((1.0 / 2 + r * (1.0 / 6)) + r2 * (1.0 / 24 + r * (1.0 / 120)));
  return {kExp[static_cast<std::size_t>(whole) % kExpSteps], series, whole >> 7};
}

/// Where the result, or a part of it, may be no normal number.
[[gnu::noinline]] double exp_far_out(double x) {
  if (!(x <= 709.782712893383973096 && x >= -745.133219101941108420)) {
    if (x > 0) return kInfinity;
    return x < 0 ? 0.0 : x;
  }
  const ReducedExp e = reduce_exp(x);
  return scale(e.start + e.start * e.series, e.k);
}

}  // namespace

double exp(double x) {
  if (!(std::fabs(x) < 600)) [[unlikely]]
    return exp_far_out(x);
  const ReducedExp e = reduce_exp(x);
  // 2^k goes into the exponent at once, and not into the result: whoever waits for that waits less.
  const std::uint64_t start = std::bit_cast<std::uint64_t>(e.start);
  const double scaled = std::bit_cast<double>(start + (static_cast<std::uint64_t>(e.k) << 52));
  return scaled + scaled * e.series;
}

double log1p(double x) {
  if (!(x > -0.5 && x < 1.0)) return log(1.0 + x);
  const double u = 1.0 + x;
  // log(u) answers for the rounded sum; the factor puts back what rounding took (Kahan).
  return u == 1.0 ? x : log(u) * (x / (u - 1.0));
}

double expm1(double x) {
  if (!(x > -0.5 && x < 0.5)) return exp(x) - 1.0;
  const double u = exp(x);
  return u == 1.0 ? x : (u - 1.0) * (x / log(u));
}

double pow(double x, double y) {
  if (y == 0 || x == 1) return 1.0;
  return exp(y * log(x));
}

double cbrt(double x) {
  if (x == 0 || !(x - x == 0)) return x;
  const double size = x < 0 ? -x : x;
  // A third of the exponent gives a start within 12 %; each step of Newton doubles the digits.
  const double unit = size < DBL_MIN ? 0x1p54 : 1.0;
  const double scaled = size * unit;
  double root = std::bit_cast<double>(std::bit_cast<std::uint64_t>(scaled) / 3 + 0x2A9F7893782DA1CEU);
  for (int i = 0; i < 6; ++i) root -= (root - scaled / (root * root)) / 3.0;
  if (unit != 1.0) root *= 0x1p-18;
  return x < 0 ? -root : root;
}

namespace {

/// sin(x) and cos(x) for |x| <= pi / 4.
double sin_small(double x) {
  const double z = x * x;
  return x + x * z *
                 tables::polynomial(z, 1.58969099521155010221e-10, -2.50507602534068634195e-08,
                                    2.75573137070700676789e-06, -1.98412698298579493134e-04,
                                    8.33333333332248946124e-03, -1.66666666666666324348e-01);
}

double cos_small(double x) {
  const double z = x * x;
  const double r = tables::polynomial(z, -1.13596475577881948265e-11, 2.08757232129817482790e-09,
                                      -2.75573143513906633035e-07, 2.48015872894767294178e-05,
                                      -1.38888888888741095749e-03, 4.16666666666666019037e-02);
  const double half = 0.5 * z;
  const double w = 1.0 - half;
  return w + (((1.0 - w) - half) + z * (z * r));
}

}  // namespace

double sin_turns(double turns) {
  const double part = turns - std::floor(turns);  // exact, in [0, 1)
  const double quarter = std::floor(part * 4.0 + 0.5);
  const double angle = (part - quarter * 0.25) * (2.0 * kPi);
  switch (static_cast<int>(quarter) & 3) {
    case 0: return sin_small(angle);
    case 1: return cos_small(angle);
    case 2: return -sin_small(angle);
    default: return -cos_small(angle);
  }
}

double cos_turns(double turns) { return sin_turns((turns - std::floor(turns)) + 0.25); }

double atan(double x) {
  if (x < 0) return -atan(-x);
  if (x > 1) return kPi / 2 - atan(1.0 / x);
  // Halving the angle three times leaves x < 0.1, where the series needs a dozen terms.
  for (int i = 0; i < 3; ++i) x = x / (1.0 + std::sqrt(1.0 + x * x));
  const double z = x * x;
  double sum = 0;
  for (int n = 12; n >= 0; --n) sum = 1.0 / (2 * n + 1) - z * sum;
  return 8.0 * x * sum;
}

namespace {

constexpr DrawStep fit_normal_step(std::size_t step) {
  const double start = std::bit_cast<double>((kFirstDrawStep + step) << kDrawStepShift);
  const double end = std::bit_cast<double>((kFirstDrawStep + step + 1) << kDrawStepShift);
  StepValues values{};
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = tables::minus_normal_quantile(start + (kStepPoints[i] + 0.5) * (end - start));
  }
  return fit_step(values);
}

/// The table of normal_of_draw, filled when the library is compiled (3,328 logarithms) in quarters, since
/// compilers limit the length of one compile-time computation.
constexpr std::size_t kQuarter = kDrawSteps / 4;
template <std::size_t From>
constexpr auto kNormalQuarter = [] {
  std::array<DrawStep, kQuarter> steps{};
  for (std::size_t i = 0; i < kQuarter; ++i) steps[i] = fit_normal_step(From + i);
  return steps;
}();
constexpr tables::NormalTable kNormal = [] {
  tables::NormalTable table{};
  for (std::size_t i = 0; i < kQuarter; ++i) {
    table.steps[i] = kNormalQuarter<0>[i];
    table.steps[kQuarter + i] = kNormalQuarter<kQuarter>[i];
    table.steps[2 * kQuarter + i] = kNormalQuarter<2 * kQuarter>[i];
    table.steps[3 * kQuarter + i] = kNormalQuarter<3 * kQuarter>[i];
  }
  return table;
}();

}  // namespace

double normal_quantile(double p) {
  const double q = p - 0.5;
  if (q >= -0.425 && q <= 0.425) return tables::normal_center_quantile(q);
  const double tail = q < 0 ? p : 1.0 - p;
  if (!(tail > 0)) return tail == 0 ? (q < 0 ? -kInfinity : kInfinity) : kNotANumber;
  const double size = tables::normal_tail_quantile(std::sqrt(-log(tail)));
  return q < 0 ? -size : size;
}

constinit const std::array<tables::ExponentialStrip, 256> tables::kExponential = [] {
  std::array<ExponentialStrip, kStrips> table{};
  const auto& edge = kExponentialEdges.edge;
  for (std::size_t i = 0; i < kStrips; ++i) {
    table[i] = {static_cast<std::uint64_t>(edge[i + 1] / edge[i] * 0x1p53), edge[i] * 0x1p-53};
  }
  return table;
}();

double exponential_beside(std::uint64_t bits) {
  for (;;) {
    const std::size_t strip = bits % 256;
    const std::uint64_t place = bits >> 11;
    const double x = static_cast<double>(place) * tables::kExponential[strip].step;
    if (place < tables::kExponential[strip].inside) return x;
    Draws more{bits};
    // The tail of an exponential is an exponential.
    if (strip == 0) return tables::kExponentialTail - log(more.open01());
    const double low = tables::kExponentialEdges.height[strip];
    const double high = tables::kExponentialEdges.height[strip + 1];
    if (low + more.uniform() * (high - low) < exp(-x)) return x;
    bits = more.bits();
  }
}

double normal_of_draw(std::uint64_t bits) {
  constexpr std::uint64_t kSign = std::uint64_t{1} << 63;
  const DrawPlace place = place_of_draw(bits);
  const double size = on_step(kNormal.steps[place.step], place.within);
  return std::bit_cast<double>((std::bit_cast<std::uint64_t>(size) & ~kSign) | ((place.above ^ 1) << 63));
}

StepValues minus_normal_on(std::size_t step) {
  StepValues values{};
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = on_step(kNormal.steps[step], kStepPoints[i]);
  return values;
}

double normal_density(double x) { return exp(-0.5 * x * x) / kSqrtTwoPi; }

double mills_ratio(double x) {
  if (x < 1.5) {
    // 1/2 less the integral from 0 to x, whose series x + x^3/3 + x^5/15 + ... has positive terms only.
    double term = x;
    double sum = x;
    for (int n = 3; term > 1e-20 * sum; n += 2) {
      term *= x * x / n;
      sum += term;
    }
    return 0.5 / normal_density(x) - sum;
  }
  // Laplace's continued fraction 1/(x + 1/(x + 2/(x + 3/(x + ...)))), from the back.
  double rest = x;
  for (int n = x < 4 ? 300 : 60; n > 0; --n) rest = x + n / rest;
  return 1.0 / rest;
}

double normal_tail(double x) {
  if (x < 0) return 1.0 - normal_tail(-x);
  if (x == kInfinity) return 0;
  return normal_density(x) * mills_ratio(x);
}

double normal_cdf(double x) { return normal_tail(-x); }

double log_gamma(double x) {
  // Stirling's series at x + n >= 16, then divided by the factors that were added.
  double factors = 1;
  while (x < 16) factors *= x++;
  const double z = 1.0 / (x * x);
  const double series = tables::polynomial(z, 1.0 / 156, -691.0 / 360360, 1.0 / 1188, -1.0 / 1680, 1.0 / 1260,
                                           -1.0 / 360, 1.0 / 12) /
                        x;
  return (x - 0.5) * log(x) - x + log(kSqrtTwoPi) + series - log(factors);
}

double gamma(double x) { return exp(log_gamma(x)); }

}  // namespace spillway::math
