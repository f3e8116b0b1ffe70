// What `spillway import` writes can be read and run as it stands.

#include "report/imported_scenario.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "experiment/experiment.hpp"
#include "formats/json.hpp"

namespace spillway {
namespace {

constexpr const char* kDefinition = R"({"StartAt": "Charge the card?", "States": {
  "Charge the card?": {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsPresent": true,
      "Next": "Charge"}], "Default": "Ask: a person"},
  "Charge": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
      "Parameters": {"n.$": "$.unknown"}, "Next": "All"},
  "Ask: a person": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
      "Next": "All"},
  "All": {"Type": "Map", "ItemsPath": "$.unknown", "End": true, "ItemProcessor": {"StartAt": "charge",
      "States": {
    "charge": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:1:function:a", "End": true}}}}}})";

TEST(ImportedScenario, ReadsAsAScenarioWithAStubForEachTask) {
  const auto loaded = asl::load(kDefinition);
  ASSERT_TRUE(loaded.machine);
  const std::string text = imported_scenario(*loaded.machine, "machine.asl.json", "machine");
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / fmt::format("spillway-import-{}", getpid());
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "machine.asl.json") << kDefinition;
  std::ofstream(folder / "machine.spillway.yaml") << text;
  DiskFiles files;
  Sources sources;
  Diagnostics diagnostics;
  const auto scenario =
      load_scenario((folder / "machine.spillway.yaml").string(), {}, sources, files, diagnostics);
  ASSERT_TRUE(scenario) << text << render_text(diagnostics, sources);
  std::vector<std::string> names;
  for (const Member& resource : scenario->resources) names.push_back(resource.name);
  EXPECT_THAT(names, testing::ElementsAre("workflow", "charge", "ask-a-person", "charge-2"));

  const auto run = run_scenario(*scenario, {.series = false});
  std::filesystem::remove_all(folder);
  ASSERT_TRUE(run) << run.error();
  EXPECT_GT(run->journeys.arrivals, 500u);
  EXPECT_EQ(run->resource("workflow")->mark(Mark::execution_failed), 0);
  EXPECT_GT(run->resource("charge-2")->calls.counts.attempts, run->journeys.arrivals);
}

}  // namespace
}  // namespace spillway
