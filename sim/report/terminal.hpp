#pragma once
/// What a run and a comparison say on a terminal: the verdict first, then totals, then a row a resource, then
/// the bottleneck in one sentence.

#include <span>
#include <string>
#include <vector>

#include "experiment/comparison.hpp"
#include "report/bottleneck.hpp"

namespace spillway {

struct TerminalStyle {
  bool colour = false;
};

/// A threshold and what became of it.
struct JudgedThreshold {
  const PlacedThreshold* threshold = nullptr;
  ThresholdResult result;
};
std::vector<JudgedThreshold> judge_all(const Experiment& experiment);

std::string run_summary(const Experiment& experiment, std::span<const JudgedThreshold> thresholds,
                        const TerminalStyle& style);

/// One candidate against the base: what changed in the topology, then in the figures.
std::string contrast_summary(const Contrast& contrast, std::span<const JudgedThreshold> base,
                             std::span<const JudgedThreshold> candidate, const TerminalStyle& style);

/// The difference in a sentence that a reader can quote.
std::string contrast_sentence(const Contrast& contrast);

}  // namespace spillway
