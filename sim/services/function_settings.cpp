// How a scenario describes a Lambda function, and how it is made and connected.

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "model/cold_starts.hpp"
#include "model/quotas.hpp"
#include "services/catalogue.hpp"
#include "services/function.hpp"
#include "services/function_options.hpp"
#include "services/program_builder.hpp"
#include "services/recursive_loops.hpp"
#include "services/sqs_event_source.hpp"

namespace spillway {

namespace {

constexpr auto kQuotas = "Lambda Developer Guide, quotas";
constexpr auto kMeasuredRule =
    "measured: replays recorded runs of 2020 with a mean error of 3 % in cold starts";

std::vector<std::string> runtime_names() {
  std::vector<std::string> names;
  for (const KnownRuntime& runtime : known_runtimes()) names.push_back(runtime.name);
  return names;
}

Setting describe_keep_alive() {
  return object(
             "keep_alive",
             "How long idle environments live; AWS publishes no rule. A duration alone: the rule 'fixed'.",
             {choice("rule", "Which rule.", {"measured", "fixed", "halving", "random"}).fallback("measured"),
              duration("idle", "Of an environment's own idleness.")
                  .fallback(quota("lambda.environment.idle_own"))
                  .source(kMeasuredRule),
              duration("function_idle", "Of the whole function's idleness, by the rule 'measured'.")
                  .fallback(quota("lambda.environment.idle_all"))
                  .source(kMeasuredRule),
              duration("maximum_age", "Age at which an idle environment ends.")
                  .words({"none"})
                  .source("by default: 2 h by the rule 'measured', none by the others"),
              duration("halving", "Period in which half of the idle environments end, by the rule 'halving'.")
                  .fallback("380s")
                  .at_least(1s)
                  .source("measured in January 2020"),
              distribution("random", "The idle time, drawn anew each time, by the rule 'random'.")
                  .fallback("{ exponential: 600s }")
                  .source("assumption")})
      .shorthand("idle", {{"rule", "fixed"}});
}

KeepAlive keep_alive(const Value& settings) {
  enum class By : std::uint8_t { measured, fixed, halving, random };
  KeepAlive policy;
  switch (settings["rule"].choice<By>()) {
    case By::measured:
      policy.idle = settings["idle"].duration();
      policy.function_idle = settings["function_idle"].duration();
      break;
    case By::fixed: policy = KeepAlive::fixed(settings["idle"].duration()); break;
    case By::halving: policy = KeepAlive::halved_every(settings["halving"].duration()); break;
    case By::random: policy = KeepAlive::random(settings["random"].distribution()); break;
  }
  const Value& age = settings["maximum_age"];
  if (age.is_set()) policy.maximum_age = age.is_word("none") ? Duration::zero() : age.duration();
  return policy;
}

Distribution init_time(const Value& settings) {
  const Value& given = settings["cold_start"];
  if (given.is_word("none")) return Distribution::constant(0);
  if (given.is_set()) return given.distribution();
  const auto measured = cold_start({.runtime = settings["runtime"].text(),
                                    .package = settings["package"].text(),
                                    .architecture = settings["architecture"].text(),
                                    .memory_mb = settings["memory"].bytes() >> 20});
  check(measured.has_value(), "a runtime that the settings allow has no measured cold starts");
  return measured->init;
}

}  // namespace

Settings describe_function() {
  Settings settings{
      bytes("memory", "Memory of an environment; CPU grows with it.")
          .fallback(quota("lambda.memory.default"))
          .between(128.0 * 1048576, 10240.0 * 1048576)
          .source(kQuotas),
      choice("runtime", "Which runtime's measured cold starts apply.", runtime_names())
          .fallback("python3.13")
          .source("assumption"),
      choice("architecture", "Decides cold starts and the price of time.", {"x86_64", "arm64"})
          .fallback("x86_64"),
      choice("package", "How the code is deployed: decides cold starts.", {"zip", "image"}).fallback("zip"),
      duration("timeout", "How long one invocation may run; then it fails and its environment ends.")
          .fallback(quota("lambda.timeout.default"))
          .between(1s, 900s)
          .source(kQuotas),
      count("reserved_concurrency",
            "Invocations at once, taken out of the account's concurrency; unset: shares the rest.")
          .at_least(0)
          .source("Lambda Developer Guide, reserved concurrency"),
      count("account_concurrency", "The account's concurrency in the Region, for all functions together.")
          .fallback(quota("lambda.concurrency.account"))
          .at_least(1)
          .source(kQuotas)
          .adjustable(),
      count("rate_per_concurrency",
            "Requests a second for each unit of concurrency: the account's, reserved or provisioned. 0: any "
            "number.")
          .fallback(quota("lambda.rate_per_concurrency"))
          .at_least(0)
          .source(kQuotas),
      count("scaling_environments", "New environments in any ten seconds; refilled continuously.")
          .fallback(quota("lambda.scaling.environments_per_10s"))
          .at_least(1)
          .source("Lambda Developer Guide, scaling rate"),
      distribution("cold_start",
                   "INIT of a new environment; unset: measured for runtime, package, architecture, memory.")
          .words({"none"})
          .source("measured: hello-world functions, May to August 2026"),
      boolean("bill_init", "Whether INIT is billed, as it is since 1 August 2025.").fallback("true"),
      duration("billing_step", "Durations are rounded up to it; 100 ms until December 2020.")
          .fallback(quota("lambda.billing.duration_step"))
          .at_least(1ms)
          .source("Lambda pricing, 2026"),
      duration("init_timeout", "An INIT on demand that takes longer runs again inside the invocation.")
          .fallback(quota("lambda.init.timeout"))
          .at_least(1ms)
          .source("Lambda Developer Guide, runtime environment"),
      bytes("ephemeral_storage", "The size of /tmp; 512 MiB are free.")
          .fallback(quota("lambda.ephemeral_storage.default"))
          .between(512.0 * 1048576, 10240.0 * 1048576)
          .source(kQuotas),
      bytes("logs", "What an invocation writes to CloudWatch Logs, the lines of Lambda itself among it.")
          .fallback("0B")
          .source("assumption"),
      describe_recursive_loop(),
      describe_secrets(),
      describe_keep_alive(),
      describe_snap_start(),
      describe_provisioned(),
      describe_async(),
      describe_additional_version(),
      list("event_sources", "Queues that invoke the function with batches of messages.",
           object("event source", "One mapping.", describe_sqs_event_source())),
      program("program", "What the handler does for a request, or for each message of a batch in turn."),
  };
  std::ranges::move(describe_compute(), std::back_inserter(settings));
  std::ranges::move(describe_response(), std::back_inserter(settings));
  return settings;
}

Service& make_function(Wiring& wiring, std::string name, const Value& settings) {
  FunctionConfig config{.memory_mib = settings["memory"].bytes() >> 20,
                        .arm = settings["architecture"].text() == "arm64",
                        .timeout = settings["timeout"].duration(),
                        .init = init_time(settings),
                        .bill_init = settings["bill_init"].boolean(),
                        .keep_alive = keep_alive(settings["keep_alive"]),
                        .scaling_environments = settings["scaling_environments"].count(),
                        .account_concurrency = settings["account_concurrency"].count(),
                        .rate_per_concurrency = settings["rate_per_concurrency"].count(),
                        .init_limit = settings["init_timeout"].duration(),
                        .billing_step = settings["billing_step"].duration(),
                        .billed_storage_mib = (settings["ephemeral_storage"].bytes() >> 20) - 512,
                        .log_bytes = settings["logs"].bytes(),
                        .secrets = secrets_config(settings["secrets"]),
                        .snap_start = snap_start_config(settings["snap_start"], settings["runtime"].text()),
                        .provisioned = provisioned_config(settings["provisioned_concurrency"])};
  config.additional_version = additional_version(settings["additional_version"], config.init);
  config.response = response_config(settings);
  config.stops_loops = settings["recursive_loop"].choice_index() == 0;
  if (settings["reserved_concurrency"].is_set())
    config.reserved_concurrency = settings["reserved_concurrency"].count();
  return wiring.world().add<Function>(std::move(name), std::move(config));
}

void connect_function(Wiring& wiring, Service& service, const Value& settings) {
  auto& function = static_cast<Function&>(service);
  check_function(wiring, function, settings);
  function.set_async(async_config(wiring, settings["asynchronous"]));
  const std::int64_t scale = compute_scale(wiring, settings);
  ProgramBuilder builder(wiring, function, scale);
  builder.add(settings["program"]);
  const Value& version = settings["additional_version"];
  if (version.is_set()) function.set_additional_program(builder.add(version["program"]));
  function.set_program(builder.finish());
  for (const Value& source : settings["event_sources"].items())
    connect_sqs_event_source(wiring, function, source);
}

}  // namespace spillway
