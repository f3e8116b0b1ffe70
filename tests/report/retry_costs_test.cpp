// What each layer's repeated attempts cost: of hand-made results, and of runs whose every attempt is known.

#include "report/retry_costs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/small_experiment.hpp"
#include "scenario/static/loading.hpp"

namespace spillway::testing {
namespace {

using ::testing::HasSubstr;

/// An experiment of edges and bill lines that are added one by one. Its client is called shoppers.
struct Edges : SmallExperiment {
  Edges() {
    run.edges.clear();
    experiment.bill.lines.clear();
  }
  Edges& edge(const char* from, const char* to, std::uint64_t repeats, std::uint64_t resent) {
    EdgeResult& made = run.edges.emplace_back();
    made.from = from;
    made.to = to;
    made.calls.counts.repeats = repeats;
    made.calls.counts.resent = resent;
    return *this;
  }
  Edges& line(const char* resource, const char* by_retries) {
    BillLine& made = experiment.bill.lines.emplace_back();
    made.resource = resource;
    made.cost = a_month("100", by_retries);
    return *this;
  }
  RetryCosts costs() {
    experiment.replications = {run};
    return retry_costs(experiment);
  }

  RunResult run = replication();
};

TEST(RetryCosts, OfARetryAreItsLayers) {
  const RetryCosts costs = Edges().edge("shoppers", "api", 7, 7).line("api", "1.4").costs();
  EXPECT_EQ(costs.lines.at(0).of(RetryLayer::client), dollars("1.4"));
  EXPECT_EQ(costs.total.of(RetryLayer::client), dollars("1.4"));
  EXPECT_TRUE(costs.total.of(RetryLayer::sdk).is_zero());
}

TEST(RetryCosts, OfWorkThatARepeatedRequestAsksForAreTheLayersThatRepeatedTheRequest) {
  const RetryCosts costs = Edges()
                               .edge("shoppers", "api", 6, 6)
                               .edge("api", "worker", 6, 0)
                               .edge("worker", "table", 8, 2)  // two by the SDK, six for the client
                               .line("table", "4")
                               .line("worker", "1")
                               .costs();
  EXPECT_EQ(costs.lines.at(0).of(RetryLayer::client), dollars("3"));
  EXPECT_EQ(costs.lines.at(0).of(RetryLayer::sdk), dollars("1"));
  EXPECT_EQ(costs.lines.at(1).of(RetryLayer::client), dollars("1"));
  EXPECT_EQ(costs.total.of(RetryLayer::client), dollars("4"));
}

TEST(RetryCosts, OfAMessageThatIsReceivedAgainAreItsQueuesToo) {
  const RetryCosts costs = Edges()
                               .edge("shoppers", "intake", 1, 1)
                               .edge("worker<intake", "worker", 3, 0)
                               .edge("worker", "table", 3, 0)
                               .line("intake", "8")
                               .line("worker", "1")
                               .line("table", "2")
                               .costs();
  EXPECT_EQ(costs.lines.at(0).of(RetryLayer::redrive), dollars("6"));
  EXPECT_EQ(costs.lines.at(0).of(RetryLayer::client), dollars("2"));
  EXPECT_EQ(costs.lines.at(1).of(RetryLayer::redrive), dollars("1"));
  EXPECT_EQ(costs.lines.at(2).of(RetryLayer::redrive), dollars("2"));
}

TEST(RetryCosts, OfAStateMachineThatTriesAgainAreTheWorkflows) {
  Edges edges;
  ResourceResult& machine = edges.run.resources.emplace_back();
  machine.name = "saga";
  machine.marks[index(Mark::state_retried)] = 5;
  const RetryCosts costs = edges.edge("saga", "worker", 5, 0).line("saga", "1").line("worker", "2").costs();
  EXPECT_EQ(costs.total.of(RetryLayer::workflow), dollars("3"));
}

TEST(RetryCosts, OfAHedgeAreHedgings) {
  Edges edges;
  edges.edge("shoppers", "api", 4, 1).run.edges.back().calls.counts.guards.hedges = 3;
  const RetryCosts costs = edges.line("api", "8").costs();
  EXPECT_EQ(costs.total.of(RetryLayer::client), dollars("2"));
  EXPECT_EQ(costs.total.of(RetryLayer::hedge), dollars("6"));
}

TEST(RetryCosts, OfAnIndexAreThoseOfItsTable) {
  const RetryCosts costs = Edges().edge("worker", "orders", 2, 2).line("orders/by_status", "1").costs();
  EXPECT_EQ(costs.total.of(RetryLayer::sdk), dollars("1"));
}

TEST(RetryCosts, ThatNoLayerIsKnownForAreNobodys) {
  const RetryCosts costs = Edges().edge("worker", "table", 4, 1).line("table", "4").line("bus", "1").costs();
  EXPECT_EQ(costs.total.of(RetryLayer::sdk), dollars("1"));
  EXPECT_EQ(costs.total.of(RetryLayer::none), dollars("4"));
}

TEST(RetryCosts, OfACircleEndAtWhoBeganIt) {
  const RetryCosts costs = Edges()
                               .edge("shoppers", "a", 10, 10)
                               .edge("b", "a", 10, 0)
                               .edge("a", "b", 20, 0)
                               .line("a", "3")
                               .line("b", "3")
                               .costs();
  EXPECT_EQ(costs.total.of(RetryLayer::client), dollars("6"));
}

TEST(RetryCosts, OfTheLayersAddUpToTheLastDigit) {
  const RetryCosts costs = Edges()
                               .edge("shoppers", "api", 1, 1)
                               .edge("worker", "api", 1, 1)
                               .edge("worker<intake", "api", 1, 0)
                               .line("api", "0.000000000000000000000000000000000001")
                               .line("api", "0.1")
                               .costs();
  Money sum;
  for (const Money& part : costs.total.month) sum += part;
  EXPECT_EQ(sum, dollars("0.100000000000000000000000000000000001"));
  EXPECT_FALSE(costs.lines.at(1).of(RetryLayer::redrive).is_zero());
}

// A client that asks twice, and an SDK that writes three times, each time in vain.
TEST(RetryCosts, OfARunAreWhatItsAttemptsSay) {
  const Viewed viewed(R"(
spillway: 1
horizon: 100s
drain: 1h
resources:
  worker:
    type: aws.lambda.function
    cold_start: none
    program: [ { call: gate, retry: { max_attempts: 3, on: [ fault ] } } ]
  gate: { type: aws.lambda.function, cold_start: none, program: [ { fail: { outcome: fault } } ] }
traffic:
  users:
    to: worker
    arrivals: { constant: 1/s }
    retry: { max_attempts: 2, on: [ error ] }
)");
  const std::array<const Scenario*, 1> scenarios{&*viewed.scenario};
  const auto experiments = run_experiments(scenarios, {});
  ASSERT_TRUE(experiments.has_value()) << experiments.error();
  const Experiment& experiment = experiments->front();
  const RetryCosts costs = retry_costs(experiment);
  std::size_t found = 0;
  for (std::size_t i = 0; i < costs.lines.size(); ++i) {
    const BillLine& line = experiment.bill.lines[i];
    if (line.meter != "lambda.requests") continue;
    ++found;
    const Money client = costs.lines[i].of(RetryLayer::client);
    const Money sdk = costs.lines[i].of(RetryLayer::sdk);
    EXPECT_EQ(client + sdk, line.cost.month_by_retries);
    EXPECT_FALSE(client.is_zero());
    // Of six requests to the gate one is new, one is the client's, and four are the SDK's.
    EXPECT_EQ(sdk, line.resource == "gate" ? client * 4 : Money{});
  }
  EXPECT_EQ(found, 2u);
  EXPECT_TRUE(costs.total.of(RetryLayer::none).is_zero());
}

}  // namespace
}  // namespace spillway::testing
