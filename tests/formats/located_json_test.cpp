// Definitions in JSON and YAML: values, places, placeholders, and what is refused where.
#include "formats/located_json.hpp"

#include <gtest/gtest.h>

namespace spillway {
namespace {

std::string refusal(std::string_view text, TextFormat format = TextFormat::json,
                    const LocatedLimits& limits = {}) {
  const auto read = read_located(text, format, {}, limits);
  if (read) return "read";
  return std::to_string(read.error().at.line) + ":" + std::to_string(read.error().at.column) + " " +
         read.error().message;
}

std::pair<std::uint32_t, std::uint32_t> at(TextPlace place) { return {place.line, place.column}; }

TEST(LocatedJson, values_and_keys_know_their_places) {
  const auto read = read_located("{\n  \"a\": [1, {\"b\\\"\": true}],\n  \"c\": null\n}", TextFormat::json);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->value.dump(), R"({"a":[1,{"b\"":true}],"c":null})");
  EXPECT_EQ(at(read->key_at("/a")), std::pair(2U, 3U));
  EXPECT_EQ(at(read->at("/a/0")), std::pair(2U, 9U));
  EXPECT_EQ(at(read->at("/a/1/b\"")), std::pair(2U, 20U));
  EXPECT_EQ(at(read->at("/c")), std::pair(3U, 8U));
}

TEST(LocatedJson, what_is_not_there_stands_where_its_owner_does) {
  const auto read = read_located("{\n\"a\": {}}", TextFormat::json);
  ASSERT_TRUE(read);
  EXPECT_EQ(at(read->at("/a/missing/deeper")), std::pair(2U, 6U));
}

TEST(LocatedJson, yaml_gives_the_same_value_with_its_own_places) {
  const auto read = read_located("a:\n  - 1\n  - b: yes\nc: ~\nd: '1'\ne: 1.5\nf: 007\n", TextFormat::yaml);
  ASSERT_TRUE(read);
  // YAML 1.2: 'yes' is a text, and so is a number with a leading zero.
  EXPECT_EQ(read->value.dump(), R"({"a":[1,{"b":"yes"}],"c":null,"d":"1","e":1.5,"f":"007"})");
  EXPECT_EQ(at(read->at("/a/1/b")), std::pair(3U, 8U));
  EXPECT_EQ(at(read->key_at("/e")), std::pair(6U, 1U));
}

TEST(LocatedJson, a_placeholder_may_stand_for_a_number_and_moves_no_place) {
  const auto read = read_located("{\"a\": ${Wait}, \"b\": \"x${Name}y\", \"c\": ${Wait}}", TextFormat::json,
                                 {{"Wait", "1234567"}, {"Name", ""}});
  ASSERT_TRUE(read);
  EXPECT_EQ(read->value.dump(), R"({"a":1234567,"b":"xy","c":1234567})");
  EXPECT_EQ(at(read->at("/a")), std::pair(1U, 7U));
  EXPECT_EQ(at(read->key_at("/b")), std::pair(1U, 16U));
  EXPECT_EQ(at(read->at("/c")), std::pair(1U, 39U));
}

TEST(LocatedJson, a_placeholder_without_a_value_stays_text) {
  const auto read = read_located(R"({"a": "${Unknown}"})", TextFormat::json, {{"Other", "1"}});
  ASSERT_TRUE(read);
  EXPECT_EQ(read->value["a"], "${Unknown}");
}

TEST(LocatedJson, what_readers_disagree_about_is_refused_at_its_place) {
  EXPECT_EQ(refusal("{\"a\": 1,\n \"a\": 2}"), "2:2 the key 'a' is given twice");
  EXPECT_EQ(refusal("a: 1\na: 2\n", TextFormat::yaml), "2:1 the key 'a' is given twice");
  EXPECT_EQ(refusal("a: &x 1\nb: *x\n", TextFormat::yaml).substr(0, 4), "2:4 ");
  EXPECT_EQ(refusal("a: !Ref x\n", TextFormat::yaml).substr(0, 4), "1:4 ");
  EXPECT_EQ(refusal("a: 1\n---\nb: 1\n", TextFormat::yaml).find("a second document") != std::string::npos,
            true);
}

TEST(LocatedJson, a_broken_text_names_its_line) {
  EXPECT_EQ(refusal("{\n \"a\": }").substr(0, 2), "2:");
  EXPECT_EQ(refusal("").substr(0, 2), "1:");
  EXPECT_EQ(refusal("a: [1\n", TextFormat::yaml).find("not well-formed YAML") != std::string::npos, true);
}

TEST(LocatedJson, size_depth_and_values_are_limited) {
  EXPECT_NE(refusal(std::string(500, '['), TextFormat::json).find("nested more than 100"), std::string::npos);
  EXPECT_NE(refusal(std::string(150, '[') + std::string(150, ']'), TextFormat::yaml).find("nested"),
            std::string::npos);
  EXPECT_NE(refusal("[1,2,3,4]", TextFormat::json, {100, 10, 4}).find("more than 4 values"),
            std::string::npos);
  EXPECT_NE(refusal("[1,2,3,4]", TextFormat::json, {8, 10, 4}).find("9 bytes"), std::string::npos);
}

}  // namespace
}  // namespace spillway
