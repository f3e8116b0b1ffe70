// What single states do with documents: the data flow in both languages, and errors.
#include "formats/asl/step.hpp"

#include <gtest/gtest.h>

#include <fmt/format.h>

namespace spillway::asl {
namespace {

/// One state named X in a machine, and the documents around it.
struct OneState {
  explicit OneState(const std::string& state, const char* language = "JSONPath")
      : loaded(load(fmt::format(
            R"({{"QueryLanguage":"{}","StartAt":"X","States":{{"X":{},"Y":{{"Type":"Succeed"}}}}}})",
            language, state))) {}

  Scope scope() {
    Scope scope;
    scope.input = &input;
    scope.context = &context;
    scope.variables = &variables;
    return scope;
  }
  std::string enter_it() { return text(enter(*loaded.machine, 0, scope())); }
  std::string leave_it(const char* result) {
    return text(leave(*loaded.machine, 0, scope(), Json::parse(result)));
  }

  template <typename Answer>
  std::string text(const Answer& answer) {
    if (const auto* failure = std::get_if<Failure>(&answer)) return failure->error.value_or("no name");
    const auto& leaving = std::get<Leaving>(answer);
    after = leaving.variables;
    return leaving.output.dump();
  }

  Loaded loaded;
  Json input = Json::object();
  Json context = Json::object();
  Json variables = Json::object();
  Json after;
};

TEST(AslStep, a_task_gets_its_parameters_from_the_effective_input) {
  OneState one(R"({"Type":"Task","Resource":"r","InputPath":"$.in","Parameters":{"a.$":"$.x","b":"$.x",
      "c.$":"$$.Execution.Id","d.$":"$who"},"TimeoutSecondsPath":"$.t","End":true})");
  one.input = Json::parse(R"({"in":{"x":1,"t":30}})");
  one.context = Json::parse(R"({"Execution":{"Id":"e"}})");
  one.variables = Json::parse(R"({"who":"me"})");
  const Entered entered = enter(*one.loaded.machine, 0, one.scope());
  const auto* request = std::get_if<TaskRequest>(&entered);
  ASSERT_NE(request, nullptr);
  EXPECT_EQ(request->arguments.dump(), R"({"a":1,"b":"$.x","c":"e","d":"me"})");
  EXPECT_EQ(request->timeout_seconds, 30);
}

TEST(AslStep, a_result_is_selected_placed_in_the_raw_input_and_cut) {
  OneState one(R"({"Type":"Task","Resource":"r","InputPath":"$.in","ResultSelector":{"v.$":"$.value"},
      "ResultPath":"$.out.r","OutputPath":"$.out","Assign":{"seen.$":"$.v","old.$":"$seen"},"End":true})");
  one.input = Json::parse(R"({"in":1,"out":{"k":2}})");
  one.variables = Json::parse(R"({"seen":0})");
  EXPECT_EQ(one.leave_it(R"({"value":7,"rest":8})"), R"({"k":2,"r":{"v":7}})");
  EXPECT_EQ(one.after.dump(), R"({"seen":7,"old":0})");  // old sees what was before
}

TEST(AslStep, a_null_path_discards) {
  OneState input(R"({"Type":"Pass","InputPath":null,"End":true})");
  input.input = 5;
  EXPECT_EQ(input.enter_it(), "{}");
  OneState result(R"({"Type":"Task","Resource":"r","ResultPath":null,"End":true})");
  result.input = 5;
  EXPECT_EQ(result.leave_it("6"), "5");
  OneState output(R"({"Type":"Pass","OutputPath":null,"End":true})");
  output.input = 5;
  EXPECT_EQ(output.enter_it(), "{}");
}

TEST(AslStep, each_way_to_miss_has_its_error) {
  EXPECT_EQ(OneState(R"({"Type":"Pass","InputPath":"$.a","End":true})").enter_it(), "States.Runtime");
  EXPECT_EQ(OneState(R"({"Type":"Pass","Parameters":{"a.$":"$.a"},"End":true})").enter_it(),
            "States.ParameterPathFailure");
  EXPECT_EQ(OneState(R"x({"Type":"Pass","Parameters":{"a.$":"States.StringToJson('{')"
}
, "End" : true
})x")
                .enter_it(),
            "States.IntrinsicFailure");
  EXPECT_EQ(OneState(R"({"Type":"Pass","Output":"{% $states.input.a %}","End":true})", "JSONata").enter_it(),
            "States.QueryEvaluationError");
  OneState text(R"({"Type":"Pass","ResultPath":"$.a","End":true})");
  text.input = "foo";
  EXPECT_EQ(text.enter_it(), "States.ResultPathMatchFailure");
  EXPECT_EQ(
      OneState(R"({"Type":"Choice","Choices":[{"Variable":"$.a","IsNull":true,"Next":"Y"}]})").enter_it(),
      "States.Runtime");
  EXPECT_EQ(
      OneState(R"({"Type":"Choice","Choices":[{"Variable":"$.a","IsPresent":true,"Next":"Y"}]})").enter_it(),
      "States.NoChoiceMatched");
}

