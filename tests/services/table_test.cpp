// Units, admission by table and partition, growth on demand, and the bill of a DynamoDB table.

#include <gtest/gtest.h>

#include "engine/math.hpp"
#include "services/table.hpp"
#include "support/small_world.hpp"

namespace spillway {
namespace {

using testing::at;
using testing::FactLog;
using testing::fixed;
using testing::Probe;
using Mode = TableCapacityConfig::Mode;

TableConfig with(const TableCapacityConfig& capacity, std::int64_t size = 0) {
  TableConfig config;
  config.store.capacity = capacity;
  config.store.size = size;
  return config;
}
TableConfig provisioned(TableUnits capacity, std::int64_t burst_seconds = 300) {
  return with({.mode = Mode::provisioned, .capacity = capacity, .burst_seconds = burst_seconds});
}

struct Site {
  explicit Site(TableConfig config) {
    table = &world.add<Table>("orders", std::move(config));
    probe = &world.add<Probe>("probe");
  }
  PortId port(std::string operation) {
    return world.connect(probe->id(), table->id(), {.operation = std::move(operation)});
  }
  void run(Duration end = 10s) {
    EXPECT_FALSE(world.start().has_value());
    world.run(at(end));
    EXPECT_EQ(world.calls().alive(), 0u);
  }
  std::int64_t answered(Outcome outcome) const {
    return std::ranges::count(probe->answers, outcome, &Probe::Answer::outcome);
  }
  std::int64_t used(std::string_view meter) { return log.used(world.meter(meter)); }

