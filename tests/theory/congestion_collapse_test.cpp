// A metastable failure, and what cures it: the share of attempts that fail over 1,000 s. The figures are
// those that the same system gave elsewhere; nothing of it can be had in closed form.

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "experiment/experiment.hpp"

namespace spillway {
namespace {

/// Mean over ten replications of the attempts that failed, of all that were made; those open at the end have
/// not failed.
double failing_share(const std::string& variant, const std::vector<std::string>& set = {}) {
  Sources sources;
  DiskFiles files;
  Diagnostics diagnostics;
  std::vector<std::string> settings{"drain=0s", "thresholds=null"};
  settings.insert(settings.end(), set.begin(), set.end());
  const auto scenario =
      load_scenario(SPILLWAY_SOURCE_DIR "/scenarios/congestion-collapse/" + variant + ".spillway.yaml",
                    settings, sources, files, diagnostics);
  if (!scenario) {
    ADD_FAILURE() << render_text(diagnostics, sources);
    return -1;
  }
  const std::array<const Scenario*, 1> scenarios{&*scenario};
  const auto experiments =
      run_experiments(scenarios, {.seed = 20261122, .replications = 10, .jobs = 2, .fact_hash = false});
  std::vector<double> shares;
  for (const RunResult& run : experiments->front().replications) {
    const CallCounts& counts = run.resource("backend")->calls.counts;
    std::uint64_t failed = 0;
    for (std::size_t outcome = 0; outcome < kOutcomes; ++outcome) {
      if (Outcome{static_cast<std::uint8_t>(outcome)} != Outcome::ok)
        failed += counts.attempt_outcomes[outcome];
    }
    shares.push_back(static_cast<double>(failed) / static_cast<double>(counts.attempts));
  }
  const Interval interval = mean_interval(shares, 0.999);
  fmt::print("  {} {}: {:.3f} % +- {:.3f}\n", variant, fmt::join(set, " "), interval.mean * 100,
             interval.half_width * 100);
  return interval.mean;
}

TEST(TheoryCongestionCollapse, OutlastsItsCauseWhenServedInOrder) {
  EXPECT_NEAR(failing_share("fifo"), 0.999, 0.0005);
}
TEST(TheoryCongestionCollapse, EndsWhenTheNewestIsServedFirst) {
  EXPECT_NEAR(failing_share("lifo"), 0.0140, 0.0015);
}
TEST(TheoryCongestionCollapse, NeedsATrigger) {
  EXPECT_LT(
      failing_share("fifo", {"resources.backend.slow_start=null", "traffic.callers.arrivals.poisson=100/s"}),
      1e-6);
}
TEST(TheoryCongestionCollapse, EndsWithAShorterQueue) {
  EXPECT_NEAR(failing_share("short-queue", {"traffic.callers.arrivals.poisson=100/s"}), 0.0326, 0.002);
}
/// No outside figures for these: the slow requests take 50 s of the 1,000, and no cure may need much longer.
TEST(TheoryCongestionCollapse, EndsWithARetryBudget) { EXPECT_LT(failing_share("retry-budget"), 0.10); }
TEST(TheoryCongestionCollapse, EndsWhenTheLateAreShed) { EXPECT_LT(failing_share("load-shedding"), 0.10); }
/// Those whose turn comes just before their caller gives up are served, and in vain.
TEST(TheoryCongestionCollapse, StaysWhenOnlyTheAbandonedAreDropped) {
  EXPECT_GT(failing_share("load-shedding",
                          {"resources.backend.drop_late=0s", "resources.backend.drop_abandoned=true"}),
            0.9);
}

}  // namespace
}  // namespace spillway
