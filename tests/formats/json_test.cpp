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

TEST(MeasureJson, CountsTheBytesOfTheCompactText) {
  for (const char* text : {R"({"a":[1,"x"],"b":{}})",
                           "[]",
                           "{}",
                           "null",
                           "true",
                           "0",
                           "-1",
                           "9",
                           "10",
                           "-9223372036854775808",
                           "18446744073709551615",
                           "1.5",
                           "-0.0",
                           "1e300",
                           R"("")",
                           R"("plain")",
                           R"("quote \" and \\")",
                           R"("line\nend\u0001")",
                           R"("gr\u00fc\u00df")",
                           R"({"k\ney":[[],[{"":0}]]})"}) {
    const Json value = Json::parse(text);
    EXPECT_EQ(measure(value).bytes, value.dump().size()) << text;
  }
  // What is no UTF-8 counts as it is written: with U+FFFD in its place.
  EXPECT_EQ(measure(Json("\xff")).bytes, 2U + 3U);
}

TEST(MeasureJson, CountsTheListsAndObjectsAroundTheDeepestValue) {
  EXPECT_EQ(measure(Json(5)).depth, 0U);
  EXPECT_EQ(measure(Json::parse("[]")).depth, 1U);
  EXPECT_EQ(measure(Json::parse(R"({"a":[1,"x"],"b":{}})")).depth, 2U);
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_EQ(measure(Json::parse(deep)).depth, 100'000U);
}

}  // namespace
}  // namespace spillway
