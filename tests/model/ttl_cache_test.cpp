// What a cache holds, for how long, and what goes when it is full.

#include "model/ttl_cache.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

namespace spillway {
namespace {

Time at(Duration time) { return kStart + time; }

TEST(TtlCache, HoldsAnEntryForItsTimeToLive) {
  TtlCache cache(10s);
  cache.store(at(1s), 7, 1);
  EXPECT_TRUE(cache.holds(at(10s), 7));
  EXPECT_FALSE(cache.holds(at(10s), 8));
  EXPECT_FALSE(cache.holds(at(11s), 7));
  EXPECT_EQ(cache.size(), 0u);
  EXPECT_EQ(cache.bytes(), 0);
}

TEST(TtlCache, StoringAgainBeginsAnew) {
  TtlCache cache(10s);
  cache.store(at(0s), 7, 5);
  cache.store(at(9s), 7, 3);
  EXPECT_TRUE(cache.holds(at(18s), 7));
  EXPECT_EQ(cache.bytes(), 3);
  EXPECT_FALSE(cache.holds(at(19s), 7));
}

TEST(TtlCache, TheOldestMakesRoomAndWhatIsTooLargeIsNotKept) {
  TtlCache cache(10s, 10);
  cache.store(at(0s), 1, 4);
  cache.store(at(1s), 2, 4);
  cache.store(at(2s), 1, 4);  // now 2 is the oldest
  cache.store(at(3s), 3, 4);
  EXPECT_TRUE(cache.holds(at(3s), 1));
  EXPECT_FALSE(cache.holds(at(3s), 2));
  cache.store(at(4s), 4, 11);
  EXPECT_FALSE(cache.holds(at(4s), 4));
  EXPECT_EQ(cache.size(), 2u);
}

TEST(TtlCache, WithoutATimeToLiveKeepsNothing) {
  TtlCache cache(0s);
  cache.store(at(0s), 1, 1);
  EXPECT_FALSE(cache.holds(at(0s), 1));
}

RC_GTEST_PROP(TtlCache, DoesWhatAMapWithTimesDoes,
              (const std::vector<std::pair<std::uint8_t, std::uint8_t>>& steps)) {
  TtlCache cache(100ns);
  std::map<std::uint64_t, Time> reference;
  Time now = kStart;
  for (const auto& [key, wait] : steps) {
    now += Duration{wait % 60};
    const auto known = reference.find(key % 8);
    const bool expected = known != reference.end() && now - known->second < 100ns;
    RC_ASSERT(cache.holds(now, key % 8) == expected);
    if (key % 3 == 0) {
      cache.store(now, key % 8, 1);
      reference[key % 8] = now;
    }
  }
}

}  // namespace
}  // namespace spillway
