// What was counted from facts against what the world's pools hold: two accounts that nothing keeps equal but
// truth.

#include "observe/conservation.hpp"

#include <array>

#include <fmt/core.h>

#include "model/journey_holder.hpp"

namespace spillway {

namespace {

using Violations = std::vector<std::string>;

/// Journeys in flight, by the facts.
std::uint64_t check_journeys(const Metrics& metrics, Violations& violations) {
  std::uint64_t in_flight = 0;
  metrics.visit_journeys([&](std::size_t client, std::size_t kind, const Metrics::JourneyTotals& totals) {
    if (totals.ended > totals.born) {
      violations.push_back(fmt::format("client {}, class {}: {} journeys ended, only {} were born", client,
                                       kind, totals.ended, totals.born));
      return;
    }
    if (totals.responded > totals.born) {
      violations.push_back(fmt::format("client {}, class {}: {} answers to {} journeys", client, kind,
                                       totals.responded, totals.born));
    }
    in_flight += totals.born - totals.ended;
  });
  return in_flight;
}

/// By services, beside their calls and messages.
std::uint64_t journeys_held(World& world) {
  std::uint64_t held = 0;
  for (const auto& service : world.services()) {
    if (const auto* holder = dynamic_cast<const JourneyHolder*>(service.get()))
      held += holder->journeys_held();
  }
  return held;
}

void check_journey_records(std::uint64_t in_flight, World& world, Violations& violations) {
  const std::uint64_t records = world.journeys().alive();
  const std::uint64_t holders = std::uint64_t{world.calls().alive()} + world.messages().alive() +
                                world.receipts().alive() + journeys_held(world);
  if (records < in_flight) {
    violations.push_back(
        fmt::format("{} journeys are in flight, but only {} have a record", in_flight, records));
  } else if (records - in_flight > holders) {
    violations.push_back(fmt::format(
        "{} records of journeys that have ended are held by only {} calls, messages and connections",
        records - in_flight, holders));
  }
}

void check_little(const Metrics& metrics, World& world, Violations& violations) {
  for (std::size_t number = 0; number < metrics.port_rows(); ++number) {
    const LittlesLaw law = metrics.little(number);
    if (law.area == law.accounted && law.open_at_end >= 0) continue;
    const Port& port = world.port(PortId{static_cast<std::uint32_t>(number)});
    violations.push_back(fmt::format("{} to {}: Little's law is off by {:.3g}, {} attempts open",
                                     world.service(port.from).name(), world.service(port.to).name(),
                                     law.error(), law.open_at_end));
  }
}

void check_calls(const Metrics& metrics, World& world, Violations& violations) {
  std::int64_t open = 0;
  std::int64_t between = 0;
  bool adaptive = false;
  for (std::size_t number = 0; number < metrics.port_rows(); ++number) {
    const Metrics::CallTotals totals = metrics.call_totals(number);
    open += totals.open;
    between += static_cast<std::int64_t>(totals.counts.answered()) -
               static_cast<std::int64_t>(totals.counts.settled() + totals.counts.resent);
    const Port& port = world.port(PortId{static_cast<std::uint32_t>(number)});
    adaptive |= port.config.retry.adaptive;
    if (port.guards != nullptr) between -= port.guards->kept_answers();
  }
  const auto records = static_cast<std::int64_t>(world.calls().alive());
  // The adaptive mode may hold a call back before its first attempt, when no fact has told of it yet.
  if (records < open + between || (records > open + between && !adaptive)) {
    violations.push_back(
        fmt::format("{} calls have a record, but {} attempts are open and {} calls wait to try again",
                    records, open, between));
  }
}

void check_gauges(const Metrics& metrics, World& world, bool nothing_left, Violations& violations) {
  constexpr std::array kCounting{Gauge::concurrency, Gauge::backlog, Gauge::in_flight, Gauge::delayed};
  for (std::size_t service = 0; service < metrics.service_rows(); ++service) {
    const std::string& name = world.services()[service]->name();
    for (const Gauge gauge : kCounting) {
      if (metrics.gauge_low(service, gauge) < 0) {
        violations.push_back(fmt::format("{}: {} was negative", name, name_of(gauge)));
      }
      const std::int64_t value = metrics.gauge_value(service, gauge);
      if (nothing_left && value != 0) {
        violations.push_back(fmt::format("{}: {} is {}, but nothing is left", name, name_of(gauge), value));
      }
    }
    if (nothing_left && metrics.gauge_value(service, Gauge::oldest) >= 0) {
      violations.push_back(fmt::format("{}: a message is the oldest, but none is left", name));
    }
  }
}

}  // namespace

std::vector<std::string> broken_conservation(const Metrics& metrics, World& world) {
  Violations violations;
  const std::uint64_t in_flight = check_journeys(metrics, violations);
  check_journey_records(in_flight, world, violations);
  check_calls(metrics, world, violations);
  check_little(metrics, world, violations);
  const bool nothing_left = in_flight == 0 && world.calls().alive() == 0 && world.messages().alive() == 0 &&
                            journeys_held(world) == 0;
  check_gauges(metrics, world, nothing_left, violations);
  return violations;
}

}  // namespace spillway
