// Metrics of a run that can be followed by hand, and laws that hold for every run.

#include "observe/metrics.hpp"

#include <gtest/gtest.h>

#include "observe/metrics_registry.hpp"
#include "small_run.hpp"
#include "spillway/distribution.hpp"

namespace spillway {
namespace {

using testing::at;
using testing::SmallRun;

std::uint64_t of(const std::array<std::uint64_t, kOutcomes>& outcomes, Outcome outcome) {
  return outcomes[static_cast<std::size_t>(outcome)];
}
double figure(const RunResult& run, std::string_view subject, std::string_view metric,
              std::string_view aggregate) {
  return metric_value(run, subject, metric, parse_aggregate(aggregate).value()).value();
}
constexpr std::int64_t kMs = 1'000'000;

TEST(Metrics, CountsAttemptsCallsAndRepeatsOfAnEdge) {
  SmallRun small;
  const RunResult run = small.run();
  ASSERT_EQ(run.edges.size(), 1u);
  EXPECT_EQ(run.edges[0].name(), "shoppers>api");
  const CallCounts& counts = run.edges[0].calls.counts;
  EXPECT_EQ(counts.attempts, 8u);
  EXPECT_EQ(counts.repeats, 4u);
  EXPECT_EQ(counts.repeats_by[RetryLayer::client], 4u);
  EXPECT_EQ(counts.repeats_by.sum(), 4u);
  EXPECT_EQ(figure(run, "shoppers>api", "repeats_by_client", "count"), 4.0);
  EXPECT_EQ(figure(run, "shoppers>api", "repeats_by_sdk", "count"), 0.0);
  EXPECT_EQ(counts.resent, 4u);
  EXPECT_EQ(of(counts.attempt_outcomes, Outcome::ok), 3u);
  EXPECT_EQ(of(counts.attempt_outcomes, Outcome::fault), 1u);
  EXPECT_EQ(of(counts.attempt_outcomes, Outcome::throttled), 3u);
  EXPECT_EQ(of(counts.attempt_outcomes, Outcome::timed_out), 1u);
  EXPECT_EQ(of(counts.call_outcomes, Outcome::ok), 3u);
  EXPECT_EQ(of(counts.call_outcomes, Outcome::throttled), 1u);
  EXPECT_EQ(counts.late, 1u);
  EXPECT_DOUBLE_EQ(counts.retry_amplification().value(), 2.0);
}

TEST(Metrics, PlacesOfOneCallerThatAskTheSameAreOneEdge) {
  World world;
  auto& caller = world.add<testing::Asker>("caller");
  auto& api = world.add<testing::Actress>("api");
  const PortId first = world.connect(caller.id(), api.id());
  const PortId second = world.connect(caller.id(), api.id());
  RunObservers observers(world, {.horizon = 10s, .clients = {"caller"}});
  world.start();
  api.script = {{10ms}, {30ms}, {20ms}};
  caller.ask_at(at(0s), first);
  caller.ask_at(at(1s), second);
  caller.ask_at(at(2s), second);
  observers.run(at(10s));
  const RunResult run = observers.result();
  ASSERT_EQ(run.edges.size(), 1u);
  EXPECT_EQ(run.edges[0].calls.counts.attempts, 3u);
  EXPECT_EQ(run.edges[0].calls.call_latency.sum(), Int128{60 * kMs});
  EXPECT_EQ(run.resource("api")->calls.counts.attempts, 3u);
}

/// Two clients of one API, for ten seconds.
struct TwoClients {
  TwoClients() {
    second.number = 1;
    world.start();
  }
  RunResult run() {
    observers.run(at(10s));
    return observers.result();
  }

