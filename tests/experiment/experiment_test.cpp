// Replications on threads, and paired comparisons.

#include <gtest/gtest.h>

#include "experiment/comparison.hpp"

namespace spillway {
namespace {

struct Pair {
  explicit Pair(std::vector<std::string> sets = {"horizon=30m", "drain=5m"}) {
    for (const char* const path : {"scenarios/direct.spillway.yaml", "scenarios/buffered.spillway.yaml"}) {
      auto loaded = load_scenario(path, sets, sources, files, diagnostics);
      EXPECT_TRUE(loaded.has_value()) << render_text(diagnostics, sources);
      scenarios.push_back(std::make_unique<Scenario>(std::move(*loaded)));
    }
  }
  std::vector<Experiment> run(const ExperimentOptions& options) {
    const std::array<const Scenario*, 2> both{scenarios[0].get(), scenarios[1].get()};
    auto experiments = run_experiments(both, options);
    EXPECT_TRUE(experiments.has_value()) << experiments.error();
    return std::move(*experiments);
  }

  Sources sources;
  DiskFiles files;
  Diagnostics diagnostics;
  std::vector<std::unique_ptr<Scenario>> scenarios;
};

TEST(Experiment, KeepsReplicationsInOrderOnAnyNumberOfThreads) {
  Pair pair;
  const auto one = pair.run({.replications = 4, .jobs = 1});
  const auto two = pair.run({.replications = 4, .jobs = 2});
  for (std::size_t i = 0; i < 2; ++i) {
    ASSERT_EQ(one[i].replications.size(), 4u);
    for (std::size_t r = 0; r < 4; ++r) {
      EXPECT_EQ(one[i].replications[r].seed, replication_seed(1, r));
      EXPECT_EQ(one[i].replications[r].fact_hash, two[i].replications[r].fact_hash);
    }
  }
}

TEST(Experiment, MeetsTheSameJourneysInEveryCandidate) {
  Pair pair;
  const auto both = pair.run({.replications = 2, .jobs = 2});
  for (std::size_t r = 0; r < 2; ++r) {
    EXPECT_EQ(both[0].replications[r].journeys.arrivals, both[1].replications[r].journeys.arrivals);
  }
  EXPECT_NE(both[0].replications[0].journeys.arrivals, both[0].replications[1].journeys.arrivals);
}

TEST(Experiment, StopsEarlyAtALimitOfEventsAndKeepsWhatItHas) {
  Pair pair;
  const auto both = pair.run({.replications = 1, .most_events = 1000});
  EXPECT_TRUE(both[0].stopped_early());
  EXPECT_GT(both[0].replications[0].journeys.arrivals, 0u);
}

TEST(Experiment, StopsWhenItIsInterrupted) {
  Pair pair;
  const std::atomic<bool> interrupted = true;
  const auto both = pair.run({.replications = 2, .interrupted = &interrupted});
  EXPECT_TRUE(both[0].replications.empty());
}

TEST(Contrast, SaysWhatChangedInTheTopology) {
  Pair pair;
  const auto both = pair.run({.replications = 2, .jobs = 2});
  const Contrast found = contrast(both[0], both[1]);
  std::vector<std::string> added;
  for (const TopologyChange& change : found.topology) {
    if (change.kind == TopologyChange::Kind::added) added.push_back(change.path);
  }
  EXPECT_EQ(added, (std::vector<std::string>{"resources.api.routes.POST /orders.send",
                                             "resources.worker.event_sources", "resources.intake",
                                             "resources.dead"}));
  EXPECT_TRUE(found.same_traffic);
}

TEST(Contrast, SaysWhetherBothMetTheSameClassesOfRequests) {
  Sources sources;
  DiskFiles files;
  Diagnostics diagnostics;
  const auto with_classes = [&](const std::string& classes) {
    const std::vector<std::string> sets{"traffic.shoppers.classes=" + classes};
    auto loaded = load_scenario("scenarios/direct.spillway.yaml", sets, sources, files, diagnostics);
    EXPECT_TRUE(loaded.has_value()) << render_text(diagnostics, sources);
    return std::move(*loaded);
  };
  const auto same = [](const Scenario& base, const Scenario& candidate) {
    const Experiment before{.scenario = &base, .replications = {}, .bill = {}};
    const Experiment after{.scenario = &candidate, .replications = {}, .bill = {}};
    return contrast(before, after).same_traffic;
  };
  const Scenario base = with_classes("{ bulk: { weight: 2, document: { a: 1 } }, retail: { weight: 1 } }");
  const Scenario elsewhere =
      with_classes("{ bulk: { weight: 2, document: { a: 1 }, to: worker }, retail: { weight: 1 } }");
  EXPECT_TRUE(same(base, elsewhere)) << "whom they ask is what candidates differ in";
  EXPECT_FALSE(
      same(base, with_classes("{ bulk: { weight: 3, document: { a: 1 } }, retail: { weight: 1 } }")));
  EXPECT_FALSE(
      same(base, with_classes("{ bulk: { weight: 2, document: { a: 2 } }, retail: { weight: 1 } }")));
  EXPECT_FALSE(same(base, with_classes("{ bulk: { weight: 2, document: { a: 1 } } }")));
  EXPECT_FALSE(
      same(base, with_classes("{ bulk: { weight: 2, document: { a: 1 } }, guests: { weight: 1 } }")));
}

TEST(Contrast, FindsNoDifferenceBetweenAScenarioAndItself) {
  Pair pair;
  const auto both = pair.run({.replications = 3, .jobs = 2});
  const Contrast found = contrast(both[0], both[0]);
  EXPECT_TRUE(found.topology.empty());
  EXPECT_FALSE(found.significant());
  for (const Difference& difference : found.differences) {
    EXPECT_EQ(difference.difference.mean, 0) << difference.what.title;
    EXPECT_EQ(difference.change, Change::none) << difference.what.title;
  }
}

/// The scenario with settings of its own, run in three replications.
struct Changed {
  explicit Changed(std::vector<std::string> sets) {
    sets.insert(sets.end(), {"horizon=10m", "drain=1m"});
    auto loaded = load_scenario("scenarios/direct.spillway.yaml", sets, sources, files, diagnostics);
    EXPECT_TRUE(loaded.has_value()) << render_text(diagnostics, sources);
    scenario = std::make_unique<Scenario>(std::move(*loaded));
    const std::array<const Scenario*, 1> alone{scenario.get()};
    experiment = std::move(run_experiments(alone, {.replications = 3, .jobs = 2})->front());
  }

