#pragma once
/// What the report page shows, as one JSON document: the contract between the simulator and the page
/// (tools/web/src/data.ts has the same as types). Its figures are those of summary.json and
/// comparison.json, which it holds whole; beside them stand time lines, distributions, topology, settings
/// with their origins, bills and the slowest journeys.
///
/// Bytes depend on scenarios, seed and version alone, as those of all results but manifest.json.

#include <span>
#include <string>
#include <vector>

#include "experiment/comparison.hpp"
#include "report/terminal.hpp"

namespace spillway {

/// One experiment, or a base and its candidates; `judged` by experiment, `contrasts` of all but the first.
std::string page_data(std::span<const Experiment> experiments,
                      std::span<const std::vector<JudgedThreshold>> judged,
                      std::span<const Contrast> contrasts);

}  // namespace spillway
