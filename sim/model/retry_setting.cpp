#include "model/retry_setting.hpp"

#include "spillway/check.hpp"

namespace spillway {

namespace {

constexpr std::string_view kPlain = "full-jitter";

const RetryPolicy& profile(std::string_view name) {
  const RetryPolicy* const found = find_retry_profile(name);
  check(found != nullptr, "a retry profile that the reader accepted does not exist");
  return *found;
}

/// The member `name`, when it was given.
const Value* given(const Value& setting, std::string_view name) {
  const Value* const value = setting.find(name);
  return value != nullptr && value->is_set() ? value : nullptr;
}

std::uint8_t bit_of(std::string_view outcome) {
  for (const Outcome known : {Outcome::throttled, Outcome::fault, Outcome::error, Outcome::timed_out}) {
    if (outcome == name_of(known)) return outcome_bit(known);
  }
  check(false, "an outcome that the reader accepted does not exist");
  return 0;
}

void change(std::int32_t& number, const Value* setting) {
  if (setting != nullptr) number = static_cast<std::int32_t>(setting->count());
}

void change_quota(RetryQuota& quota, const Value& setting) {
  change(quota.capacity, given(setting, "capacity"));
  change(quota.cost_transient, given(setting, "transient"));
  change(quota.cost_throttled, given(setting, "throttled"));
  change(quota.cost_timeout, given(setting, "timed_out"));
}

}  // namespace

RetryPolicy retry_policy(const Value& setting, std::string_view otherwise) {
  if (!setting.is_set()) return profile(otherwise);
  const Value* const named = given(setting, "profile");
  RetryPolicy policy = profile(named != nullptr ? std::string_view(named->text()) : kPlain);
  if (const Value* const most = given(setting, "max_attempts")) {
    policy.max_attempts = most->is_word() ? INT32_MAX : static_cast<std::int32_t>(most->count());
  }
  if (const Value* const base = given(setting, "base")) policy.base = base->duration();
  if (const Value* const base = given(setting, "throttled_base")) policy.throttled_base = base->duration();
  if (const Value* const factor = given(setting, "factor")) policy.factor = factor->number();
  if (const Value* const cap = given(setting, "cap")) policy.cap = cap->duration();
  if (const Value* const jitter = given(setting, "jitter")) policy.jitter = jitter->choice<Jitter>();
  if (const Value* const share = given(setting, "probability")) policy.probability = share->probability();
  if (const Value* const adaptive = given(setting, "adaptive")) policy.adaptive = adaptive->boolean();
  if (const Value* const heeds = given(setting, "heeds_server")) policy.heeds_server = heeds->boolean();
  if (const Value* const quota = given(setting, "quota")) change_quota(policy.quota, *quota);
  if (const Value* const on = given(setting, "on")) policy.retry_on = outcome_bits(*on);
  return policy;
}

std::uint8_t outcome_bits(const Value& outcomes) {
  std::uint8_t bits = 0;
  for (const Value& outcome : outcomes.items()) bits |= bit_of(outcome.text());
  return bits;
}

}  // namespace spillway
