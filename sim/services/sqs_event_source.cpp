#include "services/sqs_event_source.hpp"

#include <algorithm>

namespace spillway {

namespace {

/// Batches at once, at most.
std::int32_t cap_of(const SqsEventSourceConfig& config) {
  if (config.provisioned.least > 0) return config.provisioned.most * config.provisioned.batches;
  return config.maximum_concurrency > 0 ? std::min(config.maximum_concurrency, config.most_concurrency)
                                        : config.most_concurrency;
}

std::int32_t floor_of(const SqsEventSourceConfig& config) {
  if (config.provisioned.least > 0) return config.provisioned.least * config.provisioned.batches;
  return std::min(config.start_concurrency, cap_of(config));
}

}  // namespace

SqsEventSource::SqsEventSource(World& world, std::string name, Queue& queue, SqsEventSourceConfig config)
    : Service(world, std::move(name)),
      queue_(queue),
      config_(std::move(config)),
      visibility_(queue.config().visibility_timeout),
      cap_(cap_of(config_)),
      floor_(floor_of(config_)),
      concurrency_(floor_),
      latency_draws_(world.stream(this->name() + "/delivery")),
      filter_draws_(world.stream(this->name() + "/filter")),
      idle_polls_(config_.long_poll) {
  queue.subscribe(*this);
  if (!provisioned()) return;
  poller_seconds_ = world.meter("lambda.event_poller.sqs");
  const std::int64_t polls = config_.provisioned.polls * pollers();
  polls_ = TokenBucket(polls * 1000, polls);
}

void SqsEventSource::attach(PortId function, Duration function_timeout) {
  function_ = function;
  const Duration needed = config_.window + function_timeout;
  if (config_.window > Duration::zero() && needed > visibility_) visibility_ = needed + config_.window_margin;
}

void SqsEventSource::start() {
  set_concurrency(floor_);
  account();
}

/// Starts as many batches as messages and slots allow.
void SqsEventSource::pump() {
  if (pumping_) return;  // a batch that is answered at once calls back: the loop below goes on
  pumping_ = true;
  account();
  while (queue_.available()) {
    if (const Duration pause = poll_pause(); pause > Duration::zero()) {
      if (!poll_armed_) after<&SqsEventSource::poll_again>(pause);
      poll_armed_ = true;
      break;
    }
    if (gathering_ == BatchId{UINT32_MAX}) {
      if (busy_ >= concurrency_) break;
      open_batch();
    }
    if (!gather()) break;
  }
  pumping_ = false;
  account();
  arm_ramp();
}

void SqsEventSource::open_batch() {
  gathering_ = batches_.take();
  batches_[gathering_].received = now();
  batches_[gathering_].serial = ++last_serial_;
  busy_changed(1);
  if (config_.window > Duration::zero()) {
    batches_[gathering_].gathering = true;
    after<&SqsEventSource::window_over>(config_.window, last_serial_);
  }
}

/// How long until the API of a FIFO queue, or the throughput of provisioned pollers, lets another receive
/// pass.
Duration SqsEventSource::poll_pause() {
  const Duration pause = queue_.receive_pause();
  if (!provisioned()) return pause;
  return std::max({pause, polls_.wait(now()), bytes_free_ - now()});
}

void SqsEventSource::poll_again() {
  poll_armed_ = false;
  pump();
}

/// Receives into the batch that is open, and closes it when it is full or there is no window to wait for.
/// False when the queue gave nothing away, as at its limit of messages in flight.
bool SqsEventSource::gather() {
  const BatchId id = gathering_;
  Batch& batch = batches_[id];
  const std::int32_t before = batch.messages.count;
  const std::int64_t visible = queue_.visible();
  receive_into(batch);
  const bool progress = queue_.visible() < visible;
  if (batch.messages.count == 0) {  // they were filtered, or went to the dead-letter queue, or none was given
    if (!batch.gathering) release_slot(id);
    return progress;
  }
  if (before == 0) batch.received = now();
  if (batch.messages.count == config_.batch_size || batch.messages.full || !batch.gathering) close(id);
  return progress;
}

/// One poll, or as many as a large batch needs. What the filter does not pass is deleted.
void SqsEventSource::receive_into(Batch& batch) {
  const ReceiveRequest request{.most = config_.batch_size - batch.messages.count,
                               .visibility = visibility_,
                               .most_bytes = config_.batch_bytes,
                               .one_group = config_.one_group};
  const std::int64_t bytes = batch.messages.bytes;
  if (config_.filter.everything()) {
    queue_.receive(request, batch.messages);
  } else {
    ReceivedBatch found{.bytes = bytes};
    queue_.receive(request, found);
    batch.messages.full = found.full;
    std::int32_t filtered = 0;
    for (ReceiptId id = found.first; id != kNoReceipt;) {
      Receipt& receipt = world().receipts()[id];
      const ReceiptId next = std::exchange(receipt.next, kNoReceipt);
      if (passes(receipt)) {
        batch.messages.append(world().receipts(), id);
        ++batch.messages.count;
        if (receipt.repeat) ++batch.messages.repeats;
        batch.messages.bytes += receipt.bytes;
      } else {
        queue_.remove(id);
        ++filtered;
      }
      id = next;
    }
    queue_.bill_filtered(filtered);
  }
  if (!provisioned()) return;
  polls_.take(now());
  const std::int64_t received = batch.messages.bytes - bytes;
  bytes_free_ = std::max(now(), bytes_free_) +
                Duration{received * 1'000'000'000 / (config_.provisioned.bytes * pollers())};
}

/// The same at each receive of a message: its contents do not change.
bool SqsEventSource::passes(const Receipt& receipt) {
  const Journey& of = journey(receipt.journey);
  const EventFilter& filter = config_.filter;
  if (!filter.classes.empty() && !std::ranges::count(filter.classes, of.traffic_class)) return false;
  Draws draws = filter_draws_.at(of.ordinal);
  return draws.chance(filter.pass);
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
  const bool again = ++batch.attempts > 1;  // it was throttled; else the queue may have delivered some again
  const std::int32_t repeats = again ? batch.messages.count : batch.messages.repeats;
  const RetryLayer layer = again ? RetryLayer::event_source : RetryLayer::redrive;
  call(function_,
       {.journey = first.journey,
        .tag = static_cast<std::uint32_t>(id),
        .bytes = static_cast<std::uint32_t>(std::min<std::int64_t>(batch.messages.bytes, UINT32_MAX)),
        .lineage = repeats > 0 ? first.lineage.repeated(layer) : first.lineage,
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
        world().add_branch_waits(world().receipts()[receipt].journey, waits);
      }
      complete(id);
      break;
    }
    case Outcome::throttled: throttled(id); break;
    default:
      if (!config_.partial_responses) slow_down(config_.error_slowdown);
      give_back(id);
  }
}

/// Deletes what was handled; the rest returns to the queue by itself.
void SqsEventSource::complete(BatchId id) {
  std::int32_t deleted = 0;
  std::int32_t repeats = 0;
  std::int32_t changed = 0;
  for (ReceiptId receipt = batches_[id].messages.first; receipt != kNoReceipt;) {
    const Receipt done = world().receipts()[receipt];
    if (done.outcome == Outcome::ok) {
      ++deleted;
      if (done.repeat) ++repeats;
      queue_.remove(receipt);
    } else {
      if (config_.failure_visibility) {
        queue_.change_visibility(receipt, *config_.failure_visibility);
        ++changed;
      }
      queue_.release(receipt);
    }
    receipt = done.next;
  }
  queue_.bill_deletes(deleted, repeats);
  queue_.bill_deletes(changed, changed);  // ChangeMessageVisibilityBatch costs as much
  release_slot(id);
  go_on();
}

/// What was deleted may have set groups free, for this mapping and others.
void SqsEventSource::go_on() {
  queue_.groups_set_free();
  pump();
}

/// Tries again as long as the messages stay hidden from others.
void SqsEventSource::throttled(BatchId id) {
  slow_down(config_.throttle_slowdown);
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
  if (!queue_.available() && concurrency_ > std::max(floor_, busy_)) set_concurrency(std::max(floor_, busy_));
}

void SqsEventSource::set_concurrency(std::int32_t concurrency) {
  if (provisioned()) bill_pollers();
  concurrency_ = concurrency;
  level(Gauge::limit, concurrency_);
  if (!provisioned()) return;
  bill_pollers();
  const std::int64_t polls = config_.provisioned.polls * pollers();
  polls_.change(now(), polls * 1000, polls);
}

void SqsEventSource::busy_changed(std::int32_t by) {
  busy_ += by;
  level(Gauge::concurrency, busy_);
}

/// So many slots less, but never fewer than at the start.
void SqsEventSource::slow_down(std::int32_t slots) {
  if (slots > 0 && concurrency_ > floor_) set_concurrency(std::max(floor_, concurrency_ - slots));
}

void SqsEventSource::arm_ramp() {
  if (ramp_armed_ || busy_ < concurrency_ || concurrency_ >= cap_ || !queue_.available()) return;
  ramp_armed_ = true;
  after<&SqsEventSource::ramp>(Duration{60s} / config_.ramp_per_minute);
}

void SqsEventSource::ramp() {
  ramp_armed_ = false;
  if (!queue_.available()) return;
  set_concurrency(std::min(cap_, concurrency_ + 1));
  pump();
}

/// Pollers that hold no batch wait in long polls while the queue is empty, and each long poll that ends empty
/// is billed.
void SqsEventSource::account() {
  std::int32_t idle = queue_.available() ? 0 : std::max(0, concurrency_ - busy_);
  if (provisioned()) {
    idle /= config_.provisioned.batches;
    bill_pollers();
  } else if (busy_ == 0) {
    idle = std::min(idle, config_.idle_pollers);
  }
  const std::int64_t polls = idle_polls_.set_pollers(idle, now());
  if (polls > 0) queue_.bill_empty_receives(polls);
}

// ---- Provisioned mode -------------------------------------------------------------------------------------

std::int32_t SqsEventSource::pollers() const {
  return (concurrency_ + config_.provisioned.batches - 1) / config_.provisioned.batches;
}

/// By the second, and each poller for a minute at least.
void SqsEventSource::bill_pollers() {
  const auto bill_until = [&](Time until) {
    poller_ns_ += billed_pollers_ * (until - billed_until_).count();
    billed_until_ = until;
  };
  const std::int64_t wanted = pollers();
  if (wanted < billed_pollers_ && kept_until_ <= now()) {
    bill_until(std::max(kept_until_, billed_until_));
    billed_pollers_ = wanted;
  }
  bill_until(now());
  if (wanted > billed_pollers_) {
    billed_pollers_ = wanted;
    kept_until_ = now() + config_.provisioned.least_billed;
  }
  const std::int64_t seconds = poller_ns_ / 1'000'000'000;
  poller_ns_ -= seconds * 1'000'000'000;
  if (seconds > 0) use(poller_seconds_, seconds);
}

}  // namespace spillway
