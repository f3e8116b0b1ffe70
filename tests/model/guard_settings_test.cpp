// Circuit breakers and hedging as a scenario writes them.

#include "model/guard_settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenario/resolve.hpp"
#include "spillway/world.hpp"

namespace spillway {
namespace {

using ::testing::HasSubstr;

PortConfig port_of(const std::string& yaml) {
  const auto value = value_of(yaml, guard_settings());
  EXPECT_TRUE(value.has_value()) << value.error();
  PortConfig port;
  if (value) read_guards(*value, port);
  return port;
}

std::string problem_of(const std::string& yaml) {
  const auto value = value_of(yaml, guard_settings());
  EXPECT_FALSE(value.has_value());
  return value ? "" : value.error();
}

TEST(GuardSettings, AreOffWhereNothingIsSaid) {
  const PortConfig port = port_of("{}");
  EXPECT_FALSE(port.circuit_breaker.has_value());
  EXPECT_FALSE(port.hedging.has_value());
}

TEST(GuardSettings, OfACircuitBreakerAreThoseOfResilience4jWhereNothingElseIsSaid) {
  const CircuitBreakerPolicy breaker = port_of("circuit_breaker: {}").circuit_breaker.value();
  EXPECT_EQ(breaker.failure_rate, 0.5);
  EXPECT_EQ(breaker.window, 100);
  EXPECT_EQ(breaker.minimum_calls, 100);
  EXPECT_EQ(breaker.wait, 60s);
  EXPECT_EQ(breaker.trial_calls, 10);
  EXPECT_EQ(breaker.failures, kRetryTransient);
  EXPECT_EQ(breaker.outcome, Outcome::fault);
}

TEST(GuardSettings, OfACircuitBreakerAreRead) {
  const CircuitBreakerPolicy breaker =
      port_of(
          "circuit_breaker: { failure_rate: 20%, window: 50, minimum_calls: 7, wait: 5s, trial_calls: 3, "
          "failures: [ error ], outcome: refused }")
          .circuit_breaker.value();
  EXPECT_DOUBLE_EQ(breaker.failure_rate, 0.2);
  EXPECT_EQ(breaker.window, 50);
  EXPECT_EQ(breaker.minimum_calls, 7);
  EXPECT_EQ(breaker.wait, 5s);
  EXPECT_EQ(breaker.trial_calls, 3);
  EXPECT_EQ(breaker.failures, outcome_bit(Outcome::error));
  EXPECT_EQ(breaker.outcome, Outcome::refused);
}

TEST(GuardSettings, OfHedgingAreRead) {
  const HedgingPolicy fixed = port_of("hedging: { delay: 30ms }").hedging.value();
  EXPECT_EQ(fixed.delay, 30ms);
  EXPECT_EQ(fixed.max_attempts, 2);
  EXPECT_EQ(fixed.non_fatal, kRetryNothing);
  EXPECT_EQ(fixed.tokens_millis, 0);
  const HedgingPolicy measured =
      port_of(
          "hedging: { percentile: p99.9, max_attempts: 5, non_fatal: [ fault, throttled ], "
          "throttle: { max_tokens: 10, token_ratio: 0.1 } }")
          .hedging.value();
  EXPECT_DOUBLE_EQ(measured.quantile, 0.999);
  EXPECT_EQ(measured.max_attempts, 5);
  EXPECT_EQ(measured.non_fatal, outcome_bit(Outcome::fault) | outcome_bit(Outcome::throttled));
  EXPECT_EQ(measured.tokens_millis, 10'000);
  EXPECT_EQ(measured.earned_millis, 100);
}

TEST(GuardSettings, OfHedgingNeedADelayOrAPercentileAndNotBoth) {
  EXPECT_THAT(problem_of("hedging: {}"), HasSubstr("percentile"));
  EXPECT_THAT(problem_of("hedging: { delay: 1ms, percentile: p95 }"), HasSubstr("percentile"));
}

TEST(GuardSettings, SuggestTheNearestName) {
  EXPECT_THAT(problem_of("circuit_breaker: { failure_rat: 10% }"), HasSubstr("failure_rate"));
  EXPECT_THAT(problem_of("hedging: { percentile: p97 }"), HasSubstr("p9"));
  EXPECT_THAT(problem_of("circut_breaker: {}"), HasSubstr("circuit_breaker"));
}

TEST(GuardSettings, HaveBounds) {
  EXPECT_THAT(problem_of("hedging: { delay: 1ms, max_attempts: 6 }"), HasSubstr("max_attempts"));
  EXPECT_THAT(problem_of("circuit_breaker: { failure_rate: 0% }"), HasSubstr("failure_rate"));
  EXPECT_THAT(problem_of("circuit_breaker: { window: 0 }"), HasSubstr("window"));
}

}  // namespace
}  // namespace spillway
