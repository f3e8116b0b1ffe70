// What a run says about retries, against the scenario's static bounds.

#include "report/retry_summary.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/viewed_run.hpp"

namespace spillway::testing {
namespace {

using ::testing::HasSubstr;

/// Two replications, and what is said of them.
struct Ran : ViewedRun {
  explicit Ran(const std::string& yaml, const std::vector<std::string>& sets = {})
      : ViewedRun(yaml, sets, {.replications = 2}) {}

  double mean_retries(RetryLayer layer) const {
    const Estimate estimate = retries(experiment, layer);
    EXPECT_EQ(estimate.measured, 2U);
    return estimate.interval.mean;
  }
  std::string of_retries() const { return retry_summary(experiment, view, {}); }
  std::string of_guards() const { return guard_summary(experiment, {}); }
};

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
  const Ran ran(kFailing);
  EXPECT_EQ(ran.mean_retries(RetryLayer::client), 100);   // one more for each request
  EXPECT_EQ(ran.mean_retries(RetryLayer::sdk), 100 * 4);  // two more in each of two invocations
  EXPECT_EQ(ran.mean_retries(RetryLayer::redrive), 0);
  const std::string text = ran.of_retries();
  EXPECT_THAT(text, HasSubstr("tried again by       client 100, SDK 400\n"));
  EXPECT_THAT(
      text, HasSubstr("bank                 x6 of at most 6: users (client x2) > worker (SDK x3) > bank\n"));
  EXPECT_THAT(text, HasSubstr("worker               x2 of at most 2: users (client x2) > worker\n"));
}

TEST(RetrySummary, CountsWhatAQueueDeliversAgain) {
  const Ran ran(R"(
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
  EXPECT_EQ(ran.mean_retries(RetryLayer::redrive), 10 * 3);
  EXPECT_EQ(ran.mean_retries(RetryLayer::asynchronous), 0) << "though the queue is called events";
  // Nothing is throttled here, so the event source itself adds nothing to the four receives.
  EXPECT_THAT(ran.of_retries(), HasSubstr("worker               x4 of at most 20: "));
}

TEST(RetrySummary, TellsAThrottledBatchThatIsInvokedAgainFromARedelivery) {
  const Ran ran(R"(
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
  EXPECT_GE(ran.mean_retries(RetryLayer::event_source), 1);
  EXPECT_EQ(ran.mean_retries(RetryLayer::redrive), 0);
  EXPECT_THAT(ran.of_retries(), HasSubstr("tried again by       event source "));
}

TEST(RetrySummary, CountsWhatLambdaTriesAgainOfItsOwnQueueOfEvents) {
  const Ran ran(R"(
spillway: 1
horizon: 10s
drain: 1h
resources:
  worker: { type: aws.lambda.function, program: [ { fail: 1 } ] }
traffic:
  users: { to: worker, route: invoke_async, arrivals: { constant: 1/s } }
)");
  EXPECT_EQ(ran.mean_retries(RetryLayer::asynchronous), 10 * 2);  // after one minute, and after two
  EXPECT_EQ(ran.mean_retries(RetryLayer::redrive), 0);
  EXPECT_THAT(ran.of_retries(), HasSubstr("asynchronous 20\n"));
}

TEST(RetrySummary, SaysNothingWhenNothingWasTriedAgain) {
  const Ran ran(kFailing, {"resources.bank.error_probability=0"});
  EXPECT_EQ(ran.of_retries(), "");
}

TEST(RetrySummary, TellsHedgesFromRetriesAndSaysWhatTheyCost) {
  const Ran ran(R"(
spillway: 1
horizon: 10s
drain: 1h
resources:
  bank: { type: http.endpoint, service: { constant: 100ms } }
traffic:
  users: { to: bank, arrivals: { constant: 1/s }, hedging: { delay: 60ms } }
)");
  EXPECT_EQ(ran.mean_retries(RetryLayer::hedge), 10);
  EXPECT_EQ(ran.mean_retries(RetryLayer::client), 0);
  EXPECT_THAT(ran.of_retries(),
              HasSubstr("bank                 x2 of at most 2: users (hedging x2) > bank\n"));
  EXPECT_EQ(
      ran.of_guards(),
      "\n  HEDGING\n    users>bank           10 hedges, 100% more attempts; 0 of them answered first\n");
}

TEST(RetrySummary, SaysHowLongACircuitBreakerWasOpenAndWhatItHeldBack) {
  const Ran ran(R"(
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
  EXPECT_THAT(ran.of_guards(), HasSubstr("\n  CIRCUIT BREAKERS\n    users>bank           open "));
  EXPECT_EQ(ran.of_retries(), "");
}

TEST(RetrySummary, SaysNothingOfGuardsThatAreNotThere) {
  const Ran ran(kFailing);
  EXPECT_EQ(ran.of_guards(), "");
}

}  // namespace
}  // namespace spillway::testing