TEST(AslStep, a_result_or_output_beyond_the_limit_is_refused) {
  const std::string large(kPayloadLimit, 'a');
  OneState task(R"({"Type":"Task","Resource":"r","End":true})");
  EXPECT_EQ(task.leave_it(('"' + large + '"').c_str()), "States.DataLimitExceeded");
  EXPECT_EQ(task.leave_it(('"' + large.substr(2) + '"').c_str()).size(), kPayloadLimit);  // exactly as much
}

TEST(AslStep, jsonata_sees_input_result_context_and_variables) {
  OneState one(R"({"Type":"Task","Resource":"r","Arguments":{"n":"{% $states.input.a + $k %}"},
      "Output":"{% $states.result.v & $states.context.State.Name %}",
      "Assign":{"k":"{% $k + 1 %}"},"End":true})",
               "JSONata");
  ASSERT_TRUE(one.loaded.machine);
  one.input = Json::parse(R"({"a":1})");
  one.context = Json::parse(R"({"State":{"Name":"X"}})");
  one.variables = Json::parse(R"({"k":2})");
  const Entered entered = enter(*one.loaded.machine, 0, one.scope());
  EXPECT_EQ(std::get<TaskRequest>(entered).arguments.dump(), R"({"n":3})");
  EXPECT_EQ(one.leave_it(R"({"v":"r"})"), "\"rX\"");
  EXPECT_EQ(one.after.dump(), R"({"k":3})");
}

TEST(AslStep, an_inner_scope_reads_outer_variables_and_assigns_none) {
  OneState one(R"({"Type":"Pass","Assign":{"a":1},"End":true})");
  const Json outer = Json::parse(R"({"a":0})");
  Scope scope = one.scope();
  scope.outer_variables = &outer;
  EXPECT_EQ(one.text(enter(*one.loaded.machine, 0, scope)), "States.Runtime");
}

TEST(AslStep, a_choice_takes_the_first_rule_that_holds) {
  OneState one(R"({"Type":"Choice","Choices":[
      {"And":[{"Variable":"$.n","NumericGreaterThan":5},
              {"Not":{"Variable":"$.s","StringMatches":"a*b\\*"}}],"Next":"Y",
       "Assign":{"rule":1}},
      {"Variable":"$.n","NumericEqualsPath":"$.m","Next":"Y","Assign":{"rule":2}}],
      "Default":"Y","Assign":{"rule":3}})");
  ASSERT_TRUE(one.loaded.machine) << problem_text(one.loaded.problems[0]);
  for (const auto& [input, rule] :
       {std::pair{R"({"n":6,"m":6,"s":"axxb"})", 1}, std::pair{R"({"n":6,"m":6,"s":"ab*"})", 2},
        std::pair{R"({"n":"6","m":6,"s":""})", 3}}) {
    one.input = Json::parse(input);
    one.enter_it();
    EXPECT_EQ(one.after["rule"], rule) << input;
  }
}

TEST(AslStep, a_wait_is_for_so_long_or_until_then) {
  const auto waiting = [](const char* state, const char* input) {
    OneState one(state);
    one.input = Json::parse(input);
    const Entered entered = enter(*one.loaded.machine, 0, one.scope());
    if (const auto* failure = std::get_if<Failure>(&entered)) return *failure->error;
    const auto& wait = std::get<Waiting>(entered);
    return wait.until ? timestamp_text(*wait.until) : std::to_string(wait.seconds);
  };
  EXPECT_EQ(waiting(R"({"Type":"Wait","Seconds":7,"End":true})", "{}"), "7");
  EXPECT_EQ(waiting(R"({"Type":"Wait","SecondsPath":"$.s","End":true})", R"({"s":0})"), "0");
  EXPECT_EQ(waiting(R"({"Type":"Wait","SecondsPath":"$.s","End":true})", R"({"s":-1})"), "States.Runtime");
  EXPECT_EQ(waiting(R"({"Type":"Wait","SecondsPath":"$.s","End":true})", R"({"s":1.5})"), "States.Runtime");
  EXPECT_EQ(waiting(R"({"Type":"Wait","TimestampPath":"$.t","End":true})", R"({"t":"2026-11-22T05:05:00Z"})"),
            "2026-11-22T05:05:00.000Z");
  EXPECT_EQ(waiting(R"({"Type":"Wait","TimestampPath":"$.t","End":true})", R"({"t":"2226-11-22T05:05:00Z"})"),
            "States.Runtime");  // more than 2^31 seconds ahead
}

FanOut fanned_out(OneState& one, const Json* items = nullptr) {
  Entered entered = items == nullptr ? enter(*one.loaded.machine, 0, one.scope())
                                     : fan_out(*one.loaded.machine, 0, one.scope(), *items);
  return std::get<FanOut>(std::move(entered));
}

constexpr const char* kInline = R"("ItemProcessor":{"StartAt":"I","States":{"I":{"Type":"Succeed"}}})";
constexpr const char* kDistributed =
    R"("ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},
       "StartAt":"I","States":{"I":{"Type":"Succeed"}}})";

