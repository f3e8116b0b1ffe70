// How a scenario describes a queue, and how it is made and connected.

#include <algorithm>
#include <charconv>
#include <numeric>

#include <fmt/format.h>

#include "model/quotas.hpp"
#include "services/catalogue.hpp"
#include "services/queue.hpp"

namespace spillway {

namespace {

constexpr auto kFifo = "SQS Developer Guide, FIFO queues, 2026";
constexpr auto kFair = "SQS Developer Guide, how fair queues work, 2026";
constexpr Duration kBetweenPurges = 60s;  // SQS API reference, PurgeQueueInProgress

Setting describe_producer_batch() {
  return object("producer_batch", "Producers that gather messages and send them by SendMessageBatch.",
                {count("messages", "Entries of a batch at most.")
                     .fallback(quota("sqs.batch.entries"))
                     .between(2, 10)
                     .source("SQS Developer Guide, message quotas"),
                 duration("open", "How long a batch waits to be full, from its first entry.")
                     .fallback("200ms")
                     .at_least(1ns)
                     .source("SQS Developer Guide, client-side buffering")})
      .optional()
      .shorthand("messages");
}

Setting describe_redrive_back() {
  return object("redrive_back",
                "Of a dead-letter queue: a message move task that takes its messages back to be handled.",
                {reference("to", "The queue that gets them.").of_types({"aws.sqs.queue"}).required(),
                 duration("start", "When the task is started.").required(),
                 rate("rate", "Messages a second; the task ends when the queue is empty, or after 36 h.")
                     .fallback("500/s")
                     .between(1, 500)
                     .source("SQS StartMessageMoveTask; that the system's own rate is the highest custom one "
                             "is an assumption")})
      .optional();
}

Setting describe_fifo() {
  return object(
             "fifo", "Makes it a FIFO queue.",
             {boolean("enabled", "Whether it is one.").fallback("true"),
              choice("groups",
                     "What gives a message its group id: what its request is about (the traffic's keys), its "
                     "traffic class, or all messages are one group.",
                     {"key", "class", "single"})
                  .fallback("key"),
              choice("deduplication",
                     "What gives a message its deduplication id: its request, so that a repeated send is the "
                     "same message; what it is about, as a hash of equal bodies; or each send its own.",
                     {"request", "key", "none"})
                  .fallback("request"),
              choice("deduplication_scope", "Within what an id is a duplicate.", {"queue", "message_group"})
                  .fallback("queue")
                  .source(kFifo),
              duration("deduplication_interval", "For how long an id is known, from its acceptance.")
                  .fallback(quota("sqs.fifo.deduplication"))
                  .source(kFifo),
              choice("throughput_limit",
                     "What the rate limits: the queue, or, for high throughput, each of its partitions too.",
                     {"per_queue", "per_message_group_id"})
                  .fallback("per_queue")
                  .source(kFifo),
              rate("rate",
                   "API calls of each kind a second, each of up to 10 messages; unset: 300/s, or 70,000/s of "
                   "high throughput in us-east-1.")
                  .at_least(1)
                  .words({"unlimited"})
                  .source("SQS Developer Guide, message quotas, 2026")
                  .adjustable(),
              count("partitions", "Partitions of high throughput, into which groups fall by hash.")
                  .fallback("234")
                  .between(1, 100'000)
                  .source("assumption: as many as the rate of us-east-1 needs; AWS adds them with the load"),
              rate("partition_rate", "Sends of a partition, and so of a group, a second.")
                  .fallback(quota("sqs.fifo.rate_per_group"))
                  .at_least(1)
                  .source(kFifo),
              count("scanned", "Among how many of its first messages SQS looks for groups to deliver.")
                  .fallback(quota("sqs.in_flight.fifo"))
                  .at_least(1)
                  .source(kFifo)})
      .optional()
      .shorthand("enabled");
}

Setting describe_redrive() {
  return object("redrive", "Where a message goes that was received too often.",
                {reference("to", "The dead-letter queue.").of_types({"aws.sqs.queue"}).required(),
                 count("max_receive_count", "A message received this often is moved at its next receive.")
                     .fallback(quota("sqs.max_receive_count.default"))
                     .between(1, 1000)
                     .source("SQS CreateQueue, RedrivePolicy")})
      .optional();
}

Setting describe_fair() {
  return object(
             "fair",
             "Makes a standard queue fair: messages have a group id, and those of quiet tenants go first.",
             {boolean("enabled", "Whether it is one.").fallback("true"),
              choice("groups",
                     "What gives a message its group id, and so its tenant: what its request is about (the "
                     "traffic's keys), or its traffic class.",
                     {"key", "class"})
                  .fallback("key"),
              list("without_group_id",
                   "The traffic classes whose messages have none: each is a tenant of its own, and costs no "
                   "surcharge.",
                   text("class", "A traffic class.").names_class()),
              probability("noisy_share",
                          "A tenant with a larger part of the messages in flight, or of the recent "
                          "processing time, is noisy.")
                  .fallback(quota("sqs.fair.noisy_share"))
                  .source(kFair),
              count("noisy_in_flight", "Messages in flight that a tenant needs to be noisy by their part.")
                  .fallback(quota("sqs.fair.noisy_in_flight"))
                  .at_least(0)
                  .source(kFair),
              duration("quiet_after", "A noisy tenant with nothing in flight for so long is quiet again.")
                  .fallback(quota("sqs.fair.quiet_after"))
                  .source(kFair),
              duration("recent",
                       "Processing time is counted in windows of this length: the present and the "
                       "one before are recent.")
                  .fallback("1m")
                  .between(1s, 15min)
                  .source("assumption: AWS publishes no length")})
      .optional()
      .shorthand("enabled");
}

Setting describe_purge() {
  return list("purge", "PurgeQueue calls, at least 60 s apart: single ones, or at intervals.",
              object("call", "One of them.",
                     {duration("at", "When, from the start of the simulation.").required().at_least(0s),
                      duration("every", "After how long it is called again, and again; unset: once.")
                          .at_least(kBetweenPurges)
                          .source("SQS API reference, PurgeQueueInProgress"),
                      duration("takes", "How long after the call the messages sent before it are gone.")
                          .fallback("60s")
                          .between(0s, 60s)
                          .source("SQS API reference, PurgeQueue: up to 60 s")})
                  .shorthand("at"));
}

/// A quota such as "300/s" as a whole number a second.
std::int64_t rate_quota(std::string_view name) {
  const std::string_view text = quota(name);
  std::int64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  check(read.ec == std::errc{} && std::string_view(read.ptr, text.data() + text.size()) == "/s",
        "a quota that should be a rate a second is not");
  return value;
}

std::int64_t whole(const Value& rate) { return static_cast<std::int64_t>(rate.rate() + 0.5); }

bool is_fifo(const Value& settings) {
  return settings["fifo"].is_set() && settings["fifo"]["enabled"].boolean();
}

std::optional<FifoConfig> fifo_config(const Value& settings) {
  if (!is_fifo(settings)) return std::nullopt;
  const Value& fifo = settings["fifo"];
  const bool high_throughput = fifo["throughput_limit"].choice_index() == 1;
  FifoConfig config{.group = fifo["groups"].choice<FifoConfig::Group>(),
                    .deduplicate = fifo["deduplication"].choice<FifoConfig::Deduplicate>(),
                    .by_group = fifo["deduplication_scope"].choice_index() == 1,
                    .deduplication_interval = fifo["deduplication_interval"].duration(),
                    .rate = rate_quota(high_throughput ? "sqs.fifo.rate_high_throughput" : "sqs.fifo.rate"),
                    .partitions = high_throughput ? fifo["partitions"].count() : 0,
                    .partition_rate = whole(fifo["partition_rate"]),
                    .scanned = fifo["scanned"].count()};
  if (fifo["rate"].is_set()) config.rate = fifo["rate"].is_word() ? 0 : whole(fifo["rate"]);
  return config;
}

std::optional<FairConfig> fair_config(Wiring& wiring, const Value& fair) {
  if (!fair.is_set() || !fair["enabled"].boolean()) return std::nullopt;
  FairConfig config{.group = fair["groups"].choice<GroupBy>(),
                    .limits = {.share = fair["noisy_share"].probability(),
                               .in_flight = fair["noisy_in_flight"].count(),
                               .quiet_after = fair["quiet_after"].duration(),
                               .recent_window = fair["recent"].duration()}};
  for (const Value& name : fair["without_group_id"].items())
    config.without_group.push_back(wiring.traffic_class(name.text()));
  return config;
}

/// How near a call of one comes to a call of the other, sooner or later.
Duration nearest(const PurgeConfig& one, const PurgeConfig& other) {
  if (one.at > other.at) return nearest(other, one);
  const Duration apart = other.at - one.at;
  if (one.every == Duration::zero()) return apart;
  const Duration round{std::gcd(one.every.count(), other.every.count())};
  return std::min(apart % round, round - apart % round);
}

std::vector<PurgeConfig> purges(Wiring& wiring, const Value& settings) {
  std::vector<PurgeConfig> calls;
  for (const Value& call : settings.items()) {
    PurgeConfig purge{.at = call["at"].duration(), .takes = call["takes"].duration()};
    if (call["every"].is_set()) purge.every = call["every"].duration();
    const bool clashes = std::ranges::any_of(
        calls, [&](const PurgeConfig& other) { return nearest(purge, other) < kBetweenPurges; });
    if (clashes)
      wiring.reject(call["at"], "SQS refuses a purge within 60s of another (PurgeQueueInProgress)");
    calls.push_back(purge);
  }
  return calls;
}

/// What the provider refuses, though each setting is sound.
void reject_what_sqs_refuses(Wiring& wiring, const Queue& queue, const Value& settings) {
  const auto other_kind = [&](const Value& to, std::string_view role) {
    const auto& other = static_cast<Queue&>(wiring.world().service(wiring.service(to)));
    if (other.config().fifo.has_value() == queue.config().fifo.has_value()) return;
    wiring.reject(to, fmt::format("'{}' is a {} queue and cannot be the {} of the {} queue '{}'",
                                  other.name(), other.config().fifo ? "FIFO" : "standard", role,
                                  queue.config().fifo ? "FIFO" : "standard", queue.name()));
  };
  if (settings["redrive"].is_set()) other_kind(settings["redrive"]["to"], "dead-letter queue");
  if (settings["redrive_back"].is_set()) other_kind(settings["redrive_back"]["to"], "destination of redrive");
  if (!queue.config().fifo) return;
  if (settings["message_timer"].is_set())
    wiring.reject(settings["message_timer"],
                  "a FIFO queue has no message timers, only a delay for all messages");
  if (queue.config().fair)
    wiring.reject(settings["fair"], "a FIFO queue is not fair: only a standard queue can be");
  for (const std::string_view name : {"duplicate_deliveries", "undeleted_copies"}) {
    if (settings[name].probability() > 0)
      wiring.reject(settings[name], fmt::format("a FIFO queue has no '{}': it delivers once", name));
  }
  const Value& fifo = settings["fifo"];
  if (queue.config().fifo->partitions > 0 && !queue.config().fifo->by_group) {
    wiring.reject(fifo["throughput_limit"],
                  "a throughput limit per message group needs 'deduplication_scope: message_group'");
  }
}

}  // namespace

Settings describe_queue() {
  return {
      duration("visibility_timeout", "How long a received message stays hidden from other consumers.")
          .fallback(quota("sqs.visibility_timeout.default"))
          .between(0s, 12h)
          .source("SQS Developer Guide, visibility timeout"),
      duration("delay", "How long a new message stays hidden before its first receive.")
          .fallback("0s")
          .between(0s, 15min)
          .source("SQS Developer Guide, delay queues"),
      distribution("message_timer", "Each message's own delay, in place of the queue's; 15 min at most.")
          .source("SQS Developer Guide, message timers"),
      duration("retention", "When a message expires, counted from its first send.")
          .fallback(quota("sqs.retention.default"))
          .between(60s, 336h)
          .source("SQS Developer Guide, quotas"),
      bytes("maximum_message_size", "Larger messages are refused.")
          .fallback(quota("sqs.message_size.max"))
          .between(1024, 1048576)
          .source("SQS Developer Guide, message quotas"),
      count("in_flight_limit",
            "Messages that may be received and not yet deleted; beyond it a poll finds nothing.")
          .fallback(quota("sqs.in_flight"))
          .at_least(1)
          .source("SQS Developer Guide, quotas")
          .adjustable(),
      describe_redrive(),
      distribution("send_latency", "How long SendMessage takes.")
          .fallback("{ lognormal: { median: 8ms, p99: 40ms } }")
          .source("assumption: AWS publishes no figure"),
      describe_producer_batch(),
      probability("duplicate_deliveries",
                  "How often a receive of a standard queue leaves a copy that is delivered again.")
          .fallback("0")
          .source("assumption: AWS says that it happens, and publishes no rate"),
      probability("undeleted_copies",
                  "How often a copy outlives a delete and is delivered again after 'copy_delay'.")
          .fallback("0")
          .source("assumption: AWS says that it happens, and publishes no rate"),
      duration("copy_delay", "When a copy that outlived a delete is visible.")
          .fallback("60s")
          .source("assumption"),
      describe_redrive_back(),
      describe_fifo(),
      describe_fair(),
      describe_purge(),
  };
}

Service& make_queue(Wiring& wiring, std::string name, const Value& settings) {
  const Value& redrive = settings["redrive"];
  QueueConfig config{.visibility_timeout = settings["visibility_timeout"].duration(),
                     .delay = settings["delay"].duration(),
                     .retention = settings["retention"].duration(),
                     .maximum_message_bytes = settings["maximum_message_size"].bytes(),
                     .in_flight_limit = settings["in_flight_limit"].count(),
                     .max_receive_count = redrive.is_set() ? redrive["max_receive_count"].count() : 0,
                     .send_latency = settings["send_latency"].distribution(),
                     .duplicate_deliveries = settings["duplicate_deliveries"].probability(),
                     .undeleted_copies = settings["undeleted_copies"].probability(),
                     .copy_delay = settings["copy_delay"].duration(),
                     .fifo = fifo_config(settings),
                     .fair = fair_config(wiring, settings["fair"]),
                     .purges = purges(wiring, settings["purge"])};
  if (settings["message_timer"].is_set()) config.message_timer = settings["message_timer"].distribution();
  if (const Value& batch = settings["producer_batch"]; batch.is_set()) {
    config.producer_batch.messages = static_cast<std::int32_t>(batch["messages"].count());
    config.producer_batch.open = batch["open"].duration();
  }
  return wiring.world().add<Queue>(std::move(name), std::move(config));
}

void connect_queue(Wiring& wiring, Service& service, const Value& settings) {
  auto& queue = static_cast<Queue&>(service);
  reject_what_sqs_refuses(wiring, queue, settings);
  const auto other = [&](const Value& to) -> Queue& {
    return static_cast<Queue&>(wiring.world().service(wiring.service(to)));
  };
  if (const Value& redrive = settings["redrive"]; redrive.is_set())
    queue.set_dead_letter_queue(other(redrive["to"]));
  if (const Value& back = settings["redrive_back"]; back.is_set()) {
    queue.set_redrive_back(other(back["to"]),
                           {.start = kStart + back["start"].duration(),
                            .rate_millis = static_cast<std::int64_t>(back["rate"].rate() * 1e3 + 0.5)});
  }
}

}  // namespace spillway
