// Deadlines against a plain list: the same order, whatever leaves and from where, in memory that follows what
// waits.

#include "model/deadlines.hpp"

#include <gtest/gtest.h>

#include <list>

#include "spillway/random.hpp"

namespace spillway {
namespace {

enum class Id : std::uint32_t {};

TEST(Deadlines, KeepTheOrderOfThoseThatStillWait) {
  Deadlines<Id> deadlines;
  DeadlinePlaces places;
  std::list<Id> plain;
  std::vector<Id> gone;  // as a pool, whose ids are used again
  std::uint32_t next = 0;
  Draws draws = Stream{3, "deadlines"}.at(0);
  for (int step = 0; step < 20'000; ++step) {
    // It fills for a while, and empties for a while.
    if (draws.chance(step / 2500 % 2 == 0 ? 0.6 : 0.4)) {
      Id id{next};
      if (gone.empty()) {
        ++next;
      } else {
        id = gone.back();
        gone.pop_back();
      }
      deadlines.push(id, places);
      plain.push_back(id);
    } else if (!plain.empty()) {
      const auto leaves = std::next(plain.begin(), static_cast<std::ptrdiff_t>(draws.below(plain.size())));
      deadlines.remove(*leaves, places);
      gone.push_back(*leaves);
      plain.erase(leaves);
    }
    ASSERT_EQ(deadlines.empty(), plain.empty());
    if (!plain.empty()) {
      ASSERT_EQ(deadlines.front(), plain.front());
    }
  }
  for (; !plain.empty(); plain.pop_front()) {
    ASSERT_EQ(deadlines.front(), plain.front());
    deadlines.remove(plain.front(), places);
  }
  EXPECT_TRUE(deadlines.empty());
}

TEST(Deadlines, HoldWhatWaitsAndNotWhatHasPassed) {
  Deadlines<Id> deadlines;
  DeadlinePlaces places;
  deadlines.push(Id{100}, places);  // the oldest stays, so that no hole is ever at the front
  for (std::uint32_t n = 0; n < 100'000; ++n) {
    deadlines.push(Id{n % 50}, places);
    if (n >= 30) deadlines.remove(Id{(n - 30) % 50}, places);
  }
  EXPECT_EQ(deadlines.front(), Id{100});
  EXPECT_LE(deadlines.bytes(), 60 * sizeof(Id));
}

TEST(Deadlines, ReplaceOneByAnotherAtItsPlace) {
  Deadlines<Id> deadlines;
  DeadlinePlaces places;
  for (std::uint32_t n = 0; n < 3; ++n) deadlines.push(Id{n}, places);
  deadlines.replace(Id{1}, Id{500}, places);
  deadlines.remove(Id{0}, places);
  EXPECT_EQ(deadlines.front(), Id{500});
  deadlines.remove(Id{500}, places);
  EXPECT_EQ(deadlines.front(), Id{2});
}

TEST(Deadlines, SeveralMayShareTheirPlaces) {
  Deadlines<Id> quick;
  Deadlines<Id> slow;
  DeadlinePlaces places;
  for (std::uint32_t n = 0; n < 100; ++n) (n % 3 == 0 ? quick : slow).push(Id{n}, places);
  for (std::uint32_t n = 0; n < 90; ++n) (n % 3 == 0 ? quick : slow).remove(Id{n}, places);
  EXPECT_EQ(quick.front(), Id{90});
  EXPECT_EQ(slow.front(), Id{91});
}

}  // namespace
}  // namespace spillway
