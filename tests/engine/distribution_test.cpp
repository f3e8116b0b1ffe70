// Distributions against their exact laws (Boost.Math as oracle), their means, their promises on draws, and
// the messages for parameters that make no sense. Seeds are fixed; limits have p-values near 1e-4 over all
// checks.
#include "spillway/distribution.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <numeric>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/math/distributions/gamma.hpp>
#include <boost/math/distributions/lognormal.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/quadrature/gauss_kronrod.hpp>

#include "engine/math.hpp"

namespace spillway {
namespace {

using D = Distribution;

std::vector<double> sample_many(const D& distribution, std::size_t n, std::string_view name = "test") {
  const Stream stream{1, name};
  std::vector<double> values;
  for (std::size_t i = 0; i < n; ++i) {
    Draws draws = stream.at(i);
    values.push_back(distribution.sample(draws));
  }
  return values;
}

/// A continuous law: what is sampled, and P(X <= x) from elsewhere.
struct Law {
  std::string name;
  D distribution;
  std::function<double(double)> cdf;
};

std::function<double(double)> truncated_cdf(double mean, double sd, double low, double high) {
  // From the nearer tail, so that the oracle does not cancel.
  const bool right = low > mean;
  const boost::math::normal normal{0, 1};
  const auto tail = [=](double x) {
    const double z = right ? (x - mean) / sd : (mean - x) / sd;
    if (std::isinf(z)) return z > 0 ? 0.0 : 1.0;
    return boost::math::cdf(boost::math::complement(normal, z));
  };
  return [=](double x) { return (tail(x) - tail(low)) / (tail(high) - tail(low)); };
}

Law truncated(double mean, double sd, double low, double high) {
  return {"normal " + std::to_string(mean) + " sd " + std::to_string(sd) + " on " + std::to_string(low) +
              ".." + std::to_string(high),
          D::truncated_normal(mean, sd, low, high), truncated_cdf(mean, sd, low, high)};
}

std::vector<Law> laws() {
  std::vector<Law> laws{
      {"exponential", D::exponential(3), [](double x) { return -std::expm1(-x / 3); }},
      {"uniform", D::uniform(-2, 5), [](double x) { return (x + 2) / 7; }},
      {"lognormal by mean and cv", D::lognormal_mean_cv(10, 0.7),
       [](double x) {
         const double sigma = std::sqrt(std::log(1.49));
         return boost::math::cdf(boost::math::lognormal(std::log(10) - sigma * sigma / 2, sigma), x);
       }},
      {"lognormal by median and p99", D::lognormal_median_p99(80, 400),
       [](double x) {
         return boost::math::cdf(boost::math::lognormal(std::log(80), std::log(5) / 2.3263478740408408), x);
       }},
      {"weibull", D::weibull(0.7, 2), [](double x) { return -std::expm1(-std::pow(x / 2, 0.7)); }},
      {"pareto", D::pareto(1.1, 3), [](double x) { return 1 - std::pow(3 / x, 1.1); }},
      {"hyperexponential", D::hyperexponential({{9, 1}, {1, 20}}),
       [](double x) { return 1 - 0.9 * std::exp(-x) - 0.1 * std::exp(-x / 20); }},
      {"mixture", D::mixture({{3, D::uniform(0, 1)}, {0, D::constant(9.0)}, {1, D::exponential(1)}}),
       [](double x) { return 0.75 * std::min(x, 1.0) + 0.25 * -std::expm1(-x); }},
      {"quantiles", D::quantiles({{0, 1}, {0.5, 2}, {0.9, 10}, {1, 100}}),
       [](double x) {
         if (x < 2) return 0.5 * (x - 1);
         return x < 10 ? 0.5 + 0.4 * (x - 2) / 8 : 0.9 + 0.1 * (x - 10) / 90;
       }},
  };
  for (const double cv : {0.05, 0.5, 1.0, 1.5, 4.0}) {
    laws.push_back({"gamma of cv " + std::to_string(cv), D::gamma_mean_cv(6, cv), [cv](double x) {
                      return boost::math::cdf(boost::math::gamma_distribution<>(1 / (cv * cv), 6 * cv * cv),
                                              x);
                    }});
  }
  for (const std::uint64_t k : {2U, 3U, 40U}) {
    laws.push_back({"erlang of " + std::to_string(k), D::erlang(k, 6), [k](double x) {
                      const auto stages = static_cast<double>(k);
                      return boost::math::cdf(boost::math::gamma_distribution<>(stages, 6 / stages), x);
                    }});
  }
  // Each method of the truncated normal, and both of its mirrors.
  for (const double side : {1.0, -1.0}) {
    const auto both = [&](double mean, double sd, double low, double high) {
      laws.push_back(side > 0 ? truncated(mean, sd, low, high) : truncated(-mean, sd, -high, -low));
    };
    both(10, 3, 0, kInfinity);  // the usual one: cut at zero
    both(1, 5, 0, kInfinity);   // half of it cut
    both(0, 1, -1, 0.5);
    both(0, 1, 2, 3);
    both(0, 1, 6, kInfinity);
    both(0, 1, 20, 20.5);
    both(0, 1, 35, kInfinity);  // probabilities near 1e-268
    both(0, 1, 35, 35.05);
    both(5, 2, 5.1, 5.2);  // narrow
    both(0, 1, -0.3, 0.4);
    both(0, 1, -kInfinity, kInfinity);
  }
  return laws;
}

TEST(Distribution, SamplesFollowTheirLaw) {
  constexpr std::size_t kSamples = 50'000;
  for (const Law& law : laws()) {
    std::vector<double> values = sample_many(law.distribution, kSamples, law.name);
    std::sort(values.begin(), values.end());
    double distance = 0;  // Kolmogorov and Smirnov's
    for (std::size_t i = 0; i < kSamples; ++i) {
      const double p = law.cdf(values[i]);
      distance = std::max(
          {distance, p - static_cast<double>(i) / kSamples, static_cast<double>(i + 1) / kSamples - p});
    }
    EXPECT_LT(distance * std::sqrt(kSamples), 2.1) << law.name;
    EXPECT_GE(values.front(), law.distribution.lower()) << law.name;
    EXPECT_LE(values.back(), law.distribution.upper()) << law.name;
  }
}

TEST(Distribution, TheMeanIsTheIntegralOfTheLaw) {
  using Rule = boost::math::quadrature::gauss_kronrod<double, 61>;
  for (const Law& law : laws()) {
    if (law.name == "pareto" || law.name == "mixture" || law.name == "quantiles") continue;  // below, by hand
    // E[X] = from + integral of P(X > x) beyond - integral of P(X <= x) before, about any point of the
    // support.
    const D& d = law.distribution;
    const double from = std::isinf(d.lower()) ? std::min(0.0, d.upper()) : d.lower();
    double mean = from;
    if (from < d.upper())
      mean += Rule::integrate([&](double x) { return 1 - law.cdf(x); }, from, d.upper(), 15, 1e-11);
    if (std::isinf(d.lower()))
      mean -= Rule::integrate([&](double x) { return law.cdf(x); }, -kInfinity, from, 15, 1e-11);
    EXPECT_NEAR(d.mean(), mean, 1e-8 * std::max(1.0, std::fabs(mean))) << law.name;
  }
}

TEST(Distribution, MeansHaveTheirClosedForm) {
  EXPECT_DOUBLE_EQ(D::exponential(7).mean(), 7);
  EXPECT_DOUBLE_EQ(D::pareto(2.5, 3).mean(), 5);
  EXPECT_EQ(D::pareto(1, 3).mean(), kInfinity);
  EXPECT_NEAR(D::weibull(2, 1).mean(), std::sqrt(math::kPi) / 2, 1e-14);
  EXPECT_DOUBLE_EQ(D::gamma_mean_cv(9, 3).mean(), 9);
  EXPECT_DOUBLE_EQ(D::erlang(7, 3).mean(), 3);
  EXPECT_DOUBLE_EQ(D::hyperexponential({{9, 1}, {1, 20}}).mean(), 2.9);
  EXPECT_DOUBLE_EQ(D::two_point(0.25, 4, 8).mean(), 7);
  EXPECT_DOUBLE_EQ(D::quantiles({{0, 1}, {0.5, 2}, {1, 100}}).mean(), 0.5 * 1.5 + 0.5 * 51);
  EXPECT_DOUBLE_EQ(D::samples({1, 2, 6}).mean(), 3);
  EXPECT_DOUBLE_EQ(D::mixture({{3, D::constant(1.0)}, {1, D::uniform(0, 10)}}).mean(), 2);
  EXPECT_EQ(D::mixture({{3, D::constant(1.0)}, {1, D::pareto(0.5, 1)}}).mean(), kInfinity);
  // Half a normal: sd * sqrt(2 / pi). Far out the excess over the bound tends to 1 / distance.
  EXPECT_NEAR(D::truncated_normal(0, 2, 0, kInfinity).mean(), 2 * std::sqrt(2 / math::kPi), 1e-14);
  EXPECT_NEAR(D::truncated_normal(0, 1, 1e6, kInfinity).mean() - 1e6, 1e-6, 1e-9);
  EXPECT_EQ(D::truncated_normal(3, 1, 3 - 2, 3 + 2).mean(), 3);
  EXPECT_NEAR(D::truncated_normal(0, 1, 100, 100 + 1e-9).mean(), 100 + 0.5e-9, 1e-13);
}

TEST(Distribution, TheSampleMeanIsTheMean) {
  for (const Law& law : laws()) {
    if (law.name == "pareto") continue;  // infinite variance
    const auto values = sample_many(law.distribution, 100'000);
    const double n = static_cast<double>(values.size());
    const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
    double squares = 0;
    for (const double x : values) squares += (x - mean) * (x - mean);
    EXPECT_NEAR(mean, law.distribution.mean(), 4.5 * std::sqrt(squares / n / n)) << law.name;
  }
}

TEST(Distribution, LognormalMeetsItsMedianAndP99) {
  auto values = sample_many(D::lognormal_median_p99(80, 400), 200'000);
  std::sort(values.begin(), values.end());
  EXPECT_NEAR(values[100'000], 80, 0.01 * 80);
  EXPECT_NEAR(values[198'000], 400, 0.02 * 400);
}

TEST(Distribution, AtomsHaveTheirProbability) {
  const auto share = [](const D& d, double value) {
    const auto values = sample_many(d, 100'000);
    return static_cast<double>(std::count(values.begin(), values.end(), value)) / 1e5;
  };
  EXPECT_NEAR(share(D::two_point(0.3, 1, 2), 1), 0.3, 0.007);
  EXPECT_NEAR(share(D::samples({1, 1, 5, 7}), 1), 0.5, 0.008);
  EXPECT_NEAR(share(D::samples({1, 1, 5, 7}), 7), 0.25, 0.007);
  EXPECT_NEAR(share(D::mixture({{1, D::constant(4.0)}, {3, D::exponential(1)}}), 4), 0.25, 0.007);
  // Outside its points a quantile table is flat.
  EXPECT_NEAR(share(D::quantiles({{0.5, 10}, {0.9, 20}}), 10), 0.5, 0.008);
  EXPECT_NEAR(share(D::quantiles({{0.5, 10}, {0.9, 20}}), 20), 0.1, 0.005);
  // Equal values at two quantiles are an atom too.
  EXPECT_NEAR(share(D::quantiles({{0, 1}, {0.2, 5}, {0.6, 5}, {1, 9}}), 5), 0.4, 0.008);
}

/// Two families, within each of which the samples of one draw rise together: quantile functions of the draw,
/// and functions of the standard exponential that the draw makes.
std::vector<D> inverted() {
  return {D::uniform(0, 1),
          D::lognormal_mean_cv(10, 0.7),
          D::truncated_normal(10, 3, 0, kInfinity),
          D::truncated_normal(0, 1, 2, 3),
          D::truncated_normal(0, 1, -3, -2),
          D::quantiles({{0, 1}, {0.5, 2}, {0.9, 10}, {1, 100}})};
}
std::vector<D> of_one_exponential() { return {D::exponential(3), D::weibull(0.7, 2), D::pareto(1.1, 3)}; }

TEST(Distribution, AFamilyRisesWithTheSameDraw) {
  for (const auto& family : {inverted(), of_one_exponential()}) {
    const auto reference = sample_many(family.front(), 2000);
    std::vector<std::size_t> order(reference.size());
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(), [&](auto a, auto b) { return reference[a] < reference[b]; });
    for (const D& distribution : family) {
      const auto values = sample_many(distribution, reference.size());
      for (std::size_t i = 1; i < order.size(); ++i) ASSERT_LE(values[order[i - 1]], values[order[i]]);
    }
  }
}

TEST(Distribution, ASampleOfEitherFamilyTakesExactlyOneDraw) {
  auto distributions = inverted();
  std::ranges::copy(of_one_exponential(), std::back_inserter(distributions));
  distributions.push_back(D::two_point(0.3, 1, 2));
  distributions.push_back(D::samples({1, 2, 3}));
  for (const D& distribution : distributions) {
    Draws sampled{77};
    Draws skipped{77};
    distribution.sample(sampled);
    skipped.bits();
    EXPECT_EQ(sampled.bits(), skipped.bits());
  }
  Draws untouched{77};
  D::constant(3.0).sample(untouched);
  EXPECT_EQ(untouched.bits(), Draws{77}.bits());
}

TEST(Distribution, WithoutSpreadItIsAConstant) {
  for (const D& d : {D::exponential(0), D::uniform(0, 0), D::lognormal_mean_cv(0, 3), D::gamma_mean_cv(0, 1),
                     D::weibull(2, 0), D::two_point(0, 5, 0), D{}}) {
    EXPECT_TRUE(d.is_constant());
    EXPECT_EQ(d.mean(), 0);
    EXPECT_EQ(d.upper(), 0);
  }
  EXPECT_TRUE(D::lognormal_median_p99(4, 4).is_constant());
  EXPECT_TRUE(D::truncated_normal(9, 0, 0, 5).is_constant());
  EXPECT_EQ(D::truncated_normal(9, 0, 0, 5).mean(), 5);
  EXPECT_TRUE(D::samples({2, 2}).is_constant());
  EXPECT_TRUE(D::mixture({{1, D::constant(2.0)}, {0, D::exponential(1)}}).is_constant());
  EXPECT_FALSE(D::exponential(1).is_constant());
  EXPECT_EQ(D::constant(80ms).mean(), 80e6);
}

TEST(Distribution, TheSupportEndsWhereItShould) {
  EXPECT_EQ(D::uniform(2, 5).upper(), 5);
  EXPECT_EQ(D::uniform(2, 5).lower(), 2);
  EXPECT_EQ(D::pareto(2, 4).lower(), 4);
  EXPECT_EQ(D::exponential(1).upper(), kInfinity);
  EXPECT_EQ(D::two_point(0.5, 9, 3).upper(), 9);
  EXPECT_EQ(D::samples({5, 1, 7}).lower(), 1);
  EXPECT_EQ(D::mixture({{1, D::uniform(0, 4)}, {1, D::constant(3.0)}}).upper(), 4);
  EXPECT_EQ(D::mixture({{1, D::uniform(0, 4)}, {0, D::exponential(3)}}).upper(), 4);
}

TEST(Distribution, ADurationIsRoundedToTheNearestNanosecondAndClamped) {
  const auto duration = [](double ns) {
    Draws draws{1};
    return D::constant(ns).duration(draws).count();
  };
  EXPECT_EQ(duration(2.5), 3);
  EXPECT_EQ(duration(2.4999), 2);
  EXPECT_EQ(duration(0.49999999999999994), 0);
  EXPECT_EQ(duration(4503599627370497.5), 4503599627370498);
  EXPECT_EQ(duration(-7), 0);
  EXPECT_EQ(duration(1e30), D::kLongest.count());
  const D heavy = D::pareto(0.01, 1e9);
  Draws draws{1};
  for (int i = 0; i < 1000; ++i) {
    const Duration drawn = heavy.duration(draws);
    EXPECT_GE(drawn, 1s);
    EXPECT_LE(drawn, D::kLongest);
  }
}

TEST(Distribution, NoParametersMakeASampleThatIsNotANumber) {
  const std::vector<D> extremes{D::exponential(1e300),
                                D::exponential(1e-300),
                                D::lognormal_mean_cv(1, 1e100),
                                D::lognormal_mean_cv(1, 1e-12),
                                D::gamma_mean_cv(1, 1e6),
                                D::gamma_mean_cv(1, 1e-6),
                                D::weibull(1e-3, 1),
                                D::weibull(1e9, 1),
                                D::pareto(1e-3, 1),
                                D::pareto(1e9, 1),
                                D::truncated_normal(0, 1, 1e9, kInfinity),
                                D::truncated_normal(0, 1e-9, 5, 6),
                                D::truncated_normal(0, 1, -1e-200, 1e-200),
                                D::truncated_normal(0, 1e150, 0, 1),
                                D::truncated_normal(0, 1, -kInfinity, -37)};
  for (std::size_t i = 0; i < extremes.size(); ++i) {
    EXPECT_FALSE(std::isnan(extremes[i].mean())) << i;
    for (const double x : sample_many(extremes[i], 1000)) {
      ASSERT_FALSE(std::isnan(x)) << i;
      ASSERT_GE(x, extremes[i].lower()) << i;
      ASSERT_LE(x, extremes[i].upper()) << i;
    }
  }
}

TEST(Distribution, ParametersThatMakeNoSenseAreRefusedInWords) {
  const auto refusal = [](const D::Made& made) { return made ? "accepted" : made.error(); };
  using testing::HasSubstr;
  EXPECT_THAT(refusal(D::make_constant(kNotANumber)), HasSubstr("finite"));
  EXPECT_EQ(refusal(D::make_exponential(-3)), "mean must be zero or more, but is -3");
  EXPECT_THAT(refusal(D::make_exponential(kInfinity)), HasSubstr("inf"));
  EXPECT_THAT(refusal(D::make_uniform(5, 2)), HasSubstr("lower bound 5 is above upper bound 2"));
  EXPECT_THAT(refusal(D::make_uniform(0, kInfinity)), HasSubstr("upper bound"));
  EXPECT_THAT(refusal(D::make_truncated_normal(0, -1, 0, 1)), HasSubstr("standard deviation"));
  EXPECT_THAT(refusal(D::make_truncated_normal(0, 1, 3, 1)), HasSubstr("above"));
  EXPECT_THAT(refusal(D::make_truncated_normal(0, 1, kNotANumber, 1)), HasSubstr("bound"));
  EXPECT_THAT(refusal(D::make_lognormal_mean_cv(1, -1)), HasSubstr("variation"));
  EXPECT_THAT(refusal(D::make_lognormal_median_p99(0, 1)), HasSubstr("median must be above zero"));
  EXPECT_THAT(refusal(D::make_lognormal_median_p99(80, 40)), HasSubstr("p99 40 is below the median 80"));
  EXPECT_THAT(refusal(D::make_gamma_mean_cv(1, 1e9)), HasSubstr("1e6"));
  EXPECT_THAT(refusal(D::make_erlang(0, 1)), HasSubstr("stages"));
  EXPECT_THAT(refusal(D::make_erlang(2, -1)), HasSubstr("mean"));
  EXPECT_THAT(refusal(D::make_weibull(0, 1)), HasSubstr("shape"));
  EXPECT_THAT(refusal(D::make_pareto(1, 0)), HasSubstr("minimum"));
  EXPECT_THAT(refusal(D::make_hyperexponential({})), HasSubstr("branch"));
  EXPECT_THAT(refusal(D::make_hyperexponential({{-1, 1}, {1, 1}})), HasSubstr("weight"));
  EXPECT_THAT(refusal(D::make_hyperexponential({{1, -1}})), HasSubstr("mean"));
  EXPECT_THAT(refusal(D::make_two_point(1.5, 0, 1)), HasSubstr("probability must be from 0 to 1"));
  EXPECT_THAT(refusal(D::make_quantiles({})), HasSubstr("point"));
  EXPECT_THAT(refusal(D::make_quantiles({{0.5, 1}, {0.5, 2}})), HasSubstr("quantiles must rise"));
  EXPECT_THAT(refusal(D::make_quantiles({{0.5, 3}, {0.9, 2}})), HasSubstr("values must not fall"));
  EXPECT_THAT(refusal(D::make_quantiles({{99, 3}})), HasSubstr("from 0 to 1"));
  EXPECT_THAT(refusal(D::make_samples({})), HasSubstr("value"));
  EXPECT_THAT(refusal(D::make_samples({1, kNotANumber})), HasSubstr("finite"));
  EXPECT_THAT(refusal(D::make_mixture({})), HasSubstr("part"));
  EXPECT_THAT(refusal(D::make_mixture({{kInfinity, D{}}, {1, D{}}})), HasSubstr("weight"));
}

TEST(DistributionDeathTest, APlainConstructorAbortsWithTheMessage) {
  EXPECT_DEATH(D::exponential(-1), "mean must be zero or more, but is -1");
}

}  // namespace
}  // namespace spillway
