// Figures as people read them, each beside the number that it stands for.

#include "report/figures.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace spillway {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

const MetricInfo& journey_metric(std::string_view name) {
  return *std::ranges::find(journey_metrics(), name, &MetricInfo::name);
}
const MetricInfo& resource_metric(std::string_view name) {
  return *std::ranges::find(resource_metrics(), name, &MetricInfo::name);
}

TEST(DurationFigure, HasThreeDigitsAndTheUnitInWhichItIsShort) {
  EXPECT_EQ(duration_figure(0), "0s");
  EXPECT_EQ(duration_figure(4e-7), "0.40us");
  EXPECT_EQ(duration_figure(11.5e-6), "11.5us");
  EXPECT_EQ(duration_figure(0.000123456), "123us");
  EXPECT_EQ(duration_figure(0.0461), "46.1ms");
  EXPECT_EQ(duration_figure(0.612), "612ms");
  EXPECT_EQ(duration_figure(1.194), "1.19s");
  EXPECT_EQ(duration_figure(60), "1.00min");
  EXPECT_EQ(duration_figure(5400), "1.50h");
  EXPECT_EQ(duration_figure(1.5 * 86400), "1.50d");
}

TEST(DurationFigure, TakesTheNextUnitWhereRoundingWouldReachIt) {
  EXPECT_EQ(duration_figure(0.9996), "1.00s");
  EXPECT_EQ(duration_figure(0.9994), "999ms");
  EXPECT_EQ(duration_figure(0.0009996), "1.00ms");
}

TEST(DurationFigure, KeepsTheSignOfADifference) {
  EXPECT_EQ(duration_figure(-0.879), "-879ms");
  EXPECT_EQ(duration_figure(-90), "-1.50min");
}

TEST(DurationFigure, SaysWhatIsNoNumber) {
  EXPECT_EQ(duration_figure(kNothing), "-");
  EXPECT_EQ(duration_figure(kNever), "never");
}

TEST(CountFigure, HasThousandsApart) {
  EXPECT_EQ(count_figure(0), "0");
  EXPECT_EQ(count_figure(999), "999");
  EXPECT_EQ(count_figure(1000), "1,000");
  EXPECT_EQ(count_figure(1224011), "1,224,011");
  EXPECT_EQ(count_figure(-3947), "-3,947");
  EXPECT_EQ(count_figure(-123456), "-123,456");
  EXPECT_EQ(count_figure(999.7), "1,000");
}

TEST(CountFigure, HasThreeDigitsBelowAThousand) {
  EXPECT_EQ(count_figure(1.0833), "1.08");
  EXPECT_EQ(count_figure(12.345), "12.3");
  EXPECT_EQ(count_figure(123.4), "123");
}

TEST(CountFigure, ShowsADifferenceThatIsSmallAndNoneThatIsNot) {
  EXPECT_EQ(count_figure(0.0012), "0.0012");
  EXPECT_EQ(count_figure(-0.0797), "-0.08");
  EXPECT_EQ(count_figure(0.00001), "0");
  EXPECT_EQ(count_figure(-0.0), "0");
}

TEST(ShareFigure, HasEnoughDigitsThatWhatIsMissingShows) {
  EXPECT_EQ(share_figure(0), "0%");
  EXPECT_EQ(share_figure(1), "100%");
  EXPECT_EQ(share_figure(0.5), "50.0%");
  EXPECT_EQ(share_figure(0.9925), "99.25%");
  EXPECT_EQ(share_figure(0.99995), "99.9950%");
  EXPECT_EQ(share_figure(0.99999998), "99.999998%");
  EXPECT_EQ(share_figure(0.00000002), "0.000002%");
  EXPECT_EQ(share_figure(1.5), "150.0%") << "a queue may hold more than its limit of servers";
  EXPECT_EQ(share_figure(kNothing), "-");
}

TEST(Figure, TakesItsUnitFromTheMetric) {
  EXPECT_EQ(figure(0.25, journey_metric("response")), "250ms");
  EXPECT_EQ(figure(0.25, journey_metric("success_rate")), "25.0%");
  EXPECT_EQ(figure(0.25, resource_metric("utilisation")), "25.0%");
  EXPECT_EQ(figure(0.25, resource_metric("circuit_open")), "25.0%");
  EXPECT_EQ(figure(0.25, journey_metric("retry_amplification")), "0.25");
  EXPECT_EQ(figure(63.724, journey_metric("cost")), "$63.72");
  EXPECT_EQ(figure(-17.685, journey_metric("cost")), "-$17.68") << "17.685 is a little less in binary";
}

Estimate estimate_of(std::vector<std::optional<double>> values) {
  Estimate result;
  result.values = std::move(values);
  std::vector<double> measured;
  for (const auto& value : result.values) {
    if (value) measured.push_back(*value);
  }
  result.measured = measured.size();
  if (!measured.empty()) result.interval = mean_interval(measured);
  return result;
}

TEST(EstimateFigure, HasAnIntervalFromTwoReplicationsOn) {
  const MetricInfo& response = journey_metric("response");
  EXPECT_EQ(estimate_figure(estimate_of({}), response), "-");
  EXPECT_EQ(estimate_figure(estimate_of({std::nullopt}), response), "-");
  EXPECT_EQ(estimate_figure(estimate_of({0.2}), response), "200ms");
  // Mean 250 ms, standard error 50 ms, and t(0.975, 1) = 12.7062.
  EXPECT_EQ(estimate_figure(estimate_of({0.2, 0.3}), response), "250ms ±635ms");
  EXPECT_EQ(estimate_figure(estimate_of({0.2, std::nullopt, 0.3}), response), "250ms ±635ms");
}

}  // namespace
}  // namespace spillway
