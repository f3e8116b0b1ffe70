#include "services/table_capacity.hpp"

#include <algorithm>

namespace spillway {

namespace {

using Mode = TableCapacityConfig::Mode;

constexpr std::int64_t kHalves = 2;  // reads are counted in half units
constexpr TableUnits kOfPartition{3'000, 1'000};
constexpr std::int64_t kPartitionBytes = std::int64_t{10} << 30;

std::int64_t parts(std::int64_t whole, std::int64_t part) { return (whole + part - 1) / part; }

/// A table on demand sustains at once what it was ever provisioned with.
TableThroughput::Limits limits(const TableCapacityConfig& config, bool writes) {
  const bool provisioned = config.mode == Mode::provisioned;
  const std::int64_t scale = writes ? 1 : kHalves;
  const std::int64_t warm = std::max(config.warm.of(writes), config.highest_provisioned.of(writes));
  return {.rate = scale * (provisioned ? config.capacity.of(writes) : warm),
          .burst_seconds = provisioned ? config.burst_seconds : 1,
          .burst_full = config.burst_full,
          .most = scale * config.most.of(writes),
          .maximum = provisioned ? INT64_MAX : scale * config.maximum.of(writes),
          .grows = !provisioned,
          .growth_minutes = config.growth_minutes,
          .peak = provisioned ? 0 : scale * config.peak.of(writes)};
}

}  // namespace

TableCapacity::TableCapacity(const TableCapacityConfig& config, std::int64_t size)
    : fixed_partitions_(config.partitions),
      provisioned_(config.mode == Mode::provisioned ? config.capacity : TableUnits{}),
      reads_(limits(config, false)),
      writes_(limits(config, true)),
      partitions_({.reads = kHalves * kOfPartition.read,
                   .writes = kOfPartition.write,
                   .split_after = config.split_after}),
      size_(size) {
  if (config.mode == Mode::provisioned && config.read_scaling)
    scaling_.push_back({false, TableScaling(*config.read_scaling)});
  if (config.mode == Mode::provisioned && config.write_scaling)
    scaling_.push_back({true, TableScaling(*config.write_scaling)});
  spread();
}

/// max(writes / 1,000, reads / 3,000, size / 10 GB), each rounded up.
void TableCapacity::spread() {
  if (fixed_partitions_ > 0) return partitions_.spread(fixed_partitions_);
  partitions_.spread(
      std::max({parts(writes_.limit(), kOfPartition.write),
                parts(reads_.limit(), kHalves * kOfPartition.read), parts(size_, kPartitionBytes)}));
}

void TableCapacity::resize(std::int64_t bytes) {
  const bool more = parts(bytes, kPartitionBytes) > parts(size_, kPartitionBytes);
  size_ = bytes;
  if (more) spread();
}

bool TableCapacity::minute_ended(Time now, TableUnits room) {
  bool changed = false;
  for (auto& [writes, scaling] : scaling_) {
    TableThroughput& whole = writes ? writes_ : reads_;
    const std::int64_t scale = writes ? 1 : kHalves;
    const std::int64_t consumed = parts(whole.served_since(), scale);
    const auto capacity = scaling.minute_ended(now, consumed, provisioned_.of(writes));
    if (!capacity || *capacity > room.of(writes)) continue;
    whole.provision(now, scale * *capacity);
    (writes ? provisioned_.write : provisioned_.read) = *capacity;
    changed = true;
  }
  if (changed) spread();
  return changed;
}

}  // namespace spillway
