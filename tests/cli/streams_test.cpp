// The streams and files of the command: JSON that parses alone, colour, readers that go away, disks that are
// full, interrupts, and result folders whose bytes depend on nothing but the scenario and the seed.

#include "cli/command.hpp"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace spillway::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

class Streams : public ::testing::Test {
 protected:
  void SetUp() override { write_scenarios(folder_); }
  Said say(const std::string& words, const Around& around = {}) const {
    return spillway(folder_, words, around);
  }
  Json json(const std::string& words) const {
    const Said said = say(words);
    const Json parsed = Json::parse(said.out, nullptr, false);
    EXPECT_FALSE(parsed.is_discarded()) << words << "\n" << said.out;
    EXPECT_EQ(said.err, "") << words;
    return parsed;
  }

  Scratch folder_;
};

TEST_F(Streams, JsonOnStdoutParsesAlone) {
  EXPECT_EQ(json("run small.spillway.yaml --format json")["scenario"], "small");
  const Json compared =
      json("compare small.spillway.yaml slower.spillway.yaml --format json --replications 2");
  EXPECT_EQ(compared["comparisons"][0]["candidate"], "slower");
  EXPECT_EQ(json("validate broken.spillway.yaml --format json")["diagnostics"][0]["suggestion"], "memory");
  EXPECT_EQ(json("validate small.spillway.yaml --format json")["diagnostics"], Json::array());
  EXPECT_EQ(json("validate broken.spillway.yaml --format sarif")["runs"][0]["results"][0]["ruleId"], "SW012");
  EXPECT_EQ(json("schema")["$schema"], "http://json-schema.org/draft-07/schema#");
  EXPECT_EQ(json("version --json")["result_format"], "1.0");
}

TEST_F(Streams, ValidateTellsTheStaticViewAsJson) {
  const Json said = json("validate small.spillway.yaml --format json")["static"];
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0]["file"], "small.spillway.yaml");
  EXPECT_EQ(said[0]["resources"][1]["arrivals_per_s"]["mean"], 20.0);
  EXPECT_EQ(said[0]["retry_paths"][0]["bound"], 4.0);
  EXPECT_EQ(said[0]["retry_paths"][0]["hops"][1]["layers"][0]["layer"], "SDK");
}

TEST_F(Streams, ASharedBaseIsToldOfOnce) {
  folder_.write("one.spillway.yaml", "extends: broken.spillway.yaml\n");
  folder_.write("two.spillway.yaml", "extends: broken.spillway.yaml\nhorizn: 1h\n");
  const Said said = say("compare one.spillway.yaml two.spillway.yaml");
  EXPECT_EQ(said.code, 2);
  const std::size_t first = said.err.find("unknown property 'memry'");
  ASSERT_NE(first, std::string::npos);
  EXPECT_EQ(said.err.find("unknown property 'memry'", first + 1), std::string::npos) << said.err;
  EXPECT_THAT(said.err, HasSubstr("unknown property 'horizn'"));
}

/// What bash offers for the last of the words.
std::vector<std::string> offered(const std::string& words, int last) {
  const std::string script = "source <(" SPILLWAY_COMMAND " completion bash); COMP_WORDS=(" + words +
                             "); COMP_CWORD=" + std::to_string(last) +
                             "; _spillway; printf \"%s \" \"${COMPREPLY[@]}\"";
  std::FILE* const pipe = popen(("bash -c '" + script + "'").c_str(), "r");
  std::string all;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) all += static_cast<char>(c);
  pclose(pipe);
  return split(all);
}

TEST_F(Streams, CompletionOffersCommandsFlagsAndWords) {
  using ::testing::Contains;
  using ::testing::ElementsAre;
  EXPECT_THAT(offered("spillway va", 1), ElementsAre("validate"));
  EXPECT_THAT(offered("spillway run --s", 2), ElementsAre("--seed", "--set", "--strict"));
  EXPECT_THAT(offered("spillway validate --format s", 3), ElementsAre("sarif"));
  EXPECT_THAT(offered("spillway run --event", 2), ElementsAre());
}

