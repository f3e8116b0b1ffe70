#pragma once
// A scenario from a text in memory, and its static view.

#include <gtest/gtest.h>

#include <memory>

#include "scenario/reading.hpp"
#include "scenario/static/static_view.hpp"

namespace spillway::testing {

/// The scenario points into the sources, and the view into the scenario: all three stay where they are.
class Viewed {
 public:
  explicit Viewed(const std::string& yaml, const std::vector<std::string>& sets = {}) {
    MapFiles files({{"a.yaml", yaml}});
    scenario = load_scenario("a.yaml", sets, *sources, files, diagnostics);
    EXPECT_TRUE(scenario.has_value()) << render_text(diagnostics, *sources);
    if (scenario) view = static_view(*scenario);
  }
  Viewed(const Viewed&) = delete;
  Viewed& operator=(const Viewed&) = delete;

  Rates arrived(std::string_view resource) const { return view.arrived(view.topology.vertex(resource)); }

  const Demand& demand(std::string_view resource, std::string_view what) const {
    for (const Demand& each : view.demands) {
      if (view.topology.name(each.vertex) == resource && each.what == what) return each;
    }
    ADD_FAILURE() << resource << " has no demand of " << what;
    return view.demands.front();
  }

  double bound(std::string_view resource) const {
    for (const RetryPath& path : view.paths) {
      if (view.topology.name(path.vertex) == resource) return path.bound;
    }
    return 0;
  }

  std::unique_ptr<Sources> sources = std::make_unique<Sources>();
  Diagnostics diagnostics;
  std::optional<Scenario> scenario;
  StaticView view;
};

}  // namespace spillway::testing
