#pragma once
/// The tables behind engine/math.cpp, computed by the compiler from the formulas below rather than pasted in.
///
/// Compile-time arithmetic is IEEE like the rest, so the tables too are the same on any machine. Where an
/// entry must be right to its last bit it is computed as an unevaluated sum of two doubles (Dekker 1971;
/// about 32 digits).

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "engine/draw_steps.hpp"

namespace spillway::math::tables {

/// The sum of two doubles, the second below half an ulp of the first.
struct Twin {
  double high = 0;
  double low = 0;
};

constexpr Twin sum_of(double a, double b) {
  const double sum = a + b;
  const double part = sum - a;
  return {sum, (a - (sum - part)) + (b - part)};
}

constexpr Twin product_of(double a, double b) {
  constexpr double kSplit = 0x1p27 + 1;
  const double a_high = a * kSplit - (a * kSplit - a);
  const double b_high = b * kSplit - (b * kSplit - b);
  const double a_low = a - a_high;
  const double b_low = b - b_high;
  const double product = a * b;
  return {product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low};
}

constexpr Twin operator+(Twin a, Twin b) {
  const Twin sum = sum_of(a.high, b.high);
  return sum_of(sum.high, sum.low + a.low + b.low);
}

constexpr Twin operator*(Twin a, Twin b) {
  const Twin product = product_of(a.high, b.high);
  return sum_of(product.high, product.low + a.high * b.low + a.low * b.high);
}

constexpr Twin operator/(Twin a, double b) {
  const double quotient = a.high / b;
  const Twin back = product_of(quotient, b);
  return sum_of(quotient, ((a.high - back.high) - back.low + a.low) / b);
}

/// e^x for |x| <= 1, by Taylor's series.
constexpr Twin exp_of(Twin x) {
  Twin sum{1, 0};
  Twin term{1, 0};
  for (int n = 1; n < 26; ++n) {
    term = term * x / n;
    sum = sum + term;
  }
  return sum;
}

/// log(x) for x near 1: steps of Newton, y += x e^-y - 1, from a start that is good to three digits.
constexpr Twin log_of(double x) {
  const double s = (x - 1) / (x + 1);
  Twin y{2 * s * (1 + s * s / 3), 0};
  for (int i = 0; i < 4; ++i) y = y + (Twin{x, 0} * exp_of({-y.high, -y.low}) + Twin{-1, 0});
  return y;
}

inline constexpr Twin kLn2{0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56};
/// The same in parts of which the first has 32 bits: its product with an exponent is exact.
inline constexpr double kLn2High = 6.93147180369123816490e-01;
inline constexpr double kLn2Low = 1.90821492927058770002e-10;

/// 2^(i / 128).
inline constexpr std::size_t kExpSteps = 128;
inline constexpr auto kExp = [] {
  std::array<double, kExpSteps> table{};
  for (std::size_t i = 0; i < kExpSteps; ++i) {
    table[i] = exp_of(kLn2 * Twin{static_cast<double>(i), 0} / double{kExpSteps}).high;
  }
  return table;
}();

/// The numbers from kLogStart to twice it, in 128 steps of their leading bits: log(z) = log(center) +
/// log1p(r), r = (z - center) / center. The steps on both sides of 1 share the center 1, so that log is exact
/// to the last digits where it is small.
struct LogStep {
  double center;
  double inverse;
  double high;  ///< log(center) to a multiple of 2^-40: adding an exponent's logarithm is exact
  double low;   ///< the rest of it
};
inline constexpr std::uint64_t kLogStart = 0x3FE6000000000000U;  // 0.6875
inline constexpr std::size_t kLogSteps = 128;
inline constexpr int kLogShift = 52 - 7;
inline constexpr auto kLog = [] {
  std::array<LogStep, kLogSteps> table{};
  const std::uint64_t one = std::bit_cast<std::uint64_t>(1.0);
  for (std::size_t i = 0; i < kLogSteps; ++i) {
    const std::uint64_t from = kLogStart + (std::uint64_t{i} << kLogShift);
    const std::uint64_t to = from + (std::uint64_t{1} << kLogShift);
    const bool beside_one = from == one || to == one;
    const double center = beside_one ? 1.0 : std::bit_cast<double>(from / 2 + to / 2);
    const Twin log = beside_one ? Twin{} : log_of(center);
    const double high = (log.high + 0x1.8p12) - 0x1.8p12;
    table[i] = {center, 1.0 / center, high, (log.high - high) + log.low};
  }
  return table;
}();

/// log(x 2^k) for a positive normal number x.
constexpr double log_of_normal(double x, std::int64_t k) {
  // x = 2^k z, with z in the table's range; log z = log center + log(1 + r), |r| <= 1/128.
  const std::uint64_t bits = std::bit_cast<std::uint64_t>(x);
  const std::uint64_t above = bits - kLogStart;
  const LogStep& step = kLog[(above >> kLogShift) % kLogSteps];
  k += static_cast<std::int64_t>(above) >> 52;
  const double z = std::bit_cast<double>(bits - (above & 0xFFF0000000000000U));
  const double r = (z - step.center) * step.inverse;

  const double exponent = static_cast<double>(k);
  const double whole = exponent * kLn2High + step.high;  // exact
  const double sum = whole + r;
  const double lost = (whole - sum) + r;  // exact: |whole| > |r|, or whole is zero
  const double r2 = r * r;
  const double r4 = r2 * r2;
  const double series = (-1.0 / 2 + r * (1.0 / 3)) + r2 * (-1.0 / 4 + r * (1.0 / 5)) +
                        r4 * ((-1.0 / 6 + r * (1.0 / 7)) - r2 * (1.0 / 8));
  return sum + (r2 * series + (lost + (step.low + exponent * kLn2Low)));
}

/// The strips under e^-x: strip i > 0 reaches from the axis to edge[i] and from height[i] up to height[i +
/// 1]; strip 0 is what lies below height[1], tail included, as wide as if it were a rectangle.
inline constexpr std::size_t kStrips = 256;
struct ExponentialEdges {
  std::array<double, kStrips + 1> edge;
  std::array<double, kStrips + 1> height;
};
/// Where the tail begins, so that 256 strips of the area of strip 0 end at the height 1.
inline constexpr double kExponentialTail = 7.69711747013104971404;
inline constexpr ExponentialEdges kExponentialEdges = [] {
  const auto power = [](double x) {  // e^-x for 0 <= x <= 8
    Twin y = exp_of({-x / 8, 0});
    for (int i = 0; i < 3; ++i) y = y * y;
    return y.high;
  };
  ExponentialEdges made{};
  const double area = (kExponentialTail + 1) * power(kExponentialTail);
  made.edge[0] = area / power(kExponentialTail);
  made.edge[1] = kExponentialTail;
  made.height[1] = power(kExponentialTail);
  for (std::size_t i = 2; i < kStrips; ++i) {
    made.height[i] = made.height[i - 1] + area / made.edge[i - 1];
    made.edge[i] = -log_of_normal(made.height[i], 0);
  }
  made.height[kStrips] = 1;
  return made;
}();

/// A polynomial by Horner's rule, the highest power first.
template <class... Rest>
constexpr double polynomial(double x, double first, Rest... rest) {
  double sum = first;
  ((sum = sum * x + rest), ...);
  return sum;
}

/// AS 241 (Wichura 1988) for the lower tail, r = sqrt(-log p) > 1.6: minus the normal quantile of p.
constexpr double normal_tail_quantile(double r) {
  if (r <= 5.0) {
    r -= 1.6;
    return polynomial(r, 7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1,
                      1.27045825245236838258, 3.64784832476320460504, 5.76949722146069140550,
                      4.63033784615654529590, 1.42343711074968357734) /
           polynomial(r, 1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2,
                      1.48103976427480074590e-1, 6.89767334985100004550e-1, 1.67638483018380384940,
                      2.05319162663775882187, 1.0);
  }
  r -= 5.0;
  return polynomial(r, 2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3,
                    2.65321895265761230930e-2, 2.96560571828504891230e-1, 1.78482653991729133580,
                    5.46378491116411436990, 6.65790464350110377720) /
         polynomial(r, 2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5,
                    7.86869131145613259100e-4, 1.48753612908506148525e-2, 1.36929880922735805310e-1,
                    5.99832206555887937690e-1, 1.0);
}

/// AS 241 for the center: the normal quantile of 1/2 + q, |q| <= 0.425.
constexpr double normal_center_quantile(double q) {
  const double r = 0.180625 - q * q;
  return q *
         polynomial(r, 2509.0809287301226727, 33430.575583588128105, 67265.770927008700853,
                    45921.953931549871457, 13731.693765509461125, 1971.5909503065514427,
                    133.14166789178437745, 3.3871328727963666080) /
         polynomial(r, 5226.4952788528545610, 28729.085735721942674, 39307.895800092710610,
                    21213.794301586595867, 5394.1960214247511077, 687.18700749205790830,
                    42.313330701600911252, 1.0);
}

/// minus_normal_quantile on the steps of a draw (draw_steps.hpp).
struct alignas(64) NormalTable {
  std::array<DrawStep, kDrawSteps> steps;
};

/// Heron's method, for 2 < x < 40.
constexpr double square_root(double x) {
  double root = (x + 7) / 5;
  for (int i = 0; i < 6; ++i) root = (root + x / root) / 2;
  return root;
}

constexpr double minus_normal_quantile(double p) {
  return p >= 0.075 ? normal_center_quantile(0.5 - p)
                    : normal_tail_quantile(square_root(-log_of_normal(p, 0)));
}

}  // namespace spillway::math::tables
