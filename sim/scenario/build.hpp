#pragma once
/// From a scenario to a world that runs, and from a run to its result.

#include <functional>
#include <memory>

#include "observe/run_observers.hpp"
#include "scenario/scenario.hpp"
#include "spillway/world.hpp"

namespace spillway {

struct RunOptions {
  std::uint64_t seed = 1;
  Simulation::EventSet event_set = Simulation::EventSet::ladder;
  bool series = true;
  bool story = false;  ///< what a report tells beside figures and time lines
  bool fact_hash = true;
  std::uint64_t most_events = UINT64_MAX;  ///< the run stops early, and says so, soon after this many
  /// Asked every hundredth of a run, or sooner when that is a million events or so, with the simulated time
  /// and the events so far; false stops the run.
  std::function<bool(Time, std::uint64_t)> progress{};
};

/// What can only be found out by building: routes that callees do not have, traffic that cannot be read,
/// settings that contradict each other.
struct BuildProblem {
  Position at;
  std::string message;
  std::string suggestion{};
  Rule rule = Rule::unknown_operation;
};
std::vector<BuildProblem> build_problems(const Scenario& scenario);

/// A world with everything that the scenario names, not yet started.
std::unique_ptr<World> build_world(const Scenario& scenario, const RunOptions& options,
                                   std::vector<BuildProblem>& problems);

/// Runs one replication. The error is what a user would read: traffic that could not be read on.
tl::expected<RunResult, std::string> run_scenario(const Scenario& scenario, const RunOptions& options);

/// The seed of replication number `replication`; the first has the scenario's own.
std::uint64_t replication_seed(std::uint64_t seed, std::uint64_t replication);

}  // namespace spillway
