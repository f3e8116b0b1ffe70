// Whole executions in virtual time: moments, histories, retries, branches, iterations and children.
#include "formats/asl/execution.hpp"

#include <gtest/gtest.h>

#include <fmt/format.h>

namespace spillway::asl {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

Machine machine(const std::string& text) {
  Loaded loaded = load(text);
  if (!loaded.machine) throw std::runtime_error(problem_text(loaded.problems.at(0)));
  return *std::move(loaded.machine);
}

/// Tasks answer what their resource says: "ok:3" after three seconds, "Error:2" after two.
Surroundings world() {
  Surroundings around;
  around.start = *parse_timestamp("2026-11-22T00:00:00Z");
  around.answer = [](const TaskRequest& request, const std::string& /*state*/) {
    TaskAnswer answer;
    const std::size_t colon = request.resource.find(':');
    const std::string outcome = request.resource.substr(0, colon);
    answer.takes_ns = std::stoll(request.resource.substr(colon + 1)) * kSecond;
    if (outcome == "ok") {
      answer.result = request.arguments;
    } else {
      answer.failure.error = outcome;
    }
    return answer;
  };
  return around;
}

/// "0 ExecutionStarted, 0 PassStateEntered A, ...", seconds first.
std::string history(const ExecutionResult& result) {
  std::string text;
  for (const HistoryEvent& event : result.history) {
    text += fmt::format("{}{} {}{}{}", text.empty() ? "" : ", ", event.at_ns / kSecond, event.type,
                        event.state.empty() ? "" : " ", event.state);
  }
  return text;
}

int count(const ExecutionResult& result, std::string_view type) {
  int found = 0;
  for (const HistoryEvent& event : result.history) found += event.type == type ? 1 : 0;
  return found;
}

TEST(AslExecution, waits_take_virtual_time_and_past_moments_none) {
  const ExecutionResult result = run(machine(R"({"StartAt":"A","States":{
      "A":{"Type":"Wait","Seconds":5,"Next":"B"},
      "B":{"Type":"Wait","Timestamp":"2026-11-22T00:00:03Z","Next":"C"},
      "C":{"Type":"Wait","Timestamp":"2026-11-22T00:01:00Z","End":true}}})"),
                                     Json::object(), world());
  EXPECT_EQ(result.status, Status::succeeded);
  EXPECT_EQ(result.ended_ns, 60 * kSecond);
  EXPECT_EQ(history(result),
            "0 ExecutionStarted, 0 WaitStateEntered A, 5 WaitStateExited A, 5 WaitStateEntered B, 5 "
            "WaitStateExited "
            "B, 5 WaitStateEntered C, 60 WaitStateExited C, 60 ExecutionSucceeded");
}

TEST(AslExecution, a_task_is_retried_within_its_visit_and_then_caught) {
  const ExecutionResult result = run(machine(R"({"StartAt":"A","States":{
      "A":{"Type":"Task","Resource":"Broken:1",
           "Retry":[{"ErrorEquals":["Broken"],"MaxAttempts":2,"IntervalSeconds":3}],
           "Catch":[{"ErrorEquals":["States.ALL"],"Next":"B"}],"End":true},"B":{"Type":"Succeed"}}})"),
                                     Json::object(), world());
  EXPECT_EQ(result.status, Status::succeeded);
  EXPECT_EQ(result.retry_delays_ns, (std::vector<std::int64_t>{3 * kSecond, 6 * kSecond}));
  EXPECT_EQ(result.ended_ns, (1 + 3 + 1 + 6 + 1) * kSecond);
  EXPECT_EQ(count(result, "TaskStateEntered"), 1);
  EXPECT_EQ(count(result, "TaskFailed"), 3);
  EXPECT_EQ(count(result, "TaskStateExited"), 1);
}

