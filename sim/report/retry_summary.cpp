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

}  // namespace

RetriesByLayer retries_by_layer(const Experiment& experiment) {
  const std::vector<std::string> clients = experiment.scenario->client_names();
  RetriesByLayer retries;
  for (const RunResult& run : experiment.replications) {
    for (const EdgeResult& edge : run.edges) {
      // An event source never repeats a call: it makes a new one with the same messages. Its name is
      // function<queue.
      if (edge.from.find('<') != std::string::npos) {
        retries.redelivery += edge.calls.counts.repeats;
      } else if (std::ranges::find(clients, edge.from) != clients.end()) {
        retries.client += edge.calls.counts.resent;
      } else {
        retries.sdk += edge.calls.counts.resent;
      }
    }
  }
  for (const RunResult& run : experiment.replications) {
    for (const ResourceResult& resource : run.resources)
      retries.workflow += static_cast<std::uint64_t>(resource.mark(Mark::state_retried));
  }
  return retries;
}

std::string retry_summary(const Experiment& experiment, const StaticView& view, const TerminalStyle& style) {
  const RetriesByLayer retries = retries_by_layer(experiment);
  if (retries.all() == 0) return {};
  const auto count = [](std::uint64_t number) { return count_figure(static_cast<double>(number)); };
  std::string out = style.colour ? "\n  \x1b[1mRETRIES\x1b[0m\n" : "\n  RETRIES\n";
  out += fmt::format("    {:<20} client {}, SDK {}, redelivery {}{}\n", "tried again by",
                     count(retries.client), count(retries.sdk), count(retries.redelivery),
                     retries.workflow == 0 ? "" : ", workflow " + count(retries.workflow));
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

}  // namespace spillway
