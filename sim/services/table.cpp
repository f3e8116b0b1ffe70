#include "services/table.hpp"

#include <algorithm>
#include <array>

#include "engine/math.hpp"
#include "model/quotas.hpp"
#include "services/catalogue.hpp"

namespace spillway {

namespace {

constexpr std::int64_t kReadUnit = 4 * 1024;
constexpr std::int64_t kWriteUnit = 1024;
constexpr std::int64_t kLargestItem = 400 * 1024;
constexpr std::int64_t kPartitionReads = 3'000;  // units a second (burst and adaptive capacity)
constexpr std::int64_t kPartitionWrites = 1'000;
constexpr std::int64_t kPartitionBytes = std::int64_t{10} << 30;
constexpr std::int64_t kHalves = 2;                           // reads are counted in half units
constexpr std::int64_t kLargestBill = std::int64_t{1} << 60;  // one fact carries no more

constexpr std::array kOperations{
    TableOperation{"get", false, 1},
    TableOperation{"get_strong", false, 2},
    TableOperation{"get_transact", false, 4},
    TableOperation{"query", false, 1},
    TableOperation{"query_strong", false, 2},
    TableOperation{"scan", false, 1},
    TableOperation{"scan_strong", false, 2},
    TableOperation{"put", true, 1},
    TableOperation{"update", true, 1},
    TableOperation{"delete", true, 1},
    TableOperation{"put_transact", true, 2},
    TableOperation{"update_transact", true, 2},
    TableOperation{"delete_transact", true, 2},
};

std::int64_t parts(std::int64_t whole, std::int64_t part) { return (whole + part - 1) / part; }

TableThroughput::Limits limits(const TableConfig& config, bool writes) {
  const bool provisioned = config.mode == TableConfig::Mode::provisioned;
  const std::int64_t scale = writes ? 1 : kHalves;
  const std::int64_t capacity = writes ? config.write_capacity : config.read_capacity;
  const std::int64_t warm = writes ? config.warm_write : config.warm_read;
  return {.rate = scale * (provisioned ? capacity : warm),
          .burst_seconds = provisioned ? config.burst_seconds : 1,
          .burst_full = config.burst_full,
          .partition_rate = scale * (writes ? kPartitionWrites : kPartitionReads),
          .most = scale * (writes ? config.most_write : config.most_read),
          .grows = !provisioned,
          .growth_minutes = config.growth_minutes};
}

}  // namespace

std::span<const TableOperation> table_operations() { return kOperations; }

std::int64_t read_halves(std::int64_t bytes, std::int64_t factor) {
  return std::max<std::int64_t>(1, parts(bytes, kReadUnit)) * factor;
}
std::int64_t write_units(std::int64_t bytes, std::int64_t factor) {
  return std::max<std::int64_t>(1, parts(bytes, kWriteUnit)) * factor;
}

Table::Table(World& world, std::string name, TableConfig config)
    : Service(world, std::move(name)),
      config_(std::move(config)),
      reads_(limits(config_, false)),
      writes_(limits(config_, true)),
      storage_meter_(world.meter("dynamodb.storage")),
      latency_draws_(world.stream(this->name() + "/latency")),
      fault_draws_(world.stream(this->name() + "/fault")) {
  const std::string mode = config_.mode == TableConfig::Mode::provisioned ? "provisioned" : "on_demand";
  read_meter_ = world.meter("dynamodb.read." + mode);
  write_meter_ = world.meter("dynamodb.write." + mode);
  split_partitions();
}

int Table::operation(std::string_view name) const {
  const auto* const found = std::ranges::find(kOperations, name, &TableOperation::name);
  return found == kOperations.end() ? -1 : static_cast<int>(found - kOperations.begin());
}

const TableOperation& Table::operation_of(const Call& call) {
  return kOperations[world().port(PortId{call.port}).operation];
}

/// max(writes / 1,000, reads / 3,000, size / 10 GB), each rounded up: an assumption that AWS's older guides
/// made public.
void Table::split_partitions() {
  partition_count_ = config_.partitions;
  if (partition_count_ == 0) {
    partition_count_ =
        std::max({std::int64_t{1}, parts(writes_.limit(), writes_.partition_rate()),
                  parts(reads_.limit(), reads_.partition_rate()), parts(config_.size, kPartitionBytes)});
  }
  reads_.set_partitions(static_cast<std::size_t>(partition_count_));
  writes_.set_partitions(static_cast<std::size_t>(partition_count_));
}

bool Table::admit(CallId id, const TableOperation& operation) {
  const Call& call = record(id);
  const std::int64_t bytes = call.bytes > 0 ? std::int64_t{call.bytes} : config_.item_bytes;
  TableThroughput& direction = operation.writes ? writes_ : reads_;
  const bool reads_grew = reads_.advance(now());
  const bool writes_grew = writes_.advance(now());
  if (reads_grew || writes_grew) split_partitions();
  const std::int64_t units =
      operation.writes ? write_units(bytes, operation.factor) : read_halves(bytes, operation.factor);
  const std::uint64_t hash = mix_bits(journey(call.journey).key + kWeylStep);
  switch (direction.take(now(), hash, units)) {
    case TableThroughput::Verdict::table_exceeded: mark(Mark::rate_throttled); return false;
    case TableThroughput::Verdict::partition_exceeded: mark(Mark::partition_throttled); return false;
    case TableThroughput::Verdict::granted: break;
  }
  if (config_.mode == TableConfig::Mode::on_demand)
    use(operation.writes ? write_meter_ : read_meter_, units, call);
  return true;
}

void Table::on_call(CallId id) {
  const Call& call = record(id);
  const TableOperation& operation = operation_of(call);
  if (operation.writes && call.bytes > kLargestItem) return answer(id, Outcome::refused);
  if (!admit(id, operation)) return answer(id, Outcome::throttled);
  level(Gauge::concurrency, ++active_);
  Draws draws = world().draws(latency_draws_, call.journey, call.lineage);
  const Duration latency = (operation.writes ? config_.write_latency : config_.read_latency).duration(draws);
  if (latency > Duration::zero()) {
    after<&Table::served>(latency, id);
  } else {
    served(id);
  }
}

void Table::served(CallId id) {
  level(Gauge::concurrency, --active_);
  if (config_.faults <= 0 && config_.condition_failures <= 0) return answer(id, Outcome::ok);
  const Call& call = record(id);
  Draws draws = world().draws(fault_draws_, call.journey, call.lineage);
  const bool fault = draws.chance(config_.faults);
  const bool fails = draws.chance(config_.condition_failures) && operation_of(call).writes;
  answer(id, fault ? Outcome::fault : fails ? Outcome::refused : Outcome::ok);
}

/// The part of `per_second` x the time since the start that falls after `from`; rounding does not add up.
void Table::bill_time(MeterId meter, std::int64_t per_second, Time from) {
  const auto total = [per_second](Time at) {
    return Int128{per_second} * at.time_since_epoch().count() / 1'000'000'000;
  };
  for (Int128 left = total(now()) - total(from); left > 0; left -= kLargestBill) {
    use(meter, static_cast<std::int64_t>(std::min<Int128>(left, kLargestBill)));
  }
}

void Table::account() {
  if (config_.mode == TableConfig::Mode::provisioned) {
    bill_time(read_meter_, config_.read_capacity, accounted_);
    bill_time(write_meter_, config_.write_capacity, accounted_);
  }
  bill_time(storage_meter_, config_.size, accounted_);
  accounted_ = now();
}

// ---- Settings
// -----------------------------------------------------------------------------------------------------

namespace {

Setting capacity(std::string_view name, std::string_view help, std::string_view reads,
                 std::string_view writes, std::string_view source) {
  return object(name, help,
                {count("read", "Read units a second.").fallback(reads).at_least(1),
                 count("write", "Write units a second.").fallback(writes).at_least(1)})
      .source(source);
}

constexpr std::string_view kGuide = "Amazon DynamoDB Developer Guide, 2026-04-13";
constexpr std::string_view kLatency = "assumption: AWS says single-digit milliseconds";

}  // namespace

Settings describe_table() {
  return {
      choice("mode", "How capacity is bought: by request, or provisioned by the hour.",
             {"on_demand", "provisioned"})
          .fallback("on_demand"),
      capacity("capacity", "What is provisioned.", quota("dynamodb.provisioned.console_minimum"),
               quota("dynamodb.provisioned.console_minimum"), "the console's minimum"),
      capacity("warm_throughput", "What a table on demand serves at once, before any growth.",
               quota("dynamodb.on_demand.read"), quota("dynamodb.on_demand.write"), kGuide),
      capacity("quota", "What one table may do at most.", quota("dynamodb.table.read"),
               quota("dynamodb.table.write"), kGuide),
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
      count("partitions", "Among how many partitions the keys are spread.")
          .fallback("automatic")
          .words({"automatic"})
          .between(1, 100'000)
          .source("assumption: writes / 1,000, reads / 3,000 or size / 10 GB, whichever is most"),
      bytes("size", "What the table stores.").fallback("0B"),
      bytes("item_size", "The size of an item where the request does not say.")
          .fallback("1KiB")
          .between(1, 400 * 1024)
          .source("assumption"),
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
  TableConfig config;
  config.mode = settings["mode"].choice<TableConfig::Mode>();
  config.read_capacity = settings["capacity"]["read"].count();
  config.write_capacity = settings["capacity"]["write"].count();
  config.warm_read = settings["warm_throughput"]["read"].count();
  config.warm_write = settings["warm_throughput"]["write"].count();
  config.most_read = settings["quota"]["read"].count();
  config.most_write = settings["quota"]["write"].count();
  config.growth_minutes = settings["growth_after"].duration() / 1min;
  config.burst_seconds = settings["burst"].duration() / 1s;
  config.burst_full = settings["burst_at_start"].boolean();
  if (!settings["partitions"].is_word()) config.partitions = settings["partitions"].count();
  config.size = settings["size"].bytes();
  config.item_bytes = settings["item_size"].bytes();
  config.read_latency = settings["read_latency"].distribution();
  config.write_latency = settings["write_latency"].distribution();
  config.condition_failures = settings["condition_failures"].probability();
  config.faults = settings["faults"].probability();
  return wiring.world().add<Table>(std::move(name), std::move(config));
}

void connect_table(Wiring&, Service&, const Value&) {}

}  // namespace spillway
