// Every scenario is a golden test: its summary is compared with the approved one byte for byte, so that a
// changed prediction is a change that somebody has looked at (tools/approve). And of every scenario it is
// proved that a run says the same twice, on two threads, and under the plain reference event set; that no
// journey is lost from the count; and that Little's law holds on every resource.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "experiment/experiment.hpp"
#include "report/results.hpp"

namespace spillway {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> scenario_files() {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator("scenarios")) {
    if (entry.path().string().ends_with(".spillway.yaml")) files.push_back(entry.path().string());
  }
  std::ranges::sort(files);
  return files;
}

std::string name_of_file(const std::string& path) {
  const std::string file = fs::path(path).filename().string();
  return file.substr(0, file.find('.'));
}

class Scenarios : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    scenario_ = load_scenario(GetParam(), {}, sources_, files_, diagnostics_);
    ASSERT_TRUE(scenario_.has_value()) << render_text(diagnostics_, sources_);
  }

  Experiment run(ExperimentOptions options) const {
    options.seed = scenario_->seed;
    const std::array<const Scenario*, 1> scenarios{&*scenario_};
    auto experiments = run_experiments(scenarios, options);
    EXPECT_TRUE(experiments.has_value()) << experiments.error();
    return std::move(experiments->front());
  }

  /// Shorter, where only sameness is asked for.
  void shorten() {
    scenario_->horizon = std::min<Duration>(scenario_->horizon, 20min);
    scenario_->drain = std::min<Duration>(scenario_->drain, 5min);
  }

  Sources sources_;
  DiskFiles files_;
  Diagnostics diagnostics_;
  std::optional<Scenario> scenario_;
};

TEST_P(Scenarios, SaysWhatWasApproved) {
  const Experiment experiment = run({});
  std::ifstream in("tests/golden/scenarios/" + name_of_file(GetParam()) + ".json");
  ASSERT_TRUE(in) << "nothing is approved yet: run tools/approve";
  std::stringstream approved;
  approved << in.rdbuf();
  const std::string now = summary_json(experiment, judge_all(experiment));
  EXPECT_TRUE(now == approved.str())
      << "the summary differs from the approved one: look at it with tools/approve";
}

TEST_P(Scenarios, LosesNoJourneyAndKeepsLittlesLaw) {
  const Experiment experiment = run({});
  const RunResult& result = experiment.replications.front();
  EXPECT_TRUE(result.violations.empty()) << result.violations.front();
  EXPECT_EQ(result.journeys.arrivals, result.journeys.ended() + result.journeys.in_flight);
  EXPECT_GT(result.journeys.arrivals, 0u);
  for (const ResourceResult& resource : result.resources) {
    EXPECT_LT(resource.calls.little.error(), 0.005) << resource.name;
  }
}

TEST_P(Scenarios, SaysTheSameTwiceOnTwoThreadsAndUnderTheReferenceEventSet) {
  shorten();
  const auto hashes = [](const Experiment& experiment) {
    std::vector<std::uint64_t> found;
    for (const RunResult& result : experiment.replications) found.push_back(result.fact_hash);
    return found;
  };
  const Experiment first = run({.replications = 2, .jobs = 1});
  const Experiment again = run({.replications = 2, .jobs = 2});
  const Experiment plain = run({.replications = 2, .jobs = 2, .event_set = Simulation::EventSet::reference});
  EXPECT_EQ(hashes(first), hashes(again));
  EXPECT_EQ(hashes(first), hashes(plain));
  EXPECT_NE(hashes(first)[0], hashes(first)[1]) << "two replications must not meet the same draws";
  const auto judged = judge_all(first);
  EXPECT_EQ(summary_json(first, judged), summary_json(again, judge_all(again)));
  EXPECT_EQ(series_csv(first), series_csv(again));
}

INSTANTIATE_TEST_SUITE_P(Every, Scenarios, ::testing::ValuesIn(scenario_files()), [](const auto& file) {
  std::string name = name_of_file(file.param);
  std::ranges::replace(name, '-', '_');
  return name;
});

}  // namespace
}  // namespace spillway
