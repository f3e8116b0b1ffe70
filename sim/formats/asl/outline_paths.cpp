#include "formats/asl/outline_paths.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <numeric>
#include <tuple>

#include <fmt/format.h>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/dijkstra_shortest_paths.hpp>
#include <boost/graph/strong_components.hpp>
#include <boost/graph/topological_sort.hpp>

namespace spillway::asl {

namespace {

using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, boost::no_property,
                                    boost::property<boost::edge_weight_t, std::int64_t>>;
using Vertex = std::size_t;
using Pick = const Bound& (*)(const Extent&);

/// More than any history or bill holds; sums of fewer stay far from an overflow.
constexpr std::int64_t kCountless = std::int64_t{1} << 40U;
/// The distance of what cannot be reached, as Boost.Graph has it.
constexpr std::int64_t kNowhere = std::numeric_limits<std::int64_t>::max();

/// The states of a flow that can be reached from its start, with or without the ways of catchers. A vertex is
/// a state's place in the flow.
class Paths {
 public:
  Paths(const Machine& machine, FlowIndex flow, const std::vector<StateOutline>& states, bool caught)
      : machine_(machine), flow_(machine.flows[flow]), states_(states), links_(flow_.states.size()) {
    reached_.assign(links_.size(), false);
    std::vector<Vertex> open{vertex(flow_.start)};
    while (!open.empty()) {
      const Vertex from = open.back();
      open.pop_back();
      if (reached_[from]) continue;
      reached_[from] = true;
      for (const Way& way : ways(state(from))) {
        if (way.kind == WayKind::caught && !caught) continue;
        links_[from].push_back(vertex(way.to));
        open.push_back(vertex(way.to));
      }
    }
    find_loops();
  }

  [[nodiscard]] bool reached(StateIndex index) const { return reached_[vertex(index)]; }

  [[nodiscard]] Bound longest(Pick pick) const {
    if (!loops_.empty()) return Bound::none(fmt::format("a loop through '{}'", state(loops_.front()).name));
    std::vector<Vertex> order;  // the ends first
    const Graph unweighted = graph(nullptr);
    boost::topological_sort(unweighted, std::back_inserter(order));
    std::vector<Bound> from(links_.size());
    for (const Vertex at : order) {
      Bound rest;
      for (const Vertex to : links_[at]) rest = worse(rest, from[to]);
      from[at] = plus(weight(at, pick), rest);
    }
    return from[vertex(flow_.start)];
  }

  /// Over the paths that succeed, or where none does, over those that end.
  [[nodiscard]] Bound shortest(Pick pick) const {
    const Bound& first = weight(vertex(flow_.start), pick);
    if (!first.known()) return first;
    const std::vector<std::int64_t> distance = distances(vertex(flow_.start), pick);
    for (const bool failing : {false, true}) {
      std::int64_t least = kNowhere;
      for (Vertex at = 0; at < links_.size(); ++at) {
        if (!states_[flow_.states[at]].terminal || (state(at).type == StateType::fail) != failing) continue;
        least = std::min(least, distance[at]);
      }
      if (least != kNowhere) return plus(first, {least, {}});
    }
    return Bound::none("no path ends");
  }

  /// The first state of each loop.
  [[nodiscard]] const std::vector<Vertex>& loops() const { return loops_; }
  [[nodiscard]] StateIndex index(Vertex at) const { return flow_.states[at]; }

  /// The shortest way from a state back to it.
  [[nodiscard]] Bound round(Vertex through, Pick pick) const {
    const std::vector<std::int64_t> distance = distances(through, pick);
    std::int64_t least = kNowhere;
    for (Vertex at = 0; at < links_.size(); ++at) {
      const bool closes = std::find(links_[at].begin(), links_[at].end(), through) != links_[at].end();
      if (closes) least = std::min(least, distance[at]);
    }
    return least == kNowhere ? Bound::none("no path ends") : plus(weight(through, pick), {least, {}});
  }

 private:
  [[nodiscard]] Vertex vertex(StateIndex index) const { return index - flow_.states.front(); }
  [[nodiscard]] const State& state(Vertex at) const { return machine_.states[flow_.states[at]]; }
  [[nodiscard]] const Bound& weight(Vertex at, Pick pick) const {
    return pick(states_[flow_.states[at]].extent);
  }

