#pragma once
/// How an aggregate is read from each shape of measurement. Private to the metrics' table.

#include <optional>

#include "observe/metrics_registry.hpp"

namespace spillway::reading {

/// Nanoseconds as seconds.
inline double seconds(double ns) { return ns / 1e9; }

/// `scale` turns the sketch's unit into the metric's: 1e9 for nanoseconds, 1 for counts.
std::optional<double> trend(const Sketch& sketch, const Aggregate& aggregate, double window_s,
                            double scale = 1e9);
std::optional<double> count(std::uint64_t count, const Aggregate& aggregate, double window_s);
std::optional<double> ratio(std::uint64_t part, std::uint64_t whole, const Aggregate& aggregate);
std::optional<double> ratio(std::optional<double> value, const Aggregate& aggregate);
std::optional<double> level(const GaugeResult& gauge, const Dwell* dwell, const Aggregate& aggregate);

}  // namespace spillway::reading
