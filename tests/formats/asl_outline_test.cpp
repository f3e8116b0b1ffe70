// What is said of a machine without running it, held to what its executions do and to recordings.
#include "formats/asl/outline.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>

#include <fmt/format.h>
#include "formats/asl/execution.hpp"
#include "formats/asl_score.hpp"

namespace spillway::asl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::int64_t kSecond = 1'000'000'000;

Machine machine(const std::string& text) {
  Loaded loaded = load(text);
  if (!loaded.machine) throw std::runtime_error(problem_text(loaded.problems.at(0)));
  return *std::move(loaded.machine);
}

/// A machine's outline, and its states by their nested names.
struct Outlined {
  explicit Outlined(const std::string& text) : what(machine(text)), all(outline(what)) {}
  const StateOutline& operator[](std::string_view name) const {
    for (const StateOutline& state : all.states) {
      if (state.name == name) return state;
    }
    throw std::runtime_error(fmt::format("no state {}", name));
  }

  Machine what;
  Outline all;
};

/// One state named X and a neighbour Y to go to.
Outlined one(const std::string& state, const std::string& language = "JSONPath") {
  return Outlined(
      fmt::format(R"({{"QueryLanguage":"{}","StartAt":"X","States":{{"X":{},"Y":{{"Type":"Succeed"}}}}}})",
                  language, state));
}

std::string text(const Bound& bound) {
  return bound.known() ? fmt::format("{}", bound.value) : "no bound: " + bound.without;
}
std::string text(const Range& range) {
  return fmt::format("{} | {} | {}", text(range.least), text(range.most), text(range.worst));
}
std::string seconds(const Bound& bound) {
  return bound.known() ? fmt::format("{} s", static_cast<double>(bound.value) / 1e9) : text(bound);
}

TEST(AslOutline, states_are_named_by_what_is_around_them) {
  const Outlined m(R"({"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[
      {"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}},
      {"StartAt":"M","States":{"M":{"Type":"Map","End":true,"ItemProcessor":
        {"StartAt":"B","States":{"B":{"Type":"Pass","Next":"C"},"C":{"Type":"Fail"},
                                 "D":{"Type":"Pass","End":true}}}}}}]}}})");
  std::vector<std::string> names;
  for (const StateOutline& state : m.all.states) names.push_back(state.name);
  EXPECT_THAT(names, ElementsAre("P", "P[0]/A", "P[1]/M", "P[1]/M[*]/B", "P[1]/M[*]/C", "P[1]/M[*]/D"));
  EXPECT_EQ(m.all.depth, 2U);
  EXPECT_FALSE(m["P[1]/M[*]/D"].reachable);
  EXPECT_TRUE(m["P[1]/M[*]/C"].reachable);
  EXPECT_TRUE(m["P[1]/M[*]/C"].terminal);
  EXPECT_FALSE(m["P[1]/M[*]/B"].terminal);
}

TEST(AslOutline, ways_are_told_in_the_order_of_the_definition) {
  const Outlined m(R"({"StartAt":"C","States":{
      "C":{"Type":"Choice","Choices":[{"Variable":"$.a","IsPresent":true,"Next":"T"}],"Default":"E"},
      "T":{"Type":"Task","Resource":"r","Next":"E","Catch":[{"ErrorEquals":["States.ALL"],"Next":"C"}]},
      "E":{"Type":"Succeed"}}})");
  const auto told = [&](const char* name) {
    std::string words;
    for (const Way& way : ways(m.what.states[m[name].index])) {
      words += fmt::format("{} {} ", static_cast<int>(way.kind), m.all.states[way.to].name);
    }
    return words;
  };
  EXPECT_EQ(told("C"), "1 T 2 E ");
  EXPECT_EQ(told("T"), "0 E 3 C ");
  EXPECT_EQ(told("E"), "");
}

