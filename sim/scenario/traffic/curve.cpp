// Times inside a slope come from the area up to it by the stable root of the quadratic; inside a day from a
// bracketed Newton search. Both are exact to below a nanosecond, and a time is never let fall behind the
// last.
#include "scenario/traffic/curve.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/math.hpp"
#include "scenario/traffic/steady.hpp"
#include "spillway/check.hpp"

namespace spillway {
namespace {

double seconds(Duration d) { return static_cast<double>(d.count()) / 1e9; }

/// Where in `slope`, in seconds, `area` arrivals are expected to have come.
double reach(const Slope& slope, double area) {
  if (area <= 0) return 0;
  const double length = seconds(slope.length);
  const double grade = (slope.to - slope.from) / length;
  const double root = std::sqrt(std::max(0.0, slope.from * slope.from + 2 * grade * area));
  return std::min(length, 2 * area / (slope.from + root));
}

}  // namespace

double arrivals_in(const Slope& slope) { return (slope.from + slope.to) / 2 * seconds(slope.length); }

bool LinearCurve::advance(double amount, Time& at) {
  while (amount > area_ - done_) {
    amount -= area_ - done_;
    if (__builtin_add_overflow(start_ns_, slope_.length.count(), &start_ns_)) return false;
    if (!next_slope(slope_)) {
      slope_ = Slope{};
      area_ = done_ = 0;
      return false;
    }
    area_ = arrivals_in(slope_);
    done_ = 0;
  }
  done_ += amount;
  const auto inside_ns = static_cast<std::int64_t>(reach(slope_, done_) * 1e9);
  std::int64_t at_ns = 0;
  if (__builtin_add_overflow(start_ns_, inside_ns, &at_ns)) return false;
  last_ns_ = std::max(last_ns_, at_ns);
  at = Time{Duration{last_ns_}};
  return true;
}

StagedCurve::StagedCurve(std::vector<Slope> slopes, bool repeat)
    : slopes_(std::move(slopes)), repeat_(repeat) {
  for (const Slope& slope : slopes_) {
    check(slope.length >= Duration{} && slope.from >= 0 && slope.to >= 0,
          "a stage has no negative length or rate");
    period_ += slope.length;
    per_period_ += arrivals_in(slope);
  }
}

bool StagedCurve::next_slope(Slope& slope) {
  // Without a single arrival in a round, rounds without end would never return.
  if (at_ == slopes_.size() && repeat_ && per_period_ > 0) at_ = 0;
  if (at_ == slopes_.size()) return false;
  slope = slopes_[at_++];
  return true;
}

double StagedCurve::until(Duration since_start) const {
  double sum = 0;
  if (since_start <= Duration{} || period_ <= Duration{}) return 0;
  if (repeat_) {
    sum = per_period_ * static_cast<double>(since_start / period_);
    since_start %= period_;
  }
  for (const Slope& slope : slopes_) {
    if (since_start <= Duration{}) break;
    const Duration part = std::min(since_start, slope.length);
    const double share = slope.length > Duration{} ? seconds(part) / seconds(slope.length) : 0;
    sum += arrivals_in(Slope{part, slope.from, slope.from + (slope.to - slope.from) * share});
    since_start -= part;
  }
  return sum;
}

double StagedCurve::expected(Time from, Time to) const {
  return until(to.time_since_epoch()) - until(from.time_since_epoch());
}

DiurnalCurve::DiurnalCurve(const Shape& shape)
    : shape_(shape),
      per_period_(shape.mean * seconds(shape.period)),
      peak_turn_(seconds(shape.peak) / seconds(shape.period)) {
  check(shape.mean > 0 && shape.period > Duration{}, "a day has a length and a rate above zero");
  check(shape.amplitude >= 0 && shape.amplitude <= 1, "an amplitude is a share of the mean");
  peak_turn_ -= std::floor(peak_turn_);
}

/// The share of a period's arrivals that come before `turn` of it has passed.
double DiurnalCurve::share_before(double turn) const {
  const double swing = math::sin_turns(turn - peak_turn_) + math::sin_turns(peak_turn_);
  return turn + shape_.amplitude / (2 * math::kPi) * swing;
}

/// The inverse of share_before, from a first guess on: Newton's steps, kept inside a bracket that each step
/// narrows, because the slope is zero at night when the amplitude is 1. A step this small leaves an error of
/// its square.
double DiurnalCurve::turn_at(double share, double guess) const {
  constexpr int kSteps = 100;
  constexpr double kClose = 0x1p-45;
  double low = std::max(0.0, share - shape_.amplitude / math::kPi);
  double high = std::min(1.0, share + shape_.amplitude / math::kPi);
  double turn = std::clamp(guess, low, high);
  for (int i = 0; i < kSteps; ++i) {
    const double excess = share_before(turn) - share;
    (excess > 0 ? high : low) = turn;
    const double rate = 1 + shape_.amplitude * math::cos_turns(turn - peak_turn_);
    double better = rate > 0 ? turn - excess / rate : low;
    if (better < low || better > high) better = low + (high - low) / 2;
    const double step = std::fabs(better - turn);
    turn = better;
    if (step <= kClose) break;
  }
  return turn;
}

bool DiurnalCurve::advance(double amount, Time& at) {
  const double growth = amount / per_period_;
  share_ += growth;
  const double whole = std::floor(share_);
  const double far = kFarNs / static_cast<double>(shape_.period.count()) - 1;
  if (static_cast<double>(periods_) + whole >= far) return false;
  periods_ += static_cast<std::int64_t>(whole);
  share_ -= whole;
  // From the last arrival on with the rate that it saw; a new day starts from its own beginning.
  const double rate = 1 + shape_.amplitude * math::cos_turns(turn_ - peak_turn_);
  turn_ = turn_at(share_, whole > 0 || rate <= 0 ? share_ : turn_ + growth / rate);
  const double inside_ns = turn_ * static_cast<double>(shape_.period.count());
  last_ns_ = std::max(last_ns_, periods_ * shape_.period.count() + static_cast<std::int64_t>(inside_ns));
  at = Time{Duration{last_ns_}};
  return true;
}

double DiurnalCurve::expected(Time from, Time to) const {
  const auto until = [this](Time time) {
    const Duration since_start = time.time_since_epoch();
    const double turn = seconds(since_start % shape_.period) / seconds(shape_.period);
    return static_cast<double>(since_start / shape_.period) + share_before(turn);
  };
  return per_period_ * (until(to) - until(from));
}

bool CurveArrivals::next(Arrival& arrival) {
  double gap = ordinal_ == 0 ? 0.5 : 1;
  if (spread_ == Spread::poisson) gap = math::exponential_of_draw(gaps_.at(ordinal_).bits());
  ++ordinal_;
  arrival.set_plain(kStart);
  return curve_->advance(gap, arrival.at);
}

double CurveArrivals::mean_rate(Time from, Time to) const {
  return to > from ? curve_->expected(from, to) / seconds(to - from) : 0;
}

}  // namespace spillway
