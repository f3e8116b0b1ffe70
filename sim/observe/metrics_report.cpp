// What Metrics hands over when the run has ended: rows by edge, their sums by resource, and journeys by
// client, by class and all together.

#include <algorithm>

#include "observe/metrics.hpp"

namespace spillway {

namespace {

std::string name_or_number(const std::vector<std::string>& names, std::size_t number) {
  return number < names.size() ? names[number] : "#" + std::to_string(number);
}

/// Adds what `collectors` hold to the parts of the same index; those who waited for nothing and are `plain`
/// belong to the first.
template <std::size_t N>
void add_parts(std::array<LatencyParts, N>& parts, std::array<LatencyCollector, N> collectors,
               const Sketch& plain) {
  collectors.front().add(plain);
  for (std::size_t i = 0; i < N; ++i) {
    if (collectors[i].count() > 0) parts[i].merge(collectors[i].parts());
  }
}

void finish(JourneyResult& journeys) {
  for (const LatencyParts& parts : journeys.responses) journeys.response.merge(parts);
  for (const LatencyParts& parts : journeys.completions) journeys.completion.merge(parts);
  journeys.in_flight = journeys.arrivals - journeys.ended();
}

}  // namespace

/// What was served is both: ok, and succeeded.
void Metrics::JourneyRows::Cell::report(JourneyResult& into) const {
  static_assert(static_cast<int>(Outcome::ok) == 0 && static_cast<int>(Ending::succeeded) == 0);
  into.arrivals += counted;
  add_parts(into.responses, responses, latency);
  add_parts(into.completions, completions, latency);
}

Metrics::CallTotals Metrics::call_totals(std::size_t port) const { return ports_[port].totals(); }

LittlesLaw Metrics::little(std::size_t port) const { return ports_[port].little(nanoseconds(world_.now())); }

void Metrics::report(RunResult& result, const std::vector<std::string>& clients,
                     const std::vector<std::string>& classes) {
  result.resources.resize(services_.size());
  for (std::size_t service = 0; service < services_.size(); ++service) {
    ResourceResult& resource = result.resources[service];
    resource.name = world_.services()[service]->name();
    resource.is_client = std::ranges::find(clients, resource.name) != clients.end();
    report_resource(resource, service);
  }
  report_edges(result);
  report_journeys(result, clients, classes);
}

void Metrics::report_edges(RunResult& result) const {
  for (std::size_t number = 0; number < ports_.size(); ++number) {
    const Port& port = world_.port(PortId{static_cast<std::uint32_t>(number)});
    const auto callee = static_cast<std::size_t>(port.to);
    EdgeResult edge{
        world_.service(port.from).name(), result.resources[callee].name, port.config.operation, {}};
    ports_[number].report(edge.calls, nanoseconds(world_.now()));
    if (port.guards != nullptr) edge.calls.counts.guards = port.guards->counts();
    result.resources[callee].calls.merge(edge.calls);
    // Several places of one caller may ask the same: they are one edge.
    const auto known = std::ranges::find(result.edges, edge.name(), &EdgeResult::name);
    if (known == result.edges.end()) {
      result.edges.push_back(std::move(edge));
    } else {
      known->calls.merge(edge.calls);
    }
  }
}

void Metrics::report_resource(ResourceResult& result, std::size_t service) {
  ServiceRow& row = services_[service];
  const std::int64_t now = nanoseconds(world_.now());
  for (std::size_t g = 0; g < kGauges; ++g) {
    const bool seen = (row.seen >> g & 1u) != 0 && static_cast<Gauge>(g) != Gauge::oldest;
    if (seen) result.gauges[g] = gauge_result(row.gauges[g], now);
  }
  const GaugeResult& limit = result.gauge(Gauge::limit);
  const GaugeResult& concurrency = result.gauge(Gauge::concurrency);
  if (concurrency.seen && limit.mean > 0) result.utilisation = concurrency.mean / limit.mean;
  result.concurrency_dwell = row.gauges[static_cast<std::size_t>(Gauge::concurrency)].dwell();
  result.backlog_dwell = row.gauges[static_cast<std::size_t>(Gauge::backlog)].dwell();
  result.age = row.age.result(now);
  result.drain = row.drain.result(now);
  result.marks = row.marks;
  result.marks_seen = row.marks_seen;
  result.details = world_.services()[service]->details();
}

void Metrics::report_journeys(RunResult& result, const std::vector<std::string>& clients,
                              const std::vector<std::string>& classes) const {
  const std::size_t most_classes = std::max(classes.size(), journeys_.classes());
  result.journeys.name = "journeys";
  result.by_client.resize(std::max(clients.size(), journeys_.clients()));
  result.by_class.resize(most_classes);
  for (std::size_t i = 0; i < result.by_client.size(); ++i)
    result.by_client[i].name = name_or_number(clients, i);
  for (std::size_t i = 0; i < most_classes; ++i) result.by_class[i].name = name_or_number(classes, i);

  journeys_.visit([&](std::size_t client, std::size_t traffic_class, const JourneyRows::Cell& cell) {
    for (JourneyResult* const into :
         {&result.journeys, &result.by_client[client], &result.by_class[traffic_class]})
      cell.report(*into);
  });
  for (const EdgeResult& edge : result.edges) {
    const auto client = std::ranges::find(clients, edge.from);
    if (client == clients.end()) continue;
    result.journeys.attempts += edge.calls.counts.items;
    result.by_client[static_cast<std::size_t>(client - clients.begin())].attempts += edge.calls.counts.items;
  }
  finish(result.journeys);
  for (JourneyResult& journeys : result.by_client) finish(journeys);
  for (JourneyResult& journeys : result.by_class) finish(journeys);
}

}  // namespace spillway
