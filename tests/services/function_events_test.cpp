// Asynchronous invocation: what is accepted, tried again, given up, and where it goes then.

#include "services/function_events.hpp"

#include "services/queue.hpp"
#include "support/one_function.hpp"

namespace spillway {
namespace {

using testing::at;
using testing::computing;
using testing::fixed;
using testing::OneFunction;

/// One function that is invoked asynchronously, and queues for what becomes of its events.
struct Events : OneFunction {
  explicit Events(FunctionConfig function_config, AsyncConfig config = {}, Duration work = 100ms,
                  double fails = 0)
      : OneFunction(std::move(function_config), work, fails) {
    port = world.connect(probe->id(), function->id(), {.operation = "invoke_async"});
    failures = &world.add<Queue>("failures", QueueConfig{});
    successes = &world.add<Queue>("successes", QueueConfig{});
    dead = &world.add<Queue>("dead", QueueConfig{});
    function->set_async(config);
  }
  std::int64_t invocations() { return used("lambda.requests"); }
  /// When the n-th attempt reached the function.
  std::vector<Time> attempts() const {
    std::vector<Time> times;
    for (const Fact& fact : log.facts) {
      if (fact.kind == FactKind::sent && fact.service == static_cast<std::uint16_t>(function->id()))
        times.push_back(fact.at);
    }
    return times;
  }

