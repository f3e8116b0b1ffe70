// Quotas are data: complete rows, unique names, values that the scenario reader understands.
#include "model/quotas.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "model/data.hpp"

namespace spillway {
namespace {

TEST(Quotas, answer_by_name) {
  EXPECT_EQ(quota("lambda.timeout.default"), "3s");
  EXPECT_EQ(quota("lambda.timeout.max"), "900s");
  EXPECT_EQ(quota("lambda.concurrency.account"), "1000");
  EXPECT_EQ(quota("lambda.scaling.environments_per_10s"), "1000");
  EXPECT_EQ(quota("esm.sqs.start_concurrency"), "5");
  EXPECT_EQ(quota("esm.sqs.ramp_per_minute"), "300");
  EXPECT_EQ(quota("esm.sqs.cap"), "1250");
  EXPECT_EQ(quota("sqs.visibility_timeout.default"), "30s");
  EXPECT_EQ(quota("apigateway.rate"), "10000/s");
  EXPECT_EQ(quota("apigateway.burst"), "5000");
  EXPECT_EQ(quota("dynamodb.partition.read"), "3000");
}

TEST(Quotas, say_whether_a_number_can_be_raised) {
  EXPECT_EQ(find_quota("lambda.concurrency.account")->limit, QuotaLimit::soft);
  EXPECT_EQ(find_quota("lambda.timeout.max")->limit, QuotaLimit::hard);
  EXPECT_EQ(find_quota("lambda.timeout.default")->limit, QuotaLimit::by_default);
  EXPECT_EQ(find_quota("lambda.async.throttle_backoff.factor")->limit, QuotaLimit::assumption);
  EXPECT_EQ(to_text(QuotaLimit::by_default), "default");
}

TEST(Quotas, know_no_name_that_is_not_in_the_file) {
  EXPECT_EQ(find_quota("lambda.timeout"), nullptr);
  EXPECT_EQ(find_quota(""), nullptr);
  EXPECT_EQ(find_quota("zzz"), nullptr);
  EXPECT_DEATH(quota("lambda.timeuot"), "no quota is called 'lambda.timeuot'");
}

/// What follows the digits of a value: "3s" -> "s", "0.7" -> ".7".
std::string_view after_digits(std::string_view value) {
  return value.substr(std::min(value.find_first_not_of("0123456789"), value.size()));
}

TEST(Quotas, are_written_as_a_scenario_writes_their_kind) {
  const std::map<std::string, std::set<std::string_view>> endings = {
      {"duration", {"ns", "us", "ms", "s", "m", "h", "d"}},
      {"bytes", {"B", "KiB", "MiB", "GiB", "TiB"}},
      {"rate", {"/s", "/m", "/h"}},
      {"count", {""}},
      {"number", {""}},
      {"probability", {".1", ".2", ".7", ".9"}},
  };
  std::string_view last;
  for (const Quota& row : quotas()) {
    EXPECT_LT(last, row.name) << "sorted, each once";
    last = row.name;
    ASSERT_TRUE(endings.contains(row.unit)) << row.name;
    EXPECT_TRUE(endings.at(row.unit).contains(after_digits(row.value))) << row.name << " = " << row.value;
    EXPECT_NE(after_digits(row.value), row.value) << row.name << " begins with a digit";
    EXPECT_FALSE(row.source.empty()) << row.name;
    EXPECT_FALSE(row.date.empty()) << row.name;
  }
}

TEST(EmbeddedFiles, hold_the_bytes_of_the_files_and_nothing_else) {
  EXPECT_TRUE(embedded("data/lambda-init-2026.csv").starts_with("# AWS Lambda INIT durations"));
  EXPECT_TRUE(embedded("data/lambda-init-2026.csv").ends_with("\n"));
  EXPECT_TRUE(embedded("scenarios/prices/us-east-1.json").ends_with("}\n"));
  EXPECT_TRUE(embedded("data/no-such-file").empty());
  EXPECT_GE(embedded_files().size(), 3u);
}

}  // namespace
}  // namespace spillway
