// The sketch against sorted values: its bound holds for every quantile of very different data, and merging
// loses nothing.
#include "engine/sketch.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "spillway/random.hpp"

namespace spillway {
namespace {

/// Values over all magnitudes from 0 to 2^62, with a set of favourites that collide.
std::vector<std::int64_t> wild_values(std::uint64_t seed, std::size_t n) {
  Draws draws{seed};
  std::vector<std::int64_t> values;
  for (std::size_t i = 0; i < n; ++i) {
    const auto shift = draws.below(63);
    values.push_back(static_cast<std::int64_t>(draws.bits() >> 1 >> shift));
  }
  return values;
}

Sketch sketch_of(const std::vector<std::int64_t>& values) {
  Sketch sketch;
  for (const std::int64_t value : values) sketch.add(value);
  return sketch;
}

/// The nearest-rank quantile.
std::int64_t exact_quantile(std::vector<std::int64_t> values, std::size_t percent) {
  std::sort(values.begin(), values.end());
  const std::size_t rank = (percent * values.size() + 99) / 100;
  return values[std::max<std::size_t>(rank, 1) - 1];
}

TEST(Sketch, AnswersZeroWhileEmpty) {
  const Sketch sketch;
  EXPECT_EQ(sketch.count(), 0U);
  EXPECT_EQ(sketch.min(), 0);
  EXPECT_EQ(sketch.max(), 0);
  EXPECT_EQ(sketch.mean(), 0.0);
  EXPECT_EQ(sketch.quantile(0.5), 0);
  EXPECT_EQ(sketch.bytes(), 0U);
  EXPECT_EQ(sketch.count_at_most(10), 0.0);
}

TEST(Sketch, QuantilesStayWithinTheStatedErrorOnAnyData) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const auto values = wild_values(seed, 200 + 100 * seed);
    const Sketch sketch = sketch_of(values);
    for (std::size_t percent = 0; percent <= 100; ++percent) {
      const std::int64_t exact = exact_quantile(values, percent);
      const auto off = static_cast<double>(sketch.quantile(static_cast<double>(percent) / 100) - exact);
      EXPECT_LE(std::fabs(off), Sketch::relative_error() * static_cast<double>(exact))
          << percent << " of " << exact;
    }
  }
}

