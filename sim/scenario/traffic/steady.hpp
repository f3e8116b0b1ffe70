#pragma once
/// Traffic whose rate does not change: a metronome, and a Poisson process.

#include <cstdint>

#include "model/arrivals.hpp"
#include "scenario/traffic/ratio.hpp"
#include "spillway/random.hpp"

namespace spillway {

/// Arrival i at i / rate, exact to the nanosecond (rounded down) for ever; the first at time zero.
class ConstantArrivals final : public Arrivals {
 public:
  explicit ConstantArrivals(Ratio per_second);
  bool next(Arrival& arrival) override;
  double mean_rate(Time from, Time to) const override;

 private:
  Ratio per_second_;
  std::int64_t whole_ns_ = 0;  // of the interval; the rest is rest_ / numerator
  std::int64_t rest_ = 0;
  std::int64_t at_ns_ = 0;
  std::int64_t carry_ = 0;
};

/// Independent exponential gaps. The gap of arrival i hangs on i alone, and what a gap has below a nanosecond
/// is carried to the next, so that no rate is biased by rounding.
class PoissonArrivals final : public Arrivals {
 public:
  PoissonArrivals(double per_second, Stream gaps);
  bool next(Arrival& arrival) override;
  double mean_rate(Time from, Time to) const override;

 private:
  double per_second_;
  double mean_gap_ns_;
  Stream gaps_;
  std::uint64_t ordinal_ = 0;
  std::int64_t at_ns_ = 0;
  double below_ns_ = 0;
};

/// A whole time from a double that may lie beyond the range of time.
inline constexpr double kFarNs = 9.2e18;

}  // namespace spillway
