#pragma once
/// The bottleneck in one sentence: which resource saturates first, when, and where the slowest journeys spend
/// their time. From the data alone; when nothing saturates, it says so.

#include <optional>
#include <string>

#include "experiment/experiment.hpp"

namespace spillway {

struct Bottleneck {
  std::string resource{};  ///< empty: nothing saturates
  std::string cause{};     ///< a word for programs: "reserved_concurrency", "hot_partition"; empty: none
  double severity = 0;     ///< 0 to 1: the share of its work that it refused or repeated, or of the time lost
  std::optional<double> since_s{};  ///< when it first happened, in the first replication
  std::string sentence{};
};
Bottleneck find_bottleneck(const Experiment& experiment);
std::string bottleneck_sentence(const Experiment& experiment);

}  // namespace spillway
