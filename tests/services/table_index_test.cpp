// Global secondary indexes: what a write of the table costs them, back-pressure, and queries; batches and
// transactions, whose items are admitted in the same way.

#include "services/table_index.hpp"

#include <gtest/gtest.h>

#include "services/table.hpp"
#include "support/small_world.hpp"

namespace spillway {
namespace {

using testing::at;
using testing::FactLog;
using testing::Probe;
using Mode = TableCapacityConfig::Mode;

struct Site {
  explicit Site(TableConfig config = {}, const TableIndexConfig& index_config = {}) {
    config.indexes = {"by_city"};
    table = &world.add<Table>("orders", std::move(config));
    index = &world.add<TableIndex>("orders/by_city", index_config);
    table->add_index(*index);
    probe = &world.add<Probe>("probe");
  }
  PortId port(std::string operation) {
    return world.connect(probe->id(), table->id(), {.operation = std::move(operation)});
  }
  void run(Duration end = 10s) {
    EXPECT_FALSE(world.start().has_value());
    world.run(at(end));
  }
  std::int64_t answered(Outcome outcome) const {
    return std::ranges::count(probe->answers, outcome, &Probe::Answer::outcome);
  }
  std::int64_t used(const Service& service, std::string_view meter) {
    return sum(service, FactKind::used, static_cast<std::uint32_t>(world.meter(meter)));
  }
  std::int64_t marks(const Service& service, Mark mark) {
    return sum(service, FactKind::marked, static_cast<std::uint32_t>(mark));
  }
  std::int64_t sum(const Service& service, FactKind kind, std::uint32_t subject) const {
    std::int64_t total = 0;
    for (const Fact& fact : log.facts) {
      const bool its = fact.service == static_cast<std::uint16_t>(service.id());
      if (its && fact.kind == kind && fact.subject == subject) total += fact.value;
    }
    return total;
  }

