// The price file is read strictly, and the built-in one reproduces what others computed from the AWS Price
// List.
#include "observe/prices.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include <nlohmann/json.hpp>

namespace spillway {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Money usd(std::string_view text) { return Money::parse(text).value(); }

Quantity whole(const std::string& digits) {
  Quantity value = 0;
  for (const char digit : digits) value = value * 10 + static_cast<Quantity>(digit - '0');
  return value;
}

PriceErrors errors_of(std::string_view text) {
  const auto list = parse_prices(text, "p.json");
  return list ? PriceErrors{} : list.error();
}

/// A whole price file around one meter's row.
std::string file_with(std::string_view row) {
  return std::string(R"({"region": "r", "currency": "USD", "date": "2026-01-01", "meters": {"a.b": )") +
         std::string(row) + "}}";
}

std::string meter_with(std::string_view divisor, std::string_view tiers) {
  return file_with(
      std::string(R"({"service": "S", "line": "L", "counted_in": "c", "billed_in": "b", "source": "s",)") +
      R"("divisor": )" + std::string(divisor) + R"(, "tiers": )" + std::string(tiers) + "}");
}

TEST(BuiltInPrices, say_for_every_figure_where_it_comes_from) {
  const PriceList list = built_in_prices();
  EXPECT_EQ(list.region, "us-east-1");
  EXPECT_EQ(list.currency, "USD");
  EXPECT_EQ(list.date, "2026-08-31");
  EXPECT_GE(list.meters.size(), 90u);
  const std::set<std::string> statuses = {"pricelist", "page", "third_party", "memory"};
  for (const auto& [name, meter] : list.meters) {
    EXPECT_FALSE(meter.source.empty()) << name;
    EXPECT_TRUE(statuses.contains(meter.status)) << name;
    EXPECT_FALSE(meter.tiers.empty()) << name;
    EXPECT_FALSE(meter.tiers.back().up_to) << name;
    EXPECT_TRUE(!meter.free || !meter.free->source.empty()) << name;
  }
}

TEST(BuiltInPrices, reproduce_every_carried_price_list_golden_to_the_cent) {
  const PriceList list = built_in_prices();
  std::ifstream file(SPILLWAY_SOURCE_DIR "/tests/observe/price-goldens.json");
  const auto goldens = nlohmann::json::parse(file);
  int costs = 0;
  for (const auto& row : goldens.at("rows")) {
    const auto meter = list.find(row.at("meter").get<std::string>());
    ASSERT_TRUE(meter) << meter.error();
    const Quantity after = whole(row.at("after"));
    const Quantity end = after + whole(row.at("counted"));
    const Money cost = tiered_cost(**meter, end) - tiered_cost(**meter, after);
    if (row.contains("usd")) {
      EXPECT_EQ(cost.rounded(), row.at("usd").get<std::string>()) << row;
      ++costs;
    } else {
      EXPECT_EQ(cost.exact(), row.at("unit_price").get<std::string>()) << row;
    }
  }
  EXPECT_GE(costs, 120);
}

TEST(BuiltInPrices, are_all_listed_in_the_docs) {
  std::ifstream file(SPILLWAY_SOURCE_DIR "/docs/costs.md");
  const std::string page{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  for (const auto& [name, meter] : built_in_prices().meters) {
    EXPECT_THAT(page,
                HasSubstr("| `" + name + "` | `" + meter.counted_in + "` | " + meter.billed_in + " | $"));
  }
}

TEST(TieredCost, charges_each_tier_only_for_what_lies_in_it) {
  const PriceList list = built_in_prices();
  const MeterPrice& rest = **list.find("apigateway.rest.requests");
  const Quantity million = 1'000'000;
  EXPECT_EQ(tiered_cost(rest, 0), Money{});
  EXPECT_EQ(tiered_cost(rest, 1), usd("0.0000035"));
  EXPECT_EQ(tiered_cost(rest, 333 * million), usd("1165.5"));
  EXPECT_EQ(tiered_cost(rest, 333 * million + 1), usd("1165.5000028"));
  EXPECT_EQ(tiered_cost(rest, 15'000 * million), usd("1165.5") + usd("1867.6") + usd("33320"));
}

TEST(TieredCost, fills_the_tiers_once_a_month) {
  const PriceList list = built_in_prices();
  const MeterPrice& rest = **list.find("apigateway.rest.requests");
  const Quantity million = 1'000'000;
  EXPECT_EQ(tiered_cost(rest, 666 * million, {.numerator = 2, .denominator = 1}), usd("2331"));
  EXPECT_EQ(tiered_cost(rest, 500 * million, {.numerator = 3, .denominator = 2}),
            tiered_cost(rest, 333 * million).times(3, 2) + usd("0.0000028") * (500 * million - 499'500'000));
}

TEST(PriceList, names_the_nearest_meter_for_an_unknown_one) {
  const PriceList list = built_in_prices();
  EXPECT_THAT(list.find("lambda.request").error(), HasSubstr("did you mean 'lambda.requests'?"));
  EXPECT_THAT(list.find("sqs.request.standard").error(), HasSubstr("did you mean 'sqs.requests.standard'?"));
  EXPECT_THAT(list.find("zzz").error(), testing::Not(HasSubstr("did you mean")));
}

TEST(PriceFile, is_refused_with_the_place_of_each_error) {
  EXPECT_THAT(errors_of("{\n  \"region\": ,\n}"),
              ElementsAre(HasSubstr("p.json: parse error at line 2, column 13")));
  EXPECT_THAT(errors_of("[]"), ElementsAre("p.json: the file: expected an object { ... }"));
  EXPECT_THAT(errors_of("{}"), ElementsAre("p.json: 'region' is missing", "p.json: 'currency' is missing",
                                           "p.json: 'date' is missing", "p.json: 'meters' is missing"));
  EXPECT_THAT(errors_of(file_with("{}")), testing::SizeIs(7)) << "every property of a new meter is needed";
  EXPECT_THAT(
      errors_of(file_with(R"({"servise": "S"})")),
      testing::Contains(HasSubstr("meters.a.b: unknown property 'servise' (did you mean 'service'?)")));
  EXPECT_THAT(errors_of(R"({"meters": {}, "meters": {}})"),
              testing::Contains(HasSubstr("'meters' is given twice")));
}

TEST(PriceFile, takes_prices_only_as_quoted_decimal_text) {
  EXPECT_THAT(errors_of(meter_with("1", "[[null, 0.2]]")),
              ElementsAre(HasSubstr("meters.a.b.tiers[0]: the price must be decimal text in quotes")));
  EXPECT_THAT(errors_of(meter_with("1", R"([[null, "0,2"]])")),
              ElementsAre(HasSubstr("'0,2' is not an amount of money")));
  EXPECT_THAT(errors_of(meter_with("1", R"([[null, "-1"]])")), ElementsAre(HasSubstr("cannot be negative")));
}

TEST(PriceFile, takes_only_growing_tiers_with_an_open_end) {
  EXPECT_THAT(errors_of(meter_with("1", "[]")), ElementsAre(HasSubstr("expected a list")));
  EXPECT_THAT(errors_of(meter_with("1", R"([[5, "1"]])")),
              ElementsAre(HasSubstr("the last tier must have no end")));
  EXPECT_THAT(errors_of(meter_with("1", R"([[null, "1"], [null, "2"]])")),
              ElementsAre(HasSubstr("only the last tier")));
  EXPECT_THAT(errors_of(meter_with("1", R"([[5, "2"], [5, "1"], [null, "1"]])")),
              ElementsAre(HasSubstr("tiers must grow")));
  EXPECT_THAT(errors_of(meter_with("0", R"([[null, "1"]])")),
              ElementsAre(HasSubstr("not a positive whole number")));
  EXPECT_THAT(errors_of(meter_with("1.5", R"([[null, "1"]])")),
              ElementsAre(HasSubstr("not a positive whole number")));
}

TEST(PriceFile, may_change_a_few_prices_of_a_built_in_one) {
  const auto list = parse_prices(
      R"({"extends": "us-east-1", "date": "2027-01-01", "note": "our discount",
          "meters": {"lambda.requests": {"tiers": [[null, "0.15"]], "free": null, "source": "contract"}}})",
      "ours.json");
  ASSERT_TRUE(list) << list.error().front();
  EXPECT_EQ(list->date, "2027-01-01");
  EXPECT_EQ(list->region, "us-east-1");
  const MeterPrice& requests = **list->find("lambda.requests");
  EXPECT_EQ(tiered_cost(requests, 1'000'000), usd("0.15"));
  EXPECT_FALSE(requests.free);
  EXPECT_EQ(requests.service, "AWS Lambda") << "what is not given stays";
  EXPECT_EQ(list->meters.size(), built_in_prices().meters.size());
  EXPECT_THAT(errors_of(R"({"extends": "mars-1", "meters": {}})"), testing::Contains(HasSubstr("'mars-1'")));
}

TEST(PriceFile, must_give_the_meters_of_a_free_pool_one_measure) {
  const auto row = [](const char* divisor) {
    return std::string(
               R"({"service": "S", "line": "L", "counted_in": "c", "billed_in": "b", "source": "s",)") +
           R"("divisor": )" + divisor + R"(, "tiers": [[null, "1"]], "free": {"quantity": 5, "pool": "p"}})";
  };
  const std::string text = R"({"region": "r", "currency": "USD", "date": "d", "meters": {"a": )" + row("1") +
                           R"(, "b": )" + row("2") + "}}";
  EXPECT_THAT(errors_of(text), ElementsAre(HasSubstr("meters.b: differs from 'a' in the divisor")));
}

TEST(PriceFile, is_loaded_by_path) {
  const auto list = load_prices(SPILLWAY_SOURCE_DIR "/scenarios/prices/us-east-1.json");
  ASSERT_TRUE(list);
  EXPECT_EQ(list->meters.size(), built_in_prices().meters.size());
  EXPECT_THAT(load_prices("no/such/prices.json").error(), ElementsAre(HasSubstr("no/such/prices.json")));
}

}  // namespace
}  // namespace spillway
