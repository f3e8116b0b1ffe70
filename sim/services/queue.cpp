// The states of a message, and what a consumer does with it. See queue_sends.cpp for how messages come,
// queue_redrive.cpp for how they leave for another queue, and queue_purge.cpp for how all of them go.

#include "services/queue.hpp"

#include <algorithm>
#include <utility>

namespace spillway {

namespace {

constexpr std::int64_t kBilledChunk = 64 * 1024;  // each 64 KB of payload is one request (SQS pricing)
constexpr std::int64_t kLargestReceive = 10;      // messages that one API call can carry
constexpr std::uint16_t kOftenReceived = 3;  // a message received this often goes to the back of the queue
constexpr Duration kLongestInFlight = 12h;   // since its receive (SQS API, ChangeMessageVisibility)

constexpr auto by_due = [](const Message& message) { return message.due; };

ByRetryLayer<std::int64_t> redelivered(std::int64_t messages) {
  ByRetryLayer<std::int64_t> repeats;
  repeats[RetryLayer::redrive] = messages;
  return repeats;
}

/// Serials tell a message from all others of the world: a record may pass from queue to queue while a slow
/// consumer still holds an old receipt of it.
struct MessageSerials : Shared {
  std::uint32_t last = 0;
};

}  // namespace

std::int64_t billed_requests(std::int64_t messages, std::int64_t bytes) {
  const std::int64_t calls = (messages + kLargestReceive - 1) / kLargestReceive;
  return std::max(calls, (bytes + kBilledChunk - 1) / kBilledChunk);
}

Queue::Fifo::Fifo(const FifoConfig& of)
    : config(of), groups(of.scanned), deduplication(of.deduplication_interval) {
  if (of.rate > 0) sends = receives = TokenBucket(of.rate * 1000, of.rate);
  const auto count = static_cast<std::size_t>(of.partitions);
  partitions.assign(count, TokenBucket(of.partition_rate * 1000, of.partition_rate));
}

Queue::Fair::Fair(const FairConfig& of, World& world)
    : config(of), tenants(world.messages(), of.limits), surcharge{world.meter("sqs.requests.fair")} {}

Queue::Queue(World& world, std::string name, QueueConfig config)
    : Service(world, std::move(name)),
      config_(std::move(config)),
      fifo_(config_.fifo ? std::make_unique<Fifo>(*config_.fifo) : nullptr),
      fair_(config_.fair ? std::make_unique<Fair>(*config_.fair, world) : nullptr),
      requests_{world.meter(config_.fifo ? "sqs.requests.fifo" : "sqs.requests.standard")},
      send_draws_(world.stream(this->name() + "/send")),
      timer_draws_(world.stream(this->name() + "/timer")),
      copy_draws_(world.stream(this->name() + "/copy")),
      salt_(static_cast<std::uint32_t>(send_draws_.key())),
      serials_(world.shared<MessageSerials>("message serials").last) {}

void Queue::start() {
  if (back_ != nullptr) at<&Queue::move_back>(redrive_back_.start);
  for (std::uint32_t i = 0; i < config_.purges.size(); ++i)
    at<&Queue::purge>(kStart + config_.purges[i].at, i);
}

std::uint32_t Queue::next_serial() {
  if (++serials_ == 0) ++serials_;
  return serials_;
}

// ---- States -----------------------------------------------------------------------------------------------

void Queue::enter_queue(MessageId id, std::uint64_t group) {
  message(id).serial = next_serial();
  ages_.insert_ordered(world().messages(), id, [](const Message& message) { return message.sent; });
  arm<&Queue::retention_over>(retention_timer_, std::max(now(), message(id).sent + config_.retention));
  if (fifo_ != nullptr) fifo_->groups.add(id, group);
  if (fair_ != nullptr) fair_->tenants.add(id, tenant_of(journey(message(id).journey)), now());
}

/// For good, or for another queue; it has left its state.
void Queue::leave_queue(MessageId id) {
  ages_.remove(world().messages(), id);
  if (fifo_ != nullptr) fifo_->groups.remove(id);
  if (fair_ != nullptr) fair_->tenants.remove(id, now());
}

/// The message that a receive returns next, when there is one.
MessageId Queue::front() {
  if (fifo_ != nullptr) return *fifo_->groups.first();
  return fair_ != nullptr ? *fair_->tenants.first(now()) : visible_.front();
}

void Queue::enter_delayed(MessageId id, Duration delay, State state) {
  Message& entering = message(id);
  entering.state = state;
  entering.due = now() + delay;
  delayed_.push_back({entering.due, entering.serial, id});
  std::push_heap(delayed_.begin(), delayed_.end());
  ++delayed_count_;
  arm<&Queue::delay_over>(delay_timer_, entering.due);
}

void Queue::enter_visible(MessageId id, bool at_front, State state) {
  message(id).state = state;
  ++visible_count_;
  if (fifo_ != nullptr) return fifo_->groups.show(id);
  if (fair_ != nullptr) return fair_->tenants.show(id, at_front);
  at_front ? visible_.push_front(world().messages(), id) : visible_.push_back(world().messages(), id);
}

void Queue::enter_in_flight(MessageId id, Duration visibility) {
  Message& entering = message(id);
  entering.state = kInFlight;
  entering.due = now() + visibility;
  in_flight_.insert_ordered(world().messages(), id, by_due);
  ++in_flight_count_;
  if (fair_ != nullptr) fair_->tenants.begin_flight(id, now());
  arm<&Queue::visibility_expired>(visibility_timer_, entering.due);
}

void Queue::leave_state(MessageId id) {
  auto& messages = world().messages();
  switch (message(id).state) {
    case kDelayed:
    case kCopyDelayed: --delayed_count_; break;
    case kVisible:
    case kCopyVisible:
      --visible_count_;
      if (fifo_ != nullptr) return fifo_->groups.hide(id);
      if (fair_ != nullptr) return fair_->tenants.hide(id);
      visible_.remove(messages, id);
      break;
    default:
      in_flight_.remove(messages, id);
      --in_flight_count_;
      if (fair_ != nullptr) fair_->tenants.end_flight(id, now());
  }
}

void Queue::discard(MessageId id, Ending ending) {
  leave_queue(id);
  const Message gone = message(id);
  message(id).serial = 0;
  world().messages().release(id);
  if (!gone.dead) world().end_branch(gone.journey, ending);
  world().unrefer(gone.journey);
}

void Queue::delay_over() {
  if (!is_due(delay_timer_)) return;
  while (!delayed_.empty()) {
    const Delayed next = delayed_.front();
    const bool gone = message(next.message).serial != next.serial;
    if (!gone && next.due > now()) break;
    std::pop_heap(delayed_.begin(), delayed_.end());
    delayed_.pop_back();
    if (gone) continue;
    const bool copy = message(next.message).state == kCopyDelayed;
    leave_state(next.message);
    enter_visible(next.message, false, copy ? kCopyVisible : kVisible);
  }
  if (!delayed_.empty()) arm<&Queue::delay_over>(delay_timer_, delayed_.front().due);
  show_levels();
  notify();
}

void Queue::visibility_expired() {
  if (!is_due(visibility_timer_)) return;
  while (!in_flight_.empty() && message(in_flight_.front()).due <= now()) {
    const MessageId id = in_flight_.front();
    leave_state(id);
    enter_visible(id, message(id).received < kOftenReceived);
  }
  if (!in_flight_.empty())
    arm<&Queue::visibility_expired>(visibility_timer_, message(in_flight_.front()).due);
  show_levels();
  notify();
}

/// Retention counts from the first send and takes messages in flight too.
void Queue::retention_over() {
  if (!is_due(retention_timer_)) return;
  while (!ages_.empty() && message(ages_.front()).sent + config_.retention <= now()) {
    const MessageId id = ages_.front();
    leave_state(id);
    if (!message(id).dead) mark(Mark::expired);
    discard(id, Ending::expired);
  }
  if (!ages_.empty())
    arm<&Queue::retention_over>(retention_timer_, message(ages_.front()).sent + config_.retention);
  show_levels();
  groups_set_free();
}

// ---- Consumers --------------------------------------------------------------------------------------------

void Queue::receive(const ReceiveRequest& request, ReceivedBatch& batch) {
  const ReceivedBatch before = batch;
  fifo_ == nullptr ? receive_any(request, batch) : receive_in_order(request, batch);
  const std::int32_t taken = batch.count - before.count;
  if (taken > 0) bill_chunks(taken, batch.bytes - before.bytes, batch.repeats - before.repeats);
  if (fair_ != nullptr) {
    bill_surcharge(std::exchange(fair_->received, 0), taken, batch.bytes - before.bytes,
                   batch.repeats - before.repeats);
  }
  show_levels();
}

void Queue::receive_any(const ReceiveRequest& request, ReceivedBatch& batch) {
  const std::int32_t most = batch.count + request.most;
  while (batch.count < most && visible_count_ > 0 && in_flight_count_ < config_.in_flight_limit) {
    if (!take(front(), request, batch)) return;
  }
}

/// As many messages of one group as possible, then of others; none of a group behind one that is not visible.
void Queue::receive_in_order(const ReceiveRequest& request, ReceivedBatch& batch) {
  if (!fifo_->receives.take(now())) return;
  const std::int32_t before = batch.count;
  const std::int32_t most = before + request.most;
  bool more = true;
  while (more && batch.count < most && in_flight_count_ < config_.in_flight_limit) {
    std::optional<MessageId> next = fifo_->groups.first();
    if (!next || (request.one_group && batch.count > before)) return;
    const std::uint64_t group = fifo_->groups.group_of(*next);
    while (more && next && batch.count < most && in_flight_count_ < config_.in_flight_limit) {
      const MessageId id = *next;
      next = fifo_->groups.behind(id);
      more = take(id, request, batch);
    }
    fifo_->groups.settle(group);
  }
}

/// Delivers a visible message, or moves it to the dead-letter queue: that happens at the receive that would
/// exceed its count, not when the last visibility timeout ends. False when the batch has no room for it.
bool Queue::take(MessageId id, const ReceiveRequest& request, ReceivedBatch& batch) {
  if (dead_letters_ != nullptr && message(id).received >= config_.max_receive_count) {
    dead_letter(id);
    return true;
  }
  if (batch.count > 0 && batch.bytes + message(id).bytes > request.most_bytes) {
    batch.full = true;
    return false;
  }
  if (message(id).state == kCopyVisible) mark(Mark::duplicate);
  leave_state(id);
  const ReceiptId receipt = receipt_for(id);
  batch.append(world().receipts(), receipt);
  ++batch.count;
  if (world().receipts()[receipt].repeat) ++batch.repeats;
  batch.bytes += message(id).bytes;
  if (fair_ != nullptr && fair_->tenants.has_group(id)) ++fair_->received;
  enter_in_flight(id, request.visibility);
  if (config_.duplicate_deliveries > 0) leave_copy(id);
  return true;
}

ReceiptId Queue::receipt_for(MessageId id) {
  Message& received = message(id);
  if (received.received < UINT16_MAX) ++received.received;
  const ReceiptId receipt = world().receipts().take();
  world().receipts()[receipt] = {
      .received = now(),
      .message = id,
      .serial = received.serial,
      .journey = received.journey,
      .lineage = received.lineage.attempt(salt_, received.received, RetryLayer::redrive),
      .bytes = received.bytes,
      .times = received.received,
      .repeat = received.redriven || received.received > 1,
      .ordered = fifo_ != nullptr};
  world().refer(received.journey);
  return receipt;
}

bool Queue::is_held(const Receipt& receipt) {
  const Message& of = message(receipt.message);
  return of.serial == receipt.serial && of.state == kInFlight && of.received == receipt.times;
}

bool Queue::remove(ReceiptId id) {
  const Receipt receipt = world().receipts()[id];
  // A FIFO queue refuses an old receipt; a standard one deletes whatever state the message is in.
  const bool held = fifo_ != nullptr ? is_held(receipt) : message(receipt.message).serial == receipt.serial;
  if (held) {
    // Time before the receive that succeeded: each failed one cost a visibility timeout, the rest was
    // queueing.
    const Duration waited = receipt.received - message(receipt.message).sent;
    const Duration backoff = std::min(waited, config_.visibility_timeout * (receipt.times - 1));
    world().add_branch_waits(receipt.journey, {.queued = waited - backoff, .backoff = backoff});
    leave_state(receipt.message);
    if (fair_ != nullptr && fair_->tenants.has_group(receipt.message)) ++fair_->handled;
    if (config_.undeleted_copies == 0 || !outlives_delete(receipt))
      discard(receipt.message, Ending::succeeded);
    show_levels();
  }
  release(id);
  return held;
}

void Queue::release(ReceiptId id) {
  const JourneyId journey = world().receipts()[id].journey;
  world().receipts().release(id);
  world().unrefer(journey);
}

bool Queue::change_visibility(ReceiptId id, Duration visibility) {
  const Receipt& receipt = world().receipts()[id];
  if (!is_held(receipt) || now() + visibility > receipt.received + kLongestInFlight) return false;
  leave_state(receipt.message);
  enter_in_flight(receipt.message, visibility);
  if (fair_ != nullptr && fair_->tenants.has_group(receipt.message)) ++fair_->handled;
  return true;
}

void Queue::notify() {
  for (std::size_t i = 0; i < consumers_.size() && available(); ++i) {
    next_consumer_ = (next_consumer_ + 1) % consumers_.size();
    consumers_[next_consumer_]->messages_visible();
  }
}

void Queue::show_levels() {
  level(Gauge::backlog, visible_count_);
  level(Gauge::in_flight, in_flight_count_);
  if (config_.delay > Duration::zero() || config_.message_timer || config_.undeleted_copies > 0)
    level(Gauge::delayed, delayed_count_);
  const std::int64_t oldest = ages_.empty() ? -1 : message(ages_.front()).sent.time_since_epoch().count();
  if (oldest != shown_oldest_) level(Gauge::oldest, oldest);
  shown_oldest_ = oldest;
}

/// Requests about messages, of which each layer repeated so many.
void Queue::bill(Billed& on, std::int64_t messages, std::int64_t bytes, const Repeats& repeats) {
  const std::int64_t requests = billed_requests(messages, bytes);
  if (repeats.sum() == 0) return use(on.meter, requests);
  const Repeats parts = on.repeated.part(requests, messages, repeats);
  std::int64_t rest = requests - parts.sum();
  for (const RetryLayer layer : kLayersTryingAgain) {
    if (parts[layer] > 0) use(on.meter, std::exchange(rest, 0) + parts[layer], parts[layer], layer);
  }
  if (rest > 0) use(on.meter, rest);
}

/// `repeats` of the messages were delivered before.
void Queue::bill_chunks(std::int64_t messages, std::int64_t bytes, std::int64_t repeats) {
  bill(requests_, messages, bytes, redelivered(repeats));
}

/// Of a fair queue: on requests about messages with a group id, on the whole request when it carries one.
/// (That receives, changes and deletes bear it too is an assumption.)
void Queue::bill_surcharge(std::int64_t with_group, std::int64_t messages, std::int64_t bytes,
                           std::int64_t repeats) {
  if (with_group == 0) return;
  bill(fair_->surcharge, messages, bytes, redelivered(repeats));
}

void Queue::bill_deletes(std::int32_t count, std::int32_t repeats) {
  if (count == 0) return;
  bill_chunks(count, 0, repeats);
  if (fair_ != nullptr) bill_surcharge(std::exchange(fair_->handled, 0), count, 0, repeats);
}

}  // namespace spillway
