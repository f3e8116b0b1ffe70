#include "services/table_store.hpp"

#include <algorithm>

namespace spillway {

namespace {

constexpr std::int64_t kLargestBill = std::int64_t{1} << 60;  // one fact carries no more

std::string meter_name(std::string_view direction, const TableStoreConfig& config) {
  const bool provisioned = config.capacity.mode == TableCapacityConfig::Mode::provisioned;
  return "dynamodb." + std::string(direction) + (provisioned ? ".provisioned" : ".on_demand");
}

}  // namespace

TableStore::TableStore(World& world, std::string name, const TableStoreConfig& config)
    : Service(world, std::move(name)),
      capacity_(config.capacity, config.size),
      account_(world.shared<TableAccount>("dynamodb account", config.account)),
      storage_(config.size, config.lives),
      read_capacity_(capacity_.provisioned().read),
      write_capacity_(capacity_.provisioned().write),
      backups_(config.backups),
      by_request_(config.capacity.mode == TableCapacityConfig::Mode::on_demand),
      recovers_(config.point_in_time_recovery),
      storage_meter_(world.meter("dynamodb.storage")) {
  account_.provisioned.read += capacity_.provisioned().read;
  account_.provisioned.write += capacity_.provisioned().write;
  read_meter_ = world.meter(meter_name("read", config));
  write_meter_ = world.meter(meter_name("write", config));
  if (recovers_) recovery_meter_ = world.meter("dynamodb.backup.continuous");
  if (config.backups > 0) backup_meter_ = world.meter("dynamodb.backup.on_demand");
}

void TableStore::start() {
  if (capacity_.scales()) after<&TableStore::minute_ended>(1min);
}

void TableStore::minute_ended() {
  after<&TableStore::minute_ended>(1min);
  TableUnits& all = account_.provisioned;
  const TableUnits others{all.read - capacity_.provisioned().read, all.write - capacity_.provisioned().write};
  const TableUnits room{account_.quota.read - others.read, account_.quota.write - others.write};
  if (!capacity_.minute_ended(now(), room)) return;
  all = {others.read + capacity_.provisioned().read, others.write + capacity_.provisioned().write};
  read_capacity_.set(now(), capacity_.provisioned().read);
  write_capacity_.set(now(), capacity_.provisioned().write);
}

void TableStore::store(std::int64_t bytes) {
  bytes >= 0 ? storage_.add(now(), bytes) : storage_.remove(now(), -bytes);
  capacity_.resize(storage_.bytes());
}

void TableStore::bill_time(MeterId meter, Int128 quantity) {
  for (; quantity > 0; quantity -= kLargestBill)
    use(meter, static_cast<std::int64_t>(std::min<Int128>(quantity, kLargestBill)));
}

void TableStore::account() {
  bill_time(read_meter_, read_capacity_.due(now()));
  bill_time(write_meter_, write_capacity_.due(now()));
  const Int128 stored = storage_.due(now());
  bill_time(storage_meter_, stored);
  if (recovers_) bill_time(recovery_meter_, stored);
  if (backups_.level() > 0) bill_time(backup_meter_, backups_.due(now()));
}

}  // namespace spillway