TEST(AslOutline, retriers_add_their_attempts_and_their_delays) {
  const Outlined m = one(R"({"Type":"Task","Resource":"r","TimeoutSeconds":10,"Next":"Y","Retry":[
      {"ErrorEquals":["A"],"IntervalSeconds":2},
      {"ErrorEquals":["States.ALL"],"IntervalSeconds":1,"MaxAttempts":2,"BackoffRate":5,"MaxDelaySeconds":3,
       "JitterStrategy":"FULL"}]})");
  const StateOutline& x = m["X"];
  EXPECT_EQ(x.attempts, 6);
  ASSERT_EQ(x.retries.size(), 2U);
  ASSERT_EQ(x.retries[0].delays.size(), 3U);
  EXPECT_EQ(x.retries[0].delays[2].least_ns, 8 * kSecond);
  EXPECT_EQ(x.retries[0].delays[2].most_ns, 8 * kSecond);
  EXPECT_EQ(seconds(x.retries[0].total_ns), "14 s");
  ASSERT_EQ(x.retries[1].delays.size(), 2U);
  EXPECT_EQ(x.retries[1].delays[1].least_ns, 0);  // full jitter
  EXPECT_EQ(x.retries[1].delays[1].most_ns, 3 * kSecond);
  EXPECT_EQ(seconds(x.extent.duration_ns), "78 s");  // 6 x 10, 2 + 4 + 8, 1 + 3
}

TEST(AslOutline, a_retrier_whose_errors_find_an_earlier_one_is_never_asked) {
  const Outlined m = one(R"({"Type":"Task","Resource":"r","TimeoutSeconds":1,"End":true,"Retry":[
      {"ErrorEquals":["A","States.TaskFailed"],"MaxAttempts":1},
      {"ErrorEquals":["A","B"],"MaxAttempts":5},
      {"ErrorEquals":["States.Timeout"],"MaxAttempts":1},
      {"ErrorEquals":["States.Runtime"],"MaxAttempts":7}]})");
  const StateOutline& x = m["X"];
  EXPECT_FALSE(x.retries[0].never_asked);
  EXPECT_TRUE(x.retries[1].never_asked);
  EXPECT_FALSE(x.retries[2].never_asked);  // States.TaskFailed matches any error but this one
  EXPECT_TRUE(x.retries[3].never_asked);   // no retrier and no catcher gets this error
  EXPECT_EQ(x.attempts, 3);
  EXPECT_EQ(seconds(x.extent.duration_ns), "5 s");
}

TEST(AslOutline, retries_that_go_on_for_a_year_have_no_bound) {
  const Outlined m = one(R"({"Type":"Task","Resource":"r","TimeoutSeconds":1,"End":true,"Retry":[
      {"ErrorEquals":["A"],"MaxAttempts":99999999,"BackoffRate":1.0}]})");
  EXPECT_EQ(m["X"].attempts, 100'000'000);
  EXPECT_EQ(m["X"].retries[0].delays.size(), RetryOutline::kListed);
  EXPECT_EQ(text(m["X"].extent.duration_ns), "no bound: its retries may last for a year");
  // Ten thousand delays are added up; the rest count as long as the last, so that the sum is no less.
  const Outlined long_list = one(R"({"Type":"Task","Resource":"r","TimeoutSeconds":1,"End":true,"Retry":[
      {"ErrorEquals":["A"],"MaxAttempts":20000,"BackoffRate":1.0}]})");
  EXPECT_EQ(seconds(long_list["X"].retries[0].total_ns), "20000 s");
}

TEST(AslOutline, what_an_input_decides_has_no_bound_in_time) {
  const auto lasts = [](const char* state) { return seconds(one(state)["X"].extent.duration_ns); };
  EXPECT_EQ(lasts(R"({"Type":"Task","Resource":"r","End":true})"), "no bound: 'X' has no TimeoutSeconds");
  EXPECT_EQ(lasts(R"({"Type":"Task","Resource":"r","TimeoutSecondsPath":"$.t","End":true})"),
            "no bound: the timeout of 'X' is in its input");
  EXPECT_EQ(lasts(R"({"Type":"Task","Resource":"arn:aws:states:::http:invoke","End":true})"), "60 s");
  EXPECT_EQ(lasts(R"({"Type":"Wait","Seconds":7,"Next":"Y"})"), "7 s");
  EXPECT_EQ(lasts(R"({"Type":"Wait","SecondsPath":"$.s","Next":"Y"})"),
            "no bound: how long 'X' waits is in its input");
  EXPECT_EQ(lasts(R"({"Type":"Wait","Timestamp":"2026-11-22T00:00:00Z","Next":"Y"})"),
            "no bound: 'X' waits for a moment");
  EXPECT_EQ(lasts(R"({"Type":"Pass","Next":"Y"})"), "0 s");
}

