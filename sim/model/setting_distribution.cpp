// From a resolved value to the engine's distribution. Durations are in nanoseconds, sizes in bytes. A normal
// is cut at zero unless its minimum says otherwise: time does not run backwards.

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "model/setting_forms.hpp"
#include "spillway/check.hpp"

namespace spillway {

namespace {

double plain(const Value& value) {
  switch (value.kind()) {
    case Kind::duration: return static_cast<double>(value.duration().count());
    case Kind::bytes: return static_cast<double>(value.bytes());
    default: return value.number();
  }
}

Distribution::Made make_normal(const Value& form) {
  const Value& least = form["min"];
  const Value& most = form["max"];
  const bool signed_numbers = form["mean"].kind() == Kind::number;
  const double low = signed_numbers ? -std::numeric_limits<double>::infinity() : 0;
  return Distribution::make_truncated_normal(
      plain(form["mean"]), plain(form["sd"]), least.is_set() ? plain(least) : low,
      most.is_set() ? plain(most) : std::numeric_limits<double>::infinity());
}

Distribution::Made make_lognormal(const Value& form) {
  const bool by_mean = form["mean"].is_set() && form["cv"].is_set();
  const bool by_median = form["median"].is_set() && form["p99"].is_set();
  const bool mixed = by_mean && (form["median"].is_set() || form["p99"].is_set());
  const bool other = by_median && (form["mean"].is_set() || form["cv"].is_set());
  if (by_mean == by_median || mixed || other) {
    return tl::unexpected<std::string>("a lognormal is given either by mean and cv or by median and p99");
  }
  if (by_mean) return Distribution::make_lognormal_mean_cv(plain(form["mean"]), form["cv"].number());
  return Distribution::make_lognormal_median_p99(plain(form["median"]), plain(form["p99"]));
}

Distribution::Made make_hyperexponential(const Value& form) {
  std::vector<WeightedMean> branches;
  for (const Value& branch : form.items())
    branches.push_back({branch["weight"].number(), plain(branch["mean"])});
  return Distribution::make_hyperexponential(std::move(branches));
}

Distribution::Made make_two_point(const Value& form) {
  const double first = form.items()[0]["weight"].number();
  const double second = form.items()[1]["weight"].number();
  if (!(first + second > 0)) return tl::unexpected<std::string>("the weights must have a sum above zero");
  return Distribution::make_two_point(first / (first + second), plain(form.items()[0]["value"]),
                                      plain(form.items()[1]["value"]));
}

Distribution::Made make_quantiles(const Value& form) {
  std::vector<QuantilePoint> points;
  for (const Member& point : form.members()) {
    const std::optional<double> share = quantile_of(point.name);
    if (!share)
      return tl::unexpected<std::string>("'" + point.name + "' is not a quantile such as p0, p50 or p99.9");
    points.push_back({*share, plain(point.value)});
  }
  std::sort(points.begin(), points.end(),
            [](const QuantilePoint& left, const QuantilePoint& right) { return left.q < right.q; });
  return Distribution::make_quantiles(std::move(points));
}

Distribution::Made make_mixture(const Value& form) {
  std::vector<MixturePart> parts;
  for (const Value& part : form.items()) {
    Distribution::Made made = make_distribution(part["of"]);
    if (!made) return made;
    parts.push_back({part["weight"].number(), std::move(*made)});
  }
  return Distribution::make_mixture(std::move(parts));
}

}  // namespace

std::optional<double> quantile_of(std::string_view name) {
  if (!name.starts_with('p') || name.size() < 2 || name[1] < '0' || name[1] > '9') return std::nullopt;
  if (name.find_first_not_of("0123456789.", 1) != std::string_view::npos) return std::nullopt;
  const std::string text = std::string{name.substr(1)} + "e-2";
  double share = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), share);
  if (error != std::errc{} || end != text.data() + text.size() || share > 1) return std::nullopt;
  return share;
}

Distribution::Made make_distribution(const Value& value) {
  check(value.is_set() && !value.is_word(), "a distribution is asked for where none is set");
  const std::string& name = value.text();
  const Value& form = value[name];
  if (name == "constant") return Distribution::make_constant(plain(form));
  if (name == "exponential") return Distribution::make_exponential(plain(form["mean"]));
  if (name == "uniform") return Distribution::make_uniform(plain(form["from"]), plain(form["to"]));
  if (name == "normal") return make_normal(form);
  if (name == "lognormal") return make_lognormal(form);
  if (name == "gamma") return Distribution::make_gamma_mean_cv(plain(form["mean"]), form["cv"].number());
  if (name == "erlang") {
    return Distribution::make_erlang(static_cast<std::uint64_t>(form["stages"].count()), plain(form["mean"]));
  }
  if (name == "weibull") return Distribution::make_weibull(form["shape"].number(), plain(form["scale"]));
  if (name == "pareto") return Distribution::make_pareto(form["shape"].number(), plain(form["min"]));
  if (name == "hyperexponential") return make_hyperexponential(form);
  if (name == "two_point") return make_two_point(form);
  if (name == "quantiles") return make_quantiles(form);
  if (name == "samples") return Distribution::make_samples(form.data().numbers);
  check(name == "mixture", "a distribution has a form that cannot be built");
  return make_mixture(form);
}

Distribution Value::distribution() const {
  check(data_.kind == Kind::distribution || data_.kind == Kind::bytes_distribution,
        "a distribution is asked for where the setting is of another kind");
  Distribution::Made made = make_distribution(*this);
  check(made.has_value(), "a distribution was not checked when it was read");
  return std::move(*made);
}

}  // namespace spillway
