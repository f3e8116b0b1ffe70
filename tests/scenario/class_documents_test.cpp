// Example documents of traffic classes: where they may stand, and that requests weigh what they do.

#include "scenario/class_documents.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "scenario/build.hpp"
#include "scenario/reading.hpp"
#include "scenario/scenario.hpp"
#include "spillway/distribution.hpp"

namespace spillway::testing {
namespace {

using ::testing::HasSubstr;

constexpr const char* kBefore = R"(spillway: 1
horizon: 10s
resources: { worker: { type: aws.lambda.function } }
traffic:
  shoppers:
    to: worker
    arrivals: { constant: 10/s }
    bytes: 9KiB
    classes: )";

/// A scenario whose traffic has these classes, beside some files.
struct WithClasses {
  explicit WithClasses(const std::string& classes, const std::vector<std::string>& sets = {}) {
    MapFiles files({{"a/a.yaml", kBefore + classes + "\n"},
                    {"a/documents/one.json", R"({ "sku": "A-1",   "quantity": 1 })"},
                    {"a/documents/one.yaml", "sku: A-1\nquantity: 1\n"},
                    {"a/documents/empty.json", ""},
                    {"a/documents/broken.json", R"({ "sku": A-1 })"}});
    scenario = load_scenario("a/a.yaml", sets, sources, files, diagnostics);
  }
  std::string report() const { return render_text(diagnostics, sources); }
  const Value& of(std::string_view name) const { return scenario->traffic[0].value["classes"][name]; }
  /// What a request of the class weighs; -1: it is the client's to say.
  double bytes(std::string_view name) const {
    EXPECT_TRUE(scenario.has_value()) << report();
    if (!scenario) return -2;
    const Value& bytes = of(name)["bytes"];
    return bytes.is_set() ? bytes.distribution().mean() : -1;
  }

  Sources sources;
  Diagnostics diagnostics;
  std::optional<Scenario> scenario;
};

// {"sku":"A-1","quantity":1} has 26 characters.
constexpr const char* kOne = "{\"sku\":\"A-1\",\"quantity\":1}";

TEST(ClassDocument, StandsInTheScenarioAndIsKeptAsItIs) {
  const WithClasses read("{ retail: { document: { sku: A-1, quantity: 1 } } }");
  EXPECT_EQ(read.bytes("retail"), 26) << read.report();
  EXPECT_EQ(read.of("retail")["document"].text(), kOne);
}

TEST(ClassDocument, StandsInAFileBesideTheScenario) {
  for (const char* const file : {"one.json", "one.yaml"}) {
    const WithClasses read("{ retail: { file: documents/" + std::string(file) + " } }");
    EXPECT_EQ(read.bytes("retail"), 26) << "its layout is not sent: " << read.report();
    EXPECT_EQ(read.of("retail")["document"].text(), kOne);
  }
}

TEST(ClassDocument, IsAsLongAsItsBytesNotItsLetters) {
  const WithClasses read("{ retail: { document: [ \"ä€\" ] } }");
  EXPECT_EQ(read.bytes("retail"), 9) << "brackets and quotes, and letters of two and three bytes";
}

TEST(ClassDocument, GivesWayToASizeThatIsSaid) {
  const WithClasses read("{ retail: { document: { sku: A-1 }, bytes: 1KiB } }");
  EXPECT_EQ(read.bytes("retail"), 1024);
  EXPECT_TRUE(read.of("retail")["document"].is_set());
}

TEST(ClassDocument, LeavesAClassWithoutOneToTheClient) {
  const WithClasses read("{ retail: { document: { sku: A-1 } }, other: { weight: 2 } }");
  EXPECT_EQ(read.bytes("other"), -1);
  EXPECT_FALSE(read.of("other")["document"].is_set());
}

TEST(ClassDocument, IsWhatTheJourneysOfItsClassWeigh) {
  const WithClasses read(
      R"({ retail: { weight: 3, document: { sku: A-1, quantity: 1 } }, other: { weight: 1 } })");
  ASSERT_TRUE(read.scenario.has_value()) << read.report();
  struct Sizes final : Observer {
    explicit Sizes(World& of) : world(of) { world.facts().subscribe(*this, {FactKind::born}); }
    void observe(const Fact& fact) override {
      const Journey& journey = world.journeys()[JourneyId{fact.subject}];
      ++count[journey.traffic_class];
      EXPECT_EQ(journey.bytes, journey.traffic_class == 0 ? 26u : 9u * 1024);
    }
    World& world;
    std::map<int, int> count;
  };
  std::vector<BuildProblem> problems;
  const auto world = build_world(*read.scenario, {}, problems);
  Sizes sizes(*world);
  ASSERT_FALSE(world->start().has_value());
  world->run(kStart + 10s);
  EXPECT_EQ(sizes.count[0] + sizes.count[1], 100);
  EXPECT_NEAR(sizes.count[0], 75, 15) << "three of four by weight";
}

TEST(ClassDocument, NeedsNoOtherFileInTheLockFile) {
  const WithClasses read("{ retail: { file: documents/one.json } }");
  ASSERT_TRUE(read.scenario.has_value()) << read.report();
  MapFiles files({{"lock.json", lock_json(read.scenario->root, read.sources)}});
  Sources sources;
  Diagnostics diagnostics;
  const auto again = load_scenario("lock.json", {}, sources, files, diagnostics);
  ASSERT_TRUE(again.has_value()) << render_text(diagnostics, sources);
  EXPECT_EQ(scenario_json(again->root), scenario_json(read.scenario->root));
}

TEST(ClassDocument, MayBeSetFromTheCommandLine) {
  const std::vector<std::string> sets{"traffic.shoppers.classes.retail.document={ sku: LONGER-THAN-BEFORE }"};
  const WithClasses read("{ retail: { document: { sku: A-1 } } }", sets);
  EXPECT_EQ(read.bytes("retail"), 28);
}

TEST(ClassDocument, IsRefusedWithItsPlaceWhenItCannotBeRead) {
  EXPECT_THAT(WithClasses("{ retail: { file: documents/none.json } }").report(),
              HasSubstr("a/a.yaml:9:32: error SW031: cannot read 'a/documents/none.json'"));
  EXPECT_THAT(WithClasses("{ retail: { file: documents/empty.json } }").report(),
              HasSubstr("documents/empty.json"));
  EXPECT_THAT(WithClasses("{ retail: { file: documents/broken.json } }").report(),
              HasSubstr("a/documents/broken.json:1:10: error"));
  EXPECT_THAT(WithClasses("{ retail: { document: { paid: yes } } }").report(),
              HasSubstr("error SW019: 'yes' is a boolean to some readers"));
  EXPECT_THAT(WithClasses("{ retail: { file: { a: 1 } } }").report(), HasSubstr("'file' must be a text"));
}

}  // namespace
}  // namespace spillway::testing