TEST(AslOutline, the_least_and_the_most_are_those_of_the_shortest_and_the_longest_path) {
  const Outlined m(R"({"StartAt":"C","States":{
      "C":{"Type":"Choice","Choices":[{"Variable":"$.a","IsPresent":true,"Next":"T"},
                                      {"Variable":"$.b","IsPresent":true,"Next":"No"}],"Default":"End"},
      "T":{"Type":"Task","Resource":"r","TimeoutSeconds":5,"Next":"W",
           "Retry":[{"ErrorEquals":["States.ALL"],"MaxAttempts":1}],
           "Catch":[{"ErrorEquals":["States.ALL"],"Next":"Undo"}]},
      "Undo":{"Type":"Task","Resource":"r.sync","TimeoutSeconds":7,"Next":"W"},
      "W":{"Type":"Wait","Seconds":3,"Next":"End"},
      "No":{"Type":"Fail"},
      "End":{"Type":"Succeed"}}})");
  // C, End | C, T, W, End | C, T twice, Undo, W, End
  EXPECT_EQ(text(m.all.execution.transitions), "2 | 4 | 6");
  // a task 5 events and 3 for a failed attempt, one that is submitted 6, the others 2, and start and end
  EXPECT_EQ(text(m.all.execution.events), "6 | 13 | 22");
  EXPECT_EQ(seconds(m.all.execution.duration_ns), "21 s");  // 5 + 1 + 5, 7, 3
}

TEST(AslOutline, a_path_that_fails_counts_only_where_none_succeeds) {
  const Outlined m(R"({"StartAt":"A","States":{"A":{"Type":"Pass","Next":"F"},"F":{"Type":"Fail"}}})");
  EXPECT_EQ(text(m.all.execution.transitions), "2 | 2 | 2");
  EXPECT_EQ(text(m.all.execution.events), "5 | 5 | 5");
}

TEST(AslOutline, a_loop_has_no_bound_but_a_shortest_way_out) {
  const std::string loop = R"("StartAt":"Wait","States":{
      "Look":{"Type":"Choice","Choices":[{"Variable":"$.done","BooleanEquals":true,"Next":"End"}],
              "Default":"Wait"},
      "Wait":{"Type":"Wait","Seconds":5,"Next":"Look"},
      "End":{"Type":"Succeed"}}})";
  const Outlined m("{" + loop);
  const std::string why = "no bound: a loop through 'Look'";
  EXPECT_EQ(text(m.all.execution.transitions), "3 | " + why + " | " + why);
  EXPECT_EQ(text(m.all.execution.duration_ns), why);
  ASSERT_EQ(m.all.loops.size(), 1U);
  EXPECT_EQ(m.all.loops[0].state, m["Look"].index);
  EXPECT_EQ(text(m.all.loops[0].transitions), "2");
  EXPECT_EQ(text(m.all.loops[0].events), "4");
  EXPECT_EQ(seconds(Outlined(R"({"TimeoutSeconds":60,)" + loop).all.execution.duration_ns), "60 s");
}

