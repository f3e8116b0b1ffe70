// The Azure Functions trace by its official column names.
#include "formats/azure.hpp"

#include <gtest/gtest.h>

#include <map>
#include <numeric>
#include <sstream>
#include <string>

#include "formats/shared_data.hpp"

namespace spillway {
namespace {

constexpr std::string_view kDurations =
    "HashOwner,HashApp,HashFunction,Average,Count,Minimum,Maximum,percentile_Average_0,percentile_Average_1,"
    "percentile_Average_25,percentile_Average_50,percentile_Average_75,percentile_Average_99,percentile_"
    "Average_100\n";

TEST(AzureInvocations, ARowIsAFunctionAndItsMinutes) {
  TextBytes bytes("HashOwner,HashApp,HashFunction,Trigger,1,2,3\no,a,f,http,0,7,4294967295\n");
  auto file = AzureInvocations::open(bytes);
  ASSERT_TRUE(file) << file.error().message;
  AzureFunction row;
  ASSERT_TRUE(file->next(row));
  EXPECT_EQ(row.owner, "o");
  EXPECT_EQ(row.app, "a");
  EXPECT_EQ(row.function, "f");
  EXPECT_EQ(row.trigger, "http");
  std::vector<std::uint32_t> counts;
  ASSERT_TRUE(file->counts(counts));
  EXPECT_EQ(counts, (std::vector<std::uint32_t>{0, 7, 4294967295}));
  EXPECT_FALSE(file->next(row));
  EXPECT_FALSE(file->error());
}

TEST(AzureInvocations, OtherColumnsThanTheOfficialOnesAreRefused) {
  for (const char* header :
       {"", "HashOwner,HashApp,Function,Trigger,1\n", "HashOwner,HashApp,HashFunction,Trigger\n",
        "HashOwner,HashApp,HashFunction,Trigger,1,3\n"}) {
    TextBytes bytes(header);
    EXPECT_FALSE(AzureInvocations::open(bytes)) << header;
  }
}

TEST(AzureInvocations, AFieldThatIsNoCountIsNamed) {
  for (const char* bad : {"-1", "1.5", "x", "", "4294967296"}) {
    const std::string text =
        std::string("HashOwner,HashApp,HashFunction,Trigger,1,2\no,a,f,http,3,") + bad + "\n";
    TextBytes bytes(text);
    auto file = AzureInvocations::open(bytes);
    AzureFunction row;
    std::vector<std::uint32_t> counts;
    ASSERT_TRUE(file && file->next(row));
    EXPECT_FALSE(file->counts(counts)) << bad;
    ASSERT_TRUE(file->error());
    EXPECT_EQ(file->error()->line, 2U);
    EXPECT_EQ(file->error()->column, 14U);
    EXPECT_EQ(file->error()->message, "minute 2 is no count of invocations");
  }
}

TEST(AzureDurations, MillisecondsBecomeNanoseconds) {
  const std::string text = std::string(kDurations) + "o,a,f,135903.5,8,49042.0,241791.0,1,2,3,4,5,6,7.25\n";
  TextBytes bytes(text);
  auto file = AzureDurations::open(bytes);
  ASSERT_TRUE(file) << file.error().message;
  AzureFunction row;
  AzureDuration of;
  ASSERT_TRUE(file->next(row) && file->durations(of));
  EXPECT_EQ(row.function, "f");
  EXPECT_EQ(of.average_ns, 135'903'500'000);
  EXPECT_EQ(of.count, 8);
  EXPECT_EQ(of.percentiles_ns[6], 7'250'000);
}

TEST(AzureDurations, FallingPercentilesAreRefused) {
  const std::string text = std::string(kDurations) + "o,a,f,1,8,1,9,1,2,3,4,3,6,7\n";
  TextBytes bytes(text);
  auto file = AzureDurations::open(bytes);
  AzureFunction row;
  AzureDuration of;
  ASSERT_TRUE(file && file->next(row));
  EXPECT_FALSE(file->durations(of));
  EXPECT_EQ(file->error()->column, 23U);
}

TEST(AzureTrace, EachFunctionHasTheInvocationsThatAnIndependentReplayCounted) {
  std::string text;
  std::string expected;
  if (!read_shared("data/azure-2019/invocations-dev.csv", text) ||
      !read_shared("data/azure-2019/expected-cold-starts-dev.csv", expected)) {
    GTEST_SKIP() << "no shared data";
  }
  TextBytes bytes(text);
  auto file = AzureInvocations::open(bytes);
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->minutes(), 1440U);
  std::map<std::string, std::uint64_t> totals;
  AzureFunction row;
  std::vector<std::uint32_t> counts;
  while (file->next(row)) {
    ASSERT_TRUE(file->counts(counts));
    totals[std::string(row.function)] = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  }
  EXPECT_FALSE(file->error());
  EXPECT_EQ(totals.size(), 60U);
  TextBytes expected_bytes(expected);
  CsvReader csv(expected_bytes);
  ASSERT_TRUE(csv.next());
  std::size_t compared = 0;
  while (csv.next()) {
    EXPECT_EQ(totals.at(std::string(csv[0])), std::stoull(std::string(csv[1])));
    ++compared;
  }
  EXPECT_EQ(compared, 55U);
}

}  // namespace
}  // namespace spillway
