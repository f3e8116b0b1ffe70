#pragma once
/// Auto scaling of one direction of provisioned capacity: target tracking on the units consumed in whole
/// minutes, within bounds that a schedule may move.
///
/// Two consecutive minutes above the target raise the capacity to consumption / target; 15 consecutive
/// minutes below lower it to what the highest of them would need. Between the last of those minutes and the
/// new capacity lie the alarm's delay and the time that the update takes; until then the old capacity holds,
/// and what exceeds it is throttled. Decreases are few: four at the start of a (UTC) day and one more in each
/// hour, never more than four in hand, 27 a day. A run starts with a day.
///
/// Source: Amazon DynamoDB Developer Guide, auto scaling; service quotas (2026-04-13). The guide says "a few
/// minutes" and "several minutes": both delays are assumptions, and so is the arithmetic of target tracking.

#include <cstdint>
#include <optional>
#include <vector>

#include "spillway/time.hpp"

namespace spillway {

/// How often capacity may still be lowered today.
class DecreaseAllowance {
 public:
  /// Whether one is in hand; takes it.
  bool take(Time now);

 private:
  std::int64_t hour_ = 0;  ///< up to which it was granted
  std::int64_t in_hand_ = 4;
};

struct TableScalingConfig {
  struct Bounds {
    Duration at{};  ///< since the start
    std::int64_t least = 1;
    std::int64_t most = INT64_MAX;
  };

  std::int64_t least = 1;  ///< units a second
  std::int64_t most = INT64_MAX;
  std::int64_t target_millis = 700;  ///< thousandths of the capacity
  Duration alarm_delay = 1min;
  Duration update_time = 2min;
  Duration in_cooldown{};
  Duration out_cooldown{};
  std::vector<Bounds> schedule{};  ///< in the order of time
};

class TableScaling {
 public:
  explicit TableScaling(TableScalingConfig config) : config_(std::move(config)) {}

  /// A minute has ended in which `consumed` units were used. The capacity that holds from now on, where it
  /// changes.
  std::optional<std::int64_t> minute_ended(Time now, std::int64_t consumed, std::int64_t capacity);

 private:
  std::int64_t capacity_for(std::int64_t consumed) const;
  void follow_schedule(Time now, std::int64_t capacity);
  void watch(Time now, std::int64_t consumed, std::int64_t capacity);
  void update(Time due, std::int64_t capacity);

  TableScalingConfig config_;
  DecreaseAllowance allowance_{};
  std::size_t scheduled_ = 0;  ///< the next of the schedule
  int above_ = 0;              ///< consecutive minutes
  int below_ = 0;
  std::int64_t highest_ = 0;  ///< consumption among the minutes below
  std::optional<std::int64_t> pending_{};
  Time due_ = kStart;
  Time raised_ = Time::min();
  Time lowered_ = Time::min();
};

}  // namespace spillway
