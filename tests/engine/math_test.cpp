// The plain-arithmetic functions against long double libm and Boost.Math, to the bounds that math.hpp states.
#include "engine/math.hpp"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/special_functions/gamma.hpp>

#include "engine/math_tables.hpp"
#include "spillway/random.hpp"

namespace spillway {
namespace {

double relative(double ours, long double exact) {
  return static_cast<double>(std::fabs((static_cast<long double>(ours) - exact) / exact));
}

constexpr int kTrials = 300'000;

TEST(Math, LogIsWithin3e16OverTheWholeRange) {
  Draws draws{1};
  double worst = 0;
  for (int i = 0; i < kTrials; ++i) {
    const double x = std::ldexp(1.0 + draws.uniform(), static_cast<int>(draws.below(2090)) - 1074);
    if (x != 1.0 && x > 0)
      worst = std::max(worst, relative(math::log(x), std::log(static_cast<long double>(x))));
  }
  EXPECT_LT(worst, 3e-16);
}

TEST(Math, LogKeepsItsDigitsBesideOne) {
  Draws draws{2};
  double worst = 0;
  for (int i = 0; i < kTrials; ++i) {
    const double off = std::ldexp(draws.uniform() - 0.5, -static_cast<int>(draws.below(50)));
    const double x = 1.0 + off;
    if (x != 1.0) worst = std::max(worst, relative(math::log(x), std::log(static_cast<long double>(x))));
  }
  EXPECT_LT(worst, 3e-16);
  EXPECT_EQ(math::log(1.0), 0.0);
}

TEST(Math, ExpIsWithin3e16WhereTheResultIsNormal) {
  Draws draws{3};
  double worst = 0;
  for (int i = 0; i < kTrials; ++i) {
    const double x = (draws.uniform() - 0.5) * (i % 2 == 0 ? 1416.0 : 4.0);
    worst = std::max(worst, relative(math::exp(x), std::exp(static_cast<long double>(x))));
  }
  EXPECT_LT(worst, 3e-16);
  EXPECT_EQ(math::exp(0.0), 1.0);
}

TEST(Math, TheStripsUnderTheExponentialHaveEqualAreas) {
  const auto& [edge, height] = math::tables::kExponentialEdges;
  const double area = edge[1] * height[1] + std::exp(-edge[1]);  // the lowest, with the tail
  EXPECT_NEAR(edge[0] * height[1], area, 1e-17);
  for (std::size_t i = 1; i < math::tables::kStrips; ++i) {
    EXPECT_NEAR(edge[i] * (height[i + 1] - height[i]), area, 1e-14) << i;
    EXPECT_LT(relative(height[i], std::exp(-static_cast<long double>(edge[i]))), 1e-14) << i;
  }
}

/// Chi-squared over cells of equal probability, against the quantile for chance 1e-6 either way.
TEST(Math, ExponentialOfADrawIsExponential) {
  constexpr std::size_t kCells = 1000;
  constexpr std::uint64_t kDraws = 10'000'000;
  std::vector<std::uint64_t> cells(kCells);
  std::uint64_t in_the_tail = 0;
  Draws draws{11};
  for (std::uint64_t i = 0; i < kDraws; ++i) {
    const double x = math::exponential_of_draw(draws.bits());
    ++cells[std::min(kCells - 1, static_cast<std::size_t>(-std::expm1(-x) * kCells))];
    in_the_tail += x > 9 ? 1 : 0;
  }
  double chi_squared = 0;
  const double expected = static_cast<double>(kDraws) / kCells;
  for (const std::uint64_t count : cells) {
    chi_squared +=
        (static_cast<double>(count) - expected) * (static_cast<double>(count) - expected) / expected;
  }
  EXPECT_GT(chi_squared, 799);
  EXPECT_LT(chi_squared, 1230);
  EXPECT_NEAR(static_cast<double>(in_the_tail), kDraws * std::exp(-9.0),
              5 * std::sqrt(kDraws * std::exp(-9.0)));
}

TEST(Math, ExponentialOfADrawStaysWithinItsEndsForAnyBits) {
  Draws draws{12};
  for (std::uint64_t strip = 0; strip < 256; ++strip) {
    for (const std::uint64_t place : {std::uint64_t{0}, ~std::uint64_t{0}, draws.bits(), draws.bits()}) {
      const double x = math::exponential_of_draw((place & ~std::uint64_t{255}) | strip);
      EXPECT_GE(x, 0.0);
      EXPECT_LT(x, 45.0);
    }
  }
}

TEST(Math, EdgesAnswerAsIeeeDemands) {
  EXPECT_EQ(math::log(0.0), -kInfinity);
  EXPECT_EQ(math::log(kInfinity), kInfinity);
  EXPECT_TRUE(std::isnan(math::log(-1.0)));
  EXPECT_TRUE(std::isnan(math::log(kNotANumber)));
  EXPECT_EQ(math::exp(710.0), kInfinity);
  EXPECT_EQ(math::exp(-746.0), 0.0);
  EXPECT_EQ(math::exp(-kInfinity), 0.0);
  EXPECT_EQ(math::exp(kInfinity), kInfinity);
  EXPECT_TRUE(std::isnan(math::exp(kNotANumber)));
  EXPECT_NEAR(math::exp(709.78), std::exp(709.78), 1e-12 * std::exp(709.78));
  EXPECT_DOUBLE_EQ(math::exp(-740.0), std::exp(-740.0));  // subnormal
  EXPECT_EQ(math::pow(0.0, 2.0), 0.0);
  EXPECT_EQ(math::pow(0.0, 0.0), 1.0);
  EXPECT_EQ(math::cbrt(0.0), 0.0);
  EXPECT_EQ(math::cbrt(kInfinity), kInfinity);
}

TEST(Math, SmallArgumentsKeepTheirDigitsInLog1pAndExpm1) {
  Draws draws{4};
  double worst = 0;
  for (int i = 0; i < kTrials; ++i) {
    const double x = std::ldexp(draws.open01() - 0.5, -static_cast<int>(draws.below(60)));
    worst = std::max(worst, relative(math::log1p(x), std::log1p(static_cast<long double>(x))));
    worst = std::max(worst, relative(math::expm1(x), std::expm1(static_cast<long double>(x))));
  }
  EXPECT_LT(worst, 2e-15);
  EXPECT_EQ(math::log1p(-1.0), -kInfinity);
  EXPECT_EQ(math::expm1(-kInfinity), -1.0);
}

TEST(Math, PowerAndCubeRootAgreeWithLongDouble) {
  Draws draws{5};
  for (int i = 0; i < 20'000; ++i) {
    const double x = std::ldexp(draws.open01(), static_cast<int>(draws.below(40)) - 20);
    const double y = (draws.uniform() - 0.5) * 10;
    const long double exact = std::pow(static_cast<long double>(x), static_cast<long double>(y));
    EXPECT_LT(relative(math::pow(x, y), exact), 3e-14);
    EXPECT_LT(relative(math::cbrt(-x), -std::cbrt(static_cast<long double>(x))), 3e-16);
  }
  EXPECT_DOUBLE_EQ(math::cbrt(27.0), 3.0);
  EXPECT_LT(relative(math::cbrt(1e-310), std::cbrt(static_cast<long double>(1e-310))), 3e-16);
}

TEST(Math, TurnsAreExactAtTheQuartersAndRightBetween) {
  for (int turn = -3; turn <= 3; ++turn) {
    EXPECT_EQ(math::sin_turns(turn), 0.0);
    EXPECT_EQ(math::sin_turns(turn + 0.25), 1.0);
    EXPECT_EQ(math::cos_turns(turn + 0.5), -1.0);
    EXPECT_EQ(math::cos_turns(turn + 0.75), 0.0);
  }
  for (double x = -2; x < 2; x += 0.00137) {
    EXPECT_NEAR(math::sin_turns(x), std::sin(2 * math::kPi * x), 3e-15);
    EXPECT_NEAR(math::cos_turns(x), std::cos(2 * math::kPi * x), 3e-15);
    EXPECT_NEAR(math::atan(30 * x), std::atan(30 * x), 1e-15);
  }
}

TEST(Math, NormalQuantileAgreesWithBoostInBothTails) {
  const boost::math::normal normal;
  for (double p = 1e-300; p < 0.5; p *= 1.37) {
    EXPECT_NEAR(math::normal_quantile(p) / boost::math::quantile(normal, p), 1.0, 3e-15) << p;
  }
  for (double p = 0.0005; p < 1; p += 0.001) {
    EXPECT_NEAR(math::normal_quantile(p), boost::math::quantile(normal, p), 3e-15) << p;
  }
  EXPECT_EQ(math::normal_quantile(0.5), 0.0);
  EXPECT_EQ(math::normal_quantile(0.0), -kInfinity);
  EXPECT_EQ(math::normal_quantile(1.0), kInfinity);
  EXPECT_NEAR(math::normal_quantile(0.99), math::kNormal99, 1e-15);
}

TEST(Math, TheFastNormalAgreesWithTheExactOneOnEveryStepOfItsTable) {
  double worst = 0;
  for (int octave = 2; octave <= 52; ++octave) {
    for (int i = 0; i <= 4096; ++i) {
      const auto k = static_cast<std::uint64_t>(std::ldexp(1.0 + i / 4096.0, 52 - octave));
      if (k >= std::uint64_t{1} << 51) continue;
      const double u = (static_cast<double>(k) + 0.5) * 0x1p-52;  // as open01() makes it of these bits
      worst = std::max(worst, std::fabs(math::normal_of_draw(k << 12) - math::normal_quantile(u)));
      EXPECT_EQ(math::normal_of_draw(~(k << 12)), -math::normal_of_draw(k << 12));
    }
  }
  EXPECT_LT(worst, 1e-12);
  EXPECT_LT(std::fabs(math::normal_of_draw(~std::uint64_t{0} >> 1)), 1e-12);
  EXPECT_EQ(math::normal_of_draw(5), math::normal_of_draw(0)) << "the lowest twelve bits are no part of it";
}

TEST(Math, NormalTailsKeepRelativePrecision) {
  const boost::math::normal normal;
  for (double x = -8; x < 37; x += 0.0625) {
    const double exact = boost::math::cdf(boost::math::complement(normal, x));
    EXPECT_NEAR(math::normal_tail(x) / exact, 1.0, 3e-13) << x;
    EXPECT_NEAR(math::normal_cdf(-x) / exact, 1.0, 3e-13) << x;
  }
  EXPECT_NEAR(math::mills_ratio(1e8) * 1e8, 1.0, 1e-15);
}

TEST(Math, GammaAgreesWithBoost) {
  for (double x = 0.05; x < 160; x *= 1.03) {
    EXPECT_NEAR(math::gamma(x) / boost::math::tgamma(x), 1.0, x < 22 ? 3e-14 : 3e-13) << x;
    EXPECT_NEAR(math::log_gamma(x), boost::math::lgamma(x),
                3e-14 * std::max(1.0, std::fabs(boost::math::lgamma(x))));
  }
}

}  // namespace
}  // namespace spillway
