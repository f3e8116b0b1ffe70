#include "report/terminal.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "report/figures.hpp"

namespace spillway {

namespace {

constexpr Aggregate kValue{Aggregate::Kind::value, 0};
constexpr Aggregate kMean{Aggregate::Kind::avg, 0};
constexpr Aggregate kMost{Aggregate::Kind::max, 0};
constexpr Aggregate percentile(double percent) { return {Aggregate::Kind::percentile, percent}; }

const MetricInfo& journey_metric(std::string_view name) {
  const auto row = std::ranges::find(journey_metrics(), name, &MetricInfo::name);
  check(row != journey_metrics().end(), "a metric of the summary is not registered");
  return *row;
}

std::string painted(std::string_view text, const char* code, const TerminalStyle& style) {
  return style.colour ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
}

std::string heading(std::string_view text, const TerminalStyle& style) {
  return "\n  " + painted(text, "1", style) + "\n";
}

/// Text cut or filled to a width in characters; a figure may hold a two-byte ±.
std::string cell(std::string_view text, std::size_t width, bool right = true) {
  std::size_t shown = 0;
  for (const char c : text) shown += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1U : 0U;
  const std::string fill(shown < width ? width - shown : 0, ' ');
  return right ? fill + std::string(text) : std::string(text) + fill;
}

std::string verdict_mark(Verdict verdict, const TerminalStyle& style) {
  switch (verdict) {
    case Verdict::pass: return painted("✓", "32", style);
    case Verdict::fail: return painted("✗", "31", style);
    default: return painted("?", "33", style);
  }
}

class RunText {
 public:
  RunText(const Experiment& experiment, const TerminalStyle& style)
      : experiment_(experiment), scenario_(*experiment.scenario), style_(style) {}

  std::string write(std::span<const JudgedThreshold> thresholds) {
    out_ = fmt::format(
        "  spillway  {}  seed {}  {} x {}{}  ({} events)\n  {}\n", scenario_.path,
        experiment_.replications.front().seed, experiment_.replications.size(),
        duration_figure(static_cast<double>((scenario_.horizon + scenario_.drain).count()) * 1e-9),
        experiment_.stopped_early() ? ", stopped early" : "",
        count_figure(static_cast<double>(experiment_.events())), scenario_.name);
    write_thresholds(thresholds);
    write_totals();
    write_resources();
    out_ += fmt::format("\n  {}  {}\n", painted("BOTTLENECK", "1", style_), bottleneck_sentence(experiment_));
    return std::move(out_);
  }

  std::string thresholds(std::span<const JudgedThreshold> judged) {
    write_thresholds(judged);
    return std::move(out_);
  }

 private:
  void write_thresholds(std::span<const JudgedThreshold> thresholds) {
    if (thresholds.empty()) return;
    out_ += heading("THRESHOLDS", style_);
    for (const JudgedThreshold& judged : thresholds) {
      const Threshold& threshold = judged.threshold->threshold;
      const std::string what = fmt::format("{}.{}  {}", threshold.subject, threshold.metric, threshold.text);
      out_ += fmt::format("    {} {} {}{}\n", verdict_mark(judged.result.verdict, style_),
                          cell(what, 52, false), observed(judged), place(judged));
    }
  }

  std::string observed(const JudgedThreshold& judged) const {
    const ThresholdResult& result = judged.result;
    if (std::isnan(result.observed)) return "not measured";
    const MetricInfo* const metric = metric_of(judged.threshold->threshold);
    std::string text = figure(result.observed, *metric);
    if (std::isfinite(result.interval.half_width)) {
      text += fmt::format("  95% CI [{}, {}]", figure(result.interval.low(), *metric),
                          figure(result.interval.high(), *metric));
    }
    if (result.verdict == Verdict::inconclusive && result.more_needed > 0) {
      text += fmt::format("  inconclusive: {} more replications needed", result.more_needed);
    }
    return text;
  }

  const MetricInfo* metric_of(const Threshold& threshold) const {
    const auto metrics = metrics_of(experiment_.replications.front(), threshold.subject);
    const auto row = std::ranges::find(metrics, threshold.metric, &MetricInfo::name);
    check(row != metrics.end(), "a threshold's metric was not checked");
    return &*row;
  }

  std::string place(const JudgedThreshold& judged) const {
    return judged.result.verdict == Verdict::fail ? "  " + scenario_.sources->place(judged.threshold->at)
                                                  : "";
  }

  std::string of(std::string_view metric, const Aggregate& aggregate) const {
    return estimate_figure(estimate(experiment_, "journeys", metric, aggregate), journey_metric(metric));
  }

  void line(std::string_view label, const std::string& text) {
    std::string dots(label.size() < 18 ? 18 - label.size() : 0, '.');
    out_ += fmt::format("    {} {} {}\n", label, dots, text);
  }

