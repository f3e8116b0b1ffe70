#pragma once
/// What is offered to each place by the traffic equations: lambda = gamma + P' lambda, solved once a traffic
/// class, without retries and with as many as there can be.
///
/// gamma is what clients send, P how often a request at one place makes one at another. With retries each hop
/// counts as often as its layers try at most: as if every attempt did all its work and failed at its end. So
/// the result is a bound, not a forecast: time-outs, back-off and retry quotas would cut it short.
///
/// Invariant: every figure is at least zero; infinity means that nothing bounds it (unlimited attempts, or a
/// cycle in which each request makes at least another).

#include <vector>

#include "scenario/static/topology.hpp"
#include "scenario/static/traffic_rates.hpp"

namespace spillway {

/// Figures for one place, or added up for a resource.
struct Rates {
  double mean = 0;        ///< requests a second, without retries
  double peak = 0;        ///< at every client's busiest time at once
  double mean_worst = 0;  ///< the same with every attempt failing
  double peak_worst = 0;
};
inline constexpr double Rates::* kRates[] = {&Rates::mean, &Rates::peak, &Rates::mean_worst,
                                             &Rates::peak_worst};

/// One way to look at the system: at which traffic, and whether attempts fail.
struct Load {
  std::vector<std::vector<double>> arrived;  ///< by place and class: attempts that reach it, a second
  std::vector<std::vector<double>> worked;   ///< of them, those it works on
  std::vector<std::vector<double>>
      held;  ///< mean seconds that one of them takes, waiting for others included
};

struct Loads {
  std::vector<TrafficRate> traffic;  ///< by client
  Load mean;
  Load peak;
  Load mean_worst;
  Load peak_worst;

  const Load& of(double Rates::* which) const;
};

Loads solve_loads(const Topology& topology);

/// Seconds that a request of each class holds each place: alone in the system, nothing queues, nothing is
/// cold.
std::vector<std::vector<double>> holding_seconds(const Topology& topology, bool every_attempt_fails);

/// Adds up over classes and places of a resource.
double arrived_at(const Topology& topology, const Load& load, std::size_t vertex);

}  // namespace spillway
