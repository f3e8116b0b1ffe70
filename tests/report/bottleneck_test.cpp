// The bottleneck's sentence, on scenarios that were built to have one cause: the resource and the cause must
// be the known ones, and the sentence must say them, when it began, and where the time of the slowest goes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/bottleneck.hpp"

namespace spillway {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

/// One replication of a scenario under tests/report/causes.
class Causes : public ::testing::Test {
 protected:
  Bottleneck of(const std::string& name) {
    scenario_ =
        load_scenario("tests/report/causes/" + name + ".spillway.yaml", {}, sources_, files_, diagnostics_);
    EXPECT_TRUE(scenario_.has_value()) << render_text(diagnostics_, sources_);
    const std::array<const Scenario*, 1> scenarios{&*scenario_};
    auto experiments = run_experiments(scenarios, {.seed = scenario_->seed});
    EXPECT_TRUE(experiments.has_value()) << experiments.error();
    return find_bottleneck(experiments->front());
  }

  Sources sources_;
  DiskFiles files_;
  Diagnostics diagnostics_;
  std::optional<Scenario> scenario_;
};

TEST_F(Causes, ReservedConcurrencyIsNamedWithItsNumber) {
  const Bottleneck found = of("reserved-concurrency");
  EXPECT_EQ(found.resource, "worker");
  EXPECT_EQ(found.cause, "reserved_concurrency");
  EXPECT_THAT(found.sentence,
              StartsWith("worker: its reserved concurrency of 5 is reached and refuses 48.4%"));
  EXPECT_EQ(found.since_s, 0);
}

TEST_F(Causes, AccountConcurrencyIsToldFromReserved) {
  const Bottleneck found = of("account-concurrency");
  EXPECT_EQ(found.resource, "job");  // most of what is refused
  EXPECT_EQ(found.cause, "account_concurrency");
  EXPECT_THAT(found.sentence, HasSubstr("the account's concurrency of 50 is reached"));
  // Twelve a second that take five seconds each: fifty are at work after about four seconds.
  ASSERT_TRUE(found.since_s.has_value());
  EXPECT_NEAR(*found.since_s, 4, 2);
}

TEST_F(Causes, AThrottledTableIsNamedAndNotItsCaller) {
  const Bottleneck found = of("table-throughput");
  EXPECT_EQ(found.resource, "readings");
  EXPECT_EQ(found.cause, "table_throughput");
  EXPECT_THAT(found.sentence, HasSubstr("back-off between attempts"));
}

TEST_F(Causes, AnIndexThatPushesBackIsNamedAtItsTable) {
  const Bottleneck found = of("hot-index");
  EXPECT_EQ(found.resource, "orders");
  EXPECT_EQ(found.cause, "hot_index_partition");
  EXPECT_THAT(found.sentence,
              StartsWith("orders: it waits for a hot partition of its index by_status and refuses"));
}

TEST_F(Causes, AHotPartitionIsToldFromTheTablesThroughput) {
  const Bottleneck found = of("hot-partition");
  EXPECT_EQ(found.resource, "tallies");
  EXPECT_EQ(found.cause, "hot_partition");
}

TEST_F(Causes, AVisibilityTimeoutShorterThanTheWorkIsFoundAtItsQueue) {
  const Bottleneck found = of("visibility-timeout");
  EXPECT_EQ(found.resource, "tasks");
  EXPECT_EQ(found.cause, "visibility_timeout");
  EXPECT_THAT(found.sentence, HasSubstr("visibility timeout of 1.00min is shorter than the work takes"));
  ASSERT_TRUE(found.since_s.has_value());
  EXPECT_GE(*found.since_s, 60);
}

TEST_F(Causes, ASlowDependencyIsNamedAndNotTheFunctionThatWaitsForIt) {
  const Bottleneck found = of("slow-dependency");
  EXPECT_EQ(found.resource, "payments");
  EXPECT_EQ(found.cause, "slow");
  EXPECT_THAT(found.sentence, HasSubstr("while all its 10 servers are busy"));
}

TEST_F(Causes, AFunctionThatIsFullBecauseItWaitsSaysForWhom) {
  const Bottleneck found = of("slow-dependency-behind-limit");
  EXPECT_EQ(found.resource, "checkout");
  EXPECT_EQ(found.cause, "reserved_concurrency");
  EXPECT_THAT(found.sentence, HasSubstr("as it waits for payments over 99% of its time"));
  EXPECT_THAT(found.sentence, HasSubstr("most of it at payments"));
}

TEST_F(Causes, ColdStartsAreNamedWhenTheyAreMostOfTheTime) {
  const Bottleneck found = of("cold-starts");
  EXPECT_EQ(found.resource, "rare");
  EXPECT_EQ(found.cause, "cold_starts");
  EXPECT_THAT(found.sentence, HasSubstr("of their time in cold starts"));
}

TEST_F(Causes, AGatewaysThrottleIsNamedAndNotTheFunctionBehindIt) {
  const Bottleneck found = of("gateway-throttle");
  EXPECT_EQ(found.resource, "api");
  EXPECT_EQ(found.cause, "rate");
  // Fifty of a hundred pass.
  EXPECT_NEAR(found.severity, 0.5, 0.02);
}

TEST_F(Causes, ADeepQueueIsNamedWithWhoWorksItOff) {
  const Bottleneck found = of("queue-behind-two");
  EXPECT_EQ(found.resource, "tasks");
  EXPECT_EQ(found.cause, "backlog");
  EXPECT_THAT(found.sentence, HasSubstr("while all 2 that worker may take at once are at work"));
  EXPECT_THAT(found.sentence, HasSubstr("of their time in queues"));
}

TEST_F(Causes, WhereNothingSaturatesItSaysSo) {
  const Bottleneck found = of("nothing");
  EXPECT_EQ(found.resource, "");
  EXPECT_FALSE(found.since_s.has_value());
  EXPECT_THAT(found.sentence,
              StartsWith("none: nothing refuses work or lets it pile up; the slowest 1% spend"));
}

TEST(Bottleneck, OfNoReplicationIsNone) {
  EXPECT_EQ(find_bottleneck(Experiment{}).sentence, "none: nothing was run.");
}

}  // namespace
}  // namespace spillway
