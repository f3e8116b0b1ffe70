// Request lists and tables of counts: columns, units, order, and the recorded data that others published.
#include "formats/traffic_file.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "formats/shared_data.hpp"

namespace spillway {
namespace {

struct Request {
  std::int64_t at_ns;
  std::int64_t work_ns;
};

/// Reads a whole list; the error, if any, is left in `error`.
std::vector<Request> requests_of(std::string_view text, const RequestColumns& columns, CsvError& error) {
  TextBytes bytes(text);
  auto file = RequestFile::open(bytes, columns);
  std::vector<Request> requests;
  if (!file) {
    error = file.error();
    return requests;
  }
  RequestRow row;
  while (file->next(row)) requests.push_back({row.at_ns, row.work_ns});
  if (file->error()) error = *file->error();
  return requests;
}

CsvError request_error(std::string_view text, const RequestColumns& columns) {
  CsvError error;
  requests_of(text, columns, error);
  EXPECT_FALSE(error.message.empty()) << "no error in: " << text;
  return error;
}

TEST(RequestFile, UnitsComeFromTheNamesOfTheColumns) {
  CsvError error;
  const auto requests =
      requests_of("id,t_s,wait_ms\nx,0.5,20\ny,1.25,0.001\n", {.time = "t_s", .duration = "wait_ms"}, error);
  EXPECT_EQ(error.message, "");
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0].at_ns, 500'000'000);
  EXPECT_EQ(requests[0].work_ns, 20'000'000);
  EXPECT_EQ(requests[1].at_ns, 1'250'000'000);
  EXPECT_EQ(requests[1].work_ns, 1'000);
}

TEST(RequestFile, ASettingGivesAUnitToAColumnWithoutOne) {
  CsvError error;
  const auto requests = requests_of("when\n3\n", {.time = "when", .time_unit = "ms"}, error);
  ASSERT_EQ(requests.size(), 1U) << error.message;
  EXPECT_EQ(requests[0].at_ns, 3'000'000);
}

TEST(RequestFile, ATimeWithoutAUnitIsAnErrorAndNotAGuess) {
  const CsvError error = request_error("time\n3\n", {.time = "time"});
  EXPECT_NE(error.message.find("has no unit"), std::string::npos);
  EXPECT_NE(request_error("t_s,d\n3,1\n", {.time = "t_s", .duration = "d"}).message.find("duration_unit"),
            std::string::npos);
  EXPECT_NE(
      request_error("time\n3\n", {.time = "time", .time_unit = "fortnights"}).message.find("unknown unit"),
      std::string::npos);
}

TEST(RequestFile, TimestampsNeedNoUnit) {
  CsvError error;
  const auto requests =
      requests_of("time\n2020-05-17T12:34:56Z\n2020-05-17T12:34:56.5Z\n", {.time = "time"}, error);
  ASSERT_EQ(requests.size(), 2U) << error.message;
  EXPECT_EQ(requests[1].at_ns - requests[0].at_ns, 500'000'000);
}

TEST(RequestFile, OptionalFieldsAreReadAndMayBeEmpty) {
  TextBytes bytes("t_s,bytes,kind,user,d_s\n1,2048,get,ann,0\n2,,,,\n");
  auto file = RequestFile::open(
      bytes, {.time = "t_s", .duration = "d_s", .bytes = "bytes", .traffic_class = "kind", .key = "user"});
  ASSERT_TRUE(file) << file.error().message;
  RequestRow row;
  ASSERT_TRUE(file->next(row));
  EXPECT_EQ(row.bytes, 2048);
  EXPECT_EQ(row.traffic_class, "get");
  EXPECT_TRUE(row.has_key);
  EXPECT_EQ(row.key, "ann");
  EXPECT_EQ(row.work_ns, 0);
  ASSERT_TRUE(file->next(row));
  EXPECT_EQ(row.bytes, -1);
  EXPECT_EQ(row.traffic_class, "");
  EXPECT_FALSE(row.has_key);
  EXPECT_EQ(row.work_ns, -1);
  EXPECT_FALSE(file->next(row));
  EXPECT_FALSE(file->error());
}

TEST(RequestFile, AMissingColumnIsNamedWithThoseThatAreThere) {
  const CsvError error = request_error("# c\nt_s,x\n", {.time = "t_ms"});
  EXPECT_EQ(error.line, 2U);
  EXPECT_EQ(error.message, "no column 't_ms'; the columns are 't_s', 'x'");
}

TEST(RequestFile, WhatIsWrongInARowIsFoundAtItsLineAndColumn) {
  const RequestColumns columns{.time = "t_s", .duration = "d_s"};
  const CsvError text = request_error("t_s,d_s\n1,2\n2,two\n", columns);
  EXPECT_EQ(text.line, 3U);
  EXPECT_EQ(text.column, 3U);
  EXPECT_EQ(text.message, "'two' is not a number");
  EXPECT_EQ(request_error("t_s,d_s\n1,-2\n", columns).message, "'-2' is negative");
  EXPECT_EQ(request_error("t_s,d_s\n,2\n", columns).message, "'' is empty");
  EXPECT_EQ(request_error("t_s,d_s\n1\n", columns).message, "this row has 1 fields, the header has 2");
  EXPECT_EQ(request_error("t_s,d_s\n1,2,3\n", columns).line, 2U);
  EXPECT_NE(request_error("t_s,d_s\n2,0\n1,0\n", columns).message.find("sort"), std::string::npos);
  EXPECT_NE(request_error("", columns).message.find("empty"), std::string::npos);
}

std::vector<CountRow> counts_of(std::string_view text, const CountColumns& columns, std::string& error) {
  TextBytes bytes(text);
  auto file = CountFile::open(bytes, columns);
  std::vector<CountRow> rows;
  if (!file) {
    error = file.error().message;
    return rows;
  }
  CountRow row;
  while (file->next(row)) rows.push_back(row);
  if (file->error()) error = file->error()->message;
  return rows;
}

constexpr std::int64_t kMinuteNs = 60'000'000'000;

TEST(CountFile, MinutesThatAreMissingAreMinutesWithoutRequests) {
  std::string error;
  const auto rows = counts_of("minute,requests\n100,5\n101,6\n104,7.5\n", {}, error);
  EXPECT_EQ(error, "");
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].from_ns, 0);
  EXPECT_EQ(rows[1].from_ns, kMinuteNs);
  EXPECT_EQ(rows[2].from_ns, 4 * kMinuteNs);
  EXPECT_EQ(rows[2].millionths, 7'500'000);
}

