#include "experiment/experiment.hpp"

#include <algorithm>
#include <mutex>
#include <thread>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace spillway {

namespace {

/// The work of one call of run_experiments, shared by its threads.
class Crew {
 public:
  Crew(std::span<const Scenario* const> scenarios, const ExperimentOptions& options)
      : scenarios_(scenarios), options_(options), tasks_(scenarios.size() * options.replications) {
    results_.resize(tasks_);
    shares_.resize(tasks_);
    events_.resize(tasks_);
  }

  void run() {
    const std::size_t threads = std::clamp<std::size_t>(options_.jobs, 1, std::max<std::size_t>(1, tasks_));
    std::vector<std::jthread> crew;
    for (std::size_t i = 1; i < threads; ++i) crew.emplace_back([this] { work(); });
    work();
  }

  std::vector<RunResult>& results() { return results_; }
  const std::string& error() const { return error_; }

 private:
  void work() {
    for (std::size_t task = next_++; task < tasks_; task = next_++) {
      // Replications of one number run close to each other in time, so that an interrupted comparison has
      // pairs.
      const std::size_t replication = task / scenarios_.size();
      const std::size_t scenario = task % scenarios_.size();
      run_task(scenario, replication, scenario * options_.replications + replication);
    }
  }

  void run_task(std::size_t scenario, std::size_t replication, std::size_t slot) {
    if (stopping()) return;
    const Scenario& of = *scenarios_[scenario];
    const double end = static_cast<double>((of.horizon + of.drain).count());
    RunOptions run{.seed = replication_seed(options_.seed, replication),
                   .event_set = options_.event_set,
                   .series = options_.series,
                   .story = options_.story && replication == 0,
                   .fact_hash = options_.fact_hash,
                   .most_events = options_.most_events};
    run.progress = [&](Time now, std::uint64_t events) {
      show(slot, static_cast<double>(now.time_since_epoch().count()) / end, events, false);
      return !stopping();
    };
    auto result = run_scenario(of, run);
    if (!result) {
      const std::scoped_lock lock(mutex_);
      if (error_.empty()) error_ = of.path + ": " + result.error();
      failed_ = true;
      return;
    }
    results_[slot] = std::move(*result);
    show(slot, 1, results_[slot].events, true);
  }

  bool stopping() const { return failed_ || (options_.interrupted != nullptr && *options_.interrupted); }

  void show(std::size_t slot, double share, std::uint64_t events, bool done) {
    if (!options_.progress) return;
    const std::scoped_lock lock(mutex_);
    shares_[slot] = share;
    events_[slot] = events;
    if (done) ++done_;
    Progress progress{.done = done_, .of = tasks_};
    for (const double each : shares_) progress.share += each / static_cast<double>(tasks_);
    for (const std::uint64_t each : events_) progress.events += each;
    options_.progress(progress);
  }

  std::span<const Scenario* const> scenarios_;
  const ExperimentOptions& options_;
  std::size_t tasks_;
  std::vector<RunResult> results_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> failed_ = false;
  std::mutex mutex_;
  std::string error_;
  std::vector<double> shares_;
  std::vector<std::uint64_t> events_;
  std::size_t done_ = 0;
};

/// Prices one replication, so that its cost has an interval over the replications.
std::optional<std::string> price(RunResult& result, const Scenario& scenario) {
  if (result.window() <= Duration::zero()) return std::nullopt;
  auto bill =
      make_bill(result.usage, scenario.prices, {.horizon = result.window(), .free_tier = scenario.free_tier});
  if (!bill) return fmt::format("{}: {}", scenario.path, fmt::join(bill.error(), "; "));
  result.cost = bill->total;
  for (ResourceResult& resource : result.resources) {
    const auto row = std::ranges::find(bill->by_resource, resource.name, &Subtotal::name);
    if (row != bill->by_resource.end()) resource.cost = row->cost;
  }
  return std::nullopt;
}

tl::expected<Bill, std::string> price_all(const Experiment& experiment) {
  std::vector<Usage> usage;
  Duration horizon{};
  for (const RunResult& result : experiment.replications) {
    usage.insert(usage.end(), result.usage.begin(), result.usage.end());
    horizon += result.window();
  }
  const Scenario& scenario = *experiment.scenario;
  if (horizon <= Duration::zero()) return Bill{};
  auto bill = make_bill(usage, scenario.prices, {.horizon = horizon, .free_tier = scenario.free_tier});
  if (bill) return std::move(*bill);
  return tl::unexpected(fmt::format("{}: {}", scenario.path, fmt::join(bill.error(), "; ")));
}

}  // namespace

bool Experiment::stopped_early() const {
  return std::ranges::any_of(replications, &RunResult::stopped_early);
}

std::uint64_t Experiment::events() const {
  std::uint64_t total = 0;
  for (const RunResult& result : replications) total += result.events;
  return total;
}

tl::expected<std::vector<Experiment>, std::string> run_experiments(std::span<const Scenario* const> scenarios,
                                                                   const ExperimentOptions& options) {
  Crew crew(scenarios, options);
  crew.run();
  if (!crew.error().empty()) return tl::unexpected(crew.error());
  std::vector<Experiment> experiments;
  for (std::size_t i = 0; i < scenarios.size(); ++i) {
    Experiment& experiment =
        experiments.emplace_back(Experiment{.scenario = scenarios[i], .replications = {}, .bill = {}});
    for (std::size_t r = 0; r < options.replications; ++r) {
      RunResult& result = crew.results()[i * options.replications + r];
      if (result.resources.empty()) continue;  // it had not begun when the experiment was interrupted
      for (const std::string& violation : result.violations)
        return tl::unexpected("internal error: " + violation);
      if (auto error = price(result, *scenarios[i])) return tl::unexpected(std::move(*error));
      experiment.replications.push_back(std::move(result));
    }
    auto bill = price_all(experiment);
    if (!bill) return tl::unexpected(bill.error());
    experiment.bill = std::move(*bill);
  }
  return experiments;
}

Estimate estimate_of(std::vector<std::optional<double>> values) {
  std::vector<double> measured;
  for (const std::optional<double>& value : values) {
    if (value) measured.push_back(*value);
  }
  Estimate result;
  result.values = std::move(values);
  result.measured = measured.size();
  if (!measured.empty()) result.interval = mean_interval(measured);
  return result;
}

Estimate estimate(const Experiment& experiment, std::string_view subject, std::string_view metric,
                  const Aggregate& aggregate) {
  std::vector<std::optional<double>> values;
  for (const RunResult& replication : experiment.replications)
    values.push_back(metric_value(replication, subject, metric, aggregate));
  return estimate_of(std::move(values));
}

}  // namespace spillway
