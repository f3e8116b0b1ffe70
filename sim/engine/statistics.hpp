#pragma once
/// What may be concluded from simulated output: intervals for a mean, a difference, or one long run, and
/// where the warm-up of a run ends.
///
/// Student's t is computed here in plain arithmetic (engine/math.hpp), not by a library on top of libm: an
/// interval in a result file must have the same last bit on any machine.
/// Sources: Law, "Simulation Modeling and Analysis", 5th ed., ch. 9 and 10; White, Cobb and Spratt, "A
/// comparison of five steady-state truncation heuristics for simulation", WSC 2000 (MSER-5).

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace spillway {

/// Mean and variance in one pass without cancellation (Welford).
class Moments {
 public:
  void add(double x);
  std::uint64_t count() const { return count_; }
  double mean() const { return mean_; }
  /// The unbiased sample variance; zero below two values.
  double variance() const;
  double standard_deviation() const;

 private:
  std::uint64_t count_ = 0;
  double mean_ = 0;
  double squares_ = 0;
};

/// A two-sided confidence interval. With fewer than two values nothing is known: the half width is infinite.
struct Interval {
  double mean = 0;
  double half_width = 0;
  double low() const { return mean - half_width; }
  double high() const { return mean + half_width; }
  bool contains(double x) const { return low() <= x && x <= high(); }
};

/// x with P(T <= x) = p for Student's t with whole degrees of freedom (at least 1), 0 < p < 1.
/// Relative error below 1e-12 for p from 0.0001 to 0.9999; beyond, 1 - p loses digits.
double student_quantile(double p, std::uint64_t degrees);

/// The interval of the mean of independent replications.
Interval mean_interval(std::span<const double> values, double confidence = 0.95);

/// The interval of the mean of candidate[i] - base[i]: replications that met the same draws. Sizes must be
/// equal.
Interval paired_interval(std::span<const double> base, std::span<const double> candidate,
                         double confidence = 0.95);

/// One long run, cut into batches whose means are nearly independent.
struct BatchMeans {
  Interval interval;
  std::size_t batches = 0;
  std::size_t batch_size = 0;
  /// Correlation of neighbouring batch means. Well above zero, the batches are too short and the interval too
  /// narrow.
  double correlation = 0;
};
/// The first values that do not fill the batches evenly are left out: they are nearest to the start's bias.
BatchMeans batch_means(std::span<const double> values, std::size_t batches = 20, double confidence = 0.95);

/// How many values at the start of a run to drop so that the mean of the rest has the least standard error
/// (MSER over batches of `batch`). Nothing if the optimum lies in the second half: the run has not settled.
std::optional<std::size_t> warm_up_length(std::span<const double> values, std::size_t batch = 5);

}  // namespace spillway
