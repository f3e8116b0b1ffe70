// "Did you mean ...?": the fewest edits, and nothing far-fetched.

#include "model/nearest.hpp"

#include <gtest/gtest.h>

#include <array>

namespace spillway {
namespace {

std::string_view meant(std::string_view word) {
  static constexpr std::array<std::string_view, 5> names{"memory", "timeout", "python3.13", "put", "get"};
  return nearest_name(word, names);
}

TEST(NearestName, IsOneEditAway) {
  EXPECT_EQ(meant("memry"), "memory") << "a letter is missing";
  EXPECT_EQ(meant("memoryy"), "memory") << "a letter is too many";
  EXPECT_EQ(meant("memury"), "memory") << "a letter is another";
  EXPECT_EQ(meant("emmory"), "memory") << "two neighbours are swapped";
}

TEST(NearestName, ComparesLettersWithoutCase) { EXPECT_EQ(meant("Python3.12"), "python3.13"); }

TEST(NearestName, IsTheFirstOfEquals) { EXPECT_EQ(meant("pet"), "put"); }

TEST(NearestName, IsNoneWhereOnlyFarOnesAre) {
  EXPECT_EQ(meant("horizon"), "");
  EXPECT_EQ(meant("xyz"), "");
  EXPECT_EQ(nearest_name("memory", {}), "");
}

}  // namespace
}  // namespace spillway
