#pragma once
/// What is billed by amount and time: an integral of a level, exact, that is asked for in whole unit-seconds
/// without losing what is left over; and the bytes of a table, of which those that were added with a time to
/// live go again.
///
/// Source: Amazon DynamoDB Developer Guide, time to live (2026-04-13): items are deleted within a few days of
/// their expiry, at no cost.

#include <cstdint>
#include <deque>

#include "engine/math.hpp"
#include "spillway/time.hpp"

namespace spillway {

class BilledLevel {
 public:
  explicit BilledLevel(std::int64_t level = 0) : level_(level) {}

  void set(Time now, std::int64_t level) {
    advance(now);
    level_ = level;
  }
  std::int64_t level() const { return level_; }

  /// Whole unit-seconds since the last time that this was asked.
  Int128 due(Time now) {
    advance(now);
    const Int128 whole = integral_ / kSecond;
    integral_ %= kSecond;
    return whole;
  }

 private:
  static constexpr std::int64_t kSecond = 1'000'000'000;  // ns

  void advance(Time now) {
    integral_ += Int128{level_} * (now - since_).count();
    since_ = now;
  }

  std::int64_t level_;
  Time since_ = kStart;
  Int128 integral_ = 0;  ///< units x ns
};

/// The bytes that a table or an index stores.
class TableStorage {
 public:
  /// What is added lives for `lives`; max: for ever.
  explicit TableStorage(std::int64_t bytes, Duration lives = Duration::max())
      : stored_(bytes), lives_(lives) {}

  void add(Time now, std::int64_t bytes);
  void remove(Time now, std::int64_t bytes);
  std::int64_t bytes() const { return stored_.level(); }
  /// Whole byte-seconds since the last time that this was asked.
  Int128 due(Time now) {
    expire(now);
    return stored_.due(now);
  }

 private:
  /// What was added in one hour goes when the last of it has expired.
  struct Hour {
    Time until;
    std::int64_t bytes;
  };

  void expire(Time now);
  void change(Time now, std::int64_t by);

  BilledLevel stored_;
  Duration lives_;
  std::deque<Hour> hours_{};
};

}  // namespace spillway