TEST(AslStep, a_map_gives_each_item_its_input) {
  OneState one(fmt::format(R"({{"Type":"Map","End":true,"InputPath":"$.d","ItemsPath":"$.l","ItemSelector":
      {{"v.$":"$$.Map.Item.Value","i.$":"$$.Map.Item.Index","k.$":"$.k"}},{}}})",
                           kInline));
  one.input = Json::parse(R"({"d":{"l":["a","b"],"k":9}})");
  const FanOut out = fanned_out(one);
  ASSERT_EQ(out.branches.size(), 2U);
  EXPECT_EQ(out.branches[1].input.dump(), R"({"v":"b","i":1,"k":9})");
  EXPECT_EQ(out.branches[1].item.dump(), R"({"Index":1,"Value":"b"})");
  EXPECT_EQ(out.concurrency, kInlineConcurrency);
  one.input = Json::parse(R"({"d":{"l":5}})");
  EXPECT_EQ(std::get<Failure>(enter(*one.loaded.machine, 0, one.scope())).error, "States.Runtime");
}

TEST(AslStep, items_are_read_cut_and_batched) {
  OneState one(
      fmt::format(R"({{"Type":"Map","End":true,"ItemReader":{{"Resource":"s3","Parameters":{{"Key.$":"$.k"}},
      "ReaderConfig":{{"InputType":"JSON","MaxItems":5}}}},"ItemBatcher":{{"MaxItemsPerBatch":2,"BatchInput":
      {{"k.$":"$.k"}}}},{}}})",
                  kDistributed));
  ASSERT_TRUE(one.loaded.machine) << problem_text(one.loaded.problems[0]);
  one.input = Json::parse(R"({"k":"file"})");
  const Entered entered = enter(*one.loaded.machine, 0, one.scope());
  EXPECT_EQ(std::get<ReadItems>(entered).arguments.dump(), R"({"Key":"file"})");
  const Json items = Json::parse("[1,2,3,4,5,6,7]");
  const FanOut out = fanned_out(one, &items);
  ASSERT_EQ(out.branches.size(), 3U);
  EXPECT_EQ(out.branches[2].input.dump(), R"({"BatchInput":{"k":"file"},"Items":[5]})");
}

TEST(AslStep, a_batch_keeps_within_its_bytes) {
  OneState one(fmt::format(R"({{"Type":"Map","End":true,"ItemBatcher":{{"MaxInputBytesPerBatch":23}},{}}})",
                           kDistributed));
  one.input = Json::parse(R"(["aaa","bbb","ccc","ddd-long-one-by-itself"])");
  const FanOut out = fanned_out(one);
  std::vector<std::size_t> sizes;
  for (const auto& branch : out.branches) sizes.push_back(branch.input["Items"].size());
  EXPECT_EQ(sizes, (std::vector<std::size_t>{2, 1, 1}));
  EXPECT_EQ(measure(out.branches[0].input).bytes, 23U);
}

TEST(AslStep, failures_are_tolerated_up_to_either_bound) {
  FanOut out;
  out.branches.resize(10);
  EXPECT_FALSE(out.exceeded(0));
  EXPECT_TRUE(out.exceeded(1));
  out.tolerated_count = 2;
  EXPECT_FALSE(out.exceeded(2));
  EXPECT_TRUE(out.exceeded(3));
  out.tolerated_percentage = 10;
  EXPECT_FALSE(out.exceeded(1));
  EXPECT_TRUE(out.exceeded(2));
}

TEST(AslStep, recovery_counts_each_retrier_for_itself_and_then_catches) {
  OneState one(R"({"Type":"Task","Resource":"r","End":true,"Retry":[
      {"ErrorEquals":["A","B"],"MaxAttempts":1},
      {"ErrorEquals":["C"],"IntervalSeconds":5,"JitterStrategy":"FULL"}],
      "Catch":[{"ErrorEquals":["B"],"ResultPath":"$.e","Next":"Y","Assign":{"why.$":"$.Cause"}}]})");
  one.input = Json::parse(R"({"k":1})");
  RetryCounts counts;
  const auto after = [&](const char* error) {
    Failure failure;
    failure.error = error;
    failure.cause = "because";
    return recover(*one.loaded.machine, 0, one.scope(), failure, counts);
  };
  EXPECT_EQ(std::get<RetryAfter>(after("A")).delay_ns, 1'000'000'000);
  EXPECT_TRUE(std::get<RetryAfter>(after("C")).full_jitter);
  const auto caught = std::get<Leaving>(after("B"));  // the first retrier is used up, by another error
  EXPECT_EQ(caught.output.dump(), R"({"k":1,"e":{"Error":"B","Cause":"because"}})");
  EXPECT_EQ(caught.variables.dump(), R"({"why":"because"})");
  EXPECT_EQ(caught.next, 1U);
  EXPECT_EQ(std::get<Failure>(after("A")).error, "A");
}

}  // namespace
}  // namespace spillway::asl
