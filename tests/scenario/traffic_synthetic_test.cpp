// Traffic that is described: its times, its rates, its randomness, against what theory says.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <vector>

#include "scenario/traffic/bursts.hpp"
#include "scenario/traffic/counts.hpp"
#include "scenario/traffic/curve.hpp"
#include "scenario/traffic/overlay.hpp"
#include "scenario/traffic/steady.hpp"

namespace spillway {
namespace {

using Times = std::vector<std::int64_t>;

Times take(Arrivals& arrivals, std::size_t most) {
  Times times;
  Arrival arrival;
  while (times.size() < most && arrivals.next(arrival))
    times.push_back(arrival.at.time_since_epoch().count());
  EXPECT_TRUE(std::is_sorted(times.begin(), times.end()));
  return times;
}

std::size_t count_until(Arrivals& arrivals, Time until) {
  std::size_t n = 0;
  Arrival arrival;
  while (arrivals.next(arrival) && arrival.at < until) ++n;
  return n;
}

Time at(Duration d) { return Time{d}; }

std::unique_ptr<Arrivals> along(std::unique_ptr<Curve> curve, Spread spread, std::uint64_t seed = 1) {
  return std::make_unique<CurveArrivals>(std::move(curve), spread, Stream(seed, "gaps"));
}

TEST(Ratio, RatesAreTheFractionsThatWereMeant) {
  const auto same = [](double value, std::int64_t p, std::int64_t q) {
    const Ratio ratio = ratio_of(value);
    return ratio.numerator == p && ratio.denominator == q;
  };
  EXPECT_TRUE(same(0.01, 1, 100));
  EXPECT_TRUE(same(7.0 / 3600, 7, 3600));
  EXPECT_TRUE(same(1.0 / 3, 1, 3));
  EXPECT_TRUE(same(100, 100, 1));
  EXPECT_TRUE(same(0, 0, 1));
  EXPECT_TRUE(same(1e9, 1'000'000'000, 1));
}

RC_GTEST_PROP(Ratio, IsTheDoubleItCameFrom, ()) {
  const double value = static_cast<double>(*rc::gen::inRange<std::int64_t>(1, 1'000'000'000)) /
                       static_cast<double>(*rc::gen::inRange<std::int64_t>(1, 1'000'000));
  const Ratio ratio = ratio_of(value);
  const double back = static_cast<double>(ratio.numerator) / static_cast<double>(ratio.denominator);
  RC_ASSERT(std::fabs(back - value) <= value * 1e-15);
}

TEST(SyntheticTraffic, SaysAllOfAnArrivalWhateverStoodThere) {
  ConstantArrivals constant(ratio_of(3));
  PoissonArrivals poisson(3, Stream(1, "gaps"));
  const auto curve = along(std::make_unique<StagedCurve>(std::vector<Slope>{{10s, 1, 2}}), Spread::evenly);
  for (Arrivals* arrivals : std::initializer_list<Arrivals*>{&constant, &poisson, curve.get()}) {
    Arrival arrival{.at = at(7s), .work = 1s, .traffic_class = 3, .bytes = 9, .key = 5, .has_key = true};
    ASSERT_TRUE(arrivals->next(arrival));
    EXPECT_NE(arrival.at, at(7s));
    EXPECT_LT(arrival.work, Duration::zero());
    EXPECT_EQ(arrival.traffic_class, kAnyClass);
    EXPECT_EQ(arrival.bytes, -1);
    EXPECT_EQ(arrival.key, 0U);
    EXPECT_FALSE(arrival.has_key);
  }
}

TEST(ConstantTraffic, NeverDriftsFromItsRate) {
  ConstantArrivals arrivals(ratio_of(3));
  const Times times = take(arrivals, 3'000'001);
  for (std::size_t i = 0; i < times.size(); i += 7) {
    ASSERT_EQ(times[i], static_cast<std::int64_t>(i) * 1'000'000'000 / 3);
  }
  EXPECT_EQ(times.back(), 1'000'000 * std::int64_t{1'000'000'000});
}

TEST(ConstantTraffic, EndsWhereTimeEnds) {
  ConstantArrivals arrivals(Ratio{1, 5'000'000'000});
  EXPECT_EQ(take(arrivals, 10), (Times{0, 5'000'000'000'000'000'000}));
}

TEST(PoissonTraffic, GapsAreExponential) {
  PoissonArrivals arrivals(200, Stream(7, "gaps"));
  const Times times = take(arrivals, 200'001);
  double sum = 0;
  double squares = 0;
  std::size_t above_mean = 0;
  for (std::size_t i = 1; i < times.size(); ++i) {
    const double gap_ms = static_cast<double>(times[i] - times[i - 1]) / 1e6;
    sum += gap_ms;
    squares += gap_ms * gap_ms;
    above_mean += gap_ms > 5 ? 1U : 0U;
  }
  const double n = 200'000;
  EXPECT_NEAR(sum / n, 5, 5 * 4 / std::sqrt(n));
  EXPECT_NEAR(squares / n / 50, 1, 4 * std::sqrt(5 / n));
  EXPECT_NEAR(static_cast<double>(above_mean) / n, std::exp(-1), 4 * 0.482 / std::sqrt(n));
}

TEST(PoissonTraffic, ARateAboveOneANanosecondIsNotRoundedAway) {
  PoissonArrivals arrivals(4e9, Stream(7, "gaps"));
  const Times times = take(arrivals, 400'001);
  EXPECT_NEAR(static_cast<double>(times.back()), 1e5, 4 * std::sqrt(4e5) / 4);
}

TEST(PoissonTraffic, AnotherRateStretchesTheSameTraffic) {
  PoissonArrivals slow(10, Stream(7, "gaps"));
  PoissonArrivals fast(20, Stream(7, "gaps"));
  const Times a = take(slow, 1000);
  const Times b = take(fast, 1000);
  for (std::size_t i = 0; i < a.size(); ++i)
    ASSERT_NEAR(static_cast<double>(a[i]), 2.0 * static_cast<double>(b[i]), 3);
}

TEST(StagedTraffic, LaidEvenlyARampHasItsArrivalsWhereItsAreaSays) {
  // 0 to 10/s within 10 s: 50 arrivals, the j-th at 10 * sqrt((j + 1/2) / 50) seconds.
  auto arrivals = along(std::make_unique<StagedCurve>(std::vector<Slope>{{10s, 0, 10}}), Spread::evenly);
  const Times times = take(*arrivals, 1000);
  ASSERT_EQ(times.size(), 50U);
  for (std::size_t j = 0; j < times.size(); ++j) {
    ASSERT_NEAR(static_cast<double>(times[j]), 1e10 * std::sqrt((static_cast<double>(j) + 0.5) / 50), 2);
  }
}

TEST(StagedTraffic, StagesFollowEachOtherAndThenEnd) {
  const std::vector<Slope> slopes{{10s, 0, 100},  {60s, 100, 100}, {0s, 100, 300},
                                  {5s, 300, 300}, {10s, 0, 0},     {10s, 100, 0}};
  auto arrivals = along(std::make_unique<StagedCurve>(slopes), Spread::evenly);
  const Times times = take(*arrivals, 100'000);
  EXPECT_EQ(times.size(), 500U + 6000 + 1500 + 500);
  const auto between = [&](double from_s, double to_s) {
    return std::count_if(times.begin(), times.end(), [&](std::int64_t t) {
      return static_cast<double>(t) >= from_s * 1e9 && static_cast<double>(t) < to_s * 1e9;
    });
  };
  EXPECT_EQ(between(0, 10), 500);
  EXPECT_EQ(between(10, 70), 6000);
  EXPECT_EQ(between(70, 75), 1500);
  EXPECT_EQ(between(75, 85), 0);
  EXPECT_EQ(between(85, 95), 500);
  EXPECT_NEAR(arrivals->mean_rate(at(0s), at(95s)), 8500.0 / 95, 1e-9);
  EXPECT_NEAR(arrivals->mean_rate(at(5s), at(10s)), 75, 1e-9);
  EXPECT_NEAR(arrivals->mean_rate(at(90s), at(200s)), 125.0 / 110, 1e-9);
}

TEST(StagedTraffic, ARampsPoissonArrivalsAreUniformInItsCumulatedRate) {
  auto arrivals =
      along(std::make_unique<StagedCurve>(std::vector<Slope>{{100s, 200, 1800}}), Spread::poisson);
  const Times times = take(*arrivals, 1'000'000);
  const double n = static_cast<double>(times.size());
  EXPECT_NEAR(n, 100'000, 4 * std::sqrt(1e5));
  double worst = 0;  // Kolmogorov's distance
  for (std::size_t i = 0; i < times.size(); ++i) {
    const double t = static_cast<double>(times[i]) / 1e9;
    const double share = (200 * t + 8 * t * t) / 100'000;
    worst = std::max({worst, std::fabs(share - static_cast<double>(i) / n),
                      std::fabs(share - static_cast<double>(i + 1) / n)});
  }
  EXPECT_LT(worst * std::sqrt(n), 1.95);  // 0.1 %
}

TEST(StagedTraffic, RepeatsWithoutEndAndEndsWhenThereIsNothingToRepeat) {
  auto repeated = along(std::make_unique<StagedCurve>(std::vector<Slope>{{1s, 10, 10}, {1s, 0, 0}}, true),
                        Spread::evenly);
  EXPECT_EQ(count_until(*repeated, at(100s)), 500U);
  EXPECT_NEAR(repeated->mean_rate(at(0s), at(3s)), 20.0 / 3, 1e-9);
  auto nothing = along(std::make_unique<StagedCurve>(std::vector<Slope>{{1s, 0, 0}}, true), Spread::evenly);
  Arrival arrival;
  EXPECT_FALSE(nothing->next(arrival));
}

TEST(DiurnalTraffic, HasItsMeanItsPeakAndItsTrough) {
  const DiurnalCurve::Shape shape{.mean = 10, .amplitude = 0.8, .period = 24h, .peak = 14h};
  auto arrivals = along(std::make_unique<DiurnalCurve>(shape), Spread::evenly);
  const Times times = take(*arrivals, 2 * 864'000);
  EXPECT_NEAR(static_cast<double>(times.back()), 2.0 * 86400e9, 1e9);
  const auto in_hour = [&](std::int64_t hour) {
    return std::count_if(times.begin(), times.end(),
                         [&](std::int64_t t) { return t / 3'600'000'000'000 == hour; });
  };
  EXPECT_NEAR(static_cast<double>(in_hour(13) + in_hour(14)), 2 * 36'000 * 1.8, 2 * 36'000 * 0.01);
  EXPECT_NEAR(static_cast<double>(in_hour(24 + 1) + in_hour(24 + 2)), 2 * 36'000 * 0.2, 2 * 36'000 * 0.01);
  EXPECT_NEAR(arrivals->mean_rate(at(0h), at(48h)), 10, 1e-9);
  EXPECT_NEAR(arrivals->mean_rate(at(14h), at(14h + 1s)), 18, 1e-5);
}

TEST(DiurnalTraffic, EvenAtFullAmplitudeEachArrivalLiesWhereTheCumulatedRateSays) {
  const DiurnalCurve::Shape shape{.mean = 5, .amplitude = 1, .period = 1h, .peak = 10min};
  DiurnalCurve curve(shape);
  const DiurnalCurve reference(shape);
  Time t;
  for (int i = 0; i < 60'000; ++i) {
    ASSERT_TRUE(curve.advance(1, t));
    // A nanosecond at the greatest rate is 1e-8 of an arrival.
    ASSERT_NEAR(reference.expected(kStart, t), i + 1, 2e-8 + 1e-11 * i) << i;
  }
}

TEST(BurstTraffic, SpendsItsTimeInEachStateByTheShareOfItsStays) {
  const std::vector<BurstState> states{{.rate = 10, .mean = 9s}, {.rate = 1000, .mean = 1s}};
  auto arrivals = along(std::make_unique<BurstCurve>(states, false, Stream(3, "visits")), Spread::poisson);
  EXPECT_NEAR(arrivals->mean_rate(at(0s), at(1h)), 109, 1e-9);
  // 36,000 cycles: the total's deviation is that of the burst lengths, 1000 * sqrt(36000).
  EXPECT_NEAR(static_cast<double>(count_until(*arrivals, at(100h))) / 360'000, 109,
              4.0 * 1000 * std::sqrt(36'000) / 360'000);
}

TEST(BurstTraffic, FixedStaysAlternateOnTheClock) {
  const std::vector<BurstState> states{{.rate = 0, .mean = 2s, .fixed = true},
                                       {.rate = 10, .mean = 1s, .fixed = true}};
  auto arrivals = along(std::make_unique<BurstCurve>(states, false, Stream(3, "visits")), Spread::evenly);
  const Times times = take(*arrivals, 1000);
  for (std::size_t i = 0; i < times.size(); ++i) {
    const auto round = static_cast<std::int64_t>(i / 10);
    const auto place = static_cast<std::int64_t>(i % 10);
    ASSERT_NEAR(static_cast<double>(times[i]),
                static_cast<double>(round * 3'000'000'000 + 2'000'000'000 + place * 100'000'000 + 50'000'000),
                20);
  }
}

TEST(BurstTraffic, SwitchRatesGiveTheStationaryShares) {
  // Rates: 0 -> 1 at 1/s; 1 -> 0 at 2/s and 1 -> 2 at 2/s; 2 -> 0 at 0.5/s. Balance: pi = (8, 2, 8) / 18.
  const std::vector<BurstState> states{{.rate = 1, .mean = 1s, .weights = {0, 1, 0}},
                                       {.rate = 1, .mean = 250ms, .weights = {2, 0, 2}},
                                       {.rate = 1, .mean = 2s, .weights = {0.5, 0, 0}}};
  const BurstCurve curve(states, true, Stream(3, "visits"));
  EXPECT_NEAR(curve.shares()[0], 8.0 / 18, 1e-12);
  EXPECT_NEAR(curve.shares()[1], 2.0 / 18, 1e-12);
  EXPECT_NEAR(curve.shares()[2], 8.0 / 18, 1e-12);
}

TEST(BurstTraffic, StartedAnywhereItStartsInAStateByItsShareOfTime) {
  const std::vector<BurstState> states{{.rate = 0, .mean = 3s, .fixed = true},
                                       {.rate = 1e4, .mean = 1s, .fixed = true}};
  int busy = 0;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    auto arrivals = along(std::make_unique<BurstCurve>(states, true, Stream(seed, "visits")), Spread::evenly);
    Arrival arrival;
    ASSERT_TRUE(arrivals->next(arrival));
    busy += arrival.at < at(1ms) ? 1 : 0;
  }
  EXPECT_NEAR(busy, 500, 4 * std::sqrt(2000 * 0.25 * 0.75));
}

std::unique_ptr<Arrivals> counted(std::vector<std::int64_t> counts, double scale, Within within,
                                  bool repeat = false) {
  for (auto& count : counts) count *= 1'000'000;
  return arrivals_by_count(counts_from_list(std::move(counts), 1min, repeat), ratio_of(scale), within,
                           Stream(5, "gaps"));
}

TEST(CountedTraffic, LaidEvenlyTheJthOfKIsAtItsMiddle) {
  auto arrivals = counted({3, 0, 7}, 1, Within::evenly);
  Times wanted;
  for (std::int64_t j = 0; j < 3; ++j) wanted.push_back((2 * j + 1) * 60'000'000'000 / 6);
  for (std::int64_t j = 0; j < 7; ++j) wanted.push_back(120'000'000'000 + (2 * j + 1) * 60'000'000'000 / 14);
  EXPECT_EQ(take(*arrivals, 100), wanted);
  EXPECT_NEAR(arrivals->mean_rate(at(0s), at(3min)), 10.0 / 180, 1e-12);
  EXPECT_NEAR(arrivals->mean_rate(at(30s), at(2min)), 1.5 / 90, 1e-12);
}

RC_GTEST_PROP(CountedTraffic, AScaledTotalIsRightToWithinHalfARequestAfterEveryStep, ()) {
  const auto counts = *rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(0, 500));
  const std::int64_t percent = *rc::gen::inRange<std::int64_t>(1, 250);
  const auto within = *rc::gen::element(Within::evenly, Within::randomly, Within::together);
  auto arrivals = counted(counts, static_cast<double>(percent) / 100, within);
  std::vector<std::int64_t> came(counts.size() + 1, 0);
  Arrival arrival;
  while (arrivals->next(arrival)) ++came.at(static_cast<std::size_t>(arrival.at.time_since_epoch() / 1min));
  std::int64_t sum = 0;
  std::int64_t seen = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    sum += counts[i];
    seen += came[i];
    RC_ASSERT(std::abs(seen * 100 - sum * percent) <= 50);
  }
  RC_ASSERT(came.back() == 0);
}

TEST(CountedTraffic, PlacedRandomlyTheCountIsExactAndThePlacesUniform) {
  auto arrivals = counted({100'000}, 1, Within::randomly);
  const Times times = take(*arrivals, 200'000);
  ASSERT_EQ(times.size(), 100'000U);
  double worst = 0;
  for (std::size_t i = 0; i < times.size(); ++i) {
    worst = std::max(worst, std::fabs(static_cast<double>(times[i]) / 60e9 - static_cast<double>(i) / 1e5));
  }
  EXPECT_LT(worst * std::sqrt(1e5), 1.95);
  EXPECT_GT(worst * std::sqrt(1e5), 0.2);  // not evenly
}

TEST(CountedTraffic, APoissonStepHasItsRateAndARandomCount) {
  std::vector<std::int64_t> counts(10'000, 20);
  auto arrivals = counted(counts, 0.5, Within::poisson);
  std::vector<double> came(counts.size(), 0);
  Arrival arrival;
  while (arrivals->next(arrival))
    came.at(static_cast<std::size_t>(arrival.at.time_since_epoch() / 1min)) += 1;
  const double mean = std::accumulate(came.begin(), came.end(), 0.0) / 1e4;
  double variance = 0;
  for (const double count : came) variance += (count - mean) * (count - mean) / 1e4;
  EXPECT_NEAR(mean, 10, 4 * std::sqrt(10 / 1e4));
  EXPECT_NEAR(variance / 10, 1, 0.06);
}

TEST(CountedTraffic, FiredTogetherAStepComesAtItsFirstMoment) {
  auto arrivals = counted({2, 1}, 1, Within::together);
  EXPECT_EQ(take(*arrivals, 10), (Times{0, 0, 60'000'000'000}));
}

TEST(CountedTraffic, RepeatsAndStopsWhenThereIsNothing) {
  auto arrivals = counted({1, 2}, 1, Within::evenly, true);
  EXPECT_EQ(count_until(*arrivals, at(20min)), 30U);
  EXPECT_EQ(take(*counted({0, 0}, 1, Within::evenly, true), 10), Times{});
  EXPECT_EQ(take(*counted({0, 0}, 1, Within::poisson, true), 10), Times{});
}

TEST(Batches, ArriveAtOneInstant) {
  BatchedArrivals arrivals(std::make_unique<ConstantArrivals>(Ratio{1, 1}), 3);
  EXPECT_EQ(take(arrivals, 5), (Times{0, 0, 0, 1'000'000'000, 1'000'000'000}));
  EXPECT_EQ(arrivals.mean_rate(at(0s), at(1s)), 3);
}

TEST(BoundedTraffic, StartsLaterAndEndsBeforeItsEnd) {
  BoundedArrivals arrivals(std::make_unique<ConstantArrivals>(Ratio{1, 1}), 10s, at(12s));
  EXPECT_EQ(take(arrivals, 5), (Times{10'000'000'000, 11'000'000'000}));
  EXPECT_EQ(arrivals.mean_rate(at(8s), at(16s)), 0.25);
  Arrival arrival;
  EXPECT_FALSE(arrivals.next(arrival));
}

}  // namespace
}  // namespace spillway
