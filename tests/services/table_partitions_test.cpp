// Partitions: each has its own limit, and those that stay too hot are split where the heat is.

#include <gtest/gtest.h>

#include "services/table_capacity.hpp"
#include "spillway/random.hpp"
#include "support/small_world.hpp"

namespace spillway {
namespace {

using testing::at;

constexpr TablePartitions::Limits kLimits{.reads = 60, .writes = 10, .split_after = 10min};

/// Writes units of 1 to these positions in turn, `per_second` of them; counts what was taken.
std::int64_t write(TablePartitions& partitions, Duration from, Duration to, std::int64_t per_second,
                   const std::vector<std::uint64_t>& positions) {
  std::int64_t taken = 0;
  std::size_t next = 0;
  for (Duration now = from; now < to; now += Duration{1s} / per_second)
    taken += partitions.take(at(now), positions[next++ % positions.size()], 1, true);
  return taken;
}

std::vector<std::uint64_t> many_positions(std::size_t count, std::uint64_t top = UINT64_MAX) {
  std::vector<std::uint64_t> positions;
  for (std::uint64_t i = 0; i < count; ++i) positions.push_back(mix_bits(i) % top);
  return positions;
}

TEST(TablePartitions, EachHasALimitOfItsOwnForReadsAndForWrites) {
  TablePartitions partitions(kLimits);
  partitions.spread(2);
  EXPECT_TRUE(partitions.take(at(0s), 0, 10, true));
  EXPECT_FALSE(partitions.take(at(0s), 0, 1, true));
  EXPECT_TRUE(partitions.take(at(0s), 0, 60, false));
  EXPECT_TRUE(partitions.take(at(0s), UINT64_MAX, 10, true));
  partitions.give(0, 4, true);
  EXPECT_TRUE(partitions.take(at(0s), 0, 4, true));
  EXPECT_FALSE(partitions.take(at(0s), 0, 1, true));
}

TEST(TablePartitions, AHotPartitionIsSplitInTwoHalvesOfItsHeat) {
  TablePartitions partitions(kLimits);
  // All keys lie in the first hundredth of the range: halving the range would not help.
  const auto positions = many_positions(997, UINT64_MAX / 100);
  EXPECT_LE(write(partitions, 0s, 10min, 18, positions), 600 * 10 + 10);
  EXPECT_EQ(partitions.count(), 1);
  write(partitions, 10min, 11min, 18, positions);
  EXPECT_EQ(partitions.count(), 2);
  EXPECT_EQ(partitions.heat_splits(), 1);
  EXPECT_GE(write(partitions, 11min, 21min, 18, positions), 600 * 18 * 98 / 100);
}

TEST(TablePartitions, AKeyWithHalfOfTheHeatGetsAPartitionOfItsOwn) {
  TablePartitions partitions(kLimits);
  auto positions = many_positions(8);
  for (int i = 0; i < 8; ++i) positions.push_back(UINT64_MAX / 3);
  write(partitions, 0s, 11min, 16, positions);
  EXPECT_EQ(partitions.count(), 3);
  EXPECT_TRUE(partitions.take(at(20min), UINT64_MAX / 3, 10, true));
  EXPECT_TRUE(partitions.take(at(20min), UINT64_MAX / 3 + 1, 10, true));
  EXPECT_TRUE(partitions.take(at(20min), UINT64_MAX / 3 - 1, 10, true));
}

TEST(TablePartitions, ASingleHotItemStaysAtThePartitionsLimitHoweverOftenItIsSplit) {
  TablePartitions partitions(kLimits);
  write(partitions, 0s, 60min, 40, {12345});
  EXPECT_EQ(partitions.heat_splits(), 1);  // it was isolated once
  EXPECT_EQ(partitions.count(), 3);
  EXPECT_EQ(write(partitions, 60min, 70min, 40, {12345}), 600 * 10);
}

TEST(TablePartitions, TheEndsOfTheRangeCanBeIsolatedToo) {
  for (const std::uint64_t end : {std::uint64_t{0}, UINT64_MAX}) {
    TablePartitions partitions(kLimits);
    write(partitions, 0s, 11min, 40, {end});
    EXPECT_EQ(partitions.count(), 2);
  }
}

TEST(TablePartitions, HeatMustBeSustained) {
  TablePartitions partitions(kLimits);
  for (Duration from{}; from < 1h; from += 8min)
    write(partitions, from, from + 6min, 20, many_positions(100));
  EXPECT_EQ(partitions.count(), 1);
}

TEST(TablePartitions, MayBeKeptFromSplitting) {
  TablePartitions partitions({.reads = 60, .writes = 10});
  write(partitions, 0s, 1h, 20, many_positions(100));
  EXPECT_EQ(partitions.count(), 1);
}

TEST(TablePartitions, AfterASplitMoreCapacityDividesTheWidest) {
  TablePartitions partitions(kLimits);
  partitions.spread(2);
  write(partitions, 0s, 11min, 40, {12345});
  EXPECT_EQ(partitions.count(), 4);
  partitions.spread(3);
  EXPECT_EQ(partitions.count(), 4);  // never merged
  partitions.spread(8);
  EXPECT_EQ(partitions.count(), 8);
  // The halves that were there first have been divided: all their quarters serve at once.
  const std::uint64_t eighth = UINT64_MAX / 8 + 1;
  std::int64_t served = 0;
  for (std::uint64_t i = 0; i < 8; ++i) served += partitions.take(at(1h), i * eighth + eighth / 2, 10, true);
  EXPECT_GE(served, 5);
}

// ---- Table and partitions together

TEST(TableCapacity, SaysWhoseLimitWasReached) {
  using Verdict = TableCapacity::Verdict;
  TableCapacity capacity({.mode = TableCapacityConfig::Mode::provisioned,
                          .capacity = {5, 1500},
                          .burst_seconds = 1,
                          .partitions = 2},
                         0);
  EXPECT_EQ(capacity.take(at(0s), 0, 1000, true), Verdict::granted);
  EXPECT_EQ(capacity.take(at(0s), 0, 1, true), Verdict::partition_exceeded);
  EXPECT_EQ(capacity.take(at(0s), UINT64_MAX, 500, true), Verdict::granted);
  EXPECT_EQ(capacity.take(at(0s), UINT64_MAX, 1, true), Verdict::table_exceeded);
  capacity.give(0, 1000, true);
  EXPECT_EQ(capacity.take(at(0s), 0, 1000, true), Verdict::granted);
}

TEST(TableCapacity, OnDemandItSustainsWhatItWasEverProvisionedWith) {
  TableCapacityConfig config;
  config.highest_provisioned = {10'000, 9'000};
  const TableCapacity capacity(config, 0);
  EXPECT_EQ(capacity.limit(true), 9'000);
  EXPECT_EQ(capacity.limit(false), 2 * 12'000);
  EXPECT_EQ(capacity.partitions(), 9);
}

TEST(TableCapacity, AGrowingTableIsDividedAtTenGigabytesAPartition) {
  TableCapacity capacity({.mode = TableCapacityConfig::Mode::provisioned}, 0);
  capacity.resize((std::int64_t{10} << 30) + 1);
  EXPECT_EQ(capacity.partitions(), 2);
  capacity.resize(0);
  EXPECT_EQ(capacity.partitions(), 2);
}

}  // namespace
}  // namespace spillway
