// Environments, concurrency, scaling, timeouts and billing of a Lambda function.

#include <gtest/gtest.h>

#include "support/one_function.hpp"

namespace spillway {
namespace {

using testing::at;
using testing::computing;
using testing::FactLog;
using testing::fixed;
using testing::OneFunction;
using testing::Probe;
using testing::Server;

TEST(Function, AnyScalingRateIsWhatItSays) {
  OneFunction one({.scaling_environments = 10'000'000, .account_concurrency = 10'000'000});
  one.send(5, at(100s));
  one.run(200s);
  EXPECT_EQ(one.answered(Outcome::ok), 5);
}

TEST(Function, StartsAnEnvironmentForTheFirstRequestAndUsesItAgain) {
  OneFunction one({.init = fixed(200ms)});
  one.probe->send_at(at(0s), one.port);
  one.probe->send_at(at(1s), one.port);
  one.run(10s);
  EXPECT_EQ(one.probe->answers[0].when, at(300ms));
  EXPECT_EQ(one.probe->answers[0].waits.cold, 200ms);
  EXPECT_EQ(one.probe->answers[1].when, at(1100ms));
  EXPECT_EQ(one.log.marks(Mark::cold_start), 1);
}

TEST(Function, NeverQueuesARequestBehindABusyEnvironment) {
  OneFunction one({});
  for (int i = 0; i < 6; ++i) one.probe->send_at(at(0s), one.port);
  one.run(10s);
  EXPECT_EQ(one.log.marks(Mark::cold_start), 6);
  for (const auto& answer : one.probe->answers) EXPECT_EQ(answer.when, at(100ms));
}

TEST(Function, KeepsAnEnvironmentForItsIdleTimeAndNoLonger) {
  OneFunction one({.keep_alive = KeepAlive::fixed(600s)});
  one.probe->send_at(at(0s), one.port);
  one.probe->send_at(at(600s), one.port);                 // 599.9 s idle: warm
  one.probe->send_at(at(600s + 100ms + 601s), one.port);  // 601 s idle: cold
  one.run(3000s);
  EXPECT_EQ(one.log.marks(Mark::cold_start), 2);
  EXPECT_EQ(one.function->environments(), 0);
}

TEST(Function, SendsARequestToTheMostRecentlyUsedIdleEnvironment) {
  OneFunction one({.keep_alive = KeepAlive::fixed(100s)});
  one.probe->send_at(at(0s), one.port);  // two environments, then traffic that needs only one of them
  one.probe->send_at(at(0s), one.port);
  for (int i = 1; i <= 10; ++i) one.probe->send_at(at(i * 30s), one.port);
  EXPECT_FALSE(one.world.start().has_value());
  one.world.run(at(310s));
  EXPECT_EQ(one.function->environments(), 1) << "the other one must have been idle all the time";
}

TEST(Function, EndsAnEnvironmentAtItsGreatestAge) {
  OneFunction one({.keep_alive = KeepAlive::fixed(600s, 1000s)});
  for (int i = 0; i < 6; ++i) one.probe->send_at(at(i * 300s), one.port);
  one.run(1600s);
  EXPECT_EQ(one.log.marks(Mark::cold_start), 2) << "born at 0 s, too old at 1,200 s";
}

TEST(Function, EndsEveryIdleEnvironmentWhenTheFunctionIsQuietForLong) {
  OneFunction one({.keep_alive = KeepAlive::measured()});
  one.probe->send_at(at(0s), one.port);
  one.probe->send_at(at(640s), one.port);
  one.probe->send_at(at(640s + 655s), one.port);
  one.run(1300s);
  EXPECT_EQ(one.log.marks(Mark::cold_start), 2);
}

TEST(Function, HalvesItsIdleEnvironmentsPeriodically) {
  OneFunction one({.keep_alive = KeepAlive::halved_every(380s)});
  for (int i = 0; i < 8; ++i) one.probe->send_at(at(0s), one.port);
  EXPECT_FALSE(one.world.start().has_value());
  std::vector<std::int64_t> left;
  for (int i = 1; i <= 4; ++i) {
    one.world.run(at(i * 380s + 10s));
    left.push_back(one.function->environments());
  }
  EXPECT_EQ(left, (std::vector<std::int64_t>{4, 2, 1, 0}));
}

TEST(Function, ThrottlesBeyondItsReservedConcurrency) {
  OneFunction one({.reserved_concurrency = 2});
  for (int i = 0; i < 3; ++i) one.probe->send_at(at(0s), one.port);
  one.probe->send_at(at(101ms), one.port);
  one.run(1s);
  EXPECT_EQ(one.outcome(1), Outcome::ok);
  EXPECT_EQ(one.outcome(2), Outcome::throttled);
  EXPECT_EQ(one.outcome(3), Outcome::ok);
  EXPECT_EQ(one.log.marks(Mark::concurrency_throttled), 1);
}

TEST(Function, WithNoReservedConcurrencyAtAllRunsNothing) {
  OneFunction one({.reserved_concurrency = 0});
  one.probe->send_at(at(0s), one.port);
  one.run(1s);
  EXPECT_EQ(one.outcome(0), Outcome::throttled);
  EXPECT_EQ(one.log.marks(Mark::reserved_concurrency_throttled), 1);
}

TEST(Function, SharesTheAccountsUnreservedConcurrencyWithItsNeighbours) {
  World world;
  auto& probe = world.add<Probe>("probe");
  auto& reserved =
      world.add<Function>("reserved", FunctionConfig{.reserved_concurrency = 7, .account_concurrency = 10});
  auto& first = world.add<Function>("first", FunctionConfig{.account_concurrency = 10});
  auto& second = world.add<Function>("second", FunctionConfig{.account_concurrency = 10});
  for (Function* function : {&reserved, &first, &second}) function->set_program(computing(1s));
  const PortId to_first = world.connect(probe.id(), first.id());
  const PortId to_second = world.connect(probe.id(), second.id());
  for (int i = 0; i < 2; ++i) probe.send_at(at(0s), to_first);
  for (int i = 0; i < 2; ++i) probe.send_at(at(1ms), to_second);
  EXPECT_FALSE(world.start().has_value());
  world.run(at(10s));
  EXPECT_EQ(probe.answers[0].number, 3u)
      << "ten less seven reserved leave three; the fourth is refused at once";
  EXPECT_EQ(probe.answers[0].outcome, Outcome::throttled);
}

TEST(Function, StartsAThousandEnvironmentsAtOnceThenAHundredASecond) {
  OneFunction one({.account_concurrency = 10'000}, 100s);
  for (int i = 0; i < 1200; ++i) one.probe->send_at(at(0s), one.port);
  for (int i = 0; i < 300; ++i) one.probe->send_at(at(2s), one.port);
  one.run(3s);
  EXPECT_EQ(one.log.marks(Mark::cold_start), 1000 + 200);
  EXPECT_EQ(one.log.marks(Mark::scaling_throttled), 200 + 100);
}

TEST(Function, EndsAnInvocationAtItsTimeout) {
  OneFunction one({.timeout = 3s}, 5s);
  one.probe->send_at(at(0s), one.port);
  one.run(10s);
  EXPECT_EQ(one.outcome(0), Outcome::error);
  EXPECT_EQ(one.probe->answers[0].when, at(3s));
  EXPECT_EQ(one.log.marks(Mark::function_timeout), 1);
  EXPECT_EQ(one.used("lambda.duration.x86"), 3000 * 128);
}

TEST(Function, RunsInitAgainInsideTheInvocationThatFollowsATimeout) {
  OneFunction one({.timeout = 1s, .init = fixed(400ms)});
  Program sleeps_once;  // the first request runs into the timeout, the others do not
  sleeps_once.add({.verb = Step::Verb::compute_work});
  sleeps_once.add({.verb = Step::Verb::end});
  one.function->set_program(std::move(sleeps_once));
  one.probe->send_at(at(0s), one.port, {.work = 5s});
  for (const Duration when : {2s, 4s}) one.probe->send_at(at(when), one.port, {.work = 100ms});
  one.run(10s);
  EXPECT_EQ(one.outcome(0), Outcome::error);
  EXPECT_EQ(one.probe->answers[1].when, at(2s + 400ms + 100ms)) << "in the same environment, INIT and all";
  EXPECT_EQ(one.probe->answers[1].waits.cold, 400ms);
  EXPECT_EQ(one.probe->answers[2].when, at(4s + 100ms)) << "and warm again";
  EXPECT_EQ(one.log.marks(Mark::cold_start), 1);
  EXPECT_EQ(one.used("lambda.duration.x86"), (400 + 1000 + 500 + 100) * 128) << "billed as its duration";
}

TEST(Function, EndsAnInvocationWhoseSecondInitTakesLongerThanItsTimeout) {
  OneFunction one({.timeout = 3s, .init = fixed(15s)}, 100ms);
  one.probe->send_at(at(0s), one.port);
  one.run(60s);
  EXPECT_EQ(one.outcome(0), Outcome::error);
  EXPECT_EQ(one.probe->answers[0].when, at(10s + 3s)) << "10 s of INIT, then the invocation that repeats it";
  EXPECT_EQ(one.log.marks(Mark::init_timed_out), 1);
  EXPECT_EQ(one.used("lambda.duration.x86"), 3000 * 128) << "the broken-off INIT is not billed";
}

TEST(Function, DoesNotRunInitAgainWhenItEndsJustInTime) {
  OneFunction one({.timeout = 3s, .init = fixed(10s)}, 100ms);
  one.probe->send_at(at(0s), one.port);
  one.run(60s);
  EXPECT_EQ(one.probe->answers[0].when, at(10s + 100ms));
  EXPECT_EQ(one.log.marks(Mark::init_timed_out), 0);
}

TEST(Function, CountsItsTimeoutFromTheInvocationNotFromInit) {
  OneFunction one({.timeout = 1s, .init = fixed(5s)}, 900ms);
  one.probe->send_at(at(0s), one.port);
  one.run(10s);
  EXPECT_EQ(one.outcome(0), Outcome::ok);
}

TEST(Function, BillsInitAndDurationRoundedUpToTheMillisecondTimesMemory) {
  OneFunction one({.memory_mib = 512, .init = fixed(150ms + 1us)}, 100ms);
  one.probe->send_at(at(0s), one.port);
  one.probe->send_at(at(1s), one.port);
  one.run(10s);
  EXPECT_EQ(one.log.used(one.world.meter("lambda.requests")), 2);
  EXPECT_EQ(one.log.used(one.world.meter("lambda.duration.x86")), (251 + 100) * 512);
}

TEST(Function, DoesNotBillInitUnderTheRuleBeforeAugust2025) {
  OneFunction one({.memory_mib = 128, .arm = true, .init = fixed(150ms), .bill_init = false}, 99ms + 1us);
  one.probe->send_at(at(0s), one.port);
  one.run(10s);
  EXPECT_EQ(one.log.used(one.world.meter("lambda.duration.arm")), 100 * 128);
}

TEST(Function, RoundsUpToOtherBillingSteps) {
  OneFunction one({.init = fixed(50ms), .bill_init = false, .billing_step = 100ms}, 100ms + 1us);
  one.send(1);
  one.run(10s);
  EXPECT_EQ(one.used("lambda.duration.x86"), 200 * 128);
}

TEST(Function, BillsEphemeralStorageBeyondWhatIsFreeForAsLongAsItRuns) {
  OneFunction one({.billed_storage_mib = 1536}, 280ms);
  one.send(1);
  one.run(10s);
  EXPECT_EQ(one.used("lambda.ephemeral_storage"), 280 * 1536);
}

TEST(Function, BillsWhatEachInvocationLogs) {
  OneFunction one({.log_bytes = 700}, 280ms);
  one.send(3);
  one.run(10s);
  EXPECT_EQ(one.used("cloudwatch.logs.ingest"), 3 * 700);
}

TEST(Function, FetchesItsSecretsOneAfterTheOtherInEachInit) {
  OneFunction one({.init = fixed(200ms), .secrets = {.count = 3, .takes = fixed(20ms)}});
  one.probe->send_at(at(0s), one.port);
  one.probe->send_at(at(0s), one.port);
  one.probe->send_at(at(1s), one.port);  // warm: it has them
  one.run(10s);
  EXPECT_EQ(one.probe->answers[0].waits.cold, 260ms);
  EXPECT_EQ(one.used("secretsmanager.calls"), 2 * 3);
  EXPECT_EQ(one.used("lambda.duration.x86"), (3 * 100 + 2 * 260) * 128);
}

TEST(Function, FetchesItsSecretsAgainWhenInitRunsAgain) {
  OneFunction one({.timeout = 30s, .init = fixed(9s), .secrets = {.count = 2, .takes = fixed(1s)}});
  one.send(1);
  one.run(60s);
  EXPECT_EQ(one.log.marks(Mark::init_timed_out), 1) << "11 s in all";
  EXPECT_EQ(one.used("secretsmanager.calls"), 2 * 2);
}

TEST(Function, HasItsSecretsInTheSnapshot) {
  OneFunction one({.init = fixed(9s),
                   .secrets = {.count = 2, .takes = fixed(1s)},
                   .snap_start = SnapStartConfig{.restore = fixed(300ms)}});
  one.send(1);
  one.run(60s);
  EXPECT_EQ(one.probe->answers[0].waits.cold, 300ms);
  EXPECT_EQ(one.used("secretsmanager.calls"), 0);
}

TEST(Function, ServesTenRequestsASecondForEachReservedUnitHoweverShortTheyAre) {
  OneFunction one({.reserved_concurrency = 2}, 1ms);
  one.send_evenly(50, 0s, 1s);
  one.send_evenly(20, 1s, 2s);
  one.run(3s);
  EXPECT_EQ(one.answered(Outcome::throttled), 30);
  EXPECT_EQ(one.log.marks(Mark::rate_throttled), 30);
  EXPECT_EQ(one.log.marks(Mark::reserved_rate_throttled), 30);
  EXPECT_EQ(one.log.marks(Mark::concurrency_throttled), 0) << "each reason is its own";
}

TEST(Function, CountsOnlyRequestsThatRunTowardsItsRate) {
  OneFunction one({.reserved_concurrency = 1}, 499ms);
  one.send_evenly(50, 0s, 1s);
  one.run(2s);
  EXPECT_EQ(one.answered(Outcome::ok), 2);
  EXPECT_EQ(one.log.marks(Mark::rate_throttled), 0);
  EXPECT_EQ(one.log.marks(Mark::reserved_concurrency_throttled), 48);
}

TEST(Function, ServesTenRequestsASecondForEachUnitOfTheAccount) {
  OneFunction one({.account_concurrency = 3}, 1ms);
  one.send_evenly(100, 0s, 1s);
  one.run(2s);
  EXPECT_EQ(one.answered(Outcome::ok), 30);
  EXPECT_EQ(one.log.marks(Mark::rate_throttled), 70);
  EXPECT_EQ(one.log.marks(Mark::reserved_rate_throttled), 0);
}

TEST(Function, TellsWhetherItsOwnOrTheAccountsConcurrencyRefused) {
  for (const bool reserved : {false, true}) {
    FunctionConfig config{.account_concurrency = 2};
    if (reserved) config = {.reserved_concurrency = 2};
    OneFunction one(std::move(config));
    one.send(5);
    one.run(1s);
    EXPECT_EQ(one.log.marks(Mark::concurrency_throttled), 3);
    EXPECT_EQ(one.log.marks(Mark::reserved_concurrency_throttled), reserved ? 3 : 0);
  }
}

TEST(Function, RestoresASnapshotInPlaceOfInit) {
  OneFunction one({.memory_mib = 1024,
                   .init = fixed(5s),
                   .snap_start = SnapStartConfig{.restore = fixed(600ms), .billed = true}});
  one.send(1);
  one.send(1, at(2s));
  one.run(10s);
  EXPECT_EQ(one.probe->answers[0].when, at(700ms));
  EXPECT_EQ(one.probe->answers[0].waits.cold, 600ms);
  EXPECT_EQ(one.probe->answers[1].when, at(2100ms));
  EXPECT_EQ(one.used("lambda.snapstart.restore"), 1024) << "one restore of 1,024 MB";
  EXPECT_EQ(one.used("lambda.snapstart.cache"), 10'000 * 1024) << "the snapshot is kept for the whole run";
  EXPECT_EQ(one.used("lambda.duration.x86"), 200 * 1024);
}

TEST(Function, FailsAnInvocationWhoseRestoreTakesLongerThanTenSeconds) {
  OneFunction one({.reserved_concurrency = 1, .snap_start = SnapStartConfig{.restore = fixed(11s)}});
  one.send(1);
  one.send(1, at(20s));
  one.run(60s);
  EXPECT_EQ(one.outcome(0), Outcome::error);
  EXPECT_EQ(one.probe->answers[0].when, at(10s));
  EXPECT_EQ(one.outcome(1), Outcome::error) << "its concurrency was free again";
  EXPECT_EQ(one.function->environments(), 0);
  EXPECT_EQ(one.used("lambda.snapstart.cache"), 0) << "Java's is free";
}

TEST(Function, AsksAKeepAliveRuleOfOnesOwn) {
  const auto longer_for_the_young = [](const Idleness& idleness, Draws&) {
    return idleness.now - idleness.born < 100s ? Duration{60s} : Duration{10s};
  };
  OneFunction one({.keep_alive = KeepAlive::by(longer_for_the_young)});
  for (const Duration when : {0s, 50s, 105s, 120s}) one.send(1, at(when));
  one.run(125s);
  EXPECT_EQ(one.log.marks(Mark::cold_start), 2) << "idle for 50 s twice while young; then 15 s are too long";
}

// ---- Versions ------------------------------------------------------------------------------------------

/// The function works for 100 ms, its additional version for 300 ms.
struct TwoVersions : OneFunction {
  explicit TwoVersions(AdditionalVersion version, FunctionConfig config = {})
      : OneFunction(with(std::move(config), std::move(version))) {
    Program program = computing(100ms);
    const std::uint16_t start = program.next();
    for (const Step& step : computing(300ms).steps) program.add(step);
    function->set_program(std::move(program));
    function->set_additional_program(start);
  }
  static FunctionConfig with(FunctionConfig config, AdditionalVersion version) {
    config.additional_version = std::move(version);
    return config;
  }
  /// How many of the requests that were sent at these times ran in the additional version.
  std::int64_t additional(Duration from, Duration until) const {
    std::int64_t count = 0;
    for (const auto& answer : probe->answers) {
      const Duration fraction = answer.when.time_since_epoch() % Duration{1s};
      const Duration sent = answer.when - (fraction == 300ms ? 300ms : 100ms) - kStart;
      count += fraction == 300ms && sent >= from && sent < until;
    }
    return count;
  }
  void send_each_second(int seconds) {
    for (int i = 0; i < seconds; ++i) send(1, at(i * 1s));
  }
};

TEST(WeightedAlias, SendsItsShareOfTheInvocationsToTheAdditionalVersion) {
  TwoVersions two({.weight = 0.1});
  two.send_each_second(5000);
  two.run(6000s);
  EXPECT_NEAR(static_cast<double>(two.additional(0s, 5000s)), 500, 4 * 21.2) << "four standard deviations";
}

TEST(WeightedAlias, ShiftsTrafficWhenItIsTold) {  // CodeDeploy's Canary10Percent5Minutes
  TwoVersions two({.weight = 0, .shifts = {{.at = 59500ms, .weight = 0.1}, {.at = 359500ms, .weight = 1}}});
  two.send_each_second(500);
  two.run(600s);
  EXPECT_EQ(two.additional(0s, 60s), 0);
  const std::int64_t canary = two.additional(60s, 360s);
  EXPECT_TRUE(canary > 10 && canary < 55) << canary;
  EXPECT_EQ(two.additional(360s, 500s), 140);
}

TEST(WeightedAlias, KeepsTheEnvironmentsOfItsVersionsApart) {
  TwoVersions two({.weight = 0, .shifts = {{.at = 5s, .weight = 1}}});
  two.send_each_second(10);
  two.run(20s);
  EXPECT_EQ(two.log.marks(Mark::cold_start), 2) << "the warm environment is of the old version";
  EXPECT_EQ(two.function->environments(), 2);
}

TEST(WeightedAlias, SharesTheFunctionsConcurrency) {
  TwoVersions two({.weight = 0.5}, {.reserved_concurrency = 3});
  two.send(20);
  two.run(2s);
  EXPECT_EQ(two.answered(Outcome::ok), 3);
}

// ---- Calls ---------------------------------------------------------------------------------------------

TEST(Function, FailsWhenACallThatItMakesFails) {
  World world;
  auto& probe = world.add<Probe>("probe");
  auto& function = world.add<Function>("fn", FunctionConfig{});
  auto& table = world.add<Server>("table", 5ms);
  table.outcomes = {Outcome::throttled};
  Program program;
  program.add({.verb = Step::Verb::call, .port = world.connect(function.id(), table.id())});
  program.add({.verb = Step::Verb::end});
  function.set_program(std::move(program));
  const PortId port = world.connect(probe.id(), function.id());
  probe.send_at(at(0s), port);
  probe.send_at(at(1s), port);
  EXPECT_FALSE(world.start().has_value());
  world.run(at(10s));
  EXPECT_EQ(probe.answers[0].outcome, Outcome::error);
  EXPECT_EQ(probe.answers[1].outcome, Outcome::ok);
}

}  // namespace
}  // namespace spillway
