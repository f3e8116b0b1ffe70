// summary.json and comparison.json: versioned, SI units, keys in a fixed order, and not a byte that depends
// on the machine, the clock or the number of threads.

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "report/results.hpp"
#include "report/retry_summary.hpp"
#include "scenario/resolve.hpp"

namespace spillway {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kFormatVersion = "1.0";

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }
double seconds(Duration duration) { return static_cast<double>(duration.count()) * 1e-9; }

Json interval_json(const Interval& interval) {
  if (!std::isfinite(interval.half_width)) return nullptr;
  return Json::array({number(interval.low()), number(interval.high())});
}

Json estimate_json(const Estimate& estimate) {
  Json json;
  json["value"] = estimate.measured == 0 ? Json(nullptr) : number(estimate.interval.mean);
  json["ci"] = estimate.has_interval() ? interval_json(estimate.interval) : Json(nullptr);
  return json;
}

std::vector<Aggregate> aggregates_of(MetricShape shape) {
  using enum Aggregate::Kind;
  if (shape == MetricShape::trend) {
    return {{count, 0},       {avg, 0},         {min, 0},           {percentile, 50}, {percentile, 90},
            {percentile, 95}, {percentile, 99}, {percentile, 99.9}, {max, 0}};
  }
  if (shape == MetricShape::level) return {{avg, 0}, {max, 0}, {value, 0}};
  if (shape == MetricShape::count) return {{value, 0}, {rate, 0}};
  return {{value, 0}};
}

/// Whether a figure stands among those of its subject.
bool is_listed(const MetricInfo& metric, const Estimate& found) {
  const auto is_zero = [](const std::optional<double>& value) { return value.value_or(0) == 0; };
  return found.measured > 0 && (metric.listed_at_zero || !std::ranges::all_of(found.values, is_zero));
}

/// Every metric of a subject that was measured in any replication.
Json metrics_json(const Experiment& experiment, std::string_view subject,
                  std::span<const MetricInfo> metrics) {
  Json all = Json::object();
  for (const MetricInfo& metric : metrics) {
    Json figures = Json::object();
    for (const Aggregate& aggregate : aggregates_of(metric.shape)) {
      const Estimate found = estimate(experiment, subject, metric.name, aggregate);
      if (is_listed(metric, found)) figures[to_text(aggregate)] = estimate_json(found);
    }
    if (figures.empty()) continue;
    Json row{{"unit", metric.unit}, {"better", name_of(metric.better)}};
    row.update(figures);
    all[std::string(metric.name)] = std::move(row);
  }
  return all;
}

Json threshold_json(const JudgedThreshold& judged, const Sources& sources) {
  const Threshold& threshold = judged.threshold->threshold;
  return {{"subject", threshold.subject},
          {"metric", threshold.metric},
          {"expression", threshold.text},
          {"verdict", name_of(judged.result.verdict)},
          {"observed", number(judged.result.observed)},
          {"ci", interval_json(judged.result.interval)},
          {"more_replications_needed", judged.result.more_needed},
          {"source", sources.place(judged.threshold->at)}};
}

Json thresholds_json(std::span<const JudgedThreshold> thresholds, const Sources& sources) {
  Json all = Json::array();
  for (const JudgedThreshold& judged : thresholds) all.push_back(threshold_json(judged, sources));
  return all;
}

Json cost_json(const Experiment& experiment) {
  const Bill& bill = experiment.bill;
  Json lines = Json::array();
  for (const BillLine& line : bill.lines) {
    lines.push_back({{"resource", line.resource},
                     {"service", line.service},
                     {"line", line.line},
                     {"meter", line.meter},
                     {"unit", line.billed_in},
                     {"month_quantity", line.billed_month_quantity()},
                     {"month", line.cost.month.exact()},
                     {"month_by_retries", line.cost.month_by_retries.exact()},
                     {"month_by_retry_layer", costs_by_layer(line.cost.month_by_layer, &Money::exact)}});
  }
  return {{"currency", bill.currency},
          {"region", bill.region},
          {"price_date", bill.price_date},
          {"free_tier", bill.terms.free_tier},
          {"month", bill.total.month.exact()},
          {"month_by_retries", bill.total.month_by_retries.exact()},
          {"month_by_retry_layer", costs_by_layer(bill.total.month_by_layer, &Money::exact)},
          {"lines", std::move(lines)}};
}

Json resources_json(const Experiment& experiment) {
  Json all = Json::object();
  for (const ResourceResult& resource : experiment.replications.front().resources) {
    if (resource.is_client) continue;
    Json row = Json::object();
    if (!resource.type.empty()) row["type"] = resource.type;
    row["metrics"] = metrics_json(experiment, resource.name, resource_metrics());
    if (!resource.details.empty()) row["details"] = Json::parse(resource.details);
    all[resource.name] = std::move(row);
  }
  return all;
}

Json edges_json(const Experiment& experiment) {
  Json all = Json::object();
  for (const EdgeResult& edge : experiment.replications.front().edges) {
    all[edge.name()] = metrics_json(experiment, edge.name(), resource_metrics());
  }
  return all;
}

