// Reading "p(99) < 60s": each mistake is said where it stands, with what was expected.

#include <array>
#include <charconv>
#include <cmath>
#include <vector>

#include <fmt/core.h>

#include "model/nearest.hpp"
#include "observe/thresholds.hpp"

namespace spillway {

namespace {

struct Operator {
  std::string_view text;
  Comparison comparison;
};
// Longer ones first: "<=" is not "<" and "=".
constexpr std::array<Operator, 6> kOperators{{{"<=", Comparison::at_most},
                                              {">=", Comparison::at_least},
                                              {"==", Comparison::equal},
                                              {"!=", Comparison::unequal},
                                              {"<", Comparison::less},
                                              {">", Comparison::greater}}};

/// A unit is `times / over` of the canonical one: whole numbers, so that "600ms" is the double nearest to
/// 0.6.
struct Unit {
  std::string_view text;
  double times;
  double over;
};
constexpr std::array<Unit, 9> kTimeUnits{{{"ns", 1, 1e9},
                                          {"us", 1, 1e6},
                                          {"\u00b5s", 1, 1e6},
                                          {"ms", 1, 1e3},
                                          {"s", 1, 1},
                                          {"m", 60, 1},
                                          {"min", 60, 1},
                                          {"h", 3600, 1},
                                          {"d", 86400, 1}}};
constexpr std::array<Unit, 4> kRateUnits{{{"/s", 1, 1}, {"/m", 1, 60}, {"/min", 1, 60}, {"/h", 1, 3600}}};
constexpr std::array<Unit, 2> kPlainUnits{{{"", 1, 1}, {"%", 1, 100}}};
constexpr std::array<Unit, 2> kMoneyUnits{{{"usd", 1, 1}, {"USD", 1, 1}}};

bool is_space(char c) { return c == ' ' || c == '\t'; }
bool is_number(char c) { return (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+'; }

class Parser {
 public:
  Parser(const ThresholdKey& key, std::string_view text, std::span<const MetricInfo> metrics)
      : key_(key), text_(text), metrics_(metrics) {}

  tl::expected<Threshold, ThresholdError> parse() {
    if (!find_metric() || !read_aggregate() || !read_operator() || !read_bound())
      return tl::unexpected(error_);
    result_.subject = key_.subject;
    result_.metric = key_.metric;
    result_.text = text_;
    return result_;
  }

 private:
  bool fail(std::size_t from, std::size_t to, std::string message, std::string_view nearest = {}) {
    error_ = {ThresholdError::In::expression, from, to, std::move(message), std::string(nearest)};
    return false;
  }
  void skip_spaces() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }
  /// From here to before the first that `ends` is true for.
  template <class Ends>
  std::string_view word(Ends ends) {
    const std::size_t from = at_;
    while (at_ < text_.size() && !ends(text_[at_])) ++at_;
    return text_.substr(from, at_ - from);
  }

  bool find_metric() {
    std::vector<std::string_view> names;
    for (const MetricInfo& metric : metrics_) {
      if (metric.name == key_.metric) metric_ = &metric;
      names.push_back(metric.name);
    }
    if (metric_ != nullptr) return true;
    fail(key_.subject.size() + 1, key_.subject.size() + 1 + key_.metric.size(),
         fmt::format("'{}' has no metric '{}'", key_.subject, key_.metric), nearest_name(key_.metric, names));
    error_.in = ThresholdError::In::key;
    return false;
  }

  bool read_aggregate() {
    skip_spaces();
    const std::size_t from = at_;
    std::string_view name =
        word([](char c) { return is_space(c) || c == '<' || c == '>' || c == '=' || c == '!'; });
    const auto aggregate = parse_aggregate(name);
    if (!aggregate) {
      if (name.empty())
        return fail(from, from, "expected an aggregate: count, rate, value, avg, min, med, max or p(N)");
      constexpr std::array<std::string_view, 8> kNames{"count", "rate", "value", "avg",
                                                       "min",   "med",  "max",   "p(99)"};
      return fail(from, at_,
                  fmt::format("unknown aggregate '{}': count, rate, value, avg, min, med, max or p(N), "
                              "with N from 0 to 100",
                              name),
                  nearest_name(name, kNames));
    }
    if (!has_aggregate(metric_->shape, *aggregate)) {
      return fail(from, at_, fmt::format("'{}' has no '{}'", metric_->name, name),
                  to_text(usual_aggregate(metric_->shape)));
    }
    result_.aggregate = *aggregate;
    return true;
  }

  bool read_operator() {
    skip_spaces();
    const std::size_t from = at_;
    for (const Operator& known : kOperators) {
      if (!text_.substr(at_).starts_with(known.text)) continue;
      at_ += known.text.size();
      result_.comparison = known.comparison;
      return true;
    }
    word([](char c) { return is_space(c) || is_number(c) || c == '$'; });
    return fail(from, at_,
                "expected one of < <= > >= == !=", text_.substr(from, at_ - from) == "=" ? "==" : "");
  }

  bool is_rate() const {
    return result_.aggregate.kind == Aggregate::Kind::rate && metric_->shape != MetricShape::ratio;
  }
  bool is_counted() const { return result_.aggregate.kind == Aggregate::Kind::count; }

  std::span<const Unit> units() const {
    if (is_rate()) return kRateUnits;
    if (is_counted() || metric_->unit == "1") return kPlainUnits;
    if (metric_->unit == "s") return kTimeUnits;
    return kMoneyUnits;
  }
  std::string_view expected() const {
    if (is_rate()) return "a rate such as 400/s";
    if (is_counted()) return "a number";
    if (metric_->unit == "s") return "a duration such as 250ms or 1m30s";
    if (metric_->unit == "usd") return "an amount such as $12.50";
    return metric_->shape == MetricShape::ratio ? "a number, or a share such as 99.9%" : "a number";
  }

  bool read_bound() {
    skip_spaces();
    const std::size_t from = at_;
    std::size_t end = text_.size();
    while (end > from && is_space(text_[end - 1])) --end;
    if (from == end) return fail(from, from, fmt::format("expected {}", expected()));
    const bool dollars = metric_->unit == "usd" && text_[at_] == '$';
    if (dollars) ++at_;
    double sum = 0;
    const bool several = units().data() == kTimeUnits.data();  // as in 1m30s
    do {
      if (!read_term(from, end, dollars, sum)) return false;
    } while (several && at_ < end && is_number(text_[at_]));
    skip_spaces();
    if (at_ < end) return fail(at_, end, fmt::format("nothing may follow here; expected {}", expected()));
    result_.bound = sum;
    return true;
  }

  /// One number with its unit.
  bool read_term(std::size_t from, std::size_t end, bool dollars, double& sum) {
    const std::size_t number_at = at_;
    double number = 0;
    const char* const first = text_.data() + at_;
    const auto [stop, problem] =
        std::from_chars(first, text_.data() + end, number, std::chars_format::general);
    if (problem != std::errc{} || !std::isfinite(number)) {
      return fail(number_at, end, fmt::format("expected {}", expected()));
    }
    at_ += static_cast<std::size_t>(stop - first);
    if (dollars) return sum += number, true;
    skip_spaces();
    const std::size_t unit_at = at_;
    const std::string_view unit = word([&](char c) { return is_space(c) || is_number(c); });
    for (const Unit& known : units()) {
      if (known.text != unit) continue;
      sum += number * known.times / known.over;
      return true;
    }
    if (unit.empty() && number == 0) return true;  // zero is zero in every unit
    if (unit.empty()) return fail(from, end, fmt::format("a unit is missing: expected {}", expected()));
    return fail(unit_at, at_, fmt::format("unknown unit '{}': expected {}", unit, expected()));
  }

  const ThresholdKey& key_;
  std::string_view text_;
  std::span<const MetricInfo> metrics_;
  const MetricInfo* metric_ = nullptr;
  std::size_t at_ = 0;
  Threshold result_;
  ThresholdError error_;
};

}  // namespace

tl::expected<ThresholdKey, ThresholdError> split_threshold_key(std::string_view key) {
  const std::size_t point = key.rfind('.');
  if (point == std::string_view::npos || point == 0 || point + 1 == key.size()) {
    return tl::unexpected(ThresholdError{ThresholdError::In::key, 0, key.size(),
                                         "expected <subject>.<metric>, such as journeys.latency"});
  }
  return ThresholdKey{key.substr(0, point), key.substr(point + 1)};
}

tl::expected<Threshold, ThresholdError> parse_threshold(const ThresholdKey& key, std::string_view expression,
                                                        std::span<const MetricInfo> metrics) {
  return Parser(key, expression, metrics).parse();
}

}  // namespace spillway
