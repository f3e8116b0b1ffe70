// Held against a list of all that was accepted.
#include "services/deduplication.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

namespace spillway {
namespace {

TEST(Deduplication, KnowsAnIdForFiveMinutesFromItsAcceptance) {
  Deduplication ids(300s);
  EXPECT_TRUE(ids.accept(kStart, 7));
  EXPECT_FALSE(ids.accept(kStart + 200s, 7));
  EXPECT_FALSE(ids.accept(kStart + 299s, 7));
  EXPECT_TRUE(ids.accept(kStart + 300s, 7)) << "a duplicate does not prolong the interval";
}

RC_GTEST_PROP(Deduplication, DoesWhatAListOfAllAcceptedDoes, ()) {
  Deduplication ids(60s);
  std::map<std::uint64_t, Time> accepted;
  Time now = kStart;
  for (const auto& [pause, id] : *rc::gen::container<std::vector<std::pair<int, std::uint64_t>>>(
           rc::gen::pair(rc::gen::inRange(0, 15), rc::gen::inRange<std::uint64_t>(0, 40)))) {
    now += std::chrono::seconds(pause);
    const auto known = accepted.find(id);
    const bool fresh = known == accepted.end() || known->second + 60s <= now;
    RC_ASSERT(ids.accept(now, id) == fresh);
    if (fresh) accepted[id] = now;
  }
}

}  // namespace
}  // namespace spillway
