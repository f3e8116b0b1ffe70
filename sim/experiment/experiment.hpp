#pragma once
/// Replications: the same scenario under several seeds, on several threads, one world a thread. Which thread
/// runs which replication decides nothing: results are kept by number, and worlds share nothing.

#include <atomic>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "engine/statistics.hpp"
#include "observe/bill.hpp"
#include "scenario/build.hpp"

namespace spillway {

struct Progress {
  std::size_t done = 0;  ///< replications that have ended
  std::size_t of = 0;
  double share = 0;  ///< of all simulated time, 0 to 1
  std::uint64_t events = 0;
};

struct ExperimentOptions {
  std::uint64_t seed = 1;
  std::size_t replications = 1;
  std::size_t jobs = 1;
  Simulation::EventSet event_set = Simulation::EventSet::ladder;
  std::uint64_t most_events = UINT64_MAX;
  bool series = true;
  bool story =
      false;  ///< of the first replication: the bill over time and the slowest journeys, for a report
  bool fact_hash = true;
  std::function<void(const Progress&)> progress{};  ///< called from any thread, one at a time
  const std::atomic<bool>* interrupted =
      nullptr;  ///< set from outside: every run stops soon and keeps what it has
};

/// All replications of one scenario, in their order, and what they cost together.
struct Experiment {
  const Scenario* scenario = nullptr;
  std::vector<RunResult> replications;
  Bill bill;  ///< of all replications: the month is their average, exactly; the run is their sum

  bool stopped_early() const;
  std::uint64_t events() const;
};

/// Runs every scenario `replications` times. Replication i of each has the same seed, so that they meet the
/// same draws. The error is what a user would read.
tl::expected<std::vector<Experiment>, std::string> run_experiments(std::span<const Scenario* const> scenarios,
                                                                   const ExperimentOptions& options);

/// One figure over the replications.
struct Estimate {
  std::vector<std::optional<double>> values;  ///< by replication; none: not measured
  std::size_t measured = 0;
  Interval interval;  ///< of the mean of those measured
  bool has_interval() const { return measured >= 2; }
};
Estimate estimate_of(std::vector<std::optional<double>> values);
Estimate estimate(const Experiment& experiment, std::string_view subject, std::string_view metric,
                  const Aggregate& aggregate);

}  // namespace spillway
