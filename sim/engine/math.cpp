// Plain-arithmetic elementary functions; see math.hpp for why they exist.
// The functions that draws need (log, exp, normal_quantile) are written for speed; those that only set a
// distribution up (tails, gamma) are written to be short, and may loop.
//
// Coefficients of log, exp, sine and cosine: FDLIBM 5.3, Copyright (C) 1993 by Sun Microsystems, Inc.;
// permission to use, copy, modify and distribute is freely granted, provided that this notice is preserved.
#include "engine/math.hpp"

namespace spillway::math {
namespace {

constexpr std::uint64_t kMantissa = 0x000FFFFFFFFFFFFFU;
constexpr std::uint64_t kExponentOfOne = 0x3FF0000000000000U;
constexpr double kLn2High = 6.93147180369123816490e-01;  // 32 bits: a product with an exponent is exact
constexpr double kLn2Low = 1.90821492927058770002e-10;
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
  if (x == 0) return -kInfinity;
  if (x < 0) return kNotANumber;
  return x;  // infinity or NaN
}

}  // namespace

double log(double x) {
  std::int64_t k = 0;
  if (!(x >= DBL_MIN && x <= DBL_MAX)) {
    if (!(x > 0 && x < DBL_MIN)) return log_of_special(x);
    x *= 0x1p54;
    k = -54;
  }
  // x = 2^k (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)).
  const std::uint64_t bits = std::bit_cast<std::uint64_t>(x);
  const std::uint64_t above = ((bits & kMantissa) + 0x00095F6400000000U) & 0x0010000000000000U;
  k += static_cast<std::int64_t>(bits >> 52) - 1023 + static_cast<std::int64_t>(above >> 52);
  const double f = std::bit_cast<double>((bits & kMantissa) | (above ^ kExponentOfOne)) - 1.0;

  const double s = f / (2.0 + f);
  const double z = s * s;
  const double w = z * z;
  const double even = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01));
  const double odd = z * (6.666666666666735130e-01 + w * (2.857142874366239149e-01 +
                     w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)));
  const double half_square = 0.5 * f * f;
  const double exponent = static_cast<double>(k);
  return exponent * kLn2High - ((half_square - (s * (half_square + (even + odd)) + exponent * kLn2Low)) - f);
}

double exp(double x) {
  if (!(x <= 709.782712893383973096 && x >= -745.133219101941108420)) {
    if (x > 0) return kInfinity;
    return x < 0 ? 0.0 : x;
  }
  // x = k ln 2 + r with |r| <= ln 2 / 2.
  const double k = (x * 1.44269504088896338700 + kRounder) - kRounder;
  const double high = x - k * kLn2High;
  const double low = k * kLn2Low;
  const double r = high - low;
  const double t = r * r;
  const double c = r - t * (1.66666666666666019037e-01 + t * (-2.77777777770155933842e-03 +
                   t * (6.61375632143793436117e-05 + t * (-1.65339022054652515390e-06 +
                   t * 4.13813679705723846039e-08))));
  const double y = 1.0 - ((low - (r * c) / (2.0 - c)) - high);
  return scale(y, static_cast<std::int64_t>(k));
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
  const double r = 8.33333333332248946124e-03 + z * (-1.98412698298579493134e-04 + z * (2.75573137070700676789e-06 +
                   z * (-2.50507602534068634195e-08 + z * 1.58969099521155010221e-10)));
  return x + x * z * (-1.66666666666666324348e-01 + z * r);
}

double cos_small(double x) {
  const double z = x * x;
  const double r = z * (4.16666666666666019037e-02 + z * (-1.38888888888741095749e-03 +
                   z * (2.48015872894767294178e-05 + z * (-2.75573143513906633035e-07 +
                   z * (2.08757232129817482790e-09 + z * -1.13596475577881948265e-11)))));
  const double half = 0.5 * z;
  const double w = 1.0 - half;
  return w + (((1.0 - w) - half) + z * r);
}

}  // namespace

double sin_turns(double turns) {
  const double part = turns - std::floor(turns);                 // exact, in [0, 1)
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

/// AS 241 for the lower tail, r = sqrt(-log p): minus the quantile.
double tail_quantile(double r) {
  if (r <= 5.0) {
    r -= 1.6;
    return (((((((7.74545014278341407640e-4 * r + 2.27238449892691845833e-2) * r + 2.41780725177450611770e-1) * r +
                1.27045825245236838258) * r + 3.64784832476320460504) * r + 5.76949722146069140550) * r +
             4.63033784615654529590) * r + 1.42343711074968357734) /
           (((((((1.05075007164441684324e-9 * r + 5.47593808499534494600e-4) * r + 1.51986665636164571966e-2) * r +
                1.48103976427480074590e-1) * r + 6.89767334985100004550e-1) * r + 1.67638483018380384940) * r +
             2.05319162663775882187) * r + 1.0);
  }
  r -= 5.0;
  return (((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 1.24266094738807843860e-3) * r +
              2.65321895265761230930e-2) * r + 2.96560571828504891230e-1) * r + 1.78482653991729133580) * r +
           5.46378491116411436990) * r + 6.65790464350110377720) /
         (((((((2.04426310338993978564e-15 * r + 1.42151175831644588870e-7) * r + 1.84631831751005468180e-5) * r +
              7.86869131145613259100e-4) * r + 1.48753612908506148525e-2) * r + 1.36929880922735805310e-1) * r +
           5.99832206555887937690e-1) * r + 1.0);
}

}  // namespace

double normal_quantile(double p) {
  const double q = p - 0.5;
  if (q >= -0.425 && q <= 0.425) {
    const double r = 0.180625 - q * q;
    return q * (((((((2509.0809287301226727 * r + 33430.575583588128105) * r + 67265.770927008700853) * r +
                    45921.953931549871457) * r + 13731.693765509461125) * r + 1971.5909503065514427) * r +
                 133.14166789178437745) * r + 3.3871328727963666080) /
           (((((((5226.4952788528545610 * r + 28729.085735721942674) * r + 39307.895800092710610) * r +
                21213.794301586595867) * r + 5394.1960214247511077) * r + 687.18700749205790830) * r +
             42.313330701600911252) * r + 1.0);
  }
  const double tail = q < 0 ? p : 1.0 - p;
  if (!(tail > 0)) return tail == 0 ? (q < 0 ? -kInfinity : kInfinity) : kNotANumber;
  const double size = tail_quantile(std::sqrt(-log(tail)));
  return q < 0 ? -size : size;
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
  const double series = (1.0 / 12 - z * (1.0 / 360 - z * (1.0 / 1260 - z * (1.0 / 1680 - z * (1.0 / 1188 -
                         z * (691.0 / 360360 - z * (1.0 / 156))))))) / x;
  return (x - 0.5) * log(x) - x + log(kSqrtTwoPi) + series - log(factors);
}

double gamma(double x) {
  // Up to 22 the factors are kept out of the logarithm, where they would cost digits.
  double factors = 1;
  while (x > 2 && x < 22) factors *= --x;
  return factors * exp(log_gamma(x));
}

}  // namespace spillway::math
