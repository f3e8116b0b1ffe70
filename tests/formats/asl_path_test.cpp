// JSONPath: what each step selects, when a path gives a list, and what a reference path may write.
#include "formats/asl/path.hpp"

#include <gtest/gtest.h>

namespace spillway::asl {
namespace {

const Json kStore = Json::parse(R"({"store": {"book": [
    {"title": "A", "price": 8, "tags": ["x"]}, {"title": "B", "price": 12, "isbn": "1"},
    {"title": "C", "price": 22.5, "isbn": "2"}], "bicycle": {"price": 20}},
    "vals": [0, 10, 20, 30, 40, 50], "odd-name": 1, "a b": 2})");

/// The result as text, "nothing" where the path leads nowhere, or why it is no path.
std::string found(std::string_view text, const Json& document = kStore) {
  const auto path = Path::parse(text);
  if (!path) return "no path";
  const auto value = path->find(document);
  return value ? value->dump() : "nothing";
}

TEST(AslPath, a_definite_path_gives_the_value_itself) {
  EXPECT_EQ(found("$.store.bicycle.price"), "20");
  EXPECT_EQ(found("$.store.book[0].title"), "\"A\"");
  EXPECT_EQ(found("$['store']['book'][-1]['title']"), "\"C\"");
  EXPECT_EQ(found("$.odd-name"), "1");
  EXPECT_EQ(found("$['a b']"), "2");
  EXPECT_EQ(found("$", Json(5)), "5");
  EXPECT_EQ(found("$.[0].x", Json::parse(R"([{"x":1}])")), "1");
}

TEST(AslPath, a_definite_path_that_leads_nowhere_gives_nothing) {
  EXPECT_EQ(found("$.missing"), "nothing");
  EXPECT_EQ(found("$.vals[6]"), "nothing");
  EXPECT_EQ(found("$.vals[-7]"), "nothing");
  EXPECT_EQ(found("$.vals.x"), "nothing");
  EXPECT_EQ(found("$.missing[*]"), "nothing");  // the part before the wildcard is definite
}

TEST(AslPath, an_indefinite_path_gives_a_list_even_of_one_or_none) {
  EXPECT_EQ(found("$.vals[0,1]"), "[0,10]");
  EXPECT_EQ(found("$.vals[-3:]"), "[30,40,50]");
  EXPECT_EQ(found("$.vals[1:4:2]"), "[10,30]");
  EXPECT_EQ(found("$.vals[:2]"), "[0,10]");
  EXPECT_EQ(found("$.vals[5:100]"), "[50]");
  EXPECT_EQ(found("$.vals[4:2]"), "[]");
  EXPECT_EQ(found("$.store.book[*].isbn"), R"(["1","2"])");
  EXPECT_EQ(found("$.store.bicycle.*"), "[20]");
}

TEST(AslPath, a_deep_scan_finds_in_the_order_of_the_document) {
  EXPECT_EQ(found("$..price"), "[8,12,22.5,20]");
  EXPECT_EQ(found("$..book[0].title"), "[\"A\"]");
  EXPECT_EQ(found("$..nowhere"), "[]");
}

TEST(AslPath, filters_compare_test_presence_and_combine) {
  EXPECT_EQ(found("$.store.book[?(@.price < 10)].title"), "[\"A\"]");
  EXPECT_EQ(found("$.store.book[?(@.isbn)].title"), R"(["B","C"])");
  EXPECT_EQ(found("$.store.book[?(!(@.isbn))].title"), "[\"A\"]");
  EXPECT_EQ(found("$.store.book[?(@.price > 10 && @.title != 'B')].title"), "[\"C\"]");
  EXPECT_EQ(found("$.store.book[?(@.title == 'A' || @.isbn == '2')].price"), "[8,22.5]");
  EXPECT_EQ(found("$.store.book[?(@.price == $.store.book[1].price)].title"), "[\"B\"]");
  EXPECT_EQ(found("$.store.book[?(@.title in ['A', 'C'])].price"), "[8,22.5]");
  EXPECT_EQ(found("$.store.book[?(@.tags contains 'x')].title"), "[\"A\"]");
  EXPECT_EQ(found("$.store.book[?(@.title == B)].price"), "[12]");  // a bare word is a text
  EXPECT_EQ(found("$.vals[?(@ >= 40)]"), "[40,50]");
}

TEST(AslPath, functions_end_a_path) {
  EXPECT_EQ(found("$.vals.length()"), "6");
  EXPECT_EQ(found("$.store.book[*].price.max()"), "22.5");
  EXPECT_EQ(found("$.store.bicycle.keys()"), "[\"price\"]");
  EXPECT_EQ(found("$.odd-name.length()"), "nothing");
}

TEST(AslPath, what_is_no_path_is_said_to_be_none) {
  for (const char* text :
       {"", "x", "$.", "$x.", "$.a..", "$.a[", "$.a[1", "$.a['x]", "$.a[?(@.b]", "$.a[?(1 == )]", "$.a b",
        "$.a[::0]", "$.a.nosuch()", "$.a[?(@.b =~ /x/)]", "$1"}) {
    EXPECT_EQ(found(text), "no path") << text;
  }
}

TEST(AslPath, roots_name_input_context_and_variables) {
  EXPECT_EQ(Path::parse("$.a")->root, Path::Root::input);
  EXPECT_EQ(Path::parse("$$.Map.Item")->root, Path::Root::context);
  EXPECT_EQ(Path::parse("$customer.name")->variable, "customer");
}

TEST(AslPath, nesting_is_limited_and_a_scan_of_scans_ends) {
  std::string filter = "$.a";
  for (int i = 0; i < 100; ++i) filter = "$.a[?(" + filter + ")]";
  EXPECT_EQ(found(filter), "no path");
  EXPECT_EQ(found("$.a[?(" + std::string(1000, '(') + "@.b" + std::string(1000, ')') + ")]"), "no path");
  Json deep = 1;
  for (int i = 0; i < 60; ++i) deep = Json::array({deep, deep.is_array() ? Json(1) : deep});
  EXPECT_EQ(found("$..*..*..*..*..*", deep), "nothing");  // more than may be touched
}

TEST(AslPath, a_reference_path_puts_a_value_and_makes_objects_on_the_way) {
  const auto put_at = [](const char* text, const char* document) {
    const auto result = put(Json::parse(document), *Path::parse(text), Json(7));
    return result ? result->dump() : "cannot";
  };
  EXPECT_EQ(put_at("$", R"({"a":1})"), "7");
  EXPECT_EQ(put_at("$.a.b", R"({"c":1})"), R"({"c":1,"a":{"b":7}})");
  EXPECT_EQ(put_at("$.a[1]", R"({"a":[1,2]})"), R"({"a":[1,7]})");
  EXPECT_EQ(put_at("$.a[2]", R"({"a":[1,2]})"), "cannot");
  EXPECT_EQ(put_at("$.a", "\"foo\""), "cannot");
  EXPECT_EQ(put_at("$.a.b", R"({"a":5})"), "cannot");
  EXPECT_TRUE(Path::parse("$.a['b'][3]")->is_reference());
  for (const char* text : {"$.a[*]", "$..a", "$.a[0,1]", "$.a[-1]", "$.a.length()", "$.a[?(@.b)]"}) {
    EXPECT_FALSE(Path::parse(text)->is_reference()) << text;
  }
}

}  // namespace
}  // namespace spillway::asl
