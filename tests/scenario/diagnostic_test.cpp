// What a user reads when something is wrong, and what programs read of it.

#include "scenario/diagnostic.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>

namespace spillway {
namespace {

using Json = nlohmann::json;

struct Found {
  Sources sources;
  Diagnostics diagnostics;
};

Found one_finding() {
  Found found;
  const std::uint32_t file =
      found.sources.add("dir/orders.spillway.yaml", "a: 1\nworker:\n  memmory: 512MiB\n");
  found.diagnostics.add(Rule::unknown_property, found.sources.at(file, 15, 7), "unknown property 'memmory'",
                        "memory");
  return found;
}

TEST(Diagnostics, ShowTheLineAndACaretUnderThePlace) {
  const Found found = one_finding();
  EXPECT_EQ(render_text(found.diagnostics, found.sources),
            "dir/orders.spillway.yaml:3:3: error SW012: unknown property 'memmory' (did you mean 'memory'?)\n"
            "      memmory: 512MiB\n"
            "      ^~~~~~~\n");
}

TEST(Diagnostics, QuoteAMeantNameButNotAMeantQuantity) {
  EXPECT_EQ(full_message({Rule::missing_unit, Severity::error, {}, "a duration needs a unit", "30s"}),
            "a duration needs a unit (did you mean 30s?)");
}

TEST(Diagnostics, AreSortedByPlaceAndToldOnce) {
  Sources sources;
  const std::uint32_t file = sources.add("a", "x\ny\nz\n");
  Diagnostics diagnostics;
  diagnostics.add(Rule::no_value, sources.at(file, 4), "third");
  diagnostics.add(Rule::no_value, sources.at(file, 0), "first");
  diagnostics.add(Rule::no_value, sources.at(file, 2), "second");
  diagnostics.add(Rule::no_value, sources.at(file, 0), "first");
  std::string messages;
  for (const Diagnostic& found : diagnostics.sorted()) messages += found.message + " ";
  EXPECT_EQ(messages, "first second third ");
}

TEST(Diagnostics, KeepTheirNumberPastTheLastThatIsShown) {
  Diagnostics diagnostics;
  for (std::uint32_t i = 1; i <= Diagnostics::kMost + 5; ++i)
    diagnostics.add(Rule::no_value, {0, i, 1, 1}, "again");
  EXPECT_EQ(diagnostics.sorted().size(), Diagnostics::kMost);
  EXPECT_EQ(diagnostics.dropped(), 5U);
  EXPECT_NE(render_text(diagnostics, {}).find("... and 5 more"), std::string::npos);
}

TEST(Diagnostics, CutALongLineAroundThePlace) {
  Sources sources;
  const std::string line = std::string(5000, 'a') + "HERE" + std::string(5000, 'b');
  Diagnostics diagnostics;
  diagnostics.add(Rule::no_value, sources.at(sources.add("a", line), 5000, 4), "look");
  const std::string text = render_text(diagnostics, sources);
  EXPECT_LT(text.size(), 500U);
  const std::size_t shown = text.find("HERE");
  const std::size_t caret = text.find("^~~~");
  ASSERT_NE(shown, std::string::npos);
  ASSERT_NE(caret, std::string::npos);
  EXPECT_EQ(shown - text.rfind('\n', shown), caret - text.rfind('\n', caret));
}

TEST(Diagnostics, PutTheCaretRightBehindTabsAndWideCharacters) {
  Sources sources;
  Diagnostics diagnostics;
  diagnostics.add(Rule::no_value, sources.at(sources.add("a", "\t\u00FC: x"), 5), "look");
  EXPECT_EQ(render_text(diagnostics, sources), "a:1:5: error SW032: look\n    \t\u00FC: x\n    \t   ^\n");
}

TEST(Diagnostics, NeverPrintControlCharacters) {
  Sources sources;
  Diagnostics diagnostics;
  diagnostics.add(Rule::encoding, sources.at(sources.add("a\x1B[2J", "b\x1B[31m"), 1), "bad\x07", "\x1B]0;x");
  const std::string text = render_text(diagnostics, sources);
  EXPECT_EQ(text.find('\x1B'), std::string::npos);
  EXPECT_EQ(text.find('\x07'), std::string::npos);
}

TEST(Diagnostics, ShowBrokenUtf8AsQuestionMarks) {
  Sources sources;
  Diagnostics diagnostics;
  diagnostics.add(Rule::encoding, sources.at(sources.add("a", "caf\xE9 \xC3\xA9"), 3),
                  "byte 0xE9 is not UTF-8");
  EXPECT_NE(render_text(diagnostics, sources).find("    caf? \xC3\xA9\n       ^\n"), std::string::npos);
}

TEST(Diagnostics, AreTheSameRecordsAsJson) {
  const Found found = one_finding();
  const Json json = Json::parse(render_json(found.diagnostics, found.sources));
  const Json& row = json.at("diagnostics").at(0);
  EXPECT_EQ(row.at("rule"), "SW012");
  EXPECT_EQ(row.at("file"), "dir/orders.spillway.yaml");
  EXPECT_EQ(row.at("line"), 3);
  EXPECT_EQ(row.at("column"), 3);
  EXPECT_EQ(row.at("length"), 7);
  EXPECT_EQ(row.at("suggestion"), "memory");
}

TEST(Diagnostics, NameTheirRuleAndRegionInSarif) {
  const Found found = one_finding();
  const Json run = Json::parse(render_sarif(found.diagnostics, found.sources, "1.2.3")).at("runs").at(0);
  const Json& result = run.at("results").at(0);
  const Json& rules = run.at("tool").at("driver").at("rules");
  EXPECT_EQ(rules.at(result.at("ruleIndex").get<std::size_t>()).at("id"), "SW012");
  const Json& region = result.at("locations").at(0).at("physicalLocation").at("region");
  EXPECT_EQ(region.at("startLine"), 3);
  EXPECT_EQ(region.at("endColumn"), 10);
  EXPECT_EQ(run.at("columnKind"), "unicodeCodePoints");
}

TEST(Diagnostics, EscapeWhatAWorkflowCommandWouldMisread) {
  Sources sources;
  Diagnostics diagnostics;
  diagnostics.add(Rule::no_value, sources.at(sources.add("a,b:c", "x"), 0), "100 % sure\nor not");
  EXPECT_EQ(render_github(diagnostics, sources),
            "::error file=a%2Cb%3Ac,line=1,col=1,endColumn=2,title=SW032::100 %25 sure?or not\n");
}

TEST(Rules, HaveOneNumberAndOneLineEach) {
  std::set<std::string> seen;
  for (const RuleInfo& rule : rules()) {
    EXPECT_TRUE(seen.insert(rule_id(rule.rule)).second) << rule_id(rule.rule);
    EXPECT_EQ(rule.title.find('\n'), std::string_view::npos);
    EXPECT_FALSE(rule.explanation.empty());
    EXPECT_EQ(find_rule(rule_id(rule.rule)), &rule);
  }
  EXPECT_EQ(find_rule("SW999"), nullptr);
}

TEST(EditDistance, CountsASwapOfNeighboursAsOne) {
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("memory", "memory"), 0U);
  EXPECT_EQ(edit_distance("memroy", "memory"), 1U);
  EXPECT_EQ(edit_distance("memmory", "memory"), 1U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

TEST(Suggestions, AreTheNearestNameOrNone) {
  const std::vector<std::string> names{"memory", "timeout", "runtime"};
  EXPECT_EQ(nearest("memroy", names), "memory");
  EXPECT_EQ(nearest("Time-Out", names), "timeout");
  EXPECT_EQ(nearest("concurrency", names), "");
  EXPECT_EQ(nearest("x", names), "");
  EXPECT_EQ(nearest("run", names), "runtime") << "the only one that begins so";
  EXPECT_EQ(nearest(std::string(10'000, 'm'), names), "");
}

}  // namespace
}  // namespace spillway
