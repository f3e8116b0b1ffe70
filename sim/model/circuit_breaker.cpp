#include "model/circuit_breaker.hpp"

#include <algorithm>

namespace spillway {

CircuitBreaker::CircuitBreaker(const CircuitBreakerPolicy& policy)
    : policy_(policy),
      failed_(static_cast<std::size_t>(std::max(policy.window, policy.trial_calls))),
      size_(policy.window) {}

void CircuitBreaker::enter(State state, Time now) {
  if (state_ == State::open) counts_.open += now - std::max(entered_, counted_from_);
  state_ = state;
  entered_ = now;
  size_ = state == State::half_open ? policy_.trial_calls : policy_.window;
  trials_ = policy_.trial_calls;
  next_ = results_ = failures_ = 0;
  switch (state) {
    case State::closed: ++counts_.closed; break;
    case State::open: ++counts_.opened; break;
    case State::half_open: ++counts_.half_opened; break;
  }
}

bool CircuitBreaker::admits(Time now) {
  if (state_ == State::open && now - entered_ >= policy_.wait) enter(State::half_open, now);
  if (state_ == State::closed) return true;
  if (state_ == State::half_open && trials_ > 0) {
    --trials_;
    return true;
  }
  ++counts_.short_circuited;
  return false;
}

void CircuitBreaker::answered(Time now, Outcome outcome) {
  if (state_ == State::open) return;
  const bool failed = (policy_.failures & outcome_bit(outcome)) != 0;
  std::vector<bool>::reference place = failed_[static_cast<std::size_t>(next_)];
  if (results_ == size_) {
    failures_ -= place ? 1 : 0;
  } else {
    ++results_;
  }
  failures_ += failed ? 1 : 0;
  place = failed;
  next_ = next_ + 1 == size_ ? 0 : next_ + 1;
  if (results_ < std::min(policy_.minimum_calls, size_)) return;
  if (static_cast<double>(failures_) >= policy_.failure_rate * static_cast<double>(results_)) {
    enter(State::open, now);
  } else if (state_ == State::half_open) {
    enter(State::closed, now);
  }
}

void CircuitBreaker::given_up() {
  if (state_ == State::half_open && trials_ < policy_.trial_calls) ++trials_;
}

CircuitBreaker::Counts CircuitBreaker::counts(Time now) const {
  Counts counts = counts_;
  if (state_ == State::open) counts.open += now - std::max(entered_, counted_from_);
  return counts;
}

void CircuitBreaker::reset(Time now) {
  counts_ = {};
  counted_from_ = now;
}

}  // namespace spillway
