// No expression and no document may crash, hang or fill the memory: each ends in a value or in one error.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "formats/jsonata_support.hpp"

namespace spillway::jsonata {
namespace {

std::string repeated(const std::string& text, std::size_t n) {
  std::string out;
  for (std::size_t i = 0; i < n; ++i) out += text;
  return out;
}

TEST(JsonataLimits, DeepNestingOfTheTextIsAnError) {
  for (const char* open :
       {"(", "[", "{\"a\":", "-", "a[", "function(){", "$f(", "a?", "a.(", "1~>(", "|", "a^("}) {
    EXPECT_EQ(outcome(repeated(open, 100'000)), "error D1011") << open;
  }
}

TEST(JsonataLimits, LongChainsAreAnErrorOnlyBeyondTheLimit) {
  EXPECT_EQ(outcome("1" + repeated("+1", 400)), "401");
  EXPECT_EQ(outcome("1" + repeated("+1", 100'000)), "error D1011");
  EXPECT_EQ(outcome("$" + repeated(".a", 450), Json::object()), "undefined");
}

TEST(JsonataLimits, RecursionWithoutEndIsAnError) {
  EXPECT_EQ(outcome("($f := function($x){1 + $f($x)}; $f(1))"), "error D1011");
  EXPECT_EQ(outcome("($f := function($x){$map([1], $f)}; $f(1))"), "error D1011");
  EXPECT_EQ(outcome("($f := $string; $f := function($x){$eval('$f(1) + 1')}; $f(1))"), "error D3121");
}

TEST(JsonataLimits, TailCallsDoNotNest) {
  EXPECT_EQ(outcome("($f := function($n){$n = 0 ? 'done' : $f($n - 1)}; $f(20000))"), "\"done\"");
}

TEST(JsonataLimits, EndlessTailCallsStop) {
  Limits limits;
  limits.steps = 100'000;
  EXPECT_EQ(outcome("($f := function(){$f()}; $f())", nullptr, Dialect::reference, limits), "error D1012");
}

TEST(JsonataLimits, MemoryIsLimited) {
  Limits limits;
  limits.memory = 1 << 20;
  EXPECT_EQ(outcome("($d := function($s, $n){$n = 0 ? $s : $d($s & $s, $n - 1)}; $d('abcdefgh', 40))",
                    nullptr, Dialect::reference, limits),
            "error D2015");
}

TEST(JsonataLimits, RangesAndPaddingsAreLimited) {
  EXPECT_EQ(outcome("[1..10000000] ~> $count()"), "10000000");
  EXPECT_EQ(outcome("[1..10000001]"), "error D2014");
  EXPECT_EQ(outcome("$pad('x', 1e12)"), "error D2014");
  EXPECT_EQ(outcome("$range(1, 1e12, 1)", nullptr, Dialect::step_functions), "error D2014");
}

TEST(JsonataLimits, ABacktrackingPatternIsAnErrorAndNotAHang) {
  EXPECT_EQ(outcome("$contains('" + repeated("a", 40) + "b', /^(a+)+$/)"), "error D1012");
}

TEST(JsonataLimits, ADeepDocumentIsAnErrorWhereItIsWalked) {
  const Json deep = Json::parse(repeated("[", 50'000) + repeated("]", 50'000));
  for (const char* text : {"$", "**", "$string($)", "$ = $clone($)", "a", "$keys($)", "$spread($)"}) {
    EXPECT_EQ(outcome(text, deep), "error D1011") << text;
  }
  EXPECT_EQ(outcome("$boolean($)", deep), "false");
}

TEST(JsonataLimits, WhatIsNoJavaScriptPatternIsRefused) {
  for (const char* pattern : {"/(?i)a/", "/(?>a)/", "/a++/", "/(*UTF)a/", "/(?R)/", "/(?P<n>a)/"}) {
    EXPECT_EQ(outcome(std::string("$contains('a', ") + pattern + ")"), "error S0303") << pattern;
  }
}

RC_GTEST_PROP(JsonataLimits, AnyTextEndsInAValueOrAnError, ()) {
  const std::string alphabet = "ab1\"'.[]{}()$%*#@^<>=:;,?|&!~-+/\\ \n`";
  const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(alphabet));
  const Json input = Json::parse(R"({"a":[{"b":1},{"b":[2,{"a":3}]}],"b":"a"})");
  Limits limits;
  limits.steps = 10'000;
  const std::string first = outcome(text, input, Dialect::reference, limits);
  RC_ASSERT(first == outcome(text, input, Dialect::reference, limits));
}

}  // namespace
}  // namespace spillway::jsonata
