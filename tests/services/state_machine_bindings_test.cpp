// What a Task's Resource says.

#include "services/state_machine_bindings.hpp"

#include <gtest/gtest.h>

namespace spillway {
namespace {

using Waits = TaskResource::Waits;

TEST(TaskResource, ReadsIntegrationsAndArns) {
  const TaskResource sync = read_resource("arn:aws:states:::states:startExecution.sync:2");
  EXPECT_EQ(sync.service, "states");
  EXPECT_EQ(sync.action, "startExecution");
  EXPECT_EQ(sync.waits, Waits::job);
  EXPECT_TRUE(sync.json_output);
  const TaskResource sdk = read_resource("arn:aws:states:::aws-sdk:dynamodb:putItem");
  EXPECT_EQ(sdk.service, "aws-sdk:dynamodb");
  EXPECT_EQ(sdk.action, "putItem");
  const TaskResource token = read_resource("arn:aws:states:::lambda:invoke.waitForTaskToken");
  EXPECT_EQ(token.waits, Waits::token);
  EXPECT_TRUE(token.envelope);
  EXPECT_EQ(read_resource("arn:aws:lambda:us-east-1:123456789012:function:orders:live").target, "orders");
  EXPECT_EQ(read_resource("arn:aws:states:us-east-1:123456789012:activity:pick").service, "activity");
}

asl::State task(const std::string& fields) {
  auto loaded =
      asl::load(R"({"StartAt": "A", "States": {"A": {"Type": "Task", "End": true, )" + fields + "}}}");
  for (const asl::Problem& problem : loaded.problems) ADD_FAILURE() << asl::problem_text(problem);
  return std::move(loaded.machine->states.front());
}

struct Named {
  std::string fields, called, operation;
};
class CalledName : public ::testing::TestWithParam<Named> {};

TEST_P(CalledName, IsTheLastPartOfWhatNamesIt) {
  const asl::State state = task(GetParam().fields);
  const TaskResource resource = read_resource(std::get<asl::TaskFields>(state.what).resource);
  EXPECT_EQ(called_name(state, resource), GetParam().called);
  EXPECT_EQ(operation_of(state, resource), GetParam().operation);
}

INSTANTIATE_TEST_SUITE_P(
    Resources, CalledName,
    ::testing::Values(
        Named{
            R"("Resource": "arn:aws:states:::lambda:invoke",
      "Parameters": {"FunctionName": "arn:aws:lambda:us-east-1:1:function:pay:$LATEST",
      "Payload.$": "$"})",
            "pay", ""},
        Named{
            R"("Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "pay",
      "InvocationType": "Event"})",
            "pay", "invoke_async"},
        Named{
            R"("Resource": "arn:aws:states:::sqs:sendMessage",
      "Parameters": {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/1/jobs", "MessageBody.$": "$"})",
            "jobs", ""},
        Named{R"("Resource": "arn:aws:states:::dynamodb:updateItem", "Parameters": {"TableName": "orders"})",
              "orders", "update"},
        Named{
            R"("Resource": "arn:aws:states:::states:startExecution.sync",
      "Parameters": {"StateMachineArn": "arn:aws:states:us-east-1:1:stateMachine:child"})",
            "child", "run"},
        Named{R"("Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName.$": "$.which"})",
              "", ""}));

TEST(TaskResource, ErrorsHaveTheNamesOfTheirService) {
  const auto name = [](std::string_view resource, Outcome outcome) {
    return error_names(read_resource(resource))[static_cast<std::size_t>(outcome)];
  };
  EXPECT_EQ(name("arn:aws:states:::lambda:invoke", Outcome::throttled), "Lambda.TooManyRequestsException");
  EXPECT_EQ(name("arn:aws:states:::lambda:invoke", Outcome::fault), "Lambda.ServiceException");
  EXPECT_EQ(name("arn:aws:states:::dynamodb:putItem", Outcome::throttled),
            "DynamoDB.ProvisionedThroughputExceededException");
  EXPECT_EQ(name("arn:aws:states:::http:invoke", Outcome::throttled), "States.Http.StatusCode.429");
  EXPECT_EQ(name("arn:aws:states:::states:startExecution.sync", Outcome::error), "States.TaskFailed");
  EXPECT_EQ(name("arn:aws:states:::aws-sdk:ecs:runTask", Outcome::fault), "Ecs.EcsException");
  EXPECT_EQ(name("arn:aws:states:::lambda:invoke", Outcome::timed_out), "States.Timeout");
}

}  // namespace
}  // namespace spillway
