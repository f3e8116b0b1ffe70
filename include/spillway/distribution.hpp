#pragma once
/// Probability distributions of durations (in nanoseconds), sizes (in bytes) and plain numbers.
///
/// A Distribution is a value: built and checked once, then sampled without allocation. Sampling is plain
/// arithmetic (engine/math.hpp), so the same draws give the same bits on every CPU and compiler.
///
/// A sample costs one draw and rises with it wherever that can be had: the quantile function of the draw, or,
/// for exponential, Weibull and Pareto, a function of the standard exponential that the draw makes. Common
/// random numbers then correlate two candidates even where their distributions differ within such a family.
/// The exceptions: gamma takes two draws with probability above 0.95, else more (rejection);
/// a truncated normal on a narrow or very far interval likewise; a mixture takes one draw to choose its part.
///
/// `make_...` returns a readable message when parameters make no sense (the scenario loader reports it);
/// the plain constructors are for code that knows its parameters, and abort with that message.

#include <string>
#include <variant>
#include <vector>

#include <tl/expected.hpp>

#include "engine/draw_steps.hpp"
#include "spillway/random.hpp"
#include "spillway/time.hpp"

namespace spillway {

class Distribution;

/// A branch of a hyperexponential distribution; weights are divided by their sum.
struct WeightedMean {
  double weight;
  double mean;
};
/// "A share q of all samples is at most value."
struct QuantilePoint {
  double q;
  double value;
};
struct MixturePart;

/// The samplers. Each knows its parameters in the form that sampling wants.
namespace shape {

struct Constant {
  double value = 0;
  double sample(Draws&) const { return value; }
};
struct Exponential {
  double mean;
  double sample(Draws&) const;
};
struct Uniform {
  double low, width;
  double sample(Draws&) const;
};
/// The normal distribution given low <= x <= high, exact however far the interval lies in a tail.
struct TruncatedNormal {
  enum class Method { inversion, narrow, tail };
  Method method;
  double center, scale;  ///< a negative scale mirrors: the standard interval then lies on the right of zero
  double low, high;      ///< in the user's units
  double from, width;    ///< inversion: probability at the start, and across; else: the standard interval
  double sample(Draws&) const;
};
/// By a table of its quantiles (8 KB): one polynomial where the normal quantile and e^x are one each, and
/// every service that draws waits for the chain of both. Relative error below 2e-12.
struct Lognormal {
  Lognormal(double middle, double spread);
  double median, sigma;
  /// Tails of less than 2^-9 have no steps: one draw in 256 goes the long way.
  static constexpr std::size_t kSide = std::size_t{8} * 8;
  static constexpr std::size_t kFirstStep = math::kDrawSteps - kSide;
  std::vector<math::DrawStep> steps;  ///< below the median, then above it; none where it bends too much
  double sample(Draws&) const;
};
/// Marsaglia and Tsang (2000): a cubed normal, rejected rarely. A shape below 1 is boosted by a power of a
/// uniform.
struct Gamma {
  double d, c, scale, boost;  ///< boost: 1 / shape where the shape is below 1, else 0
  double sample(Draws&) const;
};
struct Weibull {
  double inverse_shape, scale;
  double sample(Draws&) const;
};
struct Pareto {
  double inverse_shape, minimum;
  double sample(Draws&) const;
};
struct Hyperexponential {
  std::vector<double> up_to;  ///< cumulative probability of each branch; the last is 1
  std::vector<double> means;
  double sample(Draws&) const;
};
struct TwoPoint {
  double p, first, second;
  double sample(Draws&) const;
};
/// A piecewise-linear quantile function; constant before the first and after the last point.
struct Quantiles {
  std::vector<QuantilePoint> points;
  double sample(Draws&) const;
};
/// Each of the given values with the same probability.
struct Samples {
  std::vector<double> values;
  double sample(Draws&) const;
};
struct Mixture {
  std::vector<double> up_to;  ///< cumulative probability of each part; the last is 1
  std::vector<Distribution> parts;
  double sample(Draws&) const;
};

}  // namespace shape

class Distribution {
 public:
  /// Always zero.
  Distribution() = default;

  /// The distribution, or why there is none.
  using Made = tl::expected<Distribution, std::string>;

  static Made make_constant(double value);
  static Made make_exponential(double mean);
  static Made make_uniform(double low, double high);
  /// Mean and standard deviation are those of the normal before truncation. Bounds may be infinite.
  static Made make_truncated_normal(double mean, double sd, double low, double high);
  /// cv: the coefficient of variation, standard deviation / mean.
  static Made make_lognormal_mean_cv(double mean, double cv);
  static Made make_lognormal_median_p99(double median, double p99);
  static Made make_gamma_mean_cv(double mean, double cv);
  /// The sum of `stages` exponential stages.
  static Made make_erlang(std::uint64_t stages, double mean);
  static Made make_weibull(double shape, double scale);
  static Made make_pareto(double shape, double minimum);
  static Made make_hyperexponential(std::vector<WeightedMean> branches);
  /// `first` with probability p, else `second`.
  static Made make_two_point(double p, double first, double second);
  /// The quantile function is linear between the points; below the first q it is the first value (a share q
  /// of all samples equals it) and above the last q the last value. Give q = 0 and q = 1 for a range without
  /// atoms.
  static Made make_quantiles(std::vector<QuantilePoint> points);
  static Made make_samples(std::vector<double> values);
  static Made make_mixture(std::vector<MixturePart> parts);

  static Distribution constant(double value);
  static Distribution constant(Duration value);
  static Distribution exponential(double mean);
  static Distribution uniform(double low, double high);
  static Distribution truncated_normal(double mean, double sd, double low, double high);
  static Distribution lognormal_mean_cv(double mean, double cv);
  static Distribution lognormal_median_p99(double median, double p99);
  static Distribution gamma_mean_cv(double mean, double cv);
  static Distribution erlang(std::uint64_t stages, double mean);
  static Distribution weibull(double shape, double scale);
  static Distribution pareto(double shape, double minimum);
  static Distribution hyperexponential(std::vector<WeightedMean> branches);
  static Distribution two_point(double p, double first, double second);
  static Distribution quantiles(std::vector<QuantilePoint> points);
  static Distribution samples(std::vector<double> values);
  static Distribution mixture(std::vector<MixturePart> parts);

  double sample(Draws& draws) const;

  /// A sample in nanoseconds, rounded to the nearest (halves up), at least zero and at most kLongest.
  Duration duration(Draws& draws) const;

  /// The expectation, in closed form; infinite for a Pareto of shape <= 1.
  double mean() const { return mean_; }
  /// The least and greatest value that can be drawn: the support's ends, +infinity if unbounded.
  double lower() const { return lower_; }
  double upper() const { return upper_; }
  bool is_constant() const { return std::holds_alternative<shape::Constant>(shape_); }

  /// Heavy tails are cut here (73 years), so that a time plus a drawn duration does not overflow.
  static constexpr Duration kLongest = Duration::max() / 4;

 private:
  using Shape =
      std::variant<shape::Constant, shape::Exponential, shape::Uniform, shape::TruncatedNormal,
                   shape::Lognormal, shape::Gamma, shape::Weibull, shape::Pareto, shape::Hyperexponential,
                   shape::TwoPoint, shape::Quantiles, shape::Samples, shape::Mixture>;
  Distribution(Shape shape, double mean, double lower, double upper);
  static Made make_gamma(double shape, double scale);

  Shape shape_;
  double mean_ = 0;
  double lower_ = 0;
  double upper_ = 0;
};

struct MixturePart {
  double weight;
  Distribution distribution;
};

}  // namespace spillway