  World world;
  FactLog log{world};
  Table* table;
  TableIndex* index;
  Probe* probe;
};

/// Write units that an index consumes for one operation of 2,500 B.
std::int64_t index_units(const std::string& operation, const TableIndexConfig& index, double new_items = 0) {
  TableConfig config;
  config.new_items = new_items;
  Site site(config, index);
  site.probe->send_at(at(0s), site.port(operation), 2500);
  site.run();
  EXPECT_EQ(site.answered(Outcome::ok), 1);
  EXPECT_EQ(site.used(*site.table, "dynamodb.write.on_demand"), 3);
  return site.used(*site.index, "dynamodb.write.on_demand");
}

TEST(TableIndex, IsWrittenAsTheGuideCountsIt) {
  // Developer Guide, provisioned throughput considerations for global secondary indexes.
  EXPECT_EQ(index_units("put", {}, 1), 3);                                      // a new entry
  EXPECT_EQ(index_units("put", {.entry_bytes = 200}, 1), 1);                    // of what is projected
  EXPECT_EQ(index_units("put", {.has_key = 0}, 1), 0);                          // without the key
  EXPECT_EQ(index_units("update", {.entry_bytes = 200, .key_changes = 1}), 2);  // deleted and put
  EXPECT_EQ(index_units("update", {.entry_bytes = 1025, .key_changes = 1}), 4);
  EXPECT_EQ(index_units("update", {.entry_bytes = 200}), 1);  // a projected attribute
  EXPECT_EQ(index_units("update", {.entry_bytes = 200, .projected_changes = 0}), 0);
  EXPECT_EQ(index_units("put", {.entry_bytes = 200, .projected_changes = 0}), 0);  // in place of another
  EXPECT_EQ(index_units("put", {.entry_bytes = 200, .projected_changes = 0}, 1), 1);
  EXPECT_EQ(index_units("delete", {.entry_bytes = 200, .projected_changes = 0}), 1);
}

TEST(TableIndex, IsNotWrittenWhenTheConditionOfTheWriteFails) {
  TableConfig config;
  config.condition_failures = 1;
  Site site(config);
  site.probe->send_at(at(0s), site.port("put"), 2500);
  site.run();
  EXPECT_EQ(site.answered(Outcome::refused), 1);
  EXPECT_EQ(site.used(*site.table, "dynamodb.write.on_demand"), 3);
  EXPECT_EQ(site.used(*site.index, "dynamodb.write.on_demand"), 0);
}

TEST(TableIndex, ThatCannotKeepUpThrottlesTheTablesWritesAndConsumesNothing) {
  TableConfig config;
  config.store.capacity = {.mode = Mode::provisioned, .capacity = {5, 100}, .burst_seconds = 1};
  TableIndexConfig index;
  index.store.capacity = {.mode = Mode::provisioned, .capacity = {5, 10}, .burst_seconds = 1};
  Site site(config, index);
  const PortId put = site.port("put");
  for (int i = 0; i < 40; ++i) site.probe->send_at(at(0s), put, 100, static_cast<std::uint64_t>(i));
  for (int i = 0; i < 5; ++i) site.probe->send_at(at(500ms), put, 100, static_cast<std::uint64_t>(i));
  for (int i = 0; i < 3; ++i) site.probe->send_at(at(500ms), site.port("get"));
  site.run();
  EXPECT_EQ(site.answered(Outcome::throttled), 30);
  EXPECT_EQ(site.answered(Outcome::ok), 10 + 5 + 3);  // reads go on
  EXPECT_EQ(site.marks(*site.index, Mark::rate_throttled), 30);
  EXPECT_EQ(site.marks(*site.table, Mark::rate_throttled), 0);
}

TEST(TableIndex, OfFewKeysIsHotWhereTheTableIsNot) {
  TableIndexConfig few;
  few.keys = 1;
  Site site({}, few);
  const PortId put = site.port("put");
  for (std::uint64_t i = 0; i < 1200; ++i) site.probe->send_at(at(0s), put, 100, i);
  site.run();
  EXPECT_EQ(site.answered(Outcome::ok), 1000);
  EXPECT_EQ(site.marks(*site.index, Mark::partition_throttled), 200);
  EXPECT_EQ(site.marks(*site.table, Mark::partition_throttled), 0);
}

TEST(TableIndex, IsQueriedByNameOnItsOwnReadCapacity) {
  Site site;
  site.probe->send_at(at(0s), site.port("query by_city"), 16'000);
  site.probe->send_at(at(0s), site.port("scan by_city"), 100);
  site.run();
  EXPECT_EQ(site.used(*site.index, "dynamodb.read.on_demand"), 4 + 1);
  EXPECT_EQ(site.used(*site.table, "dynamodb.read.on_demand"), 0);
  EXPECT_EQ(site.table->operation("query by_county"), -1);
  EXPECT_EQ(site.table->operation("query_strong by_city"), -1);  // an index is eventually consistent
  EXPECT_EQ(site.table->operation("get by_city"), -1);
}

TEST(TableIndex, GrowsWithItsTableAndIsBilledForItself) {
  TableConfig config;
  config.new_items = 1;
  Site site(config, {.entry_bytes = 50});
  site.probe->send_at(at(0s), site.port("put"), 900, 1);
  site.probe->send_at(at(10s), site.port("put"), 900, 2);
  site.probe->send_at(at(15s), site.port("delete"), 900, 1);
  site.run(20s);
  EXPECT_EQ(site.table->stored(), 1000);
  EXPECT_EQ(site.index->stored(), 150);
  for (const auto& service : site.world.services()) service->account();
  EXPECT_EQ(site.used(*site.table, "dynamodb.storage"), 10 * 1000 + 5 * 2000 + 5 * 1000);
  EXPECT_EQ(site.used(*site.index, "dynamodb.storage"), 10 * 150 + 5 * 300 + 5 * 150);
}

// ---- Several items at once

TEST(TableRequests, ABatchRoundsEachItemAndATransactionCostsTwice) {
  Site site({}, {.has_key = 0});
  site.probe->send_at(at(0s), site.port("batch_get 10"), 100);
  site.probe->send_at(at(0s), site.port("batch_get_strong 3"), 4097);
  site.probe->send_at(at(0s), site.port("batch_write 25"), 1500);
  site.probe->send_at(at(0s), site.port("put_transact 3"), 500);
  site.probe->send_at(at(0s), site.port("get_transact 2"), 500);
  site.run();
  EXPECT_EQ(site.answered(Outcome::ok), 5);
  EXPECT_EQ(site.used(*site.table, "dynamodb.read.on_demand"), 10 + 3 * 4 + 2 * 4);
  EXPECT_EQ(site.used(*site.table, "dynamodb.write.on_demand"), 25 * 2 + 3 * 2);
}

TEST(TableRequests, HaveTheGuidesLimits) {
  Site site;
  EXPECT_GE(site.table->operation("batch_write 25"), 0);
  EXPECT_EQ(site.table->operation("batch_write 26"), -1);
  EXPECT_GE(site.table->operation("batch_get 100"), 0);
  EXPECT_EQ(site.table->operation("batch_get 101"), -1);
  EXPECT_GE(site.table->operation("update_transact 100"), 0);
  EXPECT_EQ(site.table->operation("update_transact 101"), -1);
  EXPECT_EQ(site.table->operation("put 2"), -1);
  EXPECT_EQ(site.table->operation("put 0"), -1);
  EXPECT_EQ(site.table->operation("put "), -1);
  EXPECT_EQ(site.table->operation("batch_write 2 5"), -1);
  site.probe->send_at(at(0s), site.port("put_transact 16"), 256 * 1024);
  site.probe->send_at(at(0s), site.port("put_transact 17"), 256 * 1024);  // more than 4 MB
  site.run();
  EXPECT_EQ(site.probe->answers[0].outcome, Outcome::throttled);  // 8,192 units on 4,000
  EXPECT_EQ(site.probe->answers[1].outcome, Outcome::refused);
}

TEST(TableRequests, ATransactionIsServedWholeOrNotAtAll) {
  TableConfig config;
  config.store.capacity = {.mode = Mode::provisioned, .capacity = {5, 10}, .burst_seconds = 1};
  Site site(config, {.has_key = 0});
  site.probe->send_at(at(0s), site.port("put_transact 6"), 100);  // twelve units
  site.probe->send_at(at(0s), site.port("put_transact 5"), 100);  // ten: all still there
  site.run();
  EXPECT_EQ(site.probe->answers[0].outcome, Outcome::throttled);
  EXPECT_EQ(site.probe->answers[1].outcome, Outcome::ok);
}

TEST(TableRequests, ABatchBillsTheItemsThatFit) {
  TableConfig config;
  config.store.capacity.warm = {12'000, 4};
  Site site(config, {.has_key = 0});
  site.probe->send_at(at(0s), site.port("batch_write 10"), 100);
  site.run();
  EXPECT_EQ(site.probe->answers[0].outcome, Outcome::throttled);
  EXPECT_EQ(site.used(*site.table, "dynamodb.write.on_demand"), 4);
}

// ---- Sort keys, growth, scaling: the table as a whole

TEST(Table, ACollectionThatSpreadsOverItsSortKeysCanBeSplitForHeat) {
  for (const bool spread : {false, true}) {
    TableConfig config;
    config.store.capacity.split_after = 1min;
    config.store.capacity.warm = {12'000, 40'000};
    config.store.capacity.partitions = 1;
    config.keys_spread = spread;
    Site site(config, {.has_key = 0});
    const PortId put = site.port("put");
    for (int i = 0; i < 5000; ++i) site.probe->send_at(at(i * 20ms), put, 30 * 1024, 7);  // 1,500 units/s
    site.run(110s);
    EXPECT_EQ(site.table->partitions(), spread ? 2 : 3);
    const auto late = [&](const Probe::Answer& answer) {
      return answer.when > at(70s) && answer.outcome == Outcome::throttled;
    };
    EXPECT_EQ(std::ranges::count_if(site.probe->answers, late) > 300, !spread);
  }
}

TEST(Table, AutoScalingRaisesCapacityMinutesLaterAndBillsIt) {
  TableConfig config;
  TableCapacityConfig& capacity = config.store.capacity;
  capacity = {.mode = Mode::provisioned, .capacity = {5, 10}, .burst_seconds = 1};
  capacity.write_scaling = TableScalingConfig{.least = 10};
  Site site(config, {.has_key = 0});
  const PortId put = site.port("put");
  for (int i = 0; i < 10 * 60 * 10; ++i)
    site.probe->send_at(at(i * 100ms), put, 1, static_cast<std::uint64_t>(i));
  site.run(10min);
  EXPECT_EQ(site.table->provisioned().write, 15);  // 10 / 0.7, from minute five on
  site.table->account();
  EXPECT_EQ(site.used(*site.table, "dynamodb.write.provisioned"), 10 * 5 * 60 + 15 * 5 * 60);
}

TEST(Table, AutoScalingGoesNoFurtherThanTheAccountsQuota) {
  for (const std::int64_t quota : {24, 25}) {  // of which the other table has ten
    TableConfig config;
    config.store.capacity = {.mode = Mode::provisioned, .capacity = {5, 10}, .burst_seconds = 1};
    config.store.account = {80'000, quota};
    TableConfig scaled = config;
    scaled.store.capacity.write_scaling = TableScalingConfig{.least = 10};
    World world;
    auto& probe = world.add<Probe>("probe");
    auto& table = world.add<Table>("scaled", scaled);
    world.add<Table>("other", config);
    const PortId put = world.connect(probe.id(), table.id(), {.operation = "put"});
    for (int i = 0; i < 6000; ++i) probe.send_at(at(i * 100ms), put, 1, static_cast<std::uint64_t>(i));
    EXPECT_FALSE(world.start().has_value());
    world.run(at(10min));
    EXPECT_EQ(table.provisioned().write, quota == 25 ? 15 : 10);
  }
}

TEST(TableStorage, ForgetsWhatHasExpired) {
  TableStorage storage(1000, 24h);
  storage.add(at(30min), 10);
  storage.add(at(90min), 100);
  EXPECT_EQ(storage.bytes(), 1110);
  EXPECT_TRUE(storage.due(at(24h + 90min)) > 0);
  EXPECT_EQ(storage.bytes(), 1100);
  storage.remove(at(48h), 5000);
  EXPECT_EQ(storage.bytes(), 0);
  (void)storage.due(at(48h));
  EXPECT_TRUE(storage.due(at(49h)) == 0);
}

TEST(BilledLevel, LosesNothingToRounding) {
  BilledLevel level(3);
  Int128 total = 0;
  for (int i = 1; i <= 1000; ++i) total += level.due(at(i * 1ms * 7 / 3));
  level.set(at(3s), 10);
  total += level.due(at(4s));
  EXPECT_TRUE(total == 9 + 10);
}

}  // namespace
}  // namespace spillway
