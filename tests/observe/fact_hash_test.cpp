// One number that changes with anything that happened.

#include "observe/fact_hash.hpp"

#include <set>

#include <gtest/gtest.h>

#include "small_run.hpp"

namespace spillway {
namespace {

constexpr Fact kFact{.at = kStart + 5s,
                     .value = 70,
                     .extra = 3,
                     .subject = 11,
                     .service = 2,
                     .kind = FactKind::answered,
                     .detail = 1};

std::uint64_t hash_of(std::initializer_list<Fact> facts) {
  FactHash hash;
  for (const Fact& fact : facts) hash.observe(fact);
  return hash.value();
}

TEST(FactHash, EveryFieldOfAFactCounts) {
  std::set<std::uint64_t> hashes{hash_of({kFact})};
  for (int field = 0; field < 7; ++field) {
    for (const int by : {1, 2, 64}) {
      Fact other = kFact;
      if (field == 0) other.at += Duration{by};
      if (field == 1) other.value += by;
      if (field == 2) other.extra += by;
      if (field == 3) other.subject += static_cast<std::uint32_t>(by);
      if (field == 4) other.service = static_cast<std::uint16_t>(other.service + by);
      if (field == 5) other.kind = static_cast<FactKind>(static_cast<int>(other.kind) + by);
      if (field == 6) other.detail = static_cast<std::uint8_t>(other.detail + by);
      hashes.insert(hash_of({other}));
    }
  }
  EXPECT_EQ(hashes.size(), 1u + 7 * 3);
}

TEST(FactHash, OrderAndNumberCount) {
  Fact other = kFact;
  ++other.value;
  const std::set<std::uint64_t> hashes{hash_of({}),
                                       hash_of({kFact, other}),
                                       hash_of({other, kFact}),
                                       hash_of({kFact, kFact}),
                                       hash_of({kFact, kFact, kFact}),
                                       hash_of({Fact{}}),
                                       hash_of({Fact{}, Fact{}})};
  EXPECT_EQ(hashes.size(), 7u);
}

TEST(FactHash, ManyShortHistoriesDoNotCollide) {
  std::set<std::uint64_t> hashes;
  for (std::int64_t a = 0; a < 300; ++a) {
    for (std::int64_t b = 0; b < 300; ++b) {
      Fact first = kFact;
      Fact second = kFact;
      first.value = a;
      second.at = kStart + Duration{b << 20};
      hashes.insert(hash_of({first, second}));
    }
  }
  EXPECT_EQ(hashes.size(), 300u * 300);
}

TEST(FactHash, IsTheSameOnEveryMachine) { EXPECT_EQ(hash_of({kFact, Fact{}, kFact}), 0xafef5bdc68347c7du); }

TEST(FactHash, OfARunDependsOnWhatHappenedAlone) {
  testing::SmallRun once;
  testing::SmallRun twice;
  testing::SmallRun other;
  other.callee.script[7].takes += 1ns;
  const std::uint64_t hash = once.run().fact_hash;
  EXPECT_EQ(twice.run().fact_hash, hash);
  EXPECT_NE(other.run().fact_hash, hash);
}

}  // namespace
}  // namespace spillway
