// The traffic equations against what can be worked out by hand, and against the simulation itself.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "scenario/build.hpp"
#include "scenario/static/loading.hpp"

namespace spillway::testing {
namespace {

using ::testing::DoubleNear;

constexpr const char* kFunction = R"(
spillway: 1
resources:
  worker: { type: aws.lambda.function, timeout: 10s, program: [ { compute: 500ms } ] }
traffic:
  users: { to: worker, arrivals: { poisson: 100/s } }
)";

// The Lambda Developer Guide's own example: 100 requests a second of half a second each.
TEST(StaticLoad, FindsConcurrencyByLittlesLaw) {
  const Viewed viewed(kFunction);
  const Demand& found = viewed.demand("worker", "invocations at once of the account");
  EXPECT_DOUBLE_EQ(found.need.mean, 50);
  EXPECT_DOUBLE_EQ(found.limit, 1000);
}

TEST(StaticLoad, LetsReservedConcurrencyStandBesideTheNeedForIt) {
  const Viewed viewed(kFunction, {"resources.worker.reserved_concurrency=20"});
  const Demand& found = viewed.demand("worker", "invocations at once");
  EXPECT_DOUBLE_EQ(found.limit, 20);
  EXPECT_DOUBLE_EQ(found.use(&Rates::peak), 2.5);
}

TEST(StaticLoad, EndsAnInvocationAtTheFunctionsTimeout) {
  const Viewed viewed(kFunction, {"resources.worker.program=[ { compute: 40s } ]"});
  EXPECT_DOUBLE_EQ(viewed.demand("worker", "invocations at once of the account").need.mean, 1000);
}

TEST(StaticLoad, AddsUpTheFunctionsThatShareTheAccount) {
  const Viewed viewed(R"(
spillway: 1
resources:
  one: { type: aws.lambda.function, program: [ { compute: 1s } ] }
  two: { type: aws.lambda.function, program: [ { compute: 1s } ] }
  own: { type: aws.lambda.function, reserved_concurrency: 300, program: [ { compute: 1s } ] }
traffic:
  a: { to: one, arrivals: { poisson: 10/s } }
  b: { to: two, arrivals: { poisson: 20/s } }
  c: { to: own, arrivals: { poisson: 40/s } }
)");
  const Demand& found = viewed.demand("one", "invocations at once of the account");
  EXPECT_DOUBLE_EQ(found.need.mean, 30);
  EXPECT_DOUBLE_EQ(found.limit, 700);
  EXPECT_DOUBLE_EQ(viewed.demand("own", "invocations at once").need.mean, 40);
}

constexpr const char* kBranches = R"(
spillway: 1
resources:
  start:
    type: aws.lambda.function
    program:
      - branch:
          - { when: big, steps: [ { call: large }, { call: large } ] }
          - { probability: 0.25, steps: [ { call: small } ] }
          - { steps: [ { parallel: [ [ { call: small } ], [ { emit: other } ] ] } ] }
      - fail: 0.1
      - call: last
  large: { type: http.endpoint, service: 10ms }
  small: { type: http.endpoint, service: 20ms }
  other: { type: http.endpoint, service: 30ms }
  last: { type: http.endpoint, service: 40ms, servers: 3 }
traffic:
  users: { to: start, arrivals: { poisson: 100/s }, classes: { big: { weight: 1 }, little: { weight: 3 } } }
)";

TEST(StaticLoad, FollowsClassesChancesArmsAndFailures) {
  const Viewed viewed(kBranches);
  EXPECT_DOUBLE_EQ(viewed.arrived("large").mean, 50);
  EXPECT_DOUBLE_EQ(viewed.arrived("small").mean, 75);
  EXPECT_DOUBLE_EQ(viewed.arrived("other").mean, 75 * 0.75);
  EXPECT_DOUBLE_EQ(viewed.arrived("last").mean, 90);
  EXPECT_NEAR(viewed.demand("last", "busy servers").need.mean, 3.6, 1e-9);
  EXPECT_GT(viewed.demand("last", "busy servers").use(&Rates::mean), 1);
  // 25 of 100 wait for large twice, the others for small once, nobody for what is emitted, 90 for last.
  EXPECT_NEAR(viewed.demand("start", "invocations at once of the account").need.mean,
              25 * 0.02 + 75 * 0.02 + 90 * 0.04, 1e-9);
}

