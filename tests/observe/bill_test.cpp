// The bill: the provider's worked examples to the cent, exact sharing, and a month from any horizon.
#include "observe/bill.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace spillway {
namespace {

constexpr Quantity kMillion = 1'000'000;
constexpr Quantity kHour = 3600;
constexpr Quantity kGiB = Quantity{1} << 30;

Money usd(std::string_view text) { return Money::parse(text).value(); }

Usage use(std::string resource, std::string meter, Quantity quantity, Quantity by_retries = 0) {
  Usage usage{.resource = std::move(resource), .meter = std::move(meter), .quantity = quantity};
  usage.by_layer[RetryLayer::sdk] = by_retries;
  return usage;
}

Bill bill_of(const std::vector<Usage>& usage, Duration horizon = kBillingMonth, bool free_tier = false) {
  auto bill = make_bill(usage, built_in_prices(), {.horizon = horizon, .free_tier = free_tier});
  EXPECT_TRUE(bill) << bill.error().front();
  return *std::move(bill);
}

/// What AWS's pages print: each line of the month in cents.
std::vector<std::string> month_lines(const std::vector<Usage>& usage, bool free_tier) {
  std::vector<std::string> cents;
  for (const BillLine& line : bill_of(usage, kBillingMonth, free_tier).lines)
    cents.push_back(line.cost.month.rounded());
  return cents;
}

using Lines = std::vector<std::string>;

TEST(LambdaPricingExamples,
     mobile_back_end_with_ephemeral_storage) {  // 6 M x 280 ms, 4,096 MB, 2,048 MB /tmp
  const Quantity ms = 6 * kMillion * 280;
  EXPECT_EQ(
      month_lines({use("f", "lambda.duration.x86", ms * 4096), use("f", "lambda.requests", 6 * kMillion),
                   use("f", "lambda.ephemeral_storage", ms * (2048 - 512))},
                  true),
      (Lines{"105.33", "1.00", "0.08"}));
}

TEST(LambdaPricingExamples, provisioned_concurrency_with_spillover) {  // 100 x 1,536 MB for 8 h
  EXPECT_EQ(
      month_lines({use("f", "lambda.provisioned_concurrency.x86", Quantity{100} * 1536 * 8 * kHour * 1000),
                   use("f", "lambda.requests", 3 * kMillion),
                   use("f", "lambda.provisioned_duration.x86", kMillion / 2 * 100 * 1536),
                   use("f", "lambda.duration.x86", kMillion * 5 / 2 * 120 * 1536)},
                  true),
      (Lines{"18.00", "0.40", "0.73", "0.83"}));
}

TEST(LambdaPricingExamples, queue_with_provisioned_pollers) {  // 30 M x 1 s at 1,024 MB, 8,000 poller-hours
  EXPECT_EQ(month_lines({use("f", "lambda.duration.x86", 30 * kMillion * 1000 * 1024),
                         use("f", "lambda.requests", 30 * kMillion),
                         use("f", "lambda.event_poller.sqs", 8000 * kHour)},
                        false),
            (Lines{"500.00", "6.00", "74.00"}));
}

TEST(LambdaPricingExamples,
     durable_workflow_on_arm) {  // 1 M executions of 32 s active, 4 operations, 104 GB written
  EXPECT_EQ(month_lines({use("f", "lambda.duration.arm", kMillion * 32'000 * 1024),
                         use("f", "lambda.requests", 2 * kMillion),
                         use("f", "lambda.durable.operations", 4 * kMillion),
                         use("f", "lambda.durable.written", 104 * kGiB)},
                        true),
            (Lines{"421.34", "0.20", "32.00", "26.00"}));
}

TEST(LambdaPricingExamples, of_older_pages_with_the_price_of_their_time) {
  const auto old = parse_prices(R"({"extends": "us-east-1", "date": "2020-11-30",
      "meters": {"lambda.duration.x86": {"tiers": [[null, "0.00001667"]], "source": "an older copy"}}})",
                                "old.json");
  ASSERT_TRUE(old);
  const auto cents = [&](Quantity requests, Quantity ms, Quantity mb) {
    const std::vector<Usage> usage = {use("f", "lambda.duration.x86", requests * ms * mb),
                                      use("f", "lambda.requests", requests)};
    const Bill bill = make_bill(usage, *old, {.horizon = kBillingMonth, .free_tier = true}).value();
    return Lines{bill.lines[0].cost.month.rounded(), bill.lines[1].cost.month.rounded()};
  };
  EXPECT_EQ(cents(3 * kMillion, 1000, 512), (Lines{"18.34", "0.40"}));
  EXPECT_EQ(cents(30 * kMillion, 200, 128), (Lines{"5.83", "5.80"}));
}