TEST(Sketch, SmallValuesAndExtremesAreExact) {
  Sketch sketch;
  for (std::int64_t value = 0; value < 256; ++value) sketch.add(value);
  for (int percent = 1; percent <= 100; ++percent) {
    EXPECT_EQ(sketch.quantile(percent / 100.0), (percent * 256 + 99) / 100 - 1);
  }
  const std::int64_t greatest = std::numeric_limits<std::int64_t>::max();
  sketch.add(greatest);
  EXPECT_EQ(sketch.max(), greatest);
  EXPECT_EQ(sketch.quantile(1), greatest);
  EXPECT_EQ(sketch.quantile(0), 0);
  Sketch one;
  one.add(1'234'567'891);
  for (const double q : {0.0, 0.001, 0.5, 0.999, 1.0}) EXPECT_EQ(one.quantile(q), 1'234'567'891);
}

TEST(Sketch, ARankThatIsWholeButForRoundingIsNotRoundedUp) {
  Sketch sketch;
  for (std::int64_t value = 1; value <= 100; ++value) sketch.add(value);
  EXPECT_GT(0.07 * 100, 7.0);  // the trap
  EXPECT_EQ(sketch.quantile(0.07), 7);
  EXPECT_EQ(sketch.quantile(0.0701), 8);
}

TEST(Sketch, CountAndMeanAreExactBeyondSixtyFourBits) {
  Sketch sketch;
  const std::int64_t huge = std::numeric_limits<std::int64_t>::max() - 1;
  sketch.add(huge, 1'000'000);
  sketch.add(0, 1'000'000);
  EXPECT_EQ(sketch.count(), 2'000'000U);
  EXPECT_TRUE(sketch.sum() == static_cast<Int128>(huge) * 1'000'000);
  EXPECT_DOUBLE_EQ(sketch.mean(), static_cast<double>(huge) / 2);
  sketch.add(5, 0);
  EXPECT_EQ(sketch.count(), 2'000'000U);
}

RC_GTEST_PROP(Sketch, MergingEqualsAddingAllInAnyOrder, (std::uint64_t seed)) {
  const auto values = wild_values(seed, static_cast<std::size_t>(*rc::gen::inRange(0, 300)));
  Sketch parts[3];
  for (std::size_t i = 0; i < values.size(); ++i) parts[Draws{seed + i}.below(3)].add(values[i]);
  Sketch merged = parts[2];
  merged.merge(parts[0]);
  merged.merge(parts[1]);
  auto reversed = values;
  std::reverse(reversed.begin(), reversed.end());
  const Sketch all = sketch_of(reversed);
  RC_ASSERT(merged == all);
  RC_ASSERT(merged.bytes() <= 2 * 58U * 1024U);
  for (const double q : {0.01, 0.5, 0.99}) RC_ASSERT(merged.quantile(q) == all.quantile(q));
}

TEST(Sketch, ASketchMayBeMergedIntoItself) {
  Sketch sketch = sketch_of(wild_values(1, 50));
  const auto sum = sketch.sum();
  sketch.merge(sketch);
  EXPECT_EQ(sketch.count(), 100U);
  EXPECT_TRUE(sketch.sum() == 2 * sum);
}

TEST(Sketch, MemoryFollowsTheRangeOfTheValuesNotTheirNumber) {
  Sketch sketch;
  for (std::int64_t i = 0; i < 100'000; ++i) sketch.add(1'000'000 + i);
  EXPECT_LE(sketch.bytes(), 2048U);
  sketch.add(4'000'000'000);
  EXPECT_LE(sketch.bytes(), 32U * 1024U);
}

TEST(Sketch, ClearForgetsValuesAndEqualsAFreshOne) {
  Sketch sketch = sketch_of(wild_values(2, 500));
  EXPECT_FALSE(sketch == Sketch{});
  sketch.clear();
  EXPECT_TRUE(sketch == Sketch{});
  EXPECT_EQ(sketch.quantile(0.5), 0);
  sketch.add(77);
  Sketch fresh;
  fresh.add(77);
  EXPECT_TRUE(sketch == fresh);
  EXPECT_EQ(sketch.min(), 77);
}

TEST(Sketch, BucketsTileTheNumbersAndHoldEveryValueOnce) {
  const auto values = wild_values(3, 5000);
  std::int64_t before = -1;
  std::uint64_t counted = 0;
  sketch_of(values).visit([&](std::int64_t lower, std::int64_t upper, std::uint64_t count) {
    EXPECT_GT(lower, before);
    EXPECT_LE(static_cast<double>(upper - lower) / 2, Sketch::relative_error() * static_cast<double>(lower));
    const auto inside =
        std::count_if(values.begin(), values.end(), [&](auto v) { return v >= lower && v <= upper; });
    EXPECT_EQ(static_cast<std::uint64_t>(inside), count);
    before = upper;
    counted += count;
  });
  EXPECT_EQ(counted, values.size());
}

TEST(Sketch, CountsAtMostALimitExactlyForSmallLimitsAndSharesABucketElsewhere) {
  Sketch sketch;
  for (std::int64_t value = 1; value <= 1024; ++value) sketch.add(value);
  EXPECT_EQ(sketch.count_at_most(0), 0.0);
  EXPECT_EQ(sketch.count_at_most(100), 100.0);
  EXPECT_EQ(sketch.count_at_most(1024), 1024.0);
  EXPECT_EQ(sketch.count_at_most(1 << 30), 1024.0);
  for (std::int64_t limit = 1; limit <= 1024; ++limit) {
    EXPECT_NEAR(sketch.count_at_most(limit), static_cast<double>(limit),
                1e-9);  // evenly spread within a bucket
  }
}

}  // namespace
}  // namespace spillway
