// The provider's SDK retry modes, in their old and their new form, and plain back-off.
//
// Sources: botocore retries/standard.py, quota.py, bucket.py, throttling.py (August 2026); AWS SDKs and Tools
// Reference Guide, "Retry behavior"; AWS Developer Tools Blog, "Announcing updated retry behavior" (the 2026
// rules are the default from November 2026); AWS Architecture Blog, "Exponential Backoff And Jitter" (2015).

#include "model/retry_policy.hpp"

#include <algorithm>

#include "engine/math.hpp"

namespace spillway {

namespace {

constexpr RetryQuota kQuota2025{500, 5, 5, 10};
constexpr RetryQuota kQuota2026{500, 14, 5, 14};

constexpr RetryPolicy sdk(std::int32_t attempts, Duration base, Duration throttled, Duration cap,
                          RetryQuota quota) {
  return {.max_attempts = attempts,
          .base = base,
          .throttled_base = throttled,
          .cap = cap,
          .retry_on = kRetryTransient,
          .quota = quota};
}

constexpr RetryPolicy rules_2026(std::int32_t attempts, Duration base) {
  RetryPolicy policy = sdk(attempts, base, 1s, 20s, kQuota2026);
  policy.heeds_server = true;
  return policy;
}

constexpr RetryPolicy adaptive(RetryPolicy policy) {
  policy.adaptive = true;
  return policy;
}

constexpr RetryPolicy jittered(Jitter jitter) {
  return {.max_attempts = 3, .base = 100ms, .cap = 20s, .jitter = jitter, .retry_on = kRetryTransient};
}

constexpr const char* kBotocore = "botocore retries, August 2026";
constexpr const char* kRules2026 =
    "AWS SDKs and Tools Reference Guide, retry behavior (default from November 2026)";
constexpr const char* kJitterBlog =
    "AWS Architecture Blog, Exponential Backoff And Jitter; base and cap are assumptions";

constexpr std::array kProfiles{
    RetryProfile{"none", RetryPolicy{}, "one attempt"},
    RetryProfile{"sdk-standard", rules_2026(3, 50ms), kRules2026},
    RetryProfile{"sdk-standard-dynamodb", rules_2026(4, 25ms), kRules2026},
    RetryProfile{"sdk-adaptive", adaptive(rules_2026(3, 50ms)), kRules2026},
    RetryProfile{"sdk-standard-2025", sdk(3, 1s, 1s, 20s, kQuota2025), kBotocore},
    RetryProfile{"sdk-adaptive-2025", adaptive(sdk(3, 1s, 1s, 20s, kQuota2025)), kBotocore},
    RetryProfile{"sdk-legacy", sdk(5, 1s, 1s, Duration::max(), RetryQuota{}), kBotocore},
    RetryProfile{"sdk-legacy-dynamodb", sdk(10, 50ms, 50ms, Duration::max(), RetryQuota{}), kBotocore},
    RetryProfile{"exponential", jittered(Jitter::none), kJitterBlog},
    RetryProfile{"full-jitter", jittered(Jitter::full), kJitterBlog},
    RetryProfile{"equal-jitter", jittered(Jitter::equal), kJitterBlog},
    RetryProfile{"decorrelated-jitter", jittered(Jitter::decorrelated), kJitterBlog},
};

Duration scaled(Duration base, double by, Duration cap) {
  // tidy: allow(float-time) a random share of a delay, rounded once
  const double ns = static_cast<double>(base.count()) * by;
  return ns < static_cast<double>(cap.count()) ? Duration{static_cast<std::int64_t>(ns)} : cap;
}

Duration share(Duration whole, double part) { return scaled(whole, part, whole); }

std::int32_t cost(const RetryQuota& quota, Failure failure) {
  switch (failure) {
    case Failure::none: return 1;  // what a success at the first attempt earns
    case Failure::throttled: return quota.cost_throttled;
    case Failure::timed_out: return quota.cost_timeout;
    default: return quota.cost_transient;
  }
}

}  // namespace

std::span<const RetryProfile> retry_profiles() { return kProfiles; }

const RetryPolicy* find_retry_profile(std::string_view name) {
  const auto* const row = std::ranges::find(kProfiles, name, &RetryProfile::name);
  return row == kProfiles.end() ? nullptr : &row->policy;
}

Duration backoff_delay(const RetryPolicy& policy, Outcome outcome, std::int32_t n, Draws draws) {
  const bool throttled = outcome == Outcome::throttled && policy.throttled_base > Duration::zero();
  const Duration base = throttled ? policy.throttled_base : policy.base;
  if (policy.jitter == Jitter::decorrelated) {
    Duration delay = base;
    for (std::int32_t i = 0; i < n; ++i) {
      const Duration span = scaled(delay, 3, Duration::max() / 2) - base;
      delay = std::min(policy.cap, base + share(std::max(span, Duration::zero()), draws.uniform()));
    }
    return delay;
  }
  double growth = 1;
  for (std::int32_t i = 1; i < n && growth < 1e18; ++i) growth *= policy.factor;
  const Duration whole = scaled(base, growth, policy.cap);
  switch (policy.jitter) {
    case Jitter::none: return whole;
    case Jitter::exponential: return scaled(whole, math::exponential_of_draw(draws.bits()), Duration::max());
    case Jitter::equal: return whole / 2 + share(whole - whole / 2, draws.uniform());
    default: return share(whole, draws.uniform());
  }
}

Duration heeded_delay(Duration own, Duration asked) { return std::clamp(asked, own, own + 5s); }

void RetryState::earn(const RetryQuota& quota, Failure before) {
  quota_left_ = std::min(quota.capacity, quota_left_ + cost(quota, before));
}

RetryState::Decision RetryState::after(const RetryPolicy& policy, Outcome outcome, Failure before,
                                       std::int32_t attempt, Draws draws) {
  const RetryQuota& quota = policy.quota;
  if (outcome == Outcome::ok) {
    succeeded(policy, before);
    return {};
  }
  if ((policy.retry_on & outcome_bit(outcome)) == 0 || attempt >= policy.max_attempts) return {};
  if (policy.probability < 1 && !draws.chance(policy.probability)) return {};
  if (quota.capacity > 0) {
    const std::int32_t price = cost(quota, failure_of(outcome));
    if (quota_left_ < price) return {Verdict::quota_exhausted, {}};
    quota_left_ -= price;
  }
  return {Verdict::retry, backoff_delay(policy, outcome, attempt, draws)};
}

namespace {

// tidy: allow(float-time) CUBIC is a formula over seconds
double seconds(Time time) { return static_cast<double>(time.time_since_epoch().count()) * 1e-9; }

constexpr double kBeta = 0.7;    // botocore throttling.py: multiplicative decrease
constexpr double kScale = 0.4;   // and the cubic's scale
constexpr double kSmooth = 0.8;  // weight of the newest half-second in the measured rate
constexpr double kBucket = 0.5;  // seconds in which requests are counted

}  // namespace

double CubicRate::window_s() const { return math::cbrt(last_max_ * (1 - kBeta) / kScale); }

// tidy: allow(float-time) CUBIC is a formula over seconds
double CubicRate::throttled(double now_s, double rate) {
  last_max_ = rate;
  throttled_at_ = now_s;
  return rate * kBeta;
}

// tidy: allow(float-time) CUBIC is a formula over seconds
double CubicRate::succeeded(double now_s) {
  const double since = now_s - throttled_at_ - window_s();
  return kScale * since * since * since + last_max_;
}

// tidy: allow(float-time) CUBIC is a formula over seconds
void AdaptiveLimiter::refill(double now_s) {
  tokens_ = std::min(capacity_, tokens_ + (now_s - refilled_at_) * fill_rate_);
  refilled_at_ = now_s;
}

// tidy: allow(float-time) CUBIC is a formula over seconds
void AdaptiveLimiter::set_rate(double now_s, double rate) {
  refill(now_s);
  fill_rate_ = std::max(rate, kLeastRate);
  capacity_ = std::max(rate, 1.0);
  tokens_ = std::min(tokens_, capacity_);
}

// tidy: allow(float-time) CUBIC is a formula over seconds
void AdaptiveLimiter::measure(double now_s) {
  ++bucket_count_;
  const double bucket = static_cast<double>(static_cast<std::int64_t>(now_s / kBucket)) * kBucket;
  if (bucket <= bucket_start_) return;
  const double rate = static_cast<double>(bucket_count_) / (bucket - bucket_start_);
  measured_ = rate * kSmooth + measured_ * (1 - kSmooth);
  bucket_count_ = 0;
  bucket_start_ = bucket;
}

Duration AdaptiveLimiter::acquire(Time now) {
  if (!enabled_) return Duration::zero();
  // tidy: allow(float-time) CUBIC is a formula over seconds
  const double now_s = seconds(now);
  refill(now_s);
  tokens_ -= 1;  // below zero: the token is borrowed, and its owner waits until it would have been there
  if (tokens_ >= 0) return Duration::zero();
  return Duration{static_cast<std::int64_t>(-tokens_ / fill_rate_ * 1e9)};
}

void AdaptiveLimiter::answered(Time now, bool throttled) {
  // tidy: allow(float-time) CUBIC is a formula over seconds
  const double now_s = seconds(now);
  measure(now_s);
  double rate = 0;
  if (throttled) {
    rate = cubic_.throttled(now_s, enabled_ ? std::min(measured_, fill_rate_) : measured_);
    enabled_ = true;
  } else {
    rate = cubic_.succeeded(now_s);
  }
  set_rate(now_s, std::min(rate, 2 * measured_));
}

}  // namespace spillway
