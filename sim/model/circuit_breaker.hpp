#pragma once
/// A circuit breaker: a client that asks no more when too much of what it asked has failed, so that the
/// callee can recover. It has three states:
///
///   closed     every attempt is sent, and the last results are kept in a window. When enough are there and
///              too large a share of them failed, it opens
///   open       no attempt is sent. The first that is made when the wait is over half-opens it
///   half-open  a few attempts are sent on trial. Their results decide: it opens again, or it closes
///
/// The rules are those of Resilience4j 2 (CircuitBreakerStateMachine, CircuitBreakerMetrics), with a window
/// that is counted in calls. A result belongs to the state in which it comes, not to the one in which its
/// attempt was sent; in the open state it is of no account.

#include <cstdint>
#include <vector>

#include "model/retry_policy.hpp"
#include "spillway/journey.hpp"
#include "spillway/time.hpp"

namespace spillway {

struct CircuitBreakerPolicy {
  double failure_rate = 0.5;                ///< the share of failures at which it opens
  std::int32_t window = 100;                ///< how many results it remembers
  std::int32_t minimum_calls = 100;         ///< it judges no fewer, but a full window
  Duration wait = 60s;                      ///< in the open state
  std::int32_t trial_calls = 10;            ///< what it lets out in the half-open state
  std::uint8_t failures = kRetryTransient;  ///< the outcomes that count as one; the others are successes
  Outcome outcome = Outcome::fault;         ///< of an attempt that is not sent
};

class CircuitBreaker {
 public:
  enum class State : std::uint8_t { closed, open, half_open };

  explicit CircuitBreaker(const CircuitBreakerPolicy& policy);

  /// Whether an attempt may be sent now. One that may be must end with answered() or given_up().
  bool admits(Time now);
  void answered(Time now, Outcome outcome);
  /// Its caller waits for it no longer, though it has not failed.
  void given_up();

  const CircuitBreakerPolicy& policy() const { return policy_; }
  State state() const { return state_; }

  /// What has happened since reset().
  struct Counts {
    std::uint64_t short_circuited = 0;  ///< attempts that were not sent
    std::uint64_t opened = 0;
    std::uint64_t half_opened = 0;
    std::uint64_t closed = 0;
    Duration open{};  ///< the time that it spent in the open state
  };
  Counts counts(Time now) const;
  void reset(Time now);

 private:
  void enter(State state, Time now);

  CircuitBreakerPolicy policy_;
  State state_ = State::closed;
  Time entered_{};
  std::vector<bool> failed_;  ///< the window: a ring of results
  std::int32_t size_ = 0;     ///< of the window in this state
  std::int32_t next_ = 0;     ///< place of the next result
  std::int32_t results_ = 0;
  std::int32_t failures_ = 0;  ///< of them
  std::int32_t trials_ = 0;    ///< that it still lets out
  Counts counts_;
  Time counted_from_{};
};

}  // namespace spillway
