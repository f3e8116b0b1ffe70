// Scenarios made of several files and of the command line's settings.

#include "scenario/compose.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "scenario/reading.hpp"

namespace spillway::testing {
namespace {

struct Composed {
  Sources sources;
  Diagnostics diagnostics;
  std::optional<Node> node;

  [[nodiscard]] std::string report() const { return render_text(diagnostics, sources); }
};

Composed compose_files(std::map<std::string, std::string> texts, const std::string& path,
                       const std::vector<std::string>& sets = {}) {
  MapFiles files{std::move(texts)};
  Composed composed;
  composed.node = compose(path, sets, scenario_rules(), composed.sources, files, composed.diagnostics);
  return composed;
}

/// The tree as flow text, e.g. "{a: 1, b: [2]}".
std::string flow(const Node& node) {
  if (node.is_null()) return "null";
  if (node.is_scalar()) return node.text;
  std::string text;
  for (const Node& item : node.items) text += (text.empty() ? "" : ", ") + flow(item);
  for (const Entry& entry : node.entries)
    text += (text.empty() ? "" : ", ") + entry.name + ": " + flow(entry.value);
  return node.is_list() ? "[" + text + "]" : "{" + text + "}";
}

std::string set(const std::string& text, const std::vector<std::string>& sets) {
  const Composed composed = compose_files({{"a", text}}, "a", sets);
  return composed.diagnostics.empty() ? flow(*composed.node) : composed.report();
}

TEST(Extending, MergesMapsAndReplacesTheRest) {
  const Composed composed = compose_files({{"base", "a: { b: 1, c: [ 1, 2 ], d: x }\ne: 5\n"},
                                           {"over", "extends: base\na: { c: [ 3 ], f: 6 }\n"}},
                                          "over");
  ASSERT_TRUE(composed.diagnostics.empty()) << composed.report();
  EXPECT_EQ(flow(*composed.node), "{a: {b: 1, c: [3], d: x, f: 6}, e: 5}");
}

TEST(Extending, RemovesByNull) {
  const Composed composed = compose_files(
      {{"base", "a: { b: 1, c: 2 }\nd: 3\n"}, {"over", "extends: base\na: { b: null }\nd:\nz: ~\n"}}, "over");
  EXPECT_EQ(flow(*composed.node), "{a: {c: 2}}");
}

TEST(Extending, KeepsThePositionsOfTheFileThatSaysSo) {
  const Composed composed = compose_files(
      {{"dir/base", "a: { b: 1,\n     c: 2 }\n"}, {"over", "extends: dir/base\na: { b: 9 }\n"}}, "over");
  const Node& a = *composed.node->find("a");
  EXPECT_EQ(composed.sources.place(a.find("b")->at), "over:2:9");
  EXPECT_EQ(composed.sources.place(a.find("c")->at), "dir/base:2:9");
  EXPECT_EQ(composed.sources.folder(a.find("c")->at), "dir/");
}

TEST(Extending, IsRelativeToTheFileThatSaysSo) {
  const Composed composed = compose_files({{"x/y/over", "extends: ../base\n"},
                                           {"x/y/../base", "extends: z/root\nb: 2\n"},
                                           {"x/y/../z/root", "a: 1\n"}},
                                          "x/y/over");
  ASSERT_TRUE(composed.diagnostics.empty()) << composed.report();
  EXPECT_EQ(flow(*composed.node), "{a: 1, b: 2}");
}

TEST(Extending, FindsCirclesHoweverTheFilesAreNamed) {
  const Composed composed = compose_files(
      {{"a", "extends: ./b\n"}, {"./b", "extends: x/../a\n"}, {"./x/../a", "extends: b\n"}}, "a");
  EXPECT_NE(composed.report().find("SW027"), std::string::npos) << composed.report();
}

TEST(Extending, ReplacesAResourceThatChangesItsType) {
  const Composed composed = compose_files({{"base", "resources: { a: { type: x, only_x: 1 } }\n"},
                                           {"over", "extends: base\nresources: { a: { type: y } }\n"}},
                                          "over");
  EXPECT_EQ(flow(*composed.node), "{resources: {a: {type: y}}}");
}

TEST(Extending, ReplacesAFormOfADistributionByAnother) {
  const Composed composed = compose_files(
      {{"base", "d: { lognormal: { median: 1ms, p99: 2ms } }\ne: { lognormal: { mean: 1ms, cv: 2 } }\n"},
       {"over", "extends: base\nd: { constant: 5ms }\ne: { lognormal: { cv: 1 } }\n"}},
      "over");
  EXPECT_EQ(flow(*composed.node), "{d: {constant: 5ms}, e: {lognormal: {mean: 1ms, cv: 1}}}");
}

TEST(TrafficFiles, StandForTheMapTheyHold) {
  const std::map<std::string, std::string> files{
      {"d/a", "traffic: t\n"},
      {"d/t", "x-note: 1\nshoppers: { to: api }\n"},
      {"d/b", "traffic: u\n"},
      {"d/u", "traffic: { shoppers: { to: api } }\n"},
      {"over", "extends: d/a\ntraffic: { shoppers: { scale: 2 } }\n"}};
  EXPECT_EQ(flow(*compose_files(files, "d/a").node), "{traffic: {shoppers: {to: api}}}");
  EXPECT_EQ(flow(*compose_files(files, "d/b").node), "{traffic: {shoppers: {to: api}}}");
  EXPECT_EQ(flow(*compose_files(files, "over").node), "{traffic: {shoppers: {to: api, scale: 2}}}");
}

TEST(Setting, ReplacesOneValue) {
  EXPECT_EQ(set("resources: { w: { memory: 1, t: 2 } }", {"resources.w.memory=1GiB"}),
            "{resources: {w: {memory: 1GiB, t: 2}}}");
  EXPECT_EQ(set("a: 1", {"a=2", "a=3"}), "{a: 3}");
  EXPECT_EQ(set("a: [ { b: 1 }, { b: 2 } ]", {"a[1].b=7"}), "{a: [{b: 1}, {b: 7}]}");
  EXPECT_EQ(set("a: [ 1, 2 ]", {"a.0=9"}), "{a: [9, 2]}");
  EXPECT_EQ(set("a: 1", {"a=[ 1, { b: 2 } ]"}), "{a: [1, {b: 2}]}");
  EXPECT_EQ(set("a: { b: 1 }", {"a={ c: 2 }"}), "{a: {b: 1, c: 2}}");
  EXPECT_EQ(set("a: 1", {"a=x=y"}), "{a: x=y}");
}

TEST(Setting, MakesWhatStoodAtItsDefault) {
  EXPECT_EQ(set("resources: { w: { type: x } }", {"resources.w.cold_start.probability=0.5"}),
            "{resources: {w: {type: x, cold_start: {probability: 0.5}}}}");
}

TEST(Setting, RemovesByNull) {
  EXPECT_EQ(set("resources: { w: { a: 1, b: 2 } }", {"resources.w.a=null"}), "{resources: {w: {b: 2}}}");
  EXPECT_EQ(set("a: { b: 1 }", {"a.c=null"}), "{a: {b: 1}}");
}

TEST(Setting, FindsKeysThatHaveDots) {
  EXPECT_EQ(set("t: { journeys.latency: 1, journeys: { latency: 2 } }", {"t.journeys.latency=9"}),
            "{t: {journeys.latency: 9, journeys: {latency: 2}}}");
  EXPECT_EQ(set("t: {}", {"t.\"a.b\"=1"}), "{t: {a.b: 1}}");
}

TEST(Setting, IsShownAsTheArgumentItIs) {
  EXPECT_EQ(set("resources: { worker: { type: x } }", {"resources.wroker.memory=1GiB"}),
            "--set:1:11: error SW029: there is no 'wroker' in 'resources' (did you mean 'worker'?)\n"
            "    resources.wroker.memory=1GiB\n"
            "              ^~~~~~\n");
}

TEST(Setting, KeepsThePositionOfItsValue) {
  const Composed composed = compose_files({{"a", "b: { c: 1 }"}}, "a", {"b.c={ d: 5 }"});
  EXPECT_EQ(composed.sources.place(composed.node->find("b")->find("c")->find("d")->at), "--set:1:10");
  EXPECT_EQ(composed.sources.place(composed.node->find("b")->entry("c")->at), "--set:1:3");
}

TEST(Setting, RefusesWhatIsNotAPathOrAValue) {
  for (const char* bad : {"", "a", "=1", "a..b=1", "a.=1", ".a=1", "a[0=1", "a[]=1", "\"a=1", "a\"b\"=1"}) {
    EXPECT_NE(set("a: 1", {bad}).find("error"), std::string::npos) << bad;
  }
  EXPECT_NE(set("a: 1", {"a=[ 1"}).find("SW030"), std::string::npos);
  EXPECT_NE(set("a: 1", {"a.b=1"}).find("SW029"), std::string::npos);
  EXPECT_NE(set("a: [ 1 ]", {"a[1]=1"}).find("SW029"), std::string::npos);
}

TEST(Loading, NamesAFileThatIsNotThere) {
  const Composed composed = compose_files({}, "absent.spillway.yaml");
  EXPECT_FALSE(composed.node);
  EXPECT_EQ(composed.report(),
            "absent.spillway.yaml: error SW011: cannot read 'absent.spillway.yaml': it does not exist or "
            "cannot be opened\n");
}

}  // namespace
}  // namespace spillway::testing
