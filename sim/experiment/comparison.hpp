#pragma once
/// Candidates against a base: what changed in the topology, and what that changed in the figures. Replication
/// i of every candidate met the same journeys as replication i of the base, so differences are taken in
/// pairs, and what both have in common cancels out.

#include <span>
#include <string>
#include <vector>

#include "experiment/experiment.hpp"

namespace spillway {

struct MetricChoice {
  std::string_view subject;
  std::string_view metric;
  Aggregate aggregate;
  std::string_view title;
  bool of_guards = false;  ///< what guards did: a means to the other figures, and zero where there are none
};
/// The figures by which architectures are compared, in the order in which they are shown.
std::span<const MetricChoice> compared_metrics();

enum class Change : std::uint8_t { none, better, worse, differs, unknown };
const char* name_of(Change change);

struct Difference {
  MetricChoice what;
  const MetricInfo* metric = nullptr;
  Estimate base;
  Estimate candidate;
  std::size_t pairs = 0;  ///< replications in which both were measured
  Interval difference;    ///< candidate - base, 95 %; infinite with fewer than two pairs
  Change change = Change::unknown;
};

/// What two scenarios measured in the same replications, taken in pairs.
struct PairedDifference {
  std::size_t pairs = 0;  ///< replications in which both were measured, and finite
  Interval difference;    ///< candidate - base, 95 %; infinite with fewer than two pairs
  Change change = Change::unknown;
};
PairedDifference paired_difference(std::span<const std::optional<double>> base,
                                   std::span<const std::optional<double>> candidate, Better better);

/// One line of what differs between two scenarios: a resource, or a setting of one.
struct TopologyChange {
  enum class Kind : std::uint8_t { added, removed, changed };
  Kind kind = Kind::changed;
  std::string path;    ///< "resources.intake", "resources.worker.memory"
  std::string before;  ///< as the scenario says it; empty when added
  std::string after;
};

struct Contrast {
  const Experiment* base = nullptr;
  const Experiment* candidate = nullptr;
  std::vector<TopologyChange> topology;
  std::vector<Difference> differences;  ///< of all compared metrics that at least one of the two measured
  bool same_traffic = true;             ///< both describe the same traffic, but for whom it asks

  bool significant() const;
};

Contrast contrast(const Experiment& base, const Experiment& candidate);

}  // namespace spillway
