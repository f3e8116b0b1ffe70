// Samples by table against the quantile function that the table stands for.
#include "engine/draw_steps.hpp"

#include <cmath>
#include <cstdint>

#include <gtest/gtest.h>

#include "engine/math.hpp"
#include "spillway/distribution.hpp"

namespace spillway {
namespace {

/// What a lognormal of median 80 makes of a draw whose u is (k + 1/2) 2^-52, to the last digits.
double exact(double sigma, std::uint64_t k) {
  const bool above = k >= std::uint64_t{1} << 51;
  const std::uint64_t nearer = above ? (std::uint64_t{1} << 52) - 1 - k : k;
  const double z = math::normal_quantile((static_cast<double>(nearer) + 0.5) * 0x1p-52);
  return 80 * std::exp(above ? -sigma * z : sigma * z);
}

/// What its samples are made of, beside them.
double by_table(const shape::Lognormal& lognormal, std::uint64_t k) {
  const math::DrawPlace place = math::place_of_draw(k << 12);
  if (place.step < shape::Lognormal::kFirstStep || lognormal.steps.empty()) return exact(lognormal.sigma, k);
  const std::size_t step = place.step - shape::Lognormal::kFirstStep;
  return math::on_step(lognormal.steps[place.above * shape::Lognormal::kSide + step], place.within);
}

TEST(DrawSteps, OfALognormalAgreeWithItsQuantilesOnEveryStepOfBothSides) {
  for (const double sigma : {1e-9, 0.05, 0.4723807270774388, 1.0, 2.0}) {
    const shape::Lognormal lognormal(80, sigma);
    ASSERT_FALSE(lognormal.steps.empty());
    double worst = 0;
    for (int octave = 2; octave <= 9; ++octave) {
      for (int i = 0; i < 4096; ++i) {
        const auto k = static_cast<std::uint64_t>(std::ldexp(1.0 + i / 4096.0, 52 - octave));
        for (const std::uint64_t side : {k, (std::uint64_t{1} << 52) - 1 - k})
          worst = std::max(worst, std::fabs(by_table(lognormal, side) / exact(sigma, side) - 1));
      }
    }
    EXPECT_LT(worst, 2e-12) << sigma;
  }
}

TEST(DrawSteps, SamplesOfALognormalAreItsQuantilesWithATableAndWithout) {
  for (const double sigma : {0.3, 2.0, 3.0}) {
    const double p99 = 80 * std::exp(math::kNormal99 * sigma);
    const Distribution distribution = Distribution::lognormal_median_p99(80, p99);
    for (std::uint64_t key = 0; key < 20'000; ++key) {
      Draws draws{key};
      const std::uint64_t k = Draws{key}.bits() >> 12;
      ASSERT_NEAR(distribution.sample(draws) / exact(sigma, k), 1, 1e-11) << key;
    }
  }
  EXPECT_TRUE(shape::Lognormal(80, 3).steps.empty());
}

}  // namespace
}  // namespace spillway
