#pragma once
/// A gauge, weighted by time. Small values, which are the usual ones, only add to the time spent there: one
/// counter each. Mean and variance are made from those times, and from exact sums over the greater values.
/// A value that is shown again changes nothing: its time is added when it ends, or is asked for.

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "engine/math.hpp"
#include "spillway/time.hpp"

namespace spillway {

inline std::int64_t nanoseconds(Time time) { return time.time_since_epoch().count(); }

/// How long a gauge stood at each small value.
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
    return {static_cast<double>(area) / static_cast<double>(span),
            std::max(0.0, static_cast<double>(about) / static_cast<double>(span) - off * off)};
  }
  /// As of the last moments().
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
  std::int64_t peak_ = 0;
  std::int64_t low_ = 0;
  Int128 area_ = 0;  ///< over the values that are not small
  Int128 square_ = 0;
  std::int64_t since_ = 0;
  Dwell dwell_;
};

}  // namespace spillway
