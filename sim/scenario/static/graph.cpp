// The topology as a graph of resources: its circles and what traffic can reach.

#include <algorithm>

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/strong_components.hpp>

#include "scenario/static/topology.hpp"

namespace spillway {

namespace {

using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;

Graph graph_of(const Topology& topology) {
  Graph graph(topology.vertices());
  for (const Place& place : topology.places) {
    for (const Hop& hop : place.hops) add_edge(place.vertex, topology.places[hop.to].vertex, graph);
  }
  return graph;
}

}  // namespace

std::vector<std::vector<std::size_t>> cycles(const Topology& topology) {
  const Graph graph = graph_of(topology);
  std::vector<std::size_t> component(topology.vertices(), 0);
  const auto count = static_cast<std::size_t>(boost::strong_components(graph, component.data()));
  std::vector<std::vector<std::size_t>> members(count);
  for (std::size_t vertex = 0; vertex < component.size(); ++vertex)
    members[component[vertex]].push_back(vertex);
  std::erase_if(members, [&](const std::vector<std::size_t>& circle) {
    return circle.size() == 1 && !edge(circle.front(), circle.front(), graph).second;
  });
  std::ranges::sort(members);
  return members;
}

std::vector<bool> reachable(const Topology& topology) {
  const Graph graph = graph_of(topology);
  std::vector<boost::default_color_type> colours(topology.vertices(), boost::white_color);
  for (std::size_t client = topology.resources(); client < topology.vertices(); ++client) {
    if (colours[client] == boost::white_color) {
      boost::breadth_first_visit(graph, client, boost::color_map(colours.data()));
    }
  }
  std::vector<bool> reached;
  for (const auto colour : colours) reached.push_back(colour != boost::white_color);
  return reached;
}

}  // namespace spillway
