#pragma once
/// Design rules: what is legal and still likely to hurt. Each rule is a row: its number, and the function
/// that looks at the static view and says where. What it means, why, and the cure stand in docs/rules.md.
///
/// Findings are warnings: a scenario that breaks a rule runs all the same. One that breaks it on purpose says
/// so under `accept`, and why.

#include <span>
#include <string>

#include "scenario/design_rule.hpp"
#include "scenario/static/static_view.hpp"

namespace spillway {

/// Takes what rules find, and leaves out what the scenario accepts.
class Findings {
 public:
  Findings(const Topology& topology, Diagnostics& diagnostics);

  /// `about` is the resource or client that it concerns; without a place of its own a finding stands there.
  void add(Rule rule, std::size_t about, Position at, std::string message, std::string cure);
  /// What the scenario accepts and nothing found.
  void report_needless();

 private:
  const Topology& topology_;
  Diagnostics& diagnostics_;
  std::vector<bool> needed_;
};

struct DesignRule {
  Rule rule;
  void (*check)(const StaticView&, Findings&);
};
std::span<const DesignRule> design_rules();

/// Judges a view by every rule.
void check_design(const StaticView& view, Diagnostics& diagnostics);

// The rules, by what they look at.
void find_cycles(const StaticView& view, Findings& findings);
void find_unreachable(const StaticView& view, Findings& findings);
void find_over_limit(const StaticView& view, Findings& findings);
void find_queues_without_dead_letters(const StaticView& view, Findings& findings);
void find_queues_nobody_polls(const StaticView& view, Findings& findings);
void find_short_lived_dead_letters(const StaticView& view, Findings& findings);
void find_few_receives(const StaticView& view, Findings& findings);
void find_short_visibility(const StaticView& view, Findings& findings);
void find_windows_over_visibility(const StaticView& view, Findings& findings);
void find_event_sources_over_reserve(const StaticView& view, Findings& findings);
void find_unprotected_handlers(const StaticView& view, Findings& findings);
void find_impatient_callers(const StaticView& view, Findings& findings);
void find_impatient_gateways(const StaticView& view, Findings& findings);
void find_calls_over_timeout(const StaticView& view, Findings& findings);
void find_multiplied_retries(const StaticView& view, Findings& findings);

}  // namespace spillway
