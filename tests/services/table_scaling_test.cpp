// Auto scaling, minute by minute.

#include "services/table_scaling.hpp"

#include <gtest/gtest.h>

#include "support/small_world.hpp"

namespace spillway {
namespace {

using testing::at;

/// Feeds minutes of a constant rate and follows the capacity.
struct Follower {
  explicit Follower(TableScalingConfig config, std::int64_t start)
      : scaling(std::move(config)), capacity(start) {}

  void minutes(int count, std::int64_t per_second) {
    for (int i = 0; i < count; ++i) {
      ++minute;
      const auto changed = scaling.minute_ended(at(minute * 1min), 60 * per_second, capacity);
      if (!changed) continue;
      if (*changed < capacity) ++decreases;
      capacity = *changed;
      changed_at = minute;
    }
  }

  TableScaling scaling;
  std::int64_t capacity;
  int minute = 0;
  int changed_at = 0;
  int decreases = 0;
};

TEST(TableScaling, TwoMinutesAboveTheTargetRaiseCapacityAfterTheAlarmAndTheUpdate) {
  Follower run({.alarm_delay = 1min, .update_time = 2min}, 100);
  run.minutes(2, 90);
  run.minutes(2, 90);
  EXPECT_EQ(run.capacity, 100);  // until then the old one holds
  run.minutes(1, 90);
  EXPECT_EQ(run.changed_at, 5);
  EXPECT_EQ(run.capacity, 129);  // 90 / 0.7, rounded up
}

TEST(TableScaling, ExactlyTheTargetAndSingleMinutesChangeNothing) {
  Follower run({.alarm_delay = 0s, .update_time = 0s}, 100);
  run.minutes(30, 70);
  for (int i = 0; i < 10; ++i) {
    run.minutes(1, 100);
    run.minutes(1, 70);
  }
  EXPECT_EQ(run.changed_at, 0);
}

TEST(TableScaling, FifteenMinutesBelowLowerItToWhatTheHighestOfThemNeeds) {
  Follower run({.alarm_delay = 0s, .update_time = 0s}, 100);
  run.minutes(13, 7);
  run.minutes(1, 35);
  EXPECT_EQ(run.capacity, 100);
  run.minutes(1, 7);
  EXPECT_EQ(run.capacity, 50);
  EXPECT_EQ(run.changed_at, 15);
}

TEST(TableScaling, StaysWithinItsBounds) {
  Follower run({.least = 40, .most = 120, .alarm_delay = 0s, .update_time = 0s}, 100);
  run.minutes(2, 1000);
  EXPECT_EQ(run.capacity, 120);
  run.minutes(15, 1);
  EXPECT_EQ(run.capacity, 40);
}

TEST(TableScaling, AScheduleMovesTheBounds) {
  TableScalingConfig config{.least = 10, .update_time = 2min};
  config.schedule = {{.at = 30min, .least = 500, .most = 900}, {.at = 60min, .least = 10, .most = 900}};
  Follower run(config, 10);
  run.minutes(31, 7);
  EXPECT_EQ(run.capacity, 10);
  run.minutes(1, 7);
  EXPECT_EQ(run.capacity, 500);
  run.minutes(27, 7);
  EXPECT_EQ(run.capacity, 500);
  run.minutes(21, 7);
  EXPECT_EQ(run.capacity, 10);
}

TEST(TableScaling, ACooldownHoldsTheNextRiseBack) {
  Follower run({.alarm_delay = 0s, .update_time = 0s, .out_cooldown = 10min}, 100);
  run.minutes(2, 100);
  EXPECT_EQ(run.changed_at, 2);
  run.minutes(9, 400);
  EXPECT_EQ(run.changed_at, 2);
  run.minutes(1, 400);
  EXPECT_EQ(run.changed_at, 12);
}

TEST(TableScaling, DecreasesAreFewADay) {
  Follower run({.alarm_delay = 0s, .update_time = 0s}, 1'000'000);
  std::int64_t load = 600'000;
  while (run.minute < 24 * 60 - 15) {
    load = load * 99 / 100;
    run.minutes(15, load);
  }
  EXPECT_EQ(run.decreases, 27);
}

TEST(DecreaseAllowance, IsNeverMoreThanFourInHandAndNewEachDay) {
  DecreaseAllowance allowance;
  int taken = 0;
  while (allowance.take(at(10h))) ++taken;
  EXPECT_EQ(taken, 4);
  EXPECT_FALSE(allowance.take(at(11h - Duration{1})));
  EXPECT_TRUE(allowance.take(at(11h)));
  EXPECT_FALSE(allowance.take(at(11h)));
  for (taken = 0; allowance.take(at(24h)); ++taken) continue;
  EXPECT_EQ(taken, 4);
}

}  // namespace
}  // namespace spillway
