#pragma once
/// A rate or a scale as a fraction of whole numbers, so that a million intervals of 1/3 s end exactly where
/// they should: sums of a rounded double drift.

#include <cmath>
#include <cstdint>

namespace spillway {

struct Ratio {
  std::int64_t numerator = 1;
  std::int64_t denominator = 1;
};

/// The simplest fraction that is `value` up to double rounding (continued fractions; 0.01 is 1/100, 7 an hour
/// is 7/3600); the nearest one with a denominator up to 10^9 when none is. `value` is in [0, 10^9].
inline Ratio ratio_of(double value) {
  constexpr std::int64_t kLargest = 1'000'000'000;
  std::int64_t p0 = 0;
  std::int64_t q0 = 1;
  std::int64_t p1 = 1;
  std::int64_t q1 = 0;
  double rest = value;
  while (true) {
    const double whole = std::floor(rest);
    const auto digit = static_cast<std::int64_t>(whole);
    if (q1 != 0 && (digit > kLargest || digit * q1 + q0 > kLargest)) break;
    const std::int64_t p2 = digit * p1 + p0;
    const std::int64_t q2 = digit * q1 + q0;
    p0 = p1;
    q0 = q1;
    p1 = p2;
    q1 = q2;
    const double error = std::fabs(value - static_cast<double>(p1) / static_cast<double>(q1));
    if (error <= value * 0x1p-52 || rest == whole) break;
    rest = 1 / (rest - whole);
  }
  return {p1, q1};
}

}  // namespace spillway
