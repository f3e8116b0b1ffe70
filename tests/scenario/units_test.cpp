// Quantities: read exactly, printed so that they read back, refused with what was probably meant.

#include "scenario/units.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdint>
#include <limits>
#include <string>

namespace spillway {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

template <class T>
std::string problem(const Parsed<T>& parsed) {
  if (parsed) return "none";
  return rule_id(parsed.error().rule) + " " + parsed.error().suggestion;
}

TEST(Durations, AreReadInEveryUnit) {
  EXPECT_EQ(parse_duration("7ns"), 7);
  EXPECT_EQ(parse_duration("7us"), 7'000);
  EXPECT_EQ(parse_duration("250ms"), 250'000'000);
  EXPECT_EQ(parse_duration("30s"), 30 * kSecond);
  EXPECT_EQ(parse_duration("5m"), 300 * kSecond);
  EXPECT_EQ(parse_duration("2h"), 7200 * kSecond);
  EXPECT_EQ(parse_duration("4d"), 345'600 * kSecond);
  EXPECT_EQ(parse_duration("1h30m"), 5400 * kSecond);
  EXPECT_EQ(parse_duration("1d 2h 3m 4s 5ms"), 93'784 * kSecond + 5'000'000);
  EXPECT_EQ(parse_duration("30 s"), 30 * kSecond);
  EXPECT_EQ(parse_duration("0s"), 0);
}

TEST(Durations, OfDecimalsAreExact) {
  EXPECT_EQ(parse_duration("0.1s"), 100'000'000);
  EXPECT_EQ(parse_duration("0.000000001s"), 1);
  EXPECT_EQ(parse_duration("1.1h"), 3960 * kSecond);
  EXPECT_EQ(parse_duration("8.7ms"), 8'700'000);
  EXPECT_EQ(parse_duration("4.35s"), 4'350'000'000);  // 4.35 * 1e9 is 4349999999.9999995 in binary
  EXPECT_EQ(parse_duration("0.5000000000000000000000000000s"), 500'000'000);
  EXPECT_EQ(problem(parse_duration("0.5ns")), "SW017 ");
  EXPECT_EQ(problem(parse_duration("1.0000000001s")), "SW017 ");
}

TEST(Durations, ReachTheLastNanosecondAndNoFurther) {
  EXPECT_EQ(parse_duration("9223372036854775807ns"), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(problem(parse_duration("9223372036854775808ns")), "SW017 ");
  EXPECT_EQ(problem(parse_duration("106752d")), "SW017 ");
  EXPECT_EQ(problem(parse_duration("106751d23h48m")), "SW017 ");
  EXPECT_EQ(problem(parse_duration(std::string(500, '9') + "s")), "SW017 ");
  EXPECT_EQ(problem(parse_duration("0." + std::string(500, '1') + "s")), "SW017 ");
}

TEST(Durations, WithoutAUnitAreRefusedWithTheUsualOne) {
  EXPECT_EQ(problem(parse_duration("30")), "SW015 30s");
  EXPECT_EQ(problem(parse_duration("0")), "SW015 0s");
  EXPECT_EQ(parse_duration("30").error().message, "a duration needs a unit");
}

TEST(Durations, OfOtherSpellingsAreRefusedWithOurs) {
  EXPECT_EQ(problem(parse_duration("30sec")), "SW016 30s");
  EXPECT_EQ(problem(parse_duration("5 minutes")), "SW016 5m");
  EXPECT_EQ(problem(parse_duration("5MS")), "SW016 5ms");
  EXPECT_EQ(problem(parse_duration("5\u00B5s")), "SW016 5us");
  EXPECT_EQ(problem(parse_duration("5w")), "SW016 ");
  EXPECT_EQ(problem(parse_duration("-5s")), "SW022 ");
  EXPECT_EQ(problem(parse_duration("5s1m")), "SW016 ");
  EXPECT_EQ(problem(parse_duration("5s5s")), "SW016 ");
  EXPECT_EQ(problem(parse_duration("1h30")), "SW016 ");
  EXPECT_EQ(problem(parse_duration(".5s")), "SW016 ");
  EXPECT_EQ(problem(parse_duration("5.s")), "SW016 ");
  EXPECT_EQ(problem(parse_duration("1__0s")), "SW016 ");
  EXPECT_EQ(problem(parse_duration("1e3s")), "SW016 ");
  EXPECT_EQ(problem(parse_duration("")), "SW016 ");
  EXPECT_EQ(problem(parse_duration("soon")), "SW016 ");
}

TEST(Sizes, KnowPowersOf1024AndOf1000) {
  EXPECT_EQ(parse_bytes("6B"), 6);
  EXPECT_EQ(parse_bytes("2KiB"), 2048);
  EXPECT_EQ(parse_bytes("2KB"), 2000);
  EXPECT_EQ(parse_bytes("512MiB"), 512LL << 20U);
  EXPECT_EQ(parse_bytes("1.5GiB"), 3LL << 29U);
  EXPECT_EQ(parse_bytes("1 TB"), 1'000'000'000'000);
  EXPECT_EQ(problem(parse_bytes("0.3B")), "SW017 ");
  EXPECT_EQ(problem(parse_bytes("0.1KiB")), "SW017 ");
  EXPECT_EQ(problem(parse_bytes("8388608TiB")), "SW017 ");
  EXPECT_EQ(parse_bytes("8388607TiB"), 8'388'607LL << 40U);
  EXPECT_EQ(problem(parse_bytes("512")), "SW015 512MiB");
  EXPECT_EQ(problem(parse_bytes("512Mi")), "SW016 512MiB");
  EXPECT_EQ(problem(parse_bytes("512mb")), "SW016 512MB");
  EXPECT_EQ(problem(parse_bytes("512M")), "SW016 512MiB");
  EXPECT_EQ(problem(parse_bytes("-1B")), "SW022 ");
}

TEST(Rates, AreASecondWhateverTheirPeriod) {
  EXPECT_EQ(parse_rate("400/s"), 400.0);
  EXPECT_EQ(parse_rate("90/m"), 1.5);
  EXPECT_EQ(parse_rate("1_800 / h"), 0.5);
  EXPECT_EQ(parse_rate("0.5/s"), 0.5);
  EXPECT_EQ(problem(parse_rate("400")), "SW015 400/s");
  EXPECT_EQ(problem(parse_rate("400rps")), "SW015 400/s");
  EXPECT_EQ(problem(parse_rate("400/min")), "SW016 400/m");
  EXPECT_EQ(problem(parse_rate("-4/s")), "SW022 ");
  EXPECT_EQ(problem(parse_rate("/s")), "SW016 ");
  EXPECT_EQ(problem(parse_rate("1e999/s")), "SW016 ");
}

TEST(Probabilities, AreSharesOrPercentages) {
  EXPECT_EQ(parse_probability("0.05"), 0.05);
  EXPECT_EQ(parse_probability("5 %"), 0.05);
  EXPECT_EQ(parse_probability("0.1%"), 0.001);
  EXPECT_EQ(parse_probability("1e-6"), 1e-6);
  EXPECT_EQ(problem(parse_probability("-0.1")), "SW022 ");
  EXPECT_EQ(problem(parse_probability("half")), "SW016 ");
  EXPECT_EQ(problem(parse_probability("%")), "SW016 ");
}

TEST(Counts, AreWholeAndNeverOctal) {
  EXPECT_EQ(parse_count("1000"), 1000);
  EXPECT_EQ(parse_count("1_000"), 1000);
  EXPECT_EQ(parse_count("0"), 0);
  EXPECT_EQ(problem(parse_count("010")), "SW035 10");
  EXPECT_EQ(problem(parse_count("00")), "SW035 0");
  EXPECT_EQ(problem(parse_count("10k")), "SW016 10000");
  EXPECT_EQ(problem(parse_count("2.5")), "SW016 ");
  EXPECT_EQ(problem(parse_count("1e3")), "SW016 ");
  EXPECT_EQ(problem(parse_count("0x10")), "SW016 ");
  EXPECT_EQ(problem(parse_count("-1")), "SW022 ");
  EXPECT_EQ(problem(parse_count("1_")), "SW016 ");
  EXPECT_EQ(problem(parse_count("9223372036854775808")), "SW017 ");
}

TEST(Numbers, MayBeNegativeButMustBeFinite) {
  EXPECT_EQ(parse_number("-3.5"), -3.5);
  EXPECT_EQ(parse_number("1e6"), 1e6);
  for (const char* text : {"nan", "inf", ".inf", "1e400", "0x1p3", "", "-", "1.", "1e"}) {
    EXPECT_EQ(problem(parse_number(text)), "SW016 ") << text;
  }
}

TEST(Words, ThatOtherReadersTakeForBooleansAreKnown) {
  for (const char* text : {"yes", "No", "ON", "off", "y", "N", "True", "FALSE"})
    EXPECT_TRUE(is_implicit_boolean(text)) << text;
  for (const char* text : {"true", "false", "none", "nope", "Yesterday"})
    EXPECT_FALSE(is_implicit_boolean(text)) << text;
}

TEST(Printing, ChoosesTheLargestUnitThatIsExact) {
  EXPECT_EQ(print_duration(0), "0s");
  EXPECT_EQ(print_duration(5400 * kSecond), "90m");
  EXPECT_EQ(print_duration(1'500'000'000), "1500ms");
  EXPECT_EQ(print_bytes(512LL << 20U), "512MiB");
  EXPECT_EQ(print_bytes(1000), "1KB");
  EXPECT_EQ(print_rate(400), "400/s");
  EXPECT_EQ(print_number(0.1), "0.1");
}

TEST(Printing, IsUndoneByReading) {
  rc::check([] {
    const std::int64_t value = *rc::gen::inRange<std::int64_t>(0, std::numeric_limits<std::int64_t>::max());
    RC_ASSERT(parse_duration(print_duration(value)) == value);
    RC_ASSERT(parse_bytes(print_bytes(value)) == value);
    const double rate = static_cast<double>(value) / 7.0;
    RC_ASSERT(parse_rate(print_rate(rate)) == rate);
    const double small = 1.0 / (1.0 + static_cast<double>(value));
    RC_ASSERT(parse_probability(print_number(small)) == small);
  });
}

TEST(Quantities, OfAnyTextAreReadOrRefused) {
  rc::check([](const std::string& noise) {
    const std::string alphabet = "0123456789._-+eE/% smhdunBKiMGTx";
    std::string text;
    for (const char c : noise) text += alphabet[static_cast<unsigned char>(c) % alphabet.size()];
    for (const std::string& input : {noise, text}) {
      if (const auto value = parse_duration(input)) RC_ASSERT(*value >= 0);
      if (const auto value = parse_bytes(input)) RC_ASSERT(*value >= 0);
      if (const auto value = parse_count(input)) RC_ASSERT(*value >= 0);
      if (const auto value = parse_rate(input)) RC_ASSERT(*value >= 0);
      if (const auto value = parse_probability(input)) RC_ASSERT(*value >= 0);
      parse_number(input);
    }
  });
}

}  // namespace
}  // namespace spillway