TEST_F(Streams, JsonParsesAloneBesideProgressAndTalk) {
  const Said said = say("run small.spillway.yaml --format json --progress plain -v");
  EXPECT_EQ(Json::parse(said.out)["verdict"], "pass");
  EXPECT_THAT(said.err, HasSubstr("rep 0/1"));
}

TEST_F(Streams, ColourIsForTerminals) {
  constexpr const char* kBold = "\x1b[1mTOTALS\x1b[0m";
  const Around terminal{.terminal = true};
  EXPECT_THAT(say("run small.spillway.yaml").out, Not(HasSubstr("\x1b[")));
  EXPECT_THAT(say("run small.spillway.yaml", terminal).out, HasSubstr(kBold));
  EXPECT_THAT(say("run small.spillway.yaml --color never", terminal).out, Not(HasSubstr("\x1b[")));
  EXPECT_THAT(say("run small.spillway.yaml --color always").out, HasSubstr(kBold));
}

TEST_F(Streams, NoColourIsHonouredUnlessColourIsAskedFor) {
  const Around refused{.environment = {"NO_COLOR=1"}, .terminal = true};
  EXPECT_THAT(say("run small.spillway.yaml", refused).out, Not(HasSubstr("\x1b[")));
  EXPECT_THAT(say("run small.spillway.yaml --color always", refused).out, HasSubstr("\x1b[1m"));
  // no-color.org: set to the empty text it means nothing.
  const Around empty{.environment = {"NO_COLOR="}, .terminal = true};
  EXPECT_THAT(say("run small.spillway.yaml", empty).out, HasSubstr("\x1b[1m"));
  const Around dumb{.environment = {"TERM=dumb"}, .terminal = true};
  EXPECT_THAT(say("run small.spillway.yaml", dumb).out, Not(HasSubstr("\x1b[")));
}

TEST_F(Streams, AReaderThatGoesAwayIsNoError) {
  for (const char* const words :
       {"run small.spillway.yaml", "run small.spillway.yaml --format json", "schema", "explain", "--help",
        "compare small.spillway.yaml slower.spillway.yaml --replications 2",
        "validate broken.spillway.yaml"}) {
    Process process(folder_, words);
    process.close_output();
    const Said said = process.finish();
    EXPECT_EQ(said.code, std::string(words).starts_with("validate") ? 2 : 0) << words;
    EXPECT_EQ(said.err, "") << words;
  }
}

TEST_F(Streams, AFullDiskIsAFailure) {
  for (const char* const words : {"run small.spillway.yaml", "schema", "version", "explain", "--help"}) {
    const Said said = say(words, {.output = "/dev/full"});
    EXPECT_EQ(said.code, 1) << words;
    EXPECT_EQ(said.err, "spillway: cannot write to stdout: No space left on device\n") << words;
  }
}

TEST_F(Streams, AnInterruptKeepsPartialResults) {
  for (const auto& [signal, code] : {std::pair{SIGINT, 130}, std::pair{SIGTERM, 143}}) {
    // A horizon that nobody waits for, at a rate that makes a hundredth of it long too.
    Process process(folder_, "run small.spillway.yaml --horizon 100000d --progress plain -o cut --set " +
                                 std::string("traffic.callers.arrivals.poisson=1000/s"));
    process.wait_for_talk();
    process.send(signal);
    const Said said = process.finish();
    EXPECT_EQ(said.code, code);
    EXPECT_THAT(said.out, HasSubstr("TOTALS"));
    EXPECT_THAT(said.err, HasSubstr("interrupted; results are partial: 1 begun"));
    const Json summary = Json::parse(folder_.read("cut/summary.json"));
    EXPECT_EQ(summary["replications"][0]["stopped_early"], true);
    EXPECT_GT(summary["journeys"]["arrivals"]["value"]["value"], 0);
    EXPECT_THAT(folder_.read("cut/series.csv"), HasSubstr("journeys,arrivals"));
  }
}

TEST_F(Streams, AnInterruptedComparisonComparesWhatItHas) {
  Process process(folder_, "compare small.spillway.yaml failing.spillway.yaml -j 1 --progress plain " +
                               std::string("--horizon 100000d -o cut --exit-code"));
  process.wait_for_talk();
  process.send(SIGINT);
  const Said said = process.finish();
  EXPECT_EQ(said.code, 130);
  EXPECT_THAT(said.out, HasSubstr("not measured"));
  EXPECT_THAT(said.err,
              HasSubstr("failing.spillway.yaml: interrupted; results are partial: nothing was run"));
  EXPECT_EQ(Json::parse(folder_.read("cut/comparison.json"))["comparisons"].size(), 1u);
}

