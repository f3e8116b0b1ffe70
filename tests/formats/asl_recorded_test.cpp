// Executions that AWS recorded run as there. The recordings lie beside the project; each test is skipped by
// name without them.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <set>

#include <fmt/format.h>
#include "formats/asl/execution.hpp"
#include "formats/asl_score.hpp"

namespace spillway::asl {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

/// Whether a recorded value is this one, where the recording masks what differs from run to run: identifiers
/// as
/// "<name>", and moments as "date".
bool same_but_masks(const Json& recorded, const Json& value) {
  if (recorded.is_string() && value.is_string()) {
    std::string_view mask = recorded.get_ref<const std::string&>();
    std::string_view text = value.get_ref<const std::string&>();
    if (mask == "date") return parse_timestamp(text).has_value();
    if (mask == "snf_role_arn") return true;
    std::string pattern;
    while (!mask.empty()) {
      const std::size_t open = mask.find('<');
      pattern += mask.substr(0, open);
      if (open == std::string_view::npos) break;
      const std::size_t close = mask.find('>', open);
      if (close == std::string_view::npos) return false;
      pattern += '*';
      mask.remove_prefix(close + 1);
    }
    return string_matches(pattern, text);
  }
  if (recorded.is_structured() && recorded.type() == value.type() && recorded.size() == value.size()) {
    if (recorded.is_array()) {
      for (std::size_t i = 0; i < value.size(); ++i) {
        if (!same_but_masks(recorded[i], value[i])) return false;
      }
      return true;
    }
    for (const auto& member : recorded.items()) {
      const auto found = value.find(member.key());
      if (member.key() == "SdkHttpMetadata" || member.key() == "SdkResponseMetadata") continue;
      if (found == value.end() || !same_but_masks(member.value(), *found)) return false;
    }
    return true;
  }
  return same(recorded, value);
}

/// The output as it was, or as JSON text of it, as the histories of some recordings have it.
bool same_output(const Json& recorded, const Json& output) {
  if (same_but_masks(recorded, output)) return true;
  if (!recorded.is_string()) return false;
  const Json parsed = Json::parse(recorded.get<std::string>(), nullptr, false);
  return !parsed.is_discarded() && same(parsed, output);
}

// ---- the functions that the recordings invoke, by what their sources do ----

/// What lambda:invoke answers around a payload. What else the SDK tells of its request is not compared.
Json invoke_answer(const Json& payload) {
  return {{"ExecutedVersion", "$LATEST"},
          {"Payload", payload},
          {"SdkHttpMetadata", {{"HttpStatusCode", 200}}},
          {"SdkResponseMetadata", {{"RequestId", "some-request"}}},
          {"StatusCode", 200}};
}

/// The cause that a raised exception has; with the blanks that its recording has.
std::string exception_cause(const std::string& recording) {
  const Json stack =
      Json::array({"  File \"/var/task/handler.py\", line 2, in handler\n    raise "
                   "Exception(\"Some exception was raised.\")\n"});
  if (recording.find("\"errorMessage\\\": ") == std::string::npos) {
    return shown({{"errorMessage", "Some exception was raised."},
                  {"errorType", "Exception"},
                  {"requestId", "some-request"},
                  {"stackTrace", stack}});
  }
  return fmt::format(
      R"({{"errorMessage": "Some exception was raised.", "errorType": "Exception", "requestId": )"
      R"("some-request", "stackTrace": {}}})",
      shown(stack));
}

TaskAnswer invoke(const Json& lambdas, const std::string& expected, const TaskRequest& request) {
  const bool optimized = request.resource.find(":::lambda:invoke") != std::string::npos;
  const auto named = [&] {
    if (!optimized) return request.resource.substr(request.resource.rfind(':') + 1);
    const std::string name = request.arguments.value("FunctionName", "");
    return name.substr(name.rfind(':') + 1);
  }();
  Json payload = optimized ? request.arguments.value("Payload", Json()) : request.arguments;
  if (payload.is_null()) payload = Json::object();
  TaskAnswer answer;
  const auto lambda = lambdas.find(named);
  if (lambda == lambdas.end()) {
    answer.failure.error = "Lambda.ResourceNotFoundException";
    answer.failure.cause = fmt::format(
        "Function not found: arn:aws:lambda:us-east-1:111111111111:function:{}:$LATEST (Service: AWSLambda; "
        "Status Code: 404; Error Code: ResourceNotFoundException; Request ID: some-request; Proxy: null)",
        named);
    return answer;
  }
  const std::string source = lambda->value("source", "");
  if (source.find("raise Exception") != std::string::npos) {
    answer.failure.error = "Exception";
    answer.failure.cause = exception_cause(expected);
    return answer;
  }
  if (source.find("257 * 1024") != std::string::npos) payload = std::string(257 * 1024, 'a');
  if (source.find("b'\"HelloWorld!\"'") != std::string::npos) payload = "HelloWorld!";
  if (source.find("\"Return\": \"HelloWorld\"") != std::string::npos)
    payload = Json{{"Return", "HelloWorld"}};
  if (source.find("time.sleep(60)") != std::string::npos) answer.takes_ns = 60 * kSecond;
  answer.result = optimized ? invoke_answer(payload) : payload;
  return answer;
}

/// What a recorded reader of items read: the recordings do not hold the files, but where the processor passes
/// its input on, the output shows what was in them.
Json recorded_items(const Json& expected) {
  const Json output = expected.value("output", Json());
  if (output.is_string()) return Json::parse(output.get<std::string>(), nullptr, false);
  return output.is_array() ? output : Json::object();  // a file without a list in it
}

Surroundings surroundings(const Json& lambdas, const Json& expected) {
  Surroundings around;
  around.start = *parse_timestamp("2026-11-22T00:00:00Z");
  const std::string text = shown(expected);
  around.answer = [lambdas, text](const TaskRequest& request, const std::string& /*state*/) {
    return invoke(lambdas, text, request);
  };
  const Json items = recorded_items(expected);
  around.items = [items](const ReadItems& /*request*/) { return items; };
  auto state = std::make_shared<std::uint64_t>(1);
  around.random_bits = [state] { return *state = *state * 6364136223846793005U + 1442695040888963407U; };
  // Some executions were stopped, or read while they waited.
  const bool ended = expected.contains("status");
  if (!ended || expected["status"] == "ABORTED") around.abort_at_ns = kSecond;
  return around;
}

constexpr std::string_view status_text(Status status) {
  constexpr std::array<std::string_view, 5> kNames{"RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"};
  return kNames[static_cast<std::size_t>(status)];
}

using Counts = std::map<std::string, int>;

Counts counts(const ExecutionResult& result) {
  Counts counts;
  for (const HistoryEvent& event : result.history) ++counts[event.type];
  return counts;
}

std::vector<std::string> entered(const ExecutionResult& result) {
  std::vector<std::string> states;
  for (const HistoryEvent& event : result.history) {
    if (event.type.ends_with("StateEntered")) states.push_back(event.state);
  }
  return states;
}

/// The states of the machine's own flow, without those inside of Parallel and Map states.
std::vector<std::string> outermost(const Machine& machine, const std::vector<std::string>& states) {
  std::set<std::string> inner;
  for (const State& state : machine.states) {
    if (state.flow != 0) inner.insert(state.name);
  }
  std::vector<std::string> kept;
  for (const std::string& name : states) {
    if (!inner.contains(name)) kept.push_back(name);
  }
  return kept;
}

std::string compare_counts(Counts ours, const Counts& theirs, bool parallel) {
  if (parallel) {
    // The recordings of Parallel states lack how they ended; the event's number is missing in the history.
    for (const char* dropped : {"ParallelStateSucceeded", "ParallelStateFailed"}) {
      if (!theirs.contains(dropped)) ours.erase(dropped);
    }
  }
  if (ours == theirs) return "";
  std::string text = "events:";
  for (const auto& [type, count] : ours) {
    const auto found = theirs.find(type);
    const int other = found == theirs.end() ? 0 : found->second;
    if (other != count) text += fmt::format(" {} {} not {}", type, count, other);
  }
  for (const auto& [type, count] : theirs) {
    if (!ours.contains(type)) text += fmt::format(" {} 0 not {}", type, count);
  }
  return text;
}

/// Empty when the execution went as recorded; else what did not.
std::string compare(const Json& definition, const Json& input, const Json& lambdas, const Json& expected,
                    const std::vector<std::string>* path, const Counts* events) {
  const Loaded loaded = load(shown(definition));
  if (!loaded.machine) return "refused: " + problem_text(loaded.problems.at(0));
  const ExecutionResult result = run(*loaded.machine, input, surroundings(lambdas, expected));
  std::string wrong;
  const std::string status = expected.value("status", "");
  if (!status.empty() && status != status_text(result.status)) {
    wrong += fmt::format("status {} not {} ({}: {}) ", status_text(result.status), status,
                         result.failure.error.value_or(""), result.failure.cause.value_or(""));
  }
  const auto error = expected.find("error");
  const std::string error_name = error == expected.end() || error->is_null() ? "" : error->get<std::string>();
  if (status == "FAILED" && error_name != result.failure.error.value_or("")) {
    wrong += fmt::format("error '{}' not '{}' ", result.failure.error.value_or(""), error_name);
  }
  if (status == "SUCCEEDED" && !same_output(expected.value("output", Json()), result.output)) {
    wrong += fmt::format("output {} not {} ", shown(result.output), shown(expected.value("output", Json())));
  }
  if (path != nullptr && outermost(*loaded.machine, entered(result)) != outermost(*loaded.machine, *path)) {
    wrong += fmt::format("entered {} ", fmt::join(entered(result), ","));
  }
  if (events != nullptr) {
    Counts ours = counts(result);
    if (status.empty()) ours.erase("ExecutionAborted");
    const bool parallel = shown(definition).find("\"Parallel\"") != std::string::npos;
    wrong += compare_counts(std::move(ours), *events, parallel);
  }
  return wrong;
}

TEST(AslRecorded, executions_on_aws_go_as_recorded) {
  const Json corpus = shared_json("corpus/asl-aws-recorded/dev.json");
  if (corpus.is_null()) GTEST_SKIP() << "no recordings beside the project";
  Score score;
  for (const Json& one : corpus["cases"]) {
    const std::string needs = one.value("needs", "");
    if (needs != "none" && needs != "lambda") {  // they call services that are not recorded
      std::cout << "left out: " << one["id"] << ", which needs " << needs << '\n';
      continue;
    }
    const Json& expected = one["expected"];
    const auto path = expected["entered"].get<std::vector<std::string>>();
    Counts events;
    for (const auto& member : expected["event_counts"].items())
      events[member.key()] = member.value().get<int>();
    score.add(needs, one["id"],
              compare(one["definition"], one["input"], one["lambdas"], expected, &path, &events));
  }
  RecordProperty("score", score.text());
  EXPECT_GE(fraction_of(score), 0.97) << score.text();
  std::cout << score.text();
}

TEST(AslRecorded, histories_of_single_features_go_as_recorded) {
  Score score;
  const std::string folder = shared_path("corpus/asl-recorded");
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no recordings beside the project";
  std::map<std::string, int> left_out;  // they call services that are not recorded, or mask their output
  std::set<std::filesystem::path> files;
  for (const auto& file : std::filesystem::directory_iterator(folder)) files.insert(file.path());
  for (const std::filesystem::path& file : files) {
    const Json content = shared_json("corpus/asl-recorded/" + file.filename().string());
    for (const Json& one : content.is_array() ? content : content["cases"]) {
      if (one.value("kind", "") != "history") continue;
      if (one["flags"] != Json::array({"pure"})) {
        ++left_out[shown(one["flags"])];
        continue;
      }
      const Json& expected = one["expected"];
      std::vector<std::string> path;
      if (expected.contains("path")) path = expected["path"].get<std::vector<std::string>>();
      Counts events;
      if (expected.contains("event_types")) {
        for (const Json& type : expected["event_types"]) ++events[type.get<std::string>()];
      }
      score.add(file.stem().string(), one["id"],
                compare(one["definition"], one.value("input", Json::object()), Json::object(), expected,
                        path.empty() ? nullptr : &path, events.empty() ? nullptr : &events));
    }
  }
  RecordProperty("score", score.text());
  EXPECT_GE(fraction_of(score), 0.97) << score.text();
  std::cout << score.text();
  for (const auto& [flags, count] : left_out) std::cout << count << " left out: " << flags << '\n';
}

}  // namespace
}  // namespace spillway::asl