constexpr const char* kBatches = R"(
spillway: 1
resources:
  intake: { type: aws.sqs.queue, visibility_timeout: 30s, redrive: { to: dead, max_receive_count: 3 } }
  dead: { type: aws.sqs.queue }
  worker:
    type: aws.lambda.function
    timeout: 3s
    event_sources: [ { from: intake, batch_size: 5, maximum_concurrency: 10, throttle_backoff: 1s } ]
    program:
      - once: [ { call: head, retry: none } ]
      - compute: 100ms
      - { call: each, retry: none }
  head: { type: http.endpoint, service: 50ms }
  each: { type: http.endpoint, service: 10ms }
traffic:
  users: { to: intake, arrivals: { constant: 20/s } }
)";

TEST(StaticLoad, DividesByTheBatchWhatRunsOncePerBatch) {
  const Viewed viewed(kBatches);
  EXPECT_DOUBLE_EQ(viewed.arrived("worker").mean, 20);
  EXPECT_DOUBLE_EQ(viewed.arrived("each").mean, 20);
  EXPECT_DOUBLE_EQ(viewed.arrived("head").mean, 4);
  // 4 batches a second of 5 x (100 + 10) + 50 ms each.
  const Demand& batches = viewed.demand("worker", "batches of intake");
  EXPECT_NEAR(batches.need.mean, 4 * 0.6, 1e-9);
  EXPECT_DOUBLE_EQ(batches.limit, 10);
  EXPECT_NEAR(viewed.demand("intake", "messages in flight").need.mean, 4 * 0.6 * 5, 1e-9);
}

TEST(StaticLoad, CountsEveryReceiveAndTheRedriveAtWorst) {
  const Viewed viewed(kBatches);
  // Each of three receives is throttled at 0, 1, 3, 7 and 15 s; the next try would come after 30 s.
  EXPECT_DOUBLE_EQ(viewed.arrived("worker").mean_worst, 20 * 3 * 5);
  EXPECT_DOUBLE_EQ(viewed.arrived("each").mean_worst, 60);
  EXPECT_DOUBLE_EQ(viewed.arrived("dead").mean_worst, 20);
  EXPECT_DOUBLE_EQ(viewed.arrived("dead").mean, 0);
  EXPECT_DOUBLE_EQ(viewed.bound("worker"), 15);
  EXPECT_DOUBLE_EQ(viewed.bound("each"), 3);
}

TEST(StaticLoad, ReceivesUntilTheMessageExpiresWhereNothingRedrives) {
  const Viewed viewed(kBatches, {"resources.intake.redrive=null", "resources.intake.retention=100s"});
  EXPECT_DOUBLE_EQ(viewed.bound("each"), 4);  // at 0, 30, 60 and 90 s
}

TEST(StaticLoad, MultipliesTheLayersAlongAPath) {
  const Viewed viewed(R"(
spillway: 1
resources:
  api: { type: aws.apigateway.rest, routes: { "GET /": { call: worker } } }
  worker: { type: aws.lambda.function, program: [ { call: table, op: put } ] }
  table: { type: aws.dynamodb.table }
traffic:
  users: { to: api, route: "GET /", arrivals: { poisson: 10/s }, retry: { max_attempts: 3, on: [ fault ] } }
)");
  EXPECT_DOUBLE_EQ(viewed.bound("api"), 3);
  EXPECT_DOUBLE_EQ(viewed.bound("worker"), 3);
  EXPECT_DOUBLE_EQ(viewed.bound("table"), 12);  // four by the SDK's own default towards a table
  EXPECT_NEAR(viewed.arrived("table").mean_worst, 120, 1e-9);
  EXPECT_NEAR(viewed.demand("table", "write units/s").need.mean, 10, 1e-9);
}

