// Environments, concurrency, scaling, timeouts and billing of a Lambda function.

#include <gtest/gtest.h>

#include "services/function.hpp"
#include "support/small_world.hpp"

namespace spillway {
namespace {

using testing::at;
using testing::FactLog;
using testing::fixed;
using testing::Probe;
using testing::Server;

Program computing(Duration duration) {
  Program program;
  program.add({.verb = Step::Verb::compute, .duration = fixed(duration)});
  program.add({.verb = Step::Verb::end});
  return program;
}

struct OneFunction {
  explicit OneFunction(FunctionConfig config, Duration work = 100ms) {
    probe = &world.add<Probe>("probe");
    function = &world.add<Function>("fn", std::move(config));
    function->set_program(computing(work));
    port = world.connect(probe->id(), function->id());
  }
  void run(Duration end) {
    EXPECT_FALSE(world.start().has_value());
    world.run(at(end));
  }
  Outcome outcome(std::size_t number) const {
    for (const auto& answer : probe->answers) {
      if (answer.number == number) return answer.outcome;
    }
    ADD_FAILURE() << "request " << number << " was not answered";
    return Outcome::fault;
  }

  World world;
  FactLog log{world};
  Probe* probe;
  Function* function;
  PortId port;
};

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

TEST(Function, EndsAnInvocationAtItsTimeoutAndItsEnvironmentWithIt) {
  OneFunction one({.timeout = 3s}, 5s);
  one.probe->send_at(at(0s), one.port);
  one.run(10s);
  EXPECT_EQ(one.outcome(0), Outcome::error);
  EXPECT_EQ(one.probe->answers[0].when, at(3s));
  EXPECT_EQ(one.log.marks(Mark::function_timeout), 1);
  EXPECT_EQ(one.function->environments(), 0);
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
