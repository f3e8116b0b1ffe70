#include "formats/asl/step.hpp"

#include <utility>

#include <fmt/format.h>
#include "formats/asl/data_flow.hpp"

namespace spillway::asl {

namespace {

Entered enter_task(const State& state, const TaskFields& task, const Scope& scope) {
  TaskRequest request;
  request.resource = task.resource;
  Json room;
  const Json& effective = effective_input(state, scope, room);
  const Scope inner = with_input(scope, effective);
  request.arguments = state.arguments ? evaluate(*state.arguments, inner) : effective;
  if (task.timeout) request.timeout_seconds = whole_number(*task.timeout, inner, "TimeoutSeconds", 1);
  if (task.heartbeat) request.heartbeat_seconds = whole_number(*task.heartbeat, inner, "HeartbeatSeconds", 1);
  if (task.credentials) request.credentials = evaluate(*task.credentials, inner);
  return request;
}

Leaving enter_pass(const State& state, const PassFields& pass, const Scope& scope) {
  Json room;
  const Json& effective = effective_input(state, scope, room);
  if (state.language == Language::jsonata) return finish(state, scope, effective, state.next, nullptr);
  // A Result stands in for Parameters, which are looked at all the same: they may be what fails.
  const Json made = state.arguments ? evaluate(*state.arguments, with_input(scope, effective)) : Json();
  const Json& shown = state.arguments ? made : effective;
  return finish(state, scope, pass.result ? *pass.result : shown, state.next, nullptr);
}

Leaving enter_choice(const State& state, const ChoiceFields& choice, const Scope& scope) {
  Json room;
  const Json& effective = effective_input(state, scope, room);
  const Scope inner = with_input(scope, effective);
  for (const ChoiceRule& rule : choice.rules) {
    if (!holds(rule.when, inner)) continue;
    const Overrides taken{rule.output ? &*rule.output : nullptr, rule.assign ? &*rule.assign : nullptr};
    return finish(state, scope, effective, rule.next, &taken);
  }
  if (choice.otherwise == kNoState) {
    fail("States.NoChoiceMatched", "No rule of the Choice state matched, and it has no Default");
  }
  return finish(state, scope, effective, choice.otherwise, nullptr);
}

/// Waits longer than a signed 32-bit number of seconds are refused (recorded on AWS).
constexpr std::int64_t kLongestWait = std::int64_t{1} << 31U;

Entered enter_wait(const State& state, const WaitFields& wait, const Scope& scope) {
  Json room;
  const Scope inner = with_input(scope, effective_input(state, scope, room));
  const bool ata = state.language == Language::jsonata;
  Waiting waiting;
  if (wait.seconds) {
    waiting.seconds = whole_number(*wait.seconds, inner, "SecondsPath", 0);
    if (waiting.seconds > kLongestWait) fail_field(ata, "The Seconds field refers to too long a time");
    return waiting;
  }
  const Json value = evaluate_field(*wait.timestamp, inner);
  if (value.is_string()) waiting.until = parse_timestamp(value.get_ref<const std::string&>());
  if (!waiting.until) {
    fail_field(ata,
               fmt::format("The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time "
                           "format string: {}",
                           value.is_string() ? value.get<std::string>() : value.dump()));
  }
  if (waiting.until->seconds - scope.now_ms / 1000 > kLongestWait) {
    fail_field(ata, "The Timestamp field refers to a moment too far in the future");
  }
  return waiting;
}

Failure enter_fail(const FailFields& fields, const Scope& scope) {
  Failure failure;
  const auto words = [&](const Template& source) {
    Json value = evaluate_field(source, scope);
    if (!value.is_string())
      fail("States.Runtime", fmt::format("The field '{}' must be a text", source.field));
    return value.get<std::string>();
  };
  if (fields.error) failure.error = words(*fields.error);
  if (fields.cause) failure.cause = words(*fields.cause);
  return failure;
}

FanOut enter_parallel(const State& state, const ParallelFields& parallel, const Scope& scope) {
  Json room;
  const Json& effective = effective_input(state, scope, room);
  const Json input = state.arguments ? evaluate(*state.arguments, with_input(scope, effective)) : effective;
  FanOut out;
  for (const FlowIndex flow : parallel.branches) out.branches.push_back({flow, input, nullptr});
  return out;
}

/// A Succeed, or a Wait that is over: its input goes on.
Leaving pass_through(const State& state, const Scope& scope, StateIndex next) {
  Json room;
  return finish(state, scope, effective_input(state, scope, room), next, nullptr);
}

Entered enter_state(const State& state, const Scope& scope) {
  switch (state.type) {
    case StateType::task: return enter_task(state, std::get<TaskFields>(state.what), scope);
    case StateType::pass: return enter_pass(state, std::get<PassFields>(state.what), scope);
    case StateType::choice: return enter_choice(state, std::get<ChoiceFields>(state.what), scope);
    case StateType::wait: return enter_wait(state, std::get<WaitFields>(state.what), scope);
    case StateType::succeed: return pass_through(state, scope, kNoState);
    case StateType::fail: return enter_fail(std::get<FailFields>(state.what), scope);
    case StateType::parallel: return enter_parallel(state, std::get<ParallelFields>(state.what), scope);
    case StateType::map: return enter_map(state, scope);
  }
  return Failure{};
}

/// "lambda" of "arn:aws:states:::lambda:invoke", else the whole resource.
std::string task_name(const std::string& resource) {
  const std::size_t begin = resource.find(":::");
  if (begin == std::string::npos) return resource;
  const std::string rest = resource.substr(begin + 3);
  return rest.substr(0, rest.find(':'));
}

}  // namespace

Entered enter(const Machine& machine, StateIndex state, const Scope& scope) {
  try {
    return enter_state(machine.states[state], scope);
  } catch (Failed& failed) {
    return std::move(failed.failure);
  }
}

Entered fan_out(const Machine& machine, StateIndex state, const Scope& scope, const Json& items) {
  try {
    return map_items(machine.states[state], scope, items);
  } catch (Failed& failed) {
    return std::move(failed.failure);
  }
}

Left leave(const Machine& machine, StateIndex index, const Scope& scope, const Json& result) {
  const State& state = machine.states[index];
  try {
    if (state.type == StateType::wait) return pass_through(state, scope, state.next);
    const Measure size = measure(result);
    if (size.bytes > kPayloadLimit) {
      const auto* task = std::get_if<TaskFields>(&state.what);
      fail_size(task != nullptr ? task_name(task->resource) : state.name);
    }
    if (size.depth > kDeepestDocument) fail("States.Runtime", "the result is nested too deeply");
    Scope inner = scope;
    inner.result = &result;
    return finish(state, inner, result, state.next, nullptr);
  } catch (Failed& failed) {
    return std::move(failed.failure);
  }
}

Recovered recover(const Machine& machine, StateIndex index, const Scope& scope, const Failure& failure,
                  RetryCounts& counts) {
  const State& state = machine.states[index];
  counts.resize(state.retry.size());
  for (std::size_t i = 0; i < state.retry.size(); ++i) {
    const Retrier& retrier = state.retry[i];
    if (!matches(retrier.errors, failure)) continue;
    if (counts[i] >= retrier.max_attempts) break;
    return RetryAfter{retry_delay_ns(retrier, ++counts[i]), retrier.full_jitter};
  }
  for (const Catcher& catcher : state.catchers) {
    if (!matches(catcher.errors, failure)) continue;
    try {
      return finish_caught(state, catcher, scope, failure);
    } catch (Failed& failed) {
      return std::move(failed.failure);
    }
  }
  return failure;
}

bool waits_for_callback(std::string_view resource) {
  return resource.ends_with(".sync") || resource.ends_with(".sync:2") ||
         resource.ends_with(".waitForTaskToken");
}

}  // namespace spillway::asl
