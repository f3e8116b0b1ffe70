#include "scenario/static/retry_paths.hpp"

#include <algorithm>

namespace spillway {

namespace {

constexpr auto kNone = RetryPath::Link{.place = kNowhere, .hop = 0};

/// Finds the worst simple path to each place, by relaxing every hop until nothing gets worse. Exact without
/// circles; with them a path goes around none.
class Search {
 public:
  explicit Search(const Topology& topology)
      : topology_(topology), worst_(topology.places.size(), 0), by_(topology.places.size(), kNone) {
    for (std::size_t place = 0; place < worst_.size(); ++place) {
      if (topology.is_client(topology.places[place].vertex)) worst_[place] = 1;
    }
    for (std::size_t round = 0; round < worst_.size() && relax(); ++round) {
    }
  }

  /// The hop into this resource by which most attempts can come; none when nothing leads there.
  RetryPath to(std::size_t vertex) const {
    RetryPath found{.vertex = vertex, .bound = 0};
    RetryPath::Link last = kNone;
    for (std::size_t place = 0; place < worst_.size(); ++place) {
      const std::vector<Hop>& hops = topology_.places[place].hops;
      for (std::size_t i = 0; i < hops.size(); ++i) {
        const double bound = worst_[place] * hops[i].sent();
        if (worst_[place] <= 0 || !counts(hops[i]) || topology_.places[hops[i].to].vertex != vertex) continue;
        if (bound <= found.bound) continue;
        found.bound = bound;
        last = {.place = place, .hop = i};
      }
    }
    for (RetryPath::Link at = last; at.place != kNowhere; at = by_[at.place]) found.links.push_back(at);
    std::ranges::reverse(found.links);
    return found;
  }

 private:
  static bool counts(const Hop& hop) {
    const bool taken = std::ranges::any_of(hop.share, [](double share) { return share > 0; });
    return (taken && hop.kind != Hop::Kind::redrive) || hop.kind == Hop::Kind::returns;
  }

  bool relax() {
    bool changed = false;
    for (std::size_t place = 0; place < worst_.size(); ++place) {
      if (worst_[place] <= 0) continue;
      const std::vector<Hop>& hops = topology_.places[place].hops;
      for (std::size_t i = 0; i < hops.size(); ++i) {
        const double bound = worst_[place] * hops[i].worked();
        if (!counts(hops[i]) || bound <= worst_[hops[i].to] || passes(place, hops[i].to)) continue;
        worst_[hops[i].to] = bound;
        by_[hops[i].to] = {.place = place, .hop = i};
        changed = true;
      }
    }
    return changed;
  }

  /// Whether the worst path to `place` goes through `other`, or ends there.
  bool passes(std::size_t place, std::size_t other) const {
    for (std::size_t at = place; at != kNowhere; at = by_[at].place) {
      if (at == other) return true;
    }
    return false;
  }

  const Topology& topology_;
  std::vector<double> worst_;
  std::vector<RetryPath::Link> by_;
};

}  // namespace

std::vector<RetryPath> retry_paths(const Topology& topology) {
  const Search search(topology);
  std::vector<RetryPath> paths;
  for (std::size_t vertex = 0; vertex < topology.resources(); ++vertex) {
    RetryPath path = search.to(vertex);
    if (!path.links.empty()) paths.push_back(std::move(path));
  }
  return paths;
}

}  // namespace spillway
