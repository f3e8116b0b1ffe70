#pragma once
// A scenario from a text in memory, its static view, and a run of it.

#include "experiment/experiment.hpp"
#include "scenario/static/loading.hpp"

namespace spillway::testing {

struct ViewedRun : Viewed {
  explicit ViewedRun(const std::string& yaml, const std::vector<std::string>& sets = {},
                     const ExperimentOptions& options = {})
      : Viewed(yaml, sets) {
    const std::array<const Scenario*, 1> scenarios{&*scenario};
    auto experiments = run_experiments(scenarios, options);
    EXPECT_TRUE(experiments.has_value()) << experiments.error();
    experiment = std::move(experiments->front());
  }

  Experiment experiment;
};

}  // namespace spillway::testing
