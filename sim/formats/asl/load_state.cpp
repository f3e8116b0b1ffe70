// States: what they share, and the types that are little more.

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include "formats/asl/loader.hpp"
#include "formats/asl/timestamp.hpp"

namespace spillway::asl {

namespace {

constexpr std::array<std::string_view, 8> kTypes{"Task",    "Pass", "Choice",   "Wait",
                                                 "Succeed", "Fail", "Parallel", "Map"};

}  // namespace

void Loader::read_state(const Part& part, StateIndex index, const Names& names, Language language) {
  if (!part.value.is_object()) return problem(part.pointer, "a state must be an object");
  State state = std::move(machine_.states[index]);
  state.at = document_.at(part.pointer);
  const auto type = text(part, "Type", true);
  const auto found = std::find(kTypes.begin(), kTypes.end(), type.value_or(""));
  if (found == kTypes.end()) {
    machine_.states[index] = std::move(state);
    if (type) problem(part.to("Type"), fmt::format("there is no type '{}'", *type), closest(*type, kTypes));
    return;
  }
  state.type = static_cast<StateType>(found - kTypes.begin());
  static constexpr std::array<std::string_view, 2> kLanguages{"JSONPath", "JSONata"};
  const std::string_view inherited = language == Language::jsonata ? "JSONata" : "JSONPath";
  state.language = one_of(part, "QueryLanguage", kLanguages, inherited) == "JSONata" ? Language::jsonata
                                                                                     : Language::json_path;
  check_state_keys(part, state.type, state.language);
  read_common(part, state, names);
  machine_.states[index].name = state.name;  // for messages of what is nested
  machine_.states[index].flow = state.flow;
  switch (state.type) {
    case StateType::task: state.what = read_task(part, state); break;
    case StateType::pass: state.what = read_pass(part); break;
    case StateType::choice: state.what = read_choice(part, state, names); break;
    case StateType::wait: state.what = read_wait(part, state); break;
    case StateType::succeed: state.what = SucceedFields{}; break;
    case StateType::fail: state.what = read_fail(part, state); break;
    case StateType::parallel: state.what = read_parallel(part, index, language); break;
    case StateType::map: state.what = read_map(part, index, state); break;
  }
  machine_.states[index] = std::move(state);
}

void Loader::read_common(const Part& part, State& state, const Names& names) {
  text(part, "Comment");
  const bool goes_on =
      state.type != StateType::choice && state.type != StateType::succeed && state.type != StateType::fail;
  if (goes_on) {
    const bool end = flag(part, "End");
    if (part.has("Next")) {
      if (end) problem(part.to("Next"), "'Next' and 'End' exclude each other");
      state.next = target(part, "Next", names);
    } else if (!end) {
      problem(part.pointer, "either 'Next' or 'End: true' must say what follows");
    }
  }
  if (state.language == Language::json_path) {
    state.input_path = selector(part, "InputPath", false);
    state.output_path = selector(part, "OutputPath", false);
    state.result_path = selector(part, "ResultPath", true);
    if (state.type != StateType::map) state.arguments = payload(part, "Parameters", state.language);
    state.result_selector = payload(part, "ResultSelector", state.language);
  } else {
    state.arguments = payload(part, "Arguments", state.language);
    state.output = payload(part, "Output", state.language);
  }
  if (part.has("Assign")) state.assign = assignments(part, state.language);
  if (const Json* retry = list(part, "Retry")) {
    for (std::size_t i = 0; i < retry->size(); ++i) {
      const Part one{(*retry)[i], part.to("Retry") + '/' + std::to_string(i)};
      state.retry.push_back(read_retrier(one, i + 1 == retry->size()));
    }
  }
  if (const Json* catchers = list(part, "Catch")) {
    for (std::size_t i = 0; i < catchers->size(); ++i) {
      const Part one{(*catchers)[i], part.to("Catch") + '/' + std::to_string(i)};
      state.catchers.push_back(read_catcher(one, i + 1 == catchers->size(), state, names));
    }
  }
}

PassFields Loader::read_pass(const Part& part) {
  PassFields pass;
  if (const Json* result = part.find("Result")) pass.result = *result;
  return pass;
}

TaskFields Loader::read_task(const Part& part, const State& state) {
  TaskFields task;
  task.resource = text(part, "Resource", true).value_or("");
  if (part.has("Resource")) check_resource(part, task.resource);
  task.timeout = number(part, "TimeoutSeconds", "TimeoutSecondsPath", state.language, {1, 99'999'999});
  task.heartbeat = number(part, "HeartbeatSeconds", "HeartbeatSecondsPath", state.language, {1, 99'999'999});
  const auto literal = [](const std::optional<Template>& t) {
    return t && t->kind == Template::Kind::constant && t->constant.is_number_integer();
  };
  if (literal(task.heartbeat) && literal(task.timeout) &&
      task.heartbeat->constant.get<std::int64_t>() >= task.timeout->constant.get<std::int64_t>()) {
    problem(part.to("HeartbeatSeconds"), "'HeartbeatSeconds' must be less than 'TimeoutSeconds'");
  }
  if (part.has("Credentials")) {
    const Json* credentials = object(part, "Credentials");
    if (credentials != nullptr && !credentials->contains("RoleArn") && !credentials->contains("RoleArn.$")) {
      problem(part.to("Credentials"), "'RoleArn' is missing");
    }
    task.credentials = payload(part, "Credentials", state.language);
  }
  return task;
}

void Loader::check_resource(const Part& part, const std::string& resource) {
  const std::string pointer = part.to("Resource");
  if (resource.empty()) return problem(pointer, "'Resource' must not be empty");
  const std::size_t function = resource.find(":function:");
  if (resource.starts_with("arn:aws:lambda:") && function != std::string::npos) {
    const std::string_view rest = std::string_view(resource).substr(function + 10);
    const std::size_t colon = rest.find(':');
    if (colon != std::string_view::npos && rest.find("${") == std::string_view::npos) {
      const std::string_view alias = rest.substr(colon + 1);
      const bool good = !alias.empty() && std::all_of(alias.begin(), alias.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
               c == '_' || c == '$';
      });
      if (!good) problem(pointer, fmt::format("'{}' is no version or alias of a function", alias));
    }
  }
  if (!express_) return;
  for (const std::string_view pattern : {".sync", ".sync:2", ".waitForTaskToken"}) {
    if (!resource.ends_with(pattern)) continue;
    problem(pointer, fmt::format("an Express state machine does not support '{}'", pattern));
  }
  if (resource.find(":activity:") != std::string::npos) {
    problem(pointer, "an Express state machine does not support activities");
  }
}

