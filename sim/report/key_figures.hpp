#pragma once
/// The figures on the first screen of a report, and their differences between candidates: the same rows in
/// the page, in Markdown and in CSV. Some of them are of no single resource ("the deepest backlog of all"),
/// so they are read from a run, not through the table of metrics.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "experiment/comparison.hpp"

namespace spillway {

struct KeyFigure {
  std::string_view id;
  std::string_view title;
  std::string_view unit;  ///< "s", "1", "usd"
  bool share = false;     ///< shown as a percentage
  Better better = Better::lower;
  std::optional<double> (*read)(const RunResult&);
};
std::span<const KeyFigure> key_figures();

Estimate estimate(const Experiment& experiment, const KeyFigure& figure);
PairedDifference difference(const Experiment& base, const Experiment& candidate, const KeyFigure& figure);
/// "612ms", "98.52%", "never": as people read it.
std::string key_figure_text(const KeyFigure& figure, double value);

}  // namespace spillway
