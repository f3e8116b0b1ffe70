// One sample of each shape. This is the hot half of Distribution: no checks, no allocation.
// Most are made of one draw: its quantile (1 - u is exact, see Draws::open01), or a standard exponential.
#include <algorithm>
#include <cmath>

#include "engine/math.hpp"
#include "spillway/distribution.hpp"

namespace spillway {
namespace shape {
namespace {

double standard_exponential(Draws& draws) { return math::exponential_of_draw(draws.bits()); }

/// The part that the next draw falls to, given cumulative probabilities of which the last is 1.
std::size_t choose(const std::vector<double>& up_to, Draws& draws) {
  const double u = draws.uniform();
  std::size_t part = 0;
  while (u >= up_to[part]) ++part;
  return part;
}

}  // namespace

double Exponential::sample(Draws& draws) const { return mean * standard_exponential(draws); }

double Uniform::sample(Draws& draws) const { return low + width * draws.uniform(); }

double TruncatedNormal::sample(Draws& draws) const {
  double z = 0;
  switch (method) {
    case Method::inversion: {
      const double p = from + width * draws.open01();
      z = math::normal_quantile(p);
      break;
    }
    case Method::narrow: {
      // Uniform, accepted with the density relative to its peak: at least exp(-1/2) here.
      const double peak = from > 0 ? from : 0.0;
      do z = from + width * draws.open01();
      while (draws.open01() >= math::exp(-0.5 * (z - peak) * (z + peak)));
      break;
    }
    case Method::tail: {
      // Exponential of rate `from` over the interval, accepted nearly always (Robert 1995).
      const double mass = -math::expm1(-from * width);
      double beyond = 0;
      do beyond = -math::log1p(-mass * draws.open01()) / from;
      while (draws.open01() >= math::exp(-0.5 * beyond * beyond));
      z = from + beyond;
      break;
    }
  }
  return std::clamp(center + scale * z, low, high);
}

double Lognormal::sample(Draws& draws) const {
  const std::uint64_t bits = draws.bits();
  const math::DrawPlace place = math::place_of_draw(bits);
  if (place.step >= kFirstStep && !steps.empty()) [[likely]]
    return math::on_step(steps[place.above * kSide + (place.step - kFirstStep)], place.within);
  return median * math::exp(sigma * math::normal_of_draw(bits));
}

double Gamma::sample(Draws& draws) const {
  double v = 0;
  for (;;) {
    const double x = math::normal_of_draw(draws.bits());
    const double u = draws.open01();
    const double root = 1.0 + c * x;
    if (root <= 0) continue;
    v = root * root * root;
    const double square = x * x;
    // The first test is a cheap lower bound of the second, and decides 98 % of the cases.
    if (u < 1.0 - 0.0331 * square * square) break;
    if (math::log(u) < 0.5 * square + d * (1.0 - v + math::log(v))) break;
  }
  const double sample = scale * d * v;
  return boost == 0 ? sample : sample * math::exp(-boost * standard_exponential(draws));
}

double Weibull::sample(Draws& draws) const {
  return scale * math::pow(standard_exponential(draws), inverse_shape);
}

double Pareto::sample(Draws& draws) const {
  return minimum * math::exp(inverse_shape * standard_exponential(draws));
}

double Hyperexponential::sample(Draws& draws) const {
  const double mean = means[choose(up_to, draws)];
  return mean * standard_exponential(draws);
}

double TwoPoint::sample(Draws& draws) const { return draws.chance(p) ? first : second; }

double Quantiles::sample(Draws& draws) const {
  const double u = draws.open01();
  const auto above = std::upper_bound(points.begin(), points.end(), u,
                                      [](double q, const QuantilePoint& point) { return q < point.q; });
  if (above == points.begin()) return points.front().value;
  if (above == points.end()) return points.back().value;
  const QuantilePoint& a = *(above - 1);
  const QuantilePoint& b = *above;
  return std::min(b.value, a.value + (b.value - a.value) * ((u - a.q) / (b.q - a.q)));
}

double Samples::sample(Draws& draws) const { return values[draws.below(values.size())]; }

double Mixture::sample(Draws& draws) const { return parts[choose(up_to, draws)].sample(draws); }

}  // namespace shape

double Distribution::sample(Draws& draws) const {
  // The shapes that most scenarios draw from need no jump through a table, and are compiled in place.
  if (const auto* exponential = std::get_if<shape::Exponential>(&shape_)) return exponential->sample(draws);
  if (const auto* lognormal = std::get_if<shape::Lognormal>(&shape_)) return lognormal->sample(draws);
  if (const auto* constant = std::get_if<shape::Constant>(&shape_)) return constant->sample(draws);
  return std::visit([&draws](const auto& shape) { return shape.sample(draws); }, shape_);
}

// flatten: a draw then lives in registers from its bits to its nanoseconds.
[[gnu::flatten]] Duration Distribution::duration(Draws& draws) const {
  const double drawn = sample(draws);
  if (!(drawn > 0)) return Duration::zero();
  if (drawn >= static_cast<double>(kLongest.count())) return kLongest;
  // To the nearest, halves up, without a branch that nobody can guess: the greatest double below a half,
  // added, carries a half over (the sum rounds up) and nothing less.
  return Duration{static_cast<Duration::rep>(drawn + 0x1.fffffffffffffp-2)};
}

}  // namespace spillway
