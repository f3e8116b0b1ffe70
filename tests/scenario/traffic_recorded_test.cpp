// Traffic that was recorded: every request at its moment, every count in its step, and clear words when a
// file is bad.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "formats/shared_data.hpp"
#include "scenario/traffic/azure_arrivals.hpp"
#include "scenario/traffic/counts.hpp"
#include "scenario/traffic/requests.hpp"
#include "scenario/traffic_files.hpp"

namespace spillway {
namespace {

std::vector<Arrival> take(Arrivals& arrivals, std::size_t most = 10'000'000) {
  std::vector<Arrival> all;
  Arrival arrival;
  while (all.size() < most && arrivals.next(arrival)) {
    EXPECT_TRUE(all.empty() || all.back().at <= arrival.at);
    all.push_back(arrival);
  }
  return all;
}

std::vector<Arrival> listed(const RequestListSettings& settings, std::size_t most = 10'000'000) {
  auto arrivals = arrivals_from_list(settings, Stream(9, "kept"));
  EXPECT_TRUE(arrivals) << arrivals.error();
  if (!arrivals) return {};
  auto all = take(**arrivals, most);
  EXPECT_EQ((*arrivals)->problem(), "");
  return all;
}

TEST(RequestTraffic, CarriesWhatItsListSays) {
  const TemporaryFiles files;
  const std::string path =
      files.write("a.csv", "t_s,d_ms,size,kind,user\n0.5,20,100,put,ann\n1.5,,,,\n2,0,7,get,ann\n");
  const auto all = listed(
      {.path = path,
       .columns =
           {.time = "t_s", .duration = "d_ms", .bytes = "size", .traffic_class = "kind", .key = "user"},
       .class_names = {"get", "put"}});
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].at, Time{500ms});
  EXPECT_EQ(all[0].work, 20ms);
  EXPECT_EQ(all[0].bytes, 100);
  EXPECT_EQ(all[0].traffic_class, 1U);
  EXPECT_TRUE(all[0].has_key);
  EXPECT_EQ(all[1].work, Duration{-1});
  EXPECT_EQ(all[1].bytes, -1);
  EXPECT_EQ(all[1].traffic_class, kAnyClass);
  EXPECT_FALSE(all[1].has_key);
  EXPECT_EQ(all[2].traffic_class, 0U);
  EXPECT_EQ(all[2].work, Duration{0});
  EXPECT_EQ(all[2].key, all[0].key);
}

TEST(RequestTraffic, MayStartAtItsFirstRequestRunFasterAndRepeat) {
  const TemporaryFiles files;
  const std::string path = files.write("a.csv", "t_s\n100\n101\n104\n");
  const auto all = listed(
      {.path = path, .columns = {.time = "t_s"}, .from_first = true, .speed = {2, 1}, .repeat_every = 10s},
      5);
  ASSERT_EQ(all.size(), 5U);
  const std::vector<Duration> wanted{0ms, 500ms, 2000ms, 10'000ms, 10'500ms};
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i].at, Time{wanted[i]});
}

