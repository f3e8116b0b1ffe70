// Reading YAML and JSON strictly: positions, what is refused, and what no input may do.

#include "scenario/document.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <random>
#include <string>

#include "scenario/reading.hpp"

namespace spillway::testing {
namespace {

Position spot(std::uint32_t line, std::uint32_t column, std::uint32_t length) {
  return {1, line, column, length};
}

TEST(Document, KeepsLineAndColumnOfEveryKeyAndValueOfYaml) {
  const Document read = parse("a: 1\nlonger:\n  - \"two words\"\n  - { b: true }\n");
  ASSERT_TRUE(read.node) << read.report();
  const Entry& longer = read.node->entries[1];
  EXPECT_EQ(read.node->entries[0].at, spot(1, 1, 1));
  EXPECT_EQ(read.node->entries[0].value.at, spot(1, 4, 1));
  EXPECT_EQ(longer.at, spot(2, 1, 6));
  EXPECT_EQ(longer.value.items[0].at, spot(3, 5, 11));
  EXPECT_TRUE(longer.value.items[0].quoted);
  EXPECT_EQ(longer.value.items[1].entries[0].at, spot(4, 7, 1));
  EXPECT_EQ(longer.value.items[1].entries[0].value.at, spot(4, 10, 4));
}

TEST(Document, KeepsLineAndColumnOfEveryKeyAndValueOfJson) {
  const Document read =
      parse("{\n  \"a\": -1.5e3,\n  \"b\\\"c\": [ true, null, \"x, y\" ], \"d\": {}\n}", "a.json");
  ASSERT_TRUE(read.node) << read.report();
  ASSERT_EQ(read.node->entries.size(), 3U);
  EXPECT_EQ(read.node->entries[0].at, spot(2, 3, 3));
  EXPECT_EQ(read.node->entries[0].value.at, spot(2, 8, 6));
  EXPECT_EQ(read.node->entries[0].value.text, "-1.5e3");
  EXPECT_EQ(read.node->entries[1].name, "b\"c");
  EXPECT_EQ(read.node->entries[1].at, spot(3, 3, 6));
  EXPECT_EQ(read.node->entries[1].value.items[1].at, spot(3, 19, 4));
  EXPECT_EQ(read.node->entries[1].value.items[2].at, spot(3, 25, 6));
  EXPECT_EQ(read.node->entries[2].value.at, spot(3, 40, 1));
}

TEST(Document, CountsColumnsInCharactersNotBytes) {
  const Document read = parse("{ \"gr\u00FC\u00DFe\": \"\u65E5\u672C\", b: 1 }");
  ASSERT_TRUE(read.node) << read.report();
  EXPECT_EQ(read.node->entries[0].value.at, spot(1, 12, 4));
  EXPECT_EQ(read.node->entries[1].at, spot(1, 18, 1));
}

TEST(Document, ReadsTheSameTreeAfterAByteOrderMark) {
  for (const char* name : {"a.yaml", "a.json"}) {
    const Document read = parse("\xEF\xBB\xBF{\"a\": [1]}", name);
    ASSERT_TRUE(read.node) << read.report();
    EXPECT_EQ(read.node->entries.at(0).value.items.at(0).text, "1") << name;
    EXPECT_EQ(read.node->entries.at(0).at.line, 1U);
  }
}

TEST(Document, ReadsWindowsLineEnds) {
  const Document read = parse("a: 1\r\nb: two\r\n");
  ASSERT_TRUE(read.node) << read.report();
  EXPECT_EQ(read.node->find("b")->text, "two");
  EXPECT_EQ(read.node->entry("b")->at, spot(2, 1, 1));
}

TEST(Document, KeepsAScalarAsItIsWrittenSoThatItsSettingDecides) {
  const Document read = parse("a: 1.10\nb: 012\nc: no\nd: 'true'\n");
  ASSERT_TRUE(read.node) << read.report();
  EXPECT_EQ(read.node->find("a")->text, "1.10");
  EXPECT_EQ(read.node->find("b")->text, "012");
  EXPECT_EQ(read.node->find("c")->text, "no");
  EXPECT_FALSE(read.node->find("c")->quoted);
  EXPECT_TRUE(read.node->find("d")->quoted);
}

TEST(Document, CopiesAnAliasWhereItStands) {
  const Document read = parse("a: &x { b: 1 }\nc: *x\n");
  ASSERT_TRUE(read.node) << read.report();
  EXPECT_EQ(read.node->find("c")->find("b")->text, "1");
}

/// The rules that were broken, in order, such as "SW006 SW007".
std::string broken(const Document& read) {
  std::string all;
  for (const Diagnostic& found : read.diagnostics.sorted())
    all += (all.empty() ? "" : " ") + rule_id(found.rule);
  return all;
}

TEST(Document, ReportsEveryProblemAndNotOnlyTheFirst) {
  const Document read = parse("a: 1\na: 2\n<<: { b: 1 }\n? [ x ]\n: 1\nc: !Ref d\n");
  EXPECT_EQ(broken(read), "SW006 SW007 SW009 SW010") << read.report();
}

TEST(Document, RefusesWhatReadersDisagreeAbout) {
  EXPECT_EQ(broken(parse("a: 1\n---\nb: 2\n")), "SW005");
  EXPECT_EQ(broken(parse("a: *missing\n")), "SW008");
  EXPECT_EQ(broken(parse("a: &a [ *a ]\n")), "SW008");
  EXPECT_EQ(broken(parse("&k a: 1\n*k : 2\n")), "SW009");
  EXPECT_EQ(broken(parse("~: 1\n")), "SW009");
  EXPECT_EQ(broken(parse("!!str a: 1\n")), "SW010");
  EXPECT_EQ(broken(parse("{\"a\":1,\"a\":2}", "a.json")), "SW006");
  EXPECT_EQ(broken(parse("{\"a\":1} {", "a.json")), "SW001");
  EXPECT_EQ(broken(parse("{a:1}", "a.json")), "SW001");
  EXPECT_EQ(broken(parse("", "a.json")), "SW001");
}

TEST(Document, RefusesBytesThatAreNotPlainText) {
  const std::string nul{"a: \0b", 5};
  EXPECT_EQ(broken(parse(nul)), "SW002");
  EXPECT_EQ(broken(parse("a: \xFF")), "SW002");
  EXPECT_EQ(broken(parse("a: \xC0\xAF")), "SW002") << "an overlong form";
  EXPECT_EQ(broken(parse("a: \xED\xA0\x80")), "SW002") << "a surrogate";
  EXPECT_EQ(broken(parse("a: \xF4\x90\x80\x80")), "SW002") << "beyond the last code point";
  EXPECT_EQ(broken(parse("a: \x1B[31m")), "SW002") << "a terminal escape";
  EXPECT_EQ(broken(parse("a: \xE2\x82")), "SW002") << "cut short";
}

TEST(Document, StopsAtItsLimits) {
  DocumentLimits limits;
  limits.bytes = 100;
  EXPECT_EQ(broken(parse(std::string(101, 'a'), "a.yaml", limits)), "SW003");
  limits = {};
  limits.depth = 3;
  EXPECT_EQ(broken(parse("[[[1]]]", "a.yaml", limits)), "");
  EXPECT_EQ(broken(parse("[[[[1]]]]", "a.yaml", limits)), "SW004");
  EXPECT_EQ(broken(parse("[[[[1]]]]", "a.json", limits)), "SW004");
  EXPECT_EQ(broken(parse("a: &a [[1]]\nb: [*a]\n", "a.yaml", limits)), "SW008");
  limits = {};
  limits.values = 4;
  EXPECT_EQ(broken(parse("[1,2,3,4]", "a.yaml", limits)), "SW038");
  limits = {};
  limits.copied = 5;
  EXPECT_EQ(broken(parse("a: &a [1,2]\nb: *a\n", "a.yaml", limits)), "");
  EXPECT_EQ(broken(parse("a: &a [1,2]\nb: *a\nc: *a\n", "a.yaml", limits)), "SW008");
}

TEST(Document, SurvivesNestingFarBeyondAnyStack) {
  for (const char* open : {"[", "{a: ", "- ", "? ", "{? "}) {
    std::string text;
    for (int i = 0; i < 20'000; ++i) text += open;
    EXPECT_TRUE(parse(text).diagnostics.has_errors()) << open;
    EXPECT_TRUE(parse(text, "a.json").diagnostics.has_errors()) << open;
  }
}

TEST(Document, AnswersAnyBytesWithATreeOrADiagnostic) {
  rc::check([](const std::string& noise) {
    const std::string alphabet = "[]{}:,-?&*!|>'\"%@`# \n\tab1~<";
    std::string text;
    for (const char c : noise) text += alphabet[static_cast<unsigned char>(c) % alphabet.size()];
    for (const std::string& input : {noise, text}) {
      for (const char* name : {"a.yaml", "a.json"}) {
        const Document read = parse(input, name);
        RC_ASSERT(read.node.has_value() || read.diagnostics.has_errors());
        for (const Diagnostic& found : read.diagnostics.sorted()) RC_ASSERT(found.at.line >= 1U);
      }
    }
  });
}

}  // namespace
}  // namespace spillway::testing
