#pragma once
/// How much one direction (reads or writes) of a DynamoDB table or index may do as a whole; its partitions
/// have limits of their own (table_partitions.hpp).
///
/// A bucket is filled at the provisioned rate and keeps 300 s of what was not used, or, on demand, at the
/// limit L(t) = max(warm throughput, 2 x P), where P is the highest average over a minute served so far: by
/// the cautious reading, up to 30 minutes ago, so that a higher peak raises the limit when it has stood for
/// that long. Units are counted as the owner likes (reads in halves).
///
/// Source: Amazon DynamoDB Developer Guide, burst capacity; on-demand capacity mode and its maximum
/// throughput (2026-04-13). How often P is measured is an assumption.

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
    std::int64_t most = INT64_MAX;     ///< units a second that growth does not exceed
    std::int64_t maximum = INT64_MAX;  ///< units a second that the owner allows, whatever it could do
    bool grows = false;                ///< on demand
    std::int64_t growth_minutes = 30;  ///< how long a peak must have stood; 0: a minute that has ended counts
    std::int64_t peak = 0;             ///< units a second of the highest minute before the run
  };

  explicit TableThroughput(const Limits& limits);

  /// Keeps the books of the minutes that have ended; true when that changed the limit.
  bool advance(Time now) { return limits_.grows && now >= minute_ends_ && end_minutes(now); }

  bool holds(Time now, std::int64_t units) { return bucket_.holds(now, units); }
  /// Takes what it holds.
  void take(Time now, std::int64_t units) {
    bucket_.take(now, units);
    served_ += units;
  }
  /// What was taken for a request that another limit refused.
  void give(std::int64_t units) {
    bucket_.give(units);
    served_ -= units;
  }

  /// Another provisioned rate from now on; what was unused stays, as far as the new burst holds it.
  void provision(Time now, std::int64_t rate);
  /// What was served since the last time that this was asked.
  std::int64_t served_since();

  /// What it could do, before the owner's maximum.
  std::int64_t limit() const { return rate_; }

 private:
  bool end_minutes(Time now);
  void fill_at(Time now, std::int64_t rate);

  Limits limits_;
  std::int64_t rate_;
  TokenBucket bucket_;
  Time minute_ends_;
  std::int64_t minute_ = 0;           // which is running, counted from the start
  std::int64_t served_ = 0;           // in it
  std::vector<std::int64_t> recent_;  // served in the minutes that do not count yet, a ring
  std::int64_t peak_ = 0;             // the most served in a minute that counts
};

}  // namespace spillway
