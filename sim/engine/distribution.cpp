// Building distributions: parameters are checked, turned into the form that sampling wants, and the mean and
// the support are computed in closed form. A degenerate distribution (no spread) becomes a constant.
#include "spillway/distribution.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include <fmt/core.h>

#include "engine/math.hpp"

namespace spillway {
namespace {

using Made = Distribution::Made;
using Refusal = tl::unexpected<std::string>;

bool is_finite(double x) { return x - x == 0; }

/// Requirements on single parameters: empty when met, else a sentence's end, "mean must be ...".
Refusal refuse(std::string_view name, std::string_view demand, double value) {
  return Refusal{fmt::format("{} must be {}, but is {}", name, demand, value)};
}
bool at_least_zero(double x) { return is_finite(x) && x >= 0; }
bool above_zero(double x) { return is_finite(x) && x > 0; }

/// The static constructors are for parameters that the program itself has chosen.
Distribution checked(Made made) {
  if (made) return std::move(*made);
  std::fputs(fmt::format("Distribution: {}\n", made.error()).c_str(), stderr);
  std::abort();
}

/// The sum of values with the rounding errors carried along (Neumaier), so that a million samples keep their
/// digits.
class Sum {
 public:
  void add(double x) {
    const double next = sum_ + x;
    lost_ += std::fabs(sum_) >= std::fabs(x) ? (sum_ - next) + x : (x - next) + sum_;
    sum_ = next;
  }
  double value() const { return sum_ + lost_; }

