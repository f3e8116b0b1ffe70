// The provider's own examples for AWS Lambda, each run through the model: a small world, or what a small
// world used, priced. cases/lambda.json carries inputs, expected results and sources; here stands how each
// kind of example is put to the model.

#include <gtest/gtest.h>

#include <cmath>

#include "conformance/cases.hpp"
#include "observe/ledger.hpp"
#include "observe/prices.hpp"
#include "support/one_function.hpp"

namespace spillway {
namespace {

using testing::at;
using testing::computing;
using testing::fixed;
using testing::OneFunction;
using Json = testing::Case;

Duration seconds(const Json& value) { return Duration{std::llround(value.get<double>() * 1e9)}; }
Duration milliseconds(const Json& value) { return Duration{std::llround(value.get<double>() * 1e6)}; }

std::int64_t throttles(const OneFunction& one) { return one.answered(Outcome::throttled); }

// ---- Concurrency ---------------------------------------------------------------------------------------

/// Requests at an even rate for a while. Each ends a nanosecond early, so that it has left when the next one
/// comes.
struct Steady : OneFunction {
  Steady(const Json& in, std::int64_t account)
      : OneFunction({.account_concurrency = account}, seconds(in["duration_s"]) - 1ns),
        work(seconds(in["duration_s"]) - 1ns) {
    send_evenly(in["rps"].get<int>(), 0s, 2s);
    run(3s);
  }
  /// The average in the second second, when as many requests end as begin.
  double concurrency() const {
    Int128 area = 0;
    std::int64_t level = 0;
    Time since = at(1s);
    const auto until = [&](Time now) {
      const Time end = std::min(now, at(2s));
      if (end > since) area += Int128{level} * (end - since).count();
      since = std::max(since, end);
    };
    for (const Fact& fact : log.facts) {
      if (fact.kind != FactKind::levelled || fact.subject != static_cast<std::uint32_t>(Gauge::concurrency))
        continue;
      until(fact.at);
      level = fact.value;
    }
    until(at(2s));
    return static_cast<double>(area) / 1e9;
  }
  std::int64_t served_in_second(int second) const {
    std::int64_t count = 0;
    for (const auto& answer : probe->answers) {
      const Duration sent = answer.when - work - kStart;
      count += answer.outcome == Outcome::ok && sent >= Duration{1s} * second &&
               sent < Duration{1s} * (second + 1);
    }
    return count;
  }

