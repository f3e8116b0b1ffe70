#pragma once
/// `--set resources.worker.memory=1GiB`: one value of the tree replaced from the command line.

#include <string>

#include "scenario/compose.hpp"

namespace spillway {

/// The path's names are separated by dots, a list's element is [0] (or .0), a name with dots may be quoted;
/// where a key of the tree itself has dots (`thresholds.journeys.latency`) the longest key that is there is
/// taken. The value is YAML; null removes. A scalar or list replaces, a map is merged.
void apply_set(Node& root, const std::string& set, const ComposeRules& rules, Sources& sources,
               Diagnostics& diagnostics);

}  // namespace spillway
