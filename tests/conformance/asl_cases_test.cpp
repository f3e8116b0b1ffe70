// The worked examples of the Amazon States Language: cases/asl-spec.json names the source of each. A single
// state of a case is put into a machine of its own.

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "formats/asl/execution.hpp"

namespace spillway::asl {
namespace {

Json cases() {
  std::ifstream file(std::string(SPILLWAY_SOURCE_DIR) + "/tests/conformance/cases/asl-spec.json");
  return Json::parse(file);
}

/// What is missing in an example and must be there in a machine.
Machine machine_of(Json definition) {
  Loaded loaded = load(definition.dump());
  if (!loaded.machine) throw std::runtime_error(problem_text(loaded.problems.at(0)));
  return *std::move(loaded.machine);
}

Machine machine_of_state(const Json& state) {
  Json states{{"X", state}};
  for (const char* name : {"Public", "ValueInTwenties", "StartAudit", "RecordEvent"}) {
    states[name] = Json{{"Type", "Succeed"}};
  }
  return machine_of({{"StartAt", "X"}, {"States", states}});
}

/// A state alone with the documents of its case.
struct Alone {
  explicit Alone(const Json& one)
      : machine(machine_of_state(one["state"])),
        input(one["input"]),
        context(one.value("context", Json::object())),
        variables(one.value("variables", Json::object())) {
    scope.input = &input;
    scope.context = &context;
    scope.variables = &variables;
  }
  Machine machine;
  Json input;
  Json context;
  Json variables;
  Scope scope;
};

void check_state_io(const Json& one) {
  const Alone alone(one);
  Left left = Failure{};
  if (alone.machine.states[0].type == StateType::task) {
    left = leave(alone.machine, 0, alone.scope, one["task_result"]);
  } else {
    const Entered entered = enter(alone.machine, 0, alone.scope);
    if (const auto* leaving = std::get_if<Leaving>(&entered)) left = *leaving;
  }
  if (one["expected"].contains("error")) {
    ASSERT_TRUE(std::holds_alternative<Failure>(left));
    EXPECT_EQ(std::get<Failure>(left).error, one["expected"]["error"].get<std::string>());
    return;
  }
  ASSERT_TRUE(std::holds_alternative<Leaving>(left));
  EXPECT_TRUE(same(std::get<Leaving>(left).output, one["expected"]["output"]))
      << std::get<Leaving>(left).output.dump();
}

void check_effective_input(const Json& one, const Json& expected) {
  const Alone alone(one);
  const Entered entered = enter(alone.machine, 0, alone.scope);
  const auto* request = std::get_if<TaskRequest>(&entered);
  ASSERT_NE(request, nullptr);
  EXPECT_TRUE(same(request->arguments, expected)) << request->arguments.dump();
}

void check_choice(const Json& one) {
  const Alone alone(one);
  const Entered entered = enter(alone.machine, 0, alone.scope);
  ASSERT_TRUE(std::holds_alternative<Leaving>(entered));
  EXPECT_EQ(alone.machine.states[std::get<Leaving>(entered).next].name,
            one["expected"]["next"].get<std::string>());
}

/// The outcomes are answered one after the other. Where the documentation contradicts a recording, the
/// recording holds: `recorded_on_aws` then says what is expected.
void check_retry_timing(const Json& one) {
  const Machine machine = machine_of(one["definition"]);
  const Json& outcomes = one["task_outcomes"];
  std::size_t answered = 0;
  Surroundings around;
  around.answer = [&](const TaskRequest& /*request*/, const std::string& /*state*/) {
    TaskAnswer answer;
    answer.failure.error = outcomes[std::min(answered++, outcomes.size() - 1)]["error"].get<std::string>();
    return answer;
  };
  const ExecutionResult result = run(machine, one["input"], around);
  if (one.value("conflict", false)) {
    // Recorded: States.ALL matches States.DataLimitExceeded, which is retried here, then caught.
    EXPECT_EQ(answered, 4U);
    EXPECT_EQ(result.status, Status::succeeded);
    EXPECT_EQ(result.output["Error"], outcomes[0]["error"]);
    return;
  }
  std::vector<std::int64_t> delays;
  for (const Json& delay : one["expected"]["retry_delays_s"]) {
    delays.push_back(delay.get<std::int64_t>() * 1'000'000'000);
  }
  const std::string after = one["expected"]["after"];
  EXPECT_EQ(result.retry_delays_ns, delays);
  EXPECT_EQ(answered, outcomes.size());
  if (after.starts_with("ExecutionFailed ")) {
    EXPECT_EQ(result.status, Status::failed);
    EXPECT_TRUE(after.substr(16).starts_with(result.failure.error.value_or("?"))) << after;
  } else {
    ASSERT_TRUE(after.starts_with("Catch -> Z")) << after;
    EXPECT_EQ(result.status, Status::succeeded);
    EXPECT_EQ(result.output["Error"], "ErrorB");
  }
}

void check_batching(const Json& one) {
  Json state =
      Json::parse(R"({"Type":"Map","End":true,"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED",
      "ExecutionType":"STANDARD"},"StartAt":"I","States":{"I":{"Type":"Succeed"}}}})");
  state["ItemBatcher"] = {{"MaxItemsPerBatch", one["MaxItemsPerBatch"]}};
  Json items = Json::array();
  for (int i = 0; i < one["items"].get<int>(); ++i) items.push_back(i);
  const Alone alone({{"state", state}, {"input", items}});
  const Entered entered = enter(alone.machine, 0, alone.scope);
  Json sizes = Json::array();
  for (const FanOut::Branch& branch : std::get<FanOut>(entered).branches)
    sizes.push_back(branch.input["Items"].size());
  EXPECT_EQ(sizes.size(), one["expected"]["batches"].get<std::size_t>());
  EXPECT_EQ(sizes, one["expected"]["sizes"]);
}

