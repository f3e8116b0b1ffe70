#include "scenario/static/static_view.hpp"

#include <algorithm>

namespace spillway {

namespace {

bool any_hop(const Topology& topology, const auto& holds) {
  return std::ranges::any_of(topology.places, [&](const Place& place) {
    return std::ranges::any_of(place.hops, [&](const Hop& hop) { return holds(place, hop); });
  });
}

bool any_batch(const Topology& topology) {
  return std::ranges::any_of(topology.places, [](const Place& place) { return place.batch > 1; });
}

bool any_client(const Topology& topology, std::string_view member) {
  return std::ranges::any_of(topology.scenario->traffic,
                             [&](const Member& client) { return given(client.value, member) != nullptr; });
}

bool unread(const Loads& loads) {
  return std::ranges::any_of(loads.traffic, [](const TrafficRate& rate) { return !(rate.mean >= 0); });
}

/// Every sentence with the scenarios that it is true of.
std::vector<std::string> assumptions(const Topology& topology, const Loads& loads) {
  const bool several = topology.scenario->traffic.size() > 1;
  const bool tries_again = any_hop(topology, [](const Place&, const Hop& hop) { return hop.sent() > 1; });
  const bool unknown =
      any_hop(topology, [](const Place&, const Hop& hop) { return hop.kind == Hop::Kind::other; });
  const struct {
    bool holds;
    const char* sentence;
  } rows[] = {
      {true, "Nothing queues, nothing is cold, nothing fails: a request takes the sum of its mean times."},
      {several, "At the peak every client is at its own busiest."},
      {any_client(topology, "closed"),
       "Users in a closed loop send as fast as they think and are answered; queueing would slow them down."},
      {any_client(topology, "classes"), "Traffic classes come by their weights."},
      {any_batch(topology), "Batches are full, as they are under load; at low traffic they hold less."},
      {any_hop(topology, [](const Place&, const Hop& hop) { return hop.kind == Hop::Kind::poll; }),
       "What a queue takes in is polled as fast as it comes."},
      {tries_again,
       "At worst every attempt does its work and fails at its end, as often as each layer tries; time-outs "
       "of "
       "the layers above, back-off and retry quotas are left out."},
      {unread(loads), "Traffic whose rate cannot be read counts as none."},
      {unknown,
       "A resource of a type without rules of its own asks each that it names once for each request."},
  };
  std::vector<std::string> true_here;
  for (const auto& row : rows) {
    if (row.holds) true_here.emplace_back(row.sentence);
  }
  return true_here;
}

}  // namespace

Rates StaticView::arrived(std::size_t vertex) const {
  Rates all;
  for (const auto which : kRates) all.*which = arrived_at(topology, loads.of(which), vertex);
  return all;
}

StaticView static_view(const Scenario& scenario) {
  StaticView view{.topology = read_topology(scenario)};
  view.loads = solve_loads(view.topology);
  view.demands = demands(view.topology, view.loads);
  view.paths = retry_paths(view.topology);
  view.assumptions = assumptions(view.topology, view.loads);
  return view;
}

}  // namespace spillway
