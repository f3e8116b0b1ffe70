// Provisioned concurrency: ready ahead of demand, its limits, its schedule, its price, target tracking.

#include "services/function_provisioned.hpp"

#include "support/one_function.hpp"

namespace spillway {
namespace {

using testing::at;
using testing::computing;
using testing::fixed;
using testing::OneFunction;
using testing::Probe;

TEST(ProvisionedConcurrency, ServesWithoutAColdStart) {
  OneFunction one({.init = fixed(2s), .provisioned = ProvisionedConfig{.environments = 3}});
  one.send(3);
  one.run(10s);
  EXPECT_EQ(one.answered(Outcome::ok), 3);
  for (const auto& answer : one.probe->answers) EXPECT_EQ(answer.when, at(100ms));
  EXPECT_EQ(one.log.marks(Mark::cold_start), 0);
  EXPECT_EQ(one.log.marks(Mark::spilled_over), 0);
}

TEST(ProvisionedConcurrency, SpillsOverToEnvironmentsOnDemand) {
  OneFunction one({.init = fixed(2s), .provisioned = ProvisionedConfig{.environments = 3}});
  one.send(5);
  one.run(10s);
  EXPECT_EQ(one.answered(Outcome::ok), 5);
  EXPECT_EQ(one.log.marks(Mark::cold_start), 2);
  EXPECT_EQ(one.log.marks(Mark::spilled_over), 2);
  EXPECT_EQ(one.peak(Gauge::provisioned_in_use), 3);
  EXPECT_EQ(one.peak(Gauge::concurrency), 5);
}

TEST(ProvisionedConcurrency, ServesTenRequestsASecondForEachEnvironmentAndSpillsTheRest) {
  OneFunction one({.provisioned = ProvisionedConfig{.environments = 2}}, 1ms);
  one.send_evenly(50, 0s, 1s);
  one.run(2s);
  EXPECT_EQ(one.answered(Outcome::ok), 50);
  EXPECT_EQ(one.log.marks(Mark::spilled_over), 30);
}

TEST(ProvisionedConcurrency, StaysReadyHoweverLongItIsIdle) {
  OneFunction one({.init = fixed(2s),
                   .keep_alive = KeepAlive::fixed(60s),
                   .provisioned = ProvisionedConfig{.environments = 1}});
  one.send(1, at(10h));
  one.run(11h);
  EXPECT_EQ(one.log.marks(Mark::cold_start), 0);
  EXPECT_EQ(one.function->environments(), 1);
}

TEST(ProvisionedConcurrency, IsTakenOutOfWhatTheAccountSharesOnDemand) {
  OneFunction one({.account_concurrency = 10, .provisioned = ProvisionedConfig{.environments = 4}}, 5s);
  auto& neighbour = one.world.add<Function>("neighbour", FunctionConfig{.account_concurrency = 10});
  neighbour.set_program(computing(5s));
  const PortId to_neighbour = one.world.connect(one.probe->id(), neighbour.id());
  for (int i = 0; i < 8; ++i) one.probe->send_at(at(0s), to_neighbour);
  one.send(5, at(1s));
  one.run(20s);
  EXPECT_EQ(one.answered(Outcome::throttled), 2 + 1) << "six are left to share, and four are its own";
  EXPECT_EQ(one.log.marks(Mark::concurrency_throttled), 2 + 1);
}

TEST(ProvisionedConcurrency, IsAPartOfReservedConcurrency) {
  OneFunction one(
      {.timeout = 60s, .reserved_concurrency = 5, .provisioned = ProvisionedConfig{.environments = 4}}, 5s);
  one.send(8);
  one.run(20s);
  EXPECT_EQ(one.answered(Outcome::ok), 5);
  EXPECT_EQ(one.log.marks(Mark::reserved_concurrency_throttled), 3);
}

TEST(ProvisionedConcurrency, LeavesNothingOnDemandWhenAllThatIsReservedIsProvisioned) {
  OneFunction one(
      {.timeout = 60s, .reserved_concurrency = 4, .provisioned = ProvisionedConfig{.environments = 4}}, 5s);
  one.send(5);
  one.run(20s);
  EXPECT_EQ(one.answered(Outcome::ok), 4);
  EXPECT_EQ(one.log.marks(Mark::spilled_over), 1);
  EXPECT_EQ(one.log.marks(Mark::reserved_concurrency_throttled), 1);
}

TEST(ProvisionedConcurrency, IsNotUsableBeforeAllOfItIsAllocated) {
  OneFunction one({.account_concurrency = 10'000,
                   .provisioned = ProvisionedConfig{.schedule = {{.at = 10s, .environments = 5000}}}});
  one.start();
  one.run_on(10s + 60s + 50s - 1ms);
  EXPECT_EQ(one.function->provisioned(), 0);
  one.run_on(10s + 60s + 50s + 1ms);  // 5,000 at 6,000 a minute
  EXPECT_EQ(one.function->provisioned(), 5000);
}

TEST(ProvisionedConcurrency, KeepsWhatItHasWhileMoreIsAllocated) {
  OneFunction one(
      {.init = fixed(1s),
       .provisioned = ProvisionedConfig{.environments = 2, .schedule = {{.at = 0s, .environments = 4}}}});
  one.send(3, at(30s));
  one.send(4, at(90s));
  one.run(200s);
  EXPECT_EQ(one.log.marks(Mark::spilled_over), 1) << "of the first three; then there are four";
}

TEST(ProvisionedConcurrency, EndsEnvironmentsThatAreTooManyWhenTheyAreDone) {
  OneFunction one(
      {.timeout = 60s,
       .provisioned = ProvisionedConfig{.environments = 3, .schedule = {{.at = 1s, .environments = 1}}}},
      5s);
  one.send(3);
  one.start();
  one.run_on(2s);
  EXPECT_EQ(one.function->environments(), 3) << "all are busy";
  one.run_on(10s);
  EXPECT_EQ(one.function->environments(), 1);
  EXPECT_EQ(one.answered(Outcome::ok), 3);
}

TEST(ProvisionedConcurrency, IsPaidForFromTheRequestUntilItIsTurnedOffInStepsOfFiveMinutes) {
  OneFunction one({.memory_mib = 1536,
                   .provisioned = ProvisionedConfig{
                       .schedule = {{.at = 10min, .environments = 100}, {.at = 22min, .environments = 0}}}});
  one.run(1h);
  EXPECT_EQ(one.used("lambda.provisioned_concurrency.x86"), std::int64_t{100} * 1536 * 15 * 60'000)
      << "12 minutes are billed as 15";
}

TEST(ProvisionedConcurrency, IsPaidForByLevelWhenItChanges) {
  OneFunction one(
      {.memory_mib = 128,
       .provisioned = ProvisionedConfig{.environments = 10, .schedule = {{.at = 10min, .environments = 4}}}});
  one.run(30min);
  EXPECT_EQ(one.used("lambda.provisioned_concurrency.x86"), (10 * 10 + 4 * 20) * std::int64_t{60'000} * 128);
}

TEST(ProvisionedConcurrency, BillsInitOfItsEnvironmentsAndTheirWorkAtItsOwnPrice) {
  OneFunction one({.memory_mib = 1024,
                   .arm = true,
                   .init = fixed(300ms),
                   .provisioned = ProvisionedConfig{.schedule = {{.at = 0s, .environments = 2}}}});
  one.send(1, at(5min));
  one.run(6min);
  EXPECT_EQ(one.used("lambda.provisioned_duration.arm"), (2 * 300 + 100) * 1024)
      << "INIT of both, though one of them never serves a request";
  EXPECT_EQ(one.used("lambda.duration.arm"), 0);
  EXPECT_EQ(one.used("lambda.requests"), 1);
}

TEST(ProvisionedConcurrency, RepeatsAScheduledAction) {
  OneFunction one(
      {.provisioned = ProvisionedConfig{.schedule = {{.at = 8h, .environments = 5, .every = 24h},
                                                     {.at = 18h, .environments = 0, .every = 24h}}}});
  one.start();
  for (const int day : {0, 1, 2}) {
    one.run_on(day * 24h + 7h);
    EXPECT_EQ(one.function->provisioned(), 0);
    one.run_on(day * 24h + 9h);
    EXPECT_EQ(one.function->provisioned(), 5);
  }
}

// ---- Target tracking ----------------------------------------------------------------------------------

/// Fifty requests a second of 100 ms keep five environments busy.
struct Tracked : OneFunction {
  Tracked(std::int64_t start, int per_second, Duration until)
      : OneFunction(
            {.provisioned = ProvisionedConfig{
                 .environments = start,
                 .scaling = ProvisionedScaling{.minimum = 2, .maximum = 20, .target_permille = 500}}}) {
    send_evenly(per_second, 0s, until);
  }
};

TEST(ProvisionedScaling, AddsInProportionAfterThreeMinutesAboveItsTarget) {
  Tracked one(8, 50, 10min);  // five of eight are busy
  one.start();
  one.run_on(3min + 1ms + 60s);
  EXPECT_EQ(one.function->provisioned(), 8) << "asked for after three points, prepared for a minute";
  one.run_on(4min + 2s);
  EXPECT_EQ(one.function->provisioned(), 10) << "ten, of which five are a half";
  one.run_on(10min);
  EXPECT_EQ(one.function->provisioned(), 10);
}

TEST(ProvisionedScaling, TakesAwayAfterThreeMinutesBelowNineTenthsOfItsTarget) {
  Tracked one(20, 50, 10min);
  one.start();
  one.run_on(3min - 1ms);
  EXPECT_EQ(one.function->provisioned(), 20);
  one.run_on(3min + 1ms);
  EXPECT_EQ(one.function->provisioned(), 10);
}

TEST(ProvisionedScaling, StaysWithinItsBounds) {
  Tracked low(8, 1, 10min);
  low.run(10min);
  EXPECT_EQ(low.function->provisioned(), 2);
  Tracked high(15, 190, 20min);
  high.run(20min);
  EXPECT_EQ(high.function->provisioned(), 20);
}

TEST(ProvisionedScaling, DoesNothingWithoutData) {
  Tracked one(8, 50, 1s);
  one.run(1h);
  EXPECT_EQ(one.function->provisioned(), 8) << "one minute was active: too few points to act on";
}

}  // namespace
}  // namespace spillway
