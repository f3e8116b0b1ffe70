#include "services/table_index.hpp"

#include "spillway/check.hpp"

namespace spillway {

namespace {

constexpr std::int64_t kStoredWithEntry = 100;  // bytes, billed with each

}  // namespace

TableIndex::TableIndex(World& world, std::string name, const TableIndexConfig& config)
    : TableStore(world, std::move(name), config.store),
      config_(config),
      salt_(Stream(0, this->name() + "/key").key()) {}

void TableIndex::on_call(CallId) { check(false, "an index is asked through its table"); }

std::uint64_t TableIndex::position(std::uint64_t key) const {
  const std::uint64_t own = mix_bits(key ^ salt_);
  if (config_.keys == 0) return own;
  return mix_bits(own % static_cast<std::uint64_t>(config_.keys) + salt_ + kWeylStep);
}

TableIndex::Writes TableIndex::writes_for(TableOperation::Change change, bool added, std::uint64_t key,
                                          std::int64_t item_bytes, Draws& draws) const {
  // Drawn whether needed or not, so that a changed share shifts no other draw.
  const bool key_changes = draws.chance(config_.key_changes);
  const bool projected = draws.chance(config_.projected_changes);
  if (!Draws(key ^ ~salt_).chance(config_.has_key)) return {};
  const std::int64_t bytes = config_.entry_bytes > 0 ? config_.entry_bytes : item_bytes;
  Writes writes{.count = 1, .positions = {position(key)}, .units = write_units(bytes, 1)};
  if (change == TableOperation::Change::remove) {
    writes.added = -(bytes + kStoredWithEntry);
  } else if (added) {
    writes.added = bytes + kStoredWithEntry;
  } else if (key_changes) {
    writes.count = 2;
    writes.positions[1] = position(key + draws.bits());
  } else if (!projected) {
    writes.count = 0;
  }
  return writes;
}

}  // namespace spillway
