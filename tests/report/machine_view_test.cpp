// What `spillway explain` prints of a state machine.
#include "report/machine_view.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spillway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string shown(const std::string& definition) {
  const asl::Loaded loaded = asl::load(definition);
  if (!loaded.machine) return asl::problem_text(loaded.problems.at(0));
  return machine_text(*loaded.machine, "orders.asl.json");
}

TEST(MachineView, each_state_is_a_line_as_nested_as_it_is_written) {
  EXPECT_EQ(shown(R"({"Comment": "Takes an order", "StartAt": "Check", "TimeoutSeconds": 900, "States": {
  "Check": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Next": "Large?",
            "TimeoutSeconds": 10,
            "Retry": [{"ErrorEquals": ["Lambda.ServiceException", "Lambda.SdkClientException"],
                       "IntervalSeconds": 2, "MaxAttempts": 3},
                      {"ErrorEquals": ["States.ALL"], "MaxAttempts": 1, "JitterStrategy": "FULL"}],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Refused"}]},
  "Large?": {"Type": "Choice", "Default": "Both",
             "Choices": [{"Variable": "$.n", "NumericGreaterThan": 9, "Next": "Pause"}]},
  "Pause": {"Type": "Wait", "Seconds": 90, "Next": "Both"},
  "Both": {"Type": "Parallel", "End": true, "Branches": [
    {"StartAt": "Pack", "States": {"Pack": {"Type": "Pass", "End": true}}},
    {"StartAt": "Bill", "States": {"Bill": {"Type": "Task", "TimeoutSeconds": 5, "End": true,
                                            "Resource": "arn:aws:lambda:us-east-1:1:function:b"}}}]},
  "Refused": {"Type": "Fail", "Error": "OrderRefused"},
  "Old": {"Type": "Pass", "Next": "Pause"}}})"),
            R"(orders.asl.json: 8 states, JSONPath, 2 levels deep, ends after 900 s
Takes an order

Check: Task arn:aws:states:::lambda:invoke, the start -> Large?; at most 5 attempts and 65s
  retry Lambda.ServiceException, Lambda.SdkClientException: 3 times, after 2s, 4s, 8s
  retry States.ALL: 1 time, after up to 1s
  catch States.ALL -> Refused
Large?: Choice -> Pause | Both (default)
Pause: Wait 90 s -> Both; at most 90s
Both: Parallel of 2, ends; at most 5s
  [0] Pack: Pass, the start, ends
  [1] Bill: Task arn:aws:lambda:us-east-1:1:function:b, the start, ends; at most 5s
Refused: Fail OrderRefused
Old: Pass, unreachable -> Pause

An execution           least      most  at worst
  transitions              5         6        10
  history events          20        22        34
  $ for a million     125.00    150.00    250.00
  It lasts at most 160s.
  A million Express executions: $1.00, and $0.10 for each 100 ms of 64 MB.
)");
}

TEST(MachineView, a_map_tells_what_an_iteration_comes_to) {
  const std::string each = shown(R"({"QueryLanguage": "JSONata", "StartAt": "Each", "States": {
      "Each": {"Type": "Map", "MaxConcurrency": 5, "End": true, "ItemProcessor": {
        "StartAt": "One", "States": {
          "One": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": true}}}}}})");
  EXPECT_THAT(each, HasSubstr("orders.asl.json: 2 states, JSONata, 2 levels deep\n"));
  EXPECT_THAT(each,
              HasSubstr("\nEach: Map of iterations, 5 at once, the start, ends; time without bound: 'Each' "
                        "has as many items as its input\n"
                        "  an iteration: 1 transition, 7 events; 3571 of them make 25000 events\n"
                        "  [*] One: Task"));
  EXPECT_THAT(each, HasSubstr("  transitions              1  no bound  no bound\n"));
  EXPECT_THAT(each, HasSubstr("  no bound: 'Each' has as many items as its input\n"));
  EXPECT_THAT(each, HasSubstr("A Standard execution is failed at 25000 events.\n"));
}

TEST(MachineView, the_children_of_a_distributed_map_are_told_apart) {
  EXPECT_THAT(shown(R"({"StartAt": "Each", "States": {"Each": {"Type": "Map", "End": true, "ItemProcessor": {
      "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
      "StartAt": "One", "States": {
        "One": {"Type": "Pass", "End": true}}}}}})"),
              HasSubstr("Each: Map of express children, the start, ends; at most 0s\n"
                        "  a child, with a history of its own: 1 transition, 4 events\n"));
}

TEST(MachineView, a_loop_tells_how_many_rounds_a_history_holds) {
  const std::string polling = shown(R"({"StartAt": "Wait", "States": {
      "Wait": {"Type": "Wait", "Seconds": 5, "Next": "Done?"},
      "Done?": {"Type": "Choice", "Default": "Wait",
                "Choices": [{"Variable": "$.done", "BooleanEquals": true, "Next": "End"}]},
      "End": {"Type": "Succeed"}}})");
  EXPECT_THAT(polling,
              HasSubstr("Wait: Wait 5 s, the start -> Done?; at most 5s\n"
                        "  a loop: 2 transitions and 4 events at least; 6250 rounds make 25000 events\n"));
  EXPECT_THAT(polling, HasSubstr("  It may last as long as the service lets it: a loop through 'Wait'.\n"));
}

TEST(MachineView, what_a_definition_holds_writes_nothing_to_the_terminal) {
  EXPECT_THAT(
      shown("{\"Comment\": \"a\\u001b[2Jb\\nc\", \"StartAt\": \"A\\u0007\", \"States\": {\"A\\u0007\": "
            "{\"Type\": \"Pass\", \"End\": true}}}"),
      testing::AllOf(HasSubstr("\na [2Jb c\n"), HasSubstr("\nA : Pass"), Not(HasSubstr("\x1b"))));
}

}  // namespace
}  // namespace spillway
