// The worked examples of DynamoDB (cases/dynamodb.json): each runs through the table, its capacity, the
// ledger or the price list, and nothing of it is computed here.

#include <gtest/gtest.h>

#include "conformance/cases.hpp"
#include "observe/ledger.hpp"
#include "services/table.hpp"
#include "support/small_world.hpp"

namespace spillway {
namespace {

using testing::at;
using testing::FactLog;
using testing::Probe;
using json = testing::Case;
using Mode = TableCapacityConfig::Mode;

constexpr std::int64_t kGigabyte = std::int64_t{1} << 30;

TableConfig provisioned(TableUnits capacity) {
  TableConfig config;
  config.store.capacity.mode = Mode::provisioned;
  config.store.capacity.capacity = capacity;
  config.store.capacity.burst_seconds = 1;
  return config;
}

/// A table with an index, that answers at once.
struct Site {
  explicit Site(TableConfig config = {}) {
    config.indexes = {"by_other"};
    table = &world.add<Table>("table", std::move(config));
    TableIndexConfig index;
    index.has_key = 0;
    table->add_index(world.add<TableIndex>("table/by_other", index));
    probe = &world.add<Probe>("probe");
  }
  PortId port(std::string operation) {
    return world.connect(probe->id(), table->id(), {.operation = std::move(operation)});
  }
  void run(Duration end = 1h) {
    EXPECT_FALSE(world.start().has_value());
    world.run(at(end));
  }
  std::int64_t answered(Outcome outcome) const {
    return std::ranges::count(probe->answers, outcome, &Probe::Answer::outcome);
  }
  /// What a run of this long bills, to the cent.
  double usd(Duration horizon) {
    for (const auto& service : world.services()) service->account();
    const auto bill = make_bill(ledger.usage(), built_in_prices(), {.horizon = horizon});
    return bill ? std::stod(bill->total.month.rounded()) : -1;
  }

