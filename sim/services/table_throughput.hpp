#pragma once
/// How much one direction (reads or writes) of a DynamoDB table may do: what the table as a whole is allowed,
/// and what each of its partitions is.
///
/// The table's bucket is filled at the provisioned rate and keeps 300 s of what was not used, or, on demand,
/// at the limit L(t) = max(warm throughput, 2 x P), where P is the highest average over a minute served so
/// far: by the cautious reading, up to 30 minutes ago, so that a higher peak raises the limit when it has
/// stood for that long. A partition's bucket is filled at the fixed rate of a partition, so a hot partition
/// may use all that the table has left, at once, up to that rate: instant adaptive capacity. Units are
/// counted as the owner likes (reads in halves).
///
/// Source: Amazon DynamoDB Developer Guide, burst and adaptive capacity; on-demand capacity mode
/// (2026-04-13). How often P is measured and how long a partition may exceed its rate (one second) are
/// assumptions.

#include <cstdint>
#include <vector>

#include "model/token_bucket.hpp"
#include "spillway/time.hpp"

namespace spillway {

class TableThroughput {
 public:
  struct Limits {
    std::int64_t rate = 0;             ///< units a second: provisioned, or warm
    std::int64_t burst_seconds = 1;    ///< of unused capacity that are kept
    bool burst_full = true;            ///< whether the run starts with all of them unused
    std::int64_t partition_rate = 0;   ///< units a second of one partition
    std::int64_t most = INT64_MAX;     ///< units a second that growth does not exceed
    bool grows = false;                ///< on demand
    std::int64_t growth_minutes = 30;  ///< how long a peak must have stood; 0: a minute that has ended counts
  };
  enum class Verdict : std::uint8_t { granted, table_exceeded, partition_exceeded };

  explicit TableThroughput(const Limits& limits);

  /// Keeps the books of the minutes that have ended; true when that changed the limit.
  bool advance(Time now) { return limits_.grows && now >= minute_ends_ && end_minutes(now); }

  /// Takes `units` from the table and from the partition that serves `hash`, or nothing at all.
  Verdict take(Time now, std::uint64_t hash, std::int64_t units);

  /// Partitions that are added start unused; there are never fewer than before.
  void set_partitions(std::size_t count);

  std::int64_t limit() const { return rate_; }
  std::int64_t partition_rate() const { return limits_.partition_rate; }

 private:
  bool end_minutes(Time now);

  Limits limits_;
  std::int64_t rate_;
  TokenBucket table_;
  std::vector<TokenBucket> partitions_;
  Time minute_ends_;
  std::int64_t minute_ = 0;           // which is running, counted from the start
  std::int64_t served_ = 0;           // in it
  std::vector<std::int64_t> recent_;  // served in the minutes that do not count yet, a ring
  std::int64_t peak_ = 0;             // the most served in a minute that counts
};

}  // namespace spillway
