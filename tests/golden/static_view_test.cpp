// What `spillway validate` prints of some scenarios, as approved: SPILLWAY_APPROVE=1 in the environment
// rewrites it.

#include "report/static_view.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "scenario/static/design_rules.hpp"

namespace spillway {
namespace {

class StaticViews : public ::testing::TestWithParam<const char*> {};

TEST_P(StaticViews, AreAsApproved) {
  const std::string name = GetParam();
  Sources sources;
  DiskFiles files;
  Diagnostics diagnostics;
  const auto scenario =
      load_scenario("scenarios/" + name + ".spillway.yaml", {}, sources, files, diagnostics);
  ASSERT_TRUE(scenario.has_value()) << render_text(diagnostics, sources);
  const StaticView view = static_view(*scenario);
  check_design(view, diagnostics);
  const std::string printed = static_text(view) + "\n" + render_text(diagnostics, sources);
  const std::string approved = "tests/golden/static/" + name + ".txt";
  if (std::getenv("SPILLWAY_APPROVE") != nullptr) {
    std::ofstream(approved, std::ios::binary) << printed;
    return;
  }
  std::ifstream file(approved, std::ios::binary);
  EXPECT_EQ(printed, std::string(std::istreambuf_iterator<char>(file), {}));
}

INSTANTIATE_TEST_SUITE_P(Scenarios, StaticViews,
                         ::testing::Values("buffered", "order-classes", "reserved-concurrency",
                                           "retry-storm"),
                         [](const auto& tested) {
                           std::string name = tested.param;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace spillway
