#pragma once
/// The capacity of a DynamoDB table or of one of its global secondary indexes: what it may do as a whole,
/// what each of its partitions may, and how both change with traffic, size and auto scaling.
///
/// A request must find its units in both. Reads are counted in half units.
///
/// Source: Amazon DynamoDB Developer Guide (2026-04-13): capacity modes, partitions, switching capacity
/// modes. The number of partitions is an assumption that AWS's older guides made public.

#include <array>
#include <cstdint>
#include <optional>

#include "services/table_partitions.hpp"
#include "services/table_scaling.hpp"
#include "services/table_throughput.hpp"

namespace spillway {

/// A number for each direction, in whole units.
struct TableUnits {
  std::int64_t read = 0;
  std::int64_t write = 0;

  std::int64_t of(bool writes) const { return writes ? write : read; }
};

struct TableCapacityConfig {
  enum class Mode : std::uint8_t { on_demand, provisioned };

  Mode mode = Mode::on_demand;
  TableUnits capacity{5, 5};                         ///< provisioned, a second
  TableUnits warm{12'000, 4'000};                    ///< on demand: served at once
  TableUnits peak{};                                 ///< on demand: of the highest minute before the run
  TableUnits highest_provisioned{};                  ///< on demand: what it was ever provisioned with
  TableUnits maximum{INT64_MAX / 4, INT64_MAX / 4};  ///< on demand: what the owner allows
  TableUnits most{40'000, 40'000};                   ///< the quota of a table
  std::int64_t growth_minutes = 30;
  std::int64_t burst_seconds = 300;  ///< provisioned
  bool burst_full = true;
  std::int64_t partitions = 0;  ///< zero: by capacity and size
  Duration split_after = Duration::max();
  std::optional<TableScalingConfig> read_scaling{};
  std::optional<TableScalingConfig> write_scaling{};
};

class TableCapacity {
 public:
  enum class Verdict : std::uint8_t { granted, table_exceeded, partition_exceeded };

  TableCapacity(const TableCapacityConfig& config, std::int64_t size);

  /// Takes `units` (half units of reads) for this position of the hashed keys, or nothing at all.
  Verdict take(Time now, std::uint64_t position, std::int64_t units, bool writes) {
    const bool reads_grew = reads_.advance(now);
    if (writes_.advance(now) || reads_grew) spread();
    TableThroughput& whole = writes ? writes_ : reads_;
    if (!whole.holds(now, units)) return Verdict::table_exceeded;
    if (!partitions_.take(now, position, units, writes)) return Verdict::partition_exceeded;
    whole.take(now, units);
    return Verdict::granted;
  }
  void give(std::uint64_t position, std::int64_t units, bool writes) {
    partitions_.give(position, units, writes);
    (writes ? writes_ : reads_).give(units);
  }

  /// It stores so many bytes now.
  void resize(std::int64_t bytes);

  bool scales() const { return !scaling_.empty(); }
  /// A minute has ended; true when auto scaling changed what is provisioned. An update beyond `room` fails.
  bool minute_ended(Time now, TableUnits room);

  TableUnits provisioned() const { return provisioned_; }
  std::int64_t limit(bool writes) const { return (writes ? writes_ : reads_).limit(); }
  std::int64_t partitions() const { return partitions_.count(); }
  std::int64_t heat_splits() const { return partitions_.heat_splits(); }

 private:
  struct Scaled {
    bool writes;
    TableScaling scaling;
  };

  void spread();

  std::int64_t fixed_partitions_;
  TableUnits provisioned_;
  TableThroughput reads_;
  TableThroughput writes_;
  TablePartitions partitions_;
  std::vector<Scaled> scaling_{};
  std::int64_t size_;
};

}  // namespace spillway
