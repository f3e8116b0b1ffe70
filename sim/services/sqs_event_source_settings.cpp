// How a scenario describes an event source mapping for SQS, and how it is made and connected.

#include <charconv>

#include <fmt/format.h>

#include "model/quotas.hpp"
#include "services/catalogue.hpp"
#include "services/function.hpp"
#include "services/sqs_event_source.hpp"

namespace spillway {

namespace {

constexpr auto kScaling = "Lambda Developer Guide, scaling for SQS event source mappings";
constexpr auto kMapping = "Lambda CreateEventSourceMapping";

std::int32_t count_quota(std::string_view name) {
  const std::string_view text = quota(name);
  std::int32_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  check(result.ec == std::errc{}, "a quota that should be a count is not");
  return value;
}

Setting describe_provisioned() {
  return object("provisioned",
                "Provisioned mode: event pollers that are paid for by the hour, each with ten concurrent "
                "batches, ten polls a second and 1 MB a second.",
                {count("minimum_pollers", "Pollers that are always there.")
                     .fallback(quota("esm.sqs.provisioned.pollers.min"))
                     .between(2, 200)
                     .source(kScaling),
                 count("maximum_pollers", "Pollers at most; batches are added at up to 1,000 a minute.")
                     .fallback("200")
                     .between(2, 2000)
                     .source(kScaling)
                     .adjustable()})
      .optional();
}

Setting describe_filter() {
  return object("filter", "Which messages the function sees; the others are deleted, and billed so.",
                {probability("pass", "A message's chance to match the filter's pattern.").fallback("1"),
                 list("classes", "The traffic classes whose messages match; without it all do.",
                      text("class", "A traffic class.").names_class())})
      .optional()
      .shorthand("pass");
}

/// What Lambda refuses, though each setting is sound.
void reject_what_lambda_refuses(Wiring& wiring, const Queue& queue, const Value& settings) {
  const Value& size = settings["batch_size"];
  const Value& window = settings["batching_window"];
  const std::int64_t plain = count_quota("esm.sqs.batch_size.without_window");
  if (queue.config().fifo) {
    if (size.count() > plain)
      wiring.reject(
          size, fmt::format("of the FIFO queue '{}' a batch has {} messages at most", queue.name(), plain));
    if (window.duration() > Duration::zero())
      wiring.reject(window,
                    fmt::format("of the FIFO queue '{}' batches have no batching window", queue.name()));
  } else if (size.count() > plain && window.duration() < 1s) {
    wiring.reject(
        size, fmt::format("a batch of more than {} messages needs a 'batching_window' of 1s or more", plain));
  }
  const Value& provisioned = settings["provisioned"];
  if (!provisioned.is_set()) return;
  if (settings["maximum_concurrency"].is_set())
    wiring.reject(settings["maximum_concurrency"],
                  "in provisioned mode there is no 'maximum_concurrency': set 'maximum_pollers'");
  if (provisioned["minimum_pollers"].count() > provisioned["maximum_pollers"].count())
    wiring.reject(provisioned, "'minimum_pollers' is more than 'maximum_pollers'");
}

/// Measured end to end of FIFO queues; the ends are assumptions.
Distribution fifo_delivery() {
  return Distribution::quantiles(
      {{0, 15e6}, {0.1, 21.9e6}, {0.5, 28.1e6}, {0.9, 61.2e6}, {0.99, 645e6}, {1, 1500e6}});
}

SqsEventSourceConfig config_of(Wiring& wiring, const Queue& queue, const Value& settings) {
  const Value& most = settings["maximum_concurrency"];
  SqsEventSourceConfig config{
      .batch_size = static_cast<std::int32_t>(settings["batch_size"].count()),
      .window = settings["batching_window"].duration(),
      .one_group = settings["batch_groups"].choice_index() == 1,
      .maximum_concurrency = most.is_set() ? static_cast<std::int32_t>(most.count()) : 0,
      .partial_responses = settings["report_batch_item_failures"].boolean(),
      .start_concurrency = static_cast<std::int32_t>(settings["start_concurrency"].count()),
      .idle_pollers = static_cast<std::int32_t>(settings["idle_pollers"].count()),
      .ramp_per_minute = static_cast<std::int32_t>(settings["ramp_per_minute"].count()),
      .most_concurrency = count_quota("esm.sqs.cap"),
      .error_slowdown = static_cast<std::int32_t>(settings["error_slowdown"].count()),
      .throttle_slowdown = static_cast<std::int32_t>(settings["throttle_slowdown"].count()),
      .throttle_backoff = settings["throttle_backoff"].duration(),
      .delivery_latency = queue.config().fifo && settings["delivery_latency"].is_default()
                              ? fifo_delivery()
                              : settings["delivery_latency"].distribution()};
  if (const Value& hidden = settings["failure_visibility"]; hidden.is_set())
    config.failure_visibility = hidden.duration();
  if (const Value& filter = settings["filter"]; filter.is_set()) {
    config.filter.pass = filter["pass"].probability();
    for (const Value& name : filter["classes"].items())
      config.filter.classes.push_back(wiring.traffic_class(name.text()));
  }
  if (const Value& provisioned = settings["provisioned"]; provisioned.is_set()) {
    config.provisioned.least = static_cast<std::int32_t>(provisioned["minimum_pollers"].count());
    config.provisioned.most = static_cast<std::int32_t>(provisioned["maximum_pollers"].count());
    config.provisioned.batches = count_quota("esm.sqs.provisioned.concurrency_per_poller");
    config.ramp_per_minute = count_quota("esm.sqs.provisioned.ramp_per_minute");
  }
  return config;
}

}  // namespace

Settings describe_sqs_event_source() {
  return {
      reference("from", "The queue that is polled.").of_types({"aws.sqs.queue"}).required(),
      count("batch_size", "Messages in one invocation at most; more than 10 need a batching window.")
          .fallback(quota("esm.sqs.batch_size.default"))
          .between(1, 10000)
          .source(kMapping),
      duration("batching_window", "How long a batch waits for more messages, from its first.")
          .fallback(quota("esm.batching_window.default"))
          .between(0s, 300s)
          .source(kMapping),
      choice("batch_groups", "Of a FIFO queue: whether a batch may hold messages of several groups.",
             {"several", "one"})
          .fallback("several")
          .source("assumption: a receive returns several; AWS does not say what the mapping does"),
      count("maximum_concurrency", "Batches in progress at most; unset: up to the mapping's own cap.")
          .between(2, 1000)
          .source(kScaling),
      describe_provisioned(),
      describe_filter(),
      boolean("report_batch_item_failures",
              "Whether the handler names the messages that failed, so that the rest is deleted.")
          .fallback("false"),
      duration("failure_visibility",
               "What the handler sets by ChangeMessageVisibility for each message that it names; unset: "
               "nothing.")
          .between(0s, 12h),
      count("start_concurrency", "Batches at once when messages are first found.")
          .fallback(quota("esm.sqs.start_concurrency"))
          .at_least(1)
          .source(kScaling),
      count("idle_pollers", "Long polls at once while the queue is empty; AWS may go down to 2.")
          .fallback(quota("esm.sqs.start_concurrency"))
          .at_least(0)
          .source(kScaling),
      count("ramp_per_minute", "Batches added in a minute while a backlog remains.")
          .fallback(quota("esm.sqs.ramp_per_minute"))
          .at_least(1)
          .source(kScaling),
      count("error_slowdown", "Batches fewer at once after one that failed; not with reported failures.")
          .fallback("1")
          .source("assumption: AWS says 'gradually' and publishes no figure"),
      count("throttle_slowdown", "Batches fewer at once after each throttled invocation.")
          .fallback("0")
          .source(
              "assumption: AWS says 'gradually' and publishes no figure; at 1 the dead letters that users "
              "report of functions with reserved concurrency would hardly occur"),
      duration("throttle_backoff", "Pause after a throttled invocation; doubles each time, up to 30 s.")
          .fallback("1s")
          .at_least(1ms)
          .source("assumption: AWS publishes no figure"),
      distribution("delivery_latency",
                   "From a poll that finds messages to the start of a warm invocation; of a FIFO queue by "
                   "default 21.9 ms (p10), 28.1 ms, 61.2 ms (p90), 645 ms (p99).")
          .fallback(
              "{ quantiles: { p0: 10ms, p10: 13.7ms, p50: 16.2ms, p90: 33.8ms, p99: 105ms, p100: 250ms } }")
          .source("measured end to end, bitesizedserverless.com, 2022-23; p0 and p100 are assumptions"),
  };
}

void connect_sqs_event_source(Wiring& wiring, Function& function, const Value& settings) {
  World& world = wiring.world();
  auto& queue = static_cast<Queue&>(world.service(wiring.service(settings["from"])));
  reject_what_lambda_refuses(wiring, queue, settings);
  auto& mapping = world.add<SqsEventSource>(fmt::format("{}<{}", function.name(), queue.name()), queue,
                                            config_of(wiring, queue, settings));
  mapping.attach(world.connect(mapping.id(), function.id()), function.config().timeout);
}

}  // namespace spillway
