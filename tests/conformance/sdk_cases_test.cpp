// The retry tests of the provider's own SDKs, carried over as inputs and answers: cases/sdk.json names the
// source of each. Their random number is 1, so that a delay is its bound.

#include <gtest/gtest.h>

#include "conformance/cases.hpp"
#include "model/retry_policy.hpp"

namespace spillway {
namespace {

using Json = testing::Case;
using Verdict = RetryState::Verdict;

Duration seconds_of(double s) { return Duration{static_cast<std::int64_t>(s * 1e9 + 0.5)}; }

/// The profile as it stands, but for the random number.
RetryPolicy policy_of(const std::string& profile) {
  RetryPolicy policy = *find_retry_profile(profile);
  policy.jitter = Jitter::none;
  return policy;
}

Outcome outcome_of(const std::string& word) {
  if (word == "ok") return Outcome::ok;
  if (word == "throttle") return Outcome::throttled;
  return word == "timeout" ? Outcome::timed_out : Outcome::fault;
}

void check_delays(const Json& of, const std::string& profile) {
  const RetryPolicy policy = policy_of(profile);
  EXPECT_EQ(policy.base, seconds_of(of["inputs"]["base"].get<double>()));
  EXPECT_EQ(policy.cap, seconds_of(of["inputs"]["cap"].get<double>()));
  const Json& delays = of["expected"]["delays"];
  EXPECT_EQ(delays.size(), of["inputs"]["retries"].get<std::size_t>());
  std::int32_t n = 0;
  for (const Json& delay : delays) {
    ++n;
    EXPECT_EQ(backoff_delay(policy, Outcome::fault, n, Draws{1}), seconds_of(delay.get<double>())) << n;
  }
}

/// Plays the outcomes of one call and compares what is left of the quota after each step, and each delay.
void check_quota(const Json& of, const std::string& profile) {
  const Json& inputs = of["inputs"];
  RetryPolicy policy = policy_of(profile);
  policy.quota.capacity = inputs["capacity"];
  policy.max_attempts = inputs["max_attempts"];
  if (inputs.contains("max_backoff_s")) policy.cap = seconds_of(inputs["max_backoff_s"].get<double>());
  RetryState state(policy);
  std::vector<std::int32_t> left;
  std::vector<Duration> delays;
  std::string result;
  Failure before = Failure::none;
  std::int32_t attempt = 0;
  for (const Json& word : inputs["outcomes"]) {
    const Outcome outcome = outcome_of(word);
    const auto decision = state.after(policy, outcome, before, ++attempt, Draws{1});
    before = failure_of(outcome);
    if (outcome == Outcome::ok) result = "ok";
    if (decision.verdict == Verdict::retry) delays.push_back(decision.delay);
    if (decision.verdict == Verdict::quota_exhausted) result = "fail_no_quota";
    if (decision.verdict == Verdict::give_up && outcome != Outcome::ok) {
      result = "fail_max_attempts";
      EXPECT_EQ(attempt, policy.max_attempts);
    }
    if (decision.verdict == Verdict::retry || outcome == Outcome::ok) left.push_back(state.quota_left());
  }
  EXPECT_EQ(result, of["expected"]["result"].get<std::string>());
  EXPECT_EQ(left, of["expected"]["quota"].get<std::vector<std::int32_t>>());
  if (!of["expected"].contains("delays")) return;
  std::vector<Duration> expected;
  for (const Json& delay : of["expected"]["delays"]) expected.push_back(seconds_of(delay.get<double>()));
  EXPECT_EQ(delays, expected);
}

void check_retry_after(const Json& of) {
  const auto own = seconds_of(of["inputs"]["computed_delay"].get<double>());
  const auto asked = std::chrono::milliseconds{std::stoll(of["inputs"]["header_ms"].get<std::string>())};
  EXPECT_EQ(heeded_delay(own, asked), seconds_of(of["expected"]["delay"].get<double>()));
  EXPECT_TRUE(find_retry_profile("sdk-standard")->heeds_server);
  EXPECT_FALSE(find_retry_profile("sdk-standard-2025")->heeds_server);
}

void check_cubic(const Json& of) {
  CubicRate cubic;
  const Json& rates = of["inputs"]["w_max"];
  double rate = 0;
  for (std::size_t i = 0; i < rates.size(); ++i) {
    rate = cubic.throttled(static_cast<double>(i), rates[i].get<double>());
    EXPECT_NEAR(cubic.window_s(), of["expected"]["k"][i].get<double>(), 1e-12);
  }
  EXPECT_DOUBLE_EQ(rate, of["expected"]["rate_after_error_at_8"].get<double>());
}

void check_adaptive(const Json& of) {
  AdaptiveLimiter limiter;
  const Json& times = of["inputs"]["t"];
  const auto throttled = of["inputs"]["throttled_index"].get<std::vector<std::size_t>>();
  for (std::size_t i = 0; i < times.size(); ++i) {
    limiter.answered(kStart + seconds_of(times[i].get<double>()), std::ranges::count(throttled, i) > 0);
    EXPECT_NEAR(limiter.measured_rate(), of["expected"]["measured"][i].get<double>(), 1e-9) << i;
    EXPECT_NEAR(limiter.fill_rate(), of["expected"]["fill"][i].get<double>(), 1e-9) << i;
  }
}

void check_case(const Json& of) {
  const std::string kind = of["kind"];
  if (kind == "backoff_standard") return check_delays(of, "sdk-standard-2025");
  if (kind == "backoff_v21") return check_delays(of, "sdk-standard");
  if (kind == "quota_standard") return check_quota(of, "sdk-standard-2025");
  if (kind == "quota_v21") return check_quota(of, "sdk-standard");
  if (kind == "quota_v21_dynamodb") return check_quota(of, "sdk-standard-dynamodb");
  if (kind == "x_amz_retry_after") return check_retry_after(of);
  if (kind == "cubic_k") return check_cubic(of);
  if (kind == "adaptive_trace") return check_adaptive(of);
  ADD_FAILURE() << "nobody knows what to do with " << kind;
}

class SdkCases : public ::testing::TestWithParam<Json> {};
TEST_P(SdkCases, AnswersAsTheSdkDoes) { check_case(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Carried, SdkCases, ::testing::ValuesIn(testing::cases_of("sdk.json")),
                         testing::name_of_case);

}  // namespace
}  // namespace spillway
