// Intervals and warm-up; see statistics.hpp. The t distribution with whole degrees of freedom is a finite sum
// (Abramowitz and Stegun 26.7.3 and 26.7.4), which is inverted by bisection: slow (microseconds) and sure.
#include "engine/statistics.hpp"

#include <cassert>
#include <cmath>
#include <vector>

#include "engine/math.hpp"

namespace spillway {

void Moments::add(double x) {
  ++count_;
  const double from_old = x - mean_;
  mean_ += from_old / static_cast<double>(count_);
  squares_ += from_old * (x - mean_);
}

double Moments::variance() const { return count_ < 2 ? 0.0 : squares_ / static_cast<double>(count_ - 1); }

double Moments::standard_deviation() const { return std::sqrt(variance()); }

namespace {

/// P(-t <= T <= t) for t >= 0.
double student_inside(double t, std::uint64_t degrees) {
  const double whole = static_cast<double>(degrees);
  const double square =
      whole / (whole + t * t);  // of the cosine of the angle whose tangent is t / sqrt(degrees)
  const double sine = t / std::sqrt(whole + t * t);
  const bool odd = degrees % 2 == 1;
  double term = odd ? std::sqrt(square) : 1.0;
  double sum = 0;
  for (std::uint64_t k = odd ? 3 : 2; k <= degrees; k += 2) {
    sum += term;
    term *= square * (static_cast<double>(k - 1) / static_cast<double>(k));
  }
  if (!odd) return sine * sum;
  return (2.0 / math::kPi) * (math::atan(t / std::sqrt(whole)) + sine * sum);
}

/// The Cornish-Fisher expansion about the normal quantile; its error is of order z^11 / degrees^5.
double student_quantile_of_many(double p, double degrees) {
  const double z = p < 0.5 ? math::normal_quantile(p) : -math::normal_quantile(1.0 - p);
  const double s = z * z;
  const double n = 1.0 / degrees;
  const double g1 = z * (s + 1) / 4;
  const double g2 = z * ((5 * s + 16) * s + 3) / 96;
  const double g3 = z * (((3 * s + 19) * s + 17) * s - 15) / 384;
  const double g4 = z * ((((79 * s + 776) * s + 1482) * s - 1920) * s - 945) / 92160;
  return z + n * (g1 + n * (g2 + n * (g3 + n * g4)));
}

Interval interval_of(const Moments& moments, double confidence) {
  assert(confidence > 0 && confidence < 1);
  if (moments.count() < 2) return {moments.mean(), kInfinity};
  const double t = student_quantile(0.5 + confidence / 2, moments.count() - 1);
  return {moments.mean(), t * std::sqrt(moments.variance() / static_cast<double>(moments.count()))};
}

}  // namespace

double student_quantile(double p, std::uint64_t degrees) {
  assert(p > 0 && p < 1 && degrees >= 1);
  if (degrees > 2000) return student_quantile_of_many(p, static_cast<double>(degrees));
  if (p < 0.5) return -student_quantile(1.0 - p, degrees);
  const double inside = 2.0 * p - 1.0;
  double high = 1;
  while (high < 1e300 && student_inside(high, degrees) < inside) high *= 2;
  double low = high > 1 ? high / 2 : 0.0;
  // Down to neighbouring doubles: the number of steps is bounded by the digits of a double.
  for (;;) {
    const double middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) return middle;
    (student_inside(middle, degrees) < inside ? low : high) = middle;
  }
}

Interval mean_interval(std::span<const double> values, double confidence) {
  Moments moments;
  for (const double value : values) moments.add(value);
  return interval_of(moments, confidence);
}

Interval paired_interval(std::span<const double> base, std::span<const double> candidate, double confidence) {
  assert(base.size() == candidate.size());
  Moments differences;
  for (std::size_t i = 0; i < base.size(); ++i) differences.add(candidate[i] - base[i]);
  return interval_of(differences, confidence);
}

namespace {

std::vector<double> means_of_batches(std::span<const double> values, std::size_t batch_size) {
  std::vector<double> means;
  means.reserve(values.size() / batch_size);
  for (std::size_t from = 0; from + batch_size <= values.size(); from += batch_size) {
    Moments batch;
    for (const double value : values.subspan(from, batch_size)) batch.add(value);
    means.push_back(batch.mean());
  }
  return means;
}

double neighbour_correlation(std::span<const double> values, double mean) {
  double product = 0;
  double square = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    square += (values[i] - mean) * (values[i] - mean);
    if (i > 0) product += (values[i] - mean) * (values[i - 1] - mean);
  }
  return square > 0 ? product / square : 0.0;
}

}  // namespace

BatchMeans batch_means(std::span<const double> values, std::size_t batches, double confidence) {
  assert(batches >= 2);
  const std::size_t size = values.size() / batches;
  if (size == 0)
    return {.interval = mean_interval(values, confidence), .batches = values.size(), .batch_size = 1};
  const std::vector<double> means = means_of_batches(values.last(batches * size), size);
  const Interval interval = mean_interval(means, confidence);
  return {interval, batches, size, neighbour_correlation(means, interval.mean)};
}

std::optional<std::size_t> warm_up_length(std::span<const double> values, std::size_t batch) {
  assert(batch >= 1);
  // Fewer batches than this say nothing; as few as the last ones may agree by chance, so they are no
  // candidate.
  constexpr std::size_t kLeast = 10;
  constexpr std::size_t kLast = 5;
  const std::vector<double> means = means_of_batches(values, batch);
  if (means.size() < kLeast) return std::nullopt;

  // From the back, so that each cut adds one batch to the moments of the rest.
  Moments rest;
  std::size_t best = means.size();
  double least = kInfinity;
  for (std::size_t cut = means.size(); cut-- > 0;) {
    rest.add(means[cut]);
    if (rest.count() < kLast) continue;
    const auto count = static_cast<double>(rest.count());
    const double error = rest.variance() * (count - 1) / (count * count);
    if (error > least) continue;
    least = error;
    best = cut;
  }
  if (best > means.size() / 2) return std::nullopt;
  return best * batch;
}

}  // namespace spillway
