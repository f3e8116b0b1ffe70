#pragma once
/// Which retrier or catcher an error finds, and how long a retry waits.
///
/// Only the first retrier that matches is asked; each counts for itself, during one visit of its state. When
/// it is exhausted, the error goes to the catchers although a later retrier would match. Sources:
/// states-language.net/spec.html, "Errors" (2025); Step Functions developer guide, "Handling errors" (2026);
/// that States.ALL matches States.DataLimitExceeded as recorded on AWS (2024-03-21), against the guide.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "formats/asl/scope.hpp"

namespace spillway::asl {

struct Retrier {
  std::vector<std::string> errors;
  std::int64_t interval_seconds = 1;
  std::int64_t max_attempts = 3;
  double backoff_rate = 2.0;
  std::optional<std::int64_t> max_delay_seconds;
  bool full_jitter = false;
};

/// Whether an error's name is in a list of ErrorEquals, wildcards included. States.Runtime never is. A missed
/// heartbeat (States.Timeout) is found under States.HeartbeatTimeout too, as the recordings leave open which
/// of the two names Retry and Catch see.
bool matches(std::span<const std::string> error_equals, const Failure& failure);

/// The delay before retry `attempt` (from 1), in nanoseconds, before jitter.
std::int64_t retry_delay_ns(const Retrier& retrier, std::int64_t attempt);
/// Full jitter: uniform between nothing and the delay; `bits` is 64 random bits.
std::int64_t jittered(std::int64_t delay_ns, std::uint64_t bits);

}  // namespace spillway::asl
