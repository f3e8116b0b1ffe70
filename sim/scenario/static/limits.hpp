#pragma once
/// What each resource would need at the offered load beside what it is allowed: concurrency by Little's law
/// from the mean holding time, requests and units a second from the rates.

#include "scenario/static/load.hpp"

namespace spillway {

struct Demand {
  std::size_t vertex = 0;
  std::string what;  ///< "invocations at once", "write units/s"
  Rates need{};
  double limit = kNoLimit;
  std::string limited_by{};  ///< the setting or quota behind the limit
  Position at{};             ///< where the limit is written, or the resource

  bool queued = false;  ///< what exceeds it waits in a queue, so that a peak may

  double use(double Rates::* which) const { return need.*which / limit; }
};

std::vector<Demand> demands(const Topology& topology, const Loads& loads);

}  // namespace spillway