TEST(ApiGatewayPricingExamples, http_api_of_large_requests) {  // 25 a minute of 4.5 MB, 30 days
  EXPECT_EQ(month_lines({use("api", "apigateway.http.requests", Quantity{25} * 60 * 24 * 30 * 9)}, false),
            Lines{"9.72"});
}

TEST(ApiGatewayPricingExamples, rest_api_of_fifteen_billion_calls) {
  EXPECT_EQ(bill_of({use("api", "apigateway.rest.requests", 15'000 * kMillion)}).total.month, usd("36353.1"));
}

TEST(ApiGatewayPricingExamples, private_api_behind_an_endpoint) {  // 5 M calls of 3.3 KB, one zone, 720 h
  EXPECT_EQ(month_lines({use("api", "apigateway.rest.requests", 5 * kMillion),
                         use("vpc", "network.endpoint.time", 720 * kHour),
                         use("vpc", "network.endpoint.data", 16'896 * kMillion)},
                        false),
            (Lines{"17.50", "7.20", "0.16"}));
}

TEST(ApiGatewayPricingExamples, cache_of_a_day) {
  EXPECT_EQ(bill_of({use("api", "apigateway.cache.1.6", 24 * kHour)}).total.month, usd("0.912"));
}

TEST(ApiGatewayPricingExamples,
     chat_over_websockets) {  // 1,000 users, 12 h a day, 600 messages a day, 30 days
  EXPECT_EQ(month_lines({use("chat", "apigateway.websocket.messages", Quantity{1000} * 600 * 30),
                         use("chat", "apigateway.websocket.connections", Quantity{1000} * 12 * kHour * 30)},
                        false),
            (Lines{"18.00", "5.40"}));
}

TEST(SqsPricingExamples, count_chunks_polls_and_batches) {
  const auto cost = [](Quantity requests, bool free_tier) {
    return bill_of({use("q", "sqs.requests.standard", requests)}, kBillingMonth, free_tier).total.month;
  };
  EXPECT_EQ(cost(2 * kMillion, false), usd("0.8")) << "1 M requests of 128 KB";
  EXPECT_EQ(cost(Quantity{10} * 20 * 86'400 * 30, false), usd("207.36"))
      << "ten workers that short-poll an empty queue";
  EXPECT_EQ(cost(864'000, false), usd("0.3456")) << "one poller, ten short polls a second, a day";
  EXPECT_EQ(cost(6'300'000, false), usd("2.52")) << "3 M messages, sent in batches of ten";
  EXPECT_EQ(cost(6'300'000, true), usd("2.12"));
}

TEST(DynamoPricingExamples, on_demand_and_provisioned) {
  EXPECT_EQ(month_lines({use("t", "dynamodb.write.on_demand", 3 * kMillion),
                         use("t", "dynamodb.streams.reads", 2 * kMillion),
                         use("t", "dynamodb.storage", 230 * kGiB * 730 * kHour),
                         use("t", "dynamodb.read.provisioned", Quantity{30} * 730 * kHour),
                         use("t", "dynamodb.write.provisioned", Quantity{77} * 730 * kHour)},
                        false),
            (Lines{"1.88", "0.40", "57.50", "2.85", "36.54"}));
}

TEST(TransferPricingExamples, through_three_tiers) {
  const Bill bill = bill_of({use("net", "network.internet_egress", 57'000 * kGiB)});
  EXPECT_EQ(bill.total.month, usd("921.60") + usd("3481.60") + usd("406.00"));
  EXPECT_EQ(bill.lines[0].prices.size(), 3u) << "of the four tiers the month reaches three";
  EXPECT_EQ(bill_of({use("net", "network.cross_az", 2000 * kGiB)}).total.month, usd("20"));
}

TEST(StepFunctionsPricingExamples, round_duration_and_memory_up) {
  EXPECT_EQ(month_lines({use("w", "stepfunctions.express.requests", kMillion / 10),
                         use("w", "stepfunctions.express.duration", kMillion / 10 * 200 * 64)},
                        false),
            (Lines{"0.10", "0.02"}));
  EXPECT_EQ(month_lines({use("w", "stepfunctions.express.duration", 10 * kMillion * 800 * 512)}, false),
            Lines{"63.34"});
  EXPECT_EQ(bill_of({use("w", "stepfunctions.standard.transitions", 10'000)}).total.month, usd("0.25"));
  EXPECT_EQ(
      bill_of({use("w", "stepfunctions.standard.transitions", 400'000)}, kBillingMonth, true).total.month,
      usd("9.9"));
}

TEST(Bill, scales_an_hour_to_a_month_of_730) {
  const Bill bill = bill_of({use("f", "lambda.requests", 1000)}, 1h);
  EXPECT_EQ(bill.total.run, usd("0.0002"));
  EXPECT_EQ(bill.total.month, usd("0.146"));
  EXPECT_EQ(bill.lines[0].month_quantity, 730'000);
  EXPECT_EQ(bill.lines[0].billed_month_quantity(), "0.73");
}

TEST(Bill, rounds_a_month_that_does_not_divide_to_a_whole_counted_unit) {
  const Bill bill = bill_of({use("f", "lambda.requests", 1000)}, 7h);
  EXPECT_EQ(bill.lines[0].month_quantity, 104'286) << "104,285.71";
  EXPECT_EQ(bill.total.month, usd("0.0208572")) << "quantity x price, to be checked by hand";
}

TEST(Bill, meets_the_tiers_with_all_resources_together) {
  const Bill bill = bill_of({use("a", "apigateway.rest.requests", 200 * kMillion),
                             use("b", "apigateway.rest.requests", 400 * kMillion)});
  EXPECT_EQ(bill.total.month, usd("1165.5") + usd("747.6"));
  EXPECT_EQ(bill.lines[0].cost.month, usd("637.7"));
  EXPECT_EQ(bill.lines[1].cost.month, usd("1275.4"));
}

TEST(Bill, prices_a_run_by_itself_but_its_month_by_the_tiers_it_reaches) {
  const Bill bill = bill_of({use("api", "apigateway.rest.requests", kMillion)}, 1h);
  EXPECT_EQ(bill.total.run, usd("3.5"));
  EXPECT_EQ(bill.total.month, usd("1165.5") + usd("2.8") * 397);
}

TEST(Bill, fills_the_tiers_again_in_each_month_of_a_long_run) {
  const Bill bill = bill_of({use("api", "apigateway.rest.requests", 666 * kMillion)}, 2 * kBillingMonth);
  EXPECT_EQ(bill.total.run, usd("2331"));
  EXPECT_EQ(bill.total.month, usd("1165.5"));
}

TEST(Bill, shares_a_free_pool_in_proportion) {
  const std::vector<Usage> usage = {use("s", "sqs.requests.standard", 3 * kMillion),
                                    use("f", "sqs.requests.fifo", kMillion)};
  const Bill bill = bill_of(usage, kBillingMonth, true);
  EXPECT_EQ(bill.lines[0].cost.month, usd("0.9")) << "2.25 M at 0.40";
  EXPECT_EQ(bill.lines[1].cost.month, usd("0.375")) << "0.75 M at 0.50";
  EXPECT_EQ(bill.total.run, usd("1.7")) << "the run has no free tier";
}

TEST(Bill, is_nothing_within_the_free_tier) {
  const Bill bill =
      bill_of({use("f", "lambda.duration.x86", 1'024'000), use("f", "lambda.duration.arm", 1'024'000)},
              kBillingMonth, true);
  EXPECT_EQ(bill.total.month, Money{});
  EXPECT_EQ(bill.lines[0].month_quantity, 1'024'000);
}

TEST(Bill, tells_what_retries_cost) {
  const Bill bill = bill_of(
      {use("f", "lambda.requests", 750'000, 150'000), use("f", "lambda.requests", 250'000, 50'000)}, 73h);
  ASSERT_EQ(bill.lines.size(), 1u) << "entries of one resource and meter add up";
  EXPECT_EQ(bill.total.run, usd("0.2"));
  EXPECT_EQ(bill.total.run_by_retries, usd("0.04"));
  EXPECT_EQ(bill.total.month_by_retries, usd("0.4"));
  EXPECT_EQ(bill.total.month_by_layer[RetryLayer::sdk], usd("0.4"));
}

TEST(Bill, tells_what_each_layers_retries_cost) {
  Usage usage = use("f", "lambda.requests", kMillion, 150'000);
  usage.by_layer[RetryLayer::client] = 50'000;
  Usage other = use("g", "lambda.requests", kMillion);
  other.by_layer[RetryLayer::client] = 10'000;
  const Bill bill = bill_of({usage, other}, 73h);
  ASSERT_EQ(bill.lines.size(), 2u);
  EXPECT_EQ(bill.lines[0].cost.month_by_layer[RetryLayer::client], usd("0.1"));
  EXPECT_EQ(bill.lines[0].cost.month_by_layer[RetryLayer::sdk], usd("0.3"));
  EXPECT_EQ(bill.total.month_by_layer[RetryLayer::client], usd("0.12"));
  EXPECT_EQ(bill.total.month_by_layer.sum(), bill.total.month_by_retries);
}

TEST(Bill, reports_each_unknown_meter_once) {
  const auto bill = make_bill(
      std::vector<Usage>{use("a", "lambda.reqests", 1), use("b", "lambda.reqests", 1), use("c", "nope", 1)},
      built_in_prices(), {.horizon = 1h});
  ASSERT_FALSE(bill);
  EXPECT_THAT(bill.error(),
              testing::ElementsAre(testing::HasSubstr("resource 'a'"), testing::HasSubstr("resource 'c'")));
  EXPECT_THAT(bill.error()[0], testing::HasSubstr("did you mean 'lambda.requests'?"));
}

RC_GTEST_PROP(Bill, lines_add_up_to_every_total_to_the_last_digit, ()) {
  const PriceList prices = built_in_prices();
  std::vector<std::string> meters;
  for (const auto& [name, price] : prices.meters) meters.push_back(name);
  const auto horizon = Duration(*rc::gen::inRange<std::int64_t>(1'000'000, 10'000'000'000'000'000));
  std::vector<Usage> usage;
  const auto entries = *rc::gen::inRange(0, 30);
  for (int i = 0; i < entries; ++i) {
    const auto quantity = *rc::gen::inRange<std::uint64_t>(0, 1'000'000'000'000);
    const auto by_sdk = *rc::gen::inRange<std::uint64_t>(0, quantity + 1);
    usage.push_back(
        use("r" + std::to_string(*rc::gen::inRange(0, 4)), *rc::gen::elementOf(meters), quantity, by_sdk));
    usage.back().by_layer[RetryLayer::client] = *rc::gen::inRange<std::uint64_t>(0, quantity - by_sdk + 1);
  }
  const Bill bill =
      make_bill(usage, prices, {.horizon = horizon, .free_tier = *rc::gen::arbitrary<bool>()}).value();
  Cost lines;
  for (const BillLine& line : bill.lines) {
    lines += line.cost;
    RC_ASSERT(line.cost.run_by_retries <= line.cost.run);
    RC_ASSERT(line.cost.month_by_retries <= line.cost.month);
    RC_ASSERT(line.cost.month_by_layer.sum() == line.cost.month_by_retries);
  }
  Cost resources;
  for (const Subtotal& sum : bill.by_resource) resources += sum.cost;
  Cost services;
  for (const Subtotal& sum : bill.by_service) services += sum.cost;
  RC_ASSERT(lines.run == bill.total.run && lines.month == bill.total.month);
  RC_ASSERT(resources.month == bill.total.month && services.run == bill.total.run);
  RC_ASSERT(resources.run_by_retries == bill.total.run_by_retries);
  RC_ASSERT(services.month_by_retries == bill.total.month_by_retries);
  RC_ASSERT(resources.month_by_layer == bill.total.month_by_layer);
}

RC_GTEST_PROP(Bill, does_not_depend_on_how_a_quantity_is_split_among_resources, ()) {
  const auto total = *rc::gen::inRange<std::uint64_t>(2, 1'000'000'000'000'000);
  const auto part = *rc::gen::inRange<std::uint64_t>(1, total);
  const auto horizon = Duration(*rc::gen::inRange<std::int64_t>(1'000'000'000, 10'000'000'000'000'000));
  const Bill one = bill_of({use("a", "sqs.requests.standard", total)}, horizon);
  const Bill two = bill_of(
      {use("a", "sqs.requests.standard", part), use("b", "sqs.requests.standard", total - part)}, horizon);
  RC_ASSERT(one.total.run == two.total.run);
  RC_ASSERT(one.total.month == two.total.month);
}

}  // namespace
}  // namespace spillway