  /// Each link weighs what its target does; one to what never ends is left out.
  [[nodiscard]] Graph graph(Pick pick) const {
    Graph graph(links_.size());
    for (Vertex from = 0; from < links_.size(); ++from) {
      for (const Vertex to : links_[from]) {
        const Bound cost = pick == nullptr ? Bound{} : weight(to, pick);
        if (cost.known() && cost.value < kCountless) boost::add_edge(from, to, cost.value, graph);
      }
    }
    return graph;
  }

  [[nodiscard]] std::vector<std::int64_t> distances(Vertex from, Pick pick) const {
    std::vector<std::int64_t> distance(links_.size());
    const Graph weighted = graph(pick);
    const auto vertices = get(boost::vertex_index, weighted);
    boost::dijkstra_shortest_paths(
        weighted, from, boost::distance_map(boost::make_iterator_property_map(distance.begin(), vertices)));
    return distance;
  }

  /// Of each set of states that lead back to each other, the one that is written first.
  void find_loops() {
    const Graph all = graph(nullptr);
    std::vector<std::size_t> component(links_.size());
    const auto count = boost::strong_components(
        all, boost::make_iterator_property_map(component.begin(), get(boost::vertex_index, all)));
    std::vector<std::size_t> members(count);
    for (const std::size_t each : component) ++members[each];
    std::vector<Vertex> written(links_.size());
    std::iota(written.begin(), written.end(), Vertex{0});
    std::sort(written.begin(), written.end(), [&](Vertex a, Vertex b) {
      const TextPlace& left = state(a).at;
      const TextPlace& right = state(b).at;
      return std::tie(left.line, left.column, a) < std::tie(right.line, right.column, b);
    });
    for (const Vertex at : written) {
      const bool itself = std::find(links_[at].begin(), links_[at].end(), at) != links_[at].end();
      if (members[component[at]] > 1 || itself) loops_.push_back(at);
      members[component[at]] = 0;
    }
  }

  const Machine& machine_;
  const Flow& flow_;
  const std::vector<StateOutline>& states_;
  std::vector<std::vector<Vertex>> links_;
  std::vector<bool> reached_;
  std::vector<Vertex> loops_;
};

}  // namespace

Bound plus(const Bound& a, const Bound& b) {
  if (!a.known()) return a;
  if (!b.known()) return b;
  Bound sum;
  if (__builtin_add_overflow(a.value, b.value, &sum.value)) return Bound::none("too much to count");
  return sum;
}

Bound times(const Bound& a, const Bound& b) {
  if ((a.known() && a.value == 0) || (b.known() && b.value == 0)) return {};
  if (!a.known()) return a;
  if (!b.known()) return b;
  Bound product;
  if (__builtin_mul_overflow(a.value, b.value, &product.value)) return Bound::none("too much to count");
  return product;
}

Bound worse(const Bound& a, const Bound& b) {
  if (!a.known()) return a;
  if (!b.known()) return b;
  return a.value < b.value ? b : a;
}

Extent flow_extent(const Machine& machine, FlowIndex flow, Outline& outlined) {
  const Pick least_transitions = [](const Extent& e) -> const Bound& { return e.transitions.least; };
  const Pick least_events = [](const Extent& e) -> const Bound& { return e.events.least; };
  const Paths plain(machine, flow, outlined.states, false);
  const Paths all(machine, flow, outlined.states, true);
  for (const StateIndex index : machine.flows[flow].states) {
    outlined.states[index].reachable = all.reached(index);
  }
  for (const auto at : plain.loops()) {
    outlined.loops.push_back(
        {plain.index(at), plain.round(at, least_transitions), plain.round(at, least_events)});
  }
  Extent extent;
  extent.transitions.least = plain.shortest(least_transitions);
  extent.transitions.most = plain.longest([](const Extent& e) -> const Bound& { return e.transitions.most; });
  extent.transitions.worst = all.longest([](const Extent& e) -> const Bound& { return e.transitions.worst; });
  extent.events.least = plain.shortest(least_events);
  extent.events.most = plain.longest([](const Extent& e) -> const Bound& { return e.events.most; });
  extent.events.worst = all.longest([](const Extent& e) -> const Bound& { return e.events.worst; });
  extent.duration_ns = all.longest([](const Extent& e) -> const Bound& { return e.duration_ns; });
  return extent;
}

}  // namespace spillway::asl
