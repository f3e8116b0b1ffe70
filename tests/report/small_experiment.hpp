#pragma once
/// Experiments made by hand, small enough to compute every figure of a report beside them.
///
/// A replication is ten seconds in which four journeys went through one resource: three took 100 ms, one
/// 300 ms, of which 200 ms was back-off, and failed. The resource was asked five times, refused one and
/// had up to 120 waiting.

#include <memory>
#include <string>

#include "report/results.hpp"

namespace spillway::testing {

constexpr std::size_t index(auto value) { return static_cast<std::size_t>(value); }

inline Money dollars(const char* text) { return *Money::parse(text); }

inline Cost a_month(const char* month, const char* by_retries = "0") {
  Cost cost;
  cost.month = dollars(month);
  cost.month_by_retries = cost.month_by_layer[RetryLayer::client] = dollars(by_retries);
  return cost;
}

inline JourneyResult four_journeys(std::string name = {}) {
  JourneyResult result;
  result.name = std::move(name);
  result.arrivals = 4;
  result.attempts = 5;
  LatencyCollector fast;
  LatencyCollector slow;
  for (int i = 0; i < 3; ++i) fast.add(100'000'000, {});
  Waits waits;
  waits.backoff = 200ms;
  slow.add(300'000'000, waits);
  result.completions[index(Ending::succeeded)] = fast.parts();
  result.completions[index(Ending::failed)] = slow.parts();
  result.completion = fast.parts();
  result.completion.merge(slow.parts());
  result.response = result.completion;
  result.responses[index(Outcome::ok)] = fast.parts();
  result.responses[index(Outcome::throttled)] = slow.parts();
  return result;
}

inline CallResult five_calls() {
  CallResult calls;
  calls.counts.attempts = calls.counts.items = 5;
  calls.counts.repeats = calls.counts.resent = 1;
  calls.counts.attempt_outcomes[index(Outcome::ok)] = 4;
  calls.counts.attempt_outcomes[index(Outcome::throttled)] = 1;
  calls.attempt_latency.add(100'000'000, 5);
  return calls;
}

inline RunResult replication(std::uint64_t seed = 1) {
  RunResult run;
  run.seed = seed;
  run.events = 1000;
  run.fact_hash = 0xabc;
  run.horizon = 10s;
  ResourceResult& api = run.resources.emplace_back();
  api.name = "api";
  api.type = "test.api";
  api.calls = five_calls();
  api.gauges[index(Gauge::concurrency)] = {.seen = true, .mean = 0.5, .peak = 2, .at_end = 0};
  api.gauges[index(Gauge::backlog)] = {.seen = true, .mean = 3, .peak = 120, .at_end = 1};
  api.utilisation = 0.25;
  api.marks[index(Mark::concurrency_throttled)] = 1;
  ResourceResult& client = run.resources.emplace_back();
  client.name = "shoppers";
  client.is_client = true;
  run.edges.push_back({"shoppers", "api", "put", five_calls()});
  run.journeys = four_journeys();
  run.by_client = {four_journeys("shoppers")};
  run.cost = a_month("12.345");
  run.series.width = 5s;
  run.series.journeys = {{.arrivals = 4, .succeeded = 3, .failed = 1, .p50 = 100'000'000}, {}};
  run.series.resources = {
      {{.arrivals = 5, .repeats = 1, .ok = 4, .throttled = 1, .concurrency_mean = 0.5, .concurrency_max = 2}},
      {{.arrivals = 7}}};
  return run;
}

struct SmallExperiment {
  explicit SmallExperiment(const std::string& name = "orders") {
    scenario.path = name + ".spillway.yaml";
    scenario.name = name;
    scenario.horizon = 10s;
    scenario.sources = &sources;
    scenario.root = object({});
    scenario.traffic.push_back({"shoppers", traffic()});
    experiment.scenario = &scenario;
    experiment.bill.region = "us-east-1";
    experiment.bill.price_date = "2026-01-31";
    experiment.bill.currency = "USD";
    experiment.bill.total = a_month("12.345", "1.2");
    experiment.bill.by_service = {{"Lambda", a_month("9.876")}, {"DynamoDB", a_month("2.469")}};
    experiment.bill.by_resource = {{"api", a_month("12.345")}};
    BillLine& line = experiment.bill.lines.emplace_back();
    line.resource = "api";
    line.meter = "requests";
    line.service = "Lambda";
    line.line = "Requests";
    line.billed_in = "million requests";
    line.divisor = 1'000'000;
    line.month_quantity = 1'500'000;
    line.cost = a_month("12.345", "1.2");
  }
  SmallExperiment(const SmallExperiment&) = delete;
  SmallExperiment& operator=(const SmallExperiment&) = delete;

  static Value object(std::vector<Member> members) {
    ValueData data;
    data.kind = Kind::object;
    data.set = true;
    return {std::move(data), std::move(members)};
  }
  /// A client that says nothing of what it sends.
  static Value traffic() {
    std::vector<Member> members;
    for (const char* const name : {"arrivals", "closed", "classes", "keys", "bytes", "work"})
      members.push_back({name, Value()});
    return object(std::move(members));
  }

  /// A threshold that stands in line 9 of the scenario.
  void threshold(const std::string& metric, const std::string& expression) {
    const std::uint32_t file = sources.add(scenario.path, std::string(8, '\n') + "  " + expression);
    const ThresholdKey key{"journeys", metric};
    scenario.thresholds.push_back({*parse_threshold(key, expression, journey_metrics()), {file, 9, 3, 1}});
  }

  Sources sources;
  Scenario scenario;
  Experiment experiment;
};

}  // namespace spillway::testing