TEST(CountFile, WithoutATimeColumnRowFollowsRow) {
  std::string error;
  const auto rows = counts_of("n\n1\n2\n", {.count = "n", .step_ns = 5 * kMinuteNs}, error);
  ASSERT_EQ(rows.size(), 2U) << error;
  EXPECT_EQ(rows[1].from_ns, 5 * kMinuteNs);
}

TEST(CountFile, TimestampsMayTellTheSteps) {
  std::string error;
  const auto rows =
      counts_of("at,n\n2020-05-17T12:00:00Z,1\n2020-05-17T13:00:00Z,2\n",
                {.count = "n", .time = "at", .time_unit = "timestamp", .step_ns = 60 * kMinuteNs}, error);
  ASSERT_EQ(rows.size(), 2U) << error;
  EXPECT_EQ(rows[1].from_ns, 60 * kMinuteNs);
}

TEST(CountFile, StretchesThatOverlapAreAnError) {
  std::string error;
  counts_of("minute,requests\n1,5\n1,6\n", {}, error);
  EXPECT_NE(error.find("sort"), std::string::npos);
  error.clear();
  counts_of("minute,requests\n0,5\n1,6\n", {.step_ns = 5 * kMinuteNs}, error);
  EXPECT_NE(error.find("step"), std::string::npos);
}

TEST(CountFile, NegativeAndEmptyCountsAreErrors) {
  std::string error;
  counts_of("requests\n-1\n", {}, error);
  EXPECT_EQ(error, "'-1' is negative");
  counts_of("minute,requests\n1,\n", {}, error);
  EXPECT_EQ(error, "'' is empty");
}

TEST(RecordedTraffic, EveryRequestOfTheLambdaRunsIsRead) {
  std::string text;
  if (!read_shared("data/lambda-2020-simfaas/run-2020-05-17.csv", text)) GTEST_SKIP() << "no shared data";
  CsvError error;
  const auto requests = requests_of(text, {.time = "t_s", .duration = "client_s"}, error);
  EXPECT_EQ(error.message, "");
  ASSERT_EQ(requests.size(), 5050U);
  EXPECT_EQ(requests[1].at_ns, 18'560'600'000);
  EXPECT_EQ(requests[1].work_ns, 1'955'500'000);
}

TEST(RecordedTraffic, TheWorldCupDaysHaveTheirTotals) {
  for (const char* path : {"data/worldcup98/dev-1998-06-01.csv", "data/worldcup98/dev-1998-06-10.csv"}) {
    std::string text;
    if (!read_shared(path, text)) GTEST_SKIP() << "no shared data";
    std::string error;
    const auto rows = counts_of(text, {}, error);
    EXPECT_EQ(error, "");
    EXPECT_EQ(rows.size(), 1440U);
    std::int64_t plain = 0;  // the same sum by the plainest means
    for (std::size_t at = text.find('\n'); at + 1 < text.size(); at = text.find('\n', at + 1)) {
      plain += std::stoll(text.substr(text.find(',', at) + 1));
    }
    std::int64_t sum = 0;
    for (const CountRow& row : rows) sum += row.millionths;
    EXPECT_EQ(sum, plain * 1'000'000);
    EXPECT_EQ(rows.back().from_ns, 1439 * kMinuteNs);
  }
}

}  // namespace
}  // namespace spillway
