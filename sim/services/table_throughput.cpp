#include "services/table_throughput.hpp"

// Token buckets count thousandths of a token a second, so a rate of r units is 1000 r.

namespace spillway {

namespace {

constexpr std::int64_t kMilli = 1000;
constexpr std::int64_t kSecondsPerMinute = 60;

}  // namespace

TableThroughput::TableThroughput(const Limits& limits)
    : limits_(limits),
      rate_(std::min(limits.rate, limits.most)),
      table_(rate_ * kMilli, rate_ * limits.burst_seconds),
      minute_ends_(kStart + 1min),
      recent_(static_cast<std::size_t>(limits.growth_minutes) + 1) {
  if (!limits.burst_full) table_.take(kStart, rate_ * (limits.burst_seconds - 1));
  set_partitions(1);
}

void TableThroughput::set_partitions(std::size_t count) {
  const TokenBucket fresh(limits_.partition_rate * kMilli, limits_.partition_rate);
  if (count > partitions_.size()) partitions_.resize(count, fresh);
}

TableThroughput::Verdict TableThroughput::take(Time now, std::uint64_t hash, std::int64_t units) {
  if (!table_.holds(now, units)) return Verdict::table_exceeded;
  __extension__ using Wide = unsigned __int128;
  const auto which = static_cast<std::size_t>(Wide{hash} * partitions_.size() >> 64);
  if (!partitions_[which].take(now, units)) return Verdict::partition_exceeded;
  table_.take(now, units);
  served_ += units;
  return Verdict::granted;
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
  rate_ = grown;
  table_.change(now, rate_ * kMilli, rate_ * limits_.burst_seconds);
  return true;
}

}  // namespace spillway
