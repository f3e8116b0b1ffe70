#pragma once
/// Functions of a draw by table: the draw's u lies on a step, and on each step the function is a polynomial.
///
/// Every octave of tail probabilities p = min(u, 1 - u) from 2^-53 to 1/2 is cut into eight steps, so that
/// they are as fine beside a pole at 0 or 1 as in the middle. A polynomial of degree 7 in the place within
/// the step, from -1/2 to 1/2, fills one cache line.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace spillway::math {

struct alignas(64) DrawStep {
  std::array<double, 8> power{};  ///< the coefficients, that of the 0th power first
};

inline constexpr int kDrawStepShift = 52 - 3;
inline constexpr std::uint64_t kFirstDrawStep = std::bit_cast<std::uint64_t>(0x1p-53) >> kDrawStepShift;
inline constexpr std::size_t kDrawSteps = 52 * 8;

struct DrawPlace {
  std::uint64_t above;  ///< whether u > 1/2: 1 or 0
  std::size_t step;     ///< of p = min(u, 1 - u), below kDrawSteps
  double within;        ///< from -1/2 to 1/2, rising with p
};

/// The place of the draw's u = (k + 1/2) 2^-52, as Draws::open01() makes it of the same bits. u and p are
/// exact; p is made of k without u, since whoever waits for a draw waits less.
[[gnu::always_inline]] inline DrawPlace place_of_draw(std::uint64_t bits) {
  constexpr std::uint64_t kOne = 0x3FF0000000000000U;
  constexpr std::uint64_t kMantissa = 0x000FFFFFFFFFFFFFU;
  const std::uint64_t k = bits >> 12;
  const std::uint64_t above = k >> 51;
  const std::uint64_t nearer = (k ^ (0 - above)) & kMantissa;
  const auto p = std::bit_cast<std::uint64_t>(std::bit_cast<double>(kOne | nearer) - (1.0 - 0x1p-53));
  return {above, (p >> kDrawStepShift) - kFirstDrawStep,
          std::bit_cast<double>((p << 3 & kMantissa) | kOne) - 1.5};
}

/// The polynomial of a step, in an order that lets its parts be computed side by side.
[[gnu::always_inline]] constexpr double on_step(const DrawStep& step, double t) {
  const auto& c = step.power;
  const double t2 = t * t;
  const double t4 = t2 * t2;
  return ((c[0] + c[1] * t) + t2 * (c[2] + c[3] * t)) + t4 * ((c[4] + c[5] * t) + t2 * (c[6] + c[7] * t));
}

/// The Chebyshev points of a step: cos((2k + 1) pi / 16) / 2.
using StepValues = std::array<double, 8>;
inline constexpr StepValues kStepPoints{-0.490392640201615215, -0.415734806151272588, -0.277785116509801112,
                                        -0.097545161008064124, 0.097545161008064124,  0.277785116509801112,
                                        0.415734806151272588,  0.490392640201615215};

/// The polynomial with these values at the step's points, by Newton's divided differences, multiplied out.
constexpr DrawStep fit_step(const StepValues& values) {
  StepValues newton = values;
  for (std::size_t order = 1; order < 8; ++order) {
    for (std::size_t i = 7; i >= order; --i) {
      newton[i] = (newton[i] - newton[i - 1]) / (kStepPoints[i] - kStepPoints[i - order]);
    }
  }
  StepValues power{newton[7]};
  for (std::size_t i = 7; i-- > 0;) {
    for (std::size_t j = 7; j > 0; --j) power[j] = power[j - 1] - kStepPoints[i] * power[j];
    power[0] = newton[i] - kStepPoints[i] * power[0];
  }
  return {power};
}

}  // namespace spillway::math
