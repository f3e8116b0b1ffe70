// The output of AWS Lambda Power Tuning in both of its forms, and what is no such output.

#include "formats/power_tuning.hpp"

#include <gtest/gtest.h>

namespace spillway {
namespace {

using Curve = std::vector<MemoryDuration>;

constexpr auto kMs = std::int64_t{1'000'000};

TEST(PowerTuning, ReadsTheStatsOfItsOutput) {
  const auto curve = parse_power_tuning(R"({"results": {"power": "256", "stats": [
      {"averagePrice": 1e-7, "averageDuration": 2.5, "value": 256},
      {"averagePrice": 2e-7, "averageDuration": 5, "value": 128}]}})");
  ASSERT_TRUE(curve) << curve.error();
  EXPECT_EQ(*curve, (Curve{{128, 5 * kMs}, {256, 2'500'000}}));
}

TEST(PowerTuning, ReadsTheUrlOfItsVisualization) {
  // The example of the tool's own documentation.
  const auto curve = parse_power_tuning(R"({"power": "128", "stateMachine": {"visualization":
      "https://lambda-power-tuning.show/#gAAAAQACAAQABsAL;ZooQR4yvkUa/pQRGRC5zRaADHUVjOftE;QdWhOEMkoziD"}})");
  ASSERT_TRUE(curve) << curve.error();
  ASSERT_EQ(curve->size(), 6u);
  const std::array<std::int64_t, 6> memories{128, 256, 512, 1024, 1536, 3008};
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ((*curve)[i].memory_mb, memories[i]);
  EXPECT_NEAR(static_cast<double>(curve->front().duration_ns), 37002.4e6, 1e6);
  EXPECT_NEAR(static_cast<double>(curve->back().duration_ns), 2009.8e6, 1e6);
}

TEST(PowerTuning, SaysWhatIsNoOutputOfIt) {
  for (const std::string_view text :
       {"", "[]", "{}", R"({"stats": []})", R"({"stats": [{"value": 128}]})",
        R"({"stats": [{"value": 128, "averageDuration": 0}]})", R"({"stats": [7]})",
        R"({"stats": [{"value": 1, "averageDuration": 1}, {"value": 1, "averageDuration": 2}]})",
        R"({"stateMachine": {"visualization": "https://x.show/"}})",
        R"({"stateMachine": {"visualization": "https://x.show/#gAAA;ZooQRw==;"}})",
        R"({"stateMachine": {"visualization": "https://x.show/#g!AA;ZooQRw==;"}})"}) {
    const auto curve = parse_power_tuning(text);
    ASSERT_FALSE(curve) << text;
    EXPECT_TRUE(curve.error().starts_with("it is no output of AWS Lambda Power Tuning: ")) << curve.error();
  }
}

TEST(PowerTuning, LiesBetweenTwoMeasurementsByTheInverseOfMemory) {
  const Curve curve{{128, 1000 * kMs}, {512, 250 * kMs}, {1024, 200 * kMs}};
  EXPECT_DOUBLE_EQ(duration_at(curve, 256), 500e6) << "twice the memory, half the time";
  EXPECT_DOUBLE_EQ(duration_at(curve, 512), 250e6);
  EXPECT_DOUBLE_EQ(duration_at(curve, 64), 1000e6);
  EXPECT_DOUBLE_EQ(duration_at(curve, 10240), 200e6);
}

}  // namespace
}  // namespace spillway
