#pragma once
/// A global secondary index of a DynamoDB table: a store of its own, with its own capacity, partitions and
/// bill, that the table writes to and that may be queried.
///
/// What a write of the table does to it depends on what changed: an entry that comes or goes, or whose
/// projected attributes changed, is one write; a changed key is two, since the old entry is deleted and a new
/// one put; nothing projected, none. An index that cannot take its writes makes the table refuse the whole
/// write: the back-pressure of the guide, without its delay.
///
/// Source: Amazon DynamoDB Developer Guide, global secondary indexes (2026-04-13).

#include <array>
#include <cstdint>

#include "services/table_operations.hpp"
#include "services/table_store.hpp"
#include "spillway/random.hpp"

namespace spillway {

struct TableIndexConfig {
  TableStoreConfig store{};
  std::int64_t entry_bytes = 0;  ///< what is projected; zero: as much as the item has
  std::int64_t keys = 0;         ///< how many values its key has; zero: each item has its own
  double has_key = 1;            ///< share of items that have its key, and so an entry
  double key_changes = 0;        ///< share of updates that change its key
  double projected_changes = 1;  ///< share of the others that change what is projected
};

class TableIndex final : public TableStore {
 public:
  TableIndex(World& world, std::string name, const TableIndexConfig& config);

  void on_call(CallId call) override;
  int operation(std::string_view) const override { return -1; }

  /// A write of the table, as the index sees it.
  struct Writes {
    std::int64_t count = 0;
    std::array<std::uint64_t, 2> positions{};
    std::int64_t units = 0;  ///< of each
    std::int64_t added = 0;  ///< bytes
  };
  /// Of an item that is `added` to the table, or was there before.
  Writes writes_for(TableOperation::Change change, bool added, std::uint64_t key, std::int64_t item_bytes,
                    Draws& draws) const;

  /// Where the entries lie that have the same index key as this item.
  std::uint64_t position(std::uint64_t key) const;

 private:
  TableIndexConfig config_;
  std::uint64_t salt_;  ///< its keys have nothing to do with the table's
};

}  // namespace spillway
