// The life of a call: answers, timeouts, retries, late answers, lineage, and what becomes of journeys.

#include <gtest/gtest.h>

#include <set>

#include "support/small_world.hpp"

namespace spillway {
namespace {

using testing::at;
using testing::FactLog;
using testing::Probe;
using testing::Server;

struct Pair {
  explicit Pair(PortConfig config, Duration takes = 10ms) {
    probe = &world.add<Probe>("probe");
    server = &world.add<Server>("server", takes);
    port = world.connect(probe->id(), server->id(), std::move(config));
  }
  /// One call, at the start, whose attempts are answered so, and then ok.
  void ask_once(std::deque<Outcome> outcomes = {}) {
    server->outcomes = std::move(outcomes);
    probe->send_at(at(0s), port);
    run(10s);
  }
  void run(Duration end) {
    EXPECT_FALSE(world.start().has_value());
    world.run(at(end));
  }

  World world;
  FactLog log{world};
  Probe* probe;
  Server* server;
  PortId port;
};

RetryPolicy three_attempts(Duration base) {
  return {.max_attempts = 3, .base = base, .jitter = Jitter::none, .retry_on = kRetryTransient};
}

std::deque<Outcome> faults(std::size_t count) { return std::deque<Outcome>(count, Outcome::fault); }

TEST(Call, IsAnsweredWhenTheCalleeIsDoneAndTheNetworkHasBeenCrossedTwice) {
  Pair pair({.latency = 3ms});
  pair.probe->send_at(at(1s), pair.port);
  pair.run(10s);
  ASSERT_EQ(pair.probe->answers.size(), 1u);
  EXPECT_EQ(pair.probe->answers[0].when, at(1s + 16ms));
  EXPECT_EQ(pair.server->calls[0].when, at(1s + 3ms));
}

TEST(Call, IsTriedAgainAfterABackoffThatDoublesAndTellsHowLongItWaited) {
  Pair pair({.retry = three_attempts(100ms)});
  pair.ask_once({Outcome::throttled, Outcome::fault, Outcome::ok});
  ASSERT_EQ(pair.server->calls.size(), 3u);
  EXPECT_EQ(pair.server->calls[1].when, at(110ms));
  EXPECT_EQ(pair.server->calls[2].when, at(320ms));
  EXPECT_EQ(pair.probe->answers[0].waits.backoff, 300ms);
  EXPECT_EQ(pair.probe->answers[0].attempts, 3);
  EXPECT_EQ(pair.log.count(FactKind::answered), 3);
  EXPECT_EQ(pair.log.count(FactKind::settled), 1);
}

TEST(Call, GivesUpAfterItsLastAttempt) {
  Pair pair({.retry = three_attempts(1ms)});
  pair.ask_once(faults(5));
  EXPECT_EQ(pair.server->calls.size(), 3u);
  EXPECT_EQ(pair.probe->answers[0].outcome, Outcome::fault);
  EXPECT_EQ(pair.log.ended(Ending::failed), 1);
}

TEST(Call, IsNotTriedAgainWhenThatCannotHelp) {
  Pair pair({.retry = three_attempts(1ms)});
  pair.ask_once({Outcome::refused});
  EXPECT_EQ(pair.server->calls.size(), 1u);
}

TEST(Call, TimesOutWhileTheCalleeRunsOnAndItsLateAnswerIsDroppedAndCounted) {
  Pair pair({.timeout = 4ms});
  pair.ask_once();
  ASSERT_EQ(pair.probe->answers.size(), 1u);
  EXPECT_EQ(pair.probe->answers[0].outcome, Outcome::timed_out);
  EXPECT_EQ(pair.probe->answers[0].when, at(4ms));
  EXPECT_EQ(pair.log.count(FactKind::late), 1);
  EXPECT_EQ(pair.world.calls().alive(), 0u);
  EXPECT_EQ(pair.world.journeys().alive(), 0u);
}

TEST(Call, ThatTimedOutIsTriedAgainBesideTheOneThatRunsOn) {
  Pair pair({.timeout = 4ms, .retry = three_attempts(1ms)});
  pair.ask_once();
  EXPECT_EQ(pair.server->calls.size(), 3u);
  EXPECT_EQ(pair.probe->answers[0].when, at(4ms + 1ms + 4ms + 2ms + 4ms));
  EXPECT_EQ(pair.log.count(FactKind::late), 3);
  EXPECT_EQ(pair.log.marks(Mark::duplicate), 2) << "the callee did the work three times";
}

TEST(Call, AnsweredInTimeLeavesNoTimerThatCouldFail) {
  Pair pair({.timeout = 20ms});
  for (int i = 0; i < 100; ++i) pair.probe->send_at(at(i * 15ms), pair.port);
  pair.run(5s);
  for (const auto& answer : pair.probe->answers) EXPECT_EQ(answer.outcome, Outcome::ok);
  EXPECT_EQ(pair.probe->answers.size(), 100u);
  EXPECT_EQ(pair.world.simulation().pending(), 0u);
}

TEST(Call, TimeoutsCostOnePendingEventForAPortHoweverManyWait) {
  Pair pair({.timeout = 5s}, 10s);
  for (int i = 0; i < 1000; ++i) pair.probe->send_at(at(i * 1us), pair.port);
  EXPECT_FALSE(pair.world.start().has_value());
  pair.world.run(at(1s));
  EXPECT_EQ(pair.world.calls().alive(), 1000u);
  EXPECT_EQ(pair.world.simulation().pending(), 1000u + 1u);
}

TEST(Lineage, IsZeroForFirstAttemptsAndDiffersForEachLater) {
  Pair pair({.retry = three_attempts(1ms)});
  pair.ask_once(faults(3));
  EXPECT_EQ(pair.server->calls[0].lineage, 0u);
  EXPECT_NE(pair.server->calls[1].lineage, pair.server->calls[2].lineage);
  EXPECT_FALSE(pair.server->calls[0].repeat);
  EXPECT_TRUE(pair.server->calls[1].repeat);
}

TEST(Lineage, OfASecondCallOfTheSameKindDiffersWithoutBeingARepeat) {
  const Lineage first{};
  EXPECT_EQ(first.sibling(0).word, 0u);
  EXPECT_NE(first.sibling(1).word, first.sibling(2).word);
  EXPECT_FALSE(first.sibling(1).repeat());
  EXPECT_TRUE(first.attempt(7, 2, RetryLayer::sdk).sibling(1).repeat());
}

TEST(Lineage, TellsTheLayerThatRepeatedItLast) {
  const Lineage first{};
  EXPECT_EQ(first.layer(), RetryLayer::none);
  EXPECT_EQ(first.sibling(1).layer(), RetryLayer::none) << "its hash has all the other bits";
  for (const RetryLayer layer : kLayersTryingAgain) {
    const Lineage again = first.sibling(3).attempt(7, 2, layer);
    EXPECT_EQ(again.layer(), layer);
    EXPECT_EQ(again.sibling(5).layer(), layer) << "what it asks for is its affair";
    EXPECT_EQ(again.attempt(8, 1, RetryLayer::sdk).word, again.word) << "a first attempt repeats nothing";
    EXPECT_EQ(again.attempt(8, 2, RetryLayer::workflow).layer(), RetryLayer::workflow);
    EXPECT_EQ(again.repeated(RetryLayer::redrive).layer(), RetryLayer::redrive);
    EXPECT_TRUE(first.repeated(layer).repeat());
  }
}

TEST(Lineage, OfAttemptsHasAHashOf28BitsThatDiffers) {
  std::set<std::uint32_t> hashes;
  for (std::uint32_t n = 2; n < 1002; ++n)
    hashes.insert(Lineage{}.attempt(7, n, RetryLayer::client).word & 0x0fffffffu);
  EXPECT_GE(hashes.size(), 999u) << "1,000 in 2^28 meet once in 540 times";
}

TEST(Call, RepeatedByItsPortBelongsToTheLayerOfItsCaller) {
  Pair pair({.retry = three_attempts(1ms)});
  pair.ask_once(faults(2));
  ASSERT_EQ(pair.server->calls.size(), 3u);
  EXPECT_EQ(pair.server->calls[0].layer, RetryLayer::none);
  EXPECT_EQ(pair.server->calls[1].layer, RetryLayer::sdk);
  EXPECT_EQ(pair.server->calls[2].layer, RetryLayer::sdk);
}

/// Uses what it is told to.
class User final : public Service {
 public:
  using Service::Service;
  using Service::use;
  void on_call(CallId id) override { answer(id, Outcome::ok); }
};

TEST(Fact, OfAUsedQuantityNamesTheLayerThatCausedItsRepeats) {
  World world;
  testing::FactLog log(world);
  auto& api = world.add<User>("api");
  const MeterId requests = world.meter("requests");
  Call call;
  call.lineage = Lineage{}.attempt(1, 2, RetryLayer::workflow);
  api.use(requests, 7, call);
  call.repeat = true;
  api.use(requests, 5, call);
  api.use(requests, 4, 0, RetryLayer::sdk);
  api.use(requests, 3, 2, RetryLayer::sdk);
  ASSERT_EQ(log.facts.size(), 4u);
  const auto none = static_cast<std::uint8_t>(RetryLayer::none);
  EXPECT_EQ(log.facts[0].detail, none) << "its callee had not been reached before";
  EXPECT_EQ(log.facts[1].detail, static_cast<std::uint8_t>(RetryLayer::workflow));
  EXPECT_EQ(log.facts[2].detail, none);
  EXPECT_EQ(log.repeated(requests, RetryLayer::workflow), 5);
  EXPECT_EQ(log.repeated(requests, RetryLayer::sdk), 2);
  EXPECT_EQ(log.used(requests), 19);
}

TEST(World, RefusesAPortToAnOperationThatTheCalleeDoesNotHave) {
  World world;
  auto& probe = world.add<Probe>("probe");
  auto& server = world.add<Server>("server", 1ms);
  world.connect(probe.id(), server.id(), {.operation = "dance"});
  const auto unknown = world.start();
  ASSERT_TRUE(unknown.has_value());
  EXPECT_EQ(unknown->operation, "dance");
}

TEST(World, EndsAJourneyWithTheLastBranchAndAsTheWorst) {
  World world;
  FactLog log(world);
  const JourneyId journey = world.begin_journey({});
  world.begin_branch(journey);
  world.end_branch(journey, Ending::dead_lettered);
  EXPECT_EQ(log.count(FactKind::ended), 0);
  world.end_branch(journey, Ending::succeeded);
  EXPECT_EQ(log.ended(Ending::dead_lettered), 1);
  EXPECT_EQ(world.journeys().alive(), 0u);
}

TEST(World, RunsAlikeUnderTheReferenceEventSet) {
  auto facts = [](Simulation::EventSet set) {
    World world(World::Options{.seed = 7, .event_set = set});
    FactLog log(world);
    auto& probe = world.add<Probe>("probe");
    auto& server = world.add<Server>("server", 10ms);
    RetryPolicy policy = *find_retry_profile("sdk-standard");
    const PortId port = world.connect(probe.id(), server.id(), {.timeout = 12ms, .retry = policy});
    server.outcomes.assign(50, Outcome::throttled);
    for (int i = 0; i < 100; ++i) probe.send_at(at(i * 1ms), port);
    EXPECT_FALSE(world.start().has_value());
    world.run(at(60s));
    std::vector<std::tuple<std::int64_t, int, std::int64_t>> seen;
    for (const Fact& fact : log.facts) {
      seen.emplace_back(fact.at.time_since_epoch().count(), static_cast<int>(fact.kind), fact.value);
    }
    return seen;
  };
  EXPECT_EQ(facts(Simulation::EventSet::ladder), facts(Simulation::EventSet::reference));
}

}  // namespace
}  // namespace spillway