/// Attempts beyond the first, by the layer that made them.
Json retries_json(const Experiment& experiment) {
  Json all = Json::object();
  for (const RetryLayer layer : kLayersTryingAgain) {
    const Estimate made = retries(experiment, layer);
    const bool few_have_it = layer == RetryLayer::hedge || layer == RetryLayer::event_source;
    if (!few_have_it || made.interval.mean > 0) all[name_of(layer)] = estimate_json(made);
  }
  return all;
}

Json replications_json(const Experiment& experiment) {
  Json all = Json::array();
  for (const RunResult& run : experiment.replications) {
    all.push_back({{"seed", run.seed},
                   {"events", run.events},
                   {"fact_hash", fmt::format("{:016x}", run.fact_hash)},
                   {"stopped_early", run.stopped_early}});
  }
  return all;
}

std::string overall_verdict(std::span<const JudgedThreshold> thresholds) {
  Verdict worst = Verdict::pass;
  for (const JudgedThreshold& judged : thresholds) {
    if (judged.result.verdict == Verdict::fail) return name_of(Verdict::fail);
    if (judged.result.verdict == Verdict::inconclusive) worst = Verdict::inconclusive;
  }
  return name_of(worst);
}

Json summary(const Experiment& experiment, std::span<const JudgedThreshold> thresholds) {
  const Scenario& scenario = *experiment.scenario;
  Json json{{"format_version", kFormatVersion}, {"spillway", SPILLWAY_VERSION}, {"scenario", scenario.name}};
  json["verdict"] = overall_verdict(thresholds);
  json["horizon_s"] = seconds(scenario.horizon);
  json["warm_up_s"] = seconds(scenario.warm_up);
  json["drain_s"] = seconds(scenario.drain);
  json["quantile_error"] = Sketch::relative_error();
  json["replications"] = replications_json(experiment);
  if (experiment.replications.empty()) return json;
  json["thresholds"] = thresholds_json(thresholds, *scenario.sources);
  json["bottleneck"] = bottleneck_sentence(experiment);
  json["journeys"] = metrics_json(experiment, "journeys", journey_metrics());
  for (const auto& client : scenario.client_names()) {
    json["clients"][client] = metrics_json(experiment, "journeys{client:" + client + "}", journey_metrics());
  }
  for (const auto& of : scenario.classes) {
    json["classes"][of] = metrics_json(experiment, "journeys{class:" + of + "}", journey_metrics());
  }
  json["resources"] = resources_json(experiment);
  json["edges"] = edges_json(experiment);
  json["retries"] = retries_json(experiment);
  json["cost"] = cost_json(experiment);
  return json;
}

Json contrast_json(const Contrast& contrast) {
  Json topology = Json::array();
  for (const TopologyChange& change : contrast.topology) {
    constexpr std::array kinds{"added", "removed", "changed"};
    topology.push_back({{"change", kinds.at(static_cast<std::size_t>(change.kind))},
                        {"path", change.path},
                        {"before", change.before},
                        {"after", change.after}});
  }
  Json differences = Json::array();
  for (const Difference& difference : contrast.differences) {
    differences.push_back(
        {{"subject", difference.what.subject},
         {"metric", difference.what.metric},
         {"aggregate", to_text(difference.what.aggregate)},
         {"unit", difference.metric->unit},
         {"better", name_of(difference.metric->better)},
         {"base", estimate_json(difference.base)},
         {"candidate", estimate_json(difference.candidate)},
         {"pairs", difference.pairs},
         {"difference", difference.pairs == 0 ? Json(nullptr) : number(difference.difference.mean)},
         {"ci", difference.pairs == 0 ? Json(nullptr) : interval_json(difference.difference)},
         {"change", name_of(difference.change)}});
  }
  return {{"base", contrast.base->scenario->name},
          {"candidate", contrast.candidate->scenario->name},
          {"same_traffic", contrast.same_traffic},
          {"topology", std::move(topology)},
          {"differences", std::move(differences)}};
}

}  // namespace

std::string summary_json(const Experiment& experiment, std::span<const JudgedThreshold> thresholds) {
  return summary(experiment, thresholds).dump(1) + "\n";
}

std::string comparison_json(std::span<const Contrast> contrasts,
                            std::span<const std::vector<JudgedThreshold>> judged) {
  Json json{{"format_version", kFormatVersion}, {"spillway", SPILLWAY_VERSION}, {"confidence", 0.95}};
  json["comparisons"] = Json::array();
  for (std::size_t i = 0; i < contrasts.size(); ++i) {
    Json one = contrast_json(contrasts[i]);
    one["thresholds"] = {
        {"base", thresholds_json(judged[0], *contrasts[i].base->scenario->sources)},
        {"candidate", thresholds_json(judged[i + 1], *contrasts[i].candidate->scenario->sources)}};
    json["comparisons"].push_back(std::move(one));
  }
  return json.dump(1) + "\n";
}

}  // namespace spillway
