// The language, case by case: expressions of our own over one small document. Their results were agreed with
// the reference implementation (jsonata for JavaScript, 2.2.2), which gave the same for each.
#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "formats/jsonata_support.hpp"

namespace spillway::jsonata {
namespace {

TEST(JsonataCases, EveryExpressionGivesWhatTheReferenceGives) {
  std::ifstream file(SPILLWAY_SOURCE_DIR "/tests/formats/jsonata/cases.json");
  const Json data = Json::parse(file);
  std::size_t count = 0;
  for (const Json& one : data["cases"]) {
    const std::string text = one["expr"];
    const auto expression = Expression::parse(text, Dialect::reference);
    const auto result = expression ? expression->evaluate(data["input"]) : tl::unexpected(expression.error());
    ++count;
    if (one.contains("code")) {
      EXPECT_EQ(result ? "no error" : result.error().code, one["code"].get<std::string>()) << text;
      continue;
    }
    ASSERT_TRUE(result) << text << ": " << result.error().message;
    const Json none = "(undefined)";
    const Json& wanted = one.contains("result") ? one["result"] : none;
    EXPECT_TRUE(same(result->value_or(none), wanted))
        << text << "\n  gives " << result->value_or(none).dump() << "\n  not   " << wanted.dump();
  }
  EXPECT_GE(count, 780U);
}

TEST(Jsonata, AnExpressionIsParsedOnceAndEvaluatedManyTimes) {
  const auto expression = Expression::parse("$sum(items.price) > 10");
  ASSERT_TRUE(expression);
  EXPECT_EQ(expression->evaluate(Json::parse(R"({"items":[{"price":4},{"price":7}]})")).value(), true);
  EXPECT_EQ(expression->evaluate(Json::parse(R"({"items":[{"price":4}]})")).value(), false);
}

TEST(Jsonata, ThreadsMayShareAnExpression) {
  const auto expression = Expression::parse("$replace(text, /(\\d)(\\d)/, \"$2$1\")");
  const auto swaps = [&](const char* text, const char* wanted, int& right) {
    const Json input = {{"text", text}};
    for (int i = 0; i < 2000; ++i) right += expression->evaluate(input).value() == wanted ? 1 : 0;
  };
  int first = 0;
  int second = 0;
  std::thread other([&] { swaps("12-34", "21-43", first); });
  swaps("a56b7890", "a65b8709", second);
  other.join();
  EXPECT_EQ(first, 2000);
  EXPECT_EQ(second, 2000);
}

TEST(Jsonata, VariablesAreSeenByNameAndTheLastBoundWins) {
  const auto expression = Expression::parse("$states.input.n + $x");
  const Json states = Json::parse(R"({"input":{"n":1}})");
  const Json one = 10;
  const Json two = 20;
  Bindings variables;
  variables.bind("states", states);
  variables.bind("x", one);
  variables.bind("x", two);
  EXPECT_EQ(expression->evaluate(nullptr, variables).value(), 21);
}

TEST(Jsonata, TheKeysOfAResultStandInTheirOrderAndArrayIndexesFirst) {
  EXPECT_EQ(outcome(R"({"b":1,"a":2})"), R"({"b":1,"a":2})");
  EXPECT_EQ(outcome(R"({"b":1,"10":2,"2":3})"), R"({"2":3,"10":2,"b":1})");
}

TEST(Jsonata, WholeNumbersComeOutAsIntegers) {
  EXPECT_EQ(outcome("[1.0, 2/1, 0.5, -0]"), "[1,2,0.5,0]");
  EXPECT_EQ(outcome("$", Json::parse("[1.0]")), "[1]");
}

TEST(Jsonata, AFunctionIsNoResult) {
  EXPECT_EQ(outcome("$sum"), "undefined");
  EXPECT_EQ(outcome("[$sum]"), R"([""])");
}

TEST(Jsonata, AnInfiniteResultIsAnError) { EXPECT_EQ(outcome("1/0"), "error D1001"); }

TEST(Jsonata, ADiscardedInputIsNoInput) {
  EXPECT_EQ(outcome("$exists($)", Json(Json::value_t::discarded)), "false");
  EXPECT_EQ(outcome("$exists($)", nullptr), "true");
}

TEST(Jsonata, HalfOfASurrogatePairDoesNotLeaveTheEvaluation) {
  EXPECT_EQ(outcome(R"("\ud83d")"), "\"\uFFFD\"");
  EXPECT_EQ(outcome(R"("\ud83d\ude00")"), "\"\U0001F600\"");
  EXPECT_EQ(outcome(R"($encodeUrl("\ud800"))"), "error D3140");
  EXPECT_EQ(outcome(R"($join($split("\ud83d\ude00", ""), "")  = "\ud83d\ude00" or true)"), "true");
}

TEST(Jsonata, AnErrorSaysWhere) {
  const auto missing = Expression::parse("1 + (2");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, "S0203");
  EXPECT_EQ(missing.error().position, 6U);
  const auto failed = Expression::parse("{\"a\": 1 + \"x\"}")->evaluate(nullptr);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().position, 8U);
  EXPECT_EQ(failed.error().message, "The right side of the \"+\" operator must evaluate to a number");
}

TEST(Jsonata, NumbersArePrintedAsJavaScriptPrintsThem) {
  EXPECT_EQ(number_text(1e21), "1e+21");
  EXPECT_EQ(number_text(123456789012345680000.0), "123456789012345680000");
  EXPECT_EQ(number_text(1e-6), "0.000001");
  EXPECT_EQ(number_text(1e-7), "1e-7");
  EXPECT_EQ(number_text(-1.5e-10), "-1.5e-10");
  EXPECT_EQ(number_text(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(number_text(-0.0), "0");
}

}  // namespace
}  // namespace spillway::jsonata
