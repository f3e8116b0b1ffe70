#pragma once
/// The polls of whoever finds nothing, counted and not simulated: a poller that asks an empty queue again and
/// again costs requests, but no events.

#include <cstdint>

#include "spillway/time.hpp"

namespace spillway {

class IdlePolls {
 public:
  /// How long one empty poll takes with the pause behind it: 20 s of a long poll, or the round trip and the
  /// sleep of a short one.
  explicit IdlePolls(Duration each) : each_(each) {}

  /// From now on so many pollers find nothing. Returns the polls that have ended empty and were not returned
  /// before.
  std::int64_t set_pollers(std::int64_t pollers, Time now) {
    poller_ns_ += pollers_ * (now - since_).count();
    since_ = now;
    pollers_ = pollers;
    const std::int64_t polls = poller_ns_ / each_.count();
    poller_ns_ -= polls * each_.count();
    return polls;
  }

  /// The polls up to now.
  std::int64_t account(Time now) { return set_pollers(pollers_, now); }

 private:
  Duration each_;
  Time since_ = kStart;
  std::int64_t pollers_ = 0;
  std::int64_t poller_ns_ = 0;
};

}  // namespace spillway