TEST(AslExecution, a_timeout_ends_a_task_at_its_moment) {
  const ExecutionResult result = run(machine(R"({"StartAt":"A","States":{
      "A":{"Type":"Task","Resource":"ok:60","TimeoutSeconds":5,"End":true}}})"),
                                     Json::object(), world());
  EXPECT_EQ(result.failure.error, "States.Timeout");
  EXPECT_EQ(result.ended_ns, 5 * kSecond);
  EXPECT_EQ(count(result, "TaskTimedOut"), 1);
}

TEST(AslExecution, an_execution_times_out_or_is_stopped) {
  const Machine waits =
      machine(R"({"TimeoutSeconds":9,"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":60,"End":true}}})");
  EXPECT_EQ(history(run(waits, Json::object(), world())),
            "0 ExecutionStarted, 0 WaitStateEntered A, 9 ExecutionTimedOut");
  Surroundings stopped = world();
  stopped.abort_at_ns = 4 * kSecond;
  EXPECT_EQ(history(run(waits, Json::object(), stopped)),
            "0 ExecutionStarted, 0 WaitStateEntered A, 4 ExecutionAborted");
}

TEST(AslExecution, branches_run_side_by_side_and_answer_in_their_order) {
  const ExecutionResult result =
      run(machine(R"({"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[
      {"StartAt":"A","States":{"A":{"Type":"Task","Resource":"ok:7","Parameters":"a","End":true}}},
      {"StartAt":"B","States":{"B":{"Type":"Task","Resource":"ok:3","Parameters":"b","End":true}}}]}}})"),
          Json::object(), world());
  EXPECT_EQ(result.output.dump(), R"(["a","b"])");
  EXPECT_EQ(result.ended_ns, 7 * kSecond);
}

TEST(AslExecution, the_first_failing_branch_stops_the_others) {
  const ExecutionResult result =
      run(machine(R"({"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[
      {"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":60,"End":true}}},
      {"StartAt":"B","States":{"B":{"Type":"Task","Resource":"Broken:3","End":true}}}]}}})"),
          Json::object(), world());
  EXPECT_EQ(result.failure.error, "Broken");
  EXPECT_EQ(history(result),
            "0 ExecutionStarted, 0 ParallelStateEntered P, 0 ParallelStateStarted, 0 WaitStateEntered A, 0 "
            "TaskStateEntered B, 0 TaskScheduled, 0 TaskStarted, 3 TaskFailed, 3 TaskStateAborted B, 3 "
            "WaitStateAborted A, 3 ParallelStateFailed, 3 ExecutionFailed");
}

std::string map_of_waits(const char* fields) {
  return fmt::format(
      R"({{"StartAt":"M","States":{{"M":{{"Type":"Map","End":true{},"ItemProcessor":{{"StartAt":"W",
      "States":{{"W":{{"Type":"Wait","Seconds":10,"End":true}}}}}}}}}}}})",
      fields);
}

Json numbers(int count) {
  Json list = Json::array();
  for (int i = 0; i < count; ++i) list.push_back(i);
  return list;
}

TEST(AslExecution, iterations_run_as_many_at_once_as_allowed) {
  EXPECT_EQ(run(machine(map_of_waits(R"(,"MaxConcurrency":2)")), numbers(5), world()).ended_ns, 30 * kSecond);
  // No limit asked for: forty at once.
  EXPECT_EQ(run(machine(map_of_waits("")), numbers(40), world()).ended_ns, 10 * kSecond);
  EXPECT_EQ(run(machine(map_of_waits("")), numbers(41), world()).ended_ns, 20 * kSecond);
  const ExecutionResult none = run(machine(map_of_waits("")), numbers(0), world());
  EXPECT_EQ(none.output.dump(), "[]");
  EXPECT_EQ(run(machine(map_of_waits("")), numbers(3), world()).output.dump(), "[0,1,2]");
}

TEST(AslExecution, an_inline_map_writes_four_events_and_two_for_each_iteration) {
  const ExecutionResult result = run(machine(map_of_waits("")), numbers(3), world());
  EXPECT_EQ(result.history.size(), 2U + 4U + 3U * (2U + 2U));
}

