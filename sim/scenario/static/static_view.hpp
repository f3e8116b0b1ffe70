#pragma once
/// The static view: what a scenario says about itself before anything is simulated. `spillway validate`
/// prints it, and the design rules judge it.

#include <string>
#include <vector>

#include "scenario/static/limits.hpp"
#include "scenario/static/load.hpp"
#include "scenario/static/retry_paths.hpp"
#include "scenario/static/topology.hpp"

namespace spillway {

struct StaticView {
  Topology topology;
  Loads loads{};
  std::vector<Demand> demands{};
  std::vector<RetryPath> paths{};
  std::vector<std::string> assumptions{};  ///< what its figures rest on, for this scenario

  /// Requests a second that reach a resource, or leave a client.
  Rates arrived(std::size_t vertex) const;
  const Hop& hop(const RetryPath::Link& link) const { return topology.places[link.place].hops[link.hop]; }
};

StaticView static_view(const Scenario& scenario);

}  // namespace spillway
