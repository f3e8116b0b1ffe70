// The plain-arithmetic functions against long double libm and Boost.Math, to the bounds that math.hpp states.
#include "engine/math.hpp"

#include <gtest/gtest.h>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/special_functions/gamma.hpp>

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

TEST(Math, ExponentialOfADrawIsItsQuantileWithin2e15) {
  Draws draws{11};
  double worst = 0;
  for (int i = 0; i < kTrials; ++i) {
    // Runs of ones and of zeros too: both tails to their ends.
    const std::uint64_t bits =
        i % 2 == 0 ? draws.bits()
                   : (i % 4 == 1 ? ~(~std::uint64_t{0} >> draws.below(64)) : draws.bits() >> draws.below(64));
    const long double left = static_cast<long double>(~bits | 1) * 0x1p-64L;  // 64 digits: exact
    const long double exact = -std::log(left);
    const long double off = std::fabs(static_cast<long double>(math::exponential_of_draw(bits)) - exact);
    worst = std::max(worst, static_cast<double>(off / std::max(exact, 1.0L)));
  }
  EXPECT_LT(worst, 2e-15);
  EXPECT_GT(math::exponential_of_draw(0), 0.0);
  EXPECT_DOUBLE_EQ(math::exponential_of_draw(~std::uint64_t{0}), 64 * std::log(2.0));
}

TEST(Math, ExponentialOfADrawRisesWithItsBits) {
  double before = 0;
  for (std::uint64_t bits = 0; bits < ~std::uint64_t{0} - (std::uint64_t{1} << 46);
       bits += std::uint64_t{1} << 46) {
    const double now = math::exponential_of_draw(bits);
    ASSERT_GT(now, before) << bits;
    before = now;
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
      double u = std::ldexp(1.0 + i / 4096.0, -octave);
      u = (std::floor(u * 0x1p52) + 0.5) * 0x1p-52;  // as open01() draws
      if (u >= 0.5) continue;
      worst = std::max(worst, std::fabs(math::normal_of_draw(u) - math::normal_quantile(u)));
      EXPECT_EQ(math::normal_of_draw(1.0 - u), -math::normal_of_draw(u));
    }
  }
  EXPECT_LT(worst, 1e-12);
  EXPECT_LT(std::fabs(math::normal_of_draw(0.5 - 0x1p-53)), 1e-12);
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
