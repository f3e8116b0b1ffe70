// The aggregates of k6, for each shape of measurement.

#include "observe/metrics_reading.hpp"

#include <charconv>

#include <fmt/core.h>

namespace spillway {

namespace {

using Kind = Aggregate::Kind;

struct Word {
  std::string_view text;
  Kind kind;
};
constexpr Word kWords[] = {{"count", Kind::count}, {"rate", Kind::rate}, {"value", Kind::value},
                           {"avg", Kind::avg},     {"min", Kind::min},   {"med", Kind::med},
                           {"max", Kind::max}};

double as_double(std::int64_t value) { return static_cast<double>(value); }

}  // namespace

std::optional<Aggregate> parse_aggregate(std::string_view text) {
  for (const Word& word : kWords) {
    if (word.text == text) return Aggregate{word.kind, 0};
  }
  if (!text.starts_with("p(") || !text.ends_with(')')) return std::nullopt;
  const std::string_view digits = text.substr(2, text.size() - 3);
  double percent = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), percent);
  if (error != std::errc{} || end != digits.data() + digits.size() || !(percent >= 0 && percent <= 100)) {
    return std::nullopt;
  }
  return Aggregate{Kind::percentile, percent};
}

std::string to_text(const Aggregate& aggregate) {
  if (aggregate.kind == Kind::percentile) return fmt::format("p({})", aggregate.percent);
  return std::string(kWords[static_cast<std::size_t>(aggregate.kind)].text);
}

const char* name_of(Better better) {
  switch (better) {
    case Better::lower: return "lower";
    case Better::higher: return "higher";
    default: return "none";
  }
}

Aggregate usual_aggregate(MetricShape shape) {
  switch (shape) {
    case MetricShape::trend: return {Kind::percentile, 99};
    case MetricShape::level: return {Kind::avg, 0};
    case MetricShape::count: return {Kind::count, 0};
    default: return {Kind::value, 0};
  }
}

bool has_aggregate(MetricShape shape, const Aggregate& aggregate) {
  switch (shape) {
    case MetricShape::trend: return true;
    case MetricShape::count:
      return aggregate.kind == Kind::count || aggregate.kind == Kind::rate || aggregate.kind == Kind::value;
    case MetricShape::ratio: return aggregate.kind == Kind::rate || aggregate.kind == Kind::value;
    default: return aggregate.kind != Kind::count && aggregate.kind != Kind::rate;
  }
}

}  // namespace spillway

namespace spillway::reading {

std::optional<double> trend(const Sketch& sketch, const Aggregate& aggregate, double window_s, double scale) {
  const auto samples = static_cast<double>(sketch.count());
  if (aggregate.kind == Kind::count) return samples;
  if (aggregate.kind == Kind::rate) return window_s > 0 ? std::optional(samples / window_s) : std::nullopt;
  if (sketch.count() == 0) return std::nullopt;
  switch (aggregate.kind) {
    case Kind::min: return as_double(sketch.min()) / scale;
    case Kind::max: return as_double(sketch.max()) / scale;
    case Kind::med: return as_double(sketch.quantile(0.5)) / scale;
    case Kind::percentile: return as_double(sketch.quantile(aggregate.percent / 100)) / scale;
    default: return sketch.mean() / scale;
  }
}

std::optional<double> count(std::uint64_t count, const Aggregate& aggregate, double window_s) {
  if (!has_aggregate(MetricShape::count, aggregate)) return std::nullopt;
  if (aggregate.kind != Kind::rate) return static_cast<double>(count);
  return window_s > 0 ? std::optional(static_cast<double>(count) / window_s) : std::nullopt;
}

std::optional<double> ratio(std::optional<double> value, const Aggregate& aggregate) {
  return has_aggregate(MetricShape::ratio, aggregate) ? value : std::nullopt;
}

std::optional<double> ratio(std::uint64_t part, std::uint64_t whole, const Aggregate& aggregate) {
  if (whole == 0) return std::nullopt;
  return ratio(static_cast<double>(part) / static_cast<double>(whole), aggregate);
}

std::optional<double> level(const GaugeResult& gauge, const Dwell* dwell, const Aggregate& aggregate) {
  if (!gauge.seen) return std::nullopt;
  const auto quantile = [&](double q) -> std::optional<double> {
    const auto value = dwell == nullptr ? std::nullopt : dwell->quantile(q);
    return value ? std::optional(as_double(*value)) : std::nullopt;
  };
  switch (aggregate.kind) {
    case Kind::avg: return gauge.mean;
    case Kind::min: return as_double(gauge.low);
    case Kind::max: return as_double(gauge.peak);
    case Kind::value: return as_double(gauge.at_end);
    case Kind::med: return quantile(0.5);
    case Kind::percentile: return quantile(aggregate.percent / 100);
    default: return std::nullopt;
  }
}

}  // namespace spillway::reading
