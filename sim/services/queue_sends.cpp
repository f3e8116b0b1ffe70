// How messages come: one a call (SendMessage), or gathered by their producers (SendMessageBatch); and what a
// FIFO queue refuses or has had before.

#include "services/queue.hpp"

#include <algorithm>

namespace spillway {

namespace {

constexpr std::uint64_t kGroupOfNothing = 1;

std::uint64_t together(std::uint64_t a, std::uint64_t b) { return mix_bits(a * kWeylStep + b); }

}  // namespace

void Queue::on_call(CallId id) {
  const Call& call = record(id);
  if (call.bytes > config_.maximum_message_bytes) return answer(id, Outcome::refused);
  if (config_.producer_batch.messages > 1) return join_batch(id);
  if (fifo_ != nullptr && !admit_send(call)) {
    mark(Mark::rate_throttled);
    return answer(id, Outcome::throttled);
  }
  const Duration latency = send_latency(id);
  if (latency > Duration::zero()) {
    after<&Queue::send_done>(latency, id);
  } else {
    send_done(id);
  }
}

Duration Queue::send_latency(CallId id) {
  const Call& call = record(id);
  Draws draws = world().draws(send_draws_, call.journey, call.lineage);
  return config_.send_latency.duration(draws);
}

void Queue::send_done(CallId id) {
  const std::int64_t requests = billed_requests(1, record(id).bytes);
  use(requests_.meter, requests, record(id));
  if (fair_ != nullptr && tenant_of(journey(record(id).journey)))
    use(fair_->surcharge.meter, requests, record(id));
  if (store(id)) {
    show_levels();
    notify();
  }
  answer(id, Outcome::ok);
}

/// False when it was not stored, as one with its deduplication id was.
bool Queue::store(CallId call_id) {
  const Call& call = record(call_id);
  if (fifo_ != nullptr && fifo_->config.deduplicate != FifoConfig::Deduplicate::none &&
      !fifo_->deduplication.accept(now(), deduplication_id(call))) {
    mark(Mark::deduplicated);
    return false;
  }
  const MessageId id = world().messages().take();
  message(id) = {.sent = now(), .journey = call.journey, .lineage = call.lineage, .bytes = call.bytes};
  world().begin_branch(call.journey);
  world().refer(call.journey);
  world().add_branch_waits(call.journey, call.waits);
  enter_queue(id, fifo_ != nullptr ? group_of(call) : 0);
  Duration delay = config_.delay;
  if (config_.message_timer) {
    Draws draws = world().draws(timer_draws_, call.journey, call.lineage);
    delay = std::min<Duration>(config_.message_timer->duration(draws), 900s);
  }
  delay > Duration::zero() ? enter_delayed(id, delay, kDelayed) : enter_visible(id, false);
  if (world().port(PortId{call.port}).operation == kDeadLetter) {
    message(id).dead = true;
    world().end_branch(call.journey, Ending::dead_lettered);
  }
  return true;
}

// ---- Group ids --------------------------------------------------------------------------------------------

std::uint64_t Queue::group_of(const Journey& of, GroupBy by) const {
  switch (by) {
    case GroupBy::key: return of.key;
    case GroupBy::traffic_class: return of.traffic_class;
    default: return kGroupOfNothing;
  }
}

/// Of a fair queue; none when its producer gives the message no group id.
std::optional<std::uint64_t> Queue::tenant_of(const Journey& of) const {
  if (std::ranges::count(fair_->config.without_group, of.traffic_class) > 0) return std::nullopt;
  return group_of(of, fair_->config.group);
}

// ---- FIFO -------------------------------------------------------------------------------------------------

std::uint64_t Queue::group_of(const Call& call) {
  return group_of(journey(call.journey), fifo_->config.group);
}

/// Of a request: the same however often this place of the topology sends it, as an id that the producer
/// derives from its request is.
std::uint64_t Queue::deduplication_id(const Call& call) {
  const Journey& of = journey(call.journey);
  const bool by_key = fifo_->config.deduplicate == FifoConfig::Deduplicate::key;
  const std::uint64_t id = by_key ? of.key : together(of.ordinal, call.port);
  return fifo_->config.by_group ? together(id, group_of(call)) : id;
}

TokenBucket& Queue::partition_of(const Call& call) {
  return fifo_->partitions[mix_bits(group_of(call)) % fifo_->partitions.size()];
}

/// One transaction, of the queue and of the partition that the message's group falls into.
bool Queue::admit_send(const Call& call) {
  if (!fifo_->sends.holds(now(), 1)) return false;
  if (!fifo_->partitions.empty() && !partition_of(call).take(now())) return false;
  return fifo_->sends.take(now());
}

// ---- Batches ----------------------------------------------------------------------------------------------

/// A batch is sent when it is full, when the next entry would exceed its payload, or when it was open for
/// long enough.
void Queue::join_batch(CallId id) {
  const std::int64_t bytes = record(id).bytes;
  if (open_ != SendId{UINT32_MAX} && sends_[open_].bytes + bytes > config_.producer_batch.bytes) send_batch();
  if (open_ == SendId{UINT32_MAX}) {
    open_ = sends_.take();
    sends_[open_].serial = ++last_send_;
    after<&Queue::batch_open_over>(config_.producer_batch.open, last_send_);
  }
  Send& send = sends_[open_];
  send.joined[static_cast<std::size_t>(send.count)] = now();
  send.calls[static_cast<std::size_t>(send.count++)] = id;
  send.bytes += bytes;
  if (send.count == config_.producer_batch.messages) send_batch();
}

void Queue::batch_open_over(std::uint32_t serial) {
  if (open_ != SendId{UINT32_MAX} && sends_[open_].serial == serial) send_batch();
}

void Queue::send_batch() {
  const SendId id = open_;
  open_ = SendId{UINT32_MAX};
  Send& send = sends_[id];
  for (std::size_t i = 0; i < static_cast<std::size_t>(send.count); ++i)
    record(send.calls[i]).waits.queued += now() - send.joined[i];
  if (fifo_ != nullptr) refuse_over_rate(send);
  if (send.count == 0) return sends_.release(id);
  const Duration latency = send_latency(send.calls.front());
  if (latency > Duration::zero()) {
    after<&Queue::batch_done>(latency, id);
  } else {
    batch_done(id);
  }
}

/// A batch is split by partition, and each piece counts as a transaction; a piece that finds none left is
/// throttled as a whole.
void Queue::refuse_over_rate(Send& send) {
  std::array<TokenBucket*, kMostEntries> seen{};
  std::array<bool, kMostEntries> admitted{};
  std::int32_t pieces = 0;
  std::int32_t kept = 0;
  std::array<CallId, kMostEntries> refused{};
  std::int32_t refusals = 0;
  for (std::int32_t i = 0; i < send.count; ++i) {
    const CallId id = send.calls[static_cast<std::size_t>(i)];
    TokenBucket* const partition = fifo_->partitions.empty() ? nullptr : &partition_of(record(id));
    std::size_t piece = 0;
    while (piece < static_cast<std::size_t>(pieces) && seen[piece] != partition) ++piece;
    if (piece == static_cast<std::size_t>(pieces)) {
      seen[piece] = partition;
      admitted[piece] = admit_send(record(id));
      ++pieces;
    }
    if (admitted[piece]) {
      send.calls[static_cast<std::size_t>(kept++)] = id;
    } else {
      refused[static_cast<std::size_t>(refusals++)] = id;
    }
  }
  send.count = kept;
  if (refusals > 0) mark(Mark::rate_throttled, refusals);
  for (std::int32_t i = 0; i < refusals; ++i)
    answer(refused[static_cast<std::size_t>(i)], Outcome::throttled);
}

void Queue::batch_done(SendId id) {
  const Send sent = sends_[id];
  sends_.release(id);
  std::int64_t bytes = 0;
  bool with_group = false;
  for (std::int32_t i = 0; i < sent.count; ++i) {
    const CallId entry = sent.calls[static_cast<std::size_t>(i)];
    bytes += record(entry).bytes;
    with_group = with_group || (fair_ != nullptr && tenant_of(journey(record(entry).journey)));
    store(entry);
  }
  bill_sends(sent, bytes, with_group);
  show_levels();
  notify();
  for (std::int32_t i = 0; i < sent.count; ++i) answer(sent.calls[static_cast<std::size_t>(i)], Outcome::ok);
}

/// Entries of one batch may have been repeated by several layers, and have one request's price together.
void Queue::bill_sends(const Send& sent, std::int64_t bytes, bool with_group) {
  Repeats repeats;
  for (std::int32_t i = 0; i < sent.count; ++i) {
    const Call& entry = record(sent.calls[static_cast<std::size_t>(i)]);
    if (entry.repeat) ++repeats[entry.lineage.layer()];
  }
  bill(requests_, sent.count, bytes, repeats);
  if (with_group) bill(fair_->surcharge, sent.count, bytes, repeats);
}

}  // namespace spillway
