#pragma once
/// aws.dynamodb.table: single-item operations, queries, batches and transactions against capacity that is
/// counted in units.
///
/// A request costs units by the size of its items and its kind, must find them in the capacity of the table,
/// of its partition and of the indexes that it writes to, and takes a drawn latency. What is throttled
/// consumes and costs nothing. The journey's key decides the partition.
///
/// Sources: Amazon DynamoDB Developer Guide, read and write operations, capacity modes, burst and adaptive
/// capacity, service quotas (2026-04-13). Latency percentiles are assumptions: AWS says "single-digit
/// milliseconds".

#include <cstdint>
#include <string_view>
#include <vector>

#include "services/table_index.hpp"
#include "services/table_operations.hpp"
#include "services/table_store.hpp"
#include "spillway/distribution.hpp"
#include "spillway/settings.hpp"

namespace spillway {

struct TableConfig {
  TableStoreConfig store{};
  std::vector<std::string> indexes{};  ///< their names, in the order in which they will be added
  bool keys_spread = false;            ///< requests about one key spread over its sort keys
  std::int64_t item_bytes = 1024;
  double new_items = 0;  ///< share of puts that add an item
  Distribution read_latency = Distribution::constant(0);
  Distribution write_latency = Distribution::constant(0);
  double condition_failures = 0;  ///< share of writes whose condition does not hold
  double faults = 0;              ///< share of requests that end in an internal error
};

class Table final : public TableStore {
 public:
  Table(World& world, std::string name, TableConfig config);

  /// The next of the indexes that the configuration names.
  void add_index(TableIndex& index) { indexes_.push_back(&index); }

  void on_call(CallId call) override;
  int operation(std::string_view name) const override;
  std::string_view default_retry() const override { return "sdk-standard-dynamodb"; }

 private:
  /// One item of a request: where it lies, what it is.
  struct Item {
    std::uint64_t key;
    std::uint64_t position;
    bool added;
  };
  /// What was taken for the request that is being admitted.
  struct Taken {
    TableStore* store;
    std::uint64_t position;
    std::int64_t units;
  };

  void served(CallId call);
  TableRequest request_of(const Call& call) {
    return table_request(world().port(PortId{call.port}).operation);
  }
  std::int64_t bytes_of(const Call& call) const {
    return call.bytes > 0 ? std::int64_t{call.bytes} : config_.item_bytes;
  }
  std::uint64_t position_of(const Call& call, std::uint64_t key);
  Item item(const Call& call, const TableRequest& request, std::int64_t number, Draws& draws);
  bool acceptable(const Call& call, const TableRequest& request) const;
  bool admit(const Call& call, const TableRequest& request);
  bool admit_items(const Call& call, const TableRequest& request);
  bool take_item(const Item& item, const TableRequest& request, std::int64_t bytes, bool applies,
                 Draws& draws);
  void give_back(std::size_t keep, bool writes);
  void store_items(const Call& call, const TableRequest& request);
  Outcome outcome(const Call& call, const TableRequest& request);

  TableConfig config_;
  std::vector<TableIndex*> indexes_{};
  std::vector<std::string_view> index_names_{};
  std::vector<Taken> taken_{};
  Stream latency_draws_;
  Stream fault_draws_;
  Stream item_draws_;
  std::int64_t active_ = 0;
};

class Wiring;
Settings describe_table();
Service& make_table(Wiring& wiring, std::string name, const Value& settings);
void connect_table(Wiring& wiring, Service& service, const Value& settings);

}  // namespace spillway
