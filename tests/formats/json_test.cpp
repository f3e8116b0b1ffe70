// Equality of documents: order of keys and the spelling of numbers do not matter, everything else does.
#include "formats/json.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace spillway {
namespace {

bool same_text(const char* a, const char* b) { return same(Json::parse(a), Json::parse(b)); }

TEST(SameJson, TheOrderOfKeysDoesNotMatter) {
  EXPECT_TRUE(same_text(R"({"a":1,"b":{"c":2,"d":[3]}})", R"({"b":{"d":[3],"c":2},"a":1})"));
  EXPECT_FALSE(same_text(R"({"a":1,"b":2})", R"({"a":1,"c":2})"));
  EXPECT_FALSE(same_text(R"({"a":1,"b":2})", R"({"a":1})"));
}

TEST(SameJson, TheOrderOfElementsMatters) { EXPECT_FALSE(same_text("[1,2]", "[2,1]")); }

TEST(SameJson, ANumberIsItsValueHoweverItIsHeld) {
  EXPECT_TRUE(same_text("1", "1.0"));
  EXPECT_TRUE(same_text("[1e2]", "[100]"));
  EXPECT_TRUE(same(Json(1U), Json(1)));
  EXPECT_FALSE(same(Json(std::numeric_limits<std::uint64_t>::max()), Json(-1)));
  EXPECT_FALSE(same_text("9007199254740993", "9007199254740992"));
}

TEST(SameJson, TypesAreNotMixed) {
  EXPECT_FALSE(same_text("1", "\"1\""));
  EXPECT_FALSE(same_text("0", "false"));
  EXPECT_FALSE(same_text("null", "{}"));
  EXPECT_FALSE(same_text("[]", "{}"));
}

TEST(SameJson, DepthDoesNotOverflowTheStack) {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_TRUE(same(Json::parse(deep), Json::parse(deep)));
}

}  // namespace
}  // namespace spillway
