// What an environment's cache of idempotency records holds, and what goes when it is full.

#include "model/idempotency_cache.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <list>
#include <map>

namespace spillway {
namespace {

Time at(Duration time) { return kStart + time; }

TEST(IdempotencyCache, HoldsARecordUntilItExpires) {
  IdempotencyCache cache(256);
  cache.store(0, 7, at(10s));
  EXPECT_TRUE(cache.holds(at(10s) - Duration{1}, 0, 7));
  EXPECT_FALSE(cache.holds(at(9s), 0, 8));
  EXPECT_FALSE(cache.holds(at(10s), 0, 7));
  EXPECT_EQ(cache.size(), 0u);
}

TEST(IdempotencyCache, ARecordIsItsEnvironmentsOwn) {
  IdempotencyCache cache(256);
  cache.store(3, 7, at(10s));
  EXPECT_FALSE(cache.holds(at(1s), 2, 7));
  EXPECT_FALSE(cache.holds(at(1s), 4, 7));
  EXPECT_TRUE(cache.holds(at(1s), 3, 7));
}

TEST(IdempotencyCache, The257thRecordTakesThePlaceOfTheLeastRecentlyUsed) {
  IdempotencyCache cache(256);
  for (std::uint64_t key = 0; key < 256; ++key) cache.store(0, key, at(1h));
  EXPECT_TRUE(cache.holds(at(1s), 0, 0));  // used, so key 1 is the oldest now
  cache.store(0, 256, at(1h));
  EXPECT_EQ(cache.size(), 256u);
  EXPECT_FALSE(cache.holds(at(1s), 0, 1));
  EXPECT_TRUE(cache.holds(at(1s), 0, 0));
  EXPECT_TRUE(cache.holds(at(1s), 0, 256));
}

TEST(IdempotencyCache, OfZeroRecordsKeepsNone) {
  IdempotencyCache cache(0);
  cache.store(0, 7, at(10s));
  EXPECT_FALSE(cache.holds(at(1s), 0, 7));
}

TEST(IdempotencyCache, ClearingTakesWhatOneEnvironmentKnewAndNoMore) {
  IdempotencyCache cache(256);
  for (std::uint64_t key = 0; key < 100; ++key) {
    cache.store(0, key, at(1h));
    cache.store(1, key, at(1h));
  }
  cache.clear(0);
  cache.clear(9);  // of which nobody has heard
  EXPECT_EQ(cache.size(), 100u);
  EXPECT_FALSE(cache.holds(at(1s), 0, 5));
  EXPECT_TRUE(cache.holds(at(1s), 1, 5));
}

TEST(IdempotencyCache, DoesWhatAListOfRecordsWould) {
  struct Known {
    std::uint64_t key;
    Time expires;
  };
  constexpr std::size_t kItems = 8;
  IdempotencyCache cache(kItems);
  std::map<std::uint32_t, std::list<Known>> environments;  // least recently used first
  Draws draws = Stream(1, "cache").at(0);
  for (int i = 0; i < 50'000; ++i) {
    const Time now = at(i * 1s);
    const auto environment = static_cast<std::uint32_t>(draws.below(5));
    const std::uint64_t key = draws.below(20);
    std::list<Known>& known = environments[environment];
    const auto found = std::ranges::find(known, key, &Known::key);
    const std::uint64_t what = draws.below(100);
    if (what == 0) {
      cache.clear(environment);
      known.clear();
    } else if (what < 50) {
      const bool lives = found != known.end() && found->expires > now;
      ASSERT_EQ(cache.holds(now, environment, key), lives) << i;
      if (lives) known.splice(known.end(), known, found);
      if (found != known.end() && !lives) known.erase(found);
    } else {
      const Time expires = now + Duration(static_cast<std::int64_t>(draws.below(100)) * 1s);
      cache.store(environment, key, expires);
      if (found != known.end()) known.erase(found);
      if (known.size() == kItems) known.pop_front();
      known.push_back({key, expires});
    }
    std::size_t all = 0;
    for (const auto& [number, records] : environments) all += records.size();
    ASSERT_EQ(cache.size(), all);
  }
}

}  // namespace
}  // namespace spillway
