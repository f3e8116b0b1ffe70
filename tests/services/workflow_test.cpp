// Transitions are computed once for the same documents, and each time where they look beyond them.

#include "services/workflow.hpp"

#include <gtest/gtest.h>

namespace spillway {
namespace {

Workflow workflow(const char* states) {
  auto loaded = asl::load(std::string(R"({"StartAt": "A", "States": {"A": )") + states + "}}");
  for (const asl::Problem& problem : loaded.problems) ADD_FAILURE() << asl::problem_text(problem);
  return Workflow(*std::move(loaded.machine));
}

const WorkflowLeaving& leaving(const WorkflowAnswer& entered) { return std::get<WorkflowLeaving>(entered); }

TEST(Workflow, GivesTheSameDocumentForTheSameDocuments) {
  Workflow pass = workflow(R"({"Type": "Pass", "Parameters": {"n.$": "$.n"}, "End": true})");
  const DocumentId input = pass.documents().share(Json::parse(R"({"n": 1, "m": 2})"));
  const WorkflowAnswer first = pass.enter(0, {.input = input});
  const WorkflowAnswer second = pass.enter(0, {.input = input});
  EXPECT_FALSE(pass.reads_execution(0));
  EXPECT_EQ(leaving(first).output, leaving(second).output);
  EXPECT_EQ(pass.documents()[leaving(first).output], Json::parse(R"({"n": 1})"));
  EXPECT_EQ(leaving(first).next, asl::kNoState);
}

TEST(Workflow, ComputesAnewWhatLooksAtTheExecution) {
  Workflow pass = workflow(R"({"Type": "Pass", "Parameters": {"id.$": "$$.Execution.Id"}, "End": true})");
  EXPECT_TRUE(pass.reads_execution(0));
  const DocumentId input = pass.documents().share(Json::object());
  const Json context = Json::parse(R"({"Execution": {"Id": "seven"}})");
  const WorkflowAnswer entered = pass.enter(0, {.input = input, .context = &context});
  const DocumentId output = leaving(entered).output;
  EXPECT_EQ(pass.documents()[output]["id"], "seven");
  EXPECT_TRUE(pass.documents().fresh(output));
}

TEST(Workflow, TellsFailuresOfTheDocumentsApart) {
  Workflow pass = workflow(R"({"Type": "Pass", "Parameters": {"n.$": "$.n"}, "End": true})");
  const DocumentId good = pass.documents().share(Json::parse(R"({"n": 1})"));
  const DocumentId bad = pass.documents().share(Json::object());
  EXPECT_TRUE(std::holds_alternative<WorkflowLeaving>(pass.enter(0, {.input = good})));
  const WorkflowAnswer failed = pass.enter(0, {.input = bad});
  EXPECT_EQ(std::get<asl::Failure>(failed).error, "States.ParameterPathFailure");
}

TEST(Workflow, ACatcherSeesTheErrorsWords) {
  auto loaded = asl::load(R"({"StartAt": "A", "States": {
    "A": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:1:function:a", "End": true,
          "Catch": [{"ErrorEquals": ["Broken"], "ResultPath": "$.error", "Next": "B"}]},
    "B": {"Type": "Succeed"}}})");
  Workflow task(*std::move(loaded.machine));
  const DocumentId input = task.documents().share(Json::parse(R"({"n": 1})"));
  const auto caught = task.recover(0, {.input = input}, asl::Failure{"Broken", "fell", {}, {}, {}});
  EXPECT_EQ(task.documents()[std::get<WorkflowLeaving>(caught).output],
            Json::parse(R"({"n": 1, "error": {"Error": "Broken", "Cause": "fell"}})"));
  const auto passed = task.recover(0, {.input = input}, asl::Failure{"Other", {}, {}, {}, {}});
  EXPECT_EQ(std::get<asl::Failure>(passed).error, "Other");
}

TEST(Workflow, ForgetsRatherThanGrowsWithoutEnd) {
  Workflow pass = workflow(R"({"Type": "Pass", "End": true})");
  for (int i = 0; i < 100'000; ++i) {
    const DocumentId input = pass.documents().share(i);
    const WorkflowAnswer entered = pass.enter(0, {.input = input});
    pass.documents().unrefer(leaving(entered).output);
    pass.documents().unrefer(input);
  }
  EXPECT_LE(pass.documents().alive(), 65'536u);
}

}  // namespace
}  // namespace spillway
