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
#include "formats/json.hpp"
#include "formats/shared_data.hpp"

namespace spillway {
namespace {

const std::string kData = "data/sfn-express-2022/";
// The memory of each function follows from the measured costs: they are linear in the billed milliseconds.
constexpr std::array<int, 4> kMegabytes{1280, 896, 1536, 1088};

/// A column of a shared file, without what is missing; negative delays are clock errors and count as none.
std::vector<double> column_of(const std::string& path, const std::string& name) {
  std::string text;
  if (!read_shared(path, text)) return {};
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

std::vector<double> column(const std::string& file, const std::string& name) {
  return column_of(kData + file, name);
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

/// A folder of its own for a scenario and its files.
struct Folder {
  explicit Folder(const std::string& name)
      : path(std::filesystem::temp_directory_path() / fmt::format("spillway-{}-{}", name, getpid())) {
    std::filesystem::create_directories(path);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path); }

  std::filesystem::path path;
};

RunResult run_file(const std::filesystem::path& path) {
  Sources sources;
  Diagnostics diagnostics;
  DiskFiles files;
  const auto scenario = load_scenario(path.string(), {}, sources, files, diagnostics);
  if (!scenario || diagnostics.has_errors()) {
    ADD_FAILURE() << render_text(diagnostics, sources);
    return {};
  }
  const Scenario* const one = &*scenario;
  auto experiments = run_experiments(std::span(&one, 1), {.series = false, .fact_hash = false});
  EXPECT_TRUE(experiments) << experiments.error();
  return std::move(experiments->front().replications.front());
}

/// The scenario of the measurement, with its files in a folder of its own.
class Sequence {
 public:
  explicit Sequence(const std::string& durations) {
    write("task.txt", column("delay-function-execution-ms.csv", "function_execution_delay_ms"));
    write("transition.txt", column("delay-scheduling-ms.csv", "scheduling_overhead_ms"));
    std::filesystem::copy_file(shared_path(kData + "sequence.asl.json"), folder_.path / "sequence.asl.json",
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
    std::ofstream(folder_.path / "sequence.spillway.yaml") << text;
  }
  RunResult run() const { return run_file(folder_.path / "sequence.spillway.yaml"); }

 private:
  void write(const std::string& name, const std::vector<double>& values) const {
    std::ofstream out(folder_.path / name);
    for (const double value : values) out << fmt::format("{}\n", value);
  }
  Folder folder_{"sequence"};
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

// ---- A Standard workflow of eight functions, 2020 ---------------------------------------------------------

/// Eight functions, a choice between two of them, and two loops that are left with 9 in 10 and 8 in 10. Their
/// durations are quantiles of the logged invocations; Step Functions' own time is what the authors measured:
/// 18.81 ms a task and 1 ms a transition. Until December 2020 Lambda billed steps of 100 ms.
std::string app8_scenario() {
  std::ifstream file(SPILLWAY_SOURCE_DIR "/tests/conformance/cases/step-functions-app8.json");
  const Json functions = Json::parse(file);
  std::string text = R"(spillway: 1
horizon: 30000s
drain: 10m
resources:
  workflow:
    type: aws.stepfunctions.state_machine
    definition: app8.asl.json
    overhead: { transition: 1ms, task: 18.81ms }
    tasks:
      f1: { to: f1, results: [ document: { body: { input: { para1: 30 } } } ] }
      f2:
        to: f2
        results:
          - { weight: 60, document: { body: { input: { para1: 30 } } } }
          - { weight: 40, document: { body: { input: { para1: 80 } } } }
      f3: { to: f3, results: [ document: { body: { input: { para1: 30 } } } ] }
      f6:
        to: f6
        results:
          - { weight: 10, document: { body: { input: { para2_result: 5 } } } }
          - { weight: 90, document: { body: { input: { para2_result: 50 } } } }
      f7:
        to: f7
        results:
          - { weight: 20, document: { body: { input: { para3_result: 10 } } } }
          - { weight: 80, document: { body: { input: { para3_result: 50 } } } }
)";
  for (const char* const name : {"f4", "f5"})
    text += fmt::format(
        "      {0}: {{ to: {0}, results: [ document: {{ body: {{ input: {{ para1: 30 }} }} }} ] }}\n", name);
  text += "      f8: { to: f8 }\n";
  for (const auto& [name, function] : functions.items()) {
    if (!function.is_object()) continue;
    std::string quantiles;
    for (const auto& [q, ms] : function["quantiles_ms"].items())
      quantiles += fmt::format("{}{}: {}ms", quantiles.empty() ? "" : ", ", q, ms.get<double>());
    text += fmt::format(R"(  {}:
    type: aws.lambda.function
    memory: {}MiB
    timeout: 60s
    keep_alive: 1h
    billing_step: 100ms
    program: [ compute: {{ quantiles: {{ {} }} }} ]
)",
                        name, function["memory"].get<int>(), quantiles);
  }
  return text + "traffic:\n  starter: { to: workflow, route: run, arrivals: { constant: 0.1/s } }\n";
}

TEST(StepFunctionsMeasured, AStandardWorkflowOfEightFunctions) {
  const std::string data = "data/sfn-standard-2020/";
  const std::vector<double> measured = column_of(data + "measured-app8.csv", "duration_ms");
  if (measured.empty()) GTEST_SKIP() << "../shared/" << data << " is not here";
  const Folder folder("app8");
  std::filesystem::copy_file(shared_path(data + "app8.asl.json"), folder.path / "app8.asl.json",
                             std::filesystem::copy_options::overwrite_existing);
  std::ofstream(folder.path / "app8.spillway.yaml") << app8_scenario();
  const RunResult run = run_file(folder.path / "app8.spillway.yaml");
  ASSERT_EQ(run.journeys.arrivals, 3000u);
  EXPECT_EQ(run.resource("workflow")->mark(Mark::execution_failed), 0);
  expect_within(0.04, "mean, ms", response(run, "avg"), mean(measured));
  double dollars = 0;
  for (int i = 1; i <= 8; ++i)
    dollars += metric_value(run, fmt::format("f{}", i), "run_cost", *parse_aggregate("value")).value();
  expect_within(0.02, "functions, dollars a million", dollars * 1e6 / 3000,
                mean(column_of(data + "measured-app8.csv", "usd_per_million")));
}

}  // namespace
}  // namespace spillway