/// Items that are odd fail.
std::string distributed(const char* fields) {
  return fmt::format(R"({{"StartAt":"M","States":{{"M":{{"Type":"Map","End":true{},"ItemProcessor":{{
      "ProcessorConfig":{{"Mode":"DISTRIBUTED","ExecutionType":"EXPRESS"}},"StartAt":"C","States":{{
      "C":{{"Type":"Choice","Choices":[{{"Variable":"$","NumericEquals":1,"Next":"F"}}],"Default":"S"}},
      "S":{{"Type":"Succeed"}},"F":{{"Type":"Fail","Error":"Odd"}}}}}}}}}}}})",
                     fields);
}

TEST(AslExecution, a_distributed_map_tolerates_as_many_failures_as_it_says) {
  const ExecutionResult none = run(machine(distributed("")), numbers(3), world());
  EXPECT_EQ(none.failure.error, "States.ExceedToleratedFailureThreshold");
  EXPECT_EQ(history(none),
            "0 ExecutionStarted, 0 MapStateEntered M, 0 MapStateStarted, 0 MapRunStarted, 0 MapRunFailed, 0 "
            "MapStateFailed, 0 ExecutionFailed");
  const ExecutionResult one = run(machine(distributed(R"(,"ToleratedFailureCount":1)")), numbers(3), world());
  EXPECT_EQ(one.output.dump(), "[0,2]");
  EXPECT_EQ(one.history.size(), 2U + 6U);  // the children's events are in their own histories
}

TEST(AslExecution, a_loop_without_end_fails_at_the_limit_of_the_history) {
  const Machine loop = machine(R"({"StartAt":"A","States":{"A":{"Type":"Pass","Next":"A"}}})");
  const ExecutionResult result = run(loop, Json::object(), world());
  EXPECT_EQ(result.status, Status::failed);
  EXPECT_NEAR(static_cast<double>(result.history.size()), 25'000, 3);
  const std::string inner =
      R"({"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"A",
      "States":{"A":{"Type":"Pass","Next":"A"}}})";
  const Machine child =
      machine(R"({"StartAt":"M","States":{"M":{"Type":"Map","End":true,"ItemProcessor":)" + inner + "}}}");
  EXPECT_EQ(run(child, numbers(1), world()).status, Status::failed);
}

TEST(AslExecution, a_document_that_grows_inward_is_stopped) {
  const ExecutionResult result =
      run(machine(R"({"StartAt":"A","States":{"A":{"Type":"Pass","Parameters":{"a.$":"$"},"Next":"A"}}})"), 1,
          world());
  EXPECT_EQ(result.failure.error, "States.Runtime");
}

TEST(AslExecution, children_see_no_outer_variables_and_iterations_do) {
  const auto with = [](const char* mode) {
    return machine(
        fmt::format(R"({{"StartAt":"V","States":{{"V":{{"Type":"Pass","Assign":{{"v":1}},"Next":"M"}},
      "M":{{"Type":"Map","End":true,"ItemProcessor":{{"ProcessorConfig":{},"StartAt":"I","States":{{
      "I":{{"Type":"Pass","Parameters":{{"v.$":"$v"}},"End":true}}}}}}}}}}}})",
                    mode));
  };
  EXPECT_EQ(run(with(R"({"Mode":"INLINE"})"), numbers(1), world()).output.dump(), R"([{"v":1}])");
  EXPECT_EQ(run(with(R"({"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"})"), numbers(1), world()).status,
            Status::failed);
}

TEST(AslExecution, the_same_input_and_answers_give_the_same_history) {
  const std::string text = R"({"StartAt":"A","States":{"A":{"Type":"Task","Resource":"E:0","End":true,
      "Retry":[{"ErrorEquals":["E"],"JitterStrategy":"FULL"}]}}})";
  const auto twice = [&] {
    Surroundings around = world();
    std::uint64_t state = 1;
    around.random_bits = [&state] { return state *= 0x9E3779B97F4A7C15U; };
    return history(run(machine(text), Json::object(), around));
  };
  EXPECT_EQ(twice(), twice());
}

}  // namespace
}  // namespace spillway::asl
