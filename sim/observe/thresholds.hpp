#pragma once
/// Thresholds: what a run must reach, in the form that k6 made known, with units and with a third verdict.
///
///   journeys.latency: [ "p(99) < 60s" ]        <aggregate> <operator> <value with unit>
///   orders.retry_amplification: [ "value < 1.2" ]
///
/// A threshold is judged over the replications of a run: it passes when the whole 95 % interval of the mean
/// lies on its good side, fails when the whole interval lies on the other, and is inconclusive between. One
/// replication has no interval; its figure decides.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "engine/statistics.hpp"
#include "observe/metrics_registry.hpp"

namespace spillway {

enum class Comparison : std::uint8_t { less, at_most, greater, at_least, equal, unequal };
const char* name_of(Comparison comparison);

struct Threshold {
  std::string subject;  ///< "journeys", "orders"
  std::string metric;   ///< "latency"
  Aggregate aggregate;
  Comparison comparison = Comparison::less;
  double bound = 0;  ///< in the metric's unit; of the aggregate `rate` of a count: per second
  std::string text;  ///< as the user wrote it
};

/// Where in the text the mistake stands: bytes from its first to before its last.
struct ThresholdError {
  enum class In : std::uint8_t { key, expression };
  In in = In::expression;
  std::size_t from = 0;
  std::size_t to = 0;
  std::string message;
  std::string nearest{};  ///< what may have been meant
};

/// "journeys.latency" into its two parts: the metric is what follows the last point.
struct ThresholdKey {
  std::string_view subject;
  std::string_view metric;
};
tl::expected<ThresholdKey, ThresholdError> split_threshold_key(std::string_view key);

/// `metrics`: those that the key's subject has (journey_metrics() or resource_metrics()).
tl::expected<Threshold, ThresholdError> parse_threshold(const ThresholdKey& key, std::string_view expression,
                                                        std::span<const MetricInfo> metrics);

/// A bound as text with its unit, so that it can be shown beside the user's: "612ms", "0.985", "$12.3".
std::string figure_text(double value, std::string_view unit);

enum class Verdict : std::uint8_t { pass, fail, inconclusive };
const char* name_of(Verdict verdict);

struct ThresholdResult {
  Verdict verdict = Verdict::inconclusive;
  double observed = 0;  ///< the mean over the replications; NaN when nothing was measured
  Interval interval;    ///< of that mean; its half width is infinite with one replication
  std::size_t replications = 0;
  std::size_t without_value = 0;  ///< replications in which nothing was measured
  std::size_t more_needed = 0;    ///< replications that would probably decide it; 0: unknown, or decided
};

/// Judges by the figures of the replications; an absent one was not measured, and then it stays inconclusive.
ThresholdResult judge(const Threshold& threshold, std::span<const std::optional<double>> values);
ThresholdResult judge(const Threshold& threshold, std::span<const RunResult> replications);

}  // namespace spillway