  World world;
  testing::Asker& first = world.add<testing::Asker>("first");
  testing::Asker& second = world.add<testing::Asker>("second");
  testing::Actress& api = world.add<testing::Actress>("api");
  const PortId a = world.connect(first.id(), api.id());
  const PortId b = world.connect(second.id(), api.id());
  RunObservers observers{world, {.horizon = 10s, .clients = {"first", "second"}}};
};

TEST(Metrics, AResourceIsTheSumOfItsEdges) {
  TwoClients two;
  two.api.script = {{10ms}, {30ms}, {20ms, Outcome::error}};
  two.first.ask_at(at(0s), two.a);
  two.second.ask_at(at(1s), two.b);
  two.second.ask_at(at(2s), two.b);
  const RunResult run = two.run();
  EXPECT_EQ(run.edges[0].calls.counts.attempts, 1u);
  EXPECT_EQ(run.edges[1].calls.counts.attempts, 2u);
  EXPECT_EQ(run.resource("api")->calls.counts.attempts, 3u);
  EXPECT_EQ(run.resource("api")->calls.attempt_latency.sum(), 60 * kMs);
  EXPECT_EQ(run.by_client[1].arrivals, 2u);
  EXPECT_EQ(run.by_client[1].ended(Ending::failed), 1u);
  EXPECT_EQ(run.journeys.attempts, 3u);
  EXPECT_EQ(run.by_client[1].attempts, 2u);
}

TEST(Metrics, LatenciesOfAttemptsAndOfSettledCallsAreToldApart) {
  SmallRun small;
  const RunResult run = small.run();
  const CallResult& calls = run.resource("api")->calls;
  EXPECT_EQ(calls.attempt_latency.count(), 8u);
  EXPECT_EQ(calls.attempt_latency.sum(), (10 + 10 + 10 + 0 + 0 + 0 + 50 + 10) * kMs);
  EXPECT_EQ(calls.attempt_latency.max(), 50 * kMs);
  EXPECT_EQ(calls.call_latency.count(), 4u);
  EXPECT_EQ(calls.call_latency.sum(), (10 + 120 + 300 + 160) * kMs);
  EXPECT_EQ(calls.call_latency.min(), 10 * kMs);
}

TEST(Metrics, TheTimeOfCallsIsSplitIntoItsPartsExactly) {
  SmallRun small;
  const RunResult run = small.run();
  const CallCounts& counts = run.edges[0].calls.counts;
  EXPECT_EQ(counts.backoff, Int128{(100 + 300 + 100) * kMs});
  EXPECT_EQ(counts.queued, Int128{(4 + 8 + 4) * kMs});
  EXPECT_EQ(counts.cold, 0);
  EXPECT_EQ(counts.queued + counts.backoff + counts.service, Int128{590 * kMs});
}

TEST(Metrics, JourneysAreCountedByAnswerAndByEnd) {
  SmallRun small;
  const RunResult run = small.run();
  EXPECT_EQ(run.journeys.arrivals, 4u);
  EXPECT_EQ(run.journeys.ended(Ending::succeeded), 3u);
  EXPECT_EQ(run.journeys.ended(Ending::failed), 1u);
  EXPECT_EQ(run.journeys.in_flight, 0u);
  const auto& throttled = run.journeys.responses[static_cast<std::size_t>(Outcome::throttled)];
  EXPECT_EQ(throttled.total.sum(), Int128{300 * kMs});
  EXPECT_EQ(throttled.backoff.sum(), Int128{300 * kMs});
  EXPECT_EQ(throttled.service.sum(), 0);
  EXPECT_EQ(run.journeys.response.total.sum(), Int128{590 * kMs});
  EXPECT_EQ(run.journeys.response.service.sum(), Int128{74 * kMs});
  EXPECT_EQ(run.journeys.response.queued.count(), 4u) << "who did not wait counts as a wait of zero";
  EXPECT_EQ(run.journeys.completion.total, run.journeys.response.total) << "nothing goes on after the answer";
  EXPECT_EQ(run.by_class[0].arrivals, 2u);
  EXPECT_EQ(run.by_class[1].response.total.sum(), Int128{(120 + 160) * kMs});
  EXPECT_EQ(figure(run, "journeys{class:gold}", "success_rate", "value"), 1.0);
  EXPECT_EQ(figure(run, "shoppers", "attempts_per_journey", "value"), 2.0);
}

TEST(Metrics, ClientsAndClassesMayBeMetInAnyOrder) {
  TwoClients two;
  two.api.script = {{10ms}, {20ms}, {30ms}, {40ms}};
  two.second.ask_at(at(0s), two.b, 1);
  two.first.ask_at(at(1s), two.a, 2);
  two.second.ask_at(at(2s), two.b, 1);
  two.first.ask_at(at(3s), two.a, 0);
  const RunResult run = two.run();
  EXPECT_EQ(run.by_client[0].response.total.sum(), Int128{60 * kMs});
  EXPECT_EQ(run.by_client[1].response.total.sum(), Int128{40 * kMs});
  ASSERT_EQ(run.by_class.size(), 3u);
  EXPECT_EQ(run.by_class[0].response.total.sum(), Int128{40 * kMs});
  EXPECT_EQ(run.by_class[1].response.total.sum(), Int128{40 * kMs});
  EXPECT_EQ(run.by_class[2].response.total.sum(), Int128{20 * kMs});
}

TEST(Metrics, AJourneyThatGoesOnAfterTheAnswerIsCompleteWhenItsLastBranchEnds) {
  World world;
  auto& client = world.add<testing::Asker>("client");
  auto& queue = world.add<testing::Later>("queue", 500ms, 400ms, Ending::dead_lettered);
  const PortId port = world.connect(client.id(), queue.id(), {.latency = 5ms});
  RunObservers observers(world, {.horizon = 1s, .clients = {"client"}});
  world.start();
  client.ask_at(at(0s), port);
  client.ask_at(at(900ms), port);
  observers.run(at(1s));
  const RunResult run = observers.result();
  EXPECT_EQ(run.journeys.response.total.max(), 10 * kMs);
  EXPECT_EQ(run.journeys.response.total.count(), 2u);
  const auto& dead = run.journeys.completions[static_cast<std::size_t>(Ending::dead_lettered)];
  EXPECT_EQ(dead.total.sum(), Int128{505 * kMs});
  EXPECT_EQ(dead.queued.sum(), Int128{400 * kMs});
  EXPECT_EQ(dead.service.sum(), Int128{105 * kMs});
  EXPECT_EQ(run.journeys.in_flight, 1u);
  EXPECT_EQ(figure(run, "journeys", "lost", "count"), 1.0);
}

TEST(Metrics, WhatHappenedInTheWarmUpDoesNotCount) {
  SmallRun small({.warm_up = 1500ms});
  const RunResult run = small.run();
  EXPECT_EQ(run.window(), 8500ms);
  EXPECT_EQ(run.journeys.arrivals, 2u);
  EXPECT_EQ(run.journeys.ended(), 2u);
  const CallCounts& counts = run.edges[0].calls.counts;
  EXPECT_EQ(counts.attempts, 5u);
  EXPECT_EQ(counts.repeats, 3u);
  EXPECT_EQ(counts.repeats_by.sum(), 3u);
  EXPECT_EQ(run.edges[0].calls.call_latency.sum(), Int128{460 * kMs});
  // 80 ms and 10 ms of one call in 8.5 s.
  EXPECT_DOUBLE_EQ(run.resource("api")->gauge(Gauge::concurrency).mean, 0.090 / 8.5);
  EXPECT_TRUE(run.violations.empty());
}

TEST(Metrics, AJourneyBornInTheWarmUpThatEndsAfterItIsNotCounted) {
  SmallRun small({.warm_up = 1050ms});
  const RunResult run = small.run();
  EXPECT_EQ(run.journeys.arrivals, 2u);
  EXPECT_EQ(run.journeys.ended(), 2u);
  EXPECT_EQ(run.journeys.response.total.count(), 2u);
  EXPECT_EQ(run.edges[0].calls.counts.settled(), 3u) << "calls are counted by the time of the fact";
}

TEST(Metrics, GaugesAreWeighedByTime) {
  SmallRun small;
  const RunResult run = small.run();
  const ResourceResult& api = *run.resource("api");
  const GaugeResult& concurrency = api.gauge(Gauge::concurrency);
  // 10 + 20 + 0 + 80 + 10 ms busy in 10 s.
  EXPECT_DOUBLE_EQ(concurrency.mean, 0.012);
  EXPECT_EQ(concurrency.peak, 1);
  EXPECT_EQ(concurrency.at_end, 0);
  EXPECT_NEAR(concurrency.variance, 0.012 * (1 - 0.012), 1e-15);
  EXPECT_DOUBLE_EQ(api.utilisation.value(), 0.006);
  EXPECT_EQ(api.gauge(Gauge::limit).low, 2) << "a limit that is shown at the start never was zero";
  EXPECT_EQ(api.concurrency_dwell.ns[1], 120 * kMs);
  EXPECT_EQ(api.concurrency_dwell.quantile(0.98), 0);
  EXPECT_EQ(api.concurrency_dwell.quantile(0.99), 1);
  EXPECT_FALSE(api.gauge(Gauge::backlog).seen);
  EXPECT_FALSE(metric_value(run, "api", "backlog", parse_aggregate("max").value()).has_value());
}

TEST(Metrics, TheAgeOfTheOldestMessageGrowsUntilItLeaves) {
  SmallRun small;
  small.callee.level_at(at(2s), Gauge::oldest, 1'000'000'000);  // sent at 1 s
  small.callee.level_at(at(4s), Gauge::oldest, 3'000'000'000);  // the next was sent at 3 s
  small.callee.level_at(at(5s), Gauge::oldest, -1);
  const RunResult run = small.run();
  // From 1 to 3 s of age over 2 s, then from 1 to 2 s over 1 s: 4 + 1.5 in 10 s.
  EXPECT_DOUBLE_EQ(figure(run, "api", "age_of_oldest", "avg"), 0.55);
  EXPECT_DOUBLE_EQ(figure(run, "api", "age_of_oldest", "max"), 3.0);
  EXPECT_DOUBLE_EQ(figure(run, "api", "age_of_oldest", "value"), 0.0);
}

TEST(Metrics, DrainTimeRunsFromTheLastPeakUntilEmpty) {
  SmallRun small;
  const std::array<std::pair<Duration, std::int64_t>, 7> steps{
      {{1s, 5}, {2s, 3}, {2500ms, 5}, {3s, 4}, {6s, 0}, {7s, 2}, {8s, 0}}};
  for (const auto& [when, value] : steps) small.callee.level_at(at(when), Gauge::backlog, value);
  const RunResult run = small.run();
  EXPECT_DOUBLE_EQ(figure(run, "api", "drain_time", "value"), 3.0);
  EXPECT_EQ(run.resource("api")->drain.peak_at, 3000 * kMs);
}

TEST(Metrics, ABacklogThatIsNeverEmptyAgainDrainsNever) {
  SmallRun small;
  small.callee.level_at(at(1s), Gauge::backlog, 5);
  small.callee.level_at(at(2s), Gauge::backlog, 1);
  const RunResult run = small.run();
  EXPECT_EQ(figure(run, "api", "drain_time", "value"), kInfinity);
}

TEST(Metrics, LittlesLawHoldsExactlyAcrossTheEndsOfTheWindow) {
  // The first attempt of journey 1 is open when the warm-up ends, 5 ms old; the late answer counts until it
  // comes.
  SmallRun small({.warm_up = 1005ms});
  const RunResult run = small.run();
  const LittlesLaw& law = run.edges[0].calls.little;
  EXPECT_EQ(law.open_at_start, 1);
  EXPECT_EQ(law.open_at_end, 0);
  EXPECT_EQ(law.left, 7u);
  EXPECT_EQ(law.time, Int128{110 * kMs});
  EXPECT_EQ(law.area, Int128{105 * kMs});
  EXPECT_EQ(law.area, law.accounted);
}

TEST(Metrics, LittlesLawHoldsAtAnyMomentOfALongRandomRun) {
  SmallRun small;
  const Stream stream(7, "test");
  Draws draws = stream.at(1);
  Time when = at(10s);
  small.callee.script = {};
  for (int i = 0; i < 20'000; ++i) {
    when += Duration{static_cast<std::int64_t>(draws.below(20'000'000))};
    small.client.ask_at(when, small.port);
  }
  for (int i = 0; i < 60'000; ++i) {
    constexpr std::array kOutcomesOfActs{Outcome::ok, Outcome::ok, Outcome::ok, Outcome::fault,
                                         Outcome::error};
    small.callee.script.push_back({Duration{static_cast<std::int64_t>(draws.below(70'000'000))},
                                   kOutcomesOfActs[draws.below(kOutcomesOfActs.size())]});
  }
  for (Duration end = 11s; end < 200s; end += 7777777us) {
    small.observers.run(at(end));
    RunResult so_far;
    Metrics& metrics = small.observers.metrics();
    metrics.report(so_far, {"shoppers"}, {});
    const LittlesLaw& law = so_far.edges[0].calls.little;
    ASSERT_EQ(law.area, law.accounted) << end.count();
  }
  const RunResult run = small.observers.result();
  const LittlesLaw& law = run.edges[0].calls.little;
  EXPECT_GT(law.left, 15'000u);
  EXPECT_NEAR(law.mean_number(), law.throughput() * law.mean_time(), 0.005 * law.mean_number());
  EXPECT_DOUBLE_EQ(law.mean_number(), run.resource("api")->gauge(Gauge::concurrency).mean)
      << "without latency on the network, what is open at a callee is what it serves";
}

TEST(Metrics, WaitsOfCallsSideBySideNeverMakeServiceNegative) {
  LatencyCollector collector;
  collector.add(100, {.queued = 80ns, .cold = 70ns});
  EXPECT_EQ(collector.parts().service.max(), 0);
}

TEST(MetricNames, EveryNameIsUniqueAndReadableForEveryAggregateOfItsShape) {
  SmallRun small;
  small.callee.level_at(at(1s), Gauge::backlog, 1);
  small.callee.level_at(at(2s), Gauge::backlog, 0);
  const RunResult run = small.run();
  for (const std::string_view subject : {"journeys", "api"}) {
    std::vector<std::string_view> seen;
    for (const MetricInfo& metric : metrics_of(run, subject)) {
      EXPECT_EQ(std::ranges::count(seen, metric.name), 0) << metric.name;
      seen.push_back(metric.name);
      EXPECT_TRUE(metric.help.ends_with('.')) << metric.name;
      for (const std::string_view word : {"count", "rate", "value", "avg", "min", "med", "max", "p(99)"}) {
        const Aggregate aggregate = parse_aggregate(word).value();
        const auto value = metric_value(run, subject, metric.name, aggregate);
        if (value) {
          EXPECT_TRUE(has_aggregate(metric.shape, aggregate)) << metric.name << ' ' << word;
        }
        EXPECT_EQ(to_text(aggregate), word);
      }
    }
  }
}

TEST(MetricNames, FiguresHaveBaseUnits) {
  SmallRun small;
  const RunResult run = small.run();
  EXPECT_DOUBLE_EQ(figure(run, "journeys", "response", "max"), 0.3);
  EXPECT_DOUBLE_EQ(figure(run, "journeys", "response", "avg"), 0.59 / 4);
  EXPECT_DOUBLE_EQ(figure(run, "journeys", "arrivals", "rate"), 0.4);
  EXPECT_DOUBLE_EQ(figure(run, "journeys", "success_rate", "value"), 0.75);
  EXPECT_DOUBLE_EQ(figure(run, "api", "throttled_rate", "value"), 3.0 / 8);
  EXPECT_DOUBLE_EQ(figure(run, "shoppers>api", "retry_amplification", "value"), 2.0);
  EXPECT_DOUBLE_EQ(figure(run, "api", "backoff", "value"), 0.5 / 4);
  EXPECT_DOUBLE_EQ(figure(run, "api", "duplicates", "count"), 1.0) << "journey 3 was served twice";
  EXPECT_FALSE(metric_value(run, "nobody", "latency", parse_aggregate("avg").value()));
  EXPECT_FALSE(metric_value(run, "api", "no_such", parse_aggregate("avg").value()));
  EXPECT_FALSE(metric_value(run, "api", "success_rate", parse_aggregate("p(99)").value()));
}

TEST(MetricNames, AnAggregateIsSpeltAsInK6) {
  EXPECT_EQ(parse_aggregate("p(99.9)").value().percent, 99.9);
  for (const std::string_view bad : {"p99", "p()", "p(101)", "p(-1)", "p(9x)", "mean", "", "p(nan)"}) {
    EXPECT_FALSE(parse_aggregate(bad)) << bad;
  }
}

}  // namespace
}  // namespace spillway
