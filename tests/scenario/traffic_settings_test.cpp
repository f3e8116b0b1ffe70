// Every form in which a scenario may write its traffic, and what is said about those that mean nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenario/resolve.hpp"
#include "scenario/traffic/settings.hpp"
#include "scenario/traffic_files.hpp"

namespace spillway {
namespace {

using ::testing::HasSubstr;

struct Result {
  std::unique_ptr<Arrivals> arrivals;
  std::string errors;
};

Result made_from(const std::string& yaml, const std::string& folder = "") {
  const auto value = value_of("arrivals: " + yaml, {arrivals_setting()});
  if (!value) return {nullptr, value.error()};
  TrafficContext context{.seed = 11, .name = "shoppers", .class_names = {"get", "put"}};
  context.folder = [&](const Position&) { return folder; };
  auto made = make_arrivals((*value)["arrivals"], context);
  if (made) return {std::move(*made), ""};
  Result result;
  for (const TrafficError& error : made.error()) result.errors += error.message + "\n";
  EXPECT_GT(made.error().front().at.line, 0U) << result.errors;
  return result;
}

/// The mean rate over the first ten seconds as described, and as counted over them.
void expect_rate(const std::string& yaml, double wanted, const std::string& folder = "") {
  Result result = made_from(yaml, folder);
  ASSERT_TRUE(result.arrivals) << yaml << "\n" << result.errors;
  EXPECT_NEAR(result.arrivals->mean_rate(Time{0s}, Time{10s}), wanted, wanted * 1e-6) << yaml;
  double n = 0;
  Arrival arrival;
  while (result.arrivals->next(arrival) && arrival.at < Time{10s}) ++n;
  EXPECT_EQ(result.arrivals->problem(), "");
  EXPECT_NEAR(n / 10, wanted, wanted * 0.1) << yaml;
}

std::string errors_of(const std::string& yaml) { return made_from(yaml).errors; }

TEST(TrafficSettings, EveryFormGivesItsRate) {
  expect_rate("{ poisson: 500/s }", 500);
  expect_rate("{ constant: 500/s }", 500);
  expect_rate("{ stages: [ { duration: 10s, to: 1000/s } ] }", 500);
  expect_rate("{ stages: [ { duration: 1s, from: 500/s, to: 500/s } ], repeat: true, within: evenly }", 500);
  expect_rate("{ diurnal: { mean: 500/s, amplitude: 0.9, period: 10s, peak: 3s } }", 500);
  expect_rate("{ bursts: { states: [ { rate: 900/s, mean: 1ms }, { rate: 100/s, mean: 1ms } ] } }", 500);
  expect_rate(
      "{ bursts: { start: anywhere, states: [ { rate: 900/s, mean: 1ms, stay: fixed, next: [1, 1] }, "
      "{ rate: 100/s, mean: 1ms, stay: fixed, next: [1, 1] } ] } }",
      500);
  for (const std::string within : {"evenly", "randomly", "poisson", "together"}) {
    expect_rate("{ counts: [ 800, 200.5 ], step: 1s, repeat: true, within: " + within + " }", 500.25);
  }
}

TEST(TrafficSettings, FilesAreFoundBesideTheScenario) {
  const TemporaryFiles files;
  files.write("counts.csv", "came,second\n100,0\n1900,1\n");
  std::string requests = "at_ms,took_s\n";
  for (int i = 0; i < 5000; ++i) requests += std::to_string(i) + ",0.5\n";
  files.write("requests.csv", requests);
  files.write("in.csv", "HashOwner,HashApp,HashFunction,Trigger,1\no,a,f,http,30000\n");
  expect_rate("{ file: counts.csv, column: came, step: 1s, repeat: true, scale: 0.5 }", 500, files.folder());
  expect_rate("{ requests: { file: requests.csv, time: at_ms, duration: took_s } }", 500, files.folder());
  expect_rate("{ requests: { file: requests.csv, time: at_ms, length: 5s }, repeat: true }", 1000,
              files.folder());
  expect_rate("{ requests: { file: requests.csv, time: at_ms, speed: 2, length: 10s }, repeat: true }", 500,
              files.folder());
  expect_rate("{ azure: { invocations: in.csv } }", 500, files.folder());
}

TEST(TrafficSettings, BatchStartUntilAndScaleWorkOnAnyForm) {
  expect_rate("{ constant: 10/s, batch: 50 }", 500);
  expect_rate("{ constant: 100/s, scale: 5 }", 500);
  expect_rate("{ poisson: 1000/s, start: 5s }", 500);
  expect_rate("{ poisson: 1000/s, until: 5s }", 500);
  expect_rate("{ stages: [ { duration: 10s, to: 100/s } ], scale: 10 }", 500);
}

TEST(TrafficSettings, AConstantRateIsKeptExactlyWhenItIsScaled) {
  Result result = made_from("{ constant: 3/s, scale: 0.1 }");
  Arrival arrival;
  for (int i = 0; i <= 3'000; ++i) ASSERT_TRUE(result.arrivals->next(arrival));
  EXPECT_EQ(arrival.at, Time{10'000s});
}

TEST(TrafficSettings, TheSameNameAndSeedGiveTheSameTrafficAndAnotherNameOther) {
  const auto value = value_of("arrivals: { poisson: 10/s }", {arrivals_setting()});
  ASSERT_TRUE(value) << value.error();
  const auto first = [&](const std::string& name, std::uint64_t seed) {
    auto arrivals = make_arrivals((*value)["arrivals"], {.seed = seed, .name = name});
    Arrival arrival;
    (*arrivals)->next(arrival);
    return arrival.at;
  };
  EXPECT_EQ(first("a", 1), first("a", 1));
  EXPECT_NE(first("a", 1), first("b", 1));
  EXPECT_NE(first("a", 1), first("a", 2));
}

TEST(TrafficSettings, ASettingThatTheFormDoesNotKnowIsAnError) {
  EXPECT_THAT(errors_of("{ poisson: 10/s, within: evenly }"),
              HasSubstr("'within' means nothing for 'poisson'"));
  EXPECT_THAT(errors_of("{ constant: 10/s, repeat: true, step: 5s }"),
              HasSubstr("'step' means nothing for 'constant'"));
  EXPECT_THAT(errors_of("{ counts: [1], column: x }"), HasSubstr("'column' means nothing for 'counts'"));
  EXPECT_THAT(errors_of("{ stages: [ { duration: 1s, to: 1/s } ], within: together }"),
              HasSubstr("use poisson or evenly"));
}

TEST(TrafficSettings, TrafficThatWouldBeNoneIsAnError) {
  EXPECT_THAT(errors_of("{ poisson: 0/s }"), HasSubstr("a rate of zero"));
  EXPECT_THAT(errors_of("{ poisson: 1/s, scale: 0 }"), HasSubstr("a scale of zero"));
  EXPECT_THAT(errors_of("{ diurnal: { mean: 0/s } }"), HasSubstr("zero"));
  EXPECT_THAT(errors_of("{ bursts: { states: [ { rate: 0/s, mean: 1s } ] } }"),
              HasSubstr("every state's rate is zero"));
}

TEST(TrafficSettings, BurstsWhoseStatesCannotBeReachedAreAnError) {
  EXPECT_THAT(
      errors_of("{ bursts: { states: [ { rate: 1/s, mean: 1s, next: [1, 0] }, { rate: 2/s, mean: 1s } ] } }"),
      HasSubstr("reachable"));
  EXPECT_THAT(
      errors_of("{ bursts: { states: [ { rate: 1/s, mean: 1s, next: [1] }, { rate: 2/s, mean: 1s } ] } }"),
      HasSubstr("a weight for each of the 2 states"));
  EXPECT_THAT(errors_of("{ bursts: { states: [ { rate: 1/s, mean: 1s, next: [0] } ] } }"),
              HasSubstr("all weights are zero"));
}

TEST(TrafficSettings, FilesThatCannotBeReadAreNamed) {
  EXPECT_THAT(errors_of("{ file: none.csv }"), HasSubstr("cannot read 'none.csv'"));
  EXPECT_THAT(errors_of("{ requests: none.csv }"), HasSubstr("cannot read 'none.csv'"));
  EXPECT_THAT(errors_of("{ azure: { invocations: none.csv } }"), HasSubstr("cannot read 'none.csv'"));
  EXPECT_THAT(errors_of("{ azure: { invocations: none.csv, work: average } }"),
              HasSubstr("needs the durations file"));
  EXPECT_THAT(errors_of("{ requests: none.csv, scale: 2 }"), HasSubstr("use speed"));
  EXPECT_THAT(errors_of("{ requests: none.csv, repeat: true }"), HasSubstr("set the length"));
}

TEST(TrafficSettings, OneFormIsNeededAndOnlyOne) {
  EXPECT_THAT(errors_of("{ batch: 2 }"), HasSubstr("exactly one of"));
  EXPECT_THAT(errors_of("{ poisson: 1/s, constant: 1/s }"), HasSubstr("exactly one of"));
}

}  // namespace
}  // namespace spillway
