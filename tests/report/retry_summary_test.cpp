// What a run says about retries, against the scenario's static bounds.

#include "report/retry_summary.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenario/static/loading.hpp"

namespace spillway::testing {
namespace {

using ::testing::HasSubstr;

Experiment run(const Scenario& scenario) {
  const std::array<const Scenario*, 1> scenarios{&scenario};
  auto experiments = run_experiments(scenarios, {.replications = 2});
  EXPECT_TRUE(experiments.has_value());
  return std::move(experiments->front());
}

double mean_retries(const Experiment& experiment, RetryLayer layer) {
  const Estimate estimate = retries(experiment, layer);
  EXPECT_EQ(estimate.measured, 2U);
  return estimate.interval.mean;
}

constexpr const char* kFailing = R"(
spillway: 1
horizon: 100s
drain: 1h
resources:
  worker:
    type: aws.lambda.function
    program: [ { call: bank, retry: { max_attempts: 3, on: [ fault ] } } ]
  bank: { type: http.endpoint, service: 1ms, error_probability: 1 }
traffic:
  users:
    to: worker
    arrivals: { constant: 1/s }
    retry: { max_attempts: 2, on: [ error ] }
)";

TEST(RetrySummary, ReachesTheBoundWhenEveryAttemptFails) {
  const Viewed viewed(kFailing);
  const Experiment experiment = run(*viewed.scenario);
  EXPECT_EQ(mean_retries(experiment, RetryLayer::client), 100);   // one more for each request
  EXPECT_EQ(mean_retries(experiment, RetryLayer::sdk), 100 * 4);  // two more in each of two invocations
  EXPECT_EQ(mean_retries(experiment, RetryLayer::redrive), 0);
  const std::string text = retry_summary(experiment, viewed.view, {});
  EXPECT_THAT(text, HasSubstr("tried again by       client 100, SDK 400\n"));
  EXPECT_THAT(
      text, HasSubstr("bank                 x6 of at most 6: users (client x2) > worker (SDK x3) > bank\n"));
  EXPECT_THAT(text, HasSubstr("worker               x2 of at most 2: users (client x2) > worker\n"));
}

TEST(RetrySummary, CountsWhatAQueueDeliversAgain) {
  const Viewed viewed(R"(
spillway: 1
horizon: 10s
drain: 1h
resources:
  events: { type: aws.sqs.queue, visibility_timeout: 30s, redrive: { to: dead, max_receive_count: 4 } }
  dead: { type: aws.sqs.queue }
  worker:
    type: aws.lambda.function
    event_sources: [ { from: events, batch_size: 1 } ]
    program: [ { fail: 1 } ]
traffic:
  users: { to: events, arrivals: { constant: 1/s } }
)");
  const Experiment experiment = run(*viewed.scenario);
  EXPECT_EQ(mean_retries(experiment, RetryLayer::redrive), 10 * 3);
  EXPECT_EQ(mean_retries(experiment, RetryLayer::asynchronous), 0) << "though the queue is called events";
  // Nothing is throttled here, so the event source itself adds nothing to the four receives.
  EXPECT_THAT(retry_summary(experiment, viewed.view, {}),
              HasSubstr("worker               x4 of at most 20: "));
}

TEST(RetrySummary, TellsAThrottledBatchThatIsInvokedAgainFromARedelivery) {
  const Viewed viewed(R"(
spillway: 1
horizon: 1s
drain: 50s
resources:
  intake: { type: aws.sqs.queue, visibility_timeout: 60s }
  worker:
    type: aws.lambda.function
    timeout: 20s
    cold_start: none
    reserved_concurrency: 1
    event_sources: [ { from: intake, batch_size: 1 } ]
    program: [ { compute: { constant: 5s } } ]
traffic:
  users: { to: intake, closed: { users: 2, think: { constant: 1h }, think_first: false } }
)");
  const Experiment experiment = run(*viewed.scenario);
  EXPECT_GE(mean_retries(experiment, RetryLayer::event_source), 1);
  EXPECT_EQ(mean_retries(experiment, RetryLayer::redrive), 0);
  EXPECT_THAT(retry_summary(experiment, viewed.view, {}), HasSubstr("tried again by       event source "));
}

TEST(RetrySummary, CountsWhatLambdaTriesAgainOfItsOwnQueueOfEvents) {
  const Viewed viewed(R"(
spillway: 1
horizon: 10s
drain: 1h
resources:
  worker: { type: aws.lambda.function, program: [ { fail: 1 } ] }
traffic:
  users: { to: worker, route: invoke_async, arrivals: { constant: 1/s } }
)");
  const Experiment experiment = run(*viewed.scenario);
  EXPECT_EQ(mean_retries(experiment, RetryLayer::asynchronous), 10 * 2);  // after one minute, and after two
  EXPECT_EQ(mean_retries(experiment, RetryLayer::redrive), 0);
  EXPECT_THAT(retry_summary(experiment, viewed.view, {}), HasSubstr("asynchronous 20\n"));
}

TEST(RetrySummary, SaysNothingWhenNothingWasTriedAgain) {
  const Viewed viewed(kFailing, {"resources.bank.error_probability=0"});
  EXPECT_EQ(retry_summary(run(*viewed.scenario), viewed.view, {}), "");
}

TEST(RetrySummary, TellsHedgesFromRetriesAndSaysWhatTheyCost) {
  const Viewed viewed(R"(
spillway: 1
horizon: 10s
drain: 1h
resources:
  bank: { type: http.endpoint, service: { constant: 100ms } }
traffic:
  users: { to: bank, arrivals: { constant: 1/s }, hedging: { delay: 60ms } }
)");
  const Experiment experiment = run(*viewed.scenario);
  EXPECT_EQ(mean_retries(experiment, RetryLayer::hedge), 10);
  EXPECT_EQ(mean_retries(experiment, RetryLayer::client), 0);
  EXPECT_THAT(retry_summary(experiment, viewed.view, {}),
              HasSubstr("bank                 x2 of at most 2: users (hedging x2) > bank\n"));
  EXPECT_EQ(
      guard_summary(experiment, {}),
      "\n  HEDGING\n    users>bank           10 hedges, 100% more attempts; 0 of them answered first\n");
}

TEST(RetrySummary, SaysHowLongACircuitBreakerWasOpenAndWhatItHeldBack) {
  const Viewed viewed(R"(
spillway: 1
horizon: 10s
resources:
  bank: { type: http.endpoint, service: 1ms, error_probability: 1 }
traffic:
  users:
    to: bank
    arrivals: { constant: 1/s }
    circuit_breaker: { window: 2, wait: 4s }
)");
  const Experiment experiment = run(*viewed.scenario);
  EXPECT_THAT(guard_summary(experiment, {}),
              HasSubstr("\n  CIRCUIT BREAKERS\n    users>bank           open "));
  EXPECT_EQ(retry_summary(experiment, viewed.view, {}), "");
}

TEST(RetrySummary, SaysNothingOfGuardsThatAreNotThere) {
  const Viewed viewed(kFailing);
  EXPECT_EQ(guard_summary(run(*viewed.scenario), {}), "");
}

}  // namespace
}  // namespace spillway::testing
