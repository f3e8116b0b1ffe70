#include "services/table_throughput.hpp"

// Token buckets count thousandths of a token a second, so a rate of r units is 1000 r.

namespace spillway {

namespace {

constexpr std::int64_t kMilli = 1000;
constexpr std::int64_t kSecondsPerMinute = 60;

}  // namespace

TableThroughput::TableThroughput(const Limits& limits)
    : limits_(limits),
      rate_(std::min(limits.most, std::max(limits.rate, 2 * limits.peak))),
      minute_ends_(kStart + 1min),
      recent_(static_cast<std::size_t>(limits.growth_minutes) + 1),
      peak_(limits.peak * kSecondsPerMinute) {
  const std::int64_t allowed = std::min(rate_, limits.maximum);
  bucket_ = TokenBucket(allowed * kMilli, allowed * limits.burst_seconds);
  if (!limits.burst_full) bucket_.take(kStart, allowed * (limits.burst_seconds - 1));
}

void TableThroughput::fill_at(Time now, std::int64_t rate) {
  rate_ = rate;
  const std::int64_t allowed = std::min(rate_, limits_.maximum);
  bucket_.change(now, allowed * kMilli, allowed * limits_.burst_seconds);
}

void TableThroughput::provision(Time now, std::int64_t rate) { fill_at(now, std::min(rate, limits_.most)); }

std::int64_t TableThroughput::served_since() {
  const std::int64_t served = served_;
  served_ = 0;
  return served;
}

bool TableThroughput::end_minutes(Time now) {
  const auto size = static_cast<std::int64_t>(recent_.size());
  while (now >= minute_ends_) {
    recent_[static_cast<std::size_t>(minute_ % size)] = served_;
    served_ = 0;
    ++minute_;
    minute_ends_ += 1min;
    // The oldest in the ring has ended growth_minutes ago now, and counts.
    peak_ = std::max(peak_, recent_[static_cast<std::size_t>(minute_ % size)]);
  }
  const std::int64_t grown = std::min(limits_.most, std::max(limits_.rate, 2 * peak_ / kSecondsPerMinute));
  if (grown <= rate_) return false;
  fill_at(now, grown);
  return true;
}

}  // namespace spillway
