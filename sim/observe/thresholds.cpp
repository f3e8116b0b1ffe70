// Judging: where the interval lies.

#include "observe/thresholds.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <fmt/core.h>

namespace spillway {

namespace {

/// Whether a value on the interval's ends satisfies the comparison: all of it, none of it, or some.
Verdict verdict_for(Comparison comparison, double bound, double low, double high) {
  bool all = false;
  bool none = false;
  switch (comparison) {
    case Comparison::less: all = high < bound, none = low >= bound; break;
    case Comparison::at_most: all = high <= bound, none = low > bound; break;
    case Comparison::greater: all = low > bound, none = high <= bound; break;
    case Comparison::at_least: all = low >= bound, none = high < bound; break;
    case Comparison::equal: all = low == bound && high == bound, none = bound < low || bound > high; break;
    case Comparison::unequal: all = bound < low || bound > high, none = low == bound && high == bound; break;
  }
  if (all) return Verdict::pass;
  return none ? Verdict::fail : Verdict::inconclusive;
}

/// The half width shrinks with the square root of the replications.
std::size_t more_for(double distance, double half_width, std::size_t replications) {
  constexpr double kMost = 1e6;
  if (!(distance > 0)) return 0;
  const double ratio = half_width / distance;
  const double wanted = std::ceil(static_cast<double>(replications) * ratio * ratio);
  if (!(wanted < kMost)) return 0;
  const auto whole = static_cast<std::size_t>(wanted);
  return whole > replications ? whole - replications : 1;
}

}  // namespace

const char* name_of(Comparison comparison) {
  constexpr std::array<const char*, 6> names{"<", "<=", ">", ">=", "==", "!="};
  return names[static_cast<std::size_t>(comparison)];
}

const char* name_of(Verdict verdict) {
  constexpr std::array<const char*, 3> names{"pass", "fail", "inconclusive"};
  return names[static_cast<std::size_t>(verdict)];
}

ThresholdResult judge(const Threshold& threshold, std::span<const std::optional<double>> values) {
  ThresholdResult result;
  result.replications = values.size();
  std::vector<double> figures;
  for (const auto& value : values) {
    if (value && !std::isnan(*value)) figures.push_back(*value);
  }
  result.without_value = values.size() - figures.size();
  if (figures.empty()) {
    result.observed = kNotANumber;
    result.interval = {kNotANumber, kInfinity};
    return result;
  }
  if (std::ranges::any_of(figures, [](double figure) { return std::isinf(figure); })) {
    // A mean with an infinite part is infinite: a backlog that once was not drained has no mean drain time.
    result.observed = kInfinity;
    result.interval = {kInfinity, 0};
    result.verdict = verdict_for(threshold.comparison, threshold.bound, kInfinity, kInfinity);
    return result;
  }
  result.interval = mean_interval(figures);
  result.observed = result.interval.mean;
  if (figures.size() == 1) {
    result.verdict = verdict_for(threshold.comparison, threshold.bound, result.observed, result.observed);
  } else {
    result.verdict =
        verdict_for(threshold.comparison, threshold.bound, result.interval.low(), result.interval.high());
    if (result.verdict == Verdict::inconclusive) {
      result.more_needed =
          more_for(std::fabs(result.observed - threshold.bound), result.interval.half_width, figures.size());
    }
  }
  // What was not measured everywhere cannot pass: it can still fail.
  if (result.without_value > 0 && result.verdict == Verdict::pass) result.verdict = Verdict::inconclusive;
  return result;
}

ThresholdResult judge(const Threshold& threshold, std::span<const RunResult> replications) {
  std::vector<std::optional<double>> values;
  values.reserve(replications.size());
  for (const RunResult& run : replications) {
    values.push_back(metric_value(run, threshold.subject, threshold.metric, threshold.aggregate));
  }
  return judge(threshold, values);
}

std::string figure_text(double value, std::string_view unit) {
  if (std::isnan(value)) return "none";
  if (std::isinf(value)) return value > 0 ? "never" : "-inf";
  if (unit == "usd") return value < 0 ? fmt::format("-${:.6g}", -value) : fmt::format("${:.6g}", value);
  if (unit != "s") return fmt::format("{:.6g}{}", value, unit == "1" ? "" : unit);
  const double size = std::fabs(value);
  if (size == 0) return "0s";
  if (size < 1e-6) return fmt::format("{:.4g}ns", value * 1e9);
  if (size < 1e-3) return fmt::format("{:.4g}us", value * 1e6);
  if (size < 1) return fmt::format("{:.4g}ms", value * 1e3);
  if (size < 600) return fmt::format("{:.4g}s", value);
  const auto whole = static_cast<long long>(std::floor(size + 0.5));
  const char* const sign = value < 0 ? "-" : "";
  if (whole < 3600) return fmt::format("{}{}m{:02}s", sign, whole / 60, whole % 60);
  return fmt::format("{}{}h{:02}m{:02}s", sign, whole / 3600, whole / 60 % 60, whole % 60);
}

}  // namespace spillway
