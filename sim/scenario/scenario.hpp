#pragma once
/// A scenario: what the user wrote, read, checked and ready to be built into as many worlds as are wanted.
///
/// Loading never half-succeeds: either there is a scenario and every reference, route, class, threshold,
/// price file and stream of traffic in it holds, or there are diagnostics that say where each mistake stands.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "observe/prices.hpp"
#include "observe/thresholds.hpp"
#include "scenario/compose.hpp"
#include "scenario/diagnostic.hpp"
#include "scenario/resolve.hpp"
#include "services/catalogue.hpp"

namespace spillway {

struct PlacedThreshold {
  Threshold threshold;
  Position at;
};

struct Scenario {
  std::string path;
  std::string name;
  Duration horizon{};
  Duration warm_up{};
  Duration drain{};     ///< after the horizon, without new traffic, until nothing is in flight
  Duration interval{};  ///< of the time lines; zero: chosen by the horizon
  std::uint64_t seed = 1;
  bool free_tier = false;
  Value root;                     ///< everything, resolved: what scenario.lock.json holds
  std::vector<Member> resources;  ///< by name, in the order of the file
  std::vector<Member> traffic;
  std::vector<std::string> classes;  ///< traffic classes, by number
  std::vector<PlacedThreshold> thresholds;
  PriceList prices;
  const Sources* sources = nullptr;  ///< outlives the scenario

  std::vector<std::string> client_names() const;
  const std::string& type_of(std::size_t resource) const { return resources[resource].value["type"].text(); }
};

/// Loads a file with everything that it extends and names. `sets` are --set PATH=VALUE in order.
std::optional<Scenario> load_scenario(const std::string& path, std::span<const std::string> sets,
                                      Sources& sources, Files& files, Diagnostics& diagnostics);

/// The members of a scenario beside `resources`, for the schema and `explain`.
Settings scenario_settings();
/// The settings of one entry under `traffic`.
Settings client_settings();
/// The types that a resource may have.
std::vector<TypedSettings> resource_types();

}  // namespace spillway
