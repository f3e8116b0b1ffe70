// What the command says to what a user types: a table of arguments, exit codes, and what stands on stdout
// and stderr. A stream for which a row names nothing must be empty: data and talk never mix.

#include "cli/command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spillway::testing {
namespace {

using ::testing::HasSubstr;

struct Row {
  const char* name;
  const char* words;
  int code;
  std::vector<std::string> out;
  std::vector<std::string> err;
  Around around{};

  friend void PrintTo(const Row& row, std::ostream* stream) { *stream << "spillway " << row.words; }
};

std::vector<Row> commands_and_flags() {
  return {
      {"NoCommand", "", 2, {}, {"a command is needed: run, compare", "Run 'spillway --help'"}},
      {"MistypedCommand", "cmpare a b", 2, {}, {"no command 'cmpare' (did you mean 'compare'?)"}},
      {"NoSuchCommand", "dance", 2, {}, {"there is no command 'dance'\n"}},
      {"MistypedGlobalFlag", "--vrsion", 2, {}, {"no flag '--vrsion' (did you mean '--version'?)"}},
      {"MistypedFlag",
       "run --sed 3 small.spillway.yaml",
       2,
       {},
       {"'run' has no flag '--sed' (did you mean '--seed'?)"}},
      {"MistypedFlagWithItsValue",
       "run small.spillway.yaml --horizn=5s",
       2,
       {},
       {"did you mean '--horizon'?"}},
      {"FlagOfAnotherCommand", "validate small.spillway.yaml --seed 1", 2, {}, {"'validate' has no flag"}},
      {"OneArgumentTooMany", "run small.spillway.yaml b", 2, {}, {"no further argument 'b'"}},
      {"NoScenario", "run", 2, {}, {"spillway run: scenario is required"}},
      {"NothingToCompareWith", "compare small.spillway.yaml", 2, {}, {"At least 2 required but received 1"}},
      {"NothingToValidate", "validate", 2, {}, {"files is required"}},
      {"FlagWithoutItsValue", "run small.spillway.yaml --seed", 2, {}, {"--seed: needs a value"}},
      {"EmptyValue", "run small.spillway.yaml --seed ''", 2, {}, {"--seed: needs a value"}},
      {"EmptyHorizon", "run small.spillway.yaml --horizon ''", 2, {}, {"--horizon: needs a value"}},
      {"FlagTwice", "run small.spillway.yaml --seed 1 --seed 2", 2, {}, {"--seed: At Most 1 required"}},
      {"MistypedChoice",
       "run small.spillway.yaml --format jsn",
       2,
       {},
       {"--format: 'jsn' is none of text, json (did you mean 'json'?)"}},
      {"NoSuchColour", "run small.spillway.yaml --color red", 2, {}, {"none of auto, always, never"}},
      {"SeedBelowZero",
       "run small.spillway.yaml --seed=-1",
       2,
       {},
       {"--seed needs a whole number from 0 to 9223372036854775807, not '-1'"}},
      {"SeedTooLarge", "run small.spillway.yaml --seed 9223372036854775808", 2, {}, {"--seed needs a whole"}},
      {"SeedWithRest", "run small.spillway.yaml --seed 1x", 2, {}, {"--seed needs a whole number", "'1x'"}},
      {"NoReplications", "run small.spillway.yaml --replications 0", 2, {}, {"from 1 to 100000, not '0'"}},
      {"HalfAReplication", "run small.spillway.yaml --replications 0.5", 2, {}, {"not '0.5'"}},
      {"NoThreads", "run small.spillway.yaml -j 0", 2, {}, {"--jobs needs a whole number from 1 to 1024"}},
      {"NoEvents", "run small.spillway.yaml --max-events 0", 2, {}, {"--max-events needs a whole number"}},
      {"HorizonWithoutUnit",
       "run small.spillway.yaml --horizon 5",
       2,
       {},
       {"SW015: a duration needs a unit (did you mean 5s?)", "horizon=5"}},
      {"HorizonBelowZero", "run small.spillway.yaml --horizon -5s", 2, {}, {"cannot be negative"}},
      {"HorizonOfNothing", "run small.spillway.yaml --horizon 0s", 2, {}, {"must be at least 1ns"}},
      {"WarmUpOverTheHorizon", "run small.spillway.yaml --warm-up 5s", 2, {}, {"shorter than the horizon"}},
      {"SetWithoutValue", "run small.spillway.yaml --set horizon", 2, {}, {"--set needs PATH=VALUE"}},
      {"SetOfAMistypedResource",
       "run small.spillway.yaml --set resources.wrker.memory=1GiB",
       2,
       {},
       {"there is no 'wrker' in 'resources' (did you mean 'worker'?)"}},
      {"SetOfAMistypedSetting",
       "run small.spillway.yaml --set resources.worker.memry=1GiB",
       2,
       {},
       {"--set:1:18: error SW012: unknown property 'memry' (did you mean 'memory'?)"}},
      {"SetOfAMistypedMember",
       "run small.spillway.yaml --set horizn=1h",
       2,
       {},
       {"unknown property 'horizn' (did you mean 'horizon'?)"}},
      {"SetOutOfBounds", "run small.spillway.yaml --set resources.worker.memory=1MiB", 2, {}, {"SW018"}},
  };
}

std::vector<Row> files() {
  return {
      {"UnknownFile", "run nothere.yaml", 2, {}, {"SW011: cannot read 'nothere.yaml': it does not exist"}},
      {"FolderForAFile", "run folder", 2, {}, {"SW011: cannot read 'folder': it is a folder"}},
      {"EmptyFile", "run empty.yaml", 2, {}, {"empty.yaml:1:1: error SW033: the file holds no scenario"}},
      {"EmptyName", "run ''", 2, {}, {"scenario: needs a value"}},
      {"MistypedKey",
       "run broken.spillway.yaml",
       2,
       {},
       {"broken.spillway.yaml:2:24: error SW012: unknown property 'memry' (did you mean 'memory'?)",
        "^~~~~"}},
      {"OneBrokenOfTwo",
       "compare small.spillway.yaml broken.spillway.yaml",
       2,
       {},
       {"broken.spillway.yaml:2:24: error SW012"}},
      {"ValidateTellsOnStdout",
       "validate small.spillway.yaml broken.spillway.yaml nothere.yaml",
       2,
       {"broken.spillway.yaml:2:24: error SW012", "cannot read 'nothere.yaml'"},
       {}},
      {"ValidateOne", "validate small.spillway.yaml", 0, {"1 scenario is valid\n"}, {}},
      {"ValidateTwo",
       "validate small.spillway.yaml slower.spillway.yaml",
       0,
       {"2 scenarios are valid, with 1 warning\n"},
       {}},
      {"ValidateShowsWhatIsOffered",
       "validate small.spillway.yaml",
       0,
       {"Offered load, by the traffic equations\n", "callers > worker (SDK x4) > store\n", "Assumed\n"},
       {}},
      {"ValidateWarns",
       "validate small.spillway.yaml --set traffic.callers.timeout=1s",
       0,
       {"small.spillway.yaml:11:18: warning SW104: 'callers' waits 1s for 'worker', which may go on for 3s",
        "(try: wait 3s, or let 'worker' end sooner)", "1 scenario is valid, with 1 warning\n"},
       {}},
      {"ValidateStrictly",
       "validate small.spillway.yaml --set traffic.callers.timeout=1s --strict",
       2,
       {"SW104"},
       {}},
      {"ValidateStrictlyWithoutWarnings", "validate small.spillway.yaml --strict", 0, {"is valid\n"}, {}},
      {"ValidateForAnnotations",
       "validate broken.spillway.yaml --format github",
       2,
       {"::error file=broken.spillway.yaml,line=2,col=24"},
       {}},
      {"OutIsAFile", "run small.spillway.yaml -o empty.yaml", 2, {}, {"cannot make the folder 'empty.yaml'"}},
      {"OutIsBelowAFile", "run small.spillway.yaml -o empty.yaml/a", 2, {}, {"cannot make the folder"}},
      {"OutIsNowhere", "run small.spillway.yaml -o /proc/nowhere", 2, {}, {"cannot make the folder"}},
      {"OutIsNothing", "run small.spillway.yaml -o ''", 2, {}, {"--out: needs a value"}},
      {"OutIsStdout",
       "run small.spillway.yaml -o - --format json",
       2,
       {},
       {"--out needs a folder, not '-': --format json prints the summary on stdout"}},
      {"EmptyStdin", "run -", 2, {}, {"-:1:1: error SW033: the file holds no scenario"}},
      {"ValidateWithAVariable",
       "validate - --var rate=7/s",
       0,
       {"callers sent/s                                 7     7         7\n"},
       {},
       {.input = "extends: small.spillway.yaml\nvariables: { rate: 20/s }\n"
                 "traffic: { callers: { arrivals: { poisson: \"${rate}\" } } }\n"}},
      {"NoSuchVariable",
       "run small.spillway.yaml --var rate=7/s",
       2,
       {},
       {"SW029: there is no 'rate' in 'variables'"}},
      {"ValidateStdin",
       "validate -",
       2,
       {"-:1:1: error SW012: unknown property 'spilway' (did you mean 'spillway'?)"},
       {},
       {.input = "spilway: 1\nresources: {}\ntraffic: {}\n"}},
  };
}

std::vector<Row> answers() {
  return {
      {"Version", "version", 0, {"spillway 0."}, {}},
      {"VersionFlag", "--version", 0, {"spillway 0."}, {}},
      {"Help", "--help", 0, {"Usage: spillway", "compare", "explain", "130  interrupted"}, {}},
      {"HelpOfACommand", "compare --help", 0, {"--exit-code", "--replications N", "-o,--out FOLDER"}, {}},
      {"Topics", "explain", 0, {"aws.lambda.function", "SW001", "sdk-standard"}, {}},
      {"TopicType", "explain aws.sqs.queue", 0, {"aws.sqs.queue: ", "visibility_timeout"}, {}},
      {"TopicSetting", "explain aws.lambda.function.memory", 0, {"default 128MiB; from 128MiB to 10GiB"}, {}},
      {"TopicInner", "explain aws.lambda.function.event_sources.batch_size", 0, {"batch_size"}, {}},
      {"TopicScenario", "explain scenario", 0, {"horizon", "warm_up"}, {}},
      {"TopicRule", "explain SW012", 0, {"SW012: a property is unknown"}, {}},
      {"TopicQuota", "explain lambda.concurrency.account", 0, {"lambda.concurrency.account: 1000"}, {}},
      {"TopicProfile", "explain sdk-standard", 0, {"at most 3 attempts"}, {}},
      {"TopicMetric", "explain retry_amplification", 0, {"of journeys", "of resources", "better lower"}, {}},
      {"TopicMarkdown", "explain http.endpoint --markdown", 0, {"| setting | kind | default |"}, {}},
      {"TopicScenarioMarkdown",
       "explain scenario --markdown",
       0,
       {"| setting | kind | default |", "\n| `horizon` |"},
       {}},
      {"TopicSettingMarkdown",
       "explain aws.lambda.function.memory --markdown",
       0,
       {"| setting | kind | default |", "\n| `memory` |"},
       {}},
      {"TopicMembersMarkdown",
       "explain aws.lambda.function.event_sources --markdown",
       0,
       {"|---|\n| `from` |", "\n| `provisioned.minimum_pollers` |"},
       {}},
      {"MistypedType", "explain aws.lamda.function", 2, {}, {"(did you mean 'aws.lambda.function'?)"}},
      {"MistypedSetting",
       "explain aws.lambda.function.memry",
       2,
       {},
       {"no topic 'aws.lambda.function.memry' (did you mean 'aws.lambda.function.memory'?)"}},
      {"BareSetting",
       "explain visibility_timeout",
       2,
       {},
       {"did you mean 'aws.sqs.queue.visibility_timeout'?"}},
      {"StateMachine",
       "explain orders.asl.json",
       0,
       {"orders.asl.json: 1 state, JSONPath\n",
        "Pay: Task arn:aws:states:::lambda:invoke, the start, ends; at most 4 "
        "attempts and 27s\n  retry States.ALL: 3 times, after 1s, 2s, 4s\n",
        "transitions              1         1         4\n"},
       {}},
      {"StateMachineOnStdin",
       "explain -",
       0,
       {"-: 1 state, JSONPath\n", "Rest: Succeed, the start\n"},
       {},
       {.input = "StartAt: Rest\nStates: { Rest: { Type: Succeed } }\n"}},
      {"BrokenStateMachine",
       "explain broken.asl.yaml",
       2,
       {},
       {"broken.asl.yaml:3:16: error SW046: States/Pay/Type: there is no type 'Tsak' (did you mean "
        "'Task'?)\n",
        "                   ^",
        "broken.asl.yaml:4:23: error SW046: States/Ship/Nxt: a Pass state has no field 'Nxt' (did you "
        "mean 'Next'?)\n"}},
      {"StateMachineThatIsNotThere", "explain x.asl.json", 2, {}, {"SW011: cannot read 'x.asl.json'"}},
      {"StateMachineThatIsNoJson", "explain -", 2, {}, {"-:2:1: error SW001"}, {.input = "{\"StartAt\": \n"}},
      {"ScenarioToExplain",
       "explain small.spillway.yaml",
       2,
       {},
       {"small.spillway.yaml:1:1: error SW046: this is a scenario: 'spillway validate' shows it"}},
      {"NoStateMachine", "explain empty.yaml", 2, {}, {"empty.yaml:1:1: error SW0"}},
      {"TopicDesignRule", "explain SW106", 0, {"SW106: several layers on one path try again"}, {}},
      {"CompletionOfBash", "completion bash", 0, {"complete -o filenames -F _spillway spillway\n"}, {}},
      {"CompletionOfZsh", "completion zsh", 0, {"#compdef spillway\n", "bashcompinit"}, {}},
      {"CompletionOfFish",
       "completion fish",
       0,
       {"complete -c spillway -n '__fish_seen_subcommand_from validate' -l format -x -a 'text json sarif "
        "github'"},
       {}},
      {"NoSuchShell", "completion fis", 2, {}, {"'fis' is none of bash, zsh, fish (did you mean 'fish'?)"}},
      {"MistypedRule", "explain sw012", 2, {}, {"did you mean 'SW012'?"}},
      {"NoSuchTopic", "explain xyzzy", 2, {}, {"there is no topic 'xyzzy'\n"}},
  };
}

std::vector<Row> runs() {
  return {
      {"Run", "run small.spillway.yaml", 0, {"TOTALS", "RESOURCES", "BOTTLENECK"}, {}},
      {"RunStdin",
       "run -",
       0,
       {"  spillway  -  seed 1", "TOTALS"},
       {},
       {.input = "extends: small.spillway.yaml\n"}},
      {"Quiet", "run small.spillway.yaml -q", 0, {}, {}},
      {"QuietLeavesData", "run small.spillway.yaml -q --format json", 0, {"\"verdict\": \"pass\""}, {}},
      {"QuietLeavesMistakes", "run nothere.yaml -q", 2, {}, {"cannot read 'nothere.yaml'"}},
      {"Verbose",
       "run small.spillway.yaml -v",
       0,
       {"TOTALS"},
       {"read small.spillway.yaml (resources: 2, traffic: 1)", "runs: 1, events: "}},
      {"Progress", "run small.spillway.yaml --progress plain", 0, {"TOTALS"}, {"rep 0/1", " left\n"}},
      {"SetSettings",
       "run small.spillway.yaml --set resources.worker.memory=1GiB --set name=bigger",
       0,
       {"\n  bigger\n"},
       {}},
      {"Seed", "run small.spillway.yaml --seed 7", 0, {"seed 7"}, {}},
      {"ThresholdFails", "run failing.spillway.yaml", 99, {"✗ journeys.response  p(50) < 1ms"}, {}},
      {"ThresholdIsUndecided",
       "run undecided.spillway.yaml --replications 2",
       0,
       {"? journeys.arrivals", "more replications needed"},
       {}},
      {"ThresholdIsUndecidedStrictly",
       "run undecided.spillway.yaml --replications 2 --strict",
       3,
       {"? journeys.arrivals"},
       {}},
      {"AFailedThresholdWinsOverStrict", "run failing.spillway.yaml --strict", 99, {"✗"}, {}},
      {"StoppedByEvents",
       "run small.spillway.yaml --max-events 10",
       5,
       {"stopped early"},
       {"stopped early by --max-events; results are partial: 1 begun"}},
      {"StoppedEarlyWinsOverAThreshold",
       "run failing.spillway.yaml --max-events 10",
       5,
       {"stopped early"},
       {"stopped early by --max-events"}},
      {"TrafficBreaksOff",
       "run broken-off.spillway.yaml",
       1,
       {},
       {"broken-off.spillway.yaml: log.csv:4:1: 'soon' is not a number"}},
      {"Compare",
       "compare small.spillway.yaml slower.spillway.yaml",
       0,
       {"TOPOLOGY", "FIGURES", "worse"},
       {}},
      {"CompareDiffers",
       "compare small.spillway.yaml slower.spillway.yaml --exit-code",
       4,
       {"IN SHORT  slower: ", "worse in response p50"},
       {}},
      {"CompareWithItself",
       "compare small.spillway.yaml small.spillway.yaml --exit-code",
       0,
       {"no difference that the replications could show"},
       {}},
      {"CompareFailsAThreshold", "compare small.spillway.yaml failing.spillway.yaml", 99, {"✗"}, {}},
      {"SameFiguresDoNotHideAFailedThreshold",
       "compare small.spillway.yaml failing.spillway.yaml --exit-code",
       99,
       {"✗"},
       {}},
      {"DifferenceComesBeforeThresholds",
       "compare failing.spillway.yaml slower.spillway.yaml --exit-code",
       4,
       {"✗"},
       {}},
      {"CompareStdin",
       "compare - slower.spillway.yaml --replications 2",
       0,
       {"base       small  (-)"},
       {},
       {.input = "extends: small.spillway.yaml\n"}},
  };
}

class Usage : public ::testing::TestWithParam<Row> {};

TEST_P(Usage, IsAnsweredAsTheTableSays) {
  const Row& row = GetParam();
  const Scratch folder;
  write_scenarios(folder);
  const Said said = spillway(folder, row.words, row.around);
  const std::string all = "stdout:\n" + said.out + "\nstderr:\n" + said.err;
  EXPECT_EQ(said.code, row.code) << all;
  for (const std::string& part : row.out) EXPECT_THAT(said.out, HasSubstr(part)) << all;
  for (const std::string& part : row.err) EXPECT_THAT(said.err, HasSubstr(part)) << all;
  if (row.out.empty()) {
    EXPECT_EQ(said.out, "") << all;
  }
  if (row.err.empty()) {
    EXPECT_EQ(said.err, "") << all;
  }
}

std::string name_of_row(const ::testing::TestParamInfo<Row>& row) { return row.param.name; }

INSTANTIATE_TEST_SUITE_P(CommandsAndFlags, Usage, ::testing::ValuesIn(commands_and_flags()), name_of_row);
INSTANTIATE_TEST_SUITE_P(Files, Usage, ::testing::ValuesIn(files()), name_of_row);
INSTANTIATE_TEST_SUITE_P(Answers, Usage, ::testing::ValuesIn(answers()), name_of_row);
INSTANTIATE_TEST_SUITE_P(Runs, Usage, ::testing::ValuesIn(runs()), name_of_row);

}  // namespace
}  // namespace spillway::testing
