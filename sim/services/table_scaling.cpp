#include "services/table_scaling.hpp"

#include <algorithm>

namespace spillway {

namespace {

constexpr int kMinutesUp = 2;
constexpr int kMinutesDown = 15;
constexpr std::int64_t kInHand = 4;
constexpr std::int64_t kHoursOfDay = 24;
constexpr std::int64_t kSecondsPerMinute = 60;
constexpr std::int64_t kWhole = 1000;

/// Time::min() stands for "never", from which nothing may be subtracted.
bool cooled(Time now, Time since, Duration cooldown) {
  return since == Time::min() || now - since >= cooldown;
}

}  // namespace

bool DecreaseAllowance::take(Time now) {
  const std::int64_t hour = (now - kStart) / 1h;
  for (; hour_ < hour; ++hour_) {
    const bool new_day = (hour_ + 1) % kHoursOfDay == 0;
    in_hand_ = new_day ? kInHand : std::min(kInHand, in_hand_ + 1);
  }
  if (in_hand_ == 0) return false;
  --in_hand_;
  return true;
}

std::int64_t TableScaling::capacity_for(std::int64_t consumed) const {
  const std::int64_t full = config_.target_millis * kSecondsPerMinute;
  return std::clamp((consumed * kWhole + full - 1) / full, config_.least, config_.most);
}

void TableScaling::update(Time due, std::int64_t capacity) {
  pending_ = capacity;
  due_ = due;
  above_ = 0;
  below_ = 0;
}

void TableScaling::follow_schedule(Time now, std::int64_t capacity) {
  bool moved = false;
  for (; scheduled_ < config_.schedule.size() && now >= kStart + config_.schedule[scheduled_].at;
       ++scheduled_) {
    config_.least = config_.schedule[scheduled_].least;
    config_.most = config_.schedule[scheduled_].most;
    moved = true;
  }
  const std::int64_t bounded = std::clamp(capacity, config_.least, config_.most);
  if (moved && bounded != capacity) update(now + config_.update_time, bounded);
}

void TableScaling::watch(Time now, std::int64_t consumed, std::int64_t capacity) {
  const std::int64_t used = consumed * kWhole;
  const std::int64_t target = capacity * kSecondsPerMinute * config_.target_millis;
  above_ = used > target ? above_ + 1 : 0;
  highest_ = used < target && below_ > 0 ? std::max(highest_, consumed) : consumed;
  below_ = used < target ? below_ + 1 : 0;
  const Time due = now + config_.alarm_delay + config_.update_time;
  if (above_ >= kMinutesUp && capacity_for(consumed) > capacity &&
      cooled(now, raised_, config_.out_cooldown)) {
    raised_ = now;
    return update(due, capacity_for(consumed));
  }
  if (below_ >= kMinutesDown && capacity_for(highest_) < capacity &&
      cooled(now, lowered_, config_.in_cooldown) && allowance_.take(now)) {
    lowered_ = now;
    update(due, capacity_for(highest_));
  }
}

std::optional<std::int64_t> TableScaling::minute_ended(Time now, std::int64_t consumed,
                                                       std::int64_t capacity) {
  follow_schedule(now, capacity);
  if (!pending_) watch(now, consumed, capacity);
  if (!pending_ || now < due_) return std::nullopt;
  const std::int64_t changed = std::clamp(*pending_, config_.least, config_.most);
  pending_.reset();
  return changed;
}

}  // namespace spillway