TEST(StaticLoad, TakesAPolicyThatRetriesNothingForOneAttempt) {
  const Viewed viewed(kFunction, {"traffic.users.retry={ max_attempts: 9, on: [] }"});
  EXPECT_DOUBLE_EQ(viewed.bound("worker"), 1);
}

TEST(StaticLoad, MultipliesRetriesByHedges) {
  const Viewed viewed(kFunction, {"traffic.users.retry={ max_attempts: 3, on: [ fault ] }",
                                  "traffic.users.hedging={ max_attempts: 4, percentile: p95 }"});
  EXPECT_DOUBLE_EQ(viewed.bound("worker"), 12);
  EXPECT_DOUBLE_EQ(Viewed(kFunction, {"traffic.users.hedging={ delay: 1s }"}).bound("worker"), 2);
}

TEST(StaticLoad, SaysUnlimitedWhereNothingLimits) {
  const Viewed viewed(kFunction, {"traffic.users.retry={ max_attempts: unlimited, on: [ fault ] }"});
  EXPECT_TRUE(std::isinf(viewed.bound("worker")));
  EXPECT_TRUE(std::isinf(viewed.arrived("worker").mean_worst));
  EXPECT_DOUBLE_EQ(viewed.arrived("worker").mean, 100);
}

constexpr const char* kCircle = R"(
spillway: 1
resources:
  intake: { type: aws.sqs.queue }
  worker:
    type: aws.lambda.function
    event_sources: [ { from: intake } ]
    program: [ { branch: [ { probability: 0.75, steps: [ { call: intake, retry: none } ] } ] } ]
traffic:
  users: { to: intake, arrivals: { poisson: 10/s } }
)";

TEST(StaticLoad, SumsACircleThatThinsOut) { EXPECT_NEAR(Viewed(kCircle).arrived("intake").mean, 40, 1e-9); }

TEST(StaticLoad, CallsACircleThatFeedsItselfUnlimited) {
  const Viewed viewed(kCircle, {"resources.worker.program=[ { call: intake, retry: none } ]"});
  EXPECT_TRUE(std::isinf(viewed.arrived("intake").mean));
  EXPECT_TRUE(std::isinf(viewed.arrived("worker").mean));
}

TEST(StaticLoad, FindsTheBusiestPartOfTheTraffic) {
  const Viewed viewed(
      kFunction,
      {"horizon=24h", "traffic.users.arrivals={ poisson: null, diurnal: { mean: 100/s, amplitude: 0.6 } }"});
  EXPECT_NEAR(viewed.arrived("worker").mean, 100, 1e-6);
  EXPECT_NEAR(viewed.arrived("worker").peak, 160, 0.01);
}

TEST(StaticLoad, TakesTheBusiestStateOfBurstsForThePeak) {
  const Viewed viewed(
      kFunction, {"traffic.users.arrivals={ poisson: null, bursts: { states: [ { rate: 10/s, mean: 30s }, "
                  "{ rate: 90/s, mean: 10s } ] }, scale: 2 }"});
  EXPECT_DOUBLE_EQ(viewed.arrived("worker").mean, 60);
  EXPECT_DOUBLE_EQ(viewed.arrived("worker").peak, 180);
}

TEST(StaticLoad, LetsAClosedLoopSendAsFastAsItIsAnswered) {
  const Viewed viewed(R"(
spillway: 1
resources:
  worker: { type: aws.lambda.function, program: [ { compute: 500ms } ] }
traffic:
  users: { to: worker, closed: { users: 30, think: 1s } }
)");
  EXPECT_DOUBLE_EQ(viewed.arrived("worker").mean, 20);
}