 private:
  double sum_ = 0;
  double lost_ = 0;
};

}  // namespace

namespace {

/// Above it a lognormal's quantile bends too much within a step for a polynomial of degree 7.
constexpr double kGreatestSigma = 2;

}  // namespace

shape::Lognormal::Lognormal(double middle, double spread) : median(middle), sigma(spread) {
  if (sigma > kGreatestSigma) return;
  steps.resize(2 * kSide);
  for (std::size_t i = 0; i < kSide; ++i) {
    math::StepValues below{};
    math::StepValues above = math::minus_normal_on(kFirstStep + i);
    for (std::size_t point = 0; point < above.size(); ++point) {
      const double factor = math::exp(sigma * above[point]);
      above[point] = median * factor;
      below[point] = median / factor;
    }
    steps[i] = math::fit_step(below);
    steps[kSide + i] = math::fit_step(above);
  }
}

Distribution::Distribution(Shape shape, double mean, double lower, double upper)
    : shape_{std::move(shape)}, mean_{mean}, lower_{lower}, upper_{upper} {}

Made Distribution::make_constant(double value) {
  if (!is_finite(value)) return refuse("value", "a finite number", value);
  return Distribution{shape::Constant{value}, value, value, value};
}

Made Distribution::make_exponential(double mean) {
  if (!at_least_zero(mean)) return refuse("mean", "zero or more", mean);
  if (mean == 0) return make_constant(0);
  return Distribution{shape::Exponential{mean}, mean, 0, kInfinity};
}

Made Distribution::make_uniform(double low, double high) {
  if (!is_finite(low)) return refuse("lower bound", "a finite number", low);
  if (!is_finite(high)) return refuse("upper bound", "a finite number", high);
  if (low > high) return Refusal{fmt::format("lower bound {} is above upper bound {}", low, high)};
  if (!is_finite(high - low)) return Refusal{fmt::format("{} to {} is too wide", low, high)};
  if (low == high) return make_constant(low);
  return Distribution{shape::Uniform{low, high - low}, low + (high - low) / 2, low, high};
}

Made Distribution::make_lognormal_mean_cv(double mean, double cv) {
  if (!at_least_zero(mean)) return refuse("mean", "zero or more", mean);
  if (!at_least_zero(cv)) return refuse("coefficient of variation", "zero or more", cv);
  if (mean == 0 || cv == 0) return make_constant(mean);
  const double variance = math::log1p(cv * cv);
  if (!is_finite(variance)) return refuse("coefficient of variation", "below 1e150", cv);
  return Distribution{shape::Lognormal(mean * math::exp(-variance / 2), std::sqrt(variance)), mean, 0,
                      kInfinity};
}

Made Distribution::make_lognormal_median_p99(double median, double p99) {
  if (!above_zero(median)) return refuse("median", "above zero", median);
  if (!is_finite(p99)) return refuse("p99", "a finite number", p99);
  if (p99 < median) return Refusal{fmt::format("p99 {} is below the median {}", p99, median)};
  if (p99 == median) return make_constant(median);
  const double sigma = math::log(p99 / median) / math::kNormal99;
  return Distribution{shape::Lognormal(median, sigma), median * math::exp(sigma * sigma / 2), 0, kInfinity};
}

Made Distribution::make_gamma(double shape, double scale) {
  const double boosted = shape < 1 ? shape + 1 : shape;
  const double d = boosted - 1.0 / 3;
  const double c = 1.0 / (3.0 * std::sqrt(d));
  return Distribution{shape::Gamma{d, c, scale, shape < 1 ? 1 / shape : 0.0}, shape * scale, 0, kInfinity};
}

Made Distribution::make_gamma_mean_cv(double mean, double cv) {
  if (!at_least_zero(mean)) return refuse("mean", "zero or more", mean);
  if (!at_least_zero(cv)) return refuse("coefficient of variation", "zero or more", cv);
  if (cv > 0 && !(cv >= 1e-6 && cv <= 1e6)) {
    return refuse("coefficient of variation", "zero or from 1e-6 to 1e6", cv);
  }
  if (mean == 0 || cv == 0) return make_constant(mean);
  Made made = make_gamma(1 / (cv * cv), mean * (cv * cv));
  made->mean_ = mean;
  return made;
}

Made Distribution::make_erlang(std::uint64_t stages, double mean) {
  if (stages == 0 || stages > 1'000'000'000) {
    return Refusal{fmt::format("stages must be from 1 to 1000000000, but is {}", stages)};
  }
  if (stages == 1 || !above_zero(mean)) return make_exponential(mean);
  const auto shape = static_cast<double>(stages);
  Made made = make_gamma(shape, mean / shape);
  made->mean_ = mean;
  return made;
}

Made Distribution::make_weibull(double shape, double scale) {
  if (!above_zero(shape)) return refuse("shape", "above zero", shape);
  if (!at_least_zero(scale)) return refuse("scale", "zero or more", scale);
  if (scale == 0) return make_constant(0);
  const double mean = scale * math::gamma(1 + 1 / shape);
  return Distribution{shape::Weibull{1 / shape, scale}, mean, 0, kInfinity};
}

Made Distribution::make_pareto(double shape, double minimum) {
  if (!above_zero(shape)) return refuse("shape", "above zero", shape);
  if (!above_zero(minimum)) return refuse("minimum", "above zero", minimum);
  const double mean = shape > 1 ? minimum * (shape / (shape - 1)) : kInfinity;
  return Distribution{shape::Pareto{1 / shape, minimum}, mean, minimum, kInfinity};
}

namespace {

/// Turns weights into cumulative probabilities, in place; the last becomes exactly 1. Returns what is wrong
/// with them.
std::string accumulate_weights(std::vector<double>& weights) {
  Sum total;
  for (const double weight : weights) {
    if (!at_least_zero(weight)) return fmt::format("a weight must be zero or more, but is {}", weight);
    total.add(weight);
  }
  if (!above_zero(total.value())) return "the weights must have a sum above zero";
  Sum so_far;
  for (double& weight : weights) {
    so_far.add(weight);
    weight = so_far.value() / total.value();
  }
  weights.back() = 1;
  return {};
}

}  // namespace

Made Distribution::make_hyperexponential(std::vector<WeightedMean> branches) {
  std::erase_if(branches, [](const WeightedMean& branch) { return branch.weight == 0; });
  if (branches.empty())
    return Refusal{"a hyperexponential distribution needs a branch with a weight above zero"};
  shape::Hyperexponential shape;
  Sum weights;
  Sum weighted;
  for (const WeightedMean& branch : branches) {
    if (!at_least_zero(branch.mean)) return refuse("mean", "zero or more", branch.mean);
    shape.up_to.push_back(branch.weight);
    shape.means.push_back(branch.mean);
    weights.add(branch.weight);
    weighted.add(branch.weight * branch.mean);
  }
  if (std::string wrong = accumulate_weights(shape.up_to); !wrong.empty()) return Refusal{std::move(wrong)};
  return Distribution{std::move(shape), weighted.value() / weights.value(), 0, kInfinity};
}

Made Distribution::make_two_point(double p, double first, double second) {
  if (!(p >= 0 && p <= 1)) return refuse("probability", "from 0 to 1", p);
  if (!is_finite(first)) return refuse("first value", "a finite number", first);
  if (!is_finite(second)) return refuse("second value", "a finite number", second);
  if (p == 1 || first == second) return make_constant(first);
  if (p == 0) return make_constant(second);
  const double mean = p * first + (1 - p) * second;
  return Distribution{shape::TwoPoint{p, first, second}, mean, std::min(first, second),
                      std::max(first, second)};
}

Made Distribution::make_quantiles(std::vector<QuantilePoint> points) {
  if (points.empty()) return Refusal{"a quantile table needs a point"};
  for (std::size_t i = 0; i < points.size(); ++i) {
    const auto [q, value] = points[i];
    if (!(q >= 0 && q <= 1)) return refuse("quantile", "from 0 to 1", q);
    if (!is_finite(value)) return refuse("value of a quantile", "a finite number", value);
    if (i == 0) continue;
    const auto [q_before, value_before] = points[i - 1];
    if (q <= q_before) return Refusal{fmt::format("quantiles must rise, but {} follows {}", q, q_before)};
    if (value < value_before) {
      return Refusal{
          fmt::format("values must not fall, but {} at quantile {} follows {}", value, q, value_before)};
    }
  }
  if (points.front().value == points.back().value) return make_constant(points.front().value);
  Sum mean;
  mean.add(points.front().q * points.front().value);
  mean.add((1 - points.back().q) * points.back().value);
  for (std::size_t i = 1; i < points.size(); ++i) {
    mean.add((points[i].q - points[i - 1].q) * (points[i - 1].value / 2 + points[i].value / 2));
  }
  const double lower = points.front().value;
  const double upper = points.back().value;
  return Distribution{shape::Quantiles{std::move(points)}, mean.value(), lower, upper};
}

Made Distribution::make_samples(std::vector<double> values) {
  if (values.empty()) return Refusal{"an empirical distribution needs a value"};
  Sum sum;
  for (const double value : values) {
    if (!is_finite(value)) return refuse("a sample", "a finite number", value);
    sum.add(value);
  }
  const auto [least, greatest] = std::minmax_element(values.begin(), values.end());
  const double lower = *least;
  const double upper = *greatest;
  if (lower == upper) return make_constant(lower);
  const double mean = sum.value() / static_cast<double>(values.size());
  return Distribution{shape::Samples{std::move(values)}, mean, lower, upper};
}

Made Distribution::make_mixture(std::vector<MixturePart> parts) {
  std::erase_if(parts, [](const MixturePart& part) { return part.weight == 0; });
  if (parts.empty()) return Refusal{"a mixture needs a part with a weight above zero"};
  shape::Mixture shape;
  for (const MixturePart& part : parts) shape.up_to.push_back(part.weight);
  if (std::string wrong = accumulate_weights(shape.up_to); !wrong.empty()) return Refusal{std::move(wrong)};
  if (parts.size() == 1) return std::move(parts.front().distribution);
  Sum weights;
  Sum weighted;
  double lower = kInfinity;
  double upper = -kInfinity;
  for (MixturePart& part : parts) {
    weights.add(part.weight);
    weighted.add(part.weight * part.distribution.mean());
    lower = std::min(lower, part.distribution.lower());
    upper = std::max(upper, part.distribution.upper());
    shape.parts.push_back(std::move(part.distribution));
  }
  const double mean =
      upper == kInfinity && !is_finite(weighted.value()) ? kInfinity : weighted.value() / weights.value();
  return Distribution{std::move(shape), mean, lower, upper};
}

Distribution Distribution::constant(double value) { return checked(make_constant(value)); }
Distribution Distribution::constant(Duration value) { return constant(static_cast<double>(value.count())); }
Distribution Distribution::exponential(double mean) { return checked(make_exponential(mean)); }
Distribution Distribution::uniform(double low, double high) { return checked(make_uniform(low, high)); }
Distribution Distribution::truncated_normal(double mean, double sd, double low, double high) {
  return checked(make_truncated_normal(mean, sd, low, high));
}
Distribution Distribution::lognormal_mean_cv(double mean, double cv) {
  return checked(make_lognormal_mean_cv(mean, cv));
}
Distribution Distribution::lognormal_median_p99(double median, double p99) {
  return checked(make_lognormal_median_p99(median, p99));
}
Distribution Distribution::gamma_mean_cv(double mean, double cv) {
  return checked(make_gamma_mean_cv(mean, cv));
}
Distribution Distribution::erlang(std::uint64_t stages, double mean) {
  return checked(make_erlang(stages, mean));
}
Distribution Distribution::weibull(double shape, double scale) { return checked(make_weibull(shape, scale)); }
Distribution Distribution::pareto(double shape, double minimum) {
  return checked(make_pareto(shape, minimum));
}
Distribution Distribution::hyperexponential(std::vector<WeightedMean> branches) {
  return checked(make_hyperexponential(std::move(branches)));
}
Distribution Distribution::two_point(double p, double first, double second) {
  return checked(make_two_point(p, first, second));
}
Distribution Distribution::quantiles(std::vector<QuantilePoint> points) {
  return checked(make_quantiles(std::move(points)));
}
Distribution Distribution::samples(std::vector<double> values) {
  return checked(make_samples(std::move(values)));
}
Distribution Distribution::mixture(std::vector<MixturePart> parts) {
  return checked(make_mixture(std::move(parts)));
}

}  // namespace spillway
