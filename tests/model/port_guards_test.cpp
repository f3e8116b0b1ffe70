// Calls through a circuit breaker: what is sent, and what the caller is answered.

#include "model/port_guards.hpp"

#include <gtest/gtest.h>

#include "support/guarded_world.hpp"

namespace spillway {
namespace {

using testing::at;
using testing::Guarded;
using testing::kTwoFailures;
using testing::three_attempts;

TEST(CircuitBreakerOfAPort, AnswersAtOnceWhatItDoesNotSend) {
  Guarded guarded({.latency = 3ms, .circuit_breaker = kTwoFailures});
  guarded.server->acts = {{10ms, Outcome::fault}};
  for (int i = 0; i < 3; ++i) guarded.probe->send_at(at(i * 1s), guarded.port);
  guarded.run(5s);
  EXPECT_EQ(guarded.server->seen.size(), 2u);
  ASSERT_EQ(guarded.probe->answers.size(), 3u);
  EXPECT_EQ(guarded.probe->answers[2].when, at(2s));
  EXPECT_EQ(guarded.probe->answers[2].outcome, Outcome::fault);
  EXPECT_EQ(guarded.log.count(FactKind::sent), 2);
  EXPECT_EQ(guarded.log.count(FactKind::settled), 3);
  EXPECT_EQ(guarded.log.ended(Ending::failed), 3);
  guarded.expect_nothing_left();
}

TEST(CircuitBreakerOfAPort, StandsInsideEachAttemptSoThatRetriesMeetIt) {
  Guarded guarded({.retry = three_attempts(100ms), .circuit_breaker = kTwoFailures});
  guarded.server->acts = {{0ms, Outcome::fault}};
  guarded.probe->send_at(at(0s), guarded.port);
  guarded.run(5s);
  EXPECT_EQ(guarded.server->seen.size(), 2u) << "the second failure opened it";
  EXPECT_EQ(guarded.probe->answers[0].attempts, 3);
  EXPECT_EQ(guarded.probe->answers[0].when, at(300ms)) << "after the back-off of the third";
  EXPECT_EQ(guarded.counts().short_circuited, 1u);
  guarded.expect_nothing_left();
}

TEST(CircuitBreakerOfAPort, IsTriedAgainAsAFaultAndReachesTheCalleeOnceItLetsOut) {
  CircuitBreakerPolicy breaker = kTwoFailures;
  breaker.wait = 150ms;
  Guarded guarded({.retry = three_attempts(100ms), .circuit_breaker = breaker});
  guarded.server->acts = {{0ms, Outcome::fault}, {0ms, Outcome::fault}, {0ms, Outcome::ok}};
  guarded.probe->send_at(at(0s), guarded.port);
  guarded.probe->send_at(at(110ms), guarded.port);  // it is open from 100 ms on
  guarded.run(5s);
  ASSERT_EQ(guarded.probe->answers.size(), 2u);
  EXPECT_EQ(guarded.probe->answers[0].outcome, Outcome::ok);
  EXPECT_EQ(guarded.probe->answers[1].outcome, Outcome::ok);
  EXPECT_EQ(guarded.server->seen[2].repeat, true) << "of the first journey: it was there before";
  guarded.expect_nothing_left();
}

TEST(CircuitBreakerOfAPort, DoesNotCallWhatItNeverSentARepetition) {
  const CircuitBreakerPolicy breaker{.failure_rate = 1,
                                     .window = 1,
                                     .minimum_calls = 1,
                                     .wait = 150ms,
                                     .trial_calls = 1,
                                     .failures = outcome_bit(Outcome::error)};
  Guarded guarded({.retry = three_attempts(100ms), .circuit_breaker = breaker});
  guarded.server->acts = {{0ms, Outcome::error}, {0ms, Outcome::ok}};
  guarded.probe->send_at(at(0s), guarded.port);
  guarded.probe->send_at(at(60ms), guarded.port);  // short-circuited; sent at 160 ms as its second attempt
  guarded.run(5s);
  ASSERT_EQ(guarded.server->seen.size(), 2u);
  EXPECT_EQ(guarded.server->seen[1].attempt, 2);
  EXPECT_FALSE(guarded.server->seen[1].repeat);
  EXPECT_EQ(guarded.world.port(guarded.port).guards->kept_answers(), -1);
  guarded.expect_nothing_left();
}

TEST(CircuitBreakerOfAPort, IsNotTriedAgainWhereItRefuses) {
  CircuitBreakerPolicy breaker = kTwoFailures;
  breaker.outcome = Outcome::refused;
  Guarded guarded({.retry = three_attempts(100ms), .circuit_breaker = breaker});
  guarded.server->acts = {{0ms, Outcome::fault}};
  guarded.probe->send_at(at(0s), guarded.port);
  guarded.probe->send_at(at(1s), guarded.port);
  guarded.run(5s);
  ASSERT_EQ(guarded.probe->answers.size(), 2u);
  EXPECT_EQ(guarded.probe->answers[1].outcome, Outcome::refused);
  EXPECT_EQ(guarded.probe->answers[1].when, at(1s));
  EXPECT_EQ(guarded.probe->answers[1].attempts, 1);
}

TEST(CircuitBreakerOfAPort, LearnsOfTimeouts) {
  Guarded guarded({.timeout = 50ms, .circuit_breaker = kTwoFailures});
  guarded.server->acts = {{1s, Outcome::ok}};
  for (int i = 0; i < 3; ++i) guarded.probe->send_at(at(i * 100ms), guarded.port);
  guarded.run(5s);
  EXPECT_EQ(guarded.server->seen.size(), 2u);
  EXPECT_EQ(guarded.counts().opened, 1u);
  EXPECT_EQ(guarded.log.count(FactKind::late), 2);
  guarded.expect_nothing_left();
}

TEST(CircuitBreakerOfAPort, ClosesAfterASuccessfulTrial) {
  Guarded guarded({.circuit_breaker = kTwoFailures});
  guarded.server->acts = {{0ms, Outcome::fault}, {0ms, Outcome::fault}, {10ms, Outcome::ok}};
  for (const Duration when : {0s, 1s, 5s, 11s, 12s}) guarded.probe->send_at(at(when), guarded.port);
  guarded.run(20s);
  EXPECT_EQ(guarded.server->seen.size(), 4u) << "all but the one at 5 s";
  EXPECT_EQ(guarded.counts().closed, 1u);
  EXPECT_EQ(guarded.counts().open, 10s);
}

TEST(CircuitBreakerOfAPort, MeetsTheFirstAttemptsThatTheAdaptiveModeHeldBack) {
  RetryPolicy adaptive = *find_retry_profile("sdk-adaptive");
  adaptive.max_attempts = 1;
  Guarded guarded({.retry = adaptive, .circuit_breaker = kTwoFailures});
  guarded.server->acts = {{0ms, Outcome::throttled}};
  for (int i = 0; i < 20; ++i) guarded.probe->send_at(at(i * 10ms), guarded.port);
  guarded.run(100s);
  EXPECT_EQ(guarded.probe->answers.size(), 20u);
  EXPECT_GT(guarded.counts().short_circuited, 10u);
  guarded.expect_nothing_left();
}

}  // namespace
}  // namespace spillway
