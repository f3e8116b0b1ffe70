#pragma once
/// The pieces of Metrics that follow something over time: a gauge, who is in a system, how old the oldest
/// message is, when a backlog was empty again. Each is O(1) and a few instructions a fact; what can wait for
/// the report waits.

#include <algorithm>
#include <cstdint>
#include <optional>

#include "engine/math.hpp"
#include "observe/result.hpp"
#include "spillway/time.hpp"

namespace spillway {

inline std::int64_t nanoseconds(Time time) { return time.time_since_epoch().count(); }

/// A gauge, weighted by time. Small values, which are the usual ones, only add to the time spent there: one
/// counter each. Mean and variance are made from those times, and from exact sums over the greater values.
/// A value that is shown again changes nothing: its time is added when it ends, or is asked for.
class GaugeTrack {
 public:
  std::int64_t value() const { return value_; }
  std::int64_t low() const { return low_; }

  void set(std::int64_t now, std::int64_t value) {
    if (value == value_) return;
    const std::int64_t before = value_;
    value_ = value;
    if (value > peak_) peak_ = value;
    if (value < low_) low_ = value;
    pass(now, before);
  }
  /// Starts the statistics anew at `now` with `value`.
  void reset(std::int64_t now, std::int64_t value) {
    *this = GaugeTrack{};
    since_ = last_ = now;
    value_ = peak_ = low_ = value;
  }
  GaugeResult result(std::int64_t now) {
    pass(now, value_);
    GaugeResult result{.seen = true, .peak = peak_, .low = low_, .at_end = value_};
    const Int128 span = now - since_;
    if (span <= 0) {
      result.mean = static_cast<double>(value_);
      return result;
    }
    Int128 area = area_;
    Int128 square = square_;
    for (std::size_t level = 1; level < Dwell::kLevels; ++level) {
      const auto n = static_cast<std::int64_t>(level);
      area += Int128{dwell_.ns[level]} * n;
      square += Int128{dwell_.ns[level]} * (n * n);
    }
    // With area = whole * span + rest, squares are summed about `whole`, in integers: nothing cancels.
    const Int128 whole = area / span;
    const Int128 rest = area % span;
    const Int128 about = square - whole * whole * span - 2 * whole * rest;
    const double off = static_cast<double>(rest) / static_cast<double>(span);
    result.mean = static_cast<double>(area) / static_cast<double>(span);
    result.variance = std::max(0.0, static_cast<double>(about) / static_cast<double>(span) - off * off);
    return result;
  }
  /// As of the last result().
  const Dwell& dwell() const { return dwell_; }

 private:
  /// Until `now` it stood at `level`.
  void pass(std::int64_t now, std::int64_t level) {
    const std::int64_t time = now - last_;
    last_ = now;
    // A negative value is a great one here, too; conservation reports it.
    if (static_cast<std::uint64_t>(level) < Dwell::kLevels) {
      dwell_.ns[static_cast<std::size_t>(level)] += time;
      return;
    }
    dwell_.ns[Dwell::kLevels] += time;
    area_ += Int128{level} * time;
    if (level != static_cast<std::int32_t>(level)) [[unlikely]]
      return pass_huge(time, level);
    square_ += Int128{level * level} * time;
  }
  /// Where a square needs more than 64 bits. It stands apart, so that the usual case is one multiplication.
  [[gnu::noinline]] void pass_huge(std::int64_t time, std::int64_t level) {
    square_ += Int128{level} * level * time;
  }

  std::int64_t value_ = 0;
  std::int64_t last_ = 0;
  std::int64_t since_ = 0;
  std::int64_t peak_ = 0;
  std::int64_t low_ = 0;
  Int128 area_ = 0;  ///< over the values that are not small
  Int128 square_ = 0;
  Dwell dwell_;
};

/// The attempts that are open at one callee through one port: both sides of Little's law, from sums that only
/// grow. How many entered and left, and how long those that left took, is counted elsewhere and given when it
/// is asked.
class Presence {
 public:
  void enter(std::int64_t now) { moments_ -= now; }
  void leave(std::int64_t now) { moments_ += now; }

