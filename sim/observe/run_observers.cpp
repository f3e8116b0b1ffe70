// The order of things at the end of the warm-up and at the end of the run.

#include "observe/run_observers.hpp"

#include <algorithm>

#include "observe/conservation.hpp"

namespace spillway {

RunObservers::RunObservers(World& world, ObserveOptions options)
    : world_(world), options_(std::move(options)), metrics_(world), ledger_(world) {
  if (options_.series) {
    series_.emplace(world, options_.horizon, options_.bucket);
    breakdown_.emplace(world);
  }
  if (options_.story) {
    spending_.emplace(world, options_.horizon, options_.bucket);
    traces_.emplace(world);
  }
  if (options_.fact_hash) hash_.emplace(world.facts());
  warm_ = options_.warm_up <= Duration::zero();
}

void RunObservers::run(Time end) {
  const Time warm = kStart + options_.warm_up;
  if (!warm_ && end >= warm) {
    world_.run(warm);
    if (world_.simulation().stopped()) return;
    end_warm_up();
  }
  world_.run(end);
}

void RunObservers::end_warm_up() {
  // What was used until now is told before it is forgotten: the rest of the run is billed for its own time
  // only.
  account();
  metrics_.reset();
  ledger_.reset();
  warm_ = true;
}

void RunObservers::account() {
  if (spending_) spending_->settling(true);
  for (const auto& service : world_.services()) service->account();
  if (spending_) spending_->settling(false);
}

RunResult RunObservers::result() {
  account();
  const Time now = world_.now();
  RunResult result;
  result.seed = world_.seed();
  result.events = world_.simulation().events();
  result.horizon = now - kStart;
  result.stopped_early = world_.simulation().stopped();
  // A run that was stopped in its warm-up reports what it has, from the start.
  result.warm_up = warm_ ? options_.warm_up : Duration::zero();
  metrics_.report(result, options_.clients, options_.classes);
  if (series_) result.series = series_->report();
  if (breakdown_) result.breakdown = breakdown_->report();
  if (spending_) result.spending = spending_->report(std::max<std::size_t>(1, result.series.journeys.size()));
  if (traces_) result.traces = traces_->report();
  result.usage = ledger_.usage();
  result.fact_hash = hash_ ? hash_->value() : 0;
  result.violations = broken_conservation(metrics_, world_);
  return result;
}

}  // namespace spillway
