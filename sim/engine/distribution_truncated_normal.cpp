// The truncated normal: how to sample it exactly, and its mean, wherever the interval lies.
//
// In standard units the interval is [a, b], mirrored if need be so that it does not lie left of zero.
//   inversion: the quantile function between P(a) and P(b), taken from the upper tail when a >= 0;
//   narrow:    where the density changes by less than exp(1/2) over the interval, a difference of
//              probabilities would cancel; rejection from the uniform accepts at least 60 %;
//   tail:      beyond 30 standard deviations probabilities underflow; rejection from an exponential.
#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "engine/math.hpp"
#include "spillway/distribution.hpp"

namespace spillway {
namespace {

constexpr double kFarTail = 30;

/// The point of [a, b] nearest to zero, where the density is greatest (a > -b after mirroring or both signs).
double peak_of(double a) { return a > 0 ? a : 0.0; }

/// How much the logarithm of the density falls from its peak to the end of [a, b].
double fall(double a, double b) {
  const double peak = peak_of(a);
  const double end = std::max(b, -a);
  return end == kInfinity ? kInfinity : 0.5 * (end - peak) * (end + peak);
}

/// E[Z | a <= Z <= b] by Gauss-Legendre quadrature, for an interval over which the density hardly falls.
double narrow_mean(double a, double b) {
  const double near = std::sqrt(5.0 - 2.0 * std::sqrt(10.0 / 7.0)) / 3.0;
  const double far = std::sqrt(5.0 + 2.0 * std::sqrt(10.0 / 7.0)) / 3.0;
  const double root70 = 13.0 * std::sqrt(70.0);
  const double nodes[] = {-far, -near, 0.0, near, far};
  const double weights[] = {(322.0 - root70) / 900.0, (322.0 + root70) / 900.0, 128.0 / 225.0,
                            (322.0 + root70) / 900.0, (322.0 - root70) / 900.0};
  constexpr int kPanels = 16;
  const double peak = peak_of(a);
  const double half = (b - a) / (2.0 * kPanels);
  double mass = 0;
  double moment = 0;
  for (int panel = 0; panel < kPanels; ++panel) {
    for (int i = 0; i < 5; ++i) {
      const double beyond = half * (2 * panel + 1 + nodes[i]);  // measured from a
      const double z = a + beyond;
      const double density = weights[i] * math::exp(-0.5 * (z - peak) * (z + peak));
      mass += density;
      moment += density * beyond;
    }
  }
  return a + moment / mass;
}

/// E[Z | a <= Z <= b] for 0 <= a, all quantities relative to the density at a.
double right_mean(double a, double b) {
  const double left = math::exp(-fall(a, b));
  const double beyond = b == kInfinity ? 0.0 : left * math::mills_ratio(b);
  return (1.0 - left) / (math::mills_ratio(a) - beyond);
}

double standard_mean(double a, double b, shape::TruncatedNormal::Method method) {
  using enum shape::TruncatedNormal::Method;
  if (method == narrow) return narrow_mean(a, b);
  if (a >= 0) return right_mean(a, b);
  return (math::normal_density(a) - math::normal_density(b)) /
         (1.0 - math::normal_tail(-a) - math::normal_tail(b));
}

}  // namespace

Distribution::Made Distribution::make_truncated_normal(double mean, double sd, double low, double high) {
  using Refusal = tl::unexpected<std::string>;
  using enum shape::TruncatedNormal::Method;
  if (!(mean - mean == 0)) return Refusal{fmt::format("mean must be a finite number, but is {}", mean)};
  if (!(sd >= 0 && sd < kInfinity))
    return Refusal{fmt::format("standard deviation must be zero or more, but is {}", sd)};
  if (!(low <= high)) return Refusal{fmt::format("lower bound {} is above upper bound {}", low, high)};
  if (low == kInfinity || high == -kInfinity) return Refusal{"the bounds leave nothing between them"};
  if (low == high || sd == 0) return make_constant(std::clamp(mean, low, high));

  const bool mirrored = high <= mean;
  const double scale = mirrored ? -sd : sd;
  const double a = mirrored ? (mean - high) / sd : (low - mean) / sd;
  const double b = mirrored ? (mean - low) / sd : (high - mean) / sd;
  if (!(a < b) || a > 1e150)
    return make_constant(std::clamp(mean, low, high));  // no room between neighbouring doubles

  const auto method = fall(a, b) <= 0.5 ? narrow : a > kFarTail ? tail : inversion;
  shape::TruncatedNormal shape{method, mean, scale, low, high, a, b - a};
  if (method == inversion && a >= 0) {
    // -Z has its probabilities, Q(b) to Q(a), in the lower tail, where they are resolved best.
    shape.scale = -scale;
    shape.from = math::normal_tail(mirrored ? b : a);
    shape.width = math::normal_tail(mirrored ? a : b) - shape.from;  // negative unless mirrored: samples rise
  } else if (method == inversion) {
    shape.from = math::normal_cdf(a);
    shape.width = 1.0 - math::normal_tail(b) - shape.from;
  }
  const double expected = std::clamp(mean + scale * standard_mean(a, b, method), low, high);
  return Distribution{shape, expected, low, high};
}

}  // namespace spillway
