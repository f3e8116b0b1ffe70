// What a table may do as a whole: growth on demand, the owner's maximum, and provisioned capacity that
// changes.

#include <gtest/gtest.h>

#include "services/table_throughput.hpp"
#include "support/small_world.hpp"

namespace spillway {
namespace {

using testing::at;

/// Asks for `per_second` units in each second of [from, to), one at a time, and counts what was granted.
std::int64_t ask(TableThroughput& throughput, Duration from, Duration to, std::int64_t per_second) {
  std::int64_t granted = 0;
  for (Duration second = from; second < to; second += 1s) {
    throughput.advance(at(second));
    for (std::int64_t i = 0; i < per_second; ++i) {
      const Time now = at(second + i * Duration{1s} / per_second);
      if (!throughput.holds(now, 1)) continue;
      throughput.take(now, 1);
      ++granted;
    }
  }
  return granted;
}

TableThroughput::Limits on_demand(std::int64_t minutes) {
  return {.rate = 100, .most = 1000, .grows = true, .growth_minutes = minutes};
}

TEST(TableThroughput, ServesTwiceThePeakOnceThatPeakIsHalfAnHourOld) {
  TableThroughput throughput(on_demand(30));
  EXPECT_EQ(ask(throughput, 0s, 1min, 80), 80 * 60);
  throughput.advance(at(31min - Duration{1}));
  EXPECT_EQ(throughput.limit(), 100);
  EXPECT_TRUE(throughput.advance(at(31min)));
  EXPECT_EQ(throughput.limit(), 160);
  EXPECT_FALSE(throughput.advance(at(50min)));
  EXPECT_EQ(throughput.limit(), 160);
}

TEST(TableThroughput, ByTheGenerousReadingAPeakCountsWhenItsMinuteHasEnded) {
  TableThroughput throughput(on_demand(0));
  ask(throughput, 0s, 1min, 90);
  throughput.advance(at(1min));
  EXPECT_EQ(throughput.limit(), 180);
  EXPECT_EQ(ask(throughput, 1min, 2min, 180), 180 * 60);
  throughput.advance(at(2min));
  EXPECT_EQ(throughput.limit(), 360);
}

TEST(TableThroughput, NeverShrinksAndNeverExceedsTheQuota) {
  TableThroughput throughput(on_demand(0));
  for (int minute = 0; minute < 6; ++minute) {
    ask(throughput, minute * 60s, (minute + 1) * 60s, 2000);
    throughput.advance(at((minute + 1) * 60s));
  }
  EXPECT_EQ(throughput.limit(), 1000);
  throughput.advance(at(48h));
  EXPECT_EQ(throughput.limit(), 1000);
}

TEST(TableThroughput, OnlyWhatWasServedCountsForThePeak) {
  TableThroughput throughput(on_demand(0));
  const std::int64_t granted = ask(throughput, 0s, 1min, 5000);
  EXPECT_EQ(granted, 100 * 60 + 100 - 1);  // a full bucket and a minute's refill
  throughput.advance(at(1min));
  EXPECT_EQ(throughput.limit(), 2 * granted / 60);
}

TEST(TableThroughput, APeakBeforeTheRunIsServedTwiceAtOnce) {
  auto limits = on_demand(30);
  limits.peak = 300;
  TableThroughput throughput(limits);
  EXPECT_EQ(throughput.limit(), 600);
  EXPECT_EQ(ask(throughput, 0s, 1min, 600), 600 * 60);
  limits.peak = 700;  // the quota is less than twice of it
  EXPECT_EQ(TableThroughput(limits).limit(), 1000);
}

TEST(TableThroughput, TheOwnersMaximumHoldsWhateverItCouldDo) {
  auto limits = on_demand(0);
  limits.maximum = 40;
  TableThroughput throughput(limits);
  EXPECT_EQ(throughput.limit(), 100);
  EXPECT_EQ(ask(throughput, 0s, 1min, 80), 40 * 60 + 40 - 1);
  throughput.advance(at(1min));
  EXPECT_EQ(throughput.limit(), 100);
}

TEST(TableThroughput, ARaisedCapacityFillsItsLargerBucketFromThenOn) {
  TableThroughput throughput({.rate = 10, .burst_seconds = 300, .most = 50});
  EXPECT_TRUE(throughput.holds(at(0s), 3000));
  throughput.provision(at(0s), 20);
  EXPECT_FALSE(throughput.holds(at(0s), 3001));
  EXPECT_TRUE(throughput.holds(at(1s), 3020));
  throughput.provision(at(1s), 1);  // what the smaller bucket cannot hold is lost
  EXPECT_TRUE(throughput.holds(at(1s), 300));
  EXPECT_FALSE(throughput.holds(at(1s), 301));
  throughput.provision(at(1s), 90);
  EXPECT_EQ(throughput.limit(), 50);
}

TEST(TableThroughput, WhatIsGivenBackWasNotServed) {
  TableThroughput throughput({.rate = 10});
  throughput.take(at(0s), 8);
  throughput.give(5);
  EXPECT_TRUE(throughput.holds(at(0s), 7));
  EXPECT_FALSE(throughput.holds(at(0s), 8));
  EXPECT_EQ(throughput.served_since(), 3);
  EXPECT_EQ(throughput.served_since(), 0);
}

}  // namespace
}  // namespace spillway
