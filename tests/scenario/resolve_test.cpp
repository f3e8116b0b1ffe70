// From text and descriptions to values: types, defaults, bounds, and everything that is wrong at once.

#include "scenario/resolve.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "scenario/reading.hpp"
#include "spillway/distribution.hpp"

namespace spillway::testing {
namespace {

using ::nlohmann::json;

Value read_function(const std::string& yaml) {
  const auto value = value_of(yaml, example_function());
  EXPECT_TRUE(value) << value.error();
  return value ? *value : Value{};
}

std::string refused(const std::string& yaml, const Settings& settings) {
  const auto value = value_of(yaml, settings);
  return value ? "" : value.error();
}

TEST(Resolving, FillsInEveryDefaultAndSaysSo) {
  const Value function = read_function("{}");
  EXPECT_EQ(function["timeout"].duration(), 3s);
  EXPECT_EQ(function["memory"].bytes(), 128 << 20U);
  EXPECT_EQ(function["architecture"].choice_index(), 0U);
  EXPECT_TRUE(function["concurrency"].is_word("unlimited"));
  EXPECT_EQ(function["error_probability"].probability(), 0.0);
  EXPECT_FALSE(function["snap_start"].boolean());
  EXPECT_EQ(function["retry"]["profile"].text(), "sdk-standard");
  EXPECT_FALSE(function["retry"]["max_attempts"].is_set());
  EXPECT_FALSE(function["fan_out"].is_set());
  EXPECT_FALSE(function["event"].is_set());
  EXPECT_TRUE(function["timeout"].is_default());
  EXPECT_EQ(function["timeout"].position(), Position{});
  ASSERT_EQ(function["program"].items().size(), 1U);
  EXPECT_TRUE(function["program"].items()[0]["compute"].is_default());
}

TEST(Resolving, KeepsWhereTheUserWroteAValue) {
  const Value function = read_function("memory: 1GiB\ntimeout: 30s\n");
  EXPECT_FALSE(function["timeout"].is_default());
  EXPECT_EQ(function["timeout"].position(), (Position{1, 2, 10, 3}));
  EXPECT_EQ(function["timeout"].key_position(), (Position{1, 2, 1, 7}));
}

TEST(Resolving, ReportsEverythingThatIsWrongAtOnce) {
  const std::string report = refused(
      "memmory: 1GiB\ntimeout: 20m\narchitecture: mips\nsnap_start: yes\nspeed: fast\n", example_function());
  for (const char* rule : {"SW012", "SW018", "SW020", "SW019", "SW016"})
    EXPECT_NE(report.find(rule), std::string::npos) << rule;
}

TEST(Resolving, FillsAnOptionalObjectOnlyWhenItIsWritten) {
  const Settings settings = example_queue();
  const auto bare = value_of("{}", settings);
  ASSERT_TRUE(bare);
  EXPECT_FALSE((*bare)["redrive"].is_set());
  const auto written = value_of("redrive: { to: dead }", settings);
  ASSERT_TRUE(written) << written.error();
  EXPECT_EQ((*written)["redrive"]["to"].text(), "dead");
  EXPECT_EQ((*written)["redrive"]["max_receive_count"].count(), 5);
}

TEST(Resolving, FillsAnObjectFromItsMembersUnlessOneIsRequired) {
  const Settings settings{object("filled", "", {count("n", "").fallback("7")}),
                          object("open", "", {count("n", "").required()}),
                          object("one_of", "", {count("a", ""), count("b", "")}).exactly_one({"a", "b"})};
  const auto value = value_of("{}", settings);
  ASSERT_TRUE(value) << value.error();
  EXPECT_EQ((*value)["filled"]["n"].count(), 7);
  EXPECT_FALSE((*value)["open"].is_set());
  EXPECT_FALSE((*value)["one_of"].is_set());
}

TEST(Resolving, LetsABareScalarStandForAnObject) {
  const Settings settings{
      object("limit", "", {rate("rate", "").required(), count("burst", "").fallback("1")}).shorthand("rate")};
  const auto value = value_of("limit: 5/s", settings);
  ASSERT_TRUE(value) << value.error();
  EXPECT_EQ((*value)["limit"]["rate"].rate(), 5.0);
  EXPECT_EQ((*value)["limit"]["burst"].count(), 1);
}

TEST(Resolving, TakesExactlyOneOfAlternatives) {
  const Settings settings{object("a", "", {count("x", ""), count("y", ""), count("z", "").fallback("3")})
                              .exactly_one({"x", "y"})};
  const auto value = value_of("a: { y: 4 }", settings);
  ASSERT_TRUE(value) << value.error();
  EXPECT_EQ((*value)["a"].given().name, "y");
  EXPECT_NE(refused("a: { x: 1, y: 2 }", settings).find("SW021"), std::string::npos);
  EXPECT_NE(refused("a: { z: 1 }", settings).find("SW021"), std::string::npos);
}

TEST(Resolving, AcceptsAPlainWordInPlaceOfAValue) {
  EXPECT_TRUE(read_function("concurrency: unlimited")["concurrency"].is_word());
  EXPECT_EQ(read_function("concurrency: 1_000")["concurrency"].count(), 1000);
}

TEST(Resolving, IgnoresKeysOfTheUsersOwn) {
  const Value function = read_function("x-owner: team-a\ntimeout: 5s\nx-: { any: [ thing ] }\n");
  EXPECT_EQ(function["timeout"].duration(), 5s);
}

TEST(Resolving, ChecksBoundsAtBothEndsInclusively) {
  const Settings settings{duration("d", "").between(1s, 900s), bytes("b", "").at_least(1024),
                          count("c", "").at_most(10)};
  EXPECT_EQ(refused("{ d: 1s, b: 1KiB, c: 10 }", settings), "");
  EXPECT_EQ(refused("{ d: 900s }", settings), "");
  EXPECT_NE(refused("{ d: 999ms }", settings).find("'d' must be from 1s to 15m, not 999ms"),
            std::string::npos);
  EXPECT_NE(refused("{ b: 1023B }", settings).find("at least 1KiB"), std::string::npos);
  EXPECT_NE(refused("{ c: 11 }", settings).find("at most 10"), std::string::npos);
}

TEST(Resolving, KeepsAMapInTheOrderOfTheFile) {
  const Settings settings{map("m", "", count("n", ""))};
  const auto value = value_of("m: { zebra: 1, ant: 2, \"POST /orders\": 3 }", settings);
  ASSERT_TRUE(value) << value.error();
  std::string names;
  for (const Member& member : (*value)["m"].members()) names += member.name + ";";
  EXPECT_EQ(names, "zebra;ant;POST /orders;");
  EXPECT_EQ((*value)["m"]["POST /orders"].count(), 3);
}

TEST(Resolving, KeepsADocumentAsJsonWithPositions) {
  const Value function =
      read_function("event: { id: 7, name: \"12\", ok: true, none: null, list: [ 1.50, a ], empty: {} }");
  EXPECT_EQ(function["event"].text(),
            R"({"id":7,"name":"12","ok":true,"none":null,"list":[1.5,"a"],"empty":{}})");
  EXPECT_EQ(function["event"]["list"].items()[1].position().column, 65U);
}

// ---- Distributions -------------------------------------------------------------------------------------

double mean_of(const std::string& yaml) {
  const auto value = value_of("d: " + yaml, {distribution("d", "")});
  EXPECT_TRUE(value) << value.error();
  return value ? (*value)["d"].distribution().mean() : -1;
}

TEST(DistributionSettings, AreWrittenInEveryForm) {
  EXPECT_EQ(mean_of("80ms"), 8e7);
  EXPECT_EQ(mean_of("{ constant: 80ms }"), 8e7);
  EXPECT_EQ(mean_of("{ exponential: 80ms }"), 8e7);
  EXPECT_EQ(mean_of("{ exponential: { mean: 80ms } }"), 8e7);
  EXPECT_EQ(mean_of("{ uniform: { from: 1ms, to: 3ms } }"), 2e6);
  EXPECT_NEAR(mean_of("{ normal: { mean: 80ms, sd: 1ms } }"), 8e7, 1);
  EXPECT_NEAR(mean_of("{ normal: { mean: 80ms, sd: 10ms, min: 80ms, max: 80ms } }"), 8e7, 1);
  EXPECT_NEAR(mean_of("{ lognormal: { mean: 80ms, cv: 0.6 } }"), 8e7, 1);
  EXPECT_GT(mean_of("{ lognormal: { median: 80ms, p99: 400ms } }"), 8e7);
  EXPECT_NEAR(mean_of("{ gamma: { mean: 80ms, cv: 0.5 } }"), 8e7, 1);
  EXPECT_NEAR(mean_of("{ erlang: { stages: 4, mean: 80ms } }"), 8e7, 1);
  EXPECT_NEAR(mean_of("{ weibull: { shape: 1, scale: 80ms } }"), 8e7, 1);
  EXPECT_NEAR(mean_of("{ pareto: { shape: 2, min: 40ms } }"), 8e7, 1);
  EXPECT_NEAR(mean_of("{ hyperexponential: [ { weight: 3, mean: 40ms }, { weight: 1, mean: 200ms } ] }"), 8e7,
              1);
  EXPECT_NEAR(mean_of("{ two_point: [ { weight: 3, value: 40ms }, { weight: 1, value: 200ms } ] }"), 8e7, 1);
  EXPECT_NEAR(mean_of("{ quantiles: { p0: 0s, p100: 160ms } }"), 8e7, 1);
  EXPECT_NEAR(mean_of("{ quantiles: { p100: 160ms, p0: 0s } }"), 8e7, 1) << "in any order";
  EXPECT_NEAR(mean_of("{ mixture: [ { weight: 3, of: 40ms }, { weight: 1, of: { exponential: 200ms } } ] }"),
              8e7, 1);
}

TEST(DistributionSettings, AreOverSizesAndNumbersToo) {
  const Settings settings{bytes_distribution("b", ""), number_distribution("n", "")};
  const auto value =
      value_of("{ b: { uniform: { from: 1KiB, to: 3KiB } }, n: { constant: -2.5 } }", settings);
  ASSERT_TRUE(value) << value.error();
  EXPECT_EQ((*value)["b"].distribution().mean(), 2048.0);
  EXPECT_EQ((*value)["n"].distribution().mean(), -2.5);
  EXPECT_NE(refused("n: 5ms", settings), "");
  EXPECT_NE(refused("b: 5", settings), "");
}

TEST(DistributionSettings, ReadSamplesFromAFile) {
  MapFiles files{{{"dir/a.yaml", "d: { samples: { file: took.csv, column: \"took, ms\", unit: ms } }"},
                  {"dir/took.csv", "# measured\r\nname,\"took, ms\"\r\na,10\r\n\r\nb,\"30\"\r\n"}}};
  Sources sources;
  Diagnostics diagnostics;
  const auto node = read_document(sources, sources.add("dir/a.yaml", *files.read("dir/a.yaml")), diagnostics);
  const Value value = Resolver{sources, files, diagnostics}.object(*node, {distribution("d", "")});
  EXPECT_TRUE(diagnostics.empty()) << render_text(diagnostics, sources);
  EXPECT_EQ(value["d"].distribution().mean(), 2e7);
}

TEST(Samples, AreRefusedWithTheirLine) {
  const auto why = [](std::string_view text, std::string_view column) {
    const auto read = read_samples(text, column, 1e6);
    return read ? "" : std::to_string(read.error().line) + ": " + read.error().why;
  };
  EXPECT_EQ(why("1\n2.5\n3e2\n", ""), "");
  EXPECT_EQ(why("1\nx\n", ""), "2: 'x' is not a number");
  EXPECT_EQ(why("1\n-1\n", ""), "2: a sample is negative");
  EXPECT_EQ(why("", ""), "0: it holds no numbers");
  EXPECT_EQ(why("a,b\n1\n", "b"), "2: the row is too short");
  EXPECT_EQ(why("a,b\n1,2\n", "c"), "1: there is no column 'c'");
  EXPECT_EQ(why("1\nnan\n", ""), "2: 'nan' is not a number");
}

// ---- Programs and retries ------------------------------------------------------------------------------

TEST(ProgramSettings, KeepVerbsAndModifiers) {
  const Value function = read_function(R"(
program:
  - compute: { exponential: 5ms }
  - compute: request
  - { call: orders, op: put, bytes: 2KiB, retry: { profile: sdk-legacy, max_attempts: 2 }, timeout: 5s }
  - parallel: [ [ { call: a } ], [ { emit: b }, { fail: 0.5 } ] ]
  - fail: { probability: 1 %, outcome: fault }
  - branch: [ { probability: 0.1, steps: [ { compute: 1ms } ] }, { when: guests, steps: [] },
              { steps: [ { once: [ { compute: 2ms } ] } ] } ]
)");
  const std::vector<Value>& steps = function["program"].items();
  ASSERT_EQ(steps.size(), 6U);
  EXPECT_EQ(steps[0].text(), "compute");
  EXPECT_EQ(steps[0]["compute"].distribution().mean(), 5e6);
  EXPECT_TRUE(steps[1]["compute"].is_word("request"));
  EXPECT_EQ(steps[2]["call"].text(), "orders");
  EXPECT_EQ(steps[2]["op"].text(), "put");
  EXPECT_EQ(steps[2]["bytes"].distribution().mean(), 2048.0);
  EXPECT_EQ(steps[2]["retry"]["profile"].text(), "sdk-legacy");
  EXPECT_EQ(steps[2]["retry"]["max_attempts"].count(), 2);
  EXPECT_EQ(steps[2]["timeout"].duration(), 5s);
  EXPECT_EQ(steps[3]["parallel"].items()[1].items()[1]["fail"]["probability"].probability(), 0.5);
  EXPECT_EQ(steps[3]["parallel"].items()[1].items()[0].text(), "emit");
  EXPECT_EQ(steps[4]["fail"]["outcome"].text(), "fault");
  EXPECT_EQ(steps[5]["branch"].items()[1]["when"].text(), "guests");
  EXPECT_EQ(steps[5]["branch"].items()[2]["steps"].items()[0]["once"].items()[0].text(), "compute");
}

TEST(RetrySettings, AreAProfileOrAnObject) {
  EXPECT_EQ(read_function("retry: none")["retry"]["profile"].text(), "none");
  const Value custom = read_function(
      "retry: { max_attempts: 3, base: 100ms, factor: 2, cap: 20s, jitter: full, on: [ throttled, fault ], "
      "quota: { capacity: 500 } }");
  EXPECT_FALSE(custom["retry"]["profile"].is_set());
  EXPECT_EQ(custom["retry"]["base"].duration(), 100ms);
  EXPECT_EQ(custom["retry"]["on"].items().size(), 2U);
  EXPECT_EQ(custom["retry"]["quota"]["capacity"].count(), 500);
}

// ---- Typed resources and printing ----------------------------------------------------------------------

const char* const kScenario = R"(spillway: 1
name: orders
resources:
  worker: { type: aws.lambda.function, timeout: 0.1h, error_probability: 5 %,
            event_sources: [ { from: intake } ],
            response: { lognormal: { median: 2KiB, p99: 64KiB } }, concurrency: 5, event: { a: [ null, 1 ] },
            program: [ { call: intake, retry: none }, { branch: [ { steps: [] } ] } ] }
  intake: { type: aws.sqs.queue, redrive: { to: dead } }
  dead: { type: aws.sqs.queue }
traffic:
  shoppers: { to: worker, arrivals: 100/m }
)";

TEST(Resources, AreReadByTheSettingsOfTheirType) {
  MapFiles files{{{"a.yaml", kScenario}}};
  const Reading reading = read_example("a.yaml", files);
  ASSERT_TRUE(reading.diagnostics.empty()) << reading.report();
  EXPECT_EQ(reading.resources["worker"]["type"].text(), "aws.lambda.function");
  EXPECT_EQ(reading.resources["worker"]["timeout"].duration(), 6min);
  EXPECT_EQ(reading.resources["intake"]["visibility_timeout"].duration(), 30s);
  EXPECT_EQ(reading.root["traffic"]["shoppers"]["arrivals"]["poisson"].rate(), 100.0 / 60.0);
}

TEST(Printing, WritesAScenarioThatReadsBackAsTheSame) {
  MapFiles files{{{"a.yaml", kScenario}}};
  const Reading reading = read_example("a.yaml", files);
  ASSERT_TRUE(reading.diagnostics.empty()) << reading.report();
  const std::string printed = scenario_json(reading.resources);
  Sources sources;
  Diagnostics diagnostics;
  const auto node = read_document(sources, sources.add("a.json", printed), diagnostics);
  ASSERT_TRUE(node);
  const Value again = Resolver{sources, files, diagnostics}.typed_map(*node, example_types());
  EXPECT_TRUE(diagnostics.empty()) << render_text(diagnostics, sources);
  EXPECT_EQ(scenario_json(again), printed);
  const json worker = json::parse(printed).at("worker");
  EXPECT_EQ(worker.at("timeout"), "6m");
  EXPECT_EQ(worker.at("memory"), "128MiB") << "defaults are written out";
  EXPECT_EQ(worker.at("concurrency"), 5);
  EXPECT_EQ(worker.at("response"), json::parse(R"({"lognormal":{"median":"2KiB","p99":"64KiB"}})"));
  EXPECT_FALSE(worker.contains("fan_out")) << "what is not set is left out";
}

TEST(Printing, NotesWhereEachValueWasWritten) {
  MapFiles files{{{"a.yaml", kScenario}}};
  const Reading reading = read_example("a.yaml", files);
  const json positions = json::parse(lock_json(reading.resources, reading.sources)).at("x-positions");
  EXPECT_EQ(positions.at("worker.timeout"), "a.yaml:4:49");
  EXPECT_EQ(positions.at("worker.memory"), "default");
  EXPECT_EQ(positions.at("intake.redrive.to"), "a.yaml:8:49");
  EXPECT_EQ(positions.at("worker.event_sources[0].batch_size"), "default");
}

TEST(Values, StopTheProgramWhenTheyAreMisused) {
  const Value function = read_function("{}");
  EXPECT_DEATH((void)function["timeot"], "no setting named 'timeot'");
  EXPECT_DEATH((void)function["timeout"].bytes(), "a size is asked for where a duration is set");
  EXPECT_DEATH((void)function["fan_out"].text(), "nothing is set");
  EXPECT_DEATH((void)function["concurrency"].count(), "the word 'unlimited'");
}

}  // namespace
}  // namespace spillway::testing
