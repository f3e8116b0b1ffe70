// Sums of whole nanoseconds with a carried fraction: Bresenham's line for the metronome, a double below 1 ns
// for the Poisson process.
#include "scenario/traffic/steady.hpp"

#include <cmath>
#include <limits>

#include "engine/math.hpp"
#include "spillway/check.hpp"

namespace spillway {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;

}  // namespace

ConstantArrivals::ConstantArrivals(Ratio per_second) : per_second_(per_second) {
  check(per_second.numerator > 0 && per_second.denominator > 0, "a constant rate is above zero");
  const Int128 interval = Int128{kSecondNs} * per_second.denominator;
  whole_ns_ = static_cast<std::int64_t>(interval / per_second.numerator);
  rest_ = static_cast<std::int64_t>(interval % per_second.numerator);
}

bool ConstantArrivals::next(Arrival& arrival) {
  if (at_ns_ < 0) return false;
  arrival.set_plain(Time{Duration{at_ns_}});
  carry_ += rest_;
  std::int64_t step_ns = whole_ns_;
  if (carry_ >= per_second_.numerator) {
    carry_ -= per_second_.numerator;
    ++step_ns;
  }
  if (__builtin_add_overflow(at_ns_, step_ns, &at_ns_)) at_ns_ = -1;
  return true;
}

double ConstantArrivals::mean_rate(Time, Time) const {
  return static_cast<double>(per_second_.numerator) / static_cast<double>(per_second_.denominator);
}

PoissonArrivals::PoissonArrivals(double per_second, Stream gaps)
    : per_second_(per_second), mean_gap_ns_(1e9 / per_second), gaps_(gaps) {
  check(per_second > 0 && std::isfinite(per_second), "a Poisson rate is above zero");
}

bool PoissonArrivals::next(Arrival& arrival) {
  const double gap_ns = math::exponential_of_draw(gaps_.at(ordinal_++).bits()) * mean_gap_ns_ + below_ns_;
  if (gap_ns >= kFarNs - static_cast<double>(at_ns_)) return false;
  const double whole = std::floor(gap_ns);
  at_ns_ += static_cast<std::int64_t>(whole);
  below_ns_ = gap_ns - whole;
  arrival.set_plain(Time{Duration{at_ns_}});
  return true;
}

double PoissonArrivals::mean_rate(Time, Time) const { return per_second_; }

}  // namespace spillway
