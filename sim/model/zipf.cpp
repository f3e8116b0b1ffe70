#include "model/zipf.hpp"

// The hat is x^-exponent. Its integral and the inverse of that are written with expm1 and log1p so that they
// go over smoothly into log and exp where the exponent is 1.

#include <algorithm>
#include <cmath>

#include "engine/math.hpp"

namespace spillway {

namespace {

double expm1_over(double x) { return std::abs(x) > 1e-8 ? math::expm1(x) / x : 1 + x / 2; }
double log1p_over(double x) { return std::abs(x) > 1e-8 ? math::log1p(x) / x : 1 - x / 2; }

}  // namespace

Zipf::Zipf(std::uint64_t keys, double exponent) : keys_(keys), exponent_(exponent) {
  if (exponent_ <= 0) return;
  first_ = integral(1.5) - 1;
  last_ = integral(static_cast<double>(keys_) + 0.5);
  accept_ = 2 - inverse_integral(integral(2.5) - hat(2));
}

double Zipf::integral(double x) const {
  const double log_x = math::log(x);
  return expm1_over((1 - exponent_) * log_x) * log_x;
}

double Zipf::inverse_integral(double y) const {
  const double t = std::max(y * (1 - exponent_), -1.0);
  return math::exp(log1p_over(t) * y);
}

double Zipf::hat(double x) const { return math::exp(-exponent_ * math::log(x)); }

std::uint64_t Zipf::sample(Draws& draws) const {
  if (exponent_ <= 0) return draws.below(keys_);
  while (true) {  // accepts with probability above 0.9 a round, whatever the parameters
    const double y = last_ + draws.uniform() * (first_ - last_);
    const double x = inverse_integral(y);
    const double nearest = std::clamp(std::floor(x + 0.5), 1.0, static_cast<double>(keys_));
    if (nearest - x <= accept_ || y >= integral(nearest + 0.5) - hat(nearest)) {
      return static_cast<std::uint64_t>(nearest) - 1;
    }
  }
}

}  // namespace spillway
