// What Step Functions adds to JSONata and takes away from it. The values of $partition, $range and $parse
// were recorded on AWS (2024-11-15).
#include <gtest/gtest.h>

#include "formats/jsonata_support.hpp"

namespace spillway::jsonata {
namespace {

std::string step(const std::string& text, const Json& input = nullptr) {
  return outcome(text, input, Dialect::step_functions);
}

tl::expected<std::optional<Json>, Error> with_bits(const char* text, std::uint64_t bits) {
  Environment environment;
  environment.random_bits = [bits] { return bits; };
  return Expression::parse(text)->evaluate(nullptr, {}, environment);
}

TEST(JsonataOfStepFunctions, PartitionCutsAnArrayIntoChunks) {
  EXPECT_EQ(step("$partition([0,1,2], 2)"), "[[0,1],[2]]");
  EXPECT_EQ(step("$partition([0], 4)"), "[[0]]");
  EXPECT_EQ(step("$partition([0,1], 1)"), "[[0],[1]]");
  EXPECT_EQ(step("$partition([0,1], 0)"), "error D3201");
  EXPECT_EQ(step("$partition([0,1], 1.5)"), "error D3201");
}

TEST(JsonataOfStepFunctions, RangeCountsByADelta) {
  EXPECT_EQ(step("$range(0, 10, 3)"), "[0,3,6,9]");
  EXPECT_EQ(step("$range(1, 9, 2)"), "[1,3,5,7,9]");
  EXPECT_EQ(step("$range(5, 1, -2)"), "[5,3,1]");
  EXPECT_EQ(step("$range(1, 5, -1)"), "[]");
  EXPECT_EQ(step("$range(1, 5, 0)"), "error D3203");
}

TEST(JsonataOfStepFunctions, HashIsOfTheNamedAlgorithm) {
  EXPECT_EQ(step("$hash('abc', 'MD5')"), "\"900150983cd24fb0d6963f7d28e17f72\"");
  EXPECT_EQ(step("$hash('abc', 'SHA-1')"), "\"a9993e364706816aba3e25717850c26c9cd0d89d\"");
  EXPECT_EQ(step("$length($hash('abc', 'SHA-512'))"), "128");
  EXPECT_EQ(step("$hash('abc', 'CRC32')"), "error D3204");
}

TEST(JsonataOfStepFunctions, RandomIsOneNumberForASeed) {
  EXPECT_EQ(step("$random(7) = $random(7)"), "true");
  EXPECT_EQ(step("$random(7) = $random(8)"), "false");
  EXPECT_EQ(step("$random(7) >= 0 and $random(7) < 1"), "true");
}

TEST(JsonataOfStepFunctions, RandomnessComesFromTheEnvironment) {
  EXPECT_EQ(with_bits("$random()", 0).value(), 0);
  EXPECT_EQ(with_bits("$random()", 1ULL << 63U).value(), 0.5);
  EXPECT_LT(with_bits("$random()", UINT64_MAX).value()->get<double>(), 1);
  EXPECT_EQ(with_bits("$uuid()", 0).value(), "00000000-0000-4000-8000-000000000000");
  EXPECT_EQ(with_bits("$uuid()", UINT64_MAX).value(), "ffffffff-ffff-4fff-bfff-ffffffffffff");
  EXPECT_EQ(step("$uuid()"), "error D1014");
}

TEST(JsonataOfStepFunctions, ParseReadsJson) {
  EXPECT_EQ(step("$parse('-0')"), "0");
  EXPECT_EQ(step("$parse('1.1')"), "1.1");
  EXPECT_EQ(step("$parse('{\"a\":[1,2]}').a[1]"), "2");
  EXPECT_EQ(step("$parse('{')"), "error D3205");
}

TEST(JsonataOfStepFunctions, EvalDoesNotExist) {
  EXPECT_EQ(step("$eval('1')"), "error T1006");
  EXPECT_EQ(outcome("$eval('1')"), "1");
  EXPECT_EQ(outcome("$parse('1')"), "error T1006");
}

TEST(JsonataOfStepFunctions, OperatorsYoungerThanItsVersionAreSyntaxErrors) {
  EXPECT_EQ(step("a ?? 1"), "error S0211");
  EXPECT_EQ(outcome("a ?? 1", Json::object()), "1");
  EXPECT_EQ(outcome("0 ?: 1"), "1");
}

TEST(JsonataOfStepFunctions, TimeComesFromTheEnvironment) {
  Environment environment;
  environment.now_ms = 1'577'934'245'678;
  const auto expression = Expression::parse("[$millis(), $now(), $now('[Y]')]");
  EXPECT_EQ(expression->evaluate(nullptr, {}, environment).value()->dump(),
            R"([1577934245678,"2020-01-02T03:04:05.678Z","2020"])");
}

}  // namespace
}  // namespace spillway::jsonata