  Duration work;
};

constexpr double kRounding = 1e-4;  // the nanoseconds that requests end early

void concurrency(const Json& in, const Json& out) {
  EXPECT_NEAR(Steady(in, 1000).concurrency(), out["concurrency"].get<double>(), kRounding);
}

/// With the limit that the example asks for, all are served; with one less, some are not.
void concurrency_limit(const Json& in, const Json& out) {
  const auto needed = out["limit_needed"].get<std::int64_t>();
  const Steady enough(in, needed);
  EXPECT_EQ(throttles(enough), 0);
  EXPECT_NEAR(enough.concurrency(), out["concurrency"].get<double>(), kRounding);
  EXPECT_GT(throttles(Steady(in, needed - 1)), 0);
  if (!in.contains("account_limit")) return;
  const Steady short_of(in, in["account_limit"].get<std::int64_t>());
  EXPECT_EQ(throttles(short_of) > 0, out["throttled"].get<bool>());
  EXPECT_EQ(short_of.served_in_second(0), out["rps_cap"].get<std::int64_t>());
  EXPECT_EQ(short_of.served_in_second(1), out["rps_cap"].get<std::int64_t>());
}

/// Requests of a while, in minutes, under the burst limits before November 2023: a bucket of `burst`
/// environments that fills by `per_min`. (It counts in thousandths of a token: so minutes begin a little
/// late.)
void legacy_burst(const Json& in, const Json& out) {
  const auto burst = in["burst"].get<std::int64_t>();
  const auto minutes = in["minutes"].get<int>();
  OneFunction one({.timeout = 60s,
                   .scaling_environments = burst,
                   .scaling_period = Duration{60s} * burst / in["per_min"].get<std::int64_t>(),
                   .account_concurrency = in["account_limit"].get<std::int64_t>()},
                  30s);
  for (int minute = 0; minute < minutes; ++minute)
    one.send(in["total_sync"].get<int>() / minutes, at(minute * (60s + 50ms)));
  one.start();
  std::vector<std::int64_t> by_minute;
  std::int64_t before = 0;
  for (int minute = 0; minute < minutes; ++minute) {
    one.run_on(minute * 60s + 59s);
    by_minute.push_back(throttles(one) - before);
    before = throttles(one);
  }
  EXPECT_EQ(by_minute, out["throttled_by_minute"].get<std::vector<std::int64_t>>());
}

/// Ten requests of which each finds at most one idle environment, so that it is clear which one it uses.
void env_trace(const Json& in, const Json& out) {
  OneFunction one({.init = fixed(50ms)}, 100ms);
  // A to E are idle again from 150, 151, 152, 153 and 154 ms on.
  const std::vector<Duration> sent{0ms, 1ms, 2ms, 3ms, 4ms, 150500us, 151500us, 152500us, 152700us, 153500us};
  ASSERT_EQ(sent.size(), in["requests"].get<std::size_t>());
  for (const Duration when : sent) one.send(1, at(when));
  one.run(1s);
  std::vector<std::size_t> cold;
  for (std::size_t number = 0; number < sent.size(); ++number) {
    for (const auto& answer : one.probe->answers) {
      if (answer.number == number && answer.waits.cold > Duration::zero()) cold.push_back(number + 1);
    }
  }
  EXPECT_EQ(cold, out["cold_requests"].get<std::vector<std::size_t>>());
  EXPECT_EQ(one.function->environments(), out["envs_total"].get<std::int64_t>());
  for (const auto& [request, environment] : out["reuse"].items()) {
    // The one that has just become idle: its own request was answered less than a millisecond ago.
    const auto owner = static_cast<std::size_t>(environment.get<std::string>()[0] - 'A');
    const Time idle = one.probe->answers[owner].when;
    const Time now = at(sent[std::stoul(request) - 1]);
    EXPECT_TRUE(idle < now && now - idle < 1ms) << request;
  }
}

// ---- Provisioned concurrency ---------------------------------------------------------------------------

void provisioned(const Json& in, const Json& out) {
  if (out.contains("suggested_pc")) {  // enough for the peak and its buffer, and no more
    const auto suggested = out["suggested_pc"].get<std::int64_t>();
    for (const std::int64_t one_more : {0, 1}) {
      OneFunction one({.provisioned = ProvisionedConfig{.environments = suggested}});
      const double peak = in["peak"].get<double>() * (1 + in["buffer"].get<double>());
      one.send(static_cast<int>(std::lround(peak) + one_more));
      one.run(1s);
      EXPECT_EQ(one.log.marks(Mark::spilled_over), one_more);
    }
    return;
  }
  const auto account = in["account_limit"].get<std::int64_t>();
  const auto kept = in["orange"]["pc"].get<std::int64_t>();
  OneFunction orange({.account_concurrency = account, .provisioned = ProvisionedConfig{.environments = kept}},
                     2s);
  auto& blue = orange.world.add<Function>("blue", FunctionConfig{.account_concurrency = account});
  blue.set_program(computing(2s));
  const PortId to_blue = orange.world.connect(orange.probe->id(), blue.id());
  orange.send(static_cast<int>(kept));
  for (std::int64_t i = 0; i < account; ++i) orange.probe->send_at(at(100ms), to_blue);
  orange.send(1, at(200ms));
  orange.run(10s);
  EXPECT_EQ(orange.peak(Gauge::provisioned_in_use), out["pc_served"].get<std::int64_t>());
  EXPECT_EQ(orange.answered(Outcome::ok) - kept, out["unreserved_pool"].get<std::int64_t>());
  EXPECT_EQ(orange.answered(Outcome::ok), out["account_throttles_at"].get<std::int64_t>());
  EXPECT_EQ(orange.outcome(static_cast<std::size_t>(kept + account)), Outcome::throttled);
}

void provisioned_allocation(const Json& in, const Json& out) {
  ProvisionedConfig config{.schedule = {{.at = 0s, .environments = in["request"].get<std::int64_t>()}},
                           .environments_per_minute = in["rate_per_min"].get<std::int64_t>()};
  const Duration preparation = config.preparation;
  EXPECT_GE(preparation, seconds(out["prep_s"][0]));
  EXPECT_LE(preparation, seconds(out["prep_s"][1]));
  OneFunction one({.account_concurrency = 10'000, .provisioned = std::move(config)});
  one.start();
  const Duration complete = preparation + seconds(out["alloc_s_after_prep"]);
  one.run_on(complete - 1ns);
  EXPECT_EQ(one.function->provisioned(), out["usable_before_complete"].get<std::int64_t>());
  one.run_on(complete + 1ns);
  EXPECT_EQ(one.function->provisioned(), in["request"].get<std::int64_t>());
}

// ---- Bills ---------------------------------------------------------------------------------------------

void billed_duration(const Json& in, const Json& out) {
  FunctionConfig config{.memory_mib = 128, .timeout = 900s};
  Duration work = milliseconds(in["duration_ms"]);
  if (in.value("init_rerun_in_invoke", false)) {
    config.init = fixed(11s);  // broken off after ten seconds, and run again inside the invocation
    work -= 11s;
  } else {
    config.init = fixed(milliseconds(in["init_ms"]));
  }
  OneFunction one(std::move(config), work);
  one.send(1);
  one.run(60s);
  EXPECT_EQ(one.used("lambda.duration.x86") / 128, out["billed_ms"].get<std::int64_t>());
}

/// What the invocations of a small world used, so many times over.
struct Usages {
  void add(OneFunction& one, std::int64_t times, const std::vector<std::string_view>& by_time = {}) {
    for (const std::string& meter : one.world.meters()) {
      const bool once = std::ranges::find(by_time, meter) != by_time.end();
      add(meter, Quantity(one.used(meter)) * static_cast<Quantity>(once ? 1 : times));
    }
  }
  void add(const std::string& meter, Quantity quantity) {
    rows.push_back({.resource = "fn", .meter = meter, .quantity = quantity});
  }
  std::map<std::string, Money> month(const PriceList& prices, bool free_tier) const {
    const auto bill = make_bill(rows, prices, {.horizon = kBillingMonth, .free_tier = free_tier});
    EXPECT_TRUE(bill) << bill.error().front();
    std::map<std::string, Money> lines;
    for (const BillLine& line : bill->lines) lines[line.meter] += line.cost.month;
    return lines;
  }

  std::vector<Usage> rows;
};

/// The lines of an example and the meters that they are about.
const std::map<std::string, std::string>& meters_of_lines() {
  static const std::map<std::string, std::string> meters{{"compute", "lambda.duration.x86"},
                                                         {"requests", "lambda.requests"},
                                                         {"ephemeral", "lambda.ephemeral_storage"},
                                                         {"pc", "lambda.provisioned_concurrency.x86"},
                                                         {"pc_duration", "lambda.provisioned_duration.x86"}};
  return meters;
}

std::string cents(const Json& amount) { return Money::parse(amount.dump()).value().rounded(); }

void expect_lines(const std::map<std::string, Money>& bill, const Json& out,
                  const std::map<std::string, std::string>& meters) {
  for (const auto& [line, amount] : out["lines"].items())
    EXPECT_EQ(bill.at(meters.at(line)).rounded(), cents(amount)) << line;
}

PriceList prices_of(const Json& in) {
  if (!in.contains("gbs_price")) return built_in_prices();
  return parse_prices(R"({"extends": "us-east-1", "meters": {"lambda.duration.x86":
                          {"tiers": [[null, "0.00001667"]]}}})",
                      "an older copy of the pricing page")
      .value();
}

void tiers(const Json& in, const Json& out) {
  OneFunction one({.memory_mib = 1024, .arm = true}, 1s);  // one GB-second
  one.send(1);
  one.run(10s);
  const auto cost_of = [&](std::int64_t gb_seconds) {
    Usages usages;
    usages.add(one, gb_seconds);
    return usages.month(built_in_prices(), false).at("lambda.duration.arm");
  };
  const Money first = cost_of(7'500'000'000);
  const Money second = cost_of(18'750'000'000);
  const Money whole = cost_of(in["gb_s"].get<std::int64_t>());
  EXPECT_EQ(first.rounded(), cents(out["lines"]["t1"]));
  EXPECT_EQ((second - first).rounded(), cents(out["lines"]["t2"]));
  EXPECT_EQ((whole - second).rounded(), cents(out["lines"]["t3"]));
}

/// A function with provisioned concurrency for some hours, and requests beyond it.
void provisioned_price(const Json& in, const Json& out) {
  const auto memory = in["memory_mb"].get<std::int64_t>();
  const Duration hours = 1h * in["pc_hours"].get<int>();
  OneFunction on_provisioned(
      {.memory_mib = memory,
       .provisioned = ProvisionedConfig{.schedule = {{.at = 0s, .environments = in["pc"].get<std::int64_t>()},
                                                     {.at = hours, .environments = 0}}}},
      milliseconds(in["on_pc"]["duration_ms"]));
  on_provisioned.send(1, at(1h));
  on_provisioned.run(24h);
  OneFunction spilled({.memory_mib = memory}, milliseconds(in["spill"]["duration_ms"]));
  spilled.send(1);
  spilled.run(1h);
  Usages usages;
  usages.add(on_provisioned, in["on_pc"]["requests"].get<std::int64_t>(),
             {"lambda.provisioned_concurrency.x86"});
  usages.add(spilled, in["spill"]["requests"].get<std::int64_t>());
  expect_lines(usages.month(built_in_prices(), true), out, meters_of_lines());
}

/// The durable function's own operations are no part of the model: its meters are priced as they stand.
void durable_price(const Json& in, const Json& out) {
  const auto executions = in["executions"].get<std::int64_t>();
  OneFunction one({.memory_mib = in["memory_mb"].get<std::int64_t>(), .arm = true, .timeout = 900s},
                  seconds(in["active_s"]) / in["invocations"].get<std::int64_t>());
  one.send(in["invocations"].get<int>());
  one.run(1h);
  const Quantity gb = Quantity{1} << 30;
  const auto written = in["gb_written"].get<std::uint64_t>() * gb;
  const auto days = in["wait_days"].get<std::uint64_t>() + in["retention_days"].get<std::uint64_t>();
  Usages usages;
  usages.add(one, executions);
  usages.add("lambda.durable.operations", Quantity(executions) * in["operations"].get<std::uint64_t>());
  usages.add("lambda.durable.written", written);
  usages.add("lambda.durable.retained", written * 730 * 3600 * days / 30);  // the example's month has 30 days
  expect_lines(usages.month(built_in_prices(), true), out,
               {{"compute", "lambda.duration.arm"},
                {"requests", "lambda.requests"},
                {"operations", "lambda.durable.operations"},
                {"written", "lambda.durable.written"},
                {"retained", "lambda.durable.retained"}});
}

void price(const Json& in, const Json& out) {
  if (in.contains("gb_s")) return tiers(in, out);
  if (in.contains("pc")) return provisioned_price(in, out);
  if (in.contains("executions")) return durable_price(in, out);
  OneFunction one({.memory_mib = in["memory_mb"].get<std::int64_t>(),
                   .billed_storage_mib = in.value("ephemeral_mb", std::int64_t{512}) - 512},
                  milliseconds(in["duration_ms"]));
  one.send(1);
  one.run(1h);
  Usages usages;
  usages.add(one, in["requests"].get<std::int64_t>());
  expect_lines(usages.month(prices_of(in), in["free_tier"].get<bool>()), out, meters_of_lines());
}

// ---- The cases -----------------------------------------------------------------------------------------

const testing::Runs& kinds() {
  static const testing::Runs kinds{
      {"concurrency", concurrency},         {"concurrency_limit", concurrency_limit},
      {"legacy_burst", legacy_burst},       {"env_trace", env_trace},
      {"provisioned", provisioned},         {"provisioned_alloc", provisioned_allocation},
      {"billed_duration", billed_duration}, {"price", price}};
  return kinds;
}

class LambdaCases : public ::testing::TestWithParam<Json> {};

TEST_P(LambdaCases, ComeOutAsTheProviderSays) { testing::run_case(kinds(), "kind", GetParam()); }

INSTANTIATE_TEST_SUITE_P(Lambda, LambdaCases, ::testing::ValuesIn(testing::cases_of("lambda.json")),
                         testing::name_of_case);

}  // namespace
}  // namespace spillway
