// Intervals against published numbers and Boost.Math, their coverage, and the warm-up of series with a known
// one.
#include "engine/statistics.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>
#include <boost/math/distributions/students_t.hpp>

#include "engine/math.hpp"
#include "spillway/distribution.hpp"

namespace spillway {
namespace {

TEST(Statistics, StudentQuantilesAgreeWithBoost) {
  for (const std::uint64_t degrees :
       {1U, 2U, 3U, 4U, 5U, 9U, 10U, 29U, 30U, 99U, 1000U, 1999U, 2000U, 2001U, 100'000U}) {
    const boost::math::students_t law{static_cast<double>(degrees)};
    for (const double p : {0.5, 0.6, 0.75, 0.9, 0.95, 0.975, 0.99, 0.995, 0.9995, 0.99995}) {
      const double exact = boost::math::quantile(law, p);
      EXPECT_NEAR(student_quantile(p, degrees), exact, (p > 0.9999 ? 1e-11 : 1e-12) * std::max(1.0, exact))
          << degrees << " " << p;
      EXPECT_EQ(student_quantile(1 - p, degrees), -student_quantile(1 - (1 - p), degrees));
    }
  }
  EXPECT_NEAR(student_quantile(0.975, 9), 2.262, 0.0005);  // as every table prints it
}

TEST(Statistics, MomentsAreThoseOfTheTextbookAlsoFarFromZero) {
  Moments moments;
  for (const double x : {2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0}) moments.add(1e9 + x);
  EXPECT_EQ(moments.count(), 8U);
  EXPECT_DOUBLE_EQ(moments.mean(), 1e9 + 5);
  EXPECT_NEAR(moments.variance(), 32.0 / 7, 1e-7);  // a sum of squares would be off by hundreds
  EXPECT_EQ(Moments{}.variance(), 0.0);
}

TEST(Statistics, AnIntervalMatchesTheTextbook) {
  // Law, Simulation Modeling and Analysis, example 4.27: mean 1.34, 90 % half width 0.24.
  const std::vector<double> values{1.20, 1.50, 1.68, 1.89, 0.95, 1.49, 1.58, 1.55, 0.50, 1.09};
  const Interval interval = mean_interval(values, 0.90);
  EXPECT_NEAR(interval.mean, 1.343, 1e-12);
  EXPECT_NEAR(interval.half_width, 0.24, 0.005);
  EXPECT_TRUE(interval.contains(1.2));
  EXPECT_FALSE(interval.contains(1.6));
}

TEST(Statistics, OneValueSaysNothingAboutTheSpread) {
  const std::vector<double> one{3.0};
  EXPECT_EQ(mean_interval(one).mean, 3.0);
  EXPECT_EQ(mean_interval(one).half_width, kInfinity);
  EXPECT_TRUE(mean_interval(one).contains(1e9));
  const std::vector<double> same{3.0, 3.0, 3.0};
  EXPECT_EQ(mean_interval(same).half_width, 0.0);
}

TEST(Statistics, PairingRemovesWhatBothShare) {
  std::vector<double> base;
  std::vector<double> candidate;
  Draws draws{4};
  for (int i = 0; i < 20; ++i) {
    base.push_back(100 * draws.uniform());
    candidate.push_back(base.back() + 1 + 0.01 * draws.uniform());
  }
  const Interval paired = paired_interval(base, candidate);
  EXPECT_NEAR(paired.mean, 1.005, 0.005);
  EXPECT_LT(paired.half_width, 0.005);
  EXPECT_GT(mean_interval(candidate).half_width, 5);
}

TEST(Statistics, A95PercentIntervalCovers95PercentOfTheTime) {
  const auto law = Distribution::truncated_normal(10, 3, -kInfinity, kInfinity);
  const Stream stream{1, "coverage"};
  int covered = 0;
  for (std::uint64_t run = 0; run < 4000; ++run) {
    std::vector<double> values;
    Draws draws = stream.at(run);
    for (int i = 0; i < 6; ++i) values.push_back(law.sample(draws));
    covered += mean_interval(values).contains(10) ? 1 : 0;
  }
  EXPECT_NEAR(covered, 3800, 4 * std::sqrt(4000 * 0.95 * 0.05));
}

/// x' = rho x + noise, from a start far off: its mean is zero, neighbours correlate by rho.
std::vector<double> autoregressive(std::uint64_t seed, double rho, double start, std::size_t n) {
  const auto noise = Distribution::truncated_normal(0, 1, -kInfinity, kInfinity);
  Draws draws{seed};
  std::vector<double> values{start};
  while (values.size() < n) values.push_back(rho * values.back() + noise.sample(draws));
  return values;
}

TEST(Statistics, BatchMeansCoverTheMeanOfACorrelatedSeries) {
  int covered = 0;
  int naively = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const auto values = autoregressive(seed, 0.9, 0, 20'000);
    covered += batch_means(values).interval.contains(0) ? 1 : 0;
    naively += mean_interval(values).contains(0) ? 1 : 0;
  }
  EXPECT_GT(covered, 270);  // 285 expected
  EXPECT_LT(naively, 150);  // what the batches are for
}

TEST(Statistics, ShortBatchesShowTheirCorrelation) {
  const auto values = autoregressive(1, 0.99, 0, 20'000);
  EXPECT_GT(batch_means(values, 1000).correlation, 0.5);
  EXPECT_LT(batch_means(values, 10).correlation, 0.5);
  const std::vector<double> few{1, 2, 3};
  EXPECT_EQ(batch_means(few, 20).batch_size, 1U);
  const std::vector<double> uneven{100, 1, 1, 3, 3};
  EXPECT_EQ(batch_means(uneven, 2).interval.mean, 2.0);  // the first does not fill a batch
}

TEST(Statistics, WarmUpEndsWhereTheStartHasFaded) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    // 100 decays as 0.98^n to one deviation of the settled series (5) in 148 steps.
    const auto cut = warm_up_length(autoregressive(seed, 0.98, 100, 5000));
    ASSERT_TRUE(cut.has_value());
    EXPECT_GT(*cut, 50U);
    EXPECT_LT(*cut, 700U);
    EXPECT_EQ(*cut % 5, 0U);
  }
}

TEST(Statistics, ASettledSeriesLosesLittle) {
  std::size_t dropped = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed)
    dropped += warm_up_length(autoregressive(seed, 0, 0, 5000)).value_or(5000);
  EXPECT_LT(dropped / 20, 250U);
  const std::vector<double> constant(100, 4.0);
  EXPECT_EQ(warm_up_length(constant), 0U);
}

TEST(Statistics, ASeriesThatStillClimbsHasNoWarmUpToDrop) {
  std::vector<double> climbing;
  for (int i = 0; i < 1000; ++i) climbing.push_back(i);
  EXPECT_EQ(warm_up_length(climbing), std::nullopt);
  const std::vector<double> few(20, 1.0);
  EXPECT_EQ(warm_up_length(few), std::nullopt);
}

}  // namespace
}  // namespace spillway
