// How a scenario describes a DynamoDB table and its indexes, and how they are made and connected.

#include <fmt/format.h>

#include "model/quotas.hpp"
#include "services/catalogue.hpp"
#include "services/table.hpp"

namespace spillway {

namespace {

constexpr std::string_view kGuide = "Amazon DynamoDB Developer Guide, 2026-04-13";
constexpr std::string_view kLatency = "assumption: AWS says single-digit milliseconds";
constexpr int kLargestItem = 400 * 1024;

Setting units(std::string_view name, std::string_view help, std::string_view reads, std::string_view writes,
              std::string_view source, double least = 1) {
  return object(name, help,
                {count("read", "Read units a second.").fallback(reads).at_least(least),
                 count("write", "Write units a second.").fallback(writes).at_least(least)})
      .source(source);
}

TableUnits units_of(const Value& value) { return {value["read"].count(), value["write"].count()}; }

// ---- Auto scaling

Setting describe_scaling(std::string_view name, std::string_view help) {
  return object(name, help,
                {count("min", "Capacity is not lowered below.")
                     .fallback(quota("dynamodb.provisioned.console_minimum"))
                     .at_least(1),
                 count("max", "Capacity is not raised above.")
                     .fallback(quota("dynamodb.table.read"))
                     .at_least(1),
                 probability("target", "The part of the capacity that is meant to be consumed.")
                     .fallback(quota("dynamodb.autoscaling.target"))
                     .between(0.2, 0.9)
                     .source(kGuide),
                 duration("scale_out_cooldown", "How long after a rise no other begins.")
                     .fallback("0s")
                     .at_least(0s),
                 duration("scale_in_cooldown", "How long after a fall no other begins.")
                     .fallback("0s")
                     .at_least(0s),
                 list("schedule", "Bounds that hold from a time on, in its order.",
                      object("bounds", "From a time on.",
                             {duration("at", "Since the start of the run.").required().at_least(0s),
                              count("min", "Capacity is not lowered below.").required().at_least(1),
                              count("max", "Capacity is not raised above.").required().at_least(1)}))
                     .fallback("[]")})
      .optional();
}

Setting describe_autoscaling() {
  return object(
             "autoscaling", "Target tracking of provisioned capacity; what is not given does not scale.",
             {describe_scaling("read", "Of read capacity."), describe_scaling("write", "Of write capacity."),
              duration("alarm_delay", "How long an alarm takes to trigger after its last minute.")
                  .fallback("1m")
                  .between(0s, 1h)
                  .source("assumption: the guide says up to a few minutes"),
              duration("update_time", "How long a change of capacity takes; until then the old one holds.")
                  .fallback("2m")
                  .between(0s, 1h)
                  .source("assumption: the guide says several minutes")})
      .optional();
}

std::optional<TableScalingConfig> scaling(const Value& settings, std::string_view direction) {
  if (!settings.is_set() || !settings[direction].is_set()) return std::nullopt;
  const Value& own = settings[direction];
  TableScalingConfig config{
      .least = own["min"].count(),
      .most = std::max(own["min"].count(), own["max"].count()),
      .target_millis = static_cast<std::int64_t>(own["target"].probability() * 1000 + 0.5),
      .alarm_delay = settings["alarm_delay"].duration(),
      .update_time = settings["update_time"].duration(),
      .in_cooldown = own["scale_in_cooldown"].duration(),
      .out_cooldown = own["scale_out_cooldown"].duration()};
  for (const Value& bounds : own["schedule"].items()) {
    const std::int64_t least = bounds["min"].count();
    config.schedule.push_back({bounds["at"].duration(), least, std::max(least, bounds["max"].count())});
  }
  return config;
}

// ---- What tables and indexes have in common

Setting describe_capacity() {
  return units("capacity", "What is provisioned.", quota("dynamodb.provisioned.console_minimum"),
               quota("dynamodb.provisioned.console_minimum"), "the console's minimum");
}
Setting describe_warm() {
  return units("warm_throughput", "What is served at once on demand, before any growth.",
               quota("dynamodb.on_demand.read"), quota("dynamodb.on_demand.write"), kGuide);
}
Setting describe_maximum() {
  const auto direction = [](std::string_view name, std::string_view help) {
    return count(name, help).fallback("unlimited").words({"unlimited"}).at_least(1);
  };
  return object("maximum", "What the owner allows on demand, to bound the cost.",
                {direction("read", "Read units a second."), direction("write", "Write units a second.")});
}
Setting describe_peak() {
  return units("previous_peak",
               "The highest minute on demand before the run: twice as much is served at once.", "0", "0",
               kGuide, 0);
}
Setting describe_partitions() {
  return count("partitions", "Among how many partitions the keys are spread.")
      .fallback("automatic")
      .words({"automatic"})
      .between(1, 100'000)
      .source("assumption: writes / 1,000, reads / 3,000 or size / 10 GB, whichever is most");
}

TableUnits maximum(const Value& settings) {
  TableUnits most = TableCapacityConfig{}.maximum;
  if (!settings["read"].is_word()) most.read = settings["read"].count();
  if (!settings["write"].is_word()) most.write = settings["write"].count();
  return most;
}

/// The settings that a table and an index both have.
void read_capacity(TableCapacityConfig& config, const Value& settings) {
  config.capacity = units_of(settings["capacity"]);
  config.warm = units_of(settings["warm_throughput"]);
  config.peak = units_of(settings["previous_peak"]);
  config.maximum = maximum(settings["maximum"]);
  config.partitions = settings["partitions"].is_word() ? 0 : settings["partitions"].count();
  config.read_scaling = scaling(settings["autoscaling"], "read");
  config.write_scaling = scaling(settings["autoscaling"], "write");
}

Setting describe_indexes() {
  return map(
      "indexes", "Its global secondary indexes, by name: they are written with it, and may be queried.",
      object(
          "index", "One global secondary index.",
          {describe_capacity(), describe_warm(), describe_maximum(), describe_peak(), describe_partitions(),
           describe_autoscaling(),
           bytes("entry_size", "What is projected of an item; unset: all of it.").between(1, kLargestItem),
           count("keys", "How many values its key has.")
               .fallback("each_item")
               .words({"each_item"})
               .at_least(1),
           probability("has_key", "The share of items that have its key, and so an entry.").fallback("1"),
           probability("key_changes", "The share of updates that change its key: two writes.").fallback("0"),
           probability("projected_changes",
                       "The share of other updates that change what is projected: one write, else none.")
               .fallback("1"),
           bytes("size", "What it stores.").fallback("0B")}));
}

Setting describe_time_to_live() {
  return object("time_to_live", "Added items expire, and are deleted at no cost.",
                {duration("after", "How long after it was added an item expires.").required().at_least(0s),
                 duration("deleted_within", "How long after its expiry it is deleted.")
                     .fallback("48h")
                     .at_least(0s)
                     .source("assumption: the guide says within a few days")})
      .shorthand("after")
      .optional();
}

TableStoreConfig store_config(const Value& settings) {
  TableStoreConfig config;
  TableCapacityConfig& capacity = config.capacity;
  read_capacity(capacity, settings);
  capacity.mode = settings["mode"].choice<TableCapacityConfig::Mode>();
  capacity.highest_provisioned = units_of(settings["highest_provisioned"]);
  capacity.most = units_of(settings["quota"]);
  config.account = units_of(settings["account_quota"]);
  capacity.growth_minutes = settings["growth_after"].duration() / 1min;
  capacity.burst_seconds = settings["burst"].duration() / 1s;
  capacity.burst_full = settings["burst_at_start"].boolean();
  if (!settings["split_after"].is_word()) capacity.split_after = settings["split_after"].duration();
  config.size = settings["size"].bytes();
  const Value& life = settings["time_to_live"];
  if (life.is_set()) config.lives = life["after"].duration() + life["deleted_within"].duration();
  config.point_in_time_recovery = settings["point_in_time_recovery"].boolean();
  config.backups = settings["backups"].bytes();
  return config;
}

/// An index has the table's mode, quota and burst.
TableIndexConfig index_config(const Value& table, const Value& settings) {
  TableIndexConfig config{.store = store_config(table)};
  read_capacity(config.store.capacity, settings);
  config.store.capacity.highest_provisioned = {};
  config.store.size = settings["size"].bytes();
  config.store.point_in_time_recovery = false;
  config.store.backups = 0;
  if (settings["entry_size"].is_set()) config.entry_bytes = settings["entry_size"].bytes();
  if (!settings["keys"].is_word()) config.keys = settings["keys"].count();
  config.has_key = settings["has_key"].probability();
  config.key_changes = settings["key_changes"].probability();
  config.projected_changes = settings["projected_changes"].probability();
  return config;
}

}  // namespace

Settings describe_table() {
  return {
      choice("mode", "How capacity is bought: by request, or provisioned by the hour.",
             {"on_demand", "provisioned"})
          .fallback("on_demand"),
      describe_capacity(),
      describe_autoscaling(),
      describe_warm(),
      describe_peak(),
      units("highest_provisioned",
            "What the table on demand was ever provisioned with: it is served at once.", "0", "0", kGuide, 0),
      describe_maximum(),
      units("quota", "What one table or index may do at most.", quota("dynamodb.table.read"),
            quota("dynamodb.table.write"), kGuide),
      units("account_quota",
            "What all provisioned tables and indexes may have together: auto scaling goes no further.",
            quota("dynamodb.account.read"), quota("dynamodb.account.write"), kGuide),
      duration("growth_after",
               "How long ago a peak must lie before a table on demand serves twice as much; 0s: at once.")
          .fallback(quota("dynamodb.on_demand.growth_window"))
          .between(0s, 24h)
          .source("Amazon DynamoDB Developer Guide, 2026-04-13, in its cautious reading; counted in whole "
                  "minutes"),
      duration("burst", "How long unused provisioned capacity is kept.")
          .fallback(quota("dynamodb.burst"))
          .between(1s, 1h)
          .source(kGuide),
      boolean("burst_at_start", "Whether the capacity of the time before the run was left unused.")
          .fallback("true")
          .source("assumption"),
      describe_partitions(),
      duration("split_after", "How long a partition must be too hot before it is split.")
          .fallback("10m")
          .words({"never"})
          .between(1s, 24h)
          .source("assumption: AWS says minutes, and nothing else"),
      choice(
          "sort_key",
          "Among what the requests about one key spread: nothing, its sort keys, or one that moves on with "
          "time. Only a spread can be split, and not with a local index.",
          {"none", "spread", "moving"})
          .fallback("none"),
      bytes("size", "What the table stores at the start.").fallback("0B"),
      bytes("item_size", "The size of an item where the request does not say.")
          .fallback("1KiB")
          .between(1, kLargestItem)
          .source("assumption"),
      probability("new_items", "The share of puts that add an item; above 0, deletes take one away.")
          .fallback("0")
          .source("assumption: the size stays as it is"),
      describe_time_to_live(),
      boolean("point_in_time_recovery", "Whether it is backed up continuously.").fallback("false"),
      bytes("backups", "What backups on demand store.").fallback("0B"),
      describe_indexes(),
      distribution("read_latency", "How long a read takes.")
          .fallback("{ lognormal: { median: 3.5ms, p99: 12ms } }")
          .source(kLatency),
      distribution("write_latency", "How long a write takes.")
          .fallback("{ lognormal: { median: 4ms, p99: 15ms } }")
          .source(kLatency),
      probability("condition_failures",
                  "The share of writes whose condition does not hold: refused, and billed.")
          .fallback("0"),
      probability("faults", "The share of requests that end in an internal error.").fallback("0"),
  };
}

Service& make_table(Wiring& wiring, std::string name, const Value& settings) {
  TableConfig config{.store = store_config(settings)};
  if (settings["indexes"].is_set()) {
    for (const auto& [index, unused] : settings["indexes"].members()) config.indexes.push_back(index);
  }
  config.keys_spread = settings["sort_key"].text() == "spread";
  config.item_bytes = settings["item_size"].bytes();
  config.new_items = settings["new_items"].probability();
  config.read_latency = settings["read_latency"].distribution();
  config.write_latency = settings["write_latency"].distribution();
  config.condition_failures = settings["condition_failures"].probability();
  config.faults = settings["faults"].probability();
  return wiring.world().add<Table>(std::move(name), std::move(config));
}

void connect_table(Wiring& wiring, Service& service, const Value& settings) {
  if (!settings["indexes"].is_set()) return;
  auto& table = static_cast<Table&>(service);
  for (const auto& [name, index] : settings["indexes"].members()) {
    table.add_index(wiring.world().add<TableIndex>(fmt::format("{}/{}", table.name(), name),
                                                   index_config(settings, index)));
  }
}

}  // namespace spillway
