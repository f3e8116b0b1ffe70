// Decimal text becomes scaled integers without a binary fraction in between.
#include "formats/csv_number.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdint>
#include <string>

namespace spillway {
namespace {

std::int64_t scaled(std::string_view text, int scale) {
  std::int64_t value = -999;
  EXPECT_EQ(parse_scaled(text, scale, value), NumberError::none) << text;
  return value;
}

NumberError error(std::string_view text, int scale = 9) {
  std::int64_t value = 0;
  return parse_scaled(text, scale, value);
}

TEST(Numbers, DecimalSecondsAreExactNanoseconds) {
  EXPECT_EQ(scaled("0.1", 9), 100'000'000);
  EXPECT_EQ(scaled("18.5606", 9), 18'560'600'000);
  EXPECT_EQ(scaled("123456789.123456789", 9), 123'456'789'123'456'789);
  EXPECT_EQ(scaled("1862.32", 6), 1'862'320'000);
  EXPECT_EQ(scaled("7", 0), 7);
  EXPECT_EQ(scaled(" 42\t", 0), 42);
  EXPECT_EQ(scaled("+5.", 1), 50);
  EXPECT_EQ(scaled(".5", 1), 5);
  EXPECT_EQ(scaled("-1.5", 3), -1500);
  EXPECT_EQ(scaled("000000000000000000000000012", 0), 12);
}

TEST(Numbers, ExponentsMoveThePoint) {
  EXPECT_EQ(scaled("1e-05", 9), 10'000);
  EXPECT_EQ(scaled("1.5E+3", 0), 1500);
  EXPECT_EQ(scaled("12345e-9", 9), 12'345);
  EXPECT_EQ(scaled("1e-400", 9), 0);
  EXPECT_EQ(scaled("0e999999999999", 9), 0);
}

TEST(Numbers, HalvesAreRoundedAwayFromZero) {
  EXPECT_EQ(scaled("0.0000000005", 9), 1);
  EXPECT_EQ(scaled("0.00000000049999999999999999999", 9), 0);
  EXPECT_EQ(scaled("-2.5", 0), -3);
  EXPECT_EQ(scaled("1000000000.00000000051", 9), 1'000'000'000'000'000'001);
  EXPECT_EQ(scaled("1000000000.00000000049", 9), 1'000'000'000'000'000'000);
  EXPECT_EQ(scaled("2.4999999999999999999999999", 0), 2);
  EXPECT_EQ(scaled("0.99999999999999999999", 9), 1'000'000'000);
}

TEST(Numbers, TheLargestNumberFitsAndTheNextDoesNot) {
  EXPECT_EQ(scaled("9223372036.854775807", 9), INT64_MAX);
  EXPECT_EQ(error("9223372036.854775808"), NumberError::out_of_range);
  EXPECT_EQ(error("9223372036.8547758075"), NumberError::out_of_range);
  EXPECT_EQ(error("99999999999999999999", 0), NumberError::out_of_range);
  EXPECT_EQ(error("1e400"), NumberError::out_of_range);
  EXPECT_EQ(error("1e99999999999999"), NumberError::out_of_range);
}

TEST(Numbers, WhatIsNoNumberIsSaidSo) {
  for (const char* text :
       {"x", "1x", "1 2", "-", ".", "+-1", "1e", "1e+", "1e+-2", "nan", "inf", "0x10", "1,5", "1_0"}) {
    EXPECT_EQ(error(text), NumberError::not_a_number) << text;
  }
  EXPECT_EQ(error(""), NumberError::empty);
  EXPECT_EQ(error("  "), NumberError::empty);
}

RC_GTEST_PROP(Numbers, EveryIntegerIsReadBackFromItsDigitsWithAPointAnywhere, (std::int64_t value)) {
  std::string text = std::to_string(value);
  const bool negative = text[0] == '-';
  if (negative) text.erase(0, 1);
  RC_PRE(value != INT64_MIN);
  const int fraction = *rc::gen::inRange(0, 12);
  while (text.size() <= static_cast<std::size_t>(fraction)) text.insert(0, "0");
  text.insert(text.size() - static_cast<std::size_t>(fraction), ".");
  std::int64_t read = 0;
  RC_ASSERT(parse_scaled((negative ? "-" : "") + text, fraction, read) == NumberError::none);
  RC_ASSERT(read == value);
}

std::int64_t moment(std::string_view text) {
  std::int64_t ns = 0;
  EXPECT_EQ(parse_timestamp(text, ns), NumberError::none) << text;
  return ns;
}

TEST(Timestamps, AreNanosecondsSince1970) {
  EXPECT_EQ(moment("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(moment("2020-05-17T12:34:56.789Z"), 1'589'718'896'789'000'000);
  EXPECT_EQ(moment("2020-05-17 12:34:56"), 1'589'718'896'000'000'000);
  EXPECT_EQ(moment("2020-05-17T14:34:56+02:00"), 1'589'718'896'000'000'000);
  EXPECT_EQ(moment("2020-05-17T10:04:56-0230"), 1'589'718'896'000'000'000);
  EXPECT_EQ(moment("2000-02-29T00:00:00Z"), 951'782'400'000'000'000);
  EXPECT_EQ(moment("1969-12-31T23:59:59Z"), -1'000'000'000);
}

TEST(Timestamps, ImpossibleOnesAreRefused) {
  for (const char* text :
       {"2020-05-17", "2020-13-01T00:00:00Z", "2020-02-30T00:00:00Z", "2019-02-29T00:00:00Z",
        "2020-05-17T24:00:00Z", "2020-05-17T00:60:00Z", "2020-05-17T00:00:00.Z", "2020-05-17T00:00:00+2",
        "2020-05-17T00:00:00Zx", "20-05-17T00:00:00Z", "12.5"}) {
    std::int64_t ns = 0;
    EXPECT_EQ(parse_timestamp(text, ns), NumberError::not_a_number) << text;
  }
  std::int64_t ns = 0;
  EXPECT_EQ(parse_timestamp("9999-01-01T00:00:00Z", ns), NumberError::out_of_range);
}

}  // namespace
}  // namespace spillway
