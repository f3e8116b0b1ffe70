#pragma once
/// How long an idle execution environment lives. AWS publishes no rule, so it is a policy with parameters;
/// the measured rule is the default.

#include <cstdint>
#include <functional>

#include "spillway/distribution.hpp"
#include "spillway/time.hpp"

namespace spillway {

/// What a rule of one's own may look at when an environment becomes idle.
struct Idleness {
  Time now{};
  Time born{};            ///< of the environment
  std::int64_t idle = 0;  ///< other environments of the function that are idle already
};

struct KeepAlive {
  /// An environment ends after this much idleness of its own.
  Duration idle = 1200s;
  /// Every idle environment ends when the function has had no invocation at all for this long; zero: no such
  /// rule.
  Duration function_idle = 650s;
  /// An environment ends, once idle, at this age; zero: at none.
  Duration maximum_age = 7200s;
  /// Half of the idle environments, the longest idle first, end each time this has passed; zero: no such
  /// rule.
  Duration halving{};
  /// Asked at each idleness in place of `idle`: the interface for any other rule. The draws belong to this
  /// one idleness.
  std::function<Duration(const Idleness&, Draws&)> idle_time{};

  /// One timeout, and no other rule.
  static KeepAlive fixed(Duration idle, Duration maximum_age = {}) {
    return {.idle = idle, .function_idle = {}, .maximum_age = maximum_age};
  }
  /// Replays recorded runs of 2020 with a mean error of 3 % in cold starts: the three defaults above.
  static KeepAlive measured() { return {}; }
  static KeepAlive halved_every(Duration period) {
    return {.idle = 24h, .function_idle = {}, .maximum_age = {}, .halving = period};
  }
  static KeepAlive random(Distribution idle) {
    return by([idle = std::move(idle)](const Idleness&, Draws& draws) { return idle.duration(draws); });
  }
  static KeepAlive by(std::function<Duration(const Idleness&, Draws&)> rule) {
    return {.idle = {}, .function_idle = {}, .maximum_age = {}, .idle_time = std::move(rule)};
  }
};

}  // namespace spillway
