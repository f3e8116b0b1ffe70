// Step Functions as others measured it: a sequence of four functions in an Express workflow, 5,000 executions
// ten seconds apart (github.com/pacslab/SLAppMdlOpt, 2022). The measurements lie beside the project; without
// them the tests are skipped.

#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "experiment/experiment.hpp"
#include "formats/shared_data.hpp"

namespace spillway {
namespace {

const std::string kData = "data/sfn-express-2022/";
// The memory of each function follows from the measured costs: they are linear in the billed milliseconds.
constexpr std::array<int, 4> kMegabytes{1280, 896, 1536, 1088};

/// A column of a shared file, without what is missing; negative delays are clock errors and count as none.
std::vector<double> column(const std::string& file, const std::string& name) {
  std::string text;
  if (!read_shared(kData + file, text)) return {};
  std::istringstream lines(text);
  std::string line;
  std::getline(lines, line);
  std::istringstream header(line);
  std::size_t wanted = 0;
  for (std::string one; std::getline(header, one, ',') && one != name;) ++wanted;
  std::vector<double> values;
  while (std::getline(lines, line)) {
    std::istringstream fields(line);
    std::string field;
    for (std::size_t i = 0; i <= wanted; ++i) std::getline(fields, field, ',');
    if (!field.empty()) values.push_back(std::max(0.0, std::stod(field)));
  }
  return values;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}
double quantile(std::vector<double> values, double q) {
  std::ranges::sort(values);
  return values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1))];
}

/// The scenario of the measurement, with its files in a folder of its own.
class Sequence {
 public:
  explicit Sequence(const std::string& durations) {
    folder_ =
        std::filesystem::temp_directory_path() / fmt::format("spillway-sequence-{}-{}", durations, getpid());
    std::filesystem::create_directories(folder_);
    write("task.txt", column("delay-function-execution-ms.csv", "function_execution_delay_ms"));
    write("transition.txt", column("delay-scheduling-ms.csv", "scheduling_overhead_ms"));
    std::filesystem::copy_file(shared_path(kData + "sequence.asl.json"), folder_ / "sequence.asl.json",
                               std::filesystem::copy_options::overwrite_existing);
    std::string text = R"(spillway: 1
horizon: 50000s
drain: 1m
resources:
  workflow:
    type: aws.stepfunctions.state_machine
    workflow: express
    definition: sequence.asl.json
    overhead:
      transition: { samples: { file: transition.txt, unit: ms } }
      task: { samples: { file: task.txt, unit: ms } }
    tasks:
)";
    for (int i = 1; i <= 4; ++i) text += fmt::format("      f{0}: {{ to: f{0} }}\n", i);
    for (int i = 1; i <= 4; ++i) {
      write(fmt::format("f{}.txt", i), column(durations, fmt::format("f{}", i)));
      text += fmt::format(R"(  f{0}:
    type: aws.lambda.function
    memory: {1}MiB
    timeout: 60s
    keep_alive: 1h
    program: [ compute: {{ samples: {{ file: f{0}.txt, unit: ms }} }} ]
)",
                          i, kMegabytes[static_cast<std::size_t>(i - 1)]);
    }
    text += "traffic:\n  starter: { to: workflow, route: start_sync, arrivals: { constant: 0.1/s } }\n";
    std::ofstream(folder_ / "sequence.spillway.yaml") << text;
  }
  Sequence(const Sequence&) = delete;
  Sequence& operator=(const Sequence&) = delete;
  ~Sequence() { std::filesystem::remove_all(folder_); }

  RunResult run() const {
    Sources sources;
    Diagnostics diagnostics;
    DiskFiles files;
    const auto scenario =
        load_scenario((folder_ / "sequence.spillway.yaml").string(), {}, sources, files, diagnostics);
    EXPECT_TRUE(scenario && !diagnostics.has_errors());
    const Scenario* const one = &*scenario;
    auto experiments = run_experiments(std::span(&one, 1), {.series = false, .fact_hash = false});
    EXPECT_TRUE(experiments) << experiments.error();
    return std::move(experiments->front().replications.front());
  }

 private:
  void write(const std::string& name, const std::vector<double>& values) const {
    std::ofstream out(folder_ / name);
    for (const double value : values) out << fmt::format("{}\n", value);
  }
  std::filesystem::path folder_;
};

double response(const RunResult& run, const char* aggregate) {
  return 1e3 * metric_value(run, "journeys", "response", *parse_aggregate(aggregate)).value();
}

/// What the functions of a million executions cost, in dollars.
double lambda_cost(const RunResult& run) {
  double dollars = 0;
  for (const char* const function : {"f1", "f2", "f3", "f4"})
    dollars += metric_value(run, function, "run_cost", *parse_aggregate("value")).value();
  return dollars * 1e6 / 5000;
}

void expect_within(double tolerance, const char* what, double simulated, double measured) {
  fmt::print("  {:<36} measured {:<9.6g} simulated {:<9.6g} {:+.2f} %\n", what, measured, simulated,
             100 * (simulated / measured - 1));
  EXPECT_LE(std::abs(simulated / measured - 1), tolerance) << what;
}

void expect_the_measurement(const std::string& durations, double tolerance) {
  const std::vector<double> measured = column("measured-sequence.csv", "duration_ms");
  if (measured.empty()) GTEST_SKIP() << "../shared/" << kData << " is not here";
  const RunResult run = Sequence(durations).run();
  EXPECT_EQ(run.journeys.arrivals, 5000u);
  expect_within(tolerance, "mean, ms", response(run, "avg"), mean(measured));
  expect_within(tolerance, "median, ms", response(run, "p(50)"), quantile(measured, 0.5));
  expect_within(tolerance, "90 % quantile, ms", response(run, "p(90)"), quantile(measured, 0.9));
  const std::vector<double> cost = column("measured-sequence.csv", "lambda_usd_per_million");
  expect_within(tolerance, "functions, dollars a million", lambda_cost(run), mean(cost));
}

TEST(StepFunctionsMeasured, ASequenceFromTheFunctionsProfiles) {
  expect_the_measurement("profile-durations-ms.csv", 0.04);
}

TEST(StepFunctionsMeasured, ASequenceFromTheRunsOwnDurations) {
  expect_the_measurement("run-durations-sequence-ms.csv", 0.01);
}

}  // namespace
}  // namespace spillway
