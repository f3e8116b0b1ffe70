#include "engine/lognormal_table.hpp"

#include <cmath>
#include <cstdint>

#include <gtest/gtest.h>

#include "spillway/distribution.hpp"
#include "spillway/random.hpp"

namespace spillway {
namespace {

using math::LognormalTable;

/// The bits of which Draws::open01() makes (k + 1/2) 2^-52.
std::uint64_t bits_of(std::uint64_t k) { return k << 12; }

double exact(double sigma, std::uint64_t k) {
  const bool above = k >= std::uint64_t{1} << 51;
  const std::uint64_t nearer = above ? (std::uint64_t{1} << 52) - 1 - k : k;
  const double z = math::normal_quantile((static_cast<double>(nearer) + 0.5) * 0x1p-52);
  return std::exp(above ? -sigma * z : sigma * z);
}

TEST(LognormalTable, AgreesWithTheQuantileOnEveryStepAndBesideThem) {
  for (const double sigma : {1e-9, 0.05, 0.4723807270774388, 1.0, LognormalTable::kGreatestSigma}) {
    const LognormalTable table(sigma);
    double worst = 0;
    for (int octave = 2; octave <= 52; ++octave) {
      for (int i = 0; i < 1024; ++i) {
        const auto k = static_cast<std::uint64_t>(std::ldexp(1.0 + i / 1024.0, 52 - octave));
        for (const std::uint64_t side : {k, (std::uint64_t{1} << 52) - 1 - k}) {
          worst = std::max(worst, std::fabs(table.of_draw(bits_of(side)) / exact(sigma, side) - 1));
        }
      }
    }
    EXPECT_LT(worst, 2e-12) << sigma;
    EXPECT_NEAR(table.of_draw(bits_of(0)), exact(sigma, 0), 2e-12 * exact(sigma, 0)) << "the farthest tail";
  }
}

TEST(LognormalTable, IsOneForAllOfItsSigmaWhileItIsHeld) {
  const auto held = LognormalTable::of(0.5);
  EXPECT_EQ(LognormalTable::of(0.5), held);
  EXPECT_NE(LognormalTable::of(0.25), held);
}

TEST(LognormalTable, ASigmaThatIsTooGreatForItIsDrawnWithout) {
  const double p99 = 80 * std::exp(math::kNormal99 * 3);  // sigma 3
  const Distribution distribution = Distribution::lognormal_median_p99(80, p99);
  Draws draws{7};
  Draws same{7};
  EXPECT_NEAR(distribution.sample(draws) / (80 * std::exp(3 * math::normal_quantile(same.open01()))), 1,
              1e-11);
}

}  // namespace
}  // namespace spillway
