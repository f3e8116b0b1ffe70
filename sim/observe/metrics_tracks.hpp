#pragma once
/// The pieces of Metrics that follow something over time: who is in a system, how old the oldest message is,
/// when a backlog was empty again, how long a gauge stood at each value. Each is a few words and O(1) a fact.

#include <algorithm>
#include <cstdint>
#include <optional>

#include "engine/gauge.hpp"
#include "engine/math.hpp"
#include "observe/result.hpp"
#include "spillway/time.hpp"

namespace spillway {

inline std::int64_t nanoseconds(Time time) { return time.time_since_epoch().count(); }

/// The attempts that are open at one callee through one port; both sides of Little's law.
class Presence {
 public:
  void enter(std::int64_t now) {
    ++open_;
    moments_ -= now;
    stamps_ += now;
  }
  /// Leaves after `time` ns.
  void leave(std::int64_t now, std::int64_t time) {
    --open_;
    moments_ += now;
    stamps_ -= now - time;
    ++left_;
    time_ += time;
  }
  std::int64_t open() const { return open_; }

  void reset(std::int64_t now) {
    since_ = now;
    open_at_start_ = open_;
    age_at_start_ = age(now);
    moments_ = 0;
    left_ = 0;
    time_ = 0;
  }
  LittlesLaw law(std::int64_t now) const {
    // The integral of the number there, by parts: no fact has to touch an area.
    const Int128 area = Int128{open_} * now - Int128{open_at_start_} * since_ + moments_;
    return {area, time_ - age_at_start_ + age(now), open_at_start_, open_, left_, time_, now - since_};
  }

 private:
  /// The age of all that are open: what entered, less what those that left say of their entering. Where that
  /// is more or less than can be, somebody measured wrongly: it is cut off here, and parts the sides of the
  /// law.
  Int128 age(std::int64_t now) const {
    const Int128 most = Int128{std::max<std::int64_t>(0, open_)} * now;
    return std::clamp(Int128{open_} * now - stamps_, Int128{0}, most);
  }

  std::int64_t open_ = 0;
  std::uint64_t left_ = 0;
  std::int64_t since_ = 0;
  std::int64_t open_at_start_ = 0;
  Int128 moments_ = 0;  ///< of the leavings, less those of the enterings
  Int128 stamps_ = 0;   ///< when those that are open entered, by what those that left measured
  Int128 time_ = 0;
  Int128 age_at_start_ = 0;
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

/// How long a gauge stood at each small value.
class DwellTrack {
 public:
  /// It leaves `value`.
  void leave(std::int64_t now, std::int64_t value) {
    const auto level = static_cast<std::size_t>(std::clamp<std::int64_t>(value, 0, Dwell::kLevels));
    dwell_.ns[level] += now - last_;
    last_ = now;
  }
  void reset(std::int64_t now) {
    dwell_ = Dwell{};
    last_ = now;
  }
  Dwell result(std::int64_t now, std::int64_t value) const {
    DwellTrack ended = *this;
    ended.leave(now, value);
    return ended.dwell_;
  }

 private:
  Dwell dwell_;
  std::int64_t last_ = 0;
};

}  // namespace spillway
