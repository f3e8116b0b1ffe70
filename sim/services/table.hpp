#pragma once
/// aws.dynamodb.table: single-item operations, queries and transactions against capacity that is counted in
/// units.
///
/// An operation costs units by the size of its item and its kind, must find them in the table's and in its
/// partition's capacity, and takes a drawn latency. What is throttled consumes and costs nothing. The
/// journey's key decides the partition.
///
/// Sources: Amazon DynamoDB Developer Guide, read and write operations, capacity modes, burst and adaptive
/// capacity, service quotas (2026-04-13). Latency percentiles are assumptions: AWS says "single-digit
/// milliseconds".

#include <cstdint>
#include <string_view>

#include "services/table_throughput.hpp"
#include "spillway/distribution.hpp"
#include "spillway/service.hpp"
#include "spillway/settings.hpp"
#include "spillway/world.hpp"

namespace spillway {

struct TableOperation {
  std::string_view name;
  bool writes;
  std::int64_t factor;  ///< of reads in half units: eventual 1, strong 2, transactional 4; of writes 1 or 2
};
std::span<const TableOperation> table_operations();

/// Half read units: 4 KB each unit, rounded up, at least one.
std::int64_t read_halves(std::int64_t bytes, std::int64_t factor);
/// Write units: 1 KB each, rounded up, at least one.
std::int64_t write_units(std::int64_t bytes, std::int64_t factor);

struct TableConfig {
  enum class Mode : std::uint8_t { on_demand, provisioned };

  Mode mode = Mode::on_demand;
  std::int64_t read_capacity = 5;  ///< provisioned, units a second
  std::int64_t write_capacity = 5;
  std::int64_t warm_read = 12'000;  ///< on demand, units a second served at once
  std::int64_t warm_write = 4'000;
  std::int64_t most_read = 40'000;  ///< the quota of a table
  std::int64_t most_write = 40'000;
  std::int64_t growth_minutes = 30;
  std::int64_t burst_seconds = 300;  ///< provisioned
  bool burst_full = true;
  std::int64_t partitions = 0;  ///< zero: by capacity and size
  std::int64_t size = 0;        ///< stored bytes
  std::int64_t item_bytes = 1024;
  Distribution read_latency = Distribution::constant(0);
  Distribution write_latency = Distribution::constant(0);
  double condition_failures = 0;  ///< share of writes whose condition does not hold
  double faults = 0;              ///< share of requests that end in an internal error
};

class Table final : public Service {
 public:
  Table(World& world, std::string name, TableConfig config);

  void on_call(CallId call) override;
  int operation(std::string_view name) const override;
  std::string_view default_retry() const override { return "sdk-standard-dynamodb"; }
  void account() override;

  std::int64_t partitions() const { return partition_count_; }

 private:
  void served(CallId call);
  void split_partitions();
  bool admit(CallId call, const TableOperation& operation);
  void bill_time(MeterId meter, std::int64_t per_second, Time from);
  const TableOperation& operation_of(const Call& call);

  TableConfig config_;
  TableThroughput reads_;  ///< in half units
  TableThroughput writes_;
  MeterId read_meter_;
  MeterId write_meter_;
  MeterId storage_meter_;
  Stream latency_draws_;
  Stream fault_draws_;
  std::int64_t partition_count_ = 0;
  std::int64_t active_ = 0;
  Time accounted_ = kStart;  ///< up to when time has been billed
};

class Wiring;
Settings describe_table();
Service& make_table(Wiring& wiring, std::string name, const Value& settings);
void connect_table(Wiring& wiring, Service& table, const Value& settings);

}  // namespace spillway
