#include "services/state_machine_bindings.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

namespace spillway {

namespace {

/// "orders" of "arn:aws:lambda:us-east-1:123456789012:function:orders:live" and of
/// "https://sqs.us-east-1.amazonaws.com/123456789012/orders".
std::string last_part(std::string_view name) {
  if (const std::size_t function = name.find(":function:"); function != std::string_view::npos) {
    name.remove_prefix(function + 10);
    return std::string(name.substr(0, name.find(':')));
  }
  if (const std::size_t slash = name.rfind('/'); slash != std::string_view::npos)
    name.remove_prefix(slash + 1);
  if (name.starts_with("arn:")) name.remove_prefix(name.rfind(':') + 1);
  return std::string(name.substr(0, name.find(':')));
}

/// The constant text of a member of the state's Parameters or Arguments.
std::optional<std::string> constant_argument(const asl::State& state, std::string_view name) {
  if (!state.arguments) return std::nullopt;
  const asl::Template& arguments = *state.arguments;
  if (arguments.kind == asl::Template::Kind::constant) {
    const auto found =
        arguments.constant.is_object() ? arguments.constant.find(name) : arguments.constant.end();
    if (!arguments.constant.is_object() || found == arguments.constant.end() || !found->is_string())
      return {};
    return found->get<std::string>();
  }
  for (std::size_t i = 0; i < arguments.names.size(); ++i) {
    const asl::Template& item = arguments.items[i];
    if (arguments.names[i] == name && item.kind == asl::Template::Kind::constant && item.constant.is_string())
      return item.constant.get<std::string>();
  }
  return std::nullopt;
}

/// What the actions of Amazon DynamoDB are called as operations of a table.
struct TableAction {
  std::string_view action, operation;
};
constexpr std::array kTableActions{
    TableAction{"getItem", "get"},
    TableAction{"putItem", "put"},
    TableAction{"updateItem", "update"},
    TableAction{"deleteItem", "delete"},
    TableAction{"query", "query"},
    TableAction{"scan", "scan"},
    TableAction{"batchGetItem", "batch_get"},
    TableAction{"batchWriteItem", "batch_write"},
    TableAction{"transactGetItems", "get_transact"},
    TableAction{"transactWriteItems", "put_transact"},
};

/// How a service's errors are called: what stands before the dot, and what behind it for each outcome.
struct ErrorRow {
  std::string_view service;
  std::string_view prefix;
  std::string_view throttled, fault, error, refused;
};
constexpr std::array kErrors{
    ErrorRow{"lambda", "Lambda.", "TooManyRequestsException", "ServiceException", "", "AWSLambdaException"},
    ErrorRow{"aws-sdk:lambda", "Lambda.", "TooManyRequestsException", "ServiceException", "",
             "LambdaException"},
    ErrorRow{"dynamodb", "DynamoDB.", "ProvisionedThroughputExceededException",
             "InternalServerErrorException", "AmazonDynamoDBException", "ConditionalCheckFailedException"},
    ErrorRow{"aws-sdk:dynamodb", "DynamoDb.", "ProvisionedThroughputExceededException",
             "InternalServerErrorException", "DynamoDbException", "ConditionalCheckFailedException"},
    ErrorRow{"sqs", "SQS.", "AmazonSQSException", "AmazonSQSException", "AmazonSQSException",
             "AmazonSQSException"},
    ErrorRow{"aws-sdk:sqs", "Sqs.", "SqsException", "SqsException", "SqsException", "SqsException"},
    ErrorRow{"states", "StepFunctions.", "ThrottlingException", "AWSStepFunctionsException", "",
             "ExecutionLimitExceededException"},
    ErrorRow{"aws-sdk:sfn", "Sfn.", "ThrottlingException", "SfnException", "",
             "ExecutionLimitExceededException"},
    ErrorRow{"http", "States.Http.StatusCode.", "429", "503", "500", "400"},
};

/// "EventBridge." of "aws-sdk:eventBridge", "Ecs." of "ecs".
std::string plain_prefix(std::string_view service) {
  if (const std::size_t colon = service.rfind(':'); colon != std::string_view::npos)
    service.remove_prefix(colon + 1);
  std::string prefix(service.empty() ? std::string_view("Service") : service);
  prefix.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(prefix.front())));
  return prefix;
}

