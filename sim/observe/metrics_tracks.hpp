#pragma once
/// The pieces of Metrics that follow something over time: who is in a system, how old the oldest message is,
/// when a backlog was empty again. Each is O(1) and a few instructions a fact; what can wait for the report
/// waits.

#include <algorithm>
#include <cstdint>
#include <optional>

#include "engine/math.hpp"
#include "model/gauge_track.hpp"
#include "observe/result.hpp"
#include "spillway/time.hpp"

namespace spillway {

/// What a gauge's track comes to at `now`.
inline GaugeResult gauge_result(GaugeTrack& track, std::int64_t now) {
  const GaugeTrack::Moments moments = track.moments(now);
  return {.seen = true,
          .mean = moments.mean,
          .variance = moments.variance,
          .peak = track.peak(),
          .low = track.low(),
          .at_end = track.value()};
}

/// The attempts that are open at one callee through one port: both sides of Little's law, from sums that only
/// grow, which are counted elsewhere and given when it is asked.
class Presence {
 public:
  /// Since the window began: how many entered and left, the sum of the times of those that left, and the
  /// moments (ns since the start) of the leavings less those of the enterings.
  struct Flow {
    std::uint64_t entered = 0;
    std::uint64_t left = 0;
    Int128 time = 0;
    Int128 moments = 0;
  };
  std::int64_t open(const Flow& flow) const {
    return open_at_start_ + static_cast<std::int64_t>(flow.entered) - static_cast<std::int64_t>(flow.left);
  }
  LittlesLaw law(std::int64_t now, const Flow& flow) const {
    const std::int64_t open = this->open(flow);
    // The integral of the number there, by parts: no fact has to touch an area.
    const Int128 area = Int128{open} * now - Int128{open_at_start_} * since_ + flow.moments;
    return {
        area,        flow.time - age_at_start_ + age(now, flow), open_at_start_, open, flow.left, flow.time,
        now - since_};
  }
  void reset(std::int64_t now, const Flow& flow) {
    age_at_start_ = age(now, flow);
    open_at_start_ = open(flow);
    since_ = now;
  }

 private:
  /// The age of all that are open: what entered, less what those that left say of their entering. Where that
  /// is more or less than can be, somebody measured wrongly: it is cut off here, and parts the sides of the
  /// law.
  Int128 age(std::int64_t now, const Flow& flow) const {
    const std::int64_t open = this->open(flow);
    const Int128 area = Int128{open} * now - Int128{open_at_start_} * since_ + flow.moments;
    const Int128 most = Int128{std::max<std::int64_t>(0, open)} * now;
    return std::clamp(age_at_start_ + area - flow.time, Int128{0}, most);
  }

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
