// The topology as a graph of resources: its circles and what traffic can reach.

#include <algorithm>

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/strong_components.hpp>

#include "scenario/static/topology.hpp"

namespace spillway {

namespace {

using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;

Graph graph_of_places(const Topology& topology) {
  Graph graph(topology.places.size());
  for (std::size_t from = 0; from < topology.places.size(); ++from) {
    for (const Hop& hop : topology.places[from].hops) add_edge(from, hop.to, graph);
  }
  return graph;
}

Graph graph_of(const Topology& topology) {
  Graph graph(topology.vertices());
  for (const Place& place : topology.places) {
    for (const Hop& hop : place.hops) add_edge(place.vertex, topology.places[hop.to].vertex, graph);
  }
  return graph;
}

}  // namespace

/// Among places: what a function posts to the connections of the API that asked it goes to the clients, and
/// not around.
std::vector<std::vector<std::size_t>> cycles(const Topology& topology) {
  const Graph graph = graph_of_places(topology);
  std::vector<std::size_t> component(topology.places.size(), 0);
  const auto count = static_cast<std::size_t>(boost::strong_components(graph, component.data()));
  std::vector<std::vector<std::size_t>> members(count);
  for (std::size_t place = 0; place < component.size(); ++place) members[component[place]].push_back(place);
  std::vector<std::vector<std::size_t>> circles;
  for (const std::vector<std::size_t>& circle : members) {
    if (circle.size() == 1 && !edge(circle.front(), circle.front(), graph).second) continue;
    std::vector<std::size_t>& vertices = circles.emplace_back();
    for (const std::size_t place : circle) vertices.push_back(topology.places[place].vertex);
    std::ranges::sort(vertices);
    const auto repeated = std::ranges::unique(vertices);
    vertices.erase(repeated.begin(), repeated.end());
  }
  std::ranges::sort(circles);
  const auto repeated = std::ranges::unique(circles);
  circles.erase(repeated.begin(), repeated.end());
  return circles;
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
