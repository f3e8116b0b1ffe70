// What a run and a comparison say on a terminal, line by line, beside figures computed by hand.

#include "report/terminal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/small_experiment.hpp"

namespace spillway::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string summary_of(const SmallExperiment& small, bool colour = false) {
  return run_summary(small.experiment, judge_all(small.experiment), {.colour = colour});
}

TEST(RunSummary, SaysEverythingThatASmallRunHasToSay) {
  SmallExperiment small;
  small.experiment.replications = {replication()};
  small.threshold("success_rate", "value > 0.9");
  small.threshold("response", "avg < 200ms");
  // Mean: (3 x 100 + 300) / 4 = 150 ms, of which 200 / 4 = 50 ms is back-off. Five attempts for four pieces.
  EXPECT_EQ(summary_of(small),
            R"(  spillway  orders.spillway.yaml  seed 1  1 x 10.0s  (1,000 events)
  orders

  THRESHOLDS
    ✗ journeys.success_rate  value > 0.9                   75.0%  orders.spillway.yaml:9:3
    ✓ journeys.response  avg < 200ms                       150ms

  TOTALS
    requests .......... 4   succeeded 75.0%   lost 1   in flight 0
    response .......... avg=150ms  p(50)=100ms  p(90)=300ms  p(99)=300ms  max=300ms
    completion ........ avg=150ms  p(50)=100ms  p(90)=300ms  p(99)=300ms  max=300ms
    of it, mean ....... queued=0s  cold start=0s  back-off=50.0ms  service=100ms
    attempts .......... 1.25 a journey by clients, 1.25 on all edges
    cost .............. $12.35/month  (Lambda 80.0%, DynamoDB 20.0%)  of it by retries $1.20)"
            " (client $1.20)  prices us-east-1 2026-01-31\n"
            R"(
)"
            "  RESOURCES\n"
            "                             attempts      util    peak  throttled     cold   "
            "backlog      p99      x    $/month\n"
            "    api                             5     25.0%       2          1        0       "
            "120    100ms   1.25      12.35\n"
            R"(
  BOTTLENECK  api: its concurrency limit is reached and refuses 20.0% of what reaches it, from the start.
)");
}

TEST(RunSummary, SaysThatItWasStoppedEarly) {
  SmallExperiment small;
  small.experiment.replications = {replication()};
  small.experiment.replications.front().stopped_early = true;
  EXPECT_THAT(summary_of(small), HasSubstr("1 x 10.0s, stopped early  (1,000 events)"));
}

TEST(RunSummary, SaysThatNothingWasRun) {
  const SmallExperiment small;
  EXPECT_EQ(summary_of(small), "  nothing was run\n");
}

TEST(RunSummary, HasIntervalsFromTwoReplicationsOn) {
  SmallExperiment small;
  small.experiment.replications = {replication(1), replication(2)};
  small.experiment.replications[1].journeys.arrivals = 6;
  // Mean 5, standard error 1, and t(0.975, 1) = 12.7.
  EXPECT_THAT(summary_of(small), HasSubstr("requests .......... 5 ±12.7   succeeded 75.0% ±0%"));
  EXPECT_THAT(summary_of(small), HasSubstr("2 x 10.0s  (2,000 events)"));
}

TEST(RunSummary, SaysHowManyReplicationsAnUndecidedThresholdNeeds) {
  SmallExperiment small;
  small.experiment.replications = {replication(1), replication(2)};
  small.experiment.replications[1].journeys.arrivals = 6;
  small.threshold("arrivals", "value > 4.9");
  EXPECT_THAT(summary_of(small), HasSubstr("? journeys.arrivals"));
  EXPECT_THAT(summary_of(small), HasSubstr("5  95% CI [-7.71, 17.7]  inconclusive: "));
}

TEST(RunSummary, SaysWhatWasNotMeasured) {
  SmallExperiment small;
  small.experiment.replications = {replication()};
  small.experiment.replications.front().journeys = {};
  small.threshold("response", "avg < 200ms");
  EXPECT_THAT(summary_of(small),
              HasSubstr("? journeys.response  avg < 200ms                       not measured"));
  EXPECT_THAT(summary_of(small), HasSubstr("response .......... avg=-  p(50)=-"));
}

TEST(RunSummary, LeavesColourToWhoAsksForIt) {
  SmallExperiment small;
  small.experiment.replications = {replication()};
  small.threshold("success_rate", "value > 0.9");
  EXPECT_THAT(summary_of(small), Not(HasSubstr("\x1b")));
  EXPECT_THAT(summary_of(small, true), HasSubstr("\x1b[31m✗\x1b[0m journeys.success_rate"));
  EXPECT_THAT(summary_of(small, true), HasSubstr("\x1b[1mTOTALS\x1b[0m"));
}

TEST(Bottleneck, IsNoneWhereNothingRefusesOrWaits) {
  SmallExperiment small;
  RunResult& run = small.experiment.replications.emplace_back(replication());
  run.resources[0].marks = {};
  run.resources[0].gauges[index(Gauge::backlog)].peak = 99;
  EXPECT_EQ(bottleneck_sentence(small.experiment), "none: nothing refuses work or lets it pile up.");
}

