// The same small run, second by second.

#include "observe/series.hpp"

#include <gtest/gtest.h>

#include "small_run.hpp"

namespace spillway {
namespace {

using testing::at;
using testing::SmallRun;
constexpr std::int64_t kMs = 1'000'000;

TEST(Series, EachSecondHoldsWhatHappenedInIt) {
  SmallRun small({.bucket = 1s});
  const RunResult run = small.run();
  ASSERT_EQ(run.series.journeys.size(), 10u);
  const auto& api = run.series.resources[1];
  ASSERT_EQ(api.size(), 10u);
  EXPECT_EQ(api[0].arrivals, 1u);
  EXPECT_EQ(api[0].ok, 1u);
  EXPECT_EQ(api[1].arrivals, 2u);
  EXPECT_EQ(api[1].repeats, 1u);
  EXPECT_EQ(api[1].failed, 1u);
  EXPECT_EQ(api[2].throttled, 3u);
  EXPECT_EQ(api[3].timed_out, 1u);
  EXPECT_EQ(api[3].ok, 1u);
  EXPECT_DOUBLE_EQ(api[3].concurrency_mean, 0.090);
  EXPECT_EQ(api[3].concurrency_max, 1);
  EXPECT_EQ(api[4].concurrency_max, 0);
  EXPECT_NEAR(static_cast<double>(api[3].p99), 50.0 * kMs, 50.0 * kMs * Sketch::relative_error());
  EXPECT_EQ(run.series.journeys[2].failed, 1u);
  EXPECT_EQ(run.series.journeys[2].succeeded, 0u);
  EXPECT_NEAR(static_cast<double>(run.series.journeys[1].p50), 120.0 * kMs,
              120.0 * kMs * Sketch::relative_error());
}

TEST(Series, WhatWasNotMeasuredIsAbsentAndNotZero) {
  SmallRun small({.bucket = 1s});
  const RunResult run = small.run();
  const auto& api = run.series.resources[1];
  EXPECT_EQ(api[2].p50, 0) << "throttled at once: measured, and zero";
  EXPECT_EQ(api[5].p50, kAbsent);
  EXPECT_EQ(api[5].age_of_oldest, kAbsent);
  EXPECT_EQ(run.series.journeys[5].p99, kAbsent);
}

TEST(Series, LevelsLastThroughBucketsWithoutFacts) {
  SmallRun small({.bucket = 1s});
  small.callee.level_at(at(4500ms), Gauge::backlog, 7);
  small.callee.level_at(at(4500ms), Gauge::oldest, 4'000'000'000);
  small.callee.level_at(at(4500ms), Gauge::concurrency, 2);
  small.callee.level_at(at(8500ms), Gauge::backlog, 0);
  small.callee.level_at(at(8500ms), Gauge::oldest, -1);
  small.callee.level_at(at(8500ms), Gauge::concurrency, 0);
  const RunResult run = small.run();
  const auto& api = run.series.resources[1];
  EXPECT_DOUBLE_EQ(api[4].concurrency_mean, 1.0);
  EXPECT_DOUBLE_EQ(api[6].concurrency_mean, 2.0);
  EXPECT_EQ(api[6].backlog_max, 7);
  EXPECT_EQ(api[6].backlog_last, 7);
  EXPECT_EQ(api[6].age_of_oldest, 3000 * kMs);
  EXPECT_EQ(api[8].backlog_max, 7);
  EXPECT_EQ(api[8].backlog_last, 0);
  EXPECT_EQ(api[9].age_of_oldest, 0) << "none waits, and that was said";
  EXPECT_EQ(api[9].backlog_max, 0);
}

TEST(Series, ARunThatEndsEarlyEndsWithAShorterBucket) {
  SmallRun small({.bucket = 1s});
  const RunResult run = small.run(3050ms);
  ASSERT_EQ(run.series.journeys.size(), 4u);
  EXPECT_EQ(run.series.end, 3050ms);
  EXPECT_DOUBLE_EQ(run.series.resources[1][3].concurrency_mean, 1.0) << "busy in all of the 50 ms";
}

TEST(Series, WhatComesAfterTheHorizonBelongsToTheLastBucket) {
  SmallRun small({.horizon = 2s, .bucket = 1s});
  const RunResult run = small.run(10s);
  ASSERT_EQ(run.series.journeys.size(), 2u);
  EXPECT_EQ(run.series.journeys[1].arrivals, 3u);
  EXPECT_EQ(run.series.resources[1][1].arrivals, 7u);
}

TEST(Series, AWidthIsChosenThatGivesSomeHundredBuckets) {
  for (Duration horizon = 1us; horizon < 24h * 365 * 5; horizon += horizon / 7 + 1ns) {
    const Duration width = bucket_width(horizon);
    const std::int64_t buckets = (horizon + width - 1ns) / width;
    ASSERT_LE(buckets, kMostBuckets) << horizon.count();
    ASSERT_GE(buckets, 240) << horizon.count();
  }
  EXPECT_EQ(bucket_width(2h), 10s);
  EXPECT_EQ(bucket_width(24h), 2min);
  EXPECT_EQ(bucket_width(15min), 1s);
}

TEST(SeriesDeathTest, AWidthOfMoreThanAThousandBucketsIsAMistake) {
  EXPECT_DEATH(SmallRun small({.horizon = 10s, .bucket = 1ms}), "thousand buckets");
}

}  // namespace
}  // namespace spillway
