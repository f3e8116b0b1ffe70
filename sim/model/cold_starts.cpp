// See cold_starts.hpp. The table is read once, when a cold start is first asked for.
#include "model/cold_starts.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/math.hpp"
#include "model/data.hpp"
#include "model/nearest.hpp"
#include "spillway/check.hpp"

namespace spillway {
namespace {

constexpr double kNanosecondsPerMillisecond = 1e6;
constexpr double kWidestLowerSigma = 0.1;

/// Runtimes that AWS names otherwise, or that were not measured. A custom runtime may hold any language: Go's
/// native binary stands for it.
struct StandIn {
  std::string_view name;
  std::string_view measured_as;
};
constexpr std::array kStandIns = {
    StandIn{"provided.al2023", "go (prov.al2023)"},
    StandIn{"provided.al2", "go (prov.al2)"},
    StandIn{"go1.x", "go (prov.al2)"},
    StandIn{"nodejs18.x", "nodejs20.x"},
    StandIn{"python3.8", "python3.9"},
    StandIn{"dotnet6", "dotnet8"},
};

/// Cuts the text before the next separator off `rest`.
std::string_view next_field(std::string_view& rest, char separator) {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view field = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return field;
}

template <class Number>
Number next_number(std::string_view& rest) {
  const std::string_view field = next_field(rest, ',');
  Number value{};
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  check(error == std::errc{} && end == field.data() + field.size(),
        "a cold start table with a broken number");
  return value;
}

std::vector<MeasuredInit> read_table() {
  std::vector<MeasuredInit> rows;
  std::string_view rest = embedded("data/lambda-init-2026.csv");
  while (!rest.empty()) {
    std::string_view line = next_field(rest, '\n');
    if (line.starts_with('#') || line.starts_with("runtime,")) continue;
    MeasuredInit row;
    row.runtime = next_field(line, ',');
    row.package = next_field(line, ',');
    row.architecture = next_field(line, ',');
    row.memory_mb = next_number<std::int64_t>(line);
    row.count = next_number<std::int64_t>(line);
    for (double MeasuredInit::* field :
         {&MeasuredInit::mean, &MeasuredInit::p50, &MeasuredInit::p90, &MeasuredInit::p95, &MeasuredInit::p99,
          &MeasuredInit::p99_9, &MeasuredInit::max}) {
      row.*field = next_number<double>(line);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

/// The duration at `q` between two points: log(value) grows with the square of the way that log(1 - q) has
/// come.
double tail_value(QuantilePoint from, QuantilePoint to, double q) {
  const double way = math::log((1 - q) / (1 - from.q)) / math::log((1 - to.q) / (1 - from.q));
  return from.value * math::pow(to.value / from.value, way * way);
}

/// Points along that curve from the last one to `to`, evenly apart in log(1 - q).
void append_tail(std::vector<QuantilePoint>& points, QuantilePoint to) {
  constexpr int kSteps = 4;
  const QuantilePoint from = points.back();
  const double survival_ratio = (1 - to.q) / (1 - from.q);
  for (int i = 1; i < kSteps; ++i) {
    const double q = 1 - (1 - from.q) * math::pow(survival_ratio, static_cast<double>(i) / kSteps);
    points.push_back({q, tail_value(from, to, q)});
  }
  points.push_back(to);
}

/// From p95 through p99 to p99.9. Around p99 the curve is kept within 7 % of it.
void append_around_p99(std::vector<QuantilePoint>& points, const MeasuredInit& row) {
  constexpr double kAround = 0.003;
  const QuantilePoint p95 = points.back();
  const QuantilePoint p99{0.99, row.p99};
  const QuantilePoint p99_9{0.999, row.p99_9};
  const double before = tail_value(p95, p99, p99.q - kAround);
  const double after = tail_value(p99, p99_9, p99.q + kAround);
  append_tail(points, {p99.q - kAround, std::max(before, 0.93 * row.p99)});
  points.push_back(p99);
  points.push_back({p99.q + kAround, std::min(after, 1.07 * row.p99)});
  append_tail(points, p99_9);
}

/// The area under the piecewise-linear quantile function: its part of the mean.
double area(const std::vector<QuantilePoint>& points) {
  double sum = 0;
  for (std::size_t i = 1; i < points.size(); ++i) {
    sum += (points[i].q - points[i - 1].q) * (points[i].value + points[i - 1].value) / 2;
  }
  return sum;
}

std::vector<KnownRuntime> read_runtimes() {
  std::vector<KnownRuntime> known;
  const auto add = [&](std::string_view name, std::string_view measured_as, bool stand_in) {
    const bool taken =
        std::any_of(known.begin(), known.end(), [&](const KnownRuntime& k) { return k.name == name; });
    if (!taken) known.push_back({std::string(name), std::string(measured_as), stand_in});
  };
  for (const MeasuredInit& row : measured_inits()) add(row.runtime, row.runtime, false);
  // "go" means Go on the newer base, so that one gives its short name first.
  for (const std::string_view base : {"(prov.al2023)", "(prov.al2)"}) {
    for (const MeasuredInit& row : measured_inits()) {
      std::string_view name = row.runtime;
      if (!name.ends_with(base)) continue;
      name.remove_suffix(base.size());
      while (name.ends_with(' ')) name.remove_suffix(1);
      add(name, row.runtime, false);
    }
  }
  for (const StandIn& row : kStandIns) add(row.name, row.measured_as, true);
  std::sort(known.begin(), known.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return known;
}

const KnownRuntime* find_runtime(std::string_view name) {
  for (const KnownRuntime& known : known_runtimes()) {
    if (known.name == name) return &known;
  }
  return nullptr;
}

std::string unknown_runtime(std::string_view name) {
  std::vector<std::string_view> names;
  for (const KnownRuntime& known : known_runtimes()) names.push_back(known.name);
  const std::string_view nearest = nearest_name(name, names);
  if (nearest.empty()) return fmt::format("no cold starts were measured for the runtime '{}'", name);
  return fmt::format("no cold starts were measured for the runtime '{}' (did you mean '{}'?)", name, nearest);
}

/// How many times larger the larger is.
double apart(std::int64_t a, std::int64_t b) {
  return static_cast<double>(std::max(a, b)) / static_cast<double>(std::min(a, b));
}

}  // namespace

std::span<const MeasuredInit> measured_inits() {
  static const std::vector<MeasuredInit> rows = read_table();
  return rows;
}

std::span<const KnownRuntime> known_runtimes() {
  static const std::vector<KnownRuntime> known = read_runtimes();
  return known;
}

Distribution init_distribution(const MeasuredInit& row) {
  constexpr double kNormal90 = 1.2815515655446004;  // and of 75 %, 95 % below
  const double sigma = std::min(math::log(row.p90 / row.p50) / kNormal90, kWidestLowerSigma);
  const auto below = [&](double deviations) { return row.p50 * math::exp(-deviations * sigma); };
  std::vector<QuantilePoint> lower = {
      {0, below(3)}, {0.05, below(1.6448536)}, {0.25, below(0.6744898)}, {0.5, row.p50}};
  std::vector<QuantilePoint> upper = {{0.9, row.p90}};
  append_tail(upper, {0.95, row.p95});
  append_around_p99(upper, row);
  upper.push_back({1, row.max});
  // Mean = both areas + 0.25 (p50 + p75) / 2 + 0.15 (p75 + p90) / 2, solved for p75.
  const double middle = row.mean - area(lower) - area(upper);
  const double fitted = (middle - 0.125 * row.p50 - 0.075 * row.p90) / 0.2;
  const double spread = row.p90 - row.p50;
  lower.push_back({0.75, std::clamp(fitted, row.p50 + 0.05 * spread, row.p50 + 0.8 * spread)});
  lower.insert(lower.end(), upper.begin(), upper.end());
  for (QuantilePoint& point : lower) point.value *= kNanosecondsPerMillisecond;
  return Distribution::quantiles(std::move(lower));
}

tl::expected<ColdStart, std::string> cold_start(const InitQuery& query) {
  check(query.memory_mb > 0, "a function without memory");
  const KnownRuntime* runtime = find_runtime(query.runtime);
  if (runtime == nullptr) return tl::make_unexpected(unknown_runtime(query.runtime));
  const MeasuredInit* best = nullptr;
  const auto worse = [&](const MeasuredInit& a, const MeasuredInit& b) {
    const bool a_other = a.architecture != query.architecture;
    const bool b_other = b.architecture != query.architecture;
    if (a_other != b_other) return a_other;
    return apart(a.memory_mb, query.memory_mb) > apart(b.memory_mb, query.memory_mb);
  };
  for (const MeasuredInit& row : measured_inits()) {
    if (row.runtime != runtime->measured_as || row.package != query.package) continue;
    if (best == nullptr || worse(*best, row)) best = &row;
  }
  if (best == nullptr) {
    return tl::make_unexpected(
        fmt::format("no cold starts of the runtime '{}' were measured for the package '{}'", query.runtime,
                    query.package));
  }
  return ColdStart{.init = init_distribution(*best), .row = best};
}

}  // namespace spillway
