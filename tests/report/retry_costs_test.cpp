// What each layer's repeated attempts cost, in runs whose every attempt is known.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "report/results.hpp"
#include "report/viewed_run.hpp"

namespace spillway::testing {
namespace {

/// A run, and what its ledger says of one meter of one resource.
struct Ran : ViewedRun {
  using ViewedRun::ViewedRun;

  const BillLine& line(std::string_view resource, std::string_view meter) const {
    for (const BillLine& line : experiment.bill.lines) {
      if (line.resource == resource && line.meter == meter) return line;
    }
    ADD_FAILURE() << resource << " has no line " << meter;
    return experiment.bill.lines.front();
  }
  std::int64_t repeats(std::string_view resource, std::string_view meter, RetryLayer layer) const {
    return static_cast<std::int64_t>(line(resource, meter).by_layer[layer]);
  }
  /// To the last digit.
  void expect_the_layers_to_add_up() const {
    for (const BillLine& line : experiment.bill.lines)
      EXPECT_EQ(line.cost.month_by_layer.sum(), line.cost.month_by_retries) << line.resource;
    const Cost& total = experiment.bill.total;
    EXPECT_EQ(total.month_by_layer.sum(), total.month_by_retries);
    EXPECT_FALSE(total.month_by_retries.is_zero());
  }
};

// Each request makes the worker send something large, and then something small that fails three times: so
// the worker fails, and its client asks once more.
constexpr const char* kLargeAndSmall = R"(
spillway: 1
horizon: 100s
drain: 1h
resources:
  api:
    type: aws.apigateway.http
    routes:
      "POST /large": { call: taker }
      "POST /small": { call: refuser }
  taker: { type: aws.lambda.function, cold_start: none, program: [ { compute: 1ms } ] }
  refuser: { type: aws.lambda.function, cold_start: none, program: [ { fail: { outcome: fault } } ] }
  worker:
    type: aws.lambda.function
    cold_start: none
    program:
      - { call: api, op: "POST /large", bytes: 3MiB }
      - { call: api, op: "POST /small", bytes: 1KiB, retry: { max_attempts: 3, on: [ fault ] } }
traffic:
  users:
    to: worker
    arrivals: { constant: 1/s }
    retry: { max_attempts: 2, on: [ error ] }
)";

TEST(RetryCosts, AreWhatEachLayersRepeatsUsedAndNotHowManyTheyWere) {
  const Ran ran(kLargeAndSmall);
  constexpr auto kRequests = "apigateway.http.requests";
  // 3 MiB are six requests, so the client's repeat makes 6 + 1, and the SDK's two of each invocation make 4.
  EXPECT_EQ(ran.repeats("api", kRequests, RetryLayer::client), 100 * (6 + 1));
  EXPECT_EQ(ran.repeats("api", kRequests, RetryLayer::sdk), 100 * (2 + 2));
  const Cost& cost = ran.line("api", kRequests).cost;
  EXPECT_EQ(cost.month_by_layer[RetryLayer::client] * 4, cost.month_by_layer[RetryLayer::sdk] * 7);
  ran.expect_the_layers_to_add_up();
}

TEST(RetryCosts, OfWorkBehindARepeatAreTheLayersThatRepeatedItLast) {
  const Ran ran(kLargeAndSmall);
  constexpr auto kRequests = "lambda.requests";
  EXPECT_EQ(ran.repeats("worker", kRequests, RetryLayer::client), 100);
  EXPECT_EQ(ran.repeats("worker", kRequests, RetryLayer::sdk), 0);
  EXPECT_EQ(ran.repeats("taker", kRequests, RetryLayer::client), 100) << "asked again, since the worker was";
  EXPECT_EQ(ran.repeats("refuser", kRequests, RetryLayer::client), 100);
  EXPECT_EQ(ran.repeats("refuser", kRequests, RetryLayer::sdk), 400);
}

TEST(RetryCosts, AreWrittenByLayer) {
  const Ran ran(kLargeAndSmall);
  const auto json = nlohmann::json::parse(summary_json(ran.experiment, {}));
  const auto& by_layer = json["cost"]["month_by_retry_layer"];
  ASSERT_EQ(by_layer.size(), 2u) << by_layer;
  const ByRetryLayer<Money>& costs = ran.experiment.bill.total.month_by_layer;
  EXPECT_EQ(by_layer["client"], costs[RetryLayer::client].exact());
  EXPECT_EQ(by_layer["SDK"], costs[RetryLayer::sdk].exact());
}

TEST(RetryCosts, OfAThrottledRepeatAreNothing) {
  const Ran ran(R"(
spillway: 1
horizon: 10s
drain: 1h
resources:
  worker:
    type: aws.lambda.function
    cold_start: none
    reserved_concurrency: 1
    program: [ { compute: 100ms } ]
traffic:
  users:
    to: worker
    closed: { users: 2, think: { constant: 1h }, think_first: false }
    retry: { max_attempts: 10, base: 50ms, factor: 1, jitter: none, on: [ throttled ] }
)");
  // One of the two was throttled at 0 s, tried again in vain at 50 ms, and ran when the other had ended.
  EXPECT_EQ(ran.repeats("worker", "lambda.requests", RetryLayer::client), 1);
}

TEST(RetryCosts, OfHedgesAreHedgings) {
  const Ran ran(R"(
spillway: 1
horizon: 10s
drain: 1h
resources:
  worker: { type: aws.lambda.function, cold_start: none, program: [ { compute: { constant: 100ms } } ] }
traffic:
  users: { to: worker, arrivals: { constant: 1/s }, hedging: { delay: 60ms } }
)");
  EXPECT_EQ(ran.repeats("worker", "lambda.requests", RetryLayer::hedge), 10);
  ran.expect_the_layers_to_add_up();
}

TEST(RetryCosts, OfAMessageThatIsReceivedAgainAreItsQueuesToo) {
  const Ran ran(R"(
spillway: 1
horizon: 10s
drain: 1h
resources:
  intake: { type: aws.sqs.queue, visibility_timeout: 30s, redrive: { to: dead, max_receive_count: 3 } }
  dead: { type: aws.sqs.queue }
  worker:
    type: aws.lambda.function
    cold_start: none
    event_sources: [ { from: intake, batch_size: 1 } ]
    program: [ { call: orders, op: put, bytes: 1KiB }, { fail: 1 } ]
  orders: { type: aws.dynamodb.table, mode: on_demand }
traffic:
  users: { to: intake, arrivals: { constant: 1/s } }
)");
  EXPECT_EQ(ran.repeats("worker", "lambda.requests", RetryLayer::redrive), 20);
  EXPECT_EQ(ran.repeats("intake", "sqs.requests.standard", RetryLayer::redrive), 20);
  EXPECT_EQ(ran.repeats("orders", "dynamodb.write.on_demand", RetryLayer::redrive), 20);
  ran.expect_the_layers_to_add_up();
}

// The client gives up before its message is taken, and sends it again: two messages, each received once.
TEST(RetryCosts, OfAMessageThatWasSentTwiceAreTheClients) {
  const Ran ran(R"(
spillway: 1
horizon: 10s
drain: 1h
resources:
  intake: { type: aws.sqs.queue, send_latency: 100ms }
  worker:
    type: aws.lambda.function
    cold_start: none
    event_sources: [ { from: intake, batch_size: 1 } ]
    program: [ { call: orders, op: put, bytes: 1KiB } ]
  orders: { type: aws.dynamodb.table, mode: on_demand }
traffic:
  users:
    to: intake
    arrivals: { constant: 1/s }
    timeout: 50ms
    retry: { max_attempts: 2, on: [ timed_out ] }
)");
  EXPECT_EQ(ran.repeats("intake", "sqs.requests.standard", RetryLayer::client), 10);
  EXPECT_EQ(ran.repeats("orders", "dynamodb.write.on_demand", RetryLayer::client), 10);
  ran.expect_the_layers_to_add_up();
}

}  // namespace
}  // namespace spillway::testing