  World world;
  FactLog log{world};
  Table* table;
  Probe* probe;
};

TEST(TableUnits, AreCountedAsTheDeveloperGuideDoes) {
  // Developer Guide, "DynamoDB read and write operations"; reads in halves.
  EXPECT_EQ(read_halves(8192, 1), 2);        // 8 KB, eventually consistent: one unit
  EXPECT_EQ(read_halves(3500, 2), 2);        // 3,500 B, strongly consistent: one
  EXPECT_EQ(read_halves(10'240, 2), 6);      // 10 KB, strongly consistent: three
  EXPECT_EQ(read_halves(1500 * 64, 2), 48);  // a query of 1,500 items of 64 B: twenty-four
  EXPECT_EQ(read_halves(8 * 2000, 1), 4);    // eight items of 2,000 B by an index, eventually: two
  EXPECT_EQ(read_halves(4096, 4), 4);        // transactional: two
  EXPECT_EQ(read_halves(4097, 1), 2);
  EXPECT_EQ(read_halves(0, 1), 1);  // a missing item still counts
  EXPECT_EQ(write_units(500, 1), 1);
  EXPECT_EQ(write_units(1024, 1), 1);
  EXPECT_EQ(write_units(1025, 1), 2);
  EXPECT_EQ(write_units(310 * 1024, 1), 310);
  EXPECT_EQ(3 * write_units(500, 2), 6);  // a transaction of three items of 500 B
}

TEST(Table, BillsWhatItServesOnDemand) {
  Site site({});
  site.probe->send_at(at(0s), site.port("get"), 3000);
  site.probe->send_at(at(0s), site.port("get_strong"), 8192);
  site.probe->send_at(at(0s), site.port("get_transact"), 100);
  site.probe->send_at(at(0s), site.port("put"), 2500);
  site.probe->send_at(at(0s), site.port("delete_transact"), 100);
  site.run();
  EXPECT_EQ(site.answered(Outcome::ok), 5);
  EXPECT_EQ(site.used("dynamodb.read.on_demand"), 1 + 4 + 4);
  EXPECT_EQ(site.used("dynamodb.write.on_demand"), 3 + 2);
}

TEST(Table, AssumesAnItemSizeWhereTheRequestHasNone) {
  Site site({.item_bytes = 5000});
  site.probe->send_at(at(0s), site.port("put"));
  site.run();
  EXPECT_EQ(site.used("dynamodb.write.on_demand"), 5);
}

TEST(Table, KnowsItsOperationsByNameOnly) {
  Site site({});
  for (const TableOperation& operation : table_operations())
    EXPECT_GE(site.table->operation(operation.name), 0);
  EXPECT_EQ(site.table->operation("upsert"), -1);
  EXPECT_EQ(site.table->operation(""), -1);
  EXPECT_EQ(site.table->default_retry(), "sdk-standard-dynamodb");
}

TEST(Table, RefusesToStoreAnItemAbove400Kb) {
  Site site({});
  site.probe->send_at(at(0s), site.port("put"), 400 * 1024);
  site.probe->send_at(at(1s), site.port("put"), 400 * 1024 + 1);
  site.run();
  EXPECT_EQ(site.probe->answers[0].outcome, Outcome::ok);
  EXPECT_EQ(site.probe->answers[1].outcome, Outcome::refused);
}

TEST(Table, ReadsAndWritesTakeTheirOwnTime) {
  Site site({.read_latency = fixed(3ms), .write_latency = fixed(5ms)});
  site.probe->send_at(at(0s), site.port("get"));
  site.probe->send_at(at(0s), site.port("put"));
  site.run();
  EXPECT_EQ(site.probe->answers[0].when, at(3ms));
  EXPECT_EQ(site.probe->answers[1].when, at(5ms));
}

TEST(Table, ServesProvisionedCapacityAndThreeHundredSecondsOfWhatWasUnused) {
  Site site(provisioned({5, 2}));
  const PortId put = site.port("put");
  for (int i = 0; i < 1000; ++i) site.probe->send_at(at(0s), put, 0, static_cast<std::uint64_t>(i));
  for (int i = 0; i < 50; ++i) site.probe->send_at(at(10s), put, 0, static_cast<std::uint64_t>(i));
  site.run(20s);
  EXPECT_EQ(site.answered(Outcome::ok), 600 + 20);
  EXPECT_EQ(site.log.marks(Mark::rate_throttled), 400 + 30);
  EXPECT_EQ(site.used("dynamodb.write.on_demand"), 0);
}

TEST(Table, MayStartWithoutUnusedCapacity) {
  Site site(with({.mode = Mode::provisioned, .capacity = {5, 2}, .burst_full = false}));
  const PortId put = site.port("put");
  for (int i = 0; i < 10; ++i) site.probe->send_at(at(0s), put);
  site.run();
  EXPECT_EQ(site.answered(Outcome::ok), 2);
}

TEST(Table, ThrottledRequestsConsumeAndCostNothing) {
  Site site(with({.mode = Mode::provisioned, .capacity = {5, 1}, .burst_full = false}));
  const PortId put = site.port("put");
  // Two units do not fit into one; had they taken it, the single unit would not fit any more.
  site.probe->send_at(at(0s), put, 2048);
  site.probe->send_at(at(0s), put, 1024);
  site.run();
  EXPECT_EQ(site.probe->answers[0].outcome, Outcome::throttled);
  EXPECT_EQ(site.probe->answers[1].outcome, Outcome::ok);
}

TEST(Table, AFailedConditionIsRefusedAndBilled) {
  Site site({.condition_failures = 1});
  site.probe->send_at(at(0s), site.port("put"), 310 * 1024);
  site.probe->send_at(at(0s), site.port("get"));
  site.run();
  EXPECT_EQ(site.answered(Outcome::refused), 1);
  EXPECT_EQ(site.answered(Outcome::ok), 1);
  EXPECT_EQ(site.used("dynamodb.write.on_demand"), 310);
}

TEST(Table, AHotKeyMeetsTheLimitOfItsPartitionWhileOthersAreServed) {
  Site site({});
  const PortId put = site.port("put");
  for (int i = 0; i < 1500; ++i) site.probe->send_at(at(0s), put, 0, 7);
  for (int i = 0; i < 300; ++i) site.probe->send_at(at(0s), put, 0, 1000 + static_cast<std::uint64_t>(i));
  site.run();
  EXPECT_EQ(site.table->partitions(), 4);
  const std::int64_t partition = site.log.marks(Mark::partition_throttled);
  EXPECT_GE(partition, 500);
  EXPECT_LE(partition, 500 + 130);  // and the quarter of the other keys that live there
  EXPECT_EQ(site.log.marks(Mark::rate_throttled), 0);
}

TEST(Table, AHotPartitionMayUseWhatTheTableHasLeft) {
  // Developer Guide, adaptive capacity: 400 units on four partitions, loads 50, 50, 50 and 150 a second,
  // sustained.
  Site site(with({.mode = Mode::provisioned, .capacity = {5, 400}, .burst_seconds = 1, .partitions = 4}));
  const PortId put = site.port("put");
  for (int second = 0; second < 8; ++second) {
    for (int i = 0; i < 300; ++i) {
      const auto key = static_cast<std::uint64_t>(i < 150 ? 1 : i);
      site.probe->send_at(at(std::chrono::seconds(second) + i * 3ms), put, 0, key);
    }
  }
  site.run();
  EXPECT_EQ(site.answered(Outcome::ok), 8 * 300);
}

TEST(Table, CountsPartitionsByCapacityAndSize) {
  const auto partitions = [](const TableCapacityConfig& config, std::int64_t size = 0) {
    return Site(with(config, size)).table->partitions();
  };
  EXPECT_EQ(partitions({}), 4);
  EXPECT_EQ(partitions({.mode = Mode::provisioned}), 1);
  EXPECT_EQ(partitions({.mode = Mode::provisioned, .capacity = {3001, 5}}), 2);
  EXPECT_EQ(partitions({.mode = Mode::provisioned, .capacity = {5, 5000}}), 5);
  EXPECT_EQ(partitions({.mode = Mode::provisioned}, std::int64_t{25} << 30), 3);
  EXPECT_EQ(partitions({.partitions = 9}), 9);
}

TEST(Table, BillsProvisionedCapacityAndStorageByTheSecondOnce) {
  Site site(with({.mode = Mode::provisioned, .capacity = {30, 7}}, 1000));
  site.run(1h + 500ms);
  site.table->account();
  site.table->account();
  EXPECT_EQ(site.used("dynamodb.read.provisioned"), 30 * 3600 + 15);
  EXPECT_EQ(site.used("dynamodb.write.provisioned"), 7 * 3600 + 3);
  EXPECT_EQ(site.used("dynamodb.storage"), 3'600'500);
}

TEST(Table, BillsStorageThatNoSingleFactCanCarry) {
  Site site(with({}, std::int64_t{1} << 50));
  site.run(24h);
  site.table->account();
  const MeterId storage = site.world.meter("dynamodb.storage");
  Int128 total = 0;
  for (const Fact& fact : site.log.facts) {
    if (fact.kind == FactKind::used && fact.subject == static_cast<std::uint32_t>(storage)) {
      ASSERT_GT(fact.value, 0);
      total += fact.value;
    }
  }
  EXPECT_TRUE(total == Int128{86'400} << 50);
}

TEST(Table, SomeRequestsEndInAnInternalError) {
  Site site({.faults = 1});
  site.probe->send_at(at(0s), site.port("get"));
  site.run();
  EXPECT_EQ(site.answered(Outcome::fault), 1);
}

}  // namespace
}  // namespace spillway
