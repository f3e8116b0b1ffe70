#include "scenario/static/design_rules.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace spillway {

namespace {

constexpr DesignRule kDesignRules[] = {
    {design::cycle, find_cycles},
    {design::unreachable, find_unreachable},
    {design::no_dead_letters, find_queues_without_dead_letters},
    {design::short_visibility, find_short_visibility},
    {design::impatient_caller, find_impatient_callers},
    {design::impatient_gateway, find_impatient_gateways},
    {design::multiplied_retries, find_multiplied_retries},
    {design::no_idempotency, find_unprotected_handlers},
    {design::reserve_below_source, find_event_sources_over_reserve},
    {design::window_over_visibility, find_windows_over_visibility},
    {design::few_receives, find_few_receives},
    {design::calls_over_timeout, find_calls_over_timeout},
    {design::over_limit, find_over_limit},
    {design::short_lived_dead_letters, find_short_lived_dead_letters},
    {design::nobody_polls, find_queues_nobody_polls},
};

/// Three digits, and whole numbers from a hundred on.
std::string number(double figure) {
  return figure >= 100 ? fmt::format("{:.0f}", figure) : fmt::format("{:.3g}", figure);
}

/// Whether Lambda's loop detection ends what goes round: a chain of queues and functions, one of which at
/// least does not allow it.
bool is_stopped(const Topology& topology, const std::vector<std::size_t>& circle) {
  const auto is_function = [&](std::size_t vertex) { return topology.type(vertex) == "aws.lambda.function"; };
  const auto passes_on = [&](std::size_t vertex) {
    return is_function(vertex) || topology.type(vertex) == "aws.sqs.queue";
  };
  const auto stops = [&](std::size_t vertex) {
    return is_function(vertex) && topology.member(vertex).value["recursive_loop"].text() == "terminate";
  };
  return std::ranges::all_of(circle, passes_on) && std::ranges::any_of(circle, stops);
}

/// What is needed, where that has a figure. What goes round in a circle has none.
std::string need_text(const Topology& topology, const Demand& demand, double need, const char* when) {
  if (!std::isinf(need)) return fmt::format("{} {} {}", number(need), demand.what, when);
  const auto circles = cycles(topology);
  if (circles.empty()) return fmt::format("any number of {}", demand.what);
  const bool ends = std::ranges::all_of(
      circles, [&](const std::vector<std::size_t>& circle) { return is_stopped(topology, circle); });
  return fmt::format("more and more {} as requests go round {}", demand.what,
                     ends ? "until Lambda stops them before the 17th invocation" : "without end");
}

const std::vector<Value>& accepted(const Topology& topology) {
  return topology.scenario->root["accept"].items();
}

}  // namespace

Findings::Findings(const Topology& topology, Diagnostics& diagnostics)
    : topology_(topology), diagnostics_(diagnostics), needed_(accepted(topology).size(), false) {}

void Findings::add(Rule rule, std::size_t about, Position at, std::string message, std::string cure) {
  const Member& member = topology_.member(about);
  bool wanted = false;
  for (std::size_t i = 0; i < needed_.size(); ++i) {
    const Value& entry = accepted(topology_)[i];
    if (entry["rule"].text() != rule_id(rule)) continue;
    if (entry["of"].is_set() && entry["of"].text() != member.name) continue;
    needed_[i] = wanted = true;
  }
  if (wanted) return;
  diagnostics_.add(rule, at.line > 0 ? at : member.value.key_position(), std::move(message), std::move(cure));
}

void Findings::report_needless() {
  for (std::size_t i = 0; i < needed_.size(); ++i) {
    if (needed_[i]) continue;
    const Value& entry = accepted(topology_)[i];
    const std::string of = entry["of"].is_set() ? fmt::format(" of '{}'", entry["of"].text()) : "";
    diagnostics_.add(design::needless_acceptance, entry["rule"].position(),
                     fmt::format("{}{} is accepted and nothing breaks it", entry["rule"].text(), of),
                     "take it out");
  }
}

std::span<const DesignRule> design_rules() { return kDesignRules; }

void check_design(const StaticView& view, Diagnostics& diagnostics) {
  Findings findings(view.topology, diagnostics);
  for (const DesignRule& rule : design_rules()) rule.check(view, findings);
  findings.report_needless();
}

// ---- Of the topology as a whole ------------------------------------------------------------------------

void find_cycles(const StaticView& view, Findings& findings) {
  const Topology& topology = view.topology;
  for (const std::vector<std::size_t>& circle : cycles(topology)) {
    std::vector<std::string> names;
    for (const std::size_t vertex : circle) names.push_back("'" + topology.name(vertex) + "'");
    const std::string who = names.size() == 1
                                ? names.front() + " asks itself"
                                : fmt::format("{} ask each other in a circle", fmt::join(names, ", "));
    findings.add(design::cycle, circle.front(), {},
                 who + ": one request may go around for as long as nothing ends it",
                 "let what goes around go elsewhere, or end it in the program");
  }
}

void find_unreachable(const StaticView& view, Findings& findings) {
  const std::vector<bool> reached = reachable(view.topology);
  for (std::size_t vertex = 0; vertex < view.topology.resources(); ++vertex) {
    if (reached[vertex]) continue;
    findings.add(design::unreachable, vertex, {},
                 fmt::format("no traffic reaches '{}'", view.topology.name(vertex)),
                 "name it where it should be asked, or take it out");
  }
}

void find_over_limit(const StaticView& view, Findings& findings) {
  for (const Demand& demand : view.demands) {
    const bool always = demand.use(&Rates::mean) > 1;
    if (!always && (demand.queued || !(demand.use(&Rates::peak) > 1))) continue;
    const std::string& name = view.topology.name(demand.vertex);
    const double need = always ? demand.need.mean : demand.need.peak;
    findings.add(design::over_limit, demand.vertex, demand.at,
                 fmt::format("'{}' needs {}, and {} allows {}", name,
                             need_text(view.topology, demand, need, always ? "on average" : "at the peak"),
                             demand.limited_by, number(demand.limit)),
                 "raise the limit, or let a queue take the peaks");
  }
}

void find_multiplied_retries(const StaticView& view, Findings& findings) {
  for (const RetryPath& path : view.paths) {
    std::vector<std::string> layers;
    for (const RetryPath::Link& link : path.links) {
      const Hop& hop = view.hop(link);
      const bool last = &link == &path.links.back();
      const double times = last ? hop.sent() : hop.worked();
      if (times <= 1) continue;
      const std::string& who = view.topology.name(view.topology.places[link.place].vertex);
      layers.push_back(fmt::format("{} x '{}'", times, who));
    }
    const Hop& hop = view.hop(path.links.back());
    if (layers.size() < 2 || hop.sent() <= 1) continue;
    findings.add(
        design::multiplied_retries, path.vertex, hop.at,
        fmt::format("one request may reach '{}' {} times: {} layers try again on top of each other ({})",
                    view.topology.name(path.vertex), path.bound, layers.size(), fmt::join(layers, ", ")),
        "try again in one layer only, or let a retry quota bound it");
  }
}

}  // namespace spillway
