#pragma once
/// Zipf's law over the keys 0 ... n-1: key k is drawn with probability proportional to 1 / (k + 1)^exponent.
///
/// Exact, with no table, at about one draw a sample: rejection-inversion (W. Hoermann and G. Derflinger,
/// "Rejection- inversion to generate variates from monotone discrete distributions", ACM TOMACS 6(3), 1996).
/// Any exponent >= 0; zero is the uniform distribution.

#include <cstdint>

#include "spillway/random.hpp"

namespace spillway {

class Zipf {
 public:
  /// `keys` is at least 1.
  Zipf(std::uint64_t keys, double exponent);

  std::uint64_t sample(Draws& draws) const;

 private:
  double integral(double x) const;  // of the hat, up to x
  double inverse_integral(double y) const;
  double hat(double x) const;

  std::uint64_t keys_;
  double exponent_;
  double first_ = 0;   // the hat's area, where the first key ends
  double last_ = 0;    // and where the last one does
  double accept_ = 0;  // so close to a key, a sample is accepted without looking
};

}  // namespace spillway
