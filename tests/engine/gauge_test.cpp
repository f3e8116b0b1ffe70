// The level by hand, and where floating-point sums would have failed.
#include "engine/gauge.hpp"

#include <gtest/gtest.h>

namespace spillway {
namespace {

Time at(std::int64_t ns) { return kStart + Duration{ns}; }

TEST(Level, WeighsEachValueByHowLongItLasted) {
  Level level;
  level.add(at(10), 4);   // 0 for 10 ns
  level.add(at(30), -3);  // 4 for 20 ns
  EXPECT_EQ(level.value(), 1);
  EXPECT_EQ(level.peak(), 4);
  EXPECT_EQ(level.low(), 0);
  EXPECT_DOUBLE_EQ(level.mean(at(50)), (4 * 20 + 1 * 20) / 50.0);
  EXPECT_DOUBLE_EQ(level.variance(at(50)), (16 * 20 + 1 * 20) / 50.0 - 2.0 * 2.0);
  EXPECT_TRUE(level.area(at(50)) == 100);
}

TEST(Level, AskingChangesNothing) {
  Level level;
  level.add(at(5), 2);
  EXPECT_DOUBLE_EQ(level.mean(at(10)), 1.0);
  EXPECT_DOUBLE_EQ(level.mean(at(20)), 1.5);
  EXPECT_DOUBLE_EQ(level.mean(at(10)), 1.0);
}

TEST(Level, APeakCountsHoweverShortItLasted) {
  Level level;
  level.add(at(7), 100);
  level.add(at(7), -100);
  EXPECT_EQ(level.peak(), 100);
  EXPECT_EQ(level.mean(at(14)), 0.0);
  EXPECT_EQ(level.variance(at(14)), 0.0);
}

TEST(Level, WithoutTimePassedTheMeanIsTheValue) {
  const Level level{at(3), 9};
  EXPECT_EQ(level.mean(at(3)), 9.0);
  EXPECT_EQ(level.variance(at(3)), 0.0);
}

TEST(Level, ResetKeepsTheValueAndForgetsThePast) {
  Level level;
  level.add(at(10), 50);
  level.add(at(20), -40);
  level.reset(at(30));
  EXPECT_EQ(level.value(), 10);
  EXPECT_EQ(level.peak(), 10);
  EXPECT_EQ(level.since(), at(30));
  EXPECT_DOUBLE_EQ(level.mean(at(40)), 10.0);
  EXPECT_DOUBLE_EQ(level.variance(at(40)), 0.0);
}

TEST(Level, AYearOfNanosecondsLosesNothing) {
  const std::int64_t year = 365 * 86'400 * std::int64_t{1'000'000'000};
  Level level{kStart, 1'000'000'000};
  level.add(at(year / 2), 1);
  EXPECT_TRUE(level.area(at(year)) == static_cast<Int128>(1'000'000'000) * year + year / 2);
  // The variance of a level that spends half its time 1 higher is 1/4, though its square sum is 3e34.
  EXPECT_DOUBLE_EQ(level.variance(at(year)), 0.25);
}

TEST(Level, LevelsMayBeNegative) {
  Level level;
  level.set(at(0), -2);
  level.set(at(10), 2);
  EXPECT_DOUBLE_EQ(level.mean(at(20)), 0.0);
  EXPECT_DOUBLE_EQ(level.variance(at(20)), 4.0);
  EXPECT_EQ(level.low(), -2);
  level.set(at(20), -2);
  EXPECT_DOUBLE_EQ(level.variance(at(40)), 4.0 - 1.0);
}

}  // namespace
}  // namespace spillway
