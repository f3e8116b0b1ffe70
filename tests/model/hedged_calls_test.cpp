// Calls that are hedged: what is sent, whose answer is taken, and what becomes of the rest.

#include "model/port_guards.hpp"

#include <gtest/gtest.h>

#include "support/guarded_world.hpp"

namespace spillway {
namespace {

using testing::at;
using testing::Guarded;
using testing::kTwoFailures;
using testing::three_attempts;

PortConfig hedged_after(Duration delay, std::int32_t most = 2) {
  return {.hedging = HedgingPolicy{.max_attempts = most, .delay = delay}};
}

TEST(Hedging, SendsNoSecondRequestWhenTheFirstIsAnsweredInTime) {
  Guarded guarded(hedged_after(20ms));
  guarded.probe->send_at(at(0s), guarded.port);
  guarded.run(1s);
  EXPECT_EQ(guarded.server->seen.size(), 1u);
  EXPECT_EQ(guarded.probe->answers[0].when, at(10ms));
  EXPECT_EQ(guarded.counts().hedges, 0u);
  guarded.expect_nothing_left();
}

TEST(Hedging, TakesTheFirstAnswerAndLetsTheCalleeServeTheOther) {
  Guarded guarded(hedged_after(20ms));
  guarded.server->acts = {{100ms, Outcome::ok}, {10ms, Outcome::ok}};
  guarded.probe->send_at(at(0s), guarded.port);
  guarded.run(1s);
  ASSERT_EQ(guarded.server->seen.size(), 2u);
  EXPECT_EQ(guarded.server->seen[1].when, at(20ms));
  ASSERT_EQ(guarded.probe->answers.size(), 1u);
  EXPECT_EQ(guarded.probe->answers[0].when, at(30ms));
  EXPECT_EQ(guarded.probe->answers[0].waits.backoff, 20ms) << "until the answer's own request was sent";
  EXPECT_EQ(guarded.log.count(FactKind::answered), 1);
  EXPECT_EQ(guarded.log.count(FactKind::late), 1) << "after 100 ms, to nobody";
  EXPECT_EQ(guarded.counts().won, 1u);
  guarded.expect_nothing_left();
}

TEST(Hedging, TakesTheFirstRequestsAnswerWhenItComesFirstAfterAll) {
  Guarded guarded(hedged_after(20ms));
  guarded.server->acts = {{30ms, Outcome::ok}, {100ms, Outcome::ok}};
  guarded.probe->send_at(at(0s), guarded.port);
  guarded.run(1s);
  EXPECT_EQ(guarded.probe->answers[0].when, at(30ms));
  EXPECT_EQ(guarded.probe->answers[0].waits.backoff, 0ms);
  EXPECT_EQ(guarded.counts().hedges, 1u);
  EXPECT_EQ(guarded.counts().won, 0u);
  guarded.expect_nothing_left();
}

TEST(Hedging, SendsAtMostSoManyADelayApart) {
  Guarded guarded(hedged_after(20ms, 4));
  guarded.server->acts = {{1s, Outcome::ok}};
  guarded.probe->send_at(at(0s), guarded.port);
  guarded.run(5s);
  ASSERT_EQ(guarded.server->seen.size(), 4u);
  for (int i = 1; i < 4; ++i) EXPECT_EQ(guarded.server->seen[static_cast<std::size_t>(i)].when, at(i * 20ms));
  EXPECT_EQ(guarded.log.count(FactKind::late), 3);
  guarded.expect_nothing_left();
}

TEST(Hedging, GivesEachRequestDrawsOfItsOwnAndCallsHedgesRepetitions) {
  Guarded guarded(hedged_after(20ms, 3));
  guarded.server->acts = {{1s, Outcome::ok}};
  guarded.probe->send_at(at(0s), guarded.port);
  guarded.run(5s);
  const auto& seen = guarded.server->seen;
  EXPECT_NE(seen[0].lineage, seen[1].lineage);
  EXPECT_NE(seen[1].lineage, seen[2].lineage);
  EXPECT_FALSE(seen[0].repeat);
  EXPECT_TRUE(seen[1].repeat);
  EXPECT_TRUE(seen[2].repeat);
  EXPECT_EQ(seen[1].layer, RetryLayer::hedge);
  EXPECT_EQ(seen[2].layer, RetryLayer::hedge);
}

TEST(Hedging, CountsWorkThatWasDoneTwiceWhicheverRequestWasFirst) {
  for (const Duration hedge_takes : {10ms, 500ms}) {
    Guarded guarded(hedged_after(20ms));
    guarded.server->acts = {{100ms, Outcome::ok}, {hedge_takes, Outcome::ok}};
    guarded.probe->send_at(at(0s), guarded.port);
    guarded.run(1s);
    EXPECT_EQ(guarded.log.marks(Mark::duplicate), 1) << hedge_takes.count();
  }
}

TEST(Hedging, CountsNoDuplicateWhenTheRequestThatLostFailedInTheEnd) {
  Guarded guarded(hedged_after(20ms));
  guarded.server->acts = {{100ms, Outcome::fault}, {10ms, Outcome::ok}};
  guarded.probe->send_at(at(0s), guarded.port);
  guarded.run(1s);
  EXPECT_EQ(guarded.log.marks(Mark::duplicate), 0);
  EXPECT_EQ(guarded.probe->answers[0].outcome, Outcome::ok);
}

TEST(Hedging, SaysThatADuplicateWasSuppressedWhereTheCalleeKnowsTheKey) {
  PortConfig config = hedged_after(20ms);
  config.keyed = true;
  Guarded guarded(config);
  guarded.server->acts = {{100ms, Outcome::ok}, {10ms, Outcome::ok}};
  guarded.probe->send_at(at(0s), guarded.port);
  guarded.run(1s);
  EXPECT_EQ(guarded.log.marks(Mark::duplicate_suppressed), 1);
  EXPECT_EQ(guarded.log.marks(Mark::duplicate), 0);
}

TEST(Hedging, EndsWithAFailureUnlessThatIsNotFatal) {
  Guarded guarded(hedged_after(20ms));
  guarded.server->acts = {{30ms, Outcome::fault}, {100ms, Outcome::ok}};
  guarded.probe->send_at(at(0s), guarded.port);
  guarded.run(1s);
  EXPECT_EQ(guarded.probe->answers[0].outcome, Outcome::fault);
  EXPECT_EQ(guarded.probe->answers[0].when, at(30ms));
  guarded.expect_nothing_left();
}

TEST(Hedging, WaitsForTheOthersAfterAFailureThatIsNotFatal) {
  PortConfig config = hedged_after(20ms);
  config.hedging->non_fatal = outcome_bit(Outcome::fault);
  Guarded guarded(config);
  guarded.server->acts = {{30ms, Outcome::fault}, {100ms, Outcome::ok}};
  guarded.probe->send_at(at(0s), guarded.port);
  guarded.run(1s);
  ASSERT_EQ(guarded.probe->answers.size(), 1u);
  EXPECT_EQ(guarded.probe->answers[0].outcome, Outcome::ok);
  EXPECT_EQ(guarded.probe->answers[0].when, at(120ms));
  EXPECT_EQ(guarded.world.port(guarded.port).guards->kept_answers(), 1);
  guarded.expect_nothing_left();
}

TEST(Hedging, SendsTheNextAtOnceAfterAFailureThatIsNotFatalAndTheOneAfterItADelayLater) {
  PortConfig config = hedged_after(20ms, 3);
  config.hedging->non_fatal = outcome_bit(Outcome::fault);
  Guarded guarded(config);
  guarded.server->acts = {{5ms, Outcome::fault}, {100ms, Outcome::ok}};
  guarded.probe->send_at(at(0s), guarded.port);
  guarded.run(1s);
  ASSERT_EQ(guarded.server->seen.size(), 3u);
  EXPECT_EQ(guarded.server->seen[1].when, at(5ms));
  EXPECT_EQ(guarded.server->seen[2].when, at(25ms));
  EXPECT_EQ(guarded.probe->answers[0].when, at(105ms));
  guarded.expect_nothing_left();
}

TEST(Hedging, FailsWithTheLastWhenAllHaveFailed) {
  PortConfig config = hedged_after(20ms, 3);
  config.hedging->non_fatal = outcome_bit(Outcome::fault);
  Guarded guarded(config);
  guarded.server->acts = {{5ms, Outcome::fault}};
  guarded.probe->send_at(at(0s), guarded.port);
  guarded.run(1s);
  EXPECT_EQ(guarded.server->seen.size(), 3u);
  EXPECT_EQ(guarded.probe->answers[0].outcome, Outcome::fault);
  EXPECT_EQ(guarded.probe->answers[0].when, at(15ms));
  guarded.expect_nothing_left();
}

TEST(Hedging, CountsNoDuplicateWhenTheHedgeThatWonHadFailed) {
  Guarded guarded(hedged_after(20ms));
  guarded.server->acts = {{100ms, Outcome::ok}, {10ms, Outcome::fault}};
  guarded.probe->send_at(at(0s), guarded.port);
  guarded.run(1s);
  EXPECT_EQ(guarded.probe->answers[0].outcome, Outcome::fault);
  EXPECT_EQ(guarded.log.marks(Mark::duplicate), 0);
  guarded.expect_nothing_left();
}

TEST(Hedging, KnowsWhatEachRequestWaitedForByItself) {
  Guarded guarded(hedged_after(20ms));
  guarded.server->acts = {{100ms, Outcome::ok, 90ms}, {10ms, Outcome::ok, 3ms}};
  guarded.probe->send_at(at(0s), guarded.port);
  guarded.run(1s);
  EXPECT_EQ(guarded.probe->answers[0].waits.queued, 3ms);
}

TEST(Hedging, LetsTheRetryPolicyCountItsAttemptsWhenHedgesBringTheFailures) {
  PortConfig config = hedged_after(20ms);
  config.retry = three_attempts(100ms);
  Guarded guarded(config);
  guarded.server->acts.clear();
  for (int i = 0; i < 10; ++i) {
    guarded.server->acts.push_back({200ms, Outcome::ok});
    guarded.server->acts.push_back({10ms, Outcome::fault});
  }
  guarded.probe->send_at(at(0s), guarded.port);
  guarded.run(5s);
  EXPECT_EQ(guarded.server->seen.size(), 6u);
  EXPECT_EQ(guarded.probe->answers[0].attempts, 3);
  EXPECT_EQ(guarded.probe->answers[0].outcome, Outcome::fault);
  guarded.expect_nothing_left();
}

TEST(Hedging, IsInsideEachAttemptOfTheRetryPolicy) {
  PortConfig config = hedged_after(20ms);
  config.retry = three_attempts(100ms);
  Guarded guarded(config);
  guarded.server->acts = {{30ms, Outcome::fault}};
  guarded.probe->send_at(at(0s), guarded.port);
  guarded.run(2s);
  EXPECT_EQ(guarded.server->seen.size(), 6u) << "three attempts of two requests";
  ASSERT_EQ(guarded.probe->answers.size(), 1u);
  EXPECT_EQ(guarded.probe->answers[0].attempts, 3);
  EXPECT_EQ(guarded.probe->answers[0].when, at(3 * 30ms + 300ms));
  EXPECT_EQ(guarded.probe->answers[0].waits.backoff, 300ms);
  guarded.expect_nothing_left();
}

TEST(Hedging, GoesOnWithTheRetryPolicysOwnLineageWhenAHedgeBroughtTheFailure) {
  const auto lineages = [](Duration hedge_takes) {
    PortConfig config = hedged_after(20ms);
    config.retry = three_attempts(100ms);
    Guarded guarded(config);
    guarded.server->acts = {{40ms, Outcome::fault}, {hedge_takes, Outcome::fault}, {1ms, Outcome::ok}};
    guarded.probe->send_at(at(0s), guarded.port);
    guarded.run(2s);
    EXPECT_EQ(guarded.probe->answers[0].attempts, 2);
    EXPECT_EQ(guarded.server->seen[2].layer, RetryLayer::sdk);
    return guarded.server->seen[2].lineage;
  };
  EXPECT_EQ(lineages(5ms), lineages(500ms));
}

TEST(Hedging, EndsWithTheFirstRequestsTimeoutAndAbandonsTheHedge) {
  PortConfig config = hedged_after(20ms);
  config.timeout = 50ms;
  Guarded guarded(config);
  guarded.server->acts = {{1s, Outcome::ok}};
  guarded.probe->send_at(at(0s), guarded.port);
  guarded.run(5s);
  ASSERT_EQ(guarded.probe->answers.size(), 1u);
  EXPECT_EQ(guarded.probe->answers[0].outcome, Outcome::timed_out);
  EXPECT_EQ(guarded.probe->answers[0].when, at(50ms));
  EXPECT_EQ(guarded.log.count(FactKind::late), 2);
  guarded.expect_nothing_left();
}

TEST(Hedging, GivesEachRequestItsOwnTimeoutWhereTimeoutsAreNotFatal) {
  PortConfig config = hedged_after(20ms);
  config.timeout = 50ms;
  config.hedging->non_fatal = outcome_bit(Outcome::timed_out);
  Guarded guarded(config);
  guarded.server->acts = {{1s, Outcome::ok}};
  guarded.probe->send_at(at(0s), guarded.port);
  guarded.run(5s);
  ASSERT_EQ(guarded.probe->answers.size(), 1u);
  EXPECT_EQ(guarded.probe->answers[0].when, at(70ms));
  guarded.expect_nothing_left();
}

TEST(Hedging, ChangesNothingForAnAnswerThatIsOnItsWayWhenAnotherIsTaken) {
  PortConfig config = hedged_after(20ms);
  config.latency = 10ms;
  Guarded guarded(config);
  guarded.server->acts = {{25ms, Outcome::ok}, {1ms, Outcome::ok}};  // the hedge is done at 31 ms
  guarded.probe->send_at(at(0s), guarded.port);
  guarded.run(1s);
  ASSERT_EQ(guarded.probe->answers.size(), 1u);
  EXPECT_EQ(guarded.probe->answers[0].when, at(41ms)) << "the first was done at 35 ms, and lost";
  EXPECT_EQ(guarded.log.count(FactKind::late), 1);
  EXPECT_EQ(guarded.log.marks(Mark::duplicate), 1);
  guarded.expect_nothing_left();
}

TEST(Hedging, StopsWhenItsTokensAreSpent) {
  PortConfig config = hedged_after(20ms);
  config.hedging->non_fatal = outcome_bit(Outcome::fault);
  config.hedging->tokens_millis = 2000;
  config.hedging->earned_millis = 100;
  Guarded guarded(config);
  guarded.server->acts = {{5ms, Outcome::fault}, {5ms, Outcome::ok}, {100ms, Outcome::ok}};
  guarded.probe->send_at(at(0s), guarded.port);  // a failure: one of two tokens is left, and no hedge is sent
  guarded.probe->send_at(at(1s), guarded.port);  // a success: a tenth more
  guarded.probe->send_at(at(2s), guarded.port);
  guarded.run(5s);
  EXPECT_EQ(guarded.probe->answers[0].outcome, Outcome::fault);
  EXPECT_EQ(guarded.server->seen.size(), 4u) << "the third call is hedged again";
}

TEST(Hedging, MeasuresTheDelayWhereItIsAPercentile) {
  Guarded guarded({.hedging = HedgingPolicy{.quantile = 0.95}});
  guarded.server->acts.assign(100, {10ms, Outcome::ok});
  guarded.server->acts.push_back({1s, Outcome::ok});
  for (int i = 0; i < 101; ++i) guarded.probe->send_at(at(i * 1s), guarded.port);
  guarded.run(200s);
  ASSERT_EQ(guarded.server->seen.size(), 102u);
  EXPECT_EQ(guarded.server->seen[101].when, at(100s + 10ms));
}

TEST(Hedging, AsksTheCircuitBreakerToo) {
  PortConfig config = hedged_after(20ms);
  config.circuit_breaker = kTwoFailures;
  Guarded guarded(config);
  guarded.server->acts = {{200ms, Outcome::ok}, {1ms, Outcome::fault}, {1ms, Outcome::fault}};
  guarded.probe->send_at(at(0s), guarded.port);
  guarded.probe->send_at(at(1ms), guarded.port);
  guarded.probe->send_at(at(2ms), guarded.port);  // it opens, before the first call's hedge is due
  guarded.run(1s);
  EXPECT_EQ(guarded.server->seen.size(), 3u);
  EXPECT_EQ(guarded.counts().short_circuited, 1u);
  EXPECT_EQ(guarded.probe->answers.size(), 3u);
  guarded.expect_nothing_left();
}

TEST(Hedging, GivesBackTheTrialOfARequestThatLost) {
  PortConfig config = hedged_after(20ms);
  config.circuit_breaker = kTwoFailures;
  config.circuit_breaker->trial_calls = 3;
  config.circuit_breaker->minimum_calls = 2;
  Guarded guarded(config);
  guarded.server->acts = {{1ms, Outcome::fault},
                          {1ms, Outcome::fault},
                          {500ms, Outcome::ok},
                          {5ms, Outcome::ok},
                          {100ms, Outcome::ok}};
  // Of the three trials at 20 s two are one call's, the first of which is given up at 20.025 s.
  for (const Duration when : {0s, 1s, 20s}) guarded.probe->send_at(at(when), guarded.port);
  for (const Duration when : {30ms, 31ms, 32ms}) guarded.probe->send_at(at(20s + when), guarded.port);
  guarded.run(30s);
  ASSERT_EQ(guarded.probe->answers.size(), 6u);
  EXPECT_EQ(guarded.server->seen.size(), 6u) << "all but the last call, and no hedge of the two before it";
  guarded.expect_nothing_left();
}

TEST(Hedging, IsTheSameInEveryRun) {
  const auto facts = [] {
    PortConfig config = hedged_after(7ms, 3);
    config.retry = three_attempts(10ms);
    config.retry.jitter = Jitter::full;
    config.timeout = 40ms;
    Guarded guarded(config);
    guarded.server->acts.clear();
    for (int i = 0; i < 500; ++i)
      guarded.server->acts.push_back({i * 13 % 50 * 1ms, i % 7 == 0 ? Outcome::fault : Outcome::ok});
    for (int i = 0; i < 200; ++i) guarded.probe->send_at(at(i * 5ms), guarded.port);
    guarded.run(10s);
    guarded.expect_nothing_left();
    std::vector<std::tuple<Time, std::int64_t, std::uint32_t, int>> all;
    for (const Fact& fact : guarded.log.facts)
      all.emplace_back(fact.at, fact.value, fact.subject, static_cast<int>(fact.kind));
    return all;
  };
  EXPECT_EQ(facts(), facts());
}

}  // namespace
}  // namespace spillway
