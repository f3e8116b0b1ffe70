#include "report/retry_summary.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "observe/metrics_registry.hpp"
#include "report/figures.hpp"

namespace spillway {

namespace {

constexpr std::size_t kShown = 5;  // resources; those that were asked again most

struct Amplified {
  const RetryPath* path = nullptr;
  double measured = 1;
};

std::vector<Amplified> amplified(const Experiment& experiment, const StaticView& view) {
  std::vector<Amplified> found;
  for (const RetryPath& path : view.paths) {
    const Estimate measured = estimate(experiment, view.topology.name(path.vertex), "retry_amplification",
                                       {.kind = Aggregate::Kind::value});
    if (measured.measured > 0 && measured.interval.mean > 1)
      found.push_back({.path = &path, .measured = measured.interval.mean});
  }
  std::ranges::sort(found, [](const Amplified& left, const Amplified& right) {
    return left.measured != right.measured ? left.measured > right.measured
                                           : left.path->vertex < right.path->vertex;
  });
  return found;
}

std::uint64_t made_by(RetryLayer layer, const RunResult& run, const std::vector<std::string>& clients) {
  std::uint64_t again = 0;
  if (layer == RetryLayer::workflow) {
    for (const ResourceResult& resource : run.resources)
      again += static_cast<std::uint64_t>(resource.mark(Mark::state_retried));
    return again;
  }
  for (const EdgeResult& edge : run.edges) again += repeats_made(edge, run, clients)[layer];
  return again;
}

std::string heading(std::string_view text, const TerminalStyle& style) {
  return style.colour ? fmt::format("\n  \x1b[1m{}\x1b[0m\n", text) : fmt::format("\n  {}\n", text);
}

}  // namespace

Estimate retries(const Experiment& experiment, RetryLayer layer) {
  const std::vector<std::string> clients = experiment.scenario->client_names();
  std::vector<std::optional<double>> made;
  for (const RunResult& run : experiment.replications)
    made.emplace_back(static_cast<double>(made_by(layer, run, clients)));
  return estimate_of(std::move(made));
}

std::string retry_summary(const Experiment& experiment, const StaticView& view, const TerminalStyle& style) {
  std::string made;
  for (const RetryLayer layer : kLayersTryingAgain) {
    const double mean = retries(experiment, layer).interval.mean;
    if (mean == 0) continue;
    made += fmt::format("{}{} {}", made.empty() ? "" : ", ", name_of(layer), count_figure(mean));
  }
  if (made.empty()) return {};
  std::string out = heading("RETRIES", style);
  out += fmt::format("    {:<20} {}\n", "tried again by", made);
  std::size_t shown = 0;
  for (const Amplified& each : amplified(experiment, view)) {
    if (++shown > kShown) break;
    const double bound = each.path->bound;
    out += fmt::format("    {:<20} x{} of at most {}: {}\n", view.topology.name(each.path->vertex),
                       count_figure(each.measured), bound == kUnlimited ? "any number" : count_figure(bound),
                       path_text(view, *each.path));
  }
  return out;
}

std::string guard_summary(const Experiment& experiment, const TerminalStyle& style) {
  const RunResult& first = experiment.replications.front();
  std::string circuits;
  std::string hedging;
  for (const EdgeResult& edge : first.edges) {
    const auto mean = [&](std::string_view metric) {
      return estimate(experiment, edge.name(), metric, {.kind = Aggregate::Kind::value}).interval.mean;
    };
    if (edge.calls.counts.guards.circuits > 0) {
      circuits +=
          fmt::format("    {:<20} open {} of the time, {} attempts not sent; opened {}, closed again {}\n",
                      edge.name(), share_figure(mean("circuit_open")), count_figure(mean("short_circuited")),
                      count_figure(mean("circuits_opened")), count_figure(mean("circuits_closed")));
    }
    if (edge.calls.counts.guards.hedging > 0) {
      const double hedges = mean("hedges");
      const double others = mean("attempts") - hedges;
      hedging +=
          fmt::format("    {:<20} {} hedges, {} more attempts; {} of them answered first\n", edge.name(),
                      count_figure(hedges), share_figure(others > 0 ? hedges / others : 0),
                      count_figure(mean("hedges_won")));
    }
  }
  std::string out;
  if (!circuits.empty()) out += heading("CIRCUIT BREAKERS", style) + circuits;
  if (!hedging.empty()) out += heading("HEDGING", style) + hedging;
  return out;
}

}  // namespace spillway
