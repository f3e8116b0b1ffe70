#pragma once
/// Retry amplification, statically: along each path from a client, the product of what its layers try at
/// most is the greatest number of attempts that one request can cause at the end of it.
///
/// Retry quotas, back-off and time-outs are left out: they may end it sooner and never make it more.

#include "scenario/static/topology.hpp"

namespace spillway {

struct RetryPath {
  struct Link {
    std::size_t place = 0;  ///< from which the hop leaves
    std::size_t hop = 0;
  };
  std::size_t vertex = 0;  ///< the resource at its end
  double bound = 1;
  std::vector<Link> links{};
};

/// For each resource that traffic reaches, the path with the greatest bound.
std::vector<RetryPath> retry_paths(const Topology& topology);

}  // namespace spillway
