// Design rules about time-outs: who waits for whom, and for how long.

#include <algorithm>

#include <fmt/format.h>

#include "scenario/static/design_rules.hpp"
#include "scenario/units.hpp"

namespace spillway {

namespace {

std::string words(Duration duration) { return print_duration(duration.count()); }

bool is_gateway(const Topology& topology, std::size_t vertex) {
  return topology.type(vertex).starts_with("aws.apigateway.");
}

/// How long the callee itself may go on: a function's timeout, a gateway's for its integration; zero: it sets
/// no limit, or only accepts.
Duration own_limit(const Topology& topology, const Place& callee) {
  if (is_gateway(topology, callee.vertex)) {
    const auto waits = [](const Hop& hop) { return hop.kind == Hop::Kind::call; };
    const auto asked = std::ranges::find_if(callee.hops, waits);
    return asked == callee.hops.end() ? Duration::zero() : asked->timeout;
  }
  const Value* const timeout = given(topology.member(callee.vertex).value, "timeout");
  return timeout != nullptr && timeout->kind() == Kind::duration ? timeout->duration() : Duration::zero();
}

}  // namespace

void find_impatient_callers(const StaticView& view, Findings& findings) {
  const Topology& topology = view.topology;
  for (const Place& place : topology.places) {
    if (is_gateway(topology, place.vertex) || place.operation < 0) continue;
    for (const Hop& hop : place.hops) {
      const Place& callee = topology.places[hop.to];
      const Duration limit = own_limit(topology, callee);
      if (hop.kind != Hop::Kind::call || hop.timeout <= Duration::zero() || hop.timeout >= limit) continue;
      findings.add(
          design::impatient_caller, place.vertex, hop.at,
          fmt::format("'{}' waits {} for '{}', which may go on for {}: it works for nobody then, and "
                      "again for the retry",
                      topology.name(place.vertex), words(hop.timeout), topology.name(callee.vertex),
                      words(limit)),
          fmt::format("wait {}, or let '{}' end sooner", words(limit), topology.name(callee.vertex)));
    }
  }
}

void find_impatient_gateways(const StaticView& view, Findings& findings) {
  const Topology& topology = view.topology;
  for (const Place& place : topology.places) {
    if (!is_gateway(topology, place.vertex)) continue;
    for (const Hop& hop : place.hops) {
      const Place& callee = topology.places[hop.to];
      const Duration limit = own_limit(topology, callee);
      if (hop.kind != Hop::Kind::call || hop.timeout >= limit) continue;
      findings.add(
          design::impatient_gateway, place.vertex, hop.at,
          fmt::format("route '{}' of '{}' ends after {}, and '{}' may run for {}: the client has a 504 "
                      "while the function goes on",
                      place.label, topology.name(place.vertex), words(hop.timeout),
                      topology.name(callee.vertex), words(limit)),
          fmt::format("a timeout of '{}' below {}, or a queue between them", topology.name(callee.vertex),
                      words(hop.timeout)));
    }
  }
}

void find_calls_over_timeout(const StaticView& view, Findings& findings) {
  const Topology& topology = view.topology;
  for (const Place& place : topology.places) {
    const Value* const timeout = given(topology.member(place.vertex).value, "timeout");
    if (topology.program(place.vertex) == nullptr || timeout == nullptr || place.operation < 0) continue;
    for (const Hop& hop : place.hops) {
      if (hop.kind != Hop::Kind::call || hop.timeout <= Duration::zero()) continue;
      const Duration whole = timeout->duration();
      const auto fit = static_cast<double>(whole / hop.timeout);
      if (hop.in_turn() <= fit) continue;
      findings.add(
          design::calls_over_timeout, place.vertex, hop.at,
          fmt::format("'{}' may run for {}, too short for {} attempts of {} at '{}': the last are cut off",
                      topology.name(place.vertex), words(whole), hop.in_turn(), words(hop.timeout),
                      topology.name(topology.places[hop.to].vertex)),
          "a shorter timeout of the call, fewer attempts, or a longer timeout of the function");
    }
  }
}

}  // namespace spillway
