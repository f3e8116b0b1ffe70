#pragma once
/// What a Task's Resource says: which API of which service it asks, how it waits, and under which names that
/// service's errors reach Retry and Catch.

#include <array>
#include <string>
#include <string_view>

#include "formats/asl/definition.hpp"
#include "spillway/journey.hpp"

namespace spillway {

/// "arn:aws:states:::dynamodb:putItem.waitForTaskToken" and its like, or the ARN of a function or activity.
struct TaskResource {
  enum class Waits : std::uint8_t { response, job, token };

  std::string service;  ///< "lambda", "dynamodb", "aws-sdk:sfn"; "activity"
  std::string action;   ///< "invoke", "putItem"
  std::string target;   ///< the last part of a function's or an activity's ARN, or empty
  Waits waits = Waits::response;
  bool envelope = false;     ///< lambda:invoke: the answer stands in `Payload`
  bool json_output = false;  ///< startExecution.sync:2
};
TaskResource read_resource(std::string_view resource);

/// The name of the called thing, from the constant argument that names it (FunctionName, QueueUrl, TableName,
/// StateMachineArn, TopicArn ...) or from the resource itself; empty where neither says it. Of an ARN or URL
/// it is the last part, without version or alias.
std::string called_name(const asl::State& state, const TaskResource& resource);

/// What the action is called in a scenario: "put_item", "start", "run"; empty: the default operation.
std::string operation_of(const asl::State& state, const TaskResource& resource);

/// The error name of each outcome that is a failure of the called service (Step Functions Developer Guide,
/// "Handling errors", 2026). Where AWS documents none for a service, it is the service's own exception.
std::array<std::string, kOutcomes> error_names(const TaskResource& resource);

}  // namespace spillway
