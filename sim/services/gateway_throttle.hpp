#pragma once
/// What the APIs of Amazon API Gateway have in common, whatever their protocol: the account's throttle, how a
/// throttle is written in a scenario, and what a failure behind the gateway looks like to its client.
///
/// Sources: Amazon API Gateway Developer Guide, "Throttle requests to your API", gateway response types
/// (2023-06-29).

#include <algorithm>
#include <cstdint>

#include "model/token_bucket.hpp"
#include "spillway/journey.hpp"
#include "spillway/settings.hpp"
#include "spillway/world.hpp"

namespace spillway {

/// A throttle of an account and region. Gateways that state it differently get the lowest: it is one quota.
struct AccountThrottle : Shared {
  std::int64_t rate_millis = INT64_MAX;
  std::int64_t burst = INT64_MAX;
  TokenBucket bucket{};

  void agree(std::int64_t its_rate_millis, std::int64_t its_burst) {
    rate_millis = std::min(rate_millis, its_rate_millis);
    burst = std::min(burst, its_burst);
    bucket = TokenBucket(rate_millis, burst);
  }
};

/// What the client is told when its integration ended so. An HTTP backend's status is passed on, a function's
/// failure is a 502, 503 or 504.
inline Outcome outcome_for_client(Outcome integration, bool passes_status) {
  switch (integration) {
    case Outcome::ok:
    case Outcome::refused: return integration;
    case Outcome::timed_out: return Outcome::fault;  // 504
    default: return passes_status ? integration : Outcome::fault;
  }
}

/// The members of a throttle in a scenario, and the bucket that they describe; not set: it refuses nothing.
Settings throttle_fields();
TokenBucket throttle(const Value& setting);

/// By these an API names its account, and states that account's throttle.
Setting describe_account();
Setting describe_account_throttle();

/// A rate as token buckets count it.
std::int64_t thousandths(double rate);

}  // namespace spillway