TEST(RequestTraffic, AThinnedListKeepsItsShareAndTheSameRequestsEachTime) {
  const TemporaryFiles files;
  std::string text = "t_ms\n";
  for (int i = 0; i < 20'000; ++i) text += std::to_string(i) + "\n";
  const RequestListSettings settings{
      .path = files.write("a.csv", text), .columns = {.time = "t_ms"}, .keep = 0.25};
  const auto all = listed(settings);
  EXPECT_NEAR(static_cast<double>(all.size()), 5000, 4 * std::sqrt(20'000 * 0.25 * 0.75));
  const auto same = listed(settings);
  ASSERT_EQ(all.size(), same.size());
  EXPECT_EQ(all.back().at, same.back().at);
  auto arrivals = arrivals_from_list(settings, Stream(9, "kept"));
  EXPECT_NEAR((*arrivals)->mean_rate(Time{0s}, Time{20s}), static_cast<double>(all.size()) / 20, 1e-9);
}

std::string problem_of(const RequestListSettings& settings) {
  auto arrivals = arrivals_from_list(settings, Stream());
  if (!arrivals) return arrivals.error();
  take(**arrivals);
  return std::string((*arrivals)->problem());
}

TEST(RequestTraffic, WhatIsWrongIsToldWithFileLineAndColumn) {
  const TemporaryFiles files;
  const std::string path = files.write("a.csv", "t_s,kind\n1,get\n2,pot\n");
  EXPECT_EQ(
      problem_of(
          {.path = path, .columns = {.time = "t_s", .traffic_class = "kind"}, .class_names = {"get", "put"}}),
      path + ":3:3: unknown class 'pot'; the classes are get, put");
  EXPECT_EQ(problem_of({.path = path, .columns = {.time = "kind"}}), path + ":2:3: 'get' is not a number");
  EXPECT_EQ(problem_of({.path = files.folder() + "none.csv", .columns = {}}),
            "cannot read '" + files.folder() + "none.csv': No such file or directory");
  EXPECT_NE(problem_of({.path = files.folder(), .columns = {}}).find("Is a directory"), std::string::npos);
  EXPECT_NE(problem_of({.path = path, .columns = {.time = "t_s"}, .repeat_every = 2s}).find("repeats"),
            std::string::npos);
}

TEST(CountFileTraffic, RepeatsAfterItsLastStep) {
  const TemporaryFiles files;
  const std::string path = files.write("a.csv", "minute,requests\n0,1\n2,1\n");
  auto source = counts_from_file({.path = path, .repeat = true});
  ASSERT_TRUE(source) << source.error();
  auto arrivals = arrivals_by_count(std::move(*source), Ratio{1, 1}, Within::together, Stream());
  const auto all = take(*arrivals, 5);
  ASSERT_EQ(all.size(), 5U);
  const std::vector<Duration> wanted{0min, 2min, 3min, 5min, 6min};
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i].at, Time{wanted[i]});
  EXPECT_NEAR(arrivals->mean_rate(Time{0min}, Time{6min}), 4.0 / 360, 1e-12);
}

TEST(CountFileTraffic, AMissingMinuteIsQuietInAPoissonProcessToo) {
  const TemporaryFiles files;
  const std::string path = files.write("a.csv", "minute,requests\n0,1000\n2,1000\n");
  auto source = counts_from_file({.path = path});
  auto arrivals = arrivals_by_count(std::move(*source), Ratio{1, 1}, Within::poisson, Stream(4, "gaps"));
  std::map<std::int64_t, int> by_minute;
  for (const Arrival& arrival : take(*arrivals)) ++by_minute[arrival.at.time_since_epoch() / 1min];
  EXPECT_NEAR(by_minute[0], 1000, 130);
  EXPECT_EQ(by_minute.count(1), 0U);
  EXPECT_NEAR(by_minute[2], 1000, 130);
}

TEST(CountFileTraffic, ABadRowEndsTheTrafficWithAProblem) {
  const TemporaryFiles files;
  const std::string path = files.write("a.csv", "requests\n1\nmany\n");
  for (const Within within : {Within::evenly, Within::poisson}) {
    auto source = counts_from_file({.path = path});
    ASSERT_TRUE(source) << source.error();
    auto arrivals = arrivals_by_count(std::move(*source), Ratio{1, 1}, within, Stream());
    take(*arrivals);
    EXPECT_EQ(arrivals->problem(), path + ":3:1: 'many' is not a number");
    EXPECT_TRUE(std::isnan(arrivals->mean_rate(Time{0s}, Time{3min})));
  }
}

TEST(RecordedTraffic, AWorldCupDayAtAHundredthHasItsHundredthOfRequests) {
  const std::string path = shared_path("data/worldcup98/dev-1998-06-10.csv");
  auto source = counts_from_file({.path = path});
  if (!source) GTEST_SKIP() << "no shared data";
  auto whole = arrivals_by_count((*source)->again(), Ratio{1, 1}, Within::evenly, Stream());
  auto hundredth = arrivals_by_count((*source)->again(), Ratio{1, 100}, Within::evenly, Stream());
  std::int64_t n = 0;
  Arrival arrival;
  while (whole->next(arrival)) ++n;
  EXPECT_EQ(n, 52'291'414);
  n = 0;
  while (hundredth->next(arrival)) ++n;
  EXPECT_EQ(n, 522'914);
  EXPECT_NEAR(whole->mean_rate(Time{0h}, Time{24h}), 52'291'414.0 / 86'400, 1e-6);
}

TEST(RecordedTraffic, TheHourlyWorldCupFiguresAddUpToTheDay) {
  auto source = counts_from_file(
      {.path = std::string(SPILLWAY_SOURCE_DIR) + "/scenarios/traffic/worldcup-1998-06-10-hourly.csv",
       .columns = {.step_ns = 3'600'000'000'000}});
  ASSERT_TRUE(source) << source.error();
  CountRow row;
  std::int64_t sum = 0;
  int hours = 0;
  for (; (*source)->next(row); ++hours) sum += row.millionths;
  EXPECT_EQ(hours, 24);
  EXPECT_EQ(sum, 52'291'414 * std::int64_t{1'000'000});
}

constexpr std::string_view kInvocations =
    "HashOwner,HashApp,HashFunction,Trigger,1,2,3\n"
    "o1,a1,f1,http,2,0,1\n"
    "o1,a1,f2,timer,0,1,0\n"
    "o2,a2,f1,queue,0,0,300\n";
constexpr std::string_view kDurations =
    "HashOwner,HashApp,HashFunction,Average,Count,Minimum,Maximum,percentile_Average_0,percentile_Average_1,"
    "percentile_Average_25,percentile_Average_50,percentile_Average_75,percentile_Average_99,percentile_"
    "Average_100\n"
    "o1,a1,f1,500,3,1,9,100,110,250,500,750,900,1000\n"
    "o2,a2,f1,7,3,1,9,7,7,7,7,7,7,7\n";

class AzureTraffic : public ::testing::Test {
 protected:
  AzureSettings settings() const { return {.invocations = invocations_, .name = "azure"}; }
  AzureSettings with_work(AzureWork work) const {
    AzureSettings all = settings();
    all.durations = durations_;
    all.work = work;
    return all;
  }
  static std::string error_of(const AzureSettings& settings) {
    const auto arrivals = arrivals_from_azure(settings);
    return arrivals ? std::string() : arrivals.error();
  }

  TemporaryFiles files_;
  std::string invocations_ = files_.write("invocations.csv", kInvocations);
  std::string durations_ = files_.write("durations.csv", kDurations);
};

TEST_F(AzureTraffic, MergesTheFunctionsByTime) {
  auto arrivals = arrivals_from_azure(settings());
  ASSERT_TRUE(arrivals) << arrivals.error();
  const auto all = take(**arrivals);
  ASSERT_EQ(all.size(), 304U);
  EXPECT_EQ(all[0].at, Time{15s});
  EXPECT_EQ(all[1].at, Time{45s});
  EXPECT_EQ(all[2].at, Time{90s});
  EXPECT_EQ(all[0].key, all[1].key);
  EXPECT_NE(all[0].key, all[2].key);
  std::set<std::uint64_t> keys;
  for (const Arrival& arrival : all) keys.insert(arrival.key);
  EXPECT_EQ(keys.size(), 3U);
  EXPECT_NEAR((*arrivals)->mean_rate(Time{0s}, Time{180s}), 304.0 / 180, 1e-9);
}

TEST_F(AzureTraffic, SelectsByHashAndRepeatsTheDay) {
  AzureSettings one = settings();
  one.owner = "o1";
  one.function = "f1";
  one.repeat = true;
  auto arrivals = arrivals_from_azure(one);
  ASSERT_TRUE(arrivals) << arrivals.error();
  const auto all = take(**arrivals, 5);
  ASSERT_EQ(all.size(), 5U);
  EXPECT_EQ(all[2].at, Time{150s});
  EXPECT_EQ(all[3].at, Time{195s});
}

TEST_F(AzureTraffic, TakesDurationsFromTheAverageOrThePercentiles) {
  AzureSettings settings = with_work(AzureWork::average);
  settings.owner = "o2";
  auto arrivals = arrivals_from_azure(settings);
  ASSERT_TRUE(arrivals) << arrivals.error();
  for (const Arrival& arrival : take(**arrivals)) EXPECT_EQ(arrival.work, 7ms);
  settings = with_work(AzureWork::percentiles);
  settings.function = "f1";
  settings.owner = "o1";
  settings.scale = Ratio{10'000, 1};
  auto drawn = arrivals_from_azure(settings);
  ASSERT_TRUE(drawn) << drawn.error();
  const auto all = take(**drawn);
  ASSERT_EQ(all.size(), 30'000U);
  std::size_t below_median = 0;
  for (const Arrival& arrival : all) {
    EXPECT_GE(arrival.work, 100ms);
    EXPECT_LE(arrival.work, 1s);
    below_median += arrival.work <= 500ms ? 1U : 0U;
  }
  EXPECT_NEAR(static_cast<double>(below_median), 15'000, 4 * std::sqrt(7'500));
}

TEST_F(AzureTraffic, FunctionsWithoutDurationsAreAnErrorUnlessTheyAreGivenOne) {
  AzureSettings settings = with_work(AzureWork::average);
  EXPECT_NE(error_of(settings).find("no durations of 1 of the selected functions, the first of them f2"),
            std::string::npos);
  settings.without_row = 3ms;
  settings.app = "a1";
  auto arrivals = arrivals_from_azure(settings);
  ASSERT_TRUE(arrivals) << arrivals.error();
  const auto all = take(**arrivals);
  EXPECT_EQ(all.at(2).work, 3ms);
}

TEST_F(AzureTraffic, ASelectionOfNothingOrOfTwoFunctionsIsAnError) {
  AzureSettings settings = AzureTraffic::settings();
  settings.function = "f";
  EXPECT_NE(error_of(settings).find("more than one function"), std::string::npos);
  settings.function = "x";
  EXPECT_NE(error_of(settings).find("no function is selected"), std::string::npos);
}

TEST(RecordedTraffic, TheAzureFunctionsAllHaveTheirInvocationsAndDurations) {
  const AzureSettings settings{.invocations = shared_path("data/azure-2019/invocations-dev.csv"),
                               .durations = shared_path("data/azure-2019/durations-dev.csv"),
                               .work = AzureWork::average,
                               .name = "azure"};
  auto arrivals = arrivals_from_azure(settings);
  if (!arrivals) GTEST_SKIP() << "no shared data";
  std::map<std::uint64_t, std::uint64_t> by_function;
  Arrival arrival;
  while ((*arrivals)->next(arrival)) ++by_function[arrival.key];
  std::string text;
  ASSERT_TRUE(read_shared("data/azure-2019/expected-cold-starts-dev.csv", text));
  TextBytes bytes(text);
  CsvReader csv(bytes);
  csv.next();
  std::multiset<std::uint64_t> wanted;
  std::multiset<std::uint64_t> got;
  for (const auto& [key, count] : by_function) got.insert(count);
  while (csv.next()) wanted.insert(std::stoull(std::string(csv[1])));
  EXPECT_EQ(by_function.size(), 60U);
  EXPECT_TRUE(std::includes(got.begin(), got.end(), wanted.begin(), wanted.end()));
}

}  // namespace
}  // namespace spillway
