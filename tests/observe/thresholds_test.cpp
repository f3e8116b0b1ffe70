// Thresholds as users write them, their mistakes, and the three verdicts.

#include "observe/thresholds.hpp"

#include <gtest/gtest.h>

#include "small_run.hpp"

namespace spillway {
namespace {

Threshold parsed(std::string_view key, std::string_view expression) {
  const auto parts = split_threshold_key(key);
  const auto metrics = parts->subject == "journeys" ? journey_metrics() : resource_metrics();
  const auto threshold = parse_threshold(*parts, expression, metrics);
  EXPECT_TRUE(threshold) << key << ' ' << expression << ": " << (threshold ? "" : threshold.error().message);
  return threshold.value_or(Threshold{});
}

TEST(ThresholdText, IsAnAggregateAComparisonAndAValueWithItsUnit) {
  const Threshold threshold = parsed("journeys.latency", "p(99) < 60s");
  EXPECT_EQ(threshold.subject, "journeys");
  EXPECT_EQ(threshold.metric, "latency");
  EXPECT_EQ(threshold.aggregate, (Aggregate{Aggregate::Kind::percentile, 99}));
  EXPECT_EQ(threshold.comparison, Comparison::less);
  EXPECT_EQ(threshold.bound, 60);
  EXPECT_EQ(threshold.text, "p(99) < 60s");
}

TEST(ThresholdText, UnitsBecomeBaseUnits) {
  struct Row {
    std::string_view key;
    std::string_view expression;
    double bound;
  };
  for (const Row& row :
       {Row{"journeys.latency", "p(99)<800ms", 0.8}, Row{"journeys.latency", "max <= 1m30s", 90},
        Row{"journeys.latency", "avg>=250us", 250e-6}, Row{"journeys.latency", "min > 0", 0},
        Row{"journeys.latency", "count > 1000", 1000}, Row{"journeys.latency", "rate > 120/m", 2},
        Row{"journeys.arrivals", "rate >= 400/s", 400}, Row{"journeys.success_rate", "value >= 99.9%", 0.999},
        Row{"journeys.success_rate", "rate > 0.5", 0.5}, Row{"journeys.cost", "value < $412.60", 412.60},
        Row{"journeys.cost", "value < 12 usd", 12}, Row{"intake.backlog", "max < 1e4", 10000},
        Row{"intake.age_of_oldest", "max != 1h", 3600},
        Row{"orders.retry_amplification", "  value   ==  1.2 ", 1.2}}) {
    EXPECT_DOUBLE_EQ(parsed(row.key, row.expression).bound, row.bound) << row.expression;
  }
}

TEST(ThresholdText, AMistakeIsShownWhereItStands) {
  struct Row {
    std::string_view key;
    std::string_view expression;
    std::size_t from, to;
    std::string_view says;
    std::string_view nearest;
  };
  const std::vector<Row> rows{
      {"journeys.latency", "p(99) < 60", 8, 10, "a unit is missing", ""},
      {"journeys.latency", "p(99) < 60x", 10, 11, "unknown unit 'x'", ""},
      {"journeys.latency", "p(99) < 1m30", 8, 12, "a unit is missing", ""},
      {"journeys.latency", "p(99) < soon", 8, 12, "expected a duration", ""},
      {"journeys.latency", "p(99) <", 7, 7, "expected a duration", ""},
      {"journeys.latency", "p(99) = 60s", 6, 7, "expected one of", "=="},
      {"journeys.latency", "p(99) 60s", 6, 6, "expected one of", ""},
      {"journeys.latency", "p99 < 60s", 0, 3, "unknown aggregate", "p(99)"},
      {"journeys.latency", " agv < 60s", 1, 4, "unknown aggregate", "avg"},
      {"journeys.latency", "p(101) < 60s", 0, 6, "unknown aggregate", ""},
      {"journeys.latency", "< 60s", 0, 0, "expected an aggregate", ""},
      {"journeys.success_rate", "p(99) > 1", 0, 5, "has no 'p(99)'", "value"},
      {"journeys.success_rate", "value > 0.9 0.8", 12, 15, "nothing may follow", ""},
      {"journeys.arrivals", "rate > 400", 7, 10, "a unit is missing", ""},
      {"journeys.latency", "avg < 1s inf", 9, 12, "nothing may follow", ""},
  };
  for (const Row& row : rows) {
    const auto threshold = parse_threshold(*split_threshold_key(row.key), row.expression, journey_metrics());
    ASSERT_FALSE(threshold) << row.expression;
    const ThresholdError& error = threshold.error();
    EXPECT_EQ(error.from, row.from) << row.expression << ": " << error.message;
    EXPECT_EQ(error.to, row.to) << row.expression << ": " << error.message;
    EXPECT_NE(error.message.find(row.says), std::string::npos) << row.expression << ": " << error.message;
    EXPECT_EQ(error.nearest, row.nearest) << row.expression;
    EXPECT_EQ(error.in, ThresholdError::In::expression);
  }
}

TEST(ThresholdText, AMistypedMetricIsShownInTheKey) {
  const auto threshold =
      parse_threshold(*split_threshold_key("journeys.latncy"), "p(99) < 1s", journey_metrics());
  ASSERT_FALSE(threshold);
  EXPECT_EQ(threshold.error().in, ThresholdError::In::key);
  EXPECT_EQ(threshold.error().from, 9u);
  EXPECT_EQ(threshold.error().to, 15u);
  EXPECT_EQ(threshold.error().nearest, "latency");
  EXPECT_FALSE(split_threshold_key("latency"));
  EXPECT_FALSE(split_threshold_key(".latency"));
  EXPECT_EQ(split_threshold_key("a.b.latency")->subject, "a.b");
}

using Values = std::vector<std::optional<double>>;

ThresholdResult judged(std::string_view expression, const Values& values) {
  return judge(parsed("orders.retry_amplification", expression), values);
}

TEST(ThresholdVerdict, NeedsTheWholeIntervalOnOneSide) {
  // Mean 1.2, standard deviation 0.1, t(2) = 4.3027: 1.2 +- 0.2484.
  const Values values{1.1, 1.2, 1.3};
  EXPECT_EQ(judged("value < 1.45", values).verdict, Verdict::pass);
  EXPECT_EQ(judged("value < 1.44", values).verdict, Verdict::inconclusive);
  EXPECT_EQ(judged("value < 0.96", values).verdict, Verdict::inconclusive);
  EXPECT_EQ(judged("value < 0.95", values).verdict, Verdict::fail);
  EXPECT_EQ(judged("value > 0.95", values).verdict, Verdict::pass);
  EXPECT_EQ(judged("value >= 1.45", values).verdict, Verdict::fail);
  EXPECT_EQ(judged("value == 1.2", values).verdict, Verdict::inconclusive);
  EXPECT_EQ(judged("value == 2", values).verdict, Verdict::fail);
  EXPECT_EQ(judged("value != 2", values).verdict, Verdict::pass);
  EXPECT_NEAR(judged("value < 1", values).interval.half_width, 0.24841, 1e-5);
}

TEST(ThresholdVerdict, OneReplicationIsDecidedByItsFigure) {
  EXPECT_EQ(judged("value < 1.2", {1.1}).verdict, Verdict::pass);
  EXPECT_EQ(judged("value < 1.2", {1.2}).verdict, Verdict::fail);
  EXPECT_EQ(judged("value <= 1.2", {1.2}).verdict, Verdict::pass);
  EXPECT_EQ(judged("value == 1.2", {1.2}).verdict, Verdict::pass);
}

TEST(ThresholdVerdict, EqualFiguresLeaveNoDoubt) {
  EXPECT_EQ(judged("value <= 1", {1.0, 1.0, 1.0}).verdict, Verdict::pass);
  EXPECT_EQ(judged("value == 1", {1.0, 1.0, 1.0}).verdict, Verdict::pass);
  EXPECT_EQ(judged("value < 1", {1.0, 1.0}).verdict, Verdict::fail);
}

TEST(ThresholdVerdict, InconclusiveSaysHowManyMoreReplicationsMayDecide) {
  // The half width of 0.2484 has to shrink to 0.1: (2.484)^2 * 3 = 18.5 replications.
  const ThresholdResult result = judged("value < 1.3", {1.1, 1.2, 1.3});
  EXPECT_EQ(result.verdict, Verdict::inconclusive);
  EXPECT_EQ(result.more_needed, 19u - 3);
  EXPECT_EQ(judged("value < 1.2", {1.1, 1.2, 1.3}).more_needed, 0u)
      << "no number decides what lies on the bound";
}

TEST(ThresholdVerdict, WhatNeverEndsFails) {
  EXPECT_EQ(judged("value < 100", {1.0, kInfinity}).verdict, Verdict::fail);
  EXPECT_EQ(judged("value > 100", {1.0, kInfinity}).verdict, Verdict::pass);
}

TEST(ThresholdVerdict, WhatWasNotMeasuredEverywhereCannotPass) {
  EXPECT_EQ(judged("value < 2", {std::nullopt}).verdict, Verdict::inconclusive);
  EXPECT_EQ(judged("value < 2", {}).verdict, Verdict::inconclusive);
  const ThresholdResult result = judged("value < 2", {1.0, std::nullopt, 1.0});
  EXPECT_EQ(result.verdict, Verdict::inconclusive);
  EXPECT_EQ(result.without_value, 1u);
  EXPECT_EQ(judged("value < 0.5", {1.0, std::nullopt, 1.0}).verdict, Verdict::fail);
}

TEST(ThresholdVerdict, ReadsItsFiguresFromRuns) {
  std::vector<RunResult> runs;
  for (int i = 0; i < 2; ++i) {
    testing::SmallRun small;
    runs.push_back(small.run());
  }
  EXPECT_EQ(judge(parsed("journeys.response", "max <= 300ms"), runs).verdict, Verdict::pass);
  EXPECT_EQ(judge(parsed("journeys.response", "max < 300ms"), runs).verdict, Verdict::fail);
  EXPECT_EQ(judge(parsed("api.retry_amplification", "value < 1.5"), runs).observed, 2.0);
}

TEST(ThresholdVerdict, FiguresAreShownWithTheirUnits) {
  EXPECT_EQ(figure_text(0.612, "s"), "612ms");
  EXPECT_EQ(figure_text(298, "s"), "298s");
  EXPECT_EQ(figure_text(3723, "s"), "1h02m03s");
  EXPECT_EQ(figure_text(660, "s"), "11m00s");
  EXPECT_EQ(figure_text(2e-7, "s"), "200ns");
  EXPECT_EQ(figure_text(1.67, "1"), "1.67");
  EXPECT_EQ(figure_text(412.6, "usd"), "$412.6");
  EXPECT_EQ(figure_text(kInfinity, "s"), "never");
  EXPECT_EQ(figure_text(kNotANumber, "s"), "none");
}

}  // namespace
}  // namespace spillway
