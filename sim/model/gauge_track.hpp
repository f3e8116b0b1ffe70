#pragma once
/// A gauge, weighted by time. Of every value up to 131,071 the time spent there is kept, so a change costs
/// one addition; mean and variance are made from those times, and from exact sums over the greater values.
/// Memory follows the greatest value that was shown, eight bytes for each below it. A value that is shown
/// again changes nothing: its time is added when it ends, or is asked for.

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/math.hpp"
#include "spillway/time.hpp"

namespace spillway {

inline std::int64_t nanoseconds(Time time) { return time.time_since_epoch().count(); }

/// How long a gauge stood at each small value, for quantiles of small crews.
struct Dwell {
  static constexpr std::size_t kLevels = 64;
  std::array<std::int64_t, kLevels + 1> ns{};  ///< the last one: at kLevels or above

  /// The value that is not exceeded for a share q of the time; none where that lies beyond the small values.
  std::optional<std::int64_t> quantile(double q) const;
};

class GaugeTrack {
 public:
  std::int64_t value() const { return value_; }
  std::int64_t low() const { return low_; }
  std::int64_t peak() const { return peak_; }

  void set(std::int64_t now, std::int64_t value) {
    if (value == value_) return;
    const std::int64_t before = value_;
    value_ = value;
    if (value > peak_) [[unlikely]]
      rise(value);
    if (value < low_) low_ = value;
    pass(now, before);
  }
  /// Starts the statistics anew at `now` with `value`.
  void reset(std::int64_t now, std::int64_t value) {
    *this = GaugeTrack{};
    since_ = last_ = now;
    value_ = low_ = value;
    rise(value);
  }

  /// The mean and variance from the start to `now`, over the time that each value lasted; the value itself
  /// and zero when no time has passed.
  struct Moments {
    double mean = 0;
    double variance = 0;
  };
  Moments moments(std::int64_t now) {
    pass(now, value_);
    const Int128 span = now - since_;
    if (span <= 0) return {static_cast<double>(value_), 0};
    Int128 area = area_;
    Int128 square = square_;
    for (std::size_t level = 1; level < at_.size(); ++level) {
      const Int128 part = Int128{at_[level]} * static_cast<std::int64_t>(level);
      area += part;
      square += part * static_cast<std::int64_t>(level);
    }
    // With area = whole * span + rest, squares are summed about `whole`, in integers: nothing cancels.
    const Int128 whole = area / span;
    const Int128 rest = area % span;
    const Int128 about = square - whole * whole * span - 2 * whole * rest;
    const double off = static_cast<double>(rest) / static_cast<double>(span);
    return {static_cast<double>(area) / static_cast<double>(span),
            std::max(0.0, static_cast<double>(about) / static_cast<double>(span) - off * off)};
  }
  /// As of the last moments().
  Dwell dwell() const {
    Dwell dwell;
    for (std::size_t level = 0; level < at_.size(); ++level)
      dwell.ns[std::min(level, Dwell::kLevels)] += at_[level];
    dwell.ns[Dwell::kLevels] += beyond_;
    return dwell;
  }

 private:
  static constexpr std::int64_t kTold = 131'072;  ///< from here on the sums are all that is kept

  /// Until `now` it stood at `level`.
  void pass(std::int64_t now, std::int64_t level) {
    const std::int64_t time = now - last_;
    last_ = now;
    // A negative value is a great one here, too; conservation reports it.
    if (static_cast<std::uint64_t>(level) < at_.size()) [[likely]] {
      at_[static_cast<std::size_t>(level)] += time;
    } else {
      pass_beyond(time, level);
    }
  }
  [[gnu::noinline]] void pass_beyond(std::int64_t time, std::int64_t level) {
    beyond_ += time;
    const Int128 part = Int128{level} * time;
    area_ += part;
    square_ += part * level;
  }
  /// A new greatest value. The table doubles, so that this is rare.
  [[gnu::noinline]] void rise(std::int64_t value) {
    peak_ = value;
    if (value < 0 || value >= kTold) return;
    const auto needed = static_cast<std::size_t>(value) + 1;
    if (needed > at_.size()) at_.resize(std::bit_ceil(needed));
  }

  std::int64_t value_ = 0;
  std::int64_t last_ = 0;
  std::int64_t peak_ = 0;
  std::int64_t low_ = 0;
  std::vector<std::int64_t> at_ = std::vector<std::int64_t>(1);  ///< ns at each value
  std::int64_t since_ = 0;
  std::int64_t beyond_ = 0;  ///< ns at the values that the table does not hold
  Int128 area_ = 0;          ///< over those
  Int128 square_ = 0;
};

}  // namespace spillway
