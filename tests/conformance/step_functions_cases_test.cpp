// Worked examples of Step Functions, each run through the model: what a small world used is multiplied to the
// example's size and priced. cases/step-functions.json carries inputs, expected results and sources.

#include <gtest/gtest.h>

#include <cmath>

#include <fmt/format.h>

#include "conformance/cases.hpp"
#include "observe/prices.hpp"
#include "support/one_machine.hpp"

namespace spillway {
namespace {

using testing::OneMachine;
using Json = testing::Case;

/// What so much of a meter costs in a month, in dollars.
double dollars(const std::string& meter, Quantity quantity) {
  static const PriceList kPrices = built_in_prices();
  return tiered_cost(**kPrices.find(meter), quantity).approximate();
}

/// An Express execution that lasts so long, with a definition and Map states that need so much memory.
OneMachine express(const Json& in) {
  const double milliseconds =
      in.contains("duration_s") ? in["duration_s"].get<double>() * 1e3 : in["duration_ms"].get<double>();
  const int maps = in.value("map_steps", 0);
  std::string states;
  for (int i = 0; i < maps; ++i) {
    states += fmt::format(R"("M{}": {{"Type": "Parallel", "Next": "{}", "OutputPath": "$[0]", "Branches": [
        {{"StartAt": "P{}", "States": {{"P{}": {{"Type": "Pass", "End": true}}}}}}]}}, )",
                          i, i + 1 < maps ? fmt::format("M{}", i + 1) : "Work", i, i);
  }
  std::string definition =
      fmt::format(R"({{"StartAt": "{}", "States": {{{}"Work": {{"Type": "Task", "End": true,
          "Resource": "arn:aws:lambda:us-east-1:1:function:a"}}}}}})",
                  maps > 0 ? "M0" : "Work", states);
  const auto wanted = static_cast<std::size_t>(in.value("definition_kb", 1.0) * 1e3);
  if (maps > 0) {
    EXPECT_LE(definition.size(), 2 * wanted);
    // The comment brings the definition to the example's size, or the states are what it takes.
    if (definition.size() + 16 < wanted)
      definition.insert(
          1, fmt::format(R"("Comment": "{}", )", std::string(wanted - definition.size() - 15, 'x')));
  }
  const auto payload = static_cast<std::size_t>(in.value("payload_kb_per_step", 0.0) * 1e3);
  const std::string input =
      payload > 12 ? fmt::format(R"({{"text": "{}"}})", std::string(payload - 11, 'x')) : "{}";
  return OneMachine(definition, fmt::format("workflow: express\nstub: {}ms\ninput: {}", milliseconds, input));
}

void express_bill(const Json& in, const Json& out) {
  OneMachine one = express(in);
  one.start_at(0s);
  one.run(5min);
  ASSERT_EQ(one.succeeded(), 1);
  const auto executions = static_cast<Quantity>(in.contains("workflows") ? in["workflows"].get<double>()
                                                                         : in["requests"].get<double>());
  // Where the example says the memory, it is as many steps of 64 MB as that.
  const auto steps = static_cast<Quantity>(std::max(1, in.value("memory_mb", 0) / 64));
  const Quantity duration =
      static_cast<Quantity>(one.used("stepfunctions.express.duration")) * executions * steps;
  const double requests = dollars("stepfunctions.express.requests", executions);
  const double time = dollars("stepfunctions.express.duration", duration);
  EXPECT_NEAR(requests, out["request_usd"].get<double>(), 0.005);
  if (out.contains("gb_s")) {
    EXPECT_EQ(duration / 1'024'000, static_cast<Quantity>(out["gb_s"].get<double>()));
  }
  if (out.contains("usd")) {
    double sum = 0;
    for (const Json& line : out["usd"]) sum += line.get<double>();
    EXPECT_NEAR(time, sum, 0.005 * static_cast<double>(out["usd"].size()));
  }
  // The pricing page multiplies GB-hours by rounded rates, which is 0.05 % more.
  if (out.contains("duration_usd")) {
    EXPECT_NEAR(time, out["duration_usd"].get<double>(), 0.0005 * out["duration_usd"].get<double>());
  }
}

void transitions(const Json& in, const Json& out) {
  EXPECT_NEAR(dollars("stepfunctions.standard.transitions", in["transitions"].get<unsigned>()),
              out["usd"].get<double>(), 0.005);
}

void map_transitions(const Json& in, const Json& out) {
  Json items = Json::array();
  for (int i = 0; i < in["map_iterations"].get<int>(); ++i) items.push_back(i);
  OneMachine one(R"({"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {
    "StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}}}})",
                 "input: " + items.dump());
  one.start_at(0s);
  one.run();
  EXPECT_EQ(one.used("stepfunctions.standard.transitions"), out["transitions"].get<int>());
}

void free_tier(const Json& in, const Json& out) {
  const auto used = Quantity{in["transitions_per_run"].get<unsigned>()} * in["runs"].get<unsigned>();
  const Quantity billable = used - in["free"].get<unsigned>();
  EXPECT_EQ(billable, out["billable"].get<unsigned>());
  EXPECT_NEAR(dollars("stepfunctions.standard.transitions", billable), out["usd"].get<double>(), 0.005);
}

void retry_delays(const Json& in, const Json& out) {
  OneMachine one(fmt::format(R"({{"StartAt": "A", "States": {{"A": {{"Type": "Task", "End": true,
      "Resource": "arn:aws:lambda:us-east-1:1:function:a", "Retry": [{{"ErrorEquals": ["States.ALL"],
      "IntervalSeconds": {}, "MaxAttempts": {}, "BackoffRate": {}}}]}}}}}})",
                             in["IntervalSeconds"].get<int>(), in["MaxAttempts"].get<int>(),
                             in["BackoffRate"].get<double>()),
                 "");
  testing::Server& a = one.server("a", 0s);
  a.outcomes.assign(20, Outcome::fault);
  one.start_at(0s);
  one.run();
  ASSERT_EQ(a.calls.size(), out["delays"].size() + 1);
  for (std::size_t i = 0; i < out["delays"].size(); ++i)
    EXPECT_EQ(a.calls[i + 1].when - a.calls[i].when, out["delays"][i].get<int>() * 1s);
  EXPECT_EQ(a.calls.back().when - kStart, out["sum"].get<int>() * 1s);
}

const testing::Runs& kinds() {
  static const testing::Runs kKinds{{"express_bill", express_bill},
                                    {"transitions", transitions},
                                    {"map_transitions", map_transitions},
                                    {"free_tier", free_tier},
                                    {"retry_delays", retry_delays}};
  return kKinds;
}

class StepFunctionsCases : public ::testing::TestWithParam<Json> {};

TEST_P(StepFunctionsCases, ComeOutAsTheirSourceSays) { testing::run_case(kinds(), "kind", GetParam()); }

INSTANTIATE_TEST_SUITE_P(StepFunctions, StepFunctionsCases,
                         ::testing::ValuesIn(testing::cases_of("step-functions.json")),
                         testing::name_of_case);

}  // namespace
}  // namespace spillway
