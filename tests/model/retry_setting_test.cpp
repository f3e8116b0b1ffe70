// A retry policy as a scenario writes it: a profile by name, one to start from, or one of one's own.

#include "model/retry_setting.hpp"

#include <gtest/gtest.h>

#include "scenario/resolve.hpp"

namespace spillway {
namespace {

RetryPolicy policy_of(const std::string& yaml, std::string_view otherwise = "none") {
  const auto value = value_of("retry: " + yaml, {retry("retry", "What is done about failures.")});
  EXPECT_TRUE(value.has_value()) << value.error();
  return retry_policy((*value)["retry"], otherwise);
}

TEST(RetrySetting, IsTheOtherProfileWhereNothingIsSaid) {
  const auto value = value_of("{}", {retry("retry", "What is done about failures.")});
  ASSERT_TRUE(value.has_value()) << value.error();
  EXPECT_EQ(retry_policy((*value)["retry"], "none").max_attempts, 1);
  EXPECT_EQ(retry_policy((*value)["retry"], "sdk-legacy").max_attempts, 5);
}

TEST(RetrySetting, IsEveryProfileByItsName) {
  for (const RetryProfile& profile : retry_profiles()) {
    const RetryPolicy policy = policy_of(std::string(profile.name));
    EXPECT_EQ(policy.max_attempts, profile.policy.max_attempts) << profile.name;
    EXPECT_EQ(policy.base, profile.policy.base) << profile.name;
    EXPECT_EQ(policy.jitter, profile.policy.jitter) << profile.name;
    EXPECT_EQ(policy.adaptive, profile.policy.adaptive) << profile.name;
    EXPECT_EQ(policy.quota.capacity, profile.policy.quota.capacity) << profile.name;
  }
}

TEST(RetrySetting, ChangesAProfileOnlyWhereItSaysSo) {
  const RetryPolicy policy = policy_of("{ profile: sdk-standard, base: 80ms }");
  EXPECT_EQ(policy.base, 80ms);
  EXPECT_EQ(policy.max_attempts, 3);
  EXPECT_EQ(policy.throttled_base, 1s);
  EXPECT_EQ(policy.quota.capacity, 500);
}

TEST(RetrySetting, OfOnesOwnStartsFromFullJitter) {
  const RetryPolicy policy = policy_of(
      "{ max_attempts: 5, base: 200ms, throttled_base: 1s, factor: 3, cap: 5s, probability: 0.5, adaptive: "
      "true,"
      " quota: { capacity: 100, transient: 1, throttled: 2, timed_out: 3 } }");
  EXPECT_EQ(policy.max_attempts, 5);
  EXPECT_EQ(policy.base, 200ms);
  EXPECT_EQ(policy.throttled_base, 1s);
  EXPECT_EQ(policy.factor, 3);
  EXPECT_EQ(policy.cap, 5s);
  EXPECT_EQ(policy.probability, 0.5);
  EXPECT_TRUE(policy.adaptive);
  EXPECT_EQ(policy.quota.capacity, 100);
  EXPECT_EQ(policy.quota.cost_transient, 1);
  EXPECT_EQ(policy.quota.cost_throttled, 2);
  EXPECT_EQ(policy.quota.cost_timeout, 3);
  EXPECT_EQ(policy.jitter, Jitter::full);
  EXPECT_EQ(policy.retry_on, kRetryTransient);
}

TEST(RetrySetting, MayGoOnForEver) {
  EXPECT_EQ(policy_of("{ max_attempts: unlimited }").max_attempts, INT32_MAX);
}

TEST(RetrySetting, MeansEachJitterByItsWord) {
  const std::vector<std::pair<std::string, Jitter>> words{{"none", Jitter::none},
                                                          {"full", Jitter::full},
                                                          {"equal", Jitter::equal},
                                                          {"decorrelated", Jitter::decorrelated},
                                                          {"exponential", Jitter::exponential}};
  for (const auto& [word, jitter] : words)
    EXPECT_EQ(policy_of("{ jitter: " + word + " }").jitter, jitter) << word;
}

TEST(RetrySetting, TriesAgainWhatItNamesAndNothingElse) {
  EXPECT_EQ(policy_of("{ on: [ throttled, error ] }").retry_on,
            outcome_bit(Outcome::throttled) | outcome_bit(Outcome::error));
  EXPECT_EQ(policy_of("{ on: [ fault, timed_out ] }").retry_on,
            outcome_bit(Outcome::fault) | outcome_bit(Outcome::timed_out));
  EXPECT_EQ(policy_of("{ on: [] }").retry_on, kRetryNothing);
}

}  // namespace
}  // namespace spillway
