// Recorded cold starts: runs of real functions. Replayed with a fixed keep-alive they have exactly the cold
// starts that another program counts by that rule; with the measured rule, nearly those that were recorded.
// The recordings are read from ../shared/data; where that is absent the tests are skipped by name.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "experiment/experiment.hpp"
#include "model/cold_starts.hpp"
#include "support/one_function.hpp"

namespace spillway {
namespace {

namespace fs = std::filesystem;

std::optional<fs::path> recorded(const std::string& name) {
  const char* const folder = std::getenv("SPILLWAY_SHARED");
  const fs::path path =
      fs::path(folder != nullptr ? folder : SPILLWAY_SOURCE_DIR "/../shared") / "data" / name;
  return fs::exists(path) ? std::optional(path) : std::nullopt;
}

/// Runs a scenario of one function that works for as long as each request says.
std::optional<RunResult> replay(const std::string& arrivals, const std::string& horizon,
                                const std::string& settings) {
  const fs::path path = fs::temp_directory_path() / "spillway-recorded.spillway.yaml";
  std::ofstream(path)
      << "spillway: 1\nhorizon: " << horizon << "\ndrain: 1h\nresources:\n  function:\n"
      << "    { type: aws.lambda.function, timeout: 900s, cold_start: none, account_concurrency: 100000,\n"
      << "      scaling_environments: 100000,\n"
      << "      rate_per_concurrency: 0, " << settings << "program: [ { compute: request } ] }\n"
      << "traffic:\n  recorded: { to: function, timeout: none, arrivals: " << arrivals << " }\n";
  Sources sources;
  DiskFiles files;
  Diagnostics diagnostics;
  const auto scenario = load_scenario(path.string(), {}, sources, files, diagnostics);
  if (!scenario) {
    ADD_FAILURE() << render_text(diagnostics, sources);
    return std::nullopt;
  }
  const std::array<const Scenario*, 1> scenarios{&*scenario};
  auto experiments = run_experiments(scenarios, {.series = false, .fact_hash = false});
  if (!experiments) {
    ADD_FAILURE() << experiments.error();
    return std::nullopt;
  }
  return std::move(experiments->front().replications.front());
}

/// The keep-alive rule is the default one where none is given.
std::int64_t cold_starts(const std::string& arrivals, const std::string& horizon,
                         const std::string& keep_alive = "") {
  const auto run = replay(arrivals, horizon, keep_alive.empty() ? "" : "keep_alive: " + keep_alive + ", ");
  return run ? run->resource("function")->mark(Mark::cold_start) : -1;
}

std::string requests_of(const fs::path& path) {
  return "{ requests: { file: " + path.string() + ", time: t_s, duration: client_s } }";
}
std::string fixed(const std::string& idle) { return "{ rule: fixed, idle: " + idle + " }"; }

void check_run(const std::string& file, const std::string& idle, std::int64_t expected) {
  const auto path = recorded("lambda-2020-simfaas/" + file);
  if (!path) GTEST_SKIP() << file << ": ../shared/data is not here";
  EXPECT_EQ(cold_starts(requests_of(*path), "200h", fixed(idle)), expected);
}

TEST(RecordedRuns, OfMay17WithTenMinutes) { check_run("run-2020-05-17.csv", "600s", 55); }
TEST(RecordedRuns, OfMay17With640Seconds) { check_run("run-2020-05-17.csv", "640s", 53); }
TEST(RecordedRuns, OfJune4WithTenMinutes) { check_run("run-2020-06-04.csv", "600s", 56); }
TEST(RecordedRuns, OfJune4With640Seconds) { check_run("run-2020-06-04.csv", "640s", 52); }

/// The cold starts that a recording says of itself: its sixth column, 0 or 1.
std::int64_t recorded_cold_starts(const fs::path& path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  std::int64_t sum = 0;
  while (std::getline(in, line)) {
    std::stringstream fields(line);
    std::string field;
    for (int i = 0; i < 6; ++i) std::getline(fields, field, ',');
    sum += std::stoll(field);
  }
  return sum;
}

void check_measured_rule(const std::string& file, std::int64_t recorded_ones, std::int64_t simulated) {
  const auto path = recorded("lambda-2020-simfaas/" + file);
  if (!path) GTEST_SKIP() << file << ": ../shared/data is not here";
  EXPECT_EQ(recorded_cold_starts(*path), recorded_ones);
  EXPECT_EQ(cold_starts(requests_of(*path), "200h", "{ rule: measured }"), simulated);
  EXPECT_NEAR(static_cast<double>(simulated) / static_cast<double>(recorded_ones), 1, 0.06);
}

TEST(RecordedRuns, OfMay17ByTheMeasuredRule) { check_measured_rule("run-2020-05-17.csv", 37, 39); }
TEST(RecordedRuns, OfJune4ByTheMeasuredRule) { check_measured_rule("run-2020-06-04.csv", 52, 51); }

TEST(RecordedRuns, HaveTheirColdStartsWithinTenPercentByDefault) {
  const auto may = recorded("lambda-2020-simfaas/run-2020-05-17.csv");
  const auto june = recorded("lambda-2020-simfaas/run-2020-06-04.csv");
  if (!may || !june) GTEST_SKIP() << "lambda-2020-simfaas: ../shared/data is not here";
  const std::int64_t simulated =
      cold_starts(requests_of(*may), "200h") + cold_starts(requests_of(*june), "200h");
  EXPECT_NEAR(static_cast<double>(simulated), 37 + 52, 0.1 * (37 + 52));
}

/// A column of a recording, summed.
std::int64_t sum_of_column(const fs::path& path, std::string_view name) {
  std::ifstream in(path);
  std::string line, field;
  std::getline(in, line);
  std::stringstream header(line);
  int column = 0;
  while (std::getline(header, field, ',') && field != name) ++column;
  std::int64_t sum = 0;
  while (std::getline(in, line)) {
    std::stringstream fields(line);
    for (int i = 0; i <= column; ++i) std::getline(fields, field, ',');
    sum += std::stoll(field);
  }
  return sum;
}

/// In 2020 the duration without INIT was billed, rounded up to 100 ms.
void check_billed_sum(const std::string& file) {
  const auto path = recorded("lambda-2020-simfaas/" + file);
  if (!path) GTEST_SKIP() << file << ": ../shared/data is not here";
  const auto run =
      replay("{ requests: { file: " + path->string() + ", time: t_s, duration: aws_duration_ms } }", "200h",
             "memory: 128MiB, bill_init: false, billing_step: 100ms, ");
  ASSERT_TRUE(run);
  Quantity billed = 0;
  for (const Usage& usage : run->usage) {
    if (usage.meter == "lambda.duration.x86") billed += usage.quantity;
  }
  EXPECT_EQ(static_cast<std::int64_t>(billed / 128), sum_of_column(*path, "billed_ms"));
}

TEST(RecordedRuns, OfMay17BillWhatWasBilled) { check_billed_sum("run-2020-05-17.csv"); }
TEST(RecordedRuns, OfJune4BillWhatWasBilled) { check_billed_sum("run-2020-06-04.csv"); }

/// Ten thousand environments of a function, each for one request: what each waited for its INIT.
std::vector<Duration> init_times(const MeasuredInit& row) {
  testing::OneFunction one({.init = init_distribution(row),
                            .keep_alive = KeepAlive::fixed(1ns),
                            .rate_per_concurrency = 0,
                            .init_limit = 900s},
                           1ms);
  for (int i = 0; i < 10'000; ++i) one.send(1, testing::at(i * 60s));
  one.run(10'001 * 60s);
  std::vector<Duration> waited;
  for (const auto& answer : one.probe->answers) waited.push_back(answer.waits.cold);
  std::ranges::sort(waited);
  return waited;
}

TEST(RecordedInit, OfEveryRuntimeIsWhatTenThousandColdStartsOfAFunctionWaitFor) {
  for (const MeasuredInit& row : measured_inits()) {
    if (row.memory_mb != 512) continue;  // every row is drawn in cold_starts_test; here through the function
    const std::string name = row.runtime + " " + row.package + " " + row.architecture;
    const std::vector<Duration> waited = init_times(row);
    ASSERT_EQ(waited.size(), 10'000U) << name;
    const auto ms = [](Duration duration) { return static_cast<double>(duration.count()) / 1e6; };
    EXPECT_NEAR(ms(waited[5000]), row.p50, 0.05 * row.p50) << name;
    EXPECT_NEAR(ms(waited[9900]), row.p99, 0.10 * row.p99) << name;
  }
}

/// An independent replay of 55 functions of the Azure trace, by the hash of the function.
struct Expected {
  std::int64_t at_600 = 0;
  std::int64_t at_300 = 0;
};
std::map<std::string, Expected> expected_cold_starts(const fs::path& path) {
  std::map<std::string, Expected> all;
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::stringstream fields(line);
    std::string hash, invocations, service, at_600, at_300;
    for (std::string* const field : {&hash, &invocations, &service, &at_600, &at_300})
      std::getline(fields, *field, ',');
    all[hash] = {std::stoll(at_600), std::stoll(at_300)};
  }
  return all;
}

void check_azure(const std::string& idle, std::int64_t Expected::* which) {
  const auto expected = recorded("azure-2019/expected-cold-starts-dev.csv");
  if (!expected) GTEST_SKIP() << "azure-2019: ../shared/data is not here";
  const std::string folder = expected->parent_path().string();
  for (const auto& [hash, cold] : expected_cold_starts(*expected)) {
    const std::string arrivals =
        "{ azure: { invocations: " + folder + "/invocations-dev.csv, durations: " + folder +
        "/durations-dev.csv, work: average, function: \"" + hash + "\" }, within: evenly }";
    EXPECT_EQ(cold_starts(arrivals, "24h", fixed(idle)), cold.*which) << hash;
  }
}

TEST(AzureReplay, ColdStartsOfEveryFunctionWithTenMinutes) { check_azure("600s", &Expected::at_600); }
TEST(AzureReplay, ColdStartsOfEveryFunctionWithFiveMinutes) { check_azure("300s", &Expected::at_300); }

}  // namespace
}  // namespace spillway