TEST(AslOutline, each_loop_has_its_shortest_round) {
  const Outlined m(R"({"StartAt":"A","States":{
      "A":{"Type":"Choice","Choices":[{"Variable":"$.a","IsPresent":true,"Next":"A"}],"Default":"B"},
      "B":{"Type":"Pass","Next":"C"},
      "C":{"Type":"Choice","Choices":[{"Variable":"$.c","IsPresent":true,"Next":"D"},
                                      {"Variable":"$.d","IsPresent":true,"Next":"End"}],"Default":"B"},
      "D":{"Type":"Task","Resource":"r","Next":"B"},
      "End":{"Type":"Succeed"}}})");
  ASSERT_EQ(m.all.loops.size(), 2U);
  EXPECT_EQ(m.all.loops[0].state, m["A"].index);
  EXPECT_EQ(text(m.all.loops[0].events), "2");
  EXPECT_EQ(m.all.loops[1].state, m["B"].index);
  EXPECT_EQ(text(m.all.loops[1].events), "4");  // not by way of D
}

TEST(AslOutline, a_loop_through_a_catcher_is_one_of_errors_only) {
  const Outlined m(R"({"StartAt":"T","States":{
      "T":{"Type":"Task","Resource":"r","TimeoutSeconds":1,"End":true,
           "Catch":[{"ErrorEquals":["States.ALL"],"Next":"T"}]}}})");
  EXPECT_EQ(text(m.all.execution.transitions), "1 | 1 | no bound: a loop through 'T'");
}

TEST(AslOutline, a_machine_that_never_ends_has_no_least) {
  const Outlined m(R"({"StartAt":"A","States":{"A":{"Type":"Pass","Next":"A"}}})");
  EXPECT_EQ(text(m.all.execution.transitions.least), "no bound: no path ends");
}

TEST(AslOutline, branches_add_up_and_last_as_long_as_the_longest) {
  const Outlined m = one(R"({"Type":"Parallel","Next":"Y","Retry":[{"ErrorEquals":["A"],"MaxAttempts":1}],
      "Branches":[{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":2,"End":true}}},
                  {"StartAt":"B","States":{"B":{"Type":"Wait","Seconds":9,"Next":"C"},
                                           "C":{"Type":"Pass","End":true}}}]})");
  EXPECT_EQ(text(m["X"].extent.transitions), "4 | 4 | 8");
  EXPECT_EQ(text(m["X"].extent.events), "10 | 10 | 18");  // entered and left once
  EXPECT_EQ(seconds(m["X"].extent.duration_ns), "19 s");  // twice 9, and 1 between
}

TEST(AslOutline, a_map_is_as_often_as_its_items_where_these_are_written_down) {
  const char* const each = R"("ItemProcessor":{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":2,
      "End":true}}},"End":true)";
  const Outlined known =
      one(fmt::format(R"({{"Type":"Map","Items":[1,2,3],"MaxConcurrency":2,{}}})", each), "JSONata");
  EXPECT_EQ(text(known["X"].extent.transitions), "4 | 4 | 4");
  EXPECT_EQ(text(known["X"].extent.events), "16 | 16 | 16");
  EXPECT_EQ(seconds(known["X"].extent.duration_ns), "4 s");
  const Outlined open = one(fmt::format(R"({{"Type":"Map",{}}})", each));
  const std::string why = "no bound: 'X' has as many items as its input";
  EXPECT_EQ(text(open["X"].extent.transitions), "1 | " + why + " | " + why);
  EXPECT_EQ(text(open["X"].extent.duration_ns), why);
  EXPECT_EQ(text(open.all.flows[1].events), "2 | 2 | 2");  // an iteration by itself
}

TEST(AslOutline, a_caught_failure_to_evaluate_is_an_event_more) {
  const char* const retry = R"("Retry":[{"ErrorEquals":["States.ALL"],"MaxAttempts":1}])";
  const auto events = [&](const std::string& more) {
    return text(
        one(R"({"Type":"Task","Resource":"r","End":true,)" + more + "}", "JSONata")["X"].extent.events);
  };
  EXPECT_EQ(events(retry), "5 | 5 | 9");
  EXPECT_EQ(events(std::string(retry) + R"(,"Catch":[{"ErrorEquals":["States.ALL"],"Next":"Y"}])"),
            "5 | 5 | 10");
}

