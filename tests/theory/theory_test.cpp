// Exact results of queueing theory, met by ordinary scenarios. Each case is a scenario file beside this one;
// the exact values are read from ../shared/corpus/analytic-share.json, and where that is absent the tests are
// skipped by name.
//
// A figure passes when the exact value lies within the 99.9 % interval of 20 replications and within 2 % of
// their mean (5 % for probabilities below 1e-3, for utilisations from 0.95 on and for 99 % quantiles). Each
// is printed beside its exact value: docs/validation.md is made of those lines.

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "experiment/experiment.hpp"

namespace spillway {
namespace {

using Json = nlohmann::json;
using Figure = std::function<double(const RunResult&)>;

constexpr std::size_t kReplications = 20;

struct Expectation {
  std::string key;  ///< in the case's `expected`
  Figure figure;
  double tolerance = 0.02;
};

Figure metric(std::string subject, std::string name, std::string aggregate) {
  return [=](const RunResult& run) {
    return metric_value(run, subject, name, *parse_aggregate(aggregate)).value_or(std::nan(""));
  };
}
Figure response(std::string aggregate) { return metric("journeys", "response", std::move(aggregate)); }
Figure wait(std::string aggregate) { return metric("journeys", "response_queued", std::move(aggregate)); }
Figure loss() { return metric("journeys", "loss_rate", "value"); }
Figure busy(std::string resource) { return metric(std::move(resource), "concurrency", "avg"); }

Figure in_system(std::string resource) {
  return [=](const RunResult& run) { return run.resource(resource)->calls.little.mean_number(); };
}

double throughput(const RunResult& run) {
  return *metric_value(run, "journeys", "succeeded", *parse_aggregate("rate"));
}

double mark_rate(const RunResult& run, Mark mark) {
  const ResourceResult& resource = *run.resource("function");
  return static_cast<double>(resource.mark(mark)) /
         static_cast<double>(resource.calls.counts.attempt_outcomes[static_cast<std::size_t>(Outcome::ok)]);
}

std::optional<Json> shared_case(const std::string& id) {
  const char* const folder = std::getenv("SPILLWAY_SHARED");
  std::ifstream in(std::filesystem::path(folder != nullptr ? folder : SPILLWAY_SOURCE_DIR "/../shared") /
                   "corpus" / "analytic-share.json");
  if (!in) return std::nullopt;
  const Json all = Json::parse(in);
  for (const Json& one : all["cases"]) {
    if (one["id"] == id) return one;
  }
  return std::nullopt;
}

/// Numbers among the expectations may be the key of a list's element, "nonpreemptive_Wq[1]".
double expected_value(const Json& expected, const std::string& key) {
  const auto bracket = key.find('[');
  if (bracket == std::string::npos) return expected.at(key).get<double>();
  return expected.at(key.substr(0, bracket))
      .at(static_cast<std::size_t>(std::stoi(key.substr(bracket + 1))))
      .get<double>();
}

std::vector<RunResult> run_case(const std::string& path, std::size_t replications) {
  Sources sources;
  DiskFiles files;
  Diagnostics diagnostics;
  const auto scenario = load_scenario(path, {}, sources, files, diagnostics);
  if (!scenario) {
    ADD_FAILURE() << render_text(diagnostics, sources);
    return {};
  }
  const std::array<const Scenario*, 1> scenarios{&*scenario};
  auto experiments = run_experiments(
      scenarios, {.seed = 20261121, .replications = replications, .jobs = 2, .fact_hash = false});
  if (!experiments) {
    ADD_FAILURE() << experiments.error();
    return {};
  }
  return std::move(experiments->front().replications);
}

void check_case(const std::string& id, const std::vector<Expectation>& expectations) {
  const auto exact = shared_case(id);
  if (!exact) GTEST_SKIP() << id << ": ../shared/corpus/analytic-share.json is not here";
  const auto runs = run_case(SPILLWAY_SOURCE_DIR "/tests/theory/" + id + ".spillway.yaml", kReplications);
  ASSERT_EQ(runs.size(), kReplications);
  for (const Expectation& expectation : expectations) {
    const double reference = expected_value((*exact)["expected"], expectation.key);
    std::vector<double> values;
    for (const RunResult& run : runs) values.push_back(expectation.figure(run));
    const Interval interval = mean_interval(values, 0.999);
    fmt::print("  {:<28} {:<24} exact {:<12.6g} simulated {:.6g} +- {:.2g}\n", id, expectation.key, reference,
               interval.mean, interval.half_width);
    EXPECT_LE(std::abs(interval.mean - reference), expectation.tolerance * std::abs(reference))
        << expectation.key << ": simulated " << interval.mean << ", exact " << reference;
    // The sketch's own bound widens the interval of a quantile.
    const double reach = interval.half_width + Sketch::relative_error() * std::abs(reference);
    EXPECT_LE(std::abs(interval.mean - reference), reach)
        << expectation.key << ": simulated " << interval.mean << " +- " << interval.half_width << ", exact "
        << reference;
  }
}

TEST(Theory, MM1AtUtilisation95) {
  check_case("mm1-0.95", {{"Wq", wait("avg"), 0.05},
                          {"W", response("avg"), 0.05},
                          {"L", in_system("server"), 0.05},
                          {"utilisation", busy("server"), 0.02},
                          {"response_q50", response("p(50)"), 0.05},
                          {"response_q90", response("p(90)"), 0.05},
                          {"response_q95", response("p(95)"), 0.05},
                          {"response_q99", response("p(99)"), 0.05},
                          {"wait_q50", wait("p(50)"), 0.05}});
}
TEST(Theory, MMcWith200Servers) {
  check_case("mmc-190-200", {{"Wq", wait("avg"), 0.05},
                             {"W", response("avg")},
                             {"response_q50", response("p(50)")},
                             {"response_q90", response("p(90)")},
                             {"response_q95", response("p(95)")},
                             {"response_q99", response("p(99)"), 0.05}});
}
TEST(Theory, MMcKLosesWhatFindsItFull) {
  check_case("mmck-100-100-110", {{"p_block", loss()},
                                  {"throughput", throughput},
                                  {"busy", busy("server")},
                                  {"W_accepted", metric("journeys", "response_ok", "avg")}});
}
TEST(Theory, ProcessorSharingIsInsensitive) {
  check_case("mg1ps-0.8", {{"W", response("avg")}, {"L", in_system("server")}});
}
TEST(Theory, MG1WithTwoPointService) {
  check_case("mg1-two-point-0.5", {{"Wq", wait("avg")}, {"W", response("avg")}});
}
TEST(Theory, MG1WithLognormalService) {
  check_case("mg1-lognormal-0.8", {{"Wq", wait("avg")}, {"W", response("avg")}});
}
TEST(Theory, MG1WithConstantService) {
  check_case("mg1-deterministic-0.8", {{"Wq", wait("avg")}, {"W", response("avg")}});
}
TEST(Theory, MD1WaitingTimeQuantiles) {
  check_case("md1-quantiles-0.8", {{"wait_q50", wait("p(50)")},
                                   {"wait_q90", wait("p(90)")},
                                   {"wait_q95", wait("p(95)")},
                                   {"wait_q99", wait("p(99)"), 0.05}});
}
TEST(Theory, MDcMeanWait) { check_case("mdc-45-50", {{"Wq", wait("avg")}, {"W", response("avg")}}); }
TEST(Theory, MGInfinityHasPoissonConcurrency) {
  const auto gauge = [](const RunResult& run) { return run.resource("function")->gauge(Gauge::concurrency); };
  check_case("mginf-10-0.2",
             {{"mean_concurrency", busy("function")},
              {"variance_concurrency", [=](const RunResult& run) { return gauge(run).variance; }},
              {"q50", metric("function", "concurrency", "p(50)")},
              {"q90", metric("function", "concurrency", "p(90)")},
              {"q99", metric("function", "concurrency", "p(99)"), 0.05},
              {"q999", metric("function", "concurrency", "p(99.9)"), 0.05}});
}
TEST(Theory, MtGInfinityFollowsASinusoidalRateLateAndDamped) {
  // The buckets of 36 s that hold the peak's moment, over the periods after the first two.
  const auto at_phase = [](double phase_s, const RunResult& run) {
    double sum = 0;
    int periods = 0;
    for (double period = 2; period < 6; ++period, ++periods) {
      const auto bucket = static_cast<std::size_t>((period * 3600 + phase_s) / 36);
      sum += run.series.resources.front()[bucket].concurrency_mean;
    }
    return sum / periods;
  };
  check_case("mtginf-1h-600.0", {{"exp_peak", [=](const RunResult& run) { return at_phase(1363.2, run); }}});
}
TEST(Theory, ErlangBIsInsensitive) {
  check_case("erlangb-950-1000", {{"p_throttle", loss(), 0.05}, {"carried", busy("function")}});
}
TEST(Theory, MachineRepairModel) {
  check_case("repairman-200-20",
             {{"throughput", throughput}, {"response", response("avg")}, {"busy", busy("server")}});
}
TEST(Theory, RetriesAmplifyByTheGeometricSum) {
  check_case("retry-0.3-3", {{"attempts_per_request", metric("journeys", "attempts_per_journey", "value")},
                             {"p_success", metric("journeys", "success_rate", "value")},
                             {"p_dead_letter", loss()}});
}
TEST(Theory, BackoffDoublesUpToItsCap) {
  const auto exact = shared_case("backoff-2-2-10-6");
  if (!exact) GTEST_SKIP() << "backoff-2-2-10-6: ../shared/corpus/analytic-share.json is not here";
  const auto runs = run_case(SPILLWAY_SOURCE_DIR "/tests/theory/backoff-2-2-10-6.spillway.yaml", 1);
  ASSERT_EQ(runs.size(), 1u);
  const Sketch& backoff = runs[0].journeys.response.backoff;
  EXPECT_EQ(static_cast<double>(backoff.min()) * 1e-9, (*exact)["expected"]["total"].get<double>());
  EXPECT_EQ(backoff.min(), backoff.max());
}
TEST(Theory, NonPreemptivePriorities) {
  const auto of_class = [](std::size_t number) {
    return [number](const RunResult& run) { return run.by_class[number].response.queued.mean() * 1e-9; };
  };
  check_case("priority-det", {{"nonpreemptive_Wq[0]", of_class(0)}, {"nonpreemptive_Wq[1]", of_class(1)}});
}
TEST(Theory, RetrialQueueWithOneServer) {
  check_case("retrial1-0.8-2",
             {{"p_busy", busy("function")},
              {"mean_retry_delay", metric("journeys", "response_backoff", "avg"), 0.05},
              {"attempts_per_request", metric("journeys", "attempts_per_journey", "value"), 0.05}});
}
TEST(Theory, RetrialQueueWithFiveServers) {
  check_case("retrialc-4-1-5",
             {{"mean_busy", busy("function")},
              {"attempts_per_request", metric("journeys", "attempts_per_journey", "value")}});
}
TEST(Theory, ScalePerRequestWithRandomKeepAlive) {
  check_case("spr-exp-0.9-0.50226-0.00166667",
             {{"p_cold", [](const RunResult& run) { return mark_rate(run, Mark::cold_start); }},
              {"mean_busy", busy("function")},
              {"mean_environments", metric("function", "environments", "avg")}});
}
TEST(Theory, OneEnvironmentWithFixedKeepAlive) {
  check_case("keepalive1-0.05-60",
             {{"p_cold_given_served", [](const RunResult& run) { return mark_rate(run, Mark::cold_start); }},
              {"p_throttle", loss()},
              {"mean_environments", metric("function", "environments", "avg")}});
}
TEST(Theory, BatchingWindow) {
  const auto mean_batch = [](const RunResult& run) {
    const CallCounts& counts = run.resource("function")->calls.counts;
    return static_cast<double>(counts.items) / static_cast<double>(counts.attempts);
  };
  const auto in_half_the_time = [](const RunResult& run) {
    return 2 * *metric_value(run, "function", "attempts", *parse_aggregate("rate"));
  };
  check_case("batchwindow-20-0.5-100", {{"mean_batch", mean_batch}, {"batches_per_s", in_half_the_time}});
}
TEST(Theory, OneMessageGroupServesInBulk) {
  const auto mean_batch = [](const RunResult& run) {
    const CallCounts& counts = run.resource("worker")->calls.counts;
    return static_cast<double>(counts.items) / static_cast<double>(counts.attempts);
  };
  const auto idle = [](const RunResult& run) {
    return 1 - *metric_value(run, "worker", "concurrency", *parse_aggregate("avg"));
  };
  check_case("bulk-8-10", {{"Wq", metric("journeys", "queued", "avg")},
                           {"mean_waiting", metric("tasks", "backlog", "avg")},
                           {"mean_batch", mean_batch},
                           {"p_idle", idle, 0.05}});
}
TEST(Theory, TokenBucketUnderPoissonLoad) {
  check_case("tokenbucket-12-10-5", {{"p_throttle", loss()}, {"accepted_per_s", throughput}});
}
TEST(Theory, ForkJoinOfTwoQueues) { check_case("forkjoin2-0.8", {{"response", response("avg")}}); }
TEST(Theory, MakespanOfParallelTasks) { check_case("map-10-10", {{"mean_makespan", response("avg")}}); }
TEST(Theory, BurstyArrivalsAtAConcurrencyLimit) {
  check_case("mmpp-loss-18-10", {{"p_throttle", loss()}, {"mean_busy", busy("function")}});
}
TEST(Theory, OutagesDelayWorkThatResumes) { check_case("outage-0.8-0.001", {{"W", response("avg"), 0.05}}); }
TEST(Theory, BatchArrivals) { check_case("batcharrival-10", {{"W", response("avg")}, {"Wq", wait("avg")}}); }
TEST(Theory, BilledMillisecondsAreRoundedUp) {
  const auto billed_ms = [](const RunResult& run) {
    double time = 0;
    double requests = 0;
    for (const Usage& usage : run.usage) {
      (usage.meter == "lambda.requests" ? requests : time) += static_cast<double>(usage.quantity);
    }
    return time / 128 / requests;
  };
  check_case("billceil-exp-0.3", {{"mean_billed_ms", billed_ms}});
}

TEST(Theory, LindleyRecursionIsReplayedToTheTick) {
  const auto exact = shared_case("lindley-fixed-c1");
  if (!exact) GTEST_SKIP() << "lindley-fixed-c1: ../shared/corpus/analytic-share.json is not here";
  const auto folder = std::filesystem::temp_directory_path() / "spillway-lindley";
  std::filesystem::create_directories(folder);
  std::ofstream trace(folder / "trace.csv");
  trace << "t_us\n";
  std::int64_t t = 0;
  for (const Json& gap : (*exact)["params"]["interarrivals"])
    trace << (t += std::llround(gap.get<double>() * 1e6)) << "\n";
  trace.close();
  std::ofstream scenario(folder / "lindley.spillway.yaml");
  scenario << "spillway: 1\nhorizon: 1m\nresources:\n"
              "  server: { type: http.endpoint, servers: 1, service: 500ms }\ntraffic:\n"
              "  arrivals: { to: server, arrivals: { requests: { file: trace.csv, time: t_us } }, timeout: "
              "none }\n";
  scenario.close();
  const auto runs = run_case((folder / "lindley.spillway.yaml").string(), 1);
  ASSERT_EQ(runs.size(), 1u);
  const Sketch& waits = runs[0].journeys.response.queued;
  EXPECT_EQ(waits.count(), (*exact)["params"]["interarrivals"].size());
  EXPECT_DOUBLE_EQ(waits.mean(), (*exact)["expected"]["mean_wait"].get<double>() * 1e9);
  EXPECT_EQ(waits.max(), std::llround((*exact)["expected"]["max_wait"].get<double>() * 1e9));
}

}  // namespace
}  // namespace spillway
