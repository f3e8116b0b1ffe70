#pragma once
/// The partitions of a DynamoDB table or index: each serves a range of hashed keys, and has a limit of its
/// own, reads and writes apart.
///
/// A partition's buckets are filled at the fixed rate of a partition and hold one second of it, so a hot
/// partition may use all that the table has left, at once, up to that rate: instant adaptive capacity. A
/// partition that keeps refusing requests is split for heat, where the refused requests lie: a key that has
/// half of them or more gets a partition of its own, otherwise each side gets half of them. What is a single
/// item cannot be split. Partitions are never merged.
///
/// Heat is watched where a request is refused, so what is served pays nothing for it.
///
/// Source: Amazon DynamoDB Developer Guide, burst and adaptive capacity (2026-04-13). How long a partition
/// may exceed its rate (one second), and how long it must be hot before it is split, are assumptions.

#include <cstdint>
#include <memory>
#include <vector>

#include "model/token_bucket.hpp"
#include "spillway/time.hpp"

namespace spillway {

class TablePartitions {
 public:
  struct Limits {
    std::int64_t reads = 0;  ///< a second, of one partition
    std::int64_t writes = 0;
    Duration split_after = Duration::max();  ///< how long it must be hot; max: it is never split
  };

  explicit TablePartitions(const Limits& limits);

  /// Takes `units` from the partition that serves this position of the hashed keys, when they are all there.
  bool take(Time now, std::uint64_t position, std::int64_t units, bool writes) {
    const std::size_t which = at(position);
    Partition& partition = partitions_[which];
    if ((writes ? partition.writes : partition.reads).take(now, units)) return true;
    refused(now, which, position);
    return false;
  }
  void give(std::uint64_t position, std::int64_t units, bool writes) {
    Partition& partition = partitions_[at(position)];
    (writes ? partition.writes : partition.reads).give(units);
  }

  /// Has at least so many. Those that are added start unused.
  void spread(std::int64_t count);

  std::int64_t count() const { return static_cast<std::int64_t>(partitions_.size()); }
  std::int64_t heat_splits() const { return heat_splits_; }

 private:
  static constexpr std::size_t kSamples = 256;

  /// What is known of a partition that refuses requests.
  struct Heat {
    Time since{};
    Time last{};
    Time next_sample{};
    std::vector<std::uint64_t> positions;  // of refused requests, evenly in time
  };
  struct Partition {
    TokenBucket reads;
    TokenBucket writes;
    std::uint64_t start = 0;  // its first position, once ranges differ
    std::unique_ptr<Heat> heat{};
  };

  std::size_t at(std::uint64_t position) const {
    __extension__ using Wide = unsigned __int128;
    if (even_) return static_cast<std::size_t>(Wide{position} * partitions_.size() >> 64);
    return find(position);
  }
  std::size_t find(std::uint64_t position) const;
  void refused(Time now, std::size_t which, std::uint64_t position);
  void split_for_heat(std::size_t which);
  void note_starts();
  void split_widest();
  std::uint64_t last_of(std::size_t which) const;
  Partition fresh() const;
  void cut(std::size_t which, std::uint64_t start);

  Limits limits_;
  std::vector<Partition> partitions_;
  bool even_ = true;  // all ranges are equal
  std::int64_t heat_splits_ = 0;
};

}  // namespace spillway