constexpr std::array<std::string_view, 8> kNamingArguments{"FunctionName",    "QueueUrl",    "TableName",
                                                           "StateMachineArn", "TopicArn",    "ApiEndpoint",
                                                           "TaskDefinition",  "EventBusName"};

}  // namespace

TaskResource read_resource(std::string_view resource) {
  TaskResource read;
  constexpr std::string_view kToken = ".waitForTaskToken";
  if (resource.ends_with(kToken)) {
    read.waits = TaskResource::Waits::token;
    resource.remove_suffix(kToken.size());
  }
  for (const std::string_view job : {".sync:2", ".sync"}) {
    if (!resource.ends_with(job)) continue;
    read.waits = TaskResource::Waits::job;
    read.json_output = job == ".sync:2";
    resource.remove_suffix(job.size());
  }
  const std::size_t integration = resource.find(":states:::");
  if (integration != std::string_view::npos) {
    resource.remove_prefix(integration + 10);
    const std::size_t colon = resource.rfind(':');
    read.service = resource.substr(0, colon == std::string_view::npos ? resource.size() : colon);
    if (colon != std::string_view::npos) read.action = resource.substr(colon + 1);
    read.envelope = read.service == "lambda" && read.action == "invoke";
    return read;
  }
  read.target = last_part(resource);
  read.service = resource.find(":activity:") != std::string_view::npos ? "activity" : "lambda";
  return read;
}

std::string called_name(const asl::State& state, const TaskResource& resource) {
  if (!resource.target.empty()) return resource.target;
  for (const std::string_view argument : kNamingArguments) {
    if (const auto named = constant_argument(state, argument)) return last_part(*named);
  }
  return {};
}

std::string operation_of(const asl::State& state, const TaskResource& resource) {
  if (resource.service == "lambda" || resource.service == "aws-sdk:lambda") {
    return constant_argument(state, "InvocationType") == "Event" ? "invoke_async" : "";
  }
  if (resource.service == "dynamodb" || resource.service == "aws-sdk:dynamodb") {
    const auto* const row = std::ranges::find(kTableActions, resource.action, &TableAction::action);
    return std::string(row == kTableActions.end() ? std::string_view() : row->operation);
  }
  if (resource.service == "states" || resource.service == "aws-sdk:sfn") {
    if (resource.action == "startSyncExecution") return "start_sync";
    return resource.waits == TaskResource::Waits::job ? "run" : "start";
  }
  return {};
}

std::array<std::string, kOutcomes> error_names(const TaskResource& resource) {
  std::array<std::string, kOutcomes> names;
  const auto name = [&](Outcome outcome) -> std::string& { return names[static_cast<std::size_t>(outcome)]; };
  const auto* const row = std::ranges::find(kErrors, resource.service, &ErrorRow::service);
  if (row == kErrors.end()) {
    const std::string prefix = plain_prefix(resource.service);
    for (std::string& one : names) one = prefix + '.' + prefix + "Exception";
  } else {
    const std::string prefix(row->prefix);
    name(Outcome::throttled) = prefix + std::string(row->throttled);
    name(Outcome::fault) = prefix + std::string(row->fault);
    name(Outcome::error) = row->error.empty() ? "States.TaskFailed" : prefix + std::string(row->error);
    name(Outcome::refused) = prefix + std::string(row->refused);
  }
  if (resource.service == "activity") name(Outcome::error) = "States.TaskFailed";
  name(Outcome::timed_out) = "States.Timeout";
  return names;
}

}  // namespace spillway
