#pragma once
/// Simulated time: integer nanoseconds behind chrono types, never a floating-point number, so that
/// order is exact and a sum of delays does not drift over a simulated year.
///
/// Range: +-292 years. Time zero is the start of the run.

#include <chrono>
#include <cstdint>

namespace spillway {

using Duration = std::chrono::nanoseconds;

/// The clock of a simulation. It has no now(): only a Simulation knows what time it is.
struct SimClock {
  using rep = Duration::rep;
  using period = Duration::period;
  using duration = Duration;
  using time_point = std::chrono::time_point<SimClock>;
  static constexpr bool is_steady = true;
};
using Time = SimClock::time_point;

static_assert(sizeof(Time) == 8 && sizeof(Duration) == 8);

inline constexpr Time kStart{};
inline constexpr Time kNever = Time::max();

using namespace std::chrono_literals;

}  // namespace spillway