  Sources sources;
  DiskFiles files;
  Diagnostics diagnostics;
  std::unique_ptr<Scenario> scenario;
  Experiment experiment;
};

const Difference* difference_in(const Contrast& found, std::string_view title) {
  const auto row = std::ranges::find(found.differences, title,
                                     [](const Difference& difference) { return difference.what.title; });
  return row == found.differences.end() ? nullptr : &*row;
}

TEST(Contrast, ShowsWhatGuardsDidAndCountsNoneAsZero) {
  const Changed plain({});
  const Changed hedged({"traffic.shoppers.hedging={ delay: 100ms }"});
  for (const bool added : {true, false}) {
    const Contrast found =
        added ? contrast(plain.experiment, hedged.experiment) : contrast(hedged.experiment, plain.experiment);
    const Difference* const hedges = difference_in(found, "hedges");
    ASSERT_NE(hedges, nullptr);
    EXPECT_EQ(hedges->pairs, 3u);
    EXPECT_EQ((added ? hedges->base : hedges->candidate).interval.mean, 0);
    EXPECT_GT((added ? hedges->candidate : hedges->base).interval.mean, 0);
    EXPECT_EQ(hedges->change, added ? Change::worse : Change::better);
    EXPECT_EQ(difference_in(found, "attempts not sent"), nullptr) << "neither has a circuit breaker";
  }
  EXPECT_EQ(difference_in(contrast(plain.experiment, plain.experiment), "hedges"), nullptr);
}

TEST(Contrast, ShowsWhatCircuitBreakersDid) {
  const auto breaking = [](const char* wait) {
    return std::vector<std::string>{
        std::string("traffic.shoppers.circuit_breaker={ failure_rate: 5%, window: 10, wait: ") + wait + " }",
        "resources.worker.reserved_concurrency=1"};
  };
  const Changed base(breaking("1s"));
  const Changed candidate(breaking("30s"));
  const Contrast found = contrast(base.experiment, candidate.experiment);
  for (const char* const title : {"attempts not sent", "circuit breakers open", "circuit breakers opened"}) {
    const Difference* const row = difference_in(found, title);
    ASSERT_NE(row, nullptr) << title;
    EXPECT_EQ(row->pairs, 3u) << title;
    EXPECT_GT(row->base.interval.mean, 0) << title;
  }
  EXPECT_GT(difference_in(found, "circuit breakers open")->difference.mean, 0);
}

TEST(Contrast, TellsBetterFromWorseByTheMetricsGoodDirection) {
  Pair pair;
  const auto both = pair.run({.replications = 4, .jobs = 2});
  const Contrast found = contrast(both[0], both[1]);
  const auto change_of = [&](std::string_view title) {
    for (const Difference& difference : found.differences) {
      if (difference.what.title == title) return difference.change;
    }
    return Change::unknown;
  };
  EXPECT_EQ(change_of("response p50"), Change::better) << "the queue answers at once";
  EXPECT_EQ(change_of("cost a month"), Change::worse) << "the queue is paid for";
}

}  // namespace
}  // namespace spillway