TEST(Bottleneck, IsWhatRefusesTheLargestShareNotTheMost) {
  SmallExperiment small;
  RunResult& run = small.experiment.replications.emplace_back(replication());
  ResourceResult& busy = run.resources.emplace_back();
  busy.name = "table";
  busy.calls.counts.attempts = 1000;
  busy.marks[index(Mark::partition_throttled)] = 100;
  EXPECT_THAT(
      bottleneck_sentence(small.experiment),
      ::testing::StartsWith("api: its concurrency limit is reached and refuses 20.0% of what reaches it"));
  busy.calls.counts.attempts = 200;
  EXPECT_THAT(bottleneck_sentence(small.experiment),
              ::testing::StartsWith("table: a hot partition refuses 50.0% of what reaches it"));
}

TEST(Bottleneck, TakesAllReplicationsTogether) {
  SmallExperiment small;
  small.experiment.replications = {replication(), replication()};
  small.experiment.replications[1].resources[0].marks = {};
  // One of five in the first, none of five in the second.
  EXPECT_THAT(bottleneck_sentence(small.experiment),
              HasSubstr("its concurrency limit is reached and refuses 10.0%"));
}

TEST(Bottleneck, SaysSoWhenNothingWasRun) {
  EXPECT_EQ(bottleneck_sentence(SmallExperiment().experiment), "none: nothing was run.");
}

/// A base, and a candidate in which everything takes half as long and nothing fails.
struct Pair {
  Pair() {
    for (std::uint64_t seed = 1; seed <= 2; ++seed) {
      base.experiment.replications.push_back(replication(seed));
      RunResult& run = candidate.experiment.replications.emplace_back(replication(seed));
      LatencyCollector fast;
      for (int i = 0; i < 4; ++i) fast.add(50'000'000, {});
      run.journeys.completions = {fast.parts()};
      run.journeys.completion = run.journeys.response = fast.parts();
      run.cost = a_month("20");
    }
  }
  std::string say() const {
    const Contrast found = contrast(base.experiment, candidate.experiment);
    return contrast_summary(found, judge_all(base.experiment), judge_all(candidate.experiment), {});
  }

  SmallExperiment base{"direct"};
  SmallExperiment candidate{"buffered"};
};

/// With one space between words: how wide the columns are is no promise.
std::string squeezed(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c != ' ' || (!result.empty() && result.back() != ' ')) result += c;
  }
  return result;
}

TEST(ContrastSummary, ShowsBothTheirDifferenceAndWhoseItIs) {
  const std::string said = squeezed(Pair().say());
  for (const char* const line :
       {"base direct (direct.spillway.yaml)\n candidate buffered (buffered.spillway.yaml)\n",
        "\n response p50 100ms 50.0ms -50.0ms ±0s better\n",
        "\n completion max 300ms 50.0ms -250ms ±0s better\n",
        "\n of it back-off, mean 50.0ms 0s -50.0ms ±0s better\n",
        "\n success rate 75.0% 100% +25.0% ±0% better\n", "\n lost 1 0 -1 ±0 better\n",
        "\n retry amplification 1.25 1.25 0 ±0 no difference\n",
        "\n cost a month $12.35 $20.00 +$7.65 ±$0.00 worse\n"}) {
    EXPECT_THAT(said, HasSubstr(line));
  }
}

TEST(ContrastSummary, EndsWithASentenceToQuote) {
  const std::string said = Pair().say();
  const std::string last = said.substr(said.find("IN SHORT"));
  EXPECT_THAT(last, ::testing::StartsWith("IN SHORT  buffered: better in response p50 100ms -> 50.0ms, "));
  EXPECT_THAT(
      last, HasSubstr("success rate 75.0% -> 100%, lost 1 -> 0; worse in cost a month $12.35 -> $20.00.\n"));
  EXPECT_THAT(last, Not(HasSubstr("of it"))) << "the parts of the latency are no results of their own";
}

TEST(ContrastSummary, SaysThatOneReplicationShowsNothing) {
  Pair pair;
  pair.base.experiment.replications.pop_back();
  pair.candidate.experiment.replications.pop_back();
  EXPECT_THAT(pair.say(), HasSubstr("-250ms  needs more replications\n"));
  EXPECT_THAT(pair.say(), HasSubstr("IN SHORT  buffered: no difference that the replications could show.\n"));
}

TEST(ContrastSummary, ComparesWithACandidateThatWasNeverRun) {
  Pair pair;
  pair.candidate.experiment.replications.clear();
  pair.candidate.threshold("response", "avg < 200ms");
  EXPECT_THAT(pair.say(), HasSubstr("? journeys.response  avg < 200ms                       not measured\n"));
  EXPECT_THAT(pair.say(), HasSubstr("\n    lost                                  1            -"));
}

}  // namespace
}  // namespace spillway::testing