TEST_F(Streams, ResultsGoIntoAFolderOldOrNew) {
  for (const char* const words :
       {"run small.spillway.yaml -o folder", "run small.spillway.yaml -o a/new/one"}) {
    const Said said = say(words);
    EXPECT_EQ(said.code, 0) << said.err;
    const std::filesystem::path made = folder_.path() / std::string(words).substr(27);
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(made))
      files.push_back(entry.path().filename().string());
    EXPECT_THAT(files, ::testing::UnorderedElementsAre("summary.json", "series.csv", "histograms.ndjson",
                                                       "scenario.lock.json", "report.json", "report.html",
                                                       "manifest.json"));
  }
}

TEST_F(Streams, TheSummaryOfTheFolderIsTheOneOnStdout) {
  const Said said = say("run small.spillway.yaml -o folder --format json");
  EXPECT_EQ(said.out, folder_.read("folder/summary.json"));
}

TEST_F(Streams, TheManifestSaysHowTheResultsWereMade) {
  say("run small.spillway.yaml -o folder --seed 5");
  const Json manifest = Json::parse(folder_.read("folder/manifest.json"));
  EXPECT_EQ(manifest["arguments"], (Json{"run", "small.spillway.yaml", "-o", "folder", "--seed", "5"}));
  EXPECT_EQ(manifest["files"][0]["name"], "summary.json");
  EXPECT_EQ(manifest["files"][0]["bytes"], folder_.read("folder/summary.json").size());
}

/// Every file below a folder but the manifests, which hold the time of day.
std::map<std::string, std::string> contents(const Scratch& folder, const std::string& below) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path() / below)) {
    if (!entry.is_regular_file() || entry.path().filename() == "manifest.json") continue;
    const std::string name = std::filesystem::relative(entry.path(), folder.path() / below).string();
    files[name] = folder.read(below + "/" + name);
  }
  return files;
}

TEST_F(Streams, TheNumberOfThreadsChangesNoByte) {
  const std::string compare = "compare small.spillway.yaml slower.spillway.yaml -o ";
  const Said one = say(compare + "one -j 1");
  const Said two = say(compare + "two -j 2");
  EXPECT_EQ(one.out, two.out);
  EXPECT_EQ(contents(folder_, "one"), contents(folder_, "two"));
  EXPECT_EQ(contents(folder_, "one").size(), 11u) << "four files a scenario, the comparison and its page";
}

TEST_F(Streams, TheSeedChangesTheBytes) {
  const std::string run = "run small.spillway.yaml --format json --seed ";
  EXPECT_EQ(say(run + "1").out, say("run small.spillway.yaml --format json").out);
  EXPECT_NE(say(run + "1").out, say(run + "2").out);
}

TEST_F(Streams, ScenariosOfOneNameGetFoldersOfTheirOwn) {
  folder_.write("folder/small.spillway.yaml", "extends: ../small.spillway.yaml\n");
  folder_.write("small-2.spillway.yaml", "extends: small.spillway.yaml\n");
  const Said said =
      say("compare small.spillway.yaml small-2.spillway.yaml folder/small.spillway.yaml - -o out "
          "--replications 2",
          {.input = "extends: small.spillway.yaml\n"});
  EXPECT_EQ(said.code, 0) << said.err;
  for (const char* const name : {"small", "small-2", "small-3", "stdin"})
    EXPECT_TRUE(std::filesystem::exists(folder_.path() / "out" / name / "summary.json")) << name;
}

TEST_F(Streams, TheLockFileIsAScenarioThatRunsTheSame) {
  say("run small.spillway.yaml -o folder");
  const Said again = say("run folder/scenario.lock.json --format json");
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(Json::parse(again.out)["replications"],
            Json::parse(folder_.read("folder/summary.json"))["replications"]);
}

}  // namespace
}  // namespace spillway::testing