TEST(StaticLoad, FindsTheHottestKeyOfATable) {
  const Viewed viewed(R"(
spillway: 1
resources:
  table: { type: aws.dynamodb.table }
  worker: { type: aws.lambda.function, program: [ { call: table, op: put, bytes: 1500B } ] }
traffic:
  users: { to: worker, arrivals: { poisson: 550/s }, keys: { zipf: { keys: 3, exponent: 1 } } }
)");
  // 1 / (1 + 1/2 + 1/3) = 6/11 of two units each.
  EXPECT_NEAR(viewed.demand("table", "write units/s of one key").need.mean, 600, 1e-6);
  EXPECT_DOUBLE_EQ(viewed.demand("table", "write units/s of one key").limit, 1000);
}

// ---- Against the simulation ----------------------------------------------------------------------------

std::uint64_t sent_to(const RunResult& run, std::string_view resource) {
  for (const ResourceResult& each : run.resources) {
    if (each.name == resource) return each.calls.counts.items;
  }
  return 0;
}

TEST(StaticLoad, IsWhatARunWithoutFailuresMeasures) {
  const Viewed viewed(kBranches, {"horizon=2000s", "resources.last.servers=unlimited",
                                  "resources.start.account_concurrency=100000",
                                  "resources.start.scaling_environments=100000"});
  const auto run = run_scenario(*viewed.scenario, {});
  ASSERT_TRUE(run.has_value());
  for (const char* const name : {"start", "large", "small", "other", "last"}) {
    const double expected = viewed.arrived(name).mean * 2000;
    EXPECT_THAT(static_cast<double>(sent_to(*run, name)), DoubleNear(expected, 5 * std::sqrt(expected)))
        << name;
  }
}

TEST(StaticLoad, IsReachedByARunInWhichEveryAttemptIsThrottled) {
  const Viewed viewed(kBatches, {"horizon=200s", "drain=1h", "resources.worker.reserved_concurrency=0",
                                 "resources.worker.event_sources[0].batch_size=1",
                                 "resources.worker.event_sources[0].maximum_concurrency=1000",
                                 "resources.worker.event_sources[0].start_concurrency=1000",
                                 "resources.worker.event_sources[0].delivery_latency=0ms",
                                 "traffic.users.arrivals={ constant: 1/s, until: 1500ms }"});
  const auto run = run_scenario(*viewed.scenario, {});
  ASSERT_TRUE(run.has_value());
  EXPECT_EQ(sent_to(*run, "intake"), 2U);
  EXPECT_EQ(static_cast<double>(sent_to(*run, "worker")), 2 * viewed.bound("worker"));
}

TEST(StaticLoad, AsksAnAuthorizerOnEveryRouteThatIsNotOpen) {
  const Viewed viewed(R"(
spillway: 1
resources:
  api:
    type: aws.apigateway.rest
    authorizer: { call: guard }
    routes: { "GET /a": { call: work }, "GET /health": { call: work, open: true } }
  guard: { type: aws.lambda.function, program: [ { compute: 100ms } ] }
  work: { type: aws.lambda.function, program: [ { compute: 100ms } ] }
traffic:
  users: { to: api, route: "GET /a", arrivals: { poisson: 30/s } }
  probes: { to: api, route: "GET /health", arrivals: { poisson: 10/s } }
)");
  EXPECT_NEAR(viewed.arrived("guard").mean, 30, 1e-9);
  EXPECT_NEAR(viewed.arrived("work").mean, 40, 1e-9);
}

TEST(StaticLoad, SharesALoadBalancersRequestsAmongItsTargets) {
  const Viewed viewed(R"(
spillway: 1
resources:
  front: { type: aws.elb.application, rules: { default: { targets: [ one, two ] } } }
  one: { type: http.endpoint }
  two: { type: http.endpoint }
traffic:
  users: { to: front, arrivals: { poisson: 30/s } }
)");
  EXPECT_NEAR(viewed.arrived("one").mean, 15, 1e-9);
  EXPECT_NEAR(viewed.arrived("two").mean, 15, 1e-9);
}

}  // namespace
}  // namespace spillway::testing
