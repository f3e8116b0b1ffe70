#pragma once
/// What a DynamoDB table and a global secondary index have in common: capacity that requests take from, and a
/// bill for it, for what is stored and for backups of it.
///
/// What is throttled is marked at the one whose limit refused it, by cause: its throughput
/// (`rate_throttled`) or that of a partition (`partition_throttled`).

#include <cstdint>

#include "services/table_capacity.hpp"
#include "services/table_storage.hpp"
#include "spillway/service.hpp"
#include "spillway/world.hpp"

namespace spillway {

/// What all provisioned tables and indexes of an account have, and may have, together.
struct TableAccount final : Shared {
  explicit TableAccount(TableUnits most) : quota(most) {}

  TableUnits quota;
  TableUnits provisioned{};
};

struct TableStoreConfig {
  TableCapacityConfig capacity{};
  std::int64_t size = 0;             ///< stored bytes at the start
  Duration lives = Duration::max();  ///< how long after it was added an item is deleted by its time to live
  bool point_in_time_recovery = false;  ///< billed by what is stored
  std::int64_t backups = 0;             ///< bytes of backups on demand
  TableUnits account{80'000, 80'000};   ///< the account's quota of provisioned capacity
};

class TableStore : public Service {
 public:
  TableStore(World& world, std::string name, const TableStoreConfig& config);

  void start() override;
  void account() override;

  /// Takes units for a position of the hashed keys; false, and marked, when a limit refuses them.
  bool take(std::uint64_t position, std::int64_t units, bool writes) {
    const TableCapacity::Verdict verdict = capacity_.take(now(), position, units, writes);
    if (verdict == TableCapacity::Verdict::granted) return true;
    mark(verdict == TableCapacity::Verdict::table_exceeded ? Mark::rate_throttled
                                                           : Mark::partition_throttled);
    return false;
  }
  /// What was taken for a request that another limit refused.
  void give(std::uint64_t position, std::int64_t units, bool writes) {
    capacity_.give(position, units, writes);
  }
  /// Bills units that were taken, where they are bought by request.
  void bill(std::int64_t units, bool writes, const Call& cause) {
    if (by_request_) use(writes ? write_meter_ : read_meter_, units, cause);
  }
  /// Items were added, or removed when negative.
  void store(std::int64_t bytes);

  std::int64_t partitions() const { return capacity_.partitions(); }
  std::int64_t stored() const { return storage_.bytes(); }
  TableUnits provisioned() const { return capacity_.provisioned(); }
  std::int64_t heat_splits() const { return capacity_.heat_splits(); }

 private:
  void minute_ended();
  void bill_time(MeterId meter, Int128 quantity);

  TableCapacity capacity_;
  TableAccount& account_;
  TableStorage storage_;
  BilledLevel read_capacity_;
  BilledLevel write_capacity_;
  BilledLevel backups_;
  bool by_request_;
  bool recovers_;
  MeterId read_meter_;
  MeterId write_meter_;
  MeterId storage_meter_;
  MeterId recovery_meter_{};
  MeterId backup_meter_{};
};

}  // namespace spillway
