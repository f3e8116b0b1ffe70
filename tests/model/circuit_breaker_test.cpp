// A circuit breaker by itself: when it opens, what it lets out, when it closes, and what it counts.

#include "model/circuit_breaker.hpp"

#include <gtest/gtest.h>

#include "support/small_world.hpp"

namespace spillway {
namespace {

using testing::at;
using State = CircuitBreaker::State;

constexpr CircuitBreakerPolicy kSmall{
    .failure_rate = 0.5, .window = 4, .minimum_calls = 4, .wait = 10s, .trial_calls = 2};

/// Attempts that are admitted and answered at once; how many were admitted.
int make(CircuitBreaker& breaker, Time now, std::initializer_list<Outcome> outcomes) {
  int admitted = 0;
  for (const Outcome outcome : outcomes) {
    if (!breaker.admits(now)) continue;
    breaker.answered(now, outcome);
    ++admitted;
  }
  return admitted;
}

CircuitBreaker opened_at(Time now) {
  CircuitBreaker breaker(kSmall);
  make(breaker, now, {Outcome::fault, Outcome::fault, Outcome::fault, Outcome::fault});
  EXPECT_EQ(breaker.state(), State::open);
  return breaker;
}

TEST(CircuitBreaker, OpensWhenTheShareOfFailuresReachesTheRate) {
  CircuitBreaker breaker(kSmall);
  EXPECT_EQ(make(breaker, at(0s), {Outcome::ok, Outcome::fault, Outcome::ok}), 3);
  EXPECT_EQ(breaker.state(), State::closed);
  make(breaker, at(0s), {Outcome::fault});
  EXPECT_EQ(breaker.state(), State::open);
}

TEST(CircuitBreaker, DoesNotJudgeBeforeTheLeastNumberOfCalls) {
  CircuitBreaker breaker(kSmall);
  make(breaker, at(0s), {Outcome::fault, Outcome::fault, Outcome::fault});
  EXPECT_EQ(breaker.state(), State::closed);
}

TEST(CircuitBreaker, JudgesAFullWindowThoughMoreCallsAreAskedFor) {
  CircuitBreakerPolicy policy = kSmall;
  policy.minimum_calls = 100;
  CircuitBreaker breaker(policy);
  make(breaker, at(0s), {Outcome::fault, Outcome::fault, Outcome::fault, Outcome::fault});
  EXPECT_EQ(breaker.state(), State::open);
}

TEST(CircuitBreaker, ForgetsWhatHasLeftTheWindow) {
  CircuitBreaker breaker(kSmall);
  make(breaker, at(0s), {Outcome::fault, Outcome::ok, Outcome::ok, Outcome::ok});
  make(breaker, at(1s), {Outcome::fault});
  EXPECT_EQ(breaker.state(), State::closed) << "one of the last four";
  make(breaker, at(2s), {Outcome::fault});
  EXPECT_EQ(breaker.state(), State::open) << "two of the last four";
}

TEST(CircuitBreaker, OpensAfterFailuresInARowWhenItsRateIsOne) {
  CircuitBreaker breaker({.failure_rate = 1, .window = 3, .minimum_calls = 3});
  make(breaker, at(0s), {Outcome::fault, Outcome::fault, Outcome::ok, Outcome::fault, Outcome::fault});
  EXPECT_EQ(breaker.state(), State::closed);
  make(breaker, at(0s), {Outcome::fault});
  EXPECT_EQ(breaker.state(), State::open);
}

TEST(CircuitBreaker, CountsOnlyTheOutcomesThatItIsToldAsFailures) {
  CircuitBreakerPolicy policy = kSmall;
  policy.failures = outcome_bit(Outcome::error);
  CircuitBreaker breaker(policy);
  make(breaker, at(0s), {Outcome::fault, Outcome::throttled, Outcome::timed_out, Outcome::fault});
  EXPECT_EQ(breaker.state(), State::closed);
  make(breaker, at(0s), {Outcome::error, Outcome::error});
  EXPECT_EQ(breaker.state(), State::open);
}

TEST(CircuitBreaker, LetsNothingOutWhileItIsOpen) {
  CircuitBreaker breaker = opened_at(at(0s));
  EXPECT_FALSE(breaker.admits(at(1s)));
  EXPECT_FALSE(breaker.admits(at(10s) - 1ns));
  EXPECT_EQ(breaker.counts(at(9s)).short_circuited, 2u);
}

TEST(CircuitBreaker, TakesNoAccountOfAnswersWhileItIsOpen) {
  CircuitBreaker breaker = opened_at(at(0s));
  for (int i = 0; i < 10; ++i) breaker.answered(at(1s), i < 5 ? Outcome::ok : Outcome::fault);
  EXPECT_EQ(breaker.state(), State::open);
  EXPECT_EQ(breaker.counts(at(1s)).opened, 1u);
  EXPECT_TRUE(breaker.admits(at(10s))) << "the wait began when it opened";
}

TEST(CircuitBreaker, LetsOutAFewOnTrialWhenTheWaitIsOver) {
  CircuitBreaker breaker = opened_at(at(0s));
  EXPECT_TRUE(breaker.admits(at(10s)));
  EXPECT_EQ(breaker.state(), State::half_open);
  EXPECT_TRUE(breaker.admits(at(10s)));
  EXPECT_FALSE(breaker.admits(at(10s))) << "the third, while two are out";
}

TEST(CircuitBreaker, ClosesWhenTheTrialsSucceedAndBeginsAFreshWindow) {
  CircuitBreaker breaker = opened_at(at(0s));
  make(breaker, at(10s), {Outcome::ok, Outcome::ok});
  EXPECT_EQ(breaker.state(), State::closed);
  make(breaker, at(10s), {Outcome::fault, Outcome::fault, Outcome::fault});
  EXPECT_EQ(breaker.state(), State::closed) << "three of three are fewer than it judges";
}

TEST(CircuitBreaker, OpensAgainForAWholeWaitWhenTheTrialsFail) {
  CircuitBreaker breaker = opened_at(at(0s));
  make(breaker, at(12s), {Outcome::ok, Outcome::fault});
  EXPECT_EQ(breaker.state(), State::open) << "half of them is the rate";
  EXPECT_FALSE(breaker.admits(at(21s)));
  EXPECT_TRUE(breaker.admits(at(22s)));
}

TEST(CircuitBreaker, JudgesFewerTrialsWhereItJudgesFewerCalls) {
  CircuitBreakerPolicy policy = kSmall;
  policy.minimum_calls = 1;
  policy.trial_calls = 5;
  CircuitBreaker breaker(policy);
  make(breaker, at(0s), {Outcome::fault});
  make(breaker, at(10s), {Outcome::ok});
  EXPECT_EQ(breaker.state(), State::closed);
}

TEST(CircuitBreaker, CountsTheAnswersThatComeWhileItIsHalfOpenWheneverTheyWereSent) {
  CircuitBreaker breaker = opened_at(at(0s));
  EXPECT_TRUE(breaker.admits(at(10s)));
  breaker.answered(at(11s), Outcome::timed_out);  // two that were sent before it opened
  breaker.answered(at(11s), Outcome::timed_out);
  EXPECT_EQ(breaker.state(), State::open);
}

TEST(CircuitBreaker, LetsOutAnotherForATrialThatWasGivenUp) {
  CircuitBreaker breaker = opened_at(at(0s));
  EXPECT_TRUE(breaker.admits(at(10s)));
  EXPECT_TRUE(breaker.admits(at(10s)));
  breaker.given_up();
  EXPECT_TRUE(breaker.admits(at(10s)));
  EXPECT_FALSE(breaker.admits(at(10s)));
}

TEST(CircuitBreaker, MeasuresHowLongItWasOpenAndHowOftenItChanged) {
  CircuitBreaker breaker = opened_at(at(5s));
  EXPECT_EQ(breaker.counts(at(8s)).open, 3s);
  make(breaker, at(17s), {Outcome::ok, Outcome::ok});
  const CircuitBreaker::Counts counts = breaker.counts(at(100s));
  EXPECT_EQ(counts.open, 12s) << "until the first attempt after the wait, as nothing moves it before";
  EXPECT_EQ(counts.opened, 1u);
  EXPECT_EQ(counts.half_opened, 1u);
  EXPECT_EQ(counts.closed, 1u);
}

TEST(CircuitBreaker, CountsFromWhenItWasReset) {
  CircuitBreaker breaker = opened_at(at(0s));
  breaker.reset(at(4s));
  EXPECT_EQ(breaker.counts(at(4s)).opened, 0u);
  EXPECT_EQ(breaker.counts(at(9s)).open, 5s);
  EXPECT_EQ(breaker.state(), State::open);
}

}  // namespace
}  // namespace spillway
