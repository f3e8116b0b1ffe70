// Money is exact: what is parsed is printed, sums keep every digit, rounding is half away from zero.
#include "observe/money.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <numeric>

namespace spillway {
namespace {

Money usd(std::string_view text) { return Money::parse(text).value(); }

TEST(Money, prints_what_was_parsed_without_padding) {
  for (const char* text :
       {"0", "12", "0.2", "0.0000166667", "-0.05", "99999999999999999999.000000000000000000000001",
        "0.000000000000000000000000000000000001"}) {
    EXPECT_EQ(usd(text).exact(), text);
  }
  EXPECT_EQ(usd("007.500").exact(), "7.5");
  EXPECT_EQ(usd("-0").exact(), "0");
}

TEST(Money, refuses_what_is_not_plain_decimal_text) {
  for (const char* text :
       {"", "-", ".5", "5.", "1e-6", "0x10", "1,5", " 1", "1 ", "+1", "--1", "1.2.3", "NaN", "$1"}) {
    const auto parsed = Money::parse(text);
    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_NE(parsed.error().find(text), std::string::npos);
  }
  EXPECT_FALSE(Money::parse("0.0000000000000000000000000000000000001").has_value()) << "37 places";
  EXPECT_FALSE(Money::parse(std::string(41, '9')).has_value()) << "41 digits";
}

TEST(Money, adds_ten_million_small_prices_without_drifting) {
  // A double loses 0.2/1e6 x 10^7 in its last digits; the price text must not.
  EXPECT_EQ((usd("0.0000166667") * Quantity{10'000'000}).exact(), "166.667");
  Money sum;
  for (int i = 0; i < 1000; ++i) sum += usd("0.1");
  EXPECT_EQ(sum, usd("100"));
  EXPECT_EQ(usd("0.3") - usd("0.1") - usd("0.2"), Money{});
}

TEST(Money, is_exact_for_a_single_byte_of_a_gibibyte) {
  const Money byte = usd("0.085").times(1, Quantity{1} << 30);
  EXPECT_EQ(byte * (Quantity{1} << 30), usd("0.085"));
  EXPECT_EQ(byte.exact(), "0.000000000079162418842315673828125");
}

TEST(Money, rounds_the_half_away_from_zero) {
  EXPECT_EQ(usd("2.555").rounded(), "2.56");
  EXPECT_EQ(usd("2.554999").rounded(), "2.55");
  EXPECT_EQ(usd("-2.555").rounded(), "-2.56");
  EXPECT_EQ(usd("-0.004").rounded(), "0.00");
  EXPECT_EQ(usd("1234.5").rounded(0), "1235");
  EXPECT_EQ(usd("0.912").rounded(3), "0.912");
  EXPECT_EQ(usd("99.995").rounded_to(2), usd("100"));
}

TEST(Money, orders_across_zero) {
  EXPECT_LT(usd("-2"), usd("-1"));
  EXPECT_LT(usd("-1"), Money{});
  EXPECT_LT(Money{}, usd("0.000000000000000000000000000000000001"));
  EXPECT_GT(usd("10"), usd("9.999"));
  EXPECT_EQ(-usd("1.5"), usd("-1.5"));
}

TEST(Money, multiplies_quantities_beyond_64_bits) {
  const Quantity large = Quantity{1'000'000'000'000'000'000} * 1'000'000;  // 10^24
  EXPECT_EQ((usd("0.000000000001") * large).exact(), "1000000000000");
  EXPECT_EQ(to_text(large), "1000000000000000000000000");
}

TEST(Money, approximates_for_statistics) { EXPECT_DOUBLE_EQ(usd("-12.25").approximate(), -12.25); }

TEST(Apportion, gives_the_last_digit_to_the_largest_remainder) {
  const std::vector<Quantity> thirds = {1, 1, 1};
  const std::vector<Money> parts = apportion(usd("1"), thirds);
  EXPECT_EQ(parts[0].exact(), "0.333333333333333333333333333333333334");
  EXPECT_EQ(parts[1], parts[2]);
  EXPECT_EQ(parts[0] + parts[1] + parts[2], usd("1"));
  EXPECT_EQ(apportion(Quantity{7}, std::vector<Quantity>{1, 3}), (std::vector<Quantity>{2, 5}));
}

RC_GTEST_PROP(Apportion, loses_and_invents_nothing, ()) {
  const auto weights64 = *rc::gen::nonEmpty(rc::gen::arbitrary<std::vector<std::uint32_t>>());
  const std::vector<Quantity> weights(weights64.begin(), weights64.end());
  RC_PRE(std::accumulate(weights.begin(), weights.end(), Quantity{0}) > 0);
  const auto total = *rc::gen::arbitrary<std::int32_t>();
  const Money cost = usd(std::to_string(total)).times(1, 3600);
  Money sum;
  const std::vector<Money> parts = apportion(cost, weights);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    sum += parts[i];
    if (weights[i] == 0) RC_ASSERT(parts[i].is_zero());
  }
  RC_ASSERT(sum == cost);
}

TEST(Quantity, ratios_print_as_short_decimals) {
  EXPECT_EQ(ratio_text(17361111, 1000, 2), "17361.11");
  EXPECT_EQ(ratio_text(2'000'000, 1'000'000, 6), "2");
  EXPECT_EQ(ratio_text(1, 3, 4), "0.3333");
  EXPECT_EQ(scaled(10, 1, 4), 3) << "half up";
}

}  // namespace
}  // namespace spillway
