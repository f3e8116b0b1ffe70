// Definitions: every mistake at once with its place and what was probably meant, and what is understood.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>
#include "formats/asl/definition.hpp"

namespace spillway::asl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> problems(std::string_view text, const LoadOptions& options = {}) {
  std::vector<std::string> texts;
  for (const Problem& problem : load(text, options).problems) texts.push_back(problem_text(problem));
  return texts;
}

/// The problems of a machine with this one state, which is called X and may name its neighbours Y and Z.
std::vector<std::string> state_problems(const std::string& state) {
  return problems(R"({"StartAt":"X","States":{"Y":{"Type":"Succeed"},"Z":{"Type":"Succeed"},"X":)" + state +
                  "}}");
}

std::string only(const std::vector<std::string>& found) {
  return found.size() == 1 ? found[0] : fmt::format("{} problems: {}", found.size(), fmt::join(found, "; "));
}

TEST(AslLoad, every_mistake_is_found_at_once_at_its_place) {
  EXPECT_THAT(
      problems(R"({
  "StartAt": "Frist",
  "States": {
    "First": {"Type": "Tsak", "End": true},
    "Second": {"Type": "Pass", "Nxt": "First", "End": true},
    "Third": {"Type": "Pass", "Next": "Frst"}
  }
})"),
      ElementsAre("line 2, column 14: /StartAt: 'Frist' is no state of this flow (did you mean 'First'?)",
                  "line 4, column 23: /States/First/Type: there is no type 'Tsak' (did you mean 'Task'?)",
                  "line 5, column 32: /States/Second/Nxt: a Pass state has no field 'Nxt' (did you mean "
                  "'Next'?)",
                  "line 6, column 39: /States/Third/Next: 'Frst' is no state of this flow (did you mean "
                  "'First'?)"));
}

TEST(AslLoad, yaml_says_the_same_with_its_own_places) {
  LoadOptions options;
  options.format = TextFormat::yaml;
  EXPECT_EQ(
      only(problems("StartAt: A\nStates:\n  A:\n    Type: Wait\n    Seconds: -1\n    End: true\n", options)),
      "line 5, column 14: /States/A/Seconds: 'Seconds' must be a whole number from 0 to 99999999");
}

TEST(AslLoad, placeholders_are_filled_in_and_others_stay) {
  LoadOptions options;
  options.substitutions = {{"Wait", "7"}};
  const Loaded loaded = load(R"({"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":${Wait},"Next":"B"},
      "B":{"Type":"Task","Resource":"${FunctionArn}","End":true}}})",
                             options);
  ASSERT_TRUE(loaded.machine);
  EXPECT_EQ(std::get<WaitFields>(loaded.machine->states[0].what).seconds->constant, 7);
  EXPECT_EQ(std::get<TaskFields>(loaded.machine->states[1].what).resource, "${FunctionArn}");
}

TEST(AslLoad, a_transition_cannot_leave_its_branch) {
  EXPECT_THAT(only(state_problems(R"({"Type":"Parallel","End":true,"Branches":[
      {"StartAt":"In","States":{"In":{"Type":"Pass","Next":"Y"}}}]})")),
              HasSubstr("'Y' is no state of this branch"));
}

TEST(AslLoad, names_are_short_and_used_once) {
  EXPECT_THAT(only(state_problems(R"({"Type":"Map","End":true,"ItemProcessor":
      {"StartAt":"Y","States":{"Y":{"Type":"Succeed"}}}})")),
              HasSubstr("another state of this machine is named 'Y' too"));
  const std::string name(81, 'n');
  EXPECT_THAT(
      only(problems(fmt::format(R"({{"StartAt":"{0}","States":{{"{0}":{{"Type":"Succeed"}}}}}})", name))),
      HasSubstr("1 to 80 letters"));
}

TEST(AslLoad, what_follows_a_state_is_said_once) {
  EXPECT_THAT(only(state_problems(R"({"Type":"Pass"})")), HasSubstr("either 'Next' or 'End: true'"));
  EXPECT_THAT(only(state_problems(R"({"Type":"Pass","Next":"Y","End":true})")),
              HasSubstr("exclude each other"));
  EXPECT_THAT(only(state_problems(R"({"Type":"Choice","End":true,"Default":"Y","Choices":[
      {"Variable":"$.a","IsNull":true,"Next":"Z"}]})")),
              HasSubstr("a Choice state has no field 'End'"));
}

TEST(AslLoad, each_language_has_its_own_fields) {
  EXPECT_THAT(
      only(state_problems(R"({"Type":"Pass","QueryLanguage":"JSONata","InputPath":"$.a","End":true})")),
      HasSubstr("'InputPath' is a field of JSONPath, and this state is written in JSONata"));
  EXPECT_THAT(only(state_problems(R"({"Type":"Pass","Output":1,"End":true})")),
              HasSubstr("'Output' is a field of JSONata"));
}

