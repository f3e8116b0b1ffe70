#include "services/sqs_event_source.hpp"

#include <algorithm>
#include <charconv>

#include "model/quotas.hpp"

namespace spillway {

SqsEventSource::SqsEventSource(World& world, std::string name, Queue& queue, SqsEventSourceConfig config)
    : Service(world, std::move(name)),
      queue_(queue),
      config_(std::move(config)),
      visibility_(queue.config().visibility_timeout),
      cap_(config_.maximum_concurrency > 0 ? std::min(config_.maximum_concurrency, config_.most_concurrency)
                                           : config_.most_concurrency),
      floor_(std::min(config_.start_concurrency, cap_)),
      concurrency_(floor_),
      latency_draws_(world.stream(this->name() + "/delivery")) {
  queue.subscribe(*this);
}

void SqsEventSource::attach(PortId function, Duration function_timeout) {
  function_ = function;
  const Duration needed = config_.window + function_timeout;
  if (config_.window > Duration::zero() && needed > visibility_) visibility_ = needed + config_.window_margin;
}

void SqsEventSource::start() {
  level(Gauge::limit, concurrency_);
  account();
}

/// Starts as many batches as messages and slots allow.
void SqsEventSource::pump() {
  if (pumping_) return;  // a batch that is answered at once calls back: the loop below goes on
  pumping_ = true;
  account();
  while (queue_.visible() > 0) {
    if (gathering_ == BatchId{UINT32_MAX}) {
      if (busy_ >= concurrency_) break;
      gathering_ = batches_.take();
      batches_[gathering_].received = now();
      batches_[gathering_].serial = ++last_serial_;
      busy_changed(1);
      if (config_.window > Duration::zero()) {
        batches_[gathering_].gathering = true;
        after<&SqsEventSource::window_over>(config_.window, last_serial_);
      }
    }
    if (!gather()) break;
  }
  pumping_ = false;
  account();
  arm_ramp();
}

/// Receives into the batch that is open, and closes it when it is full or there is no window to wait for.
/// False when the queue gave nothing away, as at its limit of messages in flight.
bool SqsEventSource::gather() {
  const BatchId id = gathering_;
  Batch& batch = batches_[id];
  const std::int32_t before = batch.messages.count;
  const std::int64_t visible = queue_.visible();
  queue_.receive(config_.batch_size - before, visibility_, batch.messages);
  const bool progress = queue_.visible() < visible;
  if (batch.messages.count == 0) {  // all of them went to the dead-letter queue, or none was given
    if (!batch.gathering) release_slot(id);
    return progress;
  }
  if (before == 0) batch.received = now();
  if (batch.messages.count == config_.batch_size || !batch.gathering) close(id);
  return progress;
}

void SqsEventSource::window_over(std::uint32_t serial) {
  const BatchId id = gathering_;
  if (id == BatchId{UINT32_MAX} || batches_[id].serial != serial) return;  // it was closed full
  if (batches_[id].messages.count == 0) {
    release_slot(id);
    account();
  } else {
    close(id);
  }
}

void SqsEventSource::close(BatchId id) {
  gathering_ = BatchId{UINT32_MAX};
  const Receipt& first = world().receipts()[batches_[id].messages.first];
  Draws draws = world().draws(latency_draws_, first.journey, first.lineage);
  const Duration latency = config_.delivery_latency.duration(draws);
  if (latency > Duration::zero()) {
    after<&SqsEventSource::invoke>(latency, id);
  } else {
    invoke(id);
  }
}

void SqsEventSource::invoke(BatchId id) {
  Batch& batch = batches_[id];
  const Receipt& first = world().receipts()[batch.messages.first];
  const std::int32_t repeats = ++batch.attempts > 1 ? batch.messages.count : batch.messages.repeats;
  call(function_,
       {.journey = first.journey,
        .tag = static_cast<std::uint32_t>(id),
        .bytes = static_cast<std::uint32_t>(std::min<std::int64_t>(batch.messages.bytes, UINT32_MAX)),
        .lineage = first.lineage,
        .batch = batch.messages.first,
        .items = batch.messages.count,
        .repeats = repeats});
}

void SqsEventSource::on_answer(CallId answered) {
  const Call& call = record(answered);
  const auto id = BatchId{call.tag};
  switch (call.outcome) {
    case Outcome::ok: {
      const Waits waits = call.waits;
      for (ReceiptId receipt = batches_[id].messages.first; receipt != kNoReceipt;
           receipt = world().receipts()[receipt].next) {
        journey(world().receipts()[receipt].journey).waits += waits;
      }
      complete(id);
      break;
    }
    case Outcome::throttled: throttled(id); break;
    default:
      if (!config_.partial_responses) slow_down();
      give_back(id);
  }
}

/// Deletes what was handled; the rest returns to the queue by itself.
void SqsEventSource::complete(BatchId id) {
  std::int32_t deleted = 0;
  std::int32_t repeats = 0;
  for (ReceiptId receipt = batches_[id].messages.first; receipt != kNoReceipt;) {
    const Receipt done = world().receipts()[receipt];
    if (done.outcome == Outcome::ok) {
      ++deleted;
      if (done.times > 1) ++repeats;
      queue_.remove(receipt);
    } else {
      queue_.release(receipt);
    }
    receipt = done.next;
  }
  queue_.bill_deletes(deleted, repeats);
  release_slot(id);
  pump();
}

/// Tries again as long as the messages stay hidden from others.
void SqsEventSource::throttled(BatchId id) {
  slow_down();
  const Batch& batch = batches_[id];
  Duration delay = config_.throttle_backoff;
  for (std::int32_t i = 1; i < batch.attempts && delay < config_.throttle_backoff_cap; ++i) delay *= 2;
  delay = std::min(delay, config_.throttle_backoff_cap);
  if (now() + delay >= batch.received + visibility_) {
    give_back(id);
    return;
  }
  after<&SqsEventSource::invoke>(delay, id);
}

void SqsEventSource::give_back(BatchId id) {
  for (ReceiptId receipt = batches_[id].messages.first; receipt != kNoReceipt;) {
    const ReceiptId next = world().receipts()[receipt].next;
    queue_.release(receipt);
    receipt = next;
  }
  release_slot(id);
  pump();
}

void SqsEventSource::release_slot(BatchId id) {
  if (gathering_ == id) gathering_ = BatchId{UINT32_MAX};
  batches_.release(id);
  busy_changed(-1);
  if (queue_.visible() == 0 && concurrency_ > std::max(floor_, busy_)) {
    concurrency_ = std::max(floor_, busy_);
    level(Gauge::limit, concurrency_);
  }
}

void SqsEventSource::busy_changed(std::int32_t by) {
  busy_ += by;
  level(Gauge::concurrency, busy_);
}

/// One slot less after a failed or throttled batch (assumption: AWS says "gradually" and no more).
void SqsEventSource::slow_down() {
  if (concurrency_ <= floor_) return;
  --concurrency_;
  level(Gauge::limit, concurrency_);
}

void SqsEventSource::arm_ramp() {
  if (ramp_armed_ || queue_.visible() == 0 || busy_ < concurrency_ || concurrency_ >= cap_) return;
  ramp_armed_ = true;
  after<&SqsEventSource::ramp>(Duration{60s} / config_.ramp_per_minute);
}

void SqsEventSource::ramp() {
  ramp_armed_ = false;
  if (queue_.visible() == 0) return;
  concurrency_ = std::min(cap_, concurrency_ + 1);
  level(Gauge::limit, concurrency_);
  pump();
}

/// Pollers that hold no batch wait in long polls while the queue is empty, and each long poll that ends empty
/// is billed.
void SqsEventSource::account() {
  idle_poller_ns_ += idle_pollers_ * (now() - accounted_).count();
  accounted_ = now();
  idle_pollers_ = queue_.visible() == 0 ? std::max(0, concurrency_ - busy_) : 0;
  const std::int64_t polls = idle_poller_ns_ / config_.long_poll.count();
  idle_poller_ns_ -= polls * config_.long_poll.count();
  if (polls > 0) queue_.bill_empty_receives(polls);
}

namespace {

std::int32_t count_quota(std::string_view name) {
  const std::string_view text = quota(name);
  std::int32_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  check(result.ec == std::errc{}, "a quota that should be a count is not");
  return value;
}

}  // namespace

Settings describe_sqs_event_source() {
  constexpr auto kScaling = "Lambda Developer Guide, scaling for SQS event source mappings";
  return {
      reference("from", "The queue that is polled.").of_types({"aws.sqs.queue"}).required(),
      count("batch_size", "Messages in one invocation at most; more than 10 need a batching window.")
          .fallback(quota("esm.sqs.batch_size.default"))
          .between(1, 10000)
          .source("Lambda CreateEventSourceMapping"),
      duration("batching_window", "How long a batch waits for more messages, from its first.")
          .fallback(quota("esm.batching_window.default"))
          .between(0s, 300s)
          .source("Lambda CreateEventSourceMapping"),
      count("maximum_concurrency", "Batches in progress at most; unset: up to the mapping's own cap.")
          .between(2, 1000)
          .source(kScaling),
      boolean("report_batch_item_failures",
              "Whether the handler names the messages that failed, so that the rest is deleted.")
          .fallback("false"),
      count("start_concurrency", "Batches at once when messages are first found.")
          .fallback(quota("esm.sqs.start_concurrency"))
          .at_least(1)
          .source(kScaling),
      count("ramp_per_minute", "Batches added in a minute while a backlog remains.")
          .fallback(quota("esm.sqs.ramp_per_minute"))
          .at_least(1)
          .source(kScaling),
      duration("throttle_backoff", "Pause after a throttled invocation; doubles each time, up to 30 s.")
          .fallback("1s")
          .at_least(1ms)
          .source("assumption: AWS publishes no figure"),
      distribution("delivery_latency", "From a poll that finds messages to the start of a warm invocation.")
          .fallback(
              "{ quantiles: { p0: 10ms, p10: 13.7ms, p50: 16.2ms, p90: 33.8ms, p99: 105ms, p100: 250ms } }")
          .source("measured end to end, bitesizedserverless.com, 2022-23; p0 and p100 are assumptions"),
  };
}

SqsEventSourceConfig sqs_event_source_config(const Value& settings) {
  const Value& most = settings["maximum_concurrency"];
  return {.batch_size = static_cast<std::int32_t>(settings["batch_size"].count()),
          .window = settings["batching_window"].duration(),
          .maximum_concurrency = most.is_set() ? static_cast<std::int32_t>(most.count()) : 0,
          .partial_responses = settings["report_batch_item_failures"].boolean(),
          .start_concurrency = static_cast<std::int32_t>(settings["start_concurrency"].count()),
          .ramp_per_minute = static_cast<std::int32_t>(settings["ramp_per_minute"].count()),
          .most_concurrency = count_quota("esm.sqs.cap"),
          .throttle_backoff = settings["throttle_backoff"].duration(),
          .delivery_latency = settings["delivery_latency"].distribution()};
}

}  // namespace spillway
