#pragma once
/// Quantiles of a lognormal distribution by table: one look-up and one polynomial where the normal quantile
/// and e^x are two of each, and every service that draws waits for the whole chain.

#include <array>
#include <cstdint>
#include <memory>

#include "engine/draw_steps.hpp"
#include "engine/math.hpp"

namespace spillway::math {

/// Of median 1 and a given sigma. 16 KB, most of which is hardly ever read.
class LognormalTable {
 public:
  /// Above it the quantile bends too much within a step for polynomials.
  static constexpr double kGreatestSigma = 2;

  /// The table of this sigma, in (0, kGreatestSigma]; the same for all who ask while one of them holds it.
  static std::shared_ptr<const LognormalTable> of(double sigma);

  explicit LognormalTable(double sigma);

  /// e^(sigma z), where z is the normal quantile of the u that Draws::open01() makes of the bits; relative
  /// error below 2e-12.
  [[gnu::always_inline]] double of_draw(std::uint64_t bits) const {
    const DrawPlace place = place_of_draw(bits);
    if (place.step < kFirstStep) [[unlikely]]
      return exp(sigma_ * normal_of_draw(bits));
    return on_step(steps_[place.above * kSide + (place.step - kFirstStep)], place.within);
  }

 private:
  /// Tails of less than 2^-17 have no steps here: 1 draw in 65,536.
  static constexpr std::size_t kSide = 16 * 8;
  static constexpr std::size_t kFirstStep = kDrawSteps - kSide;

  double sigma_;
  alignas(64) std::array<DrawStep, 2 * kSide> steps_;  ///< below the median, and above it
};

}  // namespace spillway::math
