// Held against a std::map under random insertions, changes and removals of few keys, so that probes collide.
#include "model/key_index.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

namespace spillway {
namespace {

TEST(KeyIndex, FindsNothingWhereNothingIs) {
  KeyIndex index;
  EXPECT_EQ(index.find(7), KeyIndex::kNone);
  index.erase(7);
  EXPECT_EQ(index.size(), 0u);
}

RC_GTEST_PROP(KeyIndex, DoesWhatAMapDoes, ()) {
  KeyIndex index;
  std::map<std::uint64_t, std::uint32_t> map;
  const auto steps = *rc::gen::container<std::vector<std::pair<std::uint64_t, std::uint32_t>>>(
      rc::gen::pair(rc::gen::inRange<std::uint64_t>(0, 60), rc::gen::inRange<std::uint32_t>(0, 5)));
  for (const auto& [key, what] : steps) {
    if (what == 0) {
      index.erase(key);
      map.erase(key);
    } else {
      index.insert(key, what);
      map[key] = what;
    }
    for (std::uint64_t any = 0; any < 60; ++any) {
      const auto known = map.find(any);
      RC_ASSERT(index.find(any) == (known == map.end() ? KeyIndex::kNone : known->second));
    }
    RC_ASSERT(index.size() == map.size());
  }
}

}  // namespace
}  // namespace spillway
