#pragma once
/// From the definition of a state machine to a scenario that runs: the workflow, one stub for each of its
/// tasks, and some traffic, to be made true step by step.

#include <string>

#include "formats/asl/definition.hpp"

namespace spillway {

/// As YAML. `path` is the definition's file as the scenario is to name it; `name` what the scenario is
/// called.
std::string imported_scenario(const asl::Machine& machine, const std::string& path, const std::string& name);

}  // namespace spillway
