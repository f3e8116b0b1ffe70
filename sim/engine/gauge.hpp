#pragma once
/// A level over time (what a gauge shows: busy environments, messages in a queue): its value, its peak, and
/// its mean and variance weighted by how long each value lasted.
///
/// The sums are exact integers, so neither order nor length of a run rounds them. The square sum holds for
/// levels below 2^31 over 292 years, or below 2^40 over a day.

#include <algorithm>
#include <cassert>
#include <cstdint>

#include "engine/math.hpp"
#include "spillway/time.hpp"

namespace spillway {

class Level {
 public:
  /// A level of `value` from `since` on.
  explicit Level(Time since = kStart, std::int64_t value = 0)
      : since_{since}, last_{since}, value_{value}, peak_{value}, low_{value} {}

  void add(Time now, std::int64_t delta) { set(now, value_ + delta); }

  /// Time must not run backwards.
  void set(Time now, std::int64_t value) {
    assert(now >= last_);
    const Int128 area = static_cast<Int128>(value_) * (now - last_).count();
    area_ += area;
    square_ += area * value_;
    last_ = now;
    value_ = value;
    peak_ = std::max(peak_, value);
    low_ = std::min(low_, value);
  }

  std::int64_t value() const { return value_; }
  /// The greatest and least value since the start, however short it lasted.
  std::int64_t peak() const { return peak_; }
  std::int64_t low() const { return low_; }
  Time since() const { return since_; }

  /// The integral of the level from the start to `now`, in level-nanoseconds.
  Int128 area(Time now) const { return area_ + static_cast<Int128>(value_) * (now - last_).count(); }

  /// The mean level over [since, now]; the value itself when no time has passed.
  double mean(Time now) const {
    const auto span = (now - since_).count();
    if (span <= 0) return static_cast<double>(value_);
    return static_cast<double>(area(now)) / static_cast<double>(span);
  }

  /// The variance of the level over [since, now].
  double variance(Time now) const {
    const auto span = static_cast<Int128>((now - since_).count());
    if (span <= 0) return 0;
    // With area = whole * span + rest, squares are summed about `whole`, in integers: nothing cancels.
    const Int128 total = area(now);
    const Int128 squares = square_ + static_cast<Int128>(value_) * (now - last_).count() * value_;
    const Int128 whole = total / span;
    const Int128 rest = total % span;
    const Int128 about = squares - whole * whole * span - 2 * whole * rest;
    const double off = static_cast<double>(rest) / static_cast<double>(span);
    return std::max(0.0, static_cast<double>(about) / static_cast<double>(span) - off * off);
  }

  /// Starts the statistics anew at `now` (the end of a warm-up) and keeps the value.
  void reset(Time now) { *this = Level{now, value_}; }

 private:
  Time since_;
  Time last_;
  std::int64_t value_;
  std::int64_t peak_;
  std::int64_t low_;
  Int128 area_ = 0;
  Int128 square_ = 0;
};

}  // namespace spillway