  Queue* failures;
  Queue* successes;
  Queue* dead;
};

// The services of Events in the order in which they are added.
constexpr auto kFailures = ServiceId{2};
constexpr auto kSuccesses = ServiceId{3};
constexpr auto kDead = ServiceId{4};

TEST(AsyncInvocation, IsAnsweredWhenItIsAcceptedAndRunsAfterwards) {
  Events events({.init = fixed(200ms)}, {}, 2s);
  events.send(1);
  events.run(60s);
  ASSERT_EQ(events.probe->answers.size(), 1u);
  EXPECT_EQ(events.probe->answers[0].when, at(0s));
  EXPECT_EQ(events.outcome(0), Outcome::ok);
  EXPECT_EQ(events.invocations(), 1);
  EXPECT_EQ(events.log.ended(Ending::succeeded), 1);
  EXPECT_EQ(events.world.journeys().alive(), 0u);
  EXPECT_EQ(events.world.calls().alive(), 0u);
}

TEST(AsyncInvocation, TriesAFunctionErrorAgainAfterOneMinuteAndThenAfterTwo) {
  Events events({}, {}, 100ms, 1);
  events.send(1);
  events.run(1000s);
  EXPECT_EQ(events.attempts(), (std::vector<Time>{at(0s), at(60s + 100ms), at(180s + 200ms)}));
  EXPECT_EQ(events.log.marks(Mark::event_retried), 2);
  EXPECT_EQ(events.log.marks(Mark::event_exhausted), 1);
  EXPECT_EQ(events.log.marks(Mark::dropped), 1) << "nowhere to go";
  EXPECT_EQ(events.log.ended(Ending::failed), 1);
  EXPECT_EQ(events.invocations(), 3) << "each retry is a request";
  EXPECT_EQ(events.log.repeated(events.world.meter("lambda.requests"), RetryLayer::asynchronous), 2);
}

TEST(AsyncInvocation, TriesAgainAsOftenAsItIsTold) {
  for (const int retries : {0, 1, 2}) {
    Events events({}, {.maximum_retries = retries}, 100ms, 1);
    events.send(1);
    events.run(1000s);
    EXPECT_EQ(events.invocations(), 1 + retries);
  }
}

TEST(AsyncInvocation, TakesATimeoutForAFunctionError) {
  Events events({.timeout = 1s}, {.maximum_retries = 1}, 5s);
  events.send(1);
  events.run(1000s);
  EXPECT_EQ(events.attempts(), (std::vector<Time>{at(0s), at(61s)}));
  EXPECT_EQ(events.log.marks(Mark::function_timeout), 2);
}

TEST(AsyncInvocation, BacksOffFromOneSecondToFiveMinutesWhileItIsThrottled) {
  Events events({.timeout = 900s, .reserved_concurrency = 1}, {}, 800s);
  events.send(2);
  events.run(2000s);
  std::vector<Duration> waits;
  const std::vector<Time> attempts = events.attempts();
  for (std::size_t i = 2; i < attempts.size(); ++i) waits.push_back(attempts[i] - attempts[i - 1]);
  EXPECT_EQ(waits, (std::vector<Duration>{1s, 2s, 4s, 8s, 16s, 32s, 64s, 128s, 256s, 300s}));
  EXPECT_EQ(events.invocations(), 2) << "a throttle is no request";
  EXPECT_EQ(events.log.ended(Ending::succeeded), 2);
  EXPECT_EQ(events.log.marks(Mark::event_retried), 0) << "nor does it use up a retry";
}

TEST(AsyncInvocation, GivesUpAnEventThatIsThrottledUntilItsMaximumAge) {
  Events events({.timeout = 900s, .reserved_concurrency = 1}, {.maximum_age = 100s, .on_failure = kFailures},
                600s);
  events.send(2);
  events.run(2000s);
  EXPECT_EQ(events.log.marks(Mark::event_expired), 1);
  EXPECT_EQ(events.failures->visible(), 1);
  EXPECT_EQ(events.log.ended(Ending::dead_lettered), 1);
  EXPECT_EQ(events.attempts().back(), at(63s)) << "0, 1, 3, 7, 15, 31 and 63 s; at 100 s it is too old";
}

TEST(AsyncInvocation, GivesUpAnEventWhoseRetryWouldComeAfterItsMaximumAge) {
  Events events({}, {.maximum_age = 60s}, 100ms, 1);
  events.send(1);
  events.run(1000s);
  EXPECT_EQ(events.invocations(), 1);
  EXPECT_EQ(events.log.marks(Mark::event_expired), 1);
  EXPECT_EQ(events.log.marks(Mark::event_exhausted), 0);
  EXPECT_EQ(events.log.ended(Ending::expired), 1);
}

TEST(AsyncInvocation, SendsWhatItGivesUpToTheDestinationAndToTheDeadLetterQueue) {
  Events events({}, {.maximum_retries = 0, .on_failure = kFailures, .dead_letters = kDead}, 100ms, 1);
  events.send(3);
  events.run(1000s);
  EXPECT_EQ(events.failures->visible(), 3);
  EXPECT_EQ(events.dead->visible(), 3);
  EXPECT_EQ(events.log.ended(Ending::dead_lettered), 3);
  EXPECT_EQ(events.log.count(FactKind::ended), 3);
  EXPECT_EQ(events.log.marks(Mark::dropped), 0);
}

TEST(AsyncInvocation, SendsARecordOfEachSuccessToItsDestination) {
  Events events({}, {.on_success = kSuccesses, .on_failure = kFailures});
  events.send(2);
  events.run(10s);
  EXPECT_EQ(events.successes->visible(), 2);
  EXPECT_EQ(events.failures->visible(), 0);
}

TEST(AsyncInvocation, ChainsFunctionsByTheirDestinations) {
  Events events({}, {.maximum_retries = 0}, 100ms, 1);
  auto& compensation = events.world.add<Function>("compensation", FunctionConfig{});
  compensation.set_program(computing(50ms));
  events.function->set_async({.maximum_retries = 0, .on_failure = compensation.id()});
  events.send(1);
  events.run(10s);
  EXPECT_EQ(events.invocations(), 2);
  EXPECT_EQ(events.log.ended(Ending::failed), 1) << "the work itself failed, though somebody took care of it";
}

TEST(AsyncInvocation, WithReservedConcurrencyZeroGivesUpAtOnce) {
  Events events({.reserved_concurrency = 0}, {.dead_letters = kDead});
  events.send(2);
  events.run(1s);
  EXPECT_EQ(events.outcome(0), Outcome::ok) << "it is accepted all the same";
  EXPECT_EQ(events.dead->visible(), 2);
  EXPECT_EQ(events.log.ended(Ending::dead_lettered), 2);
  EXPECT_EQ(events.invocations(), 0);
}

TEST(AsyncInvocation, RefusesAnEventOfMoreThanAMegabyteAndBillsEach64KilobytesBeyond256) {
  Events events({});
  events.probe->send_at(at(0s), events.port, (1 << 20) + 1);
  events.probe->send_at(at(1s), events.port, 256 * 1024);
  events.run(10s);
  EXPECT_EQ(events.outcome(0), Outcome::refused);
  EXPECT_EQ(events.invocations(), 1);
  Events larger({});
  larger.probe->send_at(at(0s), larger.port, 256 * 1024 + 1);
  larger.probe->send_at(at(1s), larger.port, 1 << 20);
  larger.run(10s);
  EXPECT_EQ(larger.invocations(), 2 + 1 + 12);
}

TEST(AsyncInvocation, DeliversAnEventTwiceAsOftenAsItIsTold) {
  Events events({}, {.duplicates = 1});
  events.send(5);
  events.run(10s);
  EXPECT_EQ(events.invocations(), 10);
  EXPECT_EQ(events.log.repeated(events.world.meter("lambda.requests"), RetryLayer::asynchronous), 5);
  EXPECT_EQ(events.log.marks(Mark::duplicate), 5);
  EXPECT_EQ(events.log.ended(Ending::succeeded), 5);
}

TEST(AsyncInvocation, CountsAFailureToDeliverToADestination) {
  Events events({}, {.maximum_retries = 0, .dead_letters = kDead}, 100ms, 1);
  QueueConfig small{};
  small.maximum_message_bytes = 1024;
  const ServiceId tiny = events.world.add<Queue>("tiny", std::move(small)).id();
  events.function->set_async({.maximum_retries = 0, .dead_letters = tiny});
  events.probe->send_at(at(0s), events.port, 2048);
  events.run(10s);
  EXPECT_EQ(events.log.marks(Mark::destination_failed), 1);
  EXPECT_EQ(events.log.ended(Ending::failed), 1);
}

TEST(AsyncInvocation, LeavesSynchronousCallersAlone) {
  Events events({}, {}, 100ms, 1);
  const PortId direct = events.world.connect(events.probe->id(), events.function->id());
  events.probe->send_at(at(0s), direct);
  events.send(1);
  events.run(1000s);
  EXPECT_EQ(events.outcome(0), Outcome::error);
  EXPECT_EQ(events.outcome(1), Outcome::ok);
  EXPECT_EQ(events.invocations(), 1 + 3);
}

}  // namespace
}  // namespace spillway
