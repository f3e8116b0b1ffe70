#pragma once
/// When a failed attempt is followed by another, and how much later. A policy is a plain record; the named
/// profiles are rows of one table (the provider's SDK modes, old and new). What a client remembers between
/// calls (its retry quota, the rate limiter of the adaptive mode) is RetryState, one for each port.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "spillway/journey.hpp"
#include "spillway/random.hpp"
#include "spillway/time.hpp"

namespace spillway {

enum class Jitter : std::uint8_t {
  none,          ///< min(cap, base x factor^n)
  full,          ///< uniform between zero and that
  equal,         ///< half of that, and uniform up to the other half
  decorrelated,  ///< min(cap, uniform between base and three times the delay before)
  exponential,   ///< exponential with that as its mean, and no cap of its own: retrial queues
};

/// A token bucket without time that bounds how many retries a client makes: costs are taken by each retry and
/// given back by success (AWS SDKs, "retry quota").
struct RetryQuota {
  std::int32_t capacity = 0;  ///< zero: no quota
  std::int32_t cost_transient = 0;
  std::int32_t cost_throttled = 0;
  std::int32_t cost_timeout = 0;
};

constexpr std::uint8_t outcome_bit(Outcome outcome) {
  return static_cast<std::uint8_t>(1u << static_cast<unsigned>(outcome));
}

inline constexpr std::uint8_t kRetryNothing = 0;
/// What every SDK mode retries: throttling, 5xx and lost connections. A function's own error comes as HTTP
/// 200.
inline constexpr std::uint8_t kRetryTransient =
    outcome_bit(Outcome::throttled) | outcome_bit(Outcome::fault) | outcome_bit(Outcome::timed_out);

struct RetryPolicy {
  std::int32_t max_attempts = 1;  ///< the first included
  Duration base{};                ///< scale of the first back-off
  Duration throttled_base{};      ///< the same after throttling; zero: as `base`
  Duration cap = Duration::max();
  double factor = 2;
  Jitter jitter = Jitter::full;
  std::uint8_t retry_on = kRetryNothing;
  double probability = 1;  ///< that a retryable failure is tried again at all
  RetryQuota quota{};
  bool adaptive = false;      ///< the SDK's client-side rate limiter
  bool heeds_server = false;  ///< waits as long as the server asks: see heeded_delay
};

struct RetryProfile {
  std::string_view name;
  RetryPolicy policy;
  std::string_view source;
};

std::span<const RetryProfile> retry_profiles();
const RetryPolicy* find_retry_profile(std::string_view name);

/// The delay before retry n (n = 1 for the first) under `policy`, a pure function of the draws.
Duration backoff_delay(const RetryPolicy& policy, Outcome outcome, std::int32_t n, Draws draws);

/// The SDK's own delay where the server asked for one too (header x-amz-retry-after, 2026 rules): the
/// server's, but never less than its own nor more than 5 s longer. A negative wish is no wish.
Duration heeded_delay(Duration own, Duration asked);

/// CUBIC, the rate that the adaptive mode aims at after a throttle (botocore retries/throttling.py).
class CubicRate {
 public:
  /// After a throttle at `rate`: the rate to fall to.
  double throttled(double now_s, double rate);  // tidy: allow(float-time) CUBIC is a formula over seconds
  /// After a success: the rate to grow to.
  double succeeded(double now_s);  // tidy: allow(float-time) CUBIC is a formula over seconds
  /// K, the time from a throttle until the rate at which it happened is reached again.
  double window_s() const;

 private:
  double last_max_ = 0;
  double throttled_at_ = 0;
};

/// The rate limiter of the adaptive mode: CUBIC over the measured rate (botocore retries/adaptive.py,
/// bucket.py). It holds nothing back until the first throttle.
class AdaptiveLimiter {
 public:
  /// How long the next attempt must be held back; takes its token.
  Duration acquire(Time now);
  void answered(Time now, bool throttled);
  double fill_rate() const { return fill_rate_; }
  double measured_rate() const { return measured_; }
  bool enabled() const { return enabled_; }

 private:
  void measure(double now_s);                // tidy: allow(float-time) CUBIC is a formula over seconds
  void refill(double now_s);                 // tidy: allow(float-time) CUBIC is a formula over seconds
  void set_rate(double now_s, double rate);  // tidy: allow(float-time) CUBIC is a formula over seconds

  static constexpr double kLeastRate = 0.5;  ///< requests a second

  bool enabled_ = false;
  double fill_rate_ = kLeastRate;
  double capacity_ = 0;
  double tokens_ = 0;
  double refilled_at_ = 0;
  double measured_ = 0;
  double bucket_start_ = 0;
  std::int64_t bucket_count_ = 0;
  CubicRate cubic_;
};

/// What one client remembers of its calls.
class RetryState {
 public:
  explicit RetryState(const RetryPolicy& policy) : quota_left_(policy.quota.capacity) {}

  enum class Verdict : std::uint8_t { retry, give_up, quota_exhausted };
  struct Decision {
    Verdict verdict = Verdict::give_up;
    Duration delay{};
  };
  /// What follows attempt number `attempt` that ended with `outcome` after one that failed as `before` says;
  /// takes from the quota, or gives back to it.
  Decision after(const RetryPolicy& policy, Outcome outcome, Failure before, std::int32_t attempt,
                 Draws draws);

  /// What follows an attempt that was ok: a success gives back what the last retry took; one without retries
  /// earns one.
  void succeeded(const RetryPolicy& policy, Failure before) {
    if (quota_left_ != policy.quota.capacity) earn(policy.quota, before);
  }

  std::int32_t quota_left() const { return quota_left_; }
  AdaptiveLimiter& limiter() { return limiter_; }

 private:
  void earn(const RetryQuota& quota, Failure before);

  std::int32_t quota_left_;
  AdaptiveLimiter limiter_;
};

}  // namespace spillway
