// Each design rule on one scenario that breaks none: a change that breaks it, and one that just does not.

#include "scenario/static/design_rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "scenario/static/loading.hpp"

namespace spillway::testing {
namespace {

using ::testing::HasSubstr;

constexpr const char* kSound = R"(
spillway: 1
resources:
  api: { type: aws.apigateway.http, routes: { "POST /orders": { call: accept, timeout: 10s } } }
  accept:
    type: aws.lambda.function
    timeout: 10s
    program: [ { compute: 20ms }, { call: intake, retry: none } ]
  intake: { type: aws.sqs.queue, visibility_timeout: 60s, redrive: { to: dead, max_receive_count: 5 } }
  dead: { type: aws.sqs.queue, retention: 14d }
  work:
    type: aws.lambda.function
    timeout: 10s
    event_sources: [ { from: intake } ]
    program: [ { compute: 40ms }, { call: orders, op: put, retry: none } ]
  orders: { type: aws.dynamodb.table }
traffic:
  shoppers: { to: api, route: "POST /orders", arrivals: { poisson: 10/s }, timeout: 30s }
)";

std::vector<Diagnostic> judge(const StaticView& view) {
  Diagnostics found;
  check_design(view, found);
  return found.sorted();
}

std::set<std::string> ids(const std::vector<Diagnostic>& found) {
  std::set<std::string> all;
  for (const Diagnostic& each : found) all.insert(rule_id(each.rule));
  return all;
}

struct Row {
  const char* name;
  std::vector<std::string> sets;
  std::set<std::string> broken;
  const char* says = "";

