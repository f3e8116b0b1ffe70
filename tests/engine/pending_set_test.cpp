// RadixLadder against SortedSet, which is slow and obviously right: the same operations must give the same
// entries in the same order, word for word, under traffic meant to reach every corner of the ladder.
#include "engine/pending_set.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "engine/sorted_set.hpp"

namespace spillway {
namespace {

constexpr std::uint64_t kLatest = std::numeric_limits<std::int64_t>::max();

/// Small, seeded, the same everywhere.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::uint64_t bits() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15U);
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
  }
  std::uint64_t below(std::uint64_t n) { return bits() % n; }
  bool chance(unsigned percent) { return below(100) < percent; }
  /// Every order of magnitude is equally likely: a number of up to `width` bits.
  std::uint64_t magnitude(unsigned width) { return bits() >> (64 - 1 - below(width)); }

 private:
  std::uint64_t state_;
};

/// How far ahead of the present the next entry is scheduled.
struct Delay {
  std::string name;
  std::function<std::uint64_t(Dice&)> draw;
};

std::vector<Delay> delays() {
  constexpr std::uint64_t kMs = 1'000'000;
  return {
      {"exponential-like",
       [](Dice& d) { return d.below(kMs) * static_cast<unsigned>(1 + std::countr_one(d.bits())); }},
      {"uniform", [](Dice& d) { return d.below(2 * kMs); }},
      {"bimodal", [](Dice& d) { return d.chance(50) ? d.below(10 * kMs) : 600'000 * kMs; }},
      {"ties", [](Dice& d) { return d.below(5) * kMs; }},
      {"constant", [](Dice&) { return kMs; }},
      {"any magnitude", [](Dice& d) { return d.magnitude(40); }},
      {"short or long", [](Dice& d) { return d.chance(90) ? d.below(kMs) : d.below(100'000 * kMs); }},
      {"biased", [](Dice& d) { return kMs + d.below(kMs / 5); }},
      {"zero or one", [](Dice& d) { return d.below(2); }},
      {"zero", [](Dice&) { return 0; }},
      {"crowd in a corner",
       [](Dice& d) { return d.chance(99) ? 5000 * kMs + d.below(300) : d.below(6000 * kMs); }},
      {"few us", [](Dice& d) { return d.below(20'000); }},
      {"last of a digit", [](Dice& d) { return d.below(300) * 64 + (d.chance(50) ? 63 : 0); }},
      {"few ns", [](Dice& d) { return d.below(100); }},
  };
}

/// Both sets side by side. Every operation compares them.
class Pair {
 public:
  void push_after(std::uint64_t delay) { push(now_ + std::min(delay, kLatest - now_)); }
  void push(std::uint64_t time) {
    const PendingEvent entry{time, serial_++};
    ladder_.push(entry);
    sorted_.push(entry);
  }
  void pop() {
    const PendingEvent expected = sorted_.pop();
    const PendingEvent actual = ladder_.pop();
    ok_ = ok_ && actual == expected && ladder_.size() == sorted_.size() && ladder_.empty() == sorted_.empty();
    now_ = expected.time;
  }
  void look() {
    if (sorted_.empty()) return;
    ok_ = ok_ && ladder_.front() == sorted_.front() && ladder_.ahead(0) == &ladder_.front();
  }
  void look_ahead(std::size_t k) {
    const PendingEvent* known = ladder_.ahead(k);
    ok_ = ok_ && (known == nullptr || (k < sorted_.size() && *known == *sorted_.ahead(k)));
  }
  void drain() {
    while (!sorted_.empty() && ok_) pop();
    ok_ = ok_ && ladder_.empty() && ladder_.size() == 0;
  }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] std::uint64_t now() const { return now_; }
  [[nodiscard]] std::size_t size() const { return sorted_.size(); }

 private:
  RadixLadder ladder_;
  SortedSet sorted_;
  std::uint64_t serial_ = 0;
  std::uint64_t now_ = 0;
  bool ok_ = true;
};

/// A load that swells and shrinks, changes its delays now and then, looks ahead, and sometimes looks at the
/// front and then schedules something earlier.
void random_load(Pair& pair, Dice& dice, const std::vector<Delay>& mix, int operations) {
  std::size_t wanted = 1;
  const Delay* delay = &mix.front();
  for (int i = 0; i < operations && pair.ok(); ++i) {
    if (dice.below(300) == 0) wanted = dice.magnitude(12);
    if (dice.below(200) == 0) delay = &mix[dice.below(mix.size())];
    if (dice.below(20) == 0) pair.look();
    if (dice.below(10) == 0) pair.look_ahead(dice.below(8));
    const bool grow = pair.size() < wanted ? dice.chance(80) : dice.chance(20);
    if (grow || pair.size() == 0) {
      pair.push_after(delay->draw(dice));
    } else {
      pair.pop();
    }
  }
  pair.drain();
}

TEST(PendingSet, PopsInTheOrderOfTheSortedSetUnderEveryDelayDistribution) {
  const auto all = delays();
  for (const Delay& delay : all) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      Pair pair;
      Dice dice(seed);
      random_load(pair, dice, {delay}, 20'000);
      ASSERT_TRUE(pair.ok()) << delay.name << ", seed " << seed;
    }
  }
}

TEST(PendingSet, PopsInTheOrderOfTheSortedSetWhenDistributionsChangeOnTheWay) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Pair pair;
    Dice dice(seed);
    random_load(pair, dice, delays(), 40'000);
    ASSERT_TRUE(pair.ok()) << "seed " << seed;
  }
}

TEST(PendingSet, PopsInTheOrderOfTheSortedSetForWhateverRapidcheckInvents) {
  const auto all = delays();
  EXPECT_TRUE(
      rc::check("same order", [&all](const std::vector<std::pair<std::uint8_t, std::uint64_t>>& steps) {
        Pair pair;
        Dice dice(steps.size());
        for (const auto& [what, number] : steps) {
          if (what % 4 == 0) pair.look();
          if (what % 3 != 0) pair.push_after(number >> (what % 64U));
          for (unsigned i = 0; i < what / 4U; ++i) pair.push_after(all[number % all.size()].draw(dice));
          for (unsigned i = 0; i < what / 6U && pair.size() > 0; ++i) pair.pop();
        }
        pair.drain();
        RC_ASSERT(pair.ok());
      }));
}

TEST(PendingSet, KeepsTheOrderOfArrivalAmongAMillionEqualTimes) {
  RadixLadder set;
  constexpr std::uint64_t kCount = 1'000'000;
  for (std::uint64_t i = 0; i < kCount; ++i) set.push({777, i});
  for (std::uint64_t i = 0; i < kCount; ++i) {
    if (i % 3 == 0) set.push({777, kCount + i / 3});  // the crowd still grows while it is served
    ASSERT_EQ(set.pop(), (PendingEvent{777, i}));
  }
  ASSERT_EQ(set.size(), (kCount + 2) / 3);
}

TEST(PendingSet, KeepsTheOrderOfArrivalWhenEqualTimesAreScheduledFromFarAndNear) {
  Pair pair;
  const std::uint64_t meeting = 1'000'000'000;
  Dice dice(4);
  for (int i = 0; i < 3000; ++i) {
    pair.push(meeting);
    pair.push(pair.now() + dice.below(meeting - pair.now()));
    if (i % 2 == 0) pair.pop();
  }
  pair.drain();
  EXPECT_TRUE(pair.ok());
}

TEST(PendingSet, TakesDecreasingTimes) {
  Pair pair;
  for (std::uint64_t i = 0; i < 50'000; ++i) pair.push(10'000'000 - 7 * i);
  pair.drain();
  EXPECT_TRUE(pair.ok());
}

TEST(PendingSet, TakesEarlierEntriesAfterSomeoneLookedAtTheFront) {
  for (const std::uint64_t first : {std::uint64_t{70}, std::uint64_t{100'000}, std::uint64_t{1} << 50U}) {
    Pair pair;
    Dice dice(first);
    for (int i = 0; i < 400; ++i) pair.push(first);  // a crowd: only a part of it enters the run
    for (int i = 0; i < 400; ++i) pair.push(first + dice.below(1000));
    for (int i = 0; i < 2000; ++i) {
      pair.look();
      pair.push(pair.now() + dice.below(first - pair.now() + 1));
      if (dice.below(4) == 0) pair.pop();
    }
    pair.drain();
    EXPECT_TRUE(pair.ok()) << first;
  }
}

TEST(PendingSet, TakesEntriesOnBothSidesOfAFrontThatWasLookedAt) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Pair pair;
    Dice dice(seed);
    const std::uint64_t front = std::uint64_t{1} << (12 + dice.below(30));
    const std::uint64_t width = 400 + dice.below(front / 2);
    const std::uint64_t count = 100 + dice.below(400);
    for (std::uint64_t i = 0; i < count; ++i) pair.push(front + dice.below(width));
    pair.look();
    for (int i = 0; i < 100; ++i) pair.push(front + dice.below(width));  // into the depth of the run
    for (int i = 0; i < 100; ++i) pair.push(dice.below(front));          // and before all of it
    pair.drain();
    ASSERT_TRUE(pair.ok()) << "seed " << seed;
  }
}

TEST(PendingSet, OrdersACrowdWhereverInADigitItBegins) {
  for (std::uint64_t first = 0; first < 130; ++first) {
    Pair pair;
    Dice dice(first);
    pair.push(1'000'000 + first);
    for (int i = 0; i < 1500; ++i) pair.push(1'000'000 + first + dice.below(3000));
    pair.drain();
    ASSERT_TRUE(pair.ok()) << "first " << first;
  }
}

TEST(PendingSet, TakesAFloodInsideTheNextNanosecondsWhileFarTimersWait) {
  Pair pair;
  Dice dice(9);
  for (int i = 0; i < 5000; ++i) pair.push(900'000'000'000 + dice.below(1'000'000));
  pair.push(0);
  for (int i = 0; i < 30'000; ++i) {
    pair.pop();
    for (std::uint64_t n = dice.below(3); n > 0; --n) pair.push(pair.now() + dice.below(600));
    if (pair.size() < 5100) pair.push(pair.now() + 1000);
  }
  pair.drain();
  EXPECT_TRUE(pair.ok());
}

TEST(PendingSet, OrdersTimesUpToTheEndOfTheClock) {
  Pair pair;
  Dice dice(2);
  for (int i = 0; i < 1000; ++i) {
    pair.push(kLatest);
    pair.push(kLatest - dice.below(3));
    pair.push(kLatest - dice.magnitude(62));
    pair.push(dice.magnitude(62));
  }
  for (int i = 0; i < 3900; ++i) pair.pop();
  for (int i = 0; i < 100; ++i) pair.push(kLatest);
  pair.drain();
  EXPECT_TRUE(pair.ok());
  EXPECT_EQ(pair.now(), kLatest);
}

TEST(PendingSet, KnowsAheadOnlyWhatPopsNext) {
  RadixLadder set;
  Dice dice(3);
  EXPECT_EQ(set.ahead(0), nullptr);
  for (std::uint64_t i = 0; i < 5000; ++i) set.push({dice.below(1'000'000), i});
  std::size_t known = 0;
  while (!set.empty()) {
    const PendingEvent front = set.front();
    std::vector<PendingEvent> promised;
    for (std::size_t k = 0; const PendingEvent* entry = set.ahead(k); ++k) promised.push_back(*entry);
    ASSERT_FALSE(promised.empty());
    ASSERT_EQ(promised.front(), front);
    known += promised.size();
    for (const PendingEvent& entry : promised) ASSERT_EQ(set.pop(), entry);
  }
  EXPECT_EQ(known, 5000U);
}

TEST(PendingSet, ReusesItsMemoryHoweverMuchPassesThrough) {
  RadixLadder set;
  Dice dice(6);
  std::uint64_t now = 0;
  const auto fill_and_drain = [&] {
    for (int i = 0; i < 100'000; ++i) set.push({now + dice.below(1'000'000'000), 0});
    const std::size_t full = set.bytes();
    while (!set.empty()) now = set.pop().time;
    return full;
  };
  const std::size_t once = fill_and_drain();
  EXPECT_LT(once, 100'000 * 21U);
  for (int round = 0; round < 20; ++round) fill_and_drain();
  EXPECT_LE(set.bytes(), once + once / 4);
}

TEST(PendingSet, HoldsAMillionEntriesInLessThanEighteenBytesEach) {
  RadixLadder set;
  Dice dice(8);
  for (int i = 0; i < 1'000'000; ++i) set.push({dice.below(10'000'000'000), 0});
  EXPECT_LT(set.bytes(), 1'000'000 * 18U);
  for (int i = 0; i < 3'000'000; ++i) set.push({set.pop().time + dice.below(10'000'000'000), 0});
  EXPECT_LT(set.bytes(), 1'000'000 * 18U);
}

TEST(PendingSet, HoldsFewEntriesInLittleMemory) {
  RadixLadder set;
  std::uint64_t now = 0;
  Dice dice(5);
  for (int i = 0; i < 20; ++i) set.push({0, 0});
  for (int i = 0; i < 200'000; ++i) {
    now = set.pop().time;
    set.push({now + dice.magnitude(30), 0});
  }
  EXPECT_LT(set.bytes(), 96U * 1024U);
}

}  // namespace
}  // namespace spillway