WaitFields Loader::read_wait(const Part& part, const State& state) {
  int forms = 0;
  for (const char* form : {"Seconds", "SecondsPath", "Timestamp", "TimestampPath"})
    forms += part.has(form) ? 1 : 0;
  if (forms != 1) {
    problem(part.pointer,
            "exactly one of 'Seconds', 'SecondsPath', 'Timestamp' and 'TimestampPath' must be given");
  }
  WaitFields wait;
  wait.seconds = number(part, "Seconds", "SecondsPath", state.language, {0, 99'999'999});
  wait.timestamp = words(part, "Timestamp", "TimestampPath", state.language);
  if (wait.timestamp && wait.timestamp->kind == Template::Kind::constant && part.has("Timestamp") &&
      !parse_timestamp(wait.timestamp->constant.get_ref<const std::string&>())) {
    problem(part.to("Timestamp"), "'Timestamp' must be written as 2026-11-22T05:05:00Z");
  }
  return wait;
}

FailFields Loader::read_fail(const Part& part, const State& state) {
  FailFields failure;
  failure.error = words(part, "Error", "ErrorPath", state.language);
  failure.cause = words(part, "Cause", "CausePath", state.language);
  return failure;
}

ParallelFields Loader::read_parallel(const Part& part, StateIndex index, Language language) {
  ParallelFields parallel;
  const Json* branches = list(part, "Branches", true);
  if (branches == nullptr) return parallel;
  if (branches->empty()) problem(part.to("Branches"), "at least one branch must be given");
  static constexpr std::array<std::string_view, 4> kKnown{"Comment", "QueryLanguage", "StartAt", "States"};
  for (std::size_t i = 0; i < branches->size(); ++i) {
    const Part branch{(*branches)[i], part.to("Branches") + '/' + std::to_string(i)};
    if (!branch.value.is_object()) {
      problem(branch.pointer, "a branch must be an object with StartAt and States");
      continue;
    }
    check_keys(branch, kKnown, "a branch");
    parallel.branches.push_back(read_flow(branch, index, language));
  }
  return parallel;
}

}  // namespace spillway::asl
