// Recorded cold starts: runs of real functions. Replayed with a fixed keep-alive they have exactly the cold
// starts that another program counts by that rule; with the measured rule, nearly those that were recorded.
// The recordings are read from ../shared/data; where that is absent the tests are skipped by name.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "experiment/experiment.hpp"

namespace spillway {
namespace {

namespace fs = std::filesystem;

std::optional<fs::path> recorded(const std::string& name) {
  const char* const folder = std::getenv("SPILLWAY_SHARED");
  const fs::path path =
      fs::path(folder != nullptr ? folder : SPILLWAY_SOURCE_DIR "/../shared") / "data" / name;
  return fs::exists(path) ? std::optional(path) : std::nullopt;
}

/// Runs a scenario of one function that works for as long as each request says, and counts its cold starts.
std::int64_t cold_starts(const std::string& arrivals, const std::string& horizon,
                         const std::string& keep_alive) {
  const fs::path path = fs::temp_directory_path() / "spillway-recorded.spillway.yaml";
  std::ofstream(path)
      << "spillway: 1\nhorizon: " << horizon << "\ndrain: 1h\nresources:\n  function:\n"
      << "    { type: aws.lambda.function, timeout: 900s, cold_start: none, account_concurrency: 100000,\n"
      << "      scaling_environments: 100000,\n"
      << "      keep_alive: " << keep_alive << ", program: [ { compute: request } ] }\n"
      << "traffic:\n  recorded: { to: function, timeout: none, arrivals: " << arrivals << " }\n";
  Sources sources;
  DiskFiles files;
  Diagnostics diagnostics;
  const auto scenario = load_scenario(path.string(), {}, sources, files, diagnostics);
  if (!scenario) {
    ADD_FAILURE() << render_text(diagnostics, sources);
    return -1;
  }
  const std::array<const Scenario*, 1> scenarios{&*scenario};
  const auto experiments = run_experiments(scenarios, {.series = false, .fact_hash = false});
  if (!experiments) {
    ADD_FAILURE() << experiments.error();
    return -1;
  }
  return experiments->front().replications.front().resource("function")->mark(Mark::cold_start);
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
