// Back-off by profile, and what a client's retry quota allows.

#include "model/retry_policy.hpp"

#include <gtest/gtest.h>

namespace spillway {
namespace {

Draws draws(std::uint64_t n) { return Stream(1, "retry").at(n); }

/// The mean delay before retry n.
double mean_ms(const RetryPolicy& policy, Outcome outcome, std::int32_t n) {
  double sum = 0;
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    sum += static_cast<double>(backoff_delay(policy, outcome, n, draws(i)).count()) * 1e-6;
  }
  return sum / 20'000;
}

TEST(RetryProfile, Standard2026WaitsHalfOfFiftyMillisecondsOrOfASecondWhenThrottled) {
  const RetryPolicy& policy = *find_retry_profile("sdk-standard");
  EXPECT_EQ(policy.max_attempts, 3);
  EXPECT_NEAR(mean_ms(policy, Outcome::fault, 1), 25, 0.5);
  EXPECT_NEAR(mean_ms(policy, Outcome::fault, 2), 50, 1);
  // The guide's example: throttled twice, a mean of 1,500 ms is added.
  EXPECT_NEAR(mean_ms(policy, Outcome::throttled, 1) + mean_ms(policy, Outcome::throttled, 2), 1500, 30);
}

TEST(RetryProfile, DynamoDBHasAScaleAndAnAttemptOfItsOwn) {
  const RetryPolicy& policy = *find_retry_profile("sdk-standard-dynamodb");
  EXPECT_EQ(policy.max_attempts, 4);
  EXPECT_NEAR(mean_ms(policy, Outcome::fault, 1), 12.5, 0.3);
}

TEST(RetryProfile, StandardBefore2026IsCappedAtTwentySecondsAndLegacyIsNot) {
  EXPECT_NEAR(mean_ms(*find_retry_profile("sdk-standard-2025"), Outcome::fault, 10), 10'000, 200);
  EXPECT_NEAR(mean_ms(*find_retry_profile("sdk-legacy"), Outcome::fault, 10), 256'000, 5000);
}

TEST(Backoff, WithoutJitterDoublesUpToItsCap) {
  const RetryPolicy policy{.max_attempts = 7, .base = 2s, .cap = 10s, .jitter = Jitter::none};
  std::vector<Duration> delays;
  for (std::int32_t n = 1; n <= 6; ++n) delays.push_back(backoff_delay(policy, Outcome::error, n, draws(0)));
  EXPECT_EQ(delays, (std::vector<Duration>{2s, 4s, 8s, 10s, 10s, 10s}));
}

TEST(Backoff, EqualJitterStaysInTheUpperHalf) {
  const RetryPolicy policy{.base = 1s, .cap = 20s, .jitter = Jitter::equal};
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const Duration delay = backoff_delay(policy, Outcome::fault, 1, draws(i));
    EXPECT_GE(delay, 500ms);
    EXPECT_LE(delay, 1s);
  }
}

TEST(Backoff, DecorrelatedJitterIsBetweenBaseAndCap) {
  const RetryPolicy policy{.base = 100ms, .cap = 2s, .jitter = Jitter::decorrelated};
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const Duration delay = backoff_delay(policy, Outcome::fault, 8, draws(i));
    EXPECT_GE(delay, 100ms);
    EXPECT_LE(delay, 2s);
  }
}

using Verdict = RetryState::Verdict;

TEST(RetryQuota, Of2026EndsAfter35TransientRetries) {
  const RetryPolicy& policy = *find_retry_profile("sdk-standard");
  RetryState state(policy);
  for (int i = 0; i < 35; ++i) {
    EXPECT_EQ(state.after(policy, Outcome::fault, Failure::none, 1, draws(0)).verdict, Verdict::retry);
  }
  EXPECT_EQ(state.quota_left(), 10);
  EXPECT_EQ(state.after(policy, Outcome::fault, Failure::none, 1, draws(0)).verdict,
            Verdict::quota_exhausted);
  EXPECT_EQ(state.after(policy, Outcome::throttled, Failure::none, 1, draws(0)).verdict, Verdict::retry)
      << "a throttled retry costs five";
}

TEST(RetryQuota, GetsBackWhatARetryTookWhenItSucceedsAndOneForAFirstSuccess) {
  const RetryPolicy& policy = *find_retry_profile("sdk-standard-2025");
  RetryState state(policy);
  state.after(policy, Outcome::timed_out, Failure::none, 1, draws(0));
  EXPECT_EQ(state.quota_left(), 490);
  state.after(policy, Outcome::ok, Failure::timed_out, 2, draws(0));
  EXPECT_EQ(state.quota_left(), 500);
  state.after(policy, Outcome::fault, Failure::none, 1, draws(0));
  state.after(policy, Outcome::ok, Failure::none, 1, draws(0));
  EXPECT_EQ(state.quota_left(), 496);
}

TEST(RetryState, NeverRetriesWhatCannotHelp) {
  const RetryPolicy& policy = *find_retry_profile("sdk-standard");
  RetryState state(policy);
  for (const Outcome outcome : {Outcome::ok, Outcome::error, Outcome::refused}) {
    EXPECT_EQ(state.after(policy, outcome, Failure::none, 1, draws(0)).verdict, Verdict::give_up);
  }
}

TEST(AdaptiveLimiter, HoldsNothingBackBeforeTheFirstThrottleAndThenLessThanWasMeasured) {
  AdaptiveLimiter limiter;
  Time now = kStart;
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(limiter.acquire(now), Duration::zero());
    limiter.answered(now, false);
    now += 10ms;
  }
  EXPECT_FALSE(limiter.enabled());
  limiter.answered(now, true);
  EXPECT_TRUE(limiter.enabled());
  EXPECT_GT(limiter.fill_rate(), 0.5);
  EXPECT_LT(limiter.fill_rate(), 100) << "0.7 of the hundred a second that were measured";
}

}  // namespace
}  // namespace spillway