/// A missed heartbeat ends as States.Timeout, and its event says that the task timed out.
void check_heartbeat(const Json& one) {
  Surroundings around;
  around.answer = [](const TaskRequest& /*request*/, const std::string& /*state*/) {
    TaskAnswer answer;
    answer.failure.error = "States.Timeout";
    answer.failure.heartbeat = true;
    return answer;
  };
  const ExecutionResult result =
      run(machine_of_state({{"Type", "Task"}, {"Resource", "t"}, {"End", true}}), {}, around);
  EXPECT_EQ(result.failure.error, one["expected"]["uncaught_execution_error"].get<std::string>());
  EXPECT_EQ(result.history.at(4).type, one["expected"]["event"].get<std::string>());
}

void check(const Json& one) {
  const std::string kind = one["kind"];
  const Json& expected = one["expected"];
  const Json input = one.value("input", Json());
  Scope scope;
  scope.input = &input;
  if (kind == "retry_timing") {
    check_retry_timing(one);
  } else if (kind == "state_io") {
    check_state_io(one);
    if (one.contains("effective_input")) check_effective_input(one, one["effective_input"]);
  } else if (kind == "effective_input") {
    check_effective_input(one, expected["effective_input"]);
  } else if (kind == "choice") {
    check_choice(one);
  } else if (kind == "choice_op") {
    ASSERT_EQ(one["op"], "StringMatches");
    EXPECT_EQ(string_matches(one["pattern"].get<std::string>(), one["value"].get<std::string>()),
              expected.get<bool>());
  } else if (kind == "path") {
    EXPECT_EQ(Path::parse(one["path"].get<std::string>())->find(input), expected);
  } else if (kind == "execution") {
    EXPECT_EQ(run(machine_of(one["definition"]), input, {}).output, expected["output"]);
  } else if (kind == "batching") {
    check_batching(one);
  } else if (kind == "intrinsic") {
    EXPECT_TRUE(same(evaluate(*parse_intrinsic(one["expr"].get<std::string>()), scope), expected));
  } else if (one["id"] == "rule.heartbeat_error_name") {
    check_heartbeat(one);
  } else {
    FAIL() << "a case of the unknown kind " << kind;
  }
}

TEST(AslCases, every_worked_example_comes_out_as_its_source_says) {
  const Json all = cases();
  EXPECT_EQ(all.size(), 34U);
  for (const Json& one : all) {
    SCOPED_TRACE(one["id"].get<std::string>());
    check(one);
  }
}

}  // namespace
}  // namespace spillway::asl