  friend void PrintTo(const Row& row, std::ostream* stream) { *stream << row.name; }
};

std::vector<Row> rows() {
  return {
      {"Sound", {}, {}},
      {"ACircle",
       {"resources.work.program=[ { call: orders, op: put, retry: none }, { branch: [ { probability: 0.1, "
        "steps: [ { call: intake, retry: none } ] } ] } ]"},
       {"SW100"},
       "'intake', 'work' ask each other in a circle"},
      {"Unreachable",
       {"traffic.shoppers.to=accept", "traffic.shoppers.route=null"},
       {"SW101"},
       "no traffic reaches 'api'"},
      {"NoDeadLetters",
       {"resources.intake.redrive=null"},
       {"SW101", "SW102", "SW114"},
       "'intake' has no dead-letter queue: what cannot be handled comes back for 4d"},
      {"ShortVisibility",
       {"resources.intake.visibility_timeout=59s"},
       {"SW103"},
       "try: visibility_timeout: 1m"},
      {"ShortVisibilityForTheWindow",
       {"resources.work.event_sources[0].batching_window=1s"},
       {"SW103"},
       "try: visibility_timeout: 61s"},
      {"ImpatientClient",
       {"traffic.shoppers.timeout=9999ms"},
       {"SW104"},
       "'shoppers' waits 9999ms for 'api', which may go on for 10s"},
      {"PatientClient", {"traffic.shoppers.timeout=10s"}, {}},
      {"ClientThatWaitsForEver", {"traffic.shoppers.timeout=none"}, {}},
      {"ImpatientGateway", {"resources.accept.timeout=11s"}, {"SW105"}, "route 'POST /orders' of 'api'"},
      {"MultipliedRetries",
       {"traffic.shoppers.retry={ max_attempts: 3, on: [ fault ] }"},
       {"SW106"},
       "'work' 90 times: 2 layers try again on top of each other (3 x 'shoppers', 30 x 'intake')"},
      {"ReserveBelowTheSourcesCap",
       {"resources.work.reserved_concurrency=5"},
       {"SW108"},
       "takes up to 1250 batches"},
      {"ReserveBelowTheSourcesMaximum",
       {"resources.work.reserved_concurrency=5", "resources.work.event_sources[0].maximum_concurrency=6"},
       {"SW108"},
       "try: maximum_concurrency: 5"},
      {"ReserveOfTheSourcesMaximum",
       {"resources.work.reserved_concurrency=5", "resources.work.event_sources[0].maximum_concurrency=5"},
       {}},
      {"BatchWithWindow",
       {"resources.work.event_sources[0].batch_size=11", "resources.work.event_sources[0].batching_window=1s",
        "resources.intake.visibility_timeout=61s"},
       {}},
      {"WindowOverVisibility",
       {"resources.work.event_sources[0].batching_window=51s"},
       {"SW103", "SW109"},
       "Lambda hides messages for 91s instead of 1m"},
      {"FewReceives",
       {"resources.intake.redrive.max_receive_count=4"},
       {"SW110"},
       "try: max_receive_count: 5"},
      {"CallsOverTimeout",
       {"resources.accept.program=[ { call: intake, timeout: 5001ms, retry: { max_attempts: 2, on: [ fault ] "
        "} } ]",
        "accept=[ { rule: SW106, because: it is not what is tested } ]"},
       {"SW111"},
       "too short for 2 attempts of 5001ms at 'intake'"},
      {"CallsWithinTimeout",
       {"resources.accept.program=[ { call: intake, timeout: 5s, retry: { max_attempts: 2, on: [ fault ] } } "
        "]",
        "accept=[ { rule: SW106, because: it is not what is tested } ]"},
       {}},
      {"HedgesSideBySideWithinTimeout",
       {"resources.accept.program=[ { call: intake, timeout: 5s, hedging: { delay: 1s }, retry: { "
        "max_attempts: 2, on: [ fault ] } } ]",
        "accept=[ { rule: SW106, because: it is not what is tested } ]"},
       {}},
      {"OverALimit",
       {"resources.api.account_throttle.rate=9/s"},
       {"SW112"},
       "'api' needs 10 requests/s of the account on average, and account_throttle allows 9"},
      {"BatchesWaitAtAPeak",
       {"resources.work.event_sources[0].maximum_concurrency=2", "resources.work.program=[ { compute: 1s } ]",
        "traffic.shoppers.arrivals={ poisson: null, stages: [ { duration: 10s, from: 9/s, to: 9/s } ] }"},
       {"SW101"}},
      {"BatchesOverALimitOnAverage",
       {"resources.work.event_sources[0].maximum_concurrency=2",
        "resources.work.program=[ { compute: 1s } ]"},
       {"SW101", "SW112"},
       "'work' needs 10 batches of intake on average, and maximum_concurrency allows 2"},
      {"OverALimitInACircleThatLambdaStops",
       {"resources.work.program=[ { call: intake, retry: none } ]",
        "resources.work.event_sources[0].maximum_concurrency=2"},
       {"SW100", "SW101", "SW112"},
       "'work' needs more and more batches of intake as requests go round until Lambda stops them before the "
       "17th invocation, and maximum_concurrency allows 2"},
      {"OverALimitInACircleThatNothingStops",
       {"resources.work.program=[ { call: intake, retry: none } ]", "resources.work.recursive_loop=allow",
        "resources.work.event_sources[0].maximum_concurrency=2"},
       {"SW100", "SW101", "SW112"},
       "'work' needs more and more batches of intake as requests go round without end, and "},
      {"AtALimit", {"resources.api.account_throttle.rate=10/s"}, {}},
      {"ShortLivedDeadLetters", {"resources.dead.retention=4d"}, {"SW113"}, "try: retention: 14d"},
      {"LongerLivedDeadLetters", {"resources.dead.retention=5d"}, {}},
      {"NobodyPolls",
       {"resources.work.event_sources=null"},
       {"SW101", "SW114"},
       "nobody polls 'intake': its messages expire"},
      {"Accepted",
       {"traffic.shoppers.timeout=9s",
        "accept=[ { rule: SW104, of: shoppers, because: they are impatient } ]"},
       {}},
      {"AcceptedOfAnother",
       {"traffic.shoppers.timeout=9s", "accept=[ { rule: SW104, of: api, because: mistaken } ]"},
       {"SW104", "SW115"}},
      {"AcceptedInVain",
       {"accept=[ { rule: SW100, because: nothing } ]"},
       {"SW115"},
       "SW100 is accepted and nothing breaks it"},
  };
}

class DesignRules : public ::testing::TestWithParam<Row> {};

TEST_P(DesignRules, FindWhatIsBrokenAndNoMore) {
  const Row& row = GetParam();
  const Viewed viewed(kSound, row.sets);
  Diagnostics found;
  check_design(viewed.view, found);
  const std::string report = render_text(found, *viewed.sources);
  EXPECT_EQ(ids(found.sorted()), row.broken) << report;
  EXPECT_THAT(report, HasSubstr(row.says));
}

INSTANTIATE_TEST_SUITE_P(Rows, DesignRules, ::testing::ValuesIn(rows()),
                         [](const auto& tested) { return std::string(tested.param.name); });

/// The scenario with one more setting of one of its resources, as a later version may describe it.
void add_setting(Scenario& scenario, std::string_view resource, const std::string& name, Value value) {
  for (Member& member : scenario.resources) {
    if (member.name != resource) continue;
    std::vector<Member> members = member.value.members();
    members.push_back({name, std::move(value)});
    member.value = Value(member.value.data(), std::move(members));
  }
}

TEST(DesignRules, LookAtIdempotencyAsSoonAsAHandlerCanSaySo) {
  Viewed silent(kSound);
  add_setting(*silent.scenario, "work", "idempotency", Value());
  EXPECT_EQ(ids(judge(static_view(*silent.scenario))), std::set<std::string>{"SW107"});
  Viewed said(kSound);
  ValueData key;
  key.set = true;
  key.text = "an order's number";
  add_setting(*said.scenario, "work", "idempotency", Value(key));
  EXPECT_TRUE(judge(static_view(*said.scenario)).empty());
}

TEST(DesignRules, AreOneRowForEachRuleOfDesign) {
  std::set<Rule> judged{design::needless_acceptance};
  for (const DesignRule& rule : design_rules()) EXPECT_TRUE(judged.insert(rule.rule).second);
  for (const RuleInfo& rule : rules()) {
    EXPECT_EQ(judged.contains(rule.rule), is_design_rule(rule.rule)) << rule_id(rule.rule);
  }
}

TEST(DesignRules, AreEachExplainedInTheDocs) {
  std::ifstream file(std::filesystem::path(SPILLWAY_SOURCE_DIR) / "docs/rules.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  for (const RuleInfo& rule : rules()) {
    if (!is_design_rule(rule.rule)) continue;
    EXPECT_THAT(page, HasSubstr("## " + rule_id(rule.rule) + ": " + std::string(rule.title) + "\n"));
  }
}

TEST(DesignRules, StandWhereTheSettingWasWritten) {
  const Viewed viewed(kSound, {"resources.dead.retention=4d"});
  const std::vector<Diagnostic> found = judge(viewed.view);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(viewed.sources->name(found[0].at.file), "--set");
  EXPECT_EQ(found[0].severity, Severity::warning);
  const Viewed elsewhere(kSound, {"traffic.shoppers.to=accept", "traffic.shoppers.route=null"});
  const std::vector<Diagnostic> at_key = judge(elsewhere.view);
  ASSERT_EQ(at_key.size(), 1U);
  EXPECT_EQ(at_key[0].at.line, 4U) << "what has no setting of its own stands at its resource";
  EXPECT_EQ(at_key[0].at.column, 3U);
}

}  // namespace
}  // namespace spillway::testing
