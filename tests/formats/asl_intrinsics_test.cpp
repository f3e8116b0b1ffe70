// The intrinsic functions: what each gives, refuses at reading, and refuses when it runs.
#include "formats/asl/intrinsics.hpp"

#include <gtest/gtest.h>

namespace spillway::asl {
namespace {

/// The result as text; "refused" when it is no call; the name of the error when it fails.
std::string value(const char* text, const char* input = "{}") {
  const auto call = parse_intrinsic(text);
  if (!call) return "refused";
  const Json document = Json::parse(input);
  const std::function<std::uint64_t()> bits = [] { return 0x0123456789ABCDEFU; };
  Scope scope;
  scope.input = &document;
  scope.random_bits = &bits;
  try {
    return evaluate(*call, scope).dump();
  } catch (const Failed& failed) {
    return failed.failure.error.value_or("");
  }
}

constexpr const char* kFailed = "States.IntrinsicFailure";

TEST(AslIntrinsics, format_takes_an_argument_for_each_pair_of_braces) {
  EXPECT_EQ(value("States.Format('Hello {}, {}!', $.name, 2020)", R"({"name": "Foo"})"),
            "\"Hello Foo, 2020!\"");
  EXPECT_EQ(value(R"(States.Format('\{\} it\'s {}', null))"), "\"{} it's null\"");
  EXPECT_EQ(value("States.Format($.t, 1.5)", R"({"t": "<{}>"})"), "\"<1.5>\"");
  EXPECT_EQ(value("States.Format('{} {}', 1)"), kFailed);
  EXPECT_EQ(value("States.Format('{}', 1, 2)"), kFailed);
  EXPECT_EQ(value("States.Format('{}', $)"), kFailed);
}

TEST(AslIntrinsics, json_and_text_change_into_each_other) {
  EXPECT_EQ(value("States.StringToJson('{\"a\": [1, 2.0]}')"), R"({"a":[1,2.0]})");
  EXPECT_EQ(value("States.StringToJson('{')"), kFailed);
  EXPECT_EQ(value("States.JsonToString($)", R"({"b": 1, "a": [true]})"), R"("{\"b\":1,\"a\":[true]}")");
}

TEST(AslIntrinsics, a_text_that_nests_beyond_any_use_is_refused_without_a_crash) {
  const std::string deep = "{\"t\": \"" + std::string(100'000, '[') + std::string(100'000, ']') + "\"}";
  EXPECT_EQ(value("States.StringToJson($.t)", deep.c_str()), kFailed);
}

TEST(AslIntrinsics, arrays_are_made_cut_searched_and_measured) {
  EXPECT_EQ(value("States.Array()"), "[]");
  EXPECT_EQ(value("States.Array('a', 1, $.x)", R"({"x": null})"), R"(["a",1,null])");
  EXPECT_EQ(value("States.ArrayPartition($, 2)", "[1,2,3]"), "[[1,2],[3]]");
  EXPECT_EQ(value("States.ArrayPartition($, 0)", "[1]"), kFailed);
  EXPECT_EQ(value("States.ArrayContains($, 2)", "[1,2.0]"), "true");
  EXPECT_EQ(value("States.ArrayContains($, 'x')", "[1]"), "false");
  EXPECT_EQ(value("States.ArrayRange(1, 9, 2)"), "[1,3,5,7,9]");
  EXPECT_EQ(value("States.ArrayRange(3, 1, -1)"), "[3,2,1]");
  EXPECT_EQ(value("States.ArrayRange(1, 9, 0)"), kFailed);
  EXPECT_EQ(value("States.ArrayRange(0, 9000000000000, 1)"), kFailed);
  EXPECT_EQ(value("States.ArrayGetItem($, 1)", "[1,2]"), "2");
  EXPECT_EQ(value("States.ArrayGetItem($, 2)", "[1,2]"), kFailed);
  EXPECT_EQ(value("States.ArrayLength($)", "[1,2]"), "2");
  EXPECT_EQ(value("States.ArrayLength($)", "5"), kFailed);
  EXPECT_EQ(value("States.ArrayUnique($)", R"([1,2,1.0,"1",{"a":1,"b":2},{"b":2,"a":1}])"),
            R"([1,2,"1",{"a":1,"b":2}])");
}

TEST(AslIntrinsics, base64_goes_there_and_back) {
  EXPECT_EQ(value("States.Base64Encode('Data to encode')"), "\"RGF0YSB0byBlbmNvZGU=\"");
  EXPECT_EQ(value("States.Base64Decode(States.Base64Encode('ab'))"), "\"ab\"");
  EXPECT_EQ(value("States.Base64Decode('?')"), kFailed);
  EXPECT_EQ(value("States.Base64Decode('/w==')"), "\"\xEF\xBF\xBD\"");  // what is not UTF-8 is replaced
}

TEST(AslIntrinsics, numbers_are_rounded_halves_up_before_they_are_added) {
  EXPECT_EQ(value("States.MathAdd(1.49, 1.5)"), "3");
  EXPECT_EQ(value("States.MathAdd(-1.5, -1.51)"), "-3");
  EXPECT_EQ(value("States.MathAdd($.a, 1)", R"({"a": "1"})"), kFailed);
}

TEST(AslIntrinsics, random_numbers_come_from_the_caller_or_from_a_seed) {
  EXPECT_EQ(value("States.MathRandom(5, 6)"), "5");
  EXPECT_EQ(value("States.MathRandom(1, 1000, 42)"), value("States.MathRandom(1, 1000, 42)"));
  EXPECT_NE(value("States.MathRandom(1, 1000000, 42)"), value("States.MathRandom(1, 1000000, 43)"));
  EXPECT_EQ(value("States.MathRandom(6, 5)"), kFailed);
  EXPECT_EQ(value("States.UUID()"), "\"01234567-89ab-4def-8123-456789abcdef\"");
}

TEST(AslIntrinsics, texts_are_split_at_any_of_the_delimiters) {
  EXPECT_EQ(value("States.StringSplit('This.is+a,test=string', '.+,=')"),
            R"(["This","is","a","test","string"])");
  EXPECT_EQ(value("States.StringSplit(' , ', ',')"), R"([" "," "])");
  EXPECT_EQ(value("States.StringSplit('a,,b', ',')"), R"(["a","b"])");
}

TEST(AslIntrinsics, objects_are_merged_one_level_deep) {
  EXPECT_EQ(
      value("States.JsonMerge($.a, $.b, false)", R"({"a": {"x": {"y": 1}, "z": 2}, "b": {"x": {"w": 3}}})"),
      R"({"x":{"w":3},"z":2})");
  EXPECT_EQ(value("States.JsonMerge($, $, true)"), kFailed);
  EXPECT_EQ(value("States.JsonMerge($, $.a, false)", R"({"a": 1})"), kFailed);
}

TEST(AslIntrinsics, a_digest_needs_a_known_algorithm) {
  EXPECT_EQ(value("States.Hash('input data', 'SHA-1')"), "\"aaff4a450a104cd177d28d18d74485e8cae074b7\"");
  EXPECT_EQ(value("States.Hash('input data', 'SHA1')"), kFailed);
}

TEST(AslIntrinsics, calls_that_are_wrong_in_themselves_are_refused_when_read) {
  for (const char* text :
       {"States.Nothing()", "States.UUID(1)", "States.MathAdd(1)", "States.MathAdd(1,'-1')",
        "States.Format()", "States.Format('x", "States.Format('x')y", R"(States.Format('\"'))",
        "States.Array(1 2)", "States.Array(x)", "States.Array", "States.ArrayLength('x')",
        "States.Array($.)"}) {
    EXPECT_EQ(value(text), "refused") << text;
  }
  std::string nested = "1";
  for (int i = 0; i < 1000; ++i) nested = "States.Array(" + nested + ")";
  EXPECT_EQ(value(nested.c_str()), "refused");
}

}  // namespace
}  // namespace spillway::asl
