#pragma once
/// The names of what a run can be asked: one row a metric. Thresholds, comparisons, JSON and reports read a
/// result through this table alone, so a name means the same everywhere.
///
/// A subject is what a metric is about: "journeys" (all of them), the name of a client or resource, an edge
/// as "api>orders" or "api>orders:put", or a part of the journeys: "journeys{client:shoppers}",
/// "journeys{class:gold}". A client's name means its journeys.
///
/// An aggregate has k6's spelling: count, rate, value, avg, min, med, max, p(99). Which of them a metric has
/// is a matter of its shape:
///
///   trend   many measured values (latency)       count rate avg min med max p(N); value is avg
///   count   how often it happened (arrivals)     count, value: how often; rate: per second of the window
///   ratio   a share or a factor (success_rate)   value, rate: the same
///   level   a gauge over time (backlog)          avg: by time; min max; value: at the end; med p(N) where
///   the
///                                                gauge is one of few small values
///
/// Values are in SI base units: seconds, bytes; a level or a count has the unit "1". Money is in dollars, a
/// double for statistics only: the bill itself is exact.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "observe/result.hpp"

namespace spillway {

struct Aggregate {
  enum class Kind : std::uint8_t { count, rate, value, avg, min, med, max, percentile };
  Kind kind = Kind::value;
  double percent = 0;  ///< of a percentile: 99 is p(99)

  friend bool operator==(const Aggregate&, const Aggregate&) = default;
};

/// "p(99.9)", "avg"; none when it is no aggregate.
std::optional<Aggregate> parse_aggregate(std::string_view text);
std::string to_text(const Aggregate& aggregate);

enum class Better : std::uint8_t { none, lower, higher };
const char* name_of(Better better);

enum class MetricShape : std::uint8_t { trend, count, ratio, level };

/// What a metric's function reads: exactly one of the pointers is set. `seconds` is the length of the window.
struct MetricSource {
  const JourneyResult* journeys = nullptr;
  const ResourceResult* resource = nullptr;  ///< a resource or, as one without gauges, an edge
  const RunResult* run = nullptr;
  double window_s = 0;
};

struct MetricInfo {
  std::string_view name;
  std::string_view unit;  ///< "s", "1", "usd"
  Better better = Better::none;
  MetricShape shape = MetricShape::count;
  std::string_view help;
  std::optional<double> (*read)(const MetricSource&, const Aggregate&);
  /// What few subjects ever do is not listed among the figures of the others; asked for, it is zero there.
  bool listed_at_zero = true;
};

std::span<const MetricInfo> journey_metrics();
std::span<const MetricInfo> resource_metrics();

/// The aggregate that stands for a metric of this shape in tables and comparisons.
Aggregate usual_aggregate(MetricShape shape);
/// Whether metrics of this shape have it.
bool has_aggregate(MetricShape shape, const Aggregate& aggregate);

/// Whether the run has such a subject, and which metrics it has; empty when there is none.
std::span<const MetricInfo> metrics_of(const RunResult& result, std::string_view subject);

/// The figure, in the metric's unit. None: no such subject, metric or aggregate, or nothing was measured.
/// Infinity: it never came to an end (a backlog that was not drained).
std::optional<double> metric_value(const RunResult& result, std::string_view subject, std::string_view metric,
                                   const Aggregate& aggregate);

}  // namespace spillway
