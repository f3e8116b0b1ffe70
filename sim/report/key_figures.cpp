#include "report/key_figures.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "report/figures.hpp"

namespace spillway {

namespace {

using Reading = std::optional<double>;

constexpr Aggregate kValue{Aggregate::Kind::value, 0};
constexpr Aggregate percentile(double percent) { return {Aggregate::Kind::percentile, percent}; }

Reading journeys(const RunResult& run, std::string_view metric, const Aggregate& aggregate) {
  return metric_value(run, "journeys", metric, aggregate);
}

/// Where most waited at once; none: nothing in this topology can wait.
const ResourceResult* deepest(const RunResult& run) {
  const ResourceResult* found = nullptr;
  for (const ResourceResult& resource : run.resources) {
    if (!resource.gauge(Gauge::backlog).seen) continue;
    if (found == nullptr || resource.gauge(Gauge::backlog).peak > found->gauge(Gauge::backlog).peak)
      found = &resource;
  }
  return found;
}

Reading backlog_peak(const RunResult& run) {
  const ResourceResult* const where = deepest(run);
  return where == nullptr ? std::nullopt : Reading(static_cast<double>(where->gauge(Gauge::backlog).peak));
}

Reading drain_time(const RunResult& run) {
  const ResourceResult* const where = deepest(run);
  if (where == nullptr || where->gauge(Gauge::backlog).peak == 0) return std::nullopt;
  return metric_value(run, where->name, "drain_time", kValue);
}

Reading duplicates(const RunResult& run) {
  std::int64_t sum = 0;
  for (const ResourceResult& resource : run.resources) sum += resource.mark(Mark::duplicate);
  return static_cast<double>(sum);
}

constexpr std::array kFigures{
    KeyFigure{"response_p50", "Response p50", "s", false, Better::lower,
              [](const RunResult& run) { return journeys(run, "response", percentile(50)); }},
    KeyFigure{"response_p99", "Response p99", "s", false, Better::lower,
              [](const RunResult& run) { return journeys(run, "response", percentile(99)); }},
    KeyFigure{"completion_p99", "Completion p99", "s", false, Better::lower,
              [](const RunResult& run) { return journeys(run, "latency", percentile(99)); }},
    KeyFigure{"success_rate", "Success", "1", true, Better::higher,
              [](const RunResult& run) { return journeys(run, "success_rate", kValue); }},
    KeyFigure{"lost", "Journeys lost", "1", false, Better::lower,
              [](const RunResult& run) { return journeys(run, "lost", kValue); }},
    KeyFigure{"backlog_peak", "Backlog peak", "1", false, Better::lower, backlog_peak},
    KeyFigure{"drain_time", "Time to drain", "s", false, Better::lower, drain_time},
    KeyFigure{"retry_amplification", "Retry amplification", "1", false, Better::lower,
              [](const RunResult& run) { return journeys(run, "retry_amplification", kValue); }},
    KeyFigure{"duplicates", "Duplicates", "1", false, Better::lower, duplicates},
    KeyFigure{"cost", "Cost a month", "usd", false, Better::lower,
              [](const RunResult& run) { return journeys(run, "cost", kValue); }},
};

}  // namespace

std::span<const KeyFigure> key_figures() { return kFigures; }

Estimate estimate(const Experiment& experiment, const KeyFigure& figure) {
  std::vector<std::optional<double>> values;
  for (const RunResult& run : experiment.replications) values.push_back(figure.read(run));
  Estimate result = estimate_of(std::move(values));
  // A backlog that was never drained has no mean.
  if (std::ranges::any_of(result.values, [](const auto& value) { return value && std::isinf(*value); }))
    result.interval = {.mean = kInfinity, .half_width = kInfinity};
  return result;
}

PairedDifference difference(const Experiment& base, const Experiment& candidate, const KeyFigure& figure) {
  return paired_difference(estimate(base, figure).values, estimate(candidate, figure).values, figure.better);
}

std::string key_figure_text(const KeyFigure& figure, double value) {
  if (figure.unit == "s") return duration_figure(value);
  if (figure.share) return share_figure(value);
  return spillway::figure(value, {.name = figure.id, .unit = figure.unit, .help = {}, .read = nullptr});
}

}  // namespace spillway