  void write_totals() {
    out_ += heading("TOTALS", style_);
    line("requests", fmt::format("{}   succeeded {}   lost {}   in flight {}", of("arrivals", kValue),
                                 of("success_rate", kValue), of("lost", kValue), of("in_flight", kValue)));
    for (const char* const metric : {"response", "latency"}) {
      line(metric == std::string_view("latency") ? "completion" : metric,
           fmt::format("avg={}  p(50)={}  p(90)={}  p(99)={}  max={}", of(metric, kMean),
                       of(metric, percentile(50)), of(metric, percentile(90)), of(metric, percentile(99)),
                       of(metric, kMost)));
    }
    line("of it, mean", fmt::format("queued={}  cold start={}  back-off={}  service={}", of("queued", kMean),
                                    of("cold_start", kMean), of("backoff", kMean), of("service", kMean)));
    line("attempts", fmt::format("{} a journey by clients, {} on all edges",
                                 of("attempts_per_journey", kValue), of("retry_amplification", kValue)));
    line("cost", cost_text());
  }

  std::string cost_text() const {
    const Bill& bill = experiment_.bill;
    std::string text = fmt::format("${}/month", bill.total.month.rounded());
    std::string parts;
    for (const Subtotal& service : bill.by_service) {
      const double whole = bill.total.month.approximate();
      if (whole <= 0) break;
      parts += fmt::format("{}{} {}", parts.empty() ? "" : ", ", service.name,
                           share_figure(service.cost.month.approximate() / whole));
    }
    if (!parts.empty()) text += "  (" + parts + ")";
    const double retries = bill.total.month_by_retries.approximate();
    if (retries > 0)
      text += fmt::format("  of it by retries ${}{}", bill.total.month_by_retries.rounded(), layers_text());
    return text + fmt::format("  prices {} {}", bill.region, bill.price_date);
  }

  /// Which layers caused the cost of retries.
  std::string layers_text() const {
    const ByRetryLayer<Money>& costs = experiment_.bill.total.month_by_layer;
    std::string parts;
    for (const RetryLayer layer : kLayersTryingAgain) {
      if (costs[layer].is_zero()) continue;
      parts += fmt::format("{}{} ${}", parts.empty() ? "" : ", ", name_of(layer), costs[layer].rounded());
    }
    return parts.empty() ? parts : " (" + parts + ")";
  }

  std::string at(const ResourceResult& resource, std::string_view metric, const Aggregate& aggregate) const {
    const auto row = std::ranges::find(resource_metrics(), metric, &MetricInfo::name);
    check(row != resource_metrics().end(), "a metric of the table is not registered");
    const Estimate found = estimate(experiment_, resource.name, metric, aggregate);
    return found.measured == 0 ? "-" : figure(found.interval.mean, *row);
  }

  void write_resources() {
    out_ += heading("RESOURCES", style_);
    out_ += fmt::format("    {}{}{}{}{}{}{}{}{}{}\n", cell("", 20, false), cell("attempts", 13),
                        cell("util", 10), cell("peak", 8), cell("throttled", 11), cell("cold", 9),
                        cell("backlog", 10), cell("p99", 9), cell("x", 7), cell("$/month", 11));
    for (const ResourceResult& resource : experiment_.replications.front().resources) {
      if (resource.is_client) continue;
      out_ += fmt::format(
          "    {}{}{}{}{}{}{}{}{}{}\n", cell(resource.name, 20, false),
          cell(at(resource, "attempts", kValue), 13), cell(at(resource, "utilisation", kValue), 10),
          cell(at(resource, "concurrency", kMost), 8), cell(at(resource, "throttled", kValue), 11),
          cell(at(resource, "cold_starts", kValue), 9), cell(at(resource, "backlog", kMost), 10),
          cell(at(resource, "latency", percentile(99)), 9),
          cell(at(resource, "retry_amplification", kValue), 7), cell(month_text(resource.name), 11));
    }
  }

  std::string month_text(const std::string& name) const {
    const auto row = std::ranges::find(experiment_.bill.by_resource, name, &Subtotal::name);
    return row == experiment_.bill.by_resource.end() ? "-" : row->cost.month.rounded();
  }