TEST(AslOutline, the_children_of_a_distributed_map_have_histories_of_their_own) {
  const Outlined m = one(R"({"Type":"Map","End":true,"ItemProcessor":{
      "ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},
      "StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}})");
  EXPECT_EQ(text(m["X"].extent.transitions), "1 | 1 | 1");
  EXPECT_EQ(text(m["X"].extent.events), "6 | 6 | 6");
}

/// The outline of one path, and what its execution does when every task answers, or none does.
TEST(AslOutline, executions_come_to_what_the_outline_says) {
  const Outlined m(R"({"StartAt":"Pass","States":{
      "Pass":{"Type":"Pass","Next":"Both"},
      "Both":{"Type":"Parallel","Next":"Items","Branches":[
        {"StartAt":"Left","States":{"Left":{"Type":"Wait","Seconds":2,"End":true}}},
        {"StartAt":"Right","States":{"Right":{"Type":"Pass","End":true}}}]},
      "Items":{"Type":"Pass","Result":[1,2,3],"Next":"Each"},
      "Each":{"Type":"Map","Next":"Last","QueryLanguage":"JSONata","Items":[1,2,3],"ItemProcessor":
        {"StartAt":"One","States":{"One":{"Type":"Pass","End":true}}}},
      "Last":{"Type":"Task","Resource":"r","TimeoutSeconds":10,"Next":"End",
              "Retry":[{"ErrorEquals":["Bad"],"MaxAttempts":2}],
              "Catch":[{"ErrorEquals":["Bad"],"Next":"End"}]},
      "End":{"Type":"Succeed"}}})");
  Surroundings world;
  world.answer = [](const TaskRequest& /*request*/, const std::string& /*state*/) {
    TaskAnswer answer;
    answer.result = 1;
    return answer;
  };
  const ExecutionResult good = run(m.what, Json::object(), world);
  ASSERT_EQ(good.status, Status::succeeded);
  EXPECT_EQ(std::to_string(good.history.size()), text(m.all.execution.events.least));
  EXPECT_EQ(std::to_string(good.history.size()), text(m.all.execution.events.most));
  world.answer = [](const TaskRequest& /*request*/, const std::string& /*state*/) {
    TaskAnswer answer;
    answer.failure.error = "Bad";
    answer.takes_ns = 10 * kSecond;
    return answer;
  };
  const ExecutionResult bad = run(m.what, Json::object(), world);
  ASSERT_EQ(bad.status, Status::succeeded);
  EXPECT_EQ(static_cast<std::int64_t>(bad.history.size()), m.all.execution.events.worst.value);
  EXPECT_EQ(bad.ended_ns, m.all.execution.duration_ns.value);
}

TEST(AslOutline, recorded_histories_lie_within_the_outline) {
  const Json corpus = shared_json("corpus/asl-aws-recorded/dev.json");
  if (corpus.is_null()) GTEST_SKIP() << "no recordings beside the project";
  Score score;
  int exact = 0;
  for (const Json& each : corpus["cases"]) {
    const Json& expected = each["expected"];
    const std::string definition = shown(each["definition"]);
    const Loaded loaded = load(definition);
    if (!loaded.machine || expected["status"] != "SUCCEEDED") continue;
    std::int64_t events = 0;
    for (const auto& member : expected["event_counts"].items()) events += member.value().get<std::int64_t>();
    const Range said = outline(*loaded.machine).execution.events;
    // The recordings of Parallel states lack the events of how they ended.
    const bool parallel = definition.find("\"Parallel\"") != std::string::npos;
    const bool enough = parallel || (said.least.known() && said.least.value <= events);
    const bool within = enough && (!said.worst.known() || events <= said.worst.value);
    exact += said.least.value == events && text(said.least) == text(said.most) ? 1 : 0;
    score.add("events", each["id"], within ? "" : fmt::format("{} not within {}", events, text(said)));
  }
  EXPECT_EQ(fraction_of(score), 1.0) << score.text();
  EXPECT_GT(exact, 50);
  std::cout << score.text() << exact << " exactly\n";
}

}  // namespace
}  // namespace spillway::asl
