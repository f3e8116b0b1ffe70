#include "services/function_options.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "formats/power_tuning.hpp"
#include "model/quotas.hpp"

namespace spillway {

namespace {

constexpr auto kAsync = "Lambda Developer Guide, asynchronous invocation";
constexpr auto kProvisioned = "Lambda Developer Guide, provisioned concurrency";
constexpr auto kScaling = "Application Auto Scaling, target tracking of provisioned concurrency";

constexpr std::int64_t kMemoryOfOneCpu = 1769;   // MB: CPU grows with memory (Lambda Developer Guide, quotas)
constexpr std::int64_t kAlwaysUnreserved = 100;  // of the account's concurrency (Lambda Developer Guide)

}  // namespace

// ---- Asynchronous invocation --------------------------------------------------------------------------

Setting describe_async() {
  const std::vector<std::string> destinations{"aws.sqs.queue", "aws.lambda.function"};
  return object(
      "asynchronous", "What becomes of events, which the operation 'invoke_async' brings.",
      {count("maximum_retry_attempts", "How often an event is tried again after a function error.")
           .fallback(quota("lambda.async.retry_attempts.default"))
           .between(0, 2)
           .source(kAsync),
       duration("maximum_event_age", "An event that is older is given up.")
           .fallback(quota("lambda.async.event_age.default"))
           .between(60s, 6h)
           .source(kAsync),
       reference("on_success", "Where a record of each event that succeeded is sent.").of_types(destinations),
       reference("on_failure", "Where a record of each event that was given up is sent.")
           .of_types(destinations),
       reference("dead_letter_queue", "Where the events themselves are sent that were given up.")
           .of_types({"aws.sqs.queue"}),
       probability("duplicates", "How likely an event is delivered twice, as it may be.")
           .fallback("0")
           .between(0, 1)
           .source("assumption: AWS says that it happens, and not how often"),
       distribution("delivery_latency", "From accepting an event to the start of its first invocation.")
           .fallback("0s")
           .source("assumption: AWS publishes no figure")});
}

AsyncConfig async_config(Wiring& wiring, const Value& settings) {
  AsyncConfig config{.maximum_retries = static_cast<std::int32_t>(settings["maximum_retry_attempts"].count()),
                     .maximum_age = settings["maximum_event_age"].duration(),
                     .duplicates = settings["duplicates"].probability(),
                     .delivery_latency = settings["delivery_latency"].distribution()};
  const auto named = [&](const char* name, std::optional<ServiceId>& service) {
    if (settings[name].is_set()) service = wiring.service(settings[name]);
  };
  named("on_success", config.on_success);
  named("on_failure", config.on_failure);
  named("dead_letter_queue", config.dead_letters);
  return config;
}

// ---- Provisioned concurrency --------------------------------------------------------------------------

Setting describe_provisioned() {
  return object(
             "provisioned_concurrency", "Environments that are initialised ahead of demand.",
             {count("environments", "How many stand ready when the simulation begins.")
                  .fallback("0")
                  .at_least(0)
                  .source(kProvisioned),
              duration("preparation", "Before the allocation of more environments begins.")
                  .fallback(quota("lambda.provisioned.preparation"))
                  .source("assumption: documented as a minute or two"),
              count("environments_per_minute", "How fast they are allocated; none is usable before all are.")
                  .fallback(quota("lambda.provisioned.environments_per_minute"))
                  .at_least(1)
                  .source(kProvisioned),
              list("schedule", "Scheduled actions.",
                   object(
                       "change", "One of them.",
                       {duration("at", "When, from the start of the simulation.").required().at_least(0s),
                        count("environments", "How many there are to be from then on; 0 turns it off.")
                            .required()
                            .at_least(0),
                        duration("every", "It happens again each time that this has passed.").at_least(1s)})),
              object("autoscaling", "Target tracking of the share that is in use.",
                     {count("minimum", "Never fewer environments.").required().at_least(1),
                      count("maximum", "Never more environments.").required().at_least(1),
                      probability("target", "The share in use that is aimed at.")
                          .fallback("0.7")
                          .between(0.1, 0.9)
                          .source(kScaling)})
                  .optional()})
      .shorthand("environments")
      .optional();
}

std::optional<ProvisionedConfig> provisioned_config(const Value& settings) {
  if (!settings.is_set()) return std::nullopt;
  ProvisionedConfig config{.environments = settings["environments"].count(),
                           .preparation = settings["preparation"].duration(),
                           .environments_per_minute = settings["environments_per_minute"].count()};
  for (const Value& change : settings["schedule"].items()) {
    config.schedule.push_back({.at = change["at"].duration(),
                               .environments = change["environments"].count(),
                               .every = change["every"].is_set() ? change["every"].duration() : Duration{}});
  }
  const Value& scaling = settings["autoscaling"];
  if (scaling.is_set()) {
    config.scaling = {
        .minimum = scaling["minimum"].count(),
        .maximum = std::max(scaling["minimum"].count(), scaling["maximum"].count()),
        .target_permille = static_cast<std::int64_t>(scaling["target"].probability() * 1000 + 0.5)};
    config.environments = std::clamp(config.environments, config.scaling->minimum, config.scaling->maximum);
  }
  return config;
}

// ---- SnapStart ----------------------------------------------------------------------------------------

Setting describe_snap_start() {
  return object("snap_start", "New environments are restored from a snapshot in place of INIT.",
                {distribution("restore", "How long that takes; at most 10 s, then the invocation fails.")
                     .fallback("{ quantiles: { p50: 638ms, p90: 751ms, p99: 890ms } }")
                     .source("measured: hello-world in Java 21 at 1,024 MB, end of 2024, lambda-perf"),
                 boolean("billed",
                         "Whether the snapshot and the restores are billed; unset: unless the "
                         "runtime is Java's.")
                     .source("Lambda pricing, 2026")})
      .optional();
}

std::optional<SnapStartConfig> snap_start_config(const Value& settings, std::string_view runtime) {
  if (!settings.is_set()) return std::nullopt;
  const Value& billed = settings["billed"];
  return SnapStartConfig{.restore = settings["restore"].distribution(),
                         .billed = billed.is_set() ? billed.boolean() : !runtime.starts_with("java")};
}

// ---- Secrets ------------------------------------------------------------------------------------------

Setting describe_secrets() {
  return object("secrets",
                "What the code of INIT fetches from Secrets Manager; a snapshot of SnapStart has it already.",
                {count("count", "How many secrets, one call each.").fallback("1").between(1, 100),
                 distribution("takes", "How long each call takes; one follows the other.")
                     .fallback("20ms")
                     .source("assumption")})
      .optional();
}

SecretsConfig secrets_config(const Value& settings) {
  if (!settings.is_set()) return {};
  return {.count = settings["count"].count(), .takes = settings["takes"].distribution()};
}

// ---- Versions -----------------------------------------------------------------------------------------

Setting describe_additional_version() {
  return object(
             "additional_version", "The other version of a weighted alias: new code, say.",
             {probability("weight", "Its share of the invocations; each is drawn by itself.")
                  .fallback("0")
                  .between(0, 1)
                  .source("Lambda Developer Guide, weighted aliases"),
              list("shift", "Other weights later on, as a deployment shifts traffic.",
                   object("step", "One of them.",
                          {duration("at", "When, from the start of the simulation.").required().at_least(0s),
                           probability("weight", "Its share from then on.").required().between(0, 1)})),
              distribution("cold_start", "INIT of its environments; unset: the function's.").words({"none"}),
              program("program", "What its handler does.").required()})
      .optional();
}

std::optional<AdditionalVersion> additional_version(const Value& settings, const Distribution& init) {
  if (!settings.is_set()) return std::nullopt;
  AdditionalVersion version{.weight = settings["weight"].probability(), .init = init};
  for (const Value& step : settings["shift"].items())
    version.shifts.push_back({.at = step["at"].duration(), .weight = step["weight"].probability()});
  const Value& own = settings["cold_start"];
  if (own.is_word("none")) version.init = Distribution::constant(0);
  if (own.is_set() && !own.is_word()) version.init = own.distribution();
  return version;
}

// ---- Memory and computing -----------------------------------------------------------------------------

Settings describe_compute() {
  return {
      bytes(
          "compute_measured_at",
          "The memory at which the program's 'compute' was measured: at another it takes longer or shorter. "
          "Unset: it takes what the program says.")
          .between(128.0 * 1048576, 10240.0 * 1048576)
          .source("Lambda Developer Guide, memory: CPU grows with it, 1,769 MB are one vCPU"),
      count("threads", "How many vCPUs the code can use at once.")
          .fallback("1")
          .between(1, 6)
          .source("assumption"),
      text("power_tuning",
           "An output of AWS Lambda Power Tuning: 'compute' follows its durations, in place of the rule that "
           "CPU grows with memory."),
  };
}

namespace {

/// Memory that speeds the code up: no more than what its threads can use.
std::int64_t useful_memory(std::int64_t memory_mib, std::int64_t threads) {
  return std::min(memory_mib, kMemoryOfOneCpu * threads);
}

}  // namespace

std::int64_t compute_scale(Wiring& wiring, const Value& settings) {
  const std::int64_t memory = settings["memory"].bytes() >> 20;
  const Value& measured = settings["compute_measured_at"];
  const Value& curve = settings["power_tuning"];
  if (!measured.is_set()) {
    if (curve.is_set())
      wiring.reject(curve,
                    "'power_tuning' needs 'compute_measured_at': the memory that 'compute' stands for");
    return Step::kWhole;
  }
  const std::int64_t measured_mib = measured.bytes() >> 20;
  if (!curve.is_set()) {
    const std::int64_t threads = settings["threads"].count();
    return Step::kWhole * useful_memory(measured_mib, threads) / useful_memory(memory, threads);
  }
  const auto text = wiring.file(curve);
  const auto durations = text.and_then([](const std::string& json) { return parse_power_tuning(json); });
  if (!durations) {
    wiring.reject(curve, fmt::format("'{}': {}", curve.text(), durations.error()));
    return Step::kWhole;
  }
  return static_cast<std::int64_t>(duration_at(*durations, memory) / duration_at(*durations, measured_mib) *
                                       static_cast<double>(Step::kWhole) +
                                   0.5);
}

// ---- What the provider refuses ------------------------------------------------------------------------

void check_function(Wiring& wiring, const Function& function, const Value& settings) {
  const Value& reserved = settings["reserved_concurrency"];
  const ConcurrencyPool& account = function.account_pool();
  if (reserved.is_set() && reserved.count() > 0 && account.unreserved() < kAlwaysUnreserved) {
    wiring.reject(reserved,
                  fmt::format("of the account's concurrency of {} at least {} must stay unreserved, but all "
                              "functions together leave {}; raise 'account_concurrency' or reserve less",
                              account.limit(), kAlwaysUnreserved, account.unreserved()));
  }
  const Value& provisioned = settings["provisioned_concurrency"];
  if (!provisioned.is_set()) return;
  if (settings["snap_start"].is_set())
    wiring.reject(provisioned, "provisioned concurrency and SnapStart exclude each other");
  const ProvisionedConfig& config = *function.config().provisioned;
  std::int64_t most = config.scaling ? config.scaling->maximum : config.environments;
  for (const ProvisionedChange& change : config.schedule) most = std::max(most, change.environments);
  if (reserved.is_set() && most > reserved.count()) {
    wiring.reject(provisioned, fmt::format("provisioned concurrency of {} is more than the reserved {}", most,
                                           reserved.count()));
  } else if (!reserved.is_set() && most > account.unreserved() - kAlwaysUnreserved) {
    wiring.reject(provisioned,
                  fmt::format("provisioned concurrency of {} is more than the unreserved {} less "
                              "{}, which must stay unreserved",
                              most, account.unreserved(), kAlwaysUnreserved));
  }
}

}  // namespace spillway
