// How often an execution enters each state when nothing fails.

#include "services/state_machine_visits.hpp"

#include <gtest/gtest.h>

namespace spillway {
namespace {

asl::Machine machine(const char* text) {
  auto loaded = asl::load(text);
  for (const asl::Problem& problem : loaded.problems) ADD_FAILURE() << asl::problem_text(problem);
  return *std::move(loaded.machine);
}

double visits(const asl::Machine& of, std::string_view name, double first_branch = -1) {
  const VisitAssumptions assumptions{
      .branches = [&](asl::StateIndex choice) -> std::vector<std::pair<asl::StateIndex, double>> {
        if (first_branch < 0) return {};
        const auto& fields = std::get<asl::ChoiceFields>(of.states[choice].what);
        return {{fields.rules.front().next, first_branch}, {fields.otherwise, 1 - first_branch}};
      },
      .items = [](asl::StateIndex) { return 20.0; }};
  const std::vector<double> all = expected_visits(of, assumptions);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (of.states[i].name == name) return all[i];
  }
  ADD_FAILURE() << name;
  return -1;
}

TEST(ExpectedVisits, ChoicesShareEvenlyOrByTheirChances) {
  const asl::Machine choice = machine(R"({"StartAt": "C", "States": {
    "C": {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsPresent": true, "Next": "A"}], "Default": "B"},
    "A": {"Type": "Succeed"}, "B": {"Type": "Succeed"}}})");
  EXPECT_DOUBLE_EQ(visits(choice, "A"), 0.5);
  EXPECT_DOUBLE_EQ(visits(choice, "A", 0.9), 0.9);
}

// A loop that is left with probability p is gone round 1/p times.
TEST(ExpectedVisits, LoopsAreGoneRoundUntilTheyAreLeft) {
  const asl::Machine loop = machine(R"({"StartAt": "W", "States": {
    "W": {"Type": "Pass", "Next": "C"},
    "C": {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsPresent": true, "Next": "Done"}],
      "Default": "W"},
    "Done": {"Type": "Succeed"}}})");
  EXPECT_NEAR(visits(loop, "W", 0.25), 4, 1e-9);
  EXPECT_NEAR(visits(loop, "Done", 0.25), 1, 1e-9);
}

TEST(ExpectedVisits, BranchesAndItemsMultiply) {
  const asl::Machine map =
      machine(R"({"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
    {"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {
      "StartAt": "One", "States": {"One": {"Type": "Pass", "End": true}}}}}}]}}})");
  EXPECT_DOUBLE_EQ(visits(map, "One"), 20);
}

TEST(ExpectedVisits, RetriersAllowTheirAttemptsTogether) {
  const asl::Machine task = machine(R"({"StartAt": "A", "States": {"A": {"Type": "Task", "End": true,
    "Resource": "arn:aws:lambda:us-east-1:1:function:a", "Retry": [
      {"ErrorEquals": ["One"], "MaxAttempts": 2}, {"ErrorEquals": ["States.ALL"], "MaxAttempts": 4}]}}})");
  EXPECT_DOUBLE_EQ(most_attempts(task.states[0]), 7);
}

}  // namespace
}  // namespace spillway