  /// Since the window began: how many entered and left, and the sum of the times of those that left.
  struct Flow {
    std::uint64_t entered = 0;
    std::uint64_t left = 0;
    Int128 time = 0;
  };
  std::int64_t open(const Flow& flow) const {
    return open_at_start_ + static_cast<std::int64_t>(flow.entered) - static_cast<std::int64_t>(flow.left);
  }
  LittlesLaw law(std::int64_t now, const Flow& flow) const {
    const std::int64_t open = this->open(flow);
    // The integral of the number there, by parts: no fact has to touch an area.
    const Int128 area = Int128{open} * now - Int128{open_at_start_} * since_ + moments_;
    return {
        area,        flow.time - age_at_start_ + age(now, flow), open_at_start_, open, flow.left, flow.time,
        now - since_};
  }
  void reset(std::int64_t now, const Flow& flow) {
    age_at_start_ = age(now, flow);
    open_at_start_ = open(flow);
    since_ = now;
    moments_ = 0;
  }

 private:
  /// The age of all that are open: what entered, less what those that left say of their entering. Where that
  /// is more or less than can be, somebody measured wrongly: it is cut off here, and parts the sides of the
  /// law.
  Int128 age(std::int64_t now, const Flow& flow) const {
    const std::int64_t open = this->open(flow);
    const Int128 area = Int128{open} * now - Int128{open_at_start_} * since_ + moments_;
    const Int128 most = Int128{std::max<std::int64_t>(0, open)} * now;
    return std::clamp(age_at_start_ + area - flow.time, Int128{0}, most);
  }

  Int128 moments_ = 0;  ///< of the leavings, less those of the enterings
  Int128 age_at_start_ = 0;
  std::int64_t open_at_start_ = 0;
  std::int64_t since_ = 0;
};

/// The age of the oldest waiting message, from the time stamps that Gauge::oldest shows.
class AgeTrack {
 public:
  void set(std::int64_t now, std::int64_t stamp) {
    seen_ = true;
    pass(now);
    stamp_ = stamp;
  }
  void reset(std::int64_t now) {
    pass(now);
    since_ = now;
    peak_ = age(now);
    doubled_area_ = 0;
  }
  AgeResult result(std::int64_t now) {
    pass(now);
    AgeResult result{seen_, 0, peak_, age(now)};
    if (now > since_)
      result.mean = static_cast<double>(doubled_area_) / 2 / static_cast<double>(now - since_);
    return result;
  }

 private:
  std::int64_t age(std::int64_t now) const { return stamp_ < 0 ? 0 : now - stamp_; }

  void pass(std::int64_t now) {
    const Int128 before = age(last_);
    const Int128 after = age(now);
    if (stamp_ >= 0) doubled_area_ += after * after - before * before;
    peak_ = std::max(peak_, static_cast<std::int64_t>(after));
    last_ = now;
  }

  std::int64_t stamp_ = -1;
  std::int64_t last_ = 0;
  std::int64_t since_ = 0;
  std::int64_t peak_ = 0;
  Int128 doubled_area_ = 0;
  bool seen_ = false;
};

/// When the backlog last stood at its peak, and when it first was empty after that.
class DrainTrack {
 public:
  /// The backlog becomes `value`; it was `before`.
  void set(std::int64_t now, std::int64_t before, std::int64_t value) {
    // At its peak until now: this is the last moment of it as far as is known.
    if (before == peak_ && before > 0) peak_at_ = now;
    if (value >= peak_ && value > 0) {
      peak_ = value;
      peak_at_ = now;
      empty_at_ = -1;
    } else if (value == 0 && empty_at_ < 0) {
      empty_at_ = now;
    }
  }
  void reset(std::int64_t now, std::int64_t value) {
    peak_ = value;
    peak_at_ = now;
    empty_at_ = value == 0 ? now : -1;
  }
  DrainResult result(std::int64_t now) const {
    if (empty_at_ < 0) return {peak_at_, std::nullopt};
    if (peak_ == 0) return {now, 0};
    return {peak_at_, empty_at_ - peak_at_};
  }

 private:
  std::int64_t peak_ = 0;
  std::int64_t peak_at_ = 0;
  std::int64_t empty_at_ = 0;  ///< -1: not yet since the peak
};

}  // namespace spillway
