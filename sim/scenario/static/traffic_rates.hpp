#pragma once
/// How much traffic a client sends, read off its description: the mean over the horizon and over its busiest
/// part.

#include "scenario/scenario.hpp"

namespace spillway {

struct TrafficRate {
  double mean = 0;  ///< requests a second over the horizon; NaN: the traffic cannot be read
  double peak = 0;  ///< over the busiest part of it
  Duration part{};  ///< how long that part is; zero: the rate of a state, or the same all the time
};

/// Of a client with arrivals. One in a closed loop sends as fast as it is answered: see loads.
TrafficRate traffic_rate(const Scenario& scenario, const Member& client);

}  // namespace spillway