TEST(AslLoad, paths_and_templates_are_read_where_they_stand) {
  EXPECT_THAT(only(state_problems(R"({"Type":"Pass","ResultPath":"$.a[*]","End":true})")),
              HasSubstr("must be a reference path"));
  EXPECT_THAT(only(state_problems(R"({"Type":"Pass","Parameters":{"a":[{"b.$":"$.x["}]},"End":true})")),
              HasSubstr("/Parameters/a/0/b.$: '$.x[' is no path and no intrinsic function"));
  EXPECT_THAT(only(state_problems(R"({"Type":"Pass","Parameters":{"b.$":5},"End":true})")),
              HasSubstr("'b.$' must be a path or an intrinsic function"));
  EXPECT_THAT(only(state_problems(R"({"Type":"Pass","Assign":{"states":1},"End":true})")),
              HasSubstr("reserved"));
}

TEST(AslLoad, expressions_are_parsed_when_the_definition_is) {
  const auto pass = [](const char* output) {
    return only(state_problems(
        fmt::format(R"({{"Type":"Pass","QueryLanguage":"JSONata","Output":"{}","End":true}})", output)));
  };
  EXPECT_THAT(pass("{% 10 + * 2 %}"), HasSubstr("is no JSONata expression"));
  EXPECT_THAT(pass("{% 10 %"), HasSubstr("must end in '%}'"));
  EXPECT_THAT(pass("{%10%}"), HasSubstr("one blank must stand behind '{%'"));
  EXPECT_EQ(pass("{% 10 %}"), "0 problems: ");
  EXPECT_EQ(pass("10 %}"), "0 problems: ");  // a text
}

TEST(AslLoad, a_text_that_is_no_expression_is_no_number) {
  const auto task = [](const char* seconds) {
    return only(state_problems(fmt::format(
        R"({{"Type":"Task","QueryLanguage":"JSONata","Resource":"arn:aws:states:::sqs:sendMessage",)"
        R"("TimeoutSeconds":"{}","End":true}})",
        seconds)));
  };
  EXPECT_THAT(task("60"),
              HasSubstr("/States/X/TimeoutSeconds: 'TimeoutSeconds' must be a whole number from 1"));
  EXPECT_EQ(task("{% 60 %}"), "0 problems: ");
  EXPECT_THAT(task("{% 6 + * 0 %}"), HasSubstr("is no JSONata expression"));  // and only that
}

TEST(AslLoad, retriers_and_catchers_keep_their_rules) {
  const auto retry = [](const char* retriers) {
    return only(
        state_problems(fmt::format(R"({{"Type":"Task","Resource":"r","End":true,"Retry":[{}]}})", retriers)));
  };
  EXPECT_THAT(retry(R"({"ErrorEquals":["States.ALL","E"]})"), HasSubstr("'States.ALL' must stand alone"));
  EXPECT_THAT(retry(R"({"ErrorEquals":["States.ALL"]},{"ErrorEquals":["E"]})"),
              HasSubstr("in the last element"));
  EXPECT_THAT(retry(R"({"ErrorEquals":[]})"), HasSubstr("at least one error"));
  EXPECT_THAT(retry(R"({"ErrorEquals":["E"],"BackoffRate":0.5})"), HasSubstr("at least 1.0"));
  EXPECT_THAT(retry(R"({"ErrorEquals":["E"],"IntervalSeconds":0})"), HasSubstr("from 1 to 99999999"));
  EXPECT_THAT(retry(R"({"ErrorEquals":["E"],"JitterStrategy":"FUL"})"), HasSubstr("did you mean 'FULL'?"));
  EXPECT_THAT(retry(R"({"ErrorEquals":["E"],"MaxAttempt":1})"), HasSubstr("did you mean 'MaxAttempts'?"));
  EXPECT_THAT(
      only(state_problems(R"({"Type":"Task","Resource":"r","End":true,"Catch":[{"ErrorEquals":["E"]}]})")),
      HasSubstr("'Next' is missing"));
}

TEST(AslLoad, a_task_keeps_its_rules) {
  const auto task = [](const char* fields) {
    return only(state_problems(fmt::format(R"({{"Type":"Task","End":true,{}}})", fields)));
  };
  EXPECT_THAT(task(R"("Comment":"c")"), HasSubstr("'Resource' is missing"));
  EXPECT_THAT(task(R"("Resource":"r","TimeoutSeconds":5,"HeartbeatSeconds":5)"),
              HasSubstr("must be less than"));
  EXPECT_THAT(task(R"("Resource":"r","TimeoutSeconds":5,"TimeoutSecondsPath":"$.t")"),
              HasSubstr("exclude each other"));
  EXPECT_THAT(task(R"("Resource":"r","Credentials":{})"), HasSubstr("'RoleArn' is missing"));
  EXPECT_THAT(task(R"("Resource":"arn:aws:lambda:us-east-1:1:function:f:a b")"),
              HasSubstr("no version or alias"));
}

TEST(AslLoad, an_express_machine_waits_for_nobody) {
  LoadOptions express;
  express.express = true;
  for (const char* resource :
       {"arn:aws:states:::sns:publish.waitForTaskToken", "arn:aws:states:::batch:submitJob.sync",
        "arn:aws:states:us-east-1:1:activity:a"}) {
    const std::string text = fmt::format(
        R"({{"StartAt":"X","States":{{"X":{{"Type":"Task","End":true,"Resource":"{}"}}}}}})", resource);
    EXPECT_EQ(problems(text).size(), 0U);
    EXPECT_THAT(only(problems(text, express)), HasSubstr("an Express state machine does not support"));
  }
}

TEST(AslLoad, a_choice_keeps_its_rules) {
  const auto rule = [](const char* text) {
    return only(state_problems(fmt::format(R"({{"Type":"Choice","Choices":[{}]}})", text)));
  };
  EXPECT_THAT(rule(R"({"Variable":"$.a","NumericEqual":1,"Next":"Y"})"),
              HasSubstr("did you mean 'NumericEquals'?"));
  EXPECT_THAT(rule(R"({"Variable":"$.a","NumericEquals":"1","Next":"Y"})"), HasSubstr("must be a number"));
  EXPECT_THAT(rule(R"({"Variable":"$.a","TimestampEquals":"today","Next":"Y"})"),
              HasSubstr("must be a timestamp"));
  EXPECT_THAT(rule(R"({"Variable":"$.a","IsNull":1,"Next":"Y"})"), HasSubstr("must be true or false"));
  EXPECT_THAT(rule(R"({"Variable":"$.a","Next":"Y"})"), HasSubstr("a comparison such as"));
  EXPECT_THAT(rule(R"({"NumericEquals":1,"Next":"Y"})"), HasSubstr("'Variable' is missing"));
  EXPECT_THAT(rule(R"({"And":[],"Next":"Y"})"), HasSubstr("at least one rule"));
  EXPECT_THAT(rule(R"({"Not":{"Variable":"$.a","IsNull":true,"Next":"Y"},"Next":"Y"})"),
              HasSubstr("only the outermost rule"));
}

TEST(AslLoad, waits_and_maps_keep_their_rules) {
  EXPECT_THAT(only(state_problems(R"({"Type":"Wait","End":true})")), HasSubstr("exactly one of"));
  EXPECT_THAT(only(state_problems(R"({"Type":"Wait","Seconds":1,"TimestampPath":"$.t","End":true})")),
              HasSubstr("exactly one of"));
  EXPECT_THAT(only(state_problems(R"({"Type":"Map","End":true})")), HasSubstr("'ItemProcessor' is missing"));
  const auto map = [](const char* config, const char* fields) {
    return only(state_problems(fmt::format(
        R"({{"Type":"Map","End":true,"ItemProcessor":{{"ProcessorConfig":{},
            "StartAt":"I","States":{{"I":{{"Type":"Succeed"}}}}}}{}}})",
        config, fields)));
  };
  EXPECT_THAT(map(R"({"Mode":"DISTRIBUTED"})", ""), HasSubstr("'ExecutionType' is missing"));
  EXPECT_THAT(map(R"({"Mode":"INLINE"})", R"(,"ItemReader":{"Resource":"r"})"),
              HasSubstr("needs a processor"));
  EXPECT_THAT(map("{}", R"(,"Label":"a b")"), HasSubstr("'Label' must have"));
  EXPECT_THAT(map("{}", R"(,"ToleratedFailurePercentage":101)"), HasSubstr("from 0 to 100"));
}

TEST(AslLoad, any_text_ends_in_problems_with_a_place) {
  for (const char* text :
       {"", "[]", "5", "{}", R"({"StartAt":1,"States":[]})", R"({"StartAt":"A","States":{}})",
        R"({"StartAt":"A","States":{"A":5}})", "{\"StartAt\":"}) {
    const Loaded loaded = load(text);
    EXPECT_FALSE(loaded.machine) << text;
    ASSERT_FALSE(loaded.problems.empty()) << text;
    EXPECT_GE(loaded.problems[0].at.line, 1U) << text;
  }
}

}  // namespace
}  // namespace spillway::asl
