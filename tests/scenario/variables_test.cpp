// Variables: what `${name}` becomes, and who gives it its value.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenario/reading.hpp"
#include "scenario/scenario.hpp"

namespace spillway::testing {
namespace {

using ::testing::HasSubstr;

constexpr const char* kScenario = R"(
spillway: 1
name: ${title}
variables:
  title: "with ${nothing}"
  rate: 100/s
  steps: [ { compute: 5ms } ]
resources:
  worker: { type: aws.lambda.function, program: "${steps}" }
traffic:
  users: { to: worker, arrivals: { poisson: "${rate}" } }
)";

struct Read {
  Sources sources;
  Diagnostics diagnostics;
  std::optional<Scenario> scenario;

  explicit Read(const std::string& text, const std::vector<std::string>& sets = {},
                const std::string& base = {}) {
    MapFiles files({{"a.yaml", text}, {"base.yaml", base}});
    scenario = load_scenario("a.yaml", sets, sources, files, diagnostics);
  }
  std::string report() const { return render_text(diagnostics, sources); }
};

double rate_of(const Read& read) { return read.scenario->traffic[0].value["arrivals"]["poisson"].rate(); }

TEST(Variables, StandForAnyWholeValue) {
  const Read read(kScenario);
  ASSERT_TRUE(read.scenario) << read.report();
  EXPECT_EQ(rate_of(read), 100);
  EXPECT_EQ(read.scenario->resources[0].value["program"].items().size(), 1U);
  EXPECT_EQ(read.scenario->name, "with ${nothing}") << "only a whole value is a variable";
}

TEST(Variables, TakeAnotherValueFromTheCommandLineOrAnExtendingFile) {
  const Read set(kScenario, {"variables.rate=7/s"});
  ASSERT_TRUE(set.scenario) << set.report();
  EXPECT_EQ(rate_of(set), 7);
  const Read extended("extends: base.yaml\nvariables: { rate: 8/s }\n", {}, kScenario);
  ASSERT_TRUE(extended.scenario) << extended.report();
  EXPECT_EQ(rate_of(extended), 8);
}

TEST(Variables, AreCheckedWhereTheirValueStands) {
  const Read read(kScenario, {"variables.rate=7"});
  EXPECT_THAT(read.report(), HasSubstr("--set:1:16: error SW015"));
}

TEST(Variables, ThatDoNotExistAreFoundWithTheNearest) {
  EXPECT_THAT(Read(kScenario, {"traffic.users.arrivals.poisson=${rte}"}).report(),
              HasSubstr("SW012: there is no variable 'rte' (did you mean 'rate'?)"));
  EXPECT_THAT(Read(kScenario, {"variables.rte=1/s"}).report(),
              HasSubstr("there is no 'rte' in 'variables' (did you mean 'rate'?)"));
}

TEST(Variables, AreNotMadeOfEachOther) {
  EXPECT_THAT(Read(kScenario, {"variables.rate=${title}"}).report(),
              HasSubstr("variable 'rate' cannot be another variable"));
  EXPECT_THAT(Read("spillway: 1\nvariables: 3\nresources: {}\ntraffic: {}\n").report(),
              HasSubstr("a.yaml:2:12: error SW014: 'variables' is a map, not '3'"));
}

}  // namespace
}  // namespace spillway::testing
