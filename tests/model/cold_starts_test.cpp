// Drawn INIT durations keep to the measured quantiles; runtimes are found by the names that users know.
#include "model/cold_starts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "spillway/random.hpp"

namespace spillway {
namespace {

constexpr double kMillisecond = 1e6;

/// 10,000 draws in order, as the environments of a run would draw them: one journey each.
std::vector<double> drawn(const MeasuredInit& row) {
  const Distribution init = init_distribution(row);
  const Stream stream(1, row.runtime + row.package + row.architecture + std::to_string(row.memory_mb));
  std::vector<double> values;
  for (std::uint64_t journey = 0; journey < 10'000; ++journey) {
    Draws draws = stream.at(journey);
    values.push_back(init.sample(draws) / kMillisecond);
  }
  std::sort(values.begin(), values.end());
  return values;
}

TEST(ColdStarts, draw_every_measured_row_within_5_percent_at_p50_and_10_percent_at_p99) {
  ASSERT_EQ(measured_inits().size(), 620u);
  for (const MeasuredInit& row : measured_inits()) {
    const std::vector<double> values = drawn(row);
    const auto name =
        row.runtime + " " + row.package + " " + row.architecture + " " + std::to_string(row.memory_mb);
    EXPECT_NEAR(values[5000], row.p50, 0.05 * row.p50) << name;
    EXPECT_NEAR(values[9000], row.p90, 0.10 * row.p90) << name;
    EXPECT_NEAR(values[9900], row.p99, 0.10 * row.p99) << name;
    EXPECT_LE(values.back(), row.max * 1.0000001) << name;
    EXPECT_GE(values.front(), 0.7 * row.p50) << name;
  }
}

TEST(ColdStarts, keep_the_measured_mean_closely) {
  int within_3_percent = 0;
  for (const MeasuredInit& row : measured_inits()) {
    const double error = std::abs(init_distribution(row).mean() / kMillisecond / row.mean - 1);
    EXPECT_LT(error, 0.13) << row.runtime << " " << row.package << " " << row.architecture << " "
                           << row.memory_mb;
    if (error < 0.03) ++within_3_percent;
  }
  EXPECT_GE(within_3_percent, 540);
}

TEST(ColdStarts, take_the_row_of_the_question) {
  const auto start =
      cold_start({.runtime = "python3.13", .package = "zip", .architecture = "arm64", .memory_mb = 512});
  ASSERT_TRUE(start) << start.error();
  EXPECT_EQ(start->row->runtime, "python3.13");
  EXPECT_EQ(start->row->architecture, "arm64");
  EXPECT_EQ(start->row->memory_mb, 512);
  EXPECT_DOUBLE_EQ(start->row->p50, 81.275);
}

TEST(ColdStarts, take_the_nearest_memory_by_ratio) {
  const auto memory = [](std::int64_t asked) {
    return cold_start({.runtime = "java21", .memory_mb = asked})->row->memory_mb;
  };
  EXPECT_EQ(memory(128), 128);
  EXPECT_EQ(memory(180), 128);
  EXPECT_EQ(memory(182), 256);
  EXPECT_EQ(memory(700), 512);
  EXPECT_EQ(memory(1769), 1024);
  EXPECT_EQ(memory(10'240), 1024);
}

TEST(ColdStarts, know_the_identifiers_of_the_provider_and_plain_names) {
  const auto measured_as = [](std::string_view name) { return cold_start({.runtime = name})->row->runtime; };
  for (const char* name :
       {"nodejs20.x", "nodejs22.x", "nodejs24.x", "python3.9", "python3.12", "python3.14", "java8.al2",
        "java11", "java17", "java21", "java25", "dotnet8", "dotnet10", "ruby3.2", "ruby3.4"}) {
    EXPECT_EQ(measured_as(name), name);
  }
  EXPECT_EQ(measured_as("provided.al2023"), "go (prov.al2023)");
  EXPECT_EQ(measured_as("provided.al2"), "go (prov.al2)");
  EXPECT_EQ(measured_as("rust"), "rust (prov.al2023)") << "the newer base";
  EXPECT_EQ(measured_as("dotnet8 aot"), "dotnet8 aot (prov.al2023)");
  EXPECT_EQ(measured_as("rust (prov.al2)"), "rust (prov.al2)");
}

TEST(ColdStarts, say_when_another_runtime_stands_in) {
  const auto known = known_runtimes();
  const auto find = [&](std::string_view name) {
    return std::find_if(known.begin(), known.end(), [&](const KnownRuntime& k) { return k.name == name; });
  };
  ASSERT_NE(find("nodejs18.x"), known.end());
  EXPECT_TRUE(find("nodejs18.x")->stand_in);
  EXPECT_FALSE(find("nodejs22.x")->stand_in);
  EXPECT_TRUE(std::is_sorted(known.begin(), known.end(),
                             [](const auto& a, const auto& b) { return a.name < b.name; }));
}

TEST(ColdStarts, suggest_the_nearest_runtime) {
  EXPECT_THAT(cold_start({.runtime = "phyton3.13"}).error(),
              testing::HasSubstr("did you mean 'python3.13'?"));
  EXPECT_THAT(cold_start({.runtime = "nodejs22"}).error(), testing::HasSubstr("did you mean 'nodejs22.x'?"));
  EXPECT_THAT(cold_start({.runtime = "cobol"}).error(), testing::Not(testing::HasSubstr("did you mean")));
}

TEST(ColdStarts, fall_back_to_the_other_architecture_but_not_to_another_package) {
  const auto bun = cold_start({.runtime = "bun layer", .package = "zip", .architecture = "arm64"});
  ASSERT_TRUE(bun) << bun.error();
  EXPECT_EQ(bun->row->architecture, "x86_64");
  EXPECT_THAT(cold_start({.runtime = "bun layer", .package = "image"}).error(),
              testing::HasSubstr("package 'image'"));
}

TEST(ColdStarts, are_slower_from_an_image) {
  const auto p50 = [](std::string_view package) {
    return cold_start({.runtime = "nodejs22.x", .package = package, .memory_mb = 512})->row->p50;
  };
  EXPECT_GT(p50("image"), 2 * p50("zip"));
}

}  // namespace
}  // namespace spillway
