#include "report/figures.hpp"

#include <array>
#include <cmath>

#include <fmt/format.h>

namespace spillway {

namespace {

constexpr double kSmallest = 1e-4;  // of what is counted: what is less is called nothing

/// Three significant digits, without an exponent.
std::string three_digits(double value) {
  const double size = std::abs(value);
  if (size >= 99.95 || value == 0) return fmt::format("{:.0f}", value);
  if (size >= 9.995) return fmt::format("{:.1f}", value);
  return fmt::format("{:.2f}", value);
}

std::string with_commas(double value) {
  std::string digits = fmt::format("{:.0f}", value);
  for (std::ptrdiff_t at = std::ssize(digits) - 3; at > (digits.starts_with('-') ? 1 : 0); at -= 3) {
    digits.insert(static_cast<std::size_t>(at), ",");
  }
  return digits;
}

bool is_share(const MetricInfo& metric) {
  return metric.name.ends_with("_rate") || metric.name == "utilisation" || metric.name == "circuit_open";
}

}  // namespace

std::string duration_figure(double seconds) {
  if (std::isnan(seconds)) return "-";
  if (std::isinf(seconds)) return "never";
  const double size = std::abs(seconds);
  struct Unit {
    double from;
    double size;
    const char* name;
  };
  constexpr std::array units{Unit{86400, 86400, "d"}, Unit{3600, 3600, "h"},       Unit{60, 60, "min"},
                             Unit{0.9995, 1, "s"},    Unit{0.9995e-3, 1e-3, "ms"}, Unit{0, 1e-6, "us"}};
  if (size == 0) return "0s";
  for (const Unit& unit : units) {
    if (size >= unit.from) return three_digits(seconds / unit.size) + unit.name;
  }
  return "0s";
}

std::string count_figure(double count) {
  if (std::isnan(count)) return "-";
  if (std::isinf(count)) return "never";
  const double size = std::abs(count);
  if (size < kSmallest) return "0";
  if (count == std::floor(count) || size >= 999.5) return with_commas(count);
  return size < 0.0995 ? fmt::format("{:.2g}", count) : three_digits(count);
}

std::string share_figure(double share) {
  if (std::isnan(share)) return "-";
  const double percent = share * 100;
  if (percent == 0 || percent == 100) return fmt::format("{:.0f}%", percent);
  const double rest = std::min(std::abs(percent), std::abs(100 - percent));
  int digits = rest >= 10 ? 1 : rest >= 0.1 ? 2 : 4;
  for (double last = 1e-4; digits < 9 && digits >= 4 && rest < last; last /= 10) ++digits;
  return fmt::format("{:.{}f}%", percent, digits);
}

std::string figure(double value, const MetricInfo& metric) {
  if (metric.unit == "s") return duration_figure(value);
  if (metric.unit == "usd")
    return value < 0 ? fmt::format("-${:.2f}", -value) : fmt::format("${:.2f}", value);
  if (is_share(metric)) return share_figure(value);
  return count_figure(value);
}

std::string estimate_figure(const Estimate& estimate, const MetricInfo& metric) {
  if (estimate.measured == 0) return "-";
  std::string text = figure(estimate.interval.mean, metric);
  if (estimate.has_interval()) text += " ±" + figure(estimate.interval.half_width, metric);
  return text;
}

}  // namespace spillway