  const Experiment& experiment_;
  const Scenario& scenario_;
  const TerminalStyle& style_;
  std::string out_;
};

std::string change_words(const Difference& difference, const TerminalStyle& style) {
  switch (difference.change) {
    case Change::better: return painted("better", "32", style);
    case Change::worse: return painted("worse", "31", style);
    case Change::none: return "no difference";
    case Change::differs: return "differs";
    default: return difference.pairs == 1 ? "needs more replications" : "";
  }
}

std::string shortened(const std::string& text) {
  return text.size() <= 60 ? text : text.substr(0, 57) + "...";
}

std::string topology_line(const TopologyChange& change, const TerminalStyle& style) {
  switch (change.kind) {
    case TopologyChange::Kind::added:
      return fmt::format("    {} {}: {}\n", painted("[+]", "32", style), change.path,
                         shortened(change.after));
    case TopologyChange::Kind::removed:
      return fmt::format("    {} {}: {}\n", painted("[-]", "31", style), change.path,
                         shortened(change.before));
    default:
      return fmt::format("    {} {}: {} -> {}\n", painted("[~]", "33", style), change.path,
                         shortened(change.before), shortened(change.after));
  }
}

std::string difference_figure(const Difference& difference) {
  if (difference.pairs == 0) return "-";
  const bool more = difference.difference.mean > 0;
  std::string text = (more ? "+" : "") + figure(difference.difference.mean, *difference.metric);
  if (std::isfinite(difference.difference.half_width)) {
    text += " ±" + figure(difference.difference.half_width, *difference.metric);
  }
  return text;
}

std::string mean_figure(const Estimate& estimate, const MetricInfo& metric) {
  return estimate.measured == 0 ? "-" : figure(estimate.interval.mean, metric);
}

}  // namespace

std::vector<JudgedThreshold> judge_all(const Experiment& experiment) {
  std::vector<JudgedThreshold> judged;
  for (const PlacedThreshold& placed : experiment.scenario->thresholds) {
    judged.push_back({&placed, judge(placed.threshold, experiment.replications)});
  }
  return judged;
}

std::string run_summary(const Experiment& experiment, std::span<const JudgedThreshold> thresholds,
                        const TerminalStyle& style) {
  if (experiment.replications.empty()) return "  nothing was run\n";
  return RunText(experiment, style).write(thresholds);
}

std::string contrast_sentence(const Contrast& contrast) {
  std::string better;
  std::string worse;
  for (const Difference& difference : contrast.differences) {
    std::string* const list = difference.change == Change::better  ? &better
                              : difference.change == Change::worse ? &worse
                                                                   : nullptr;
    if (list == nullptr || difference.what.of_guards || difference.what.title.starts_with("of it")) continue;
    *list += fmt::format("{}{} {} -> {}", list->empty() ? "" : ", ", difference.what.title,
                         mean_figure(difference.base, *difference.metric),
                         mean_figure(difference.candidate, *difference.metric));
  }
  const std::string& name = contrast.candidate->scenario->name;
  if (better.empty() && worse.empty())
    return fmt::format("{}: no difference that the replications could show.", name);
  std::string text = name + ": ";
  if (!better.empty()) text += "better in " + better;
  if (!worse.empty()) text += (better.empty() ? "worse in " : "; worse in ") + worse;
  return text + ".";
}

std::string contrast_summary(const Contrast& contrast, std::span<const JudgedThreshold> base,
                             std::span<const JudgedThreshold> candidate, const TerminalStyle& style) {
  const Scenario& before = *contrast.base->scenario;
  const Scenario& after = *contrast.candidate->scenario;
  std::string out = fmt::format("  base       {}  ({})\n  candidate  {}  ({})\n", before.name, before.path,
                                after.name, after.path);
  if (!contrast.same_traffic) out += "  note: the two do not describe the same traffic\n";
  out += heading("TOPOLOGY", style);
  if (contrast.topology.empty()) out += "    no difference\n";
  for (const TopologyChange& change : contrast.topology) out += topology_line(change, style);
  out += heading("FIGURES", style);
  out += fmt::format("    {}{}{}{}  change\n", cell("", 26, false), cell("base", 13), cell("candidate", 13),
                     cell("difference (95%)", 24));
  for (const Difference& difference : contrast.differences) {
    out += fmt::format("    {}{}{}{}  {}\n", cell(difference.what.title, 26, false),
                       cell(mean_figure(difference.base, *difference.metric), 13),
                       cell(mean_figure(difference.candidate, *difference.metric), 13),
                       cell(difference_figure(difference), 24), change_words(difference, style));
  }
  if (!base.empty() || !candidate.empty()) {
    for (const auto& [title, experiment, judged] :
         {std::tuple{"base", contrast.base, base}, std::tuple{"candidate", contrast.candidate, candidate}}) {
      if (judged.empty()) continue;
      RunText text(*experiment, style);
      out += fmt::format("\n  {}", title);
      out += text.thresholds(judged);
    }
  }
  return out + fmt::format("\n  {}  {}\n  {}  {}\n", painted("BOTTLENECK", "1", style),
                           bottleneck_sentence(*contrast.candidate), painted("IN SHORT", "1", style),
                           contrast_sentence(contrast));
}

}  // namespace spillway
