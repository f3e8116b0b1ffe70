#include "services/table.hpp"

#include "engine/math.hpp"

namespace spillway {

namespace {

constexpr std::int64_t kLargestItem = 400 * 1024;
constexpr std::int64_t kStoredWithItem = 100;                      // bytes, billed with each
constexpr std::uint64_t kSortKeys = (std::uint64_t{1} << 32) - 1;  // the part of a position that they decide

}  // namespace

Table::Table(World& world, std::string name, TableConfig config)
    : TableStore(world, std::move(name), config.store),
      config_(std::move(config)),
      index_names_(config_.indexes.begin(), config_.indexes.end()),
      latency_draws_(world.stream(this->name() + "/latency")),
      fault_draws_(world.stream(this->name() + "/fault")),
      item_draws_(world.stream(this->name() + "/item")) {}

int Table::operation(std::string_view name) const { return table_request_number(name, index_names_); }

// ---- Admission
// ----------------------------------------------------------------------------------------------------

bool Table::acceptable(const Call& call, const TableRequest& request) const {
  const TableOperation& operation = *request.operation;
  if (operation.writes() && call.bytes > kLargestItem) return false;
  return operation.most_bytes == 0 || request.items * bytes_of(call) <= operation.most_bytes;
}

std::uint64_t Table::position_of(const Call& call, std::uint64_t key) {
  const std::uint64_t hash = mix_bits(key + kWeylStep);
  if (!config_.keys_spread) return hash;
  const std::uint64_t draw = world().draws(item_draws_, call.journey, call.lineage).bits();
  return (hash & ~kSortKeys) | (mix_bits(draw ^ key) & kSortKeys);
}

/// The first item is what the journey is about; the others lie elsewhere.
Table::Item Table::item(const Call& call, const TableRequest& request, std::int64_t number, Draws& draws) {
  const std::uint64_t key = journey(call.journey).key + static_cast<std::uint64_t>(number) * kWeylStep;
  const bool added =
      draws.chance(config_.new_items) && request.operation->change == TableOperation::Change::put;
  return {key, position_of(call, key), added};
}

bool Table::admit(const Call& call, const TableRequest& request) {
  const TableOperation& operation = *request.operation;
  const bool writes = operation.writes();
  if (request.items > 1 || (writes && !indexes_.empty())) return admit_items(call, request);
  const std::uint64_t key = journey(call.journey).key;
  TableIndex* const index = request.index < 0 ? nullptr : indexes_[static_cast<std::size_t>(request.index)];
  TableStore& store = index == nullptr ? static_cast<TableStore&>(*this) : *index;
  const std::uint64_t position = index == nullptr ? position_of(call, key) : index->position(key);
  const std::int64_t units = units_of(operation, bytes_of(call));
  if (!store.take(position, units, writes)) return false;
  store.bill(units, writes, call);
  return true;
}

/// A batch keeps the items that fit; a transaction, and a write with its indexes, is served whole or not.
bool Table::admit_items(const Call& call, const TableRequest& request) {
  const bool batch = request.operation->together == TableOperation::Together::batch;
  const bool writes = request.operation->writes();
  const bool applies = outcome(call, request) == Outcome::ok;
  Draws draws = world().draws(item_draws_, call.journey, call.lineage);
  bool all = true;
  taken_.clear();
  for (std::int64_t i = 0; i < request.items && (all || batch); ++i) {
    const std::size_t before = taken_.size();
    if (take_item(item(call, request, i, draws), request, bytes_of(call), applies, draws)) continue;
    all = false;
    give_back(batch ? before : 0, writes);
  }
  for (const Taken& taken : taken_) taken.store->bill(taken.units, writes, call);
  return all;
}

bool Table::take_item(const Item& item, const TableRequest& request, std::int64_t bytes, bool applies,
                      Draws& draws) {
  const TableOperation& operation = *request.operation;
  const bool writes = operation.writes();
  const auto take = [&](TableStore& store, std::uint64_t position, std::int64_t units) {
    if (!store.take(position, units, writes)) return false;
    taken_.push_back({&store, position, units});
    return true;
  };
  bool taken = take(*this, item.position, units_of(operation, bytes));
  if (!writes) return taken;
  for (TableIndex* const index : indexes_) {
    const TableIndex::Writes entries =
        index->writes_for(operation.change, item.added, item.key, bytes, draws);
    for (std::int64_t i = 0; applies && taken && i < entries.count; ++i)
      taken = take(*index, entries.positions[static_cast<std::size_t>(i)], entries.units);
  }
  return taken;
}

void Table::give_back(std::size_t keep, bool writes) {
  for (; taken_.size() > keep; taken_.pop_back())
    taken_.back().store->give(taken_.back().position, taken_.back().units, writes);
}

// ---- Service
// ------------------------------------------------------------------------------------------------------

void Table::on_call(CallId id) {
  const Call& call = record(id);
  const TableRequest request = request_of(call);
  if (!acceptable(call, request)) return answer(id, Outcome::refused);
  if (!admit(call, request)) return answer(id, Outcome::throttled);
  level(Gauge::concurrency, ++active_);
  Draws draws = world().draws(latency_draws_, call.journey, call.lineage);
  const bool writes = request.operation->writes();
  const Duration latency = (writes ? config_.write_latency : config_.read_latency).duration(draws);
  if (latency > Duration::zero()) {
    after<&Table::served>(latency, id);
  } else {
    served(id);
  }
}

Outcome Table::outcome(const Call& call, const TableRequest& request) {
  if (config_.faults <= 0 && config_.condition_failures <= 0) return Outcome::ok;
  Draws draws = world().draws(fault_draws_, call.journey, call.lineage);
  const bool fault = draws.chance(config_.faults);
  const bool fails = draws.chance(config_.condition_failures) && request.operation->writes();
  return fault ? Outcome::fault : fails ? Outcome::refused : Outcome::ok;
}

void Table::served(CallId id) {
  level(Gauge::concurrency, --active_);
  const Call& call = record(id);
  const TableRequest request = request_of(call);
  const Outcome result = outcome(call, request);
  if (config_.new_items > 0 && result == Outcome::ok && request.operation->writes())
    store_items(call, request);
  answer(id, result);
}

/// The same draws as at admission say the same about each item.
void Table::store_items(const Call& call, const TableRequest& request) {
  Draws draws = world().draws(item_draws_, call.journey, call.lineage);
  const std::int64_t bytes = bytes_of(call);
  for (std::int64_t i = 0; i < request.items; ++i) {
    const Item one = item(call, request, i, draws);
    const bool removes = request.operation->change == TableOperation::Change::remove;
    if (one.added || removes) store(removes ? -(bytes + kStoredWithItem) : bytes + kStoredWithItem);
    for (TableIndex* const index : indexes_) {
      const auto entries = index->writes_for(request.operation->change, one.added, one.key, bytes, draws);
      if (entries.added != 0) index->store(entries.added);
    }
  }
}

}  // namespace spillway