  World world;
  FactLog log{world};
  Ledger ledger{world};
  Table* table;
  Probe* probe;
};

/// What one request consumes, in units: the table on demand bills just that.
double units(std::string operation, std::int64_t bytes, TableConfig config = {}) {
  Site site(std::move(config));
  site.probe->send_at(at(0s), site.port(std::move(operation)), static_cast<std::uint32_t>(bytes));
  site.run();
  const auto reads = site.log.used(site.world.meter("dynamodb.read.on_demand"));
  return static_cast<double>(reads) / 2 +
         static_cast<double>(site.log.used(site.world.meter("dynamodb.write.on_demand")));
}

/// Whether a provisioned table serves so many requests a second for five minutes, without what was
/// unused before.
bool sustains(TableConfig config, const std::string& operation, std::int64_t bytes, std::int64_t per_second) {
  Site site(std::move(config));
  const PortId port = site.port(operation);
  for (std::int64_t i = 0; i < 300 * per_second; ++i)
    site.probe->send_at(at(i * Duration{1s} / per_second), port, static_cast<std::uint32_t>(bytes));
  site.run();
  return site.answered(Outcome::throttled) == 0;
}

/// The least provisioned capacity that sustains it.
std::int64_t needed(const std::string& operation, std::int64_t bytes, std::int64_t per_second) {
  std::int64_t low = 1;
  for (std::int64_t high = 1000; low < high;) {
    const std::int64_t middle = (low + high) / 2;
    const bool enough = sustains(provisioned({middle, middle}), operation, bytes, per_second);
    (enough ? high : low) = enough ? middle : middle + 1;
  }
  return low;
}

json adaptive(const json& inputs) {
  const auto partitions = inputs.at("partitions").get<std::uint64_t>();
  TableConfig config = provisioned({5, inputs.at("table_wcu").get<std::int64_t>()});
  config.store.capacity.partitions = static_cast<std::int64_t>(partitions);
  Site site(config);
  const PortId put = site.port("put");
  __extension__ using Wide = unsigned __int128;
  for (std::uint64_t partition = 0; partition < partitions; ++partition) {
    std::uint64_t key = 0;
    while ((Wide{mix_bits(key + kWeylStep)} * partitions >> 64) != partition) ++key;
    const auto load = inputs.at("load").at(partition).get<std::int64_t>();
    for (std::int64_t i = 0; i < 60 * load; ++i)
      site.probe->send_at(at(i * Duration{1s} / load), put, 1, key);
  }
  site.run();
  return {{"sustained_without_throttle", site.answered(Outcome::throttled) == 0}};
}

/// Strong reads of this size, of one item, by the second in the long run.
json of_one_partition(const json& inputs) {
  TableConfig config = provisioned({40'000, 5});
  config.store.capacity.partitions = 1;
  Site site(config);
  const PortId get = site.port("get_strong");
  const auto bytes = inputs.at("item_kb").get<std::uint32_t>() * 1024;
  for (int i = 0; i < 62'000; ++i) site.probe->send_at(at(i * 1ms), get, bytes);
  site.run();
  std::int64_t served = 0;  // in the last minute, when no unused second is left
  for (const auto& answer : site.probe->answers)
    served += answer.outcome == Outcome::ok && answer.when >= at(2s);
  return {{"reads_per_s", (served + 30) / 60}};
}

/// Asks for so many read units a second, for a minute; true when all were granted.
bool reads(TableCapacity& capacity, Duration from, std::int64_t per_second) {
  bool all = true;
  for (std::int64_t i = 0; i < 6000; ++i) {
    const auto position = static_cast<std::uint64_t>(i) * (UINT64_MAX / 6000);
    all &= capacity.take(at(from + i * 10ms), position, 2 * per_second / 100, false) ==
           TableCapacity::Verdict::granted;
  }
  return all;
}

json doubling(const json& inputs) {
  TableCapacityConfig config;
  config.peak.read = inputs.at("previous_peak_rru");
  config.most = {1'000'000, 1'000'000};
  config.partitions = 100'000;
  config.growth_minutes = 0;
  TableCapacity capacity(config, 0);
  const std::int64_t instant = capacity.limit(false) / 2;
  EXPECT_FALSE(reads(capacity, 0s, instant * 11 / 10));
  TableCapacity fresh(config, 0);
  EXPECT_TRUE(reads(fresh, 0s, instant));
  EXPECT_TRUE(reads(fresh, 1min, 2 * instant));
  TableCapacity grown(config, 0);
  reads(grown, 0s, instant);
  (void)grown.take(at(1min), 0, 1, false);
  return {{"instant", instant}, {"next_instant", grown.limit(false) / 2}};
}

/// What a table on demand sustains that was once provisioned so.
json switched(TableUnits highest) {
  TableCapacityConfig config;
  config.highest_provisioned = highest;
  const TableCapacity capacity(config, 0);
  return {{"min_wru", capacity.limit(true)}, {"min_rru", capacity.limit(false) / 2}};
}

json decreases(const json& inputs) {
  DecreaseAllowance allowance;
  int granted = 0;
  const Duration day = inputs.at("hours").get<int>() * Duration{1h};
  for (Duration now{}; now < day; now += 1min) granted += allowance.take(at(now));
  return {{"per_day", granted}};
}

json price(std::string meter, const json& inputs, double counted_per_unit) {
  const auto counted = static_cast<Quantity>(inputs.at("qty").get<double>() * counted_per_unit);
  const std::vector<Usage> usage{{.resource = "table", .meter = std::move(meter), .quantity = counted}};
  const auto bill = make_bill(usage, built_in_prices(), {.horizon = kBillingMonth});
  return {{"usd", bill ? std::stod(bill->total.month.rounded()) : -1}};
}

json price_of_month(const TableConfig& config) {
  Site site(config);
  site.run(kBillingMonth);
  return {{"usd", site.usd(kBillingMonth)}};
}

json price_of_writes(const json& inputs) {
  TableConfig config;
  config.store.capacity.warm.write = 40'000;
  config.store.capacity.partitions = 100'000;
  Site site(config);
  const PortId put = site.port("put");
  const auto requests = static_cast<std::int64_t>(inputs.at("qty").get<double>()) / 400;
  for (std::int64_t i = 0; i < requests; ++i)
    site.probe->send_at(at(i * 10ms), put, 400 * 1024, static_cast<std::uint64_t>(i));
  site.run(kBillingMonth);
  EXPECT_EQ(site.answered(Outcome::ok), requests);
  return {{"usd", site.usd(kBillingMonth)}};
}

json price_of_capacity(const json& inputs, bool writes) {
  const auto bought = inputs.at("units").get<std::int64_t>();
  TableConfig config = provisioned(writes ? TableUnits{0, bought} : TableUnits{bought, 0});
  Site site(config);
  const Duration time = inputs.at("hours").get<int>() * Duration{1h};
  site.run(time);
  return {{"usd", site.usd(time)}};
}

json price_of_storage(const json& inputs, std::int64_t TableStoreConfig::* bytes) {
  TableConfig config;
  config.store.*bytes = inputs.at("qty").get<std::int64_t>() * kGigabyte;
  return price_of_month(config);
}

json price_of_recovery(const json& inputs) {
  TableConfig config;
  config.store.size = inputs.at("qty").get<std::int64_t>() * kGigabyte;
  config.store.point_in_time_recovery = true;
  Site site(config);
  site.run(kBillingMonth);
  for (const auto& service : site.world.services()) service->account();
  const auto bill = make_bill(site.ledger.usage(), built_in_prices(), {.horizon = kBillingMonth});
  for (const BillLine& line : bill->lines) {
    if (line.meter == "dynamodb.backup.continuous") return {{"usd", std::stod(line.cost.month.rounded())}};
  }
  return {};
}

json failed_condition(const json& inputs) {
  TableConfig config;
  config.condition_failures = 1;
  return {{"units", units("put", inputs.at("new_kb").get<std::int64_t>() * 1024, config)}};
}

json one_read(const json& inputs) {
  const bool strong = inputs.at("read") == "strong";
  const double used = units(strong ? "get_strong" : "get", inputs.at("bytes"));
  return {{"units", used}, {"rounded_kb", used * (strong ? 4 : 8)}};
}

json one_write(const json& inputs) {
  const double used = units("put", inputs.at("bytes"));
  return {{"units", used}, {"rounded_kb", used}};
}

json query(const json& inputs) {
  const double used =
      units("query_strong", inputs.at("items").get<int>() * inputs.at("item_bytes").get<int>());
  return {{"strong_units", used}, {"rounded_kb", used * 4}};
}

json index_query(const json& inputs) {
  const int bytes = inputs.at("items").get<int>() * inputs.at("item_bytes").get<int>();
  return {{"rcu", units("query by_other", bytes)}};
}

json transaction(const json& inputs) {
  const std::string operation = "put_transact " + inputs.at("items").dump();
  return {{"wcu", units(operation, inputs.at("item_bytes"))}};
}

using Example = std::function<json(const json&)>;

const std::map<std::string, Example>& examples() {
  static const std::map<std::string, Example> table{
      {"ddb.item8kb.eventual", one_read},
      {"ddb.get3500B", one_read},
      {"ddb.get10kb", one_read},
      {"ddb.query1500x64", query},
      {"ddb.write500B", one_write},
      {"ddb.cond_fail", failed_condition},
      {"ddb.prov.reads",
       [](const json& in) -> json {
         return {{"rcu", needed("get_strong", in.at("item_kb").get<int>() * 1024, in.at("reads_per_s"))}};
       }},
      {"ddb.prov.writes",
       [](const json& in) -> json {
         return {{"wcu", needed("put", in.at("item_bytes"), in.at("writes_per_s"))}};
       }},
      {"ddb.partition.20kb", of_one_partition},
      {"ddb.tx.3x500B", transaction},
      {"ddb.gsi.query", index_query},
      {"ddb.adaptive", adaptive},
      {"ddb.od.double", doubling},
      {"ddb.od.new",
       [](const json&) -> json {
         const TableCapacity capacity({}, 0);
         return {{"rru", capacity.limit(false) / 2}, {"wru", capacity.limit(true)}};
       }},
      {"ddb.switch.0", [](const json&) { return switched({100, 100}); }},
      {"ddb.switch.2", [](const json&) { return switched({10'000, 10'000}); }},
      {"ddb.warm.prov",
       [](const json& in) -> json {
         TableCapacityConfig config;
         config.warm.read = in.at("warm_rcu");
         config.most = {80'000, 80'000};
         config.highest_provisioned.read = in.at("set_provisioned_rcu");
         return {{"new_warm_rcu", TableCapacity(config, 0).limit(false) / 2}};
       }},
      {"ddb.decrease", decreases},
      {"ddb.price.WRU", price_of_writes},
      {"ddb.price.storage_GB", [](const json& in) { return price_of_storage(in, &TableStoreConfig::size); }},
      {"ddb.price.PITR_GB", price_of_recovery},
      {"ddb.price.backup_GB",
       [](const json& in) { return price_of_storage(in, &TableStoreConfig::backups); }},
      {"ddb.price.restore_GB",
       [](const json& in) { return price("dynamodb.restore", in, static_cast<double>(kGigabyte)); }},
      {"ddb.price.sRRU", [](const json& in) { return price("dynamodb.streams.reads", in, 1); }},
      {"ddb.price.prov.RCU", [](const json& in) { return price_of_capacity(in, false); }},
      {"ddb.price.prov.WCU77", [](const json& in) { return price_of_capacity(in, true); }},
      {"ddb.price.prov.RCU5", [](const json& in) { return price_of_capacity(in, false); }},
      {"ddb.price.prov.WCU6", [](const json& in) { return price_of_capacity(in, true); }},
  };
  return table;
}

class DynamodbCase : public ::testing::TestWithParam<json> {};

TEST_P(DynamodbCase, GivesTheFigureOfItsSource) {
  const json& example = GetParam();
  const std::string id = example.at("id");
  const json actual = examples().at(id)(example.at("inputs"));
  int compared = 0;
  for (const auto& [name, expected] : example.at("expected").items()) {
    if (expected.is_string()) continue;  // an explanation
    ASSERT_TRUE(actual.contains(name)) << id << ": " << name;
    if (name.starts_with("min_")) {
      EXPECT_GE(actual.at(name).get<double>(), expected.get<double>()) << name;
    } else {
      EXPECT_EQ(actual.at(name), expected) << name;
    }
    ++compared;
  }
  EXPECT_GE(compared, 1);
}

INSTANTIATE_TEST_SUITE_P(Examples, DynamodbCase, ::testing::ValuesIn(testing::cases_of("dynamodb.json")),
                         testing::name_of_case);

TEST(DynamodbCases, AreAllRun) {
  EXPECT_EQ(examples().size(), testing::cases_of("dynamodb.json").size());
  EXPECT_EQ(examples().size(), 28u);
}

}  // namespace
}  // namespace spillway
