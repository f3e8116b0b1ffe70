#include "services/queue.hpp"

#include "model/quotas.hpp"
#include "services/catalogue.hpp"

namespace spillway {

namespace {

constexpr std::int64_t kBilledChunk = 64 * 1024;  // each 64 KB of payload is one request (SQS pricing)
constexpr std::int32_t kLargestReceive = 10;      // messages that one API call can carry
constexpr std::uint16_t kOftenReceived = 3;  // a message received this often goes to the back of the queue

constexpr auto by_due = [](const Message& message) { return message.due; };
constexpr auto by_age = [](const Message& message) { return message.sent; };

std::int64_t chunks(std::int64_t bytes) {
  return bytes <= kBilledChunk ? 1 : (bytes + kBilledChunk - 1) / kBilledChunk;
}

}  // namespace

Queue::Queue(World& world, std::string name, QueueConfig config)
    : Service(world, std::move(name)),
      config_(std::move(config)),
      requests_(world.meter("sqs.requests.standard")),
      send_draws_(world.stream(this->name() + "/send")),
      salt_(static_cast<std::uint32_t>(send_draws_.key())) {}

void Queue::on_call(CallId id) {
  const Call& call = record(id);
  if (call.bytes > config_.maximum_message_bytes) {
    answer(id, Outcome::refused);
    return;
  }
  Draws draws = world().draws(send_draws_, call.journey, call.lineage);
  const Duration latency = config_.send_latency.duration(draws);
  if (latency > Duration::zero()) {
    after<&Queue::send_done>(latency, id);
  } else {
    send_done(id);
  }
}

void Queue::send_done(CallId id) {
  use(requests_, chunks(record(id).bytes), record(id));
  const MessageId stored = store(id);
  if (world().port(PortId{record(id).port}).operation == kDeadLetter) {
    message(stored).dead = true;
    world().end_branch(record(id).journey, Ending::dead_lettered);
  }
  config_.delay > Duration::zero() ? enter_delayed(stored) : enter_visible(stored, false);
  show_levels();
  notify();
  answer(id, Outcome::ok);
}

MessageId Queue::store(CallId call_id) {
  const Call& call = record(call_id);
  const MessageId id = world().messages().take();
  Message& stored = message(id);
  if (++last_serial_ == 0) ++last_serial_;
  stored = {.sent = now(),
            .journey = call.journey,
            .lineage = call.lineage,
            .bytes = call.bytes,
            .serial = last_serial_};
  ages_.push_back(world().messages(), id);
  world().begin_branch(call.journey);
  world().refer(call.journey);
  journey(call.journey).waits += call.waits;
  arm<&Queue::retention_over>(retention_timer_, now() + config_.retention);
  return id;
}

void Queue::enter_delayed(MessageId id) {
  Message& entering = message(id);
  entering.state = kDelayed;
  entering.due = now() + config_.delay;
  delayed_.insert_ordered(world().messages(), id, by_due);
  ++delayed_count_;
  arm<&Queue::delay_over>(delay_timer_, entering.due);
}

void Queue::enter_visible(MessageId id, bool at_front) {
  message(id).state = kVisible;
  at_front ? visible_.push_front(world().messages(), id) : visible_.push_back(world().messages(), id);
  ++visible_count_;
}

void Queue::enter_in_flight(MessageId id, Duration visibility) {
  Message& entering = message(id);
  entering.state = kInFlight;
  entering.due = now() + visibility;
  in_flight_.insert_ordered(world().messages(), id, by_due);
  ++in_flight_count_;
  arm<&Queue::visibility_expired>(visibility_timer_, entering.due);
}

void Queue::leave_state(MessageId id) {
  auto& messages = world().messages();
  switch (message(id).state) {
    case kDelayed:
      delayed_.remove(messages, id);
      --delayed_count_;
      break;
    case kVisible:
      visible_.remove(messages, id);
      --visible_count_;
      break;
    default: in_flight_.remove(messages, id); --in_flight_count_;
  }
}

void Queue::receive(std::int32_t most, Duration visibility, ReceivedBatch& batch) {
  std::int32_t taken = 0;
  std::int32_t repeats = 0;
  std::int64_t bytes = 0;
  while (taken < most && !visible_.empty() && in_flight_count_ < config_.in_flight_limit) {
    const MessageId id = visible_.front();
    leave_state(id);
    // The move happens at the receive that would exceed the count, not when the last visibility timeout ends.
    if (dead_letters_ != nullptr && message(id).received >= config_.max_receive_count) {
      ages_.remove(world().messages(), id);
      mark(Mark::dead_lettered);
      dead_letters_->adopt_dead(id);
      continue;
    }
    const ReceiptId receipt = receipt_for(id);
    enter_in_flight(id, visibility);
    (batch.first == kNoReceipt ? batch.first : world().receipts()[batch.last].next) = receipt;
    batch.last = receipt;
    ++taken;
    if (message(id).received > 1) ++repeats;
    bytes += message(id).bytes;
  }
  batch.count += taken;
  batch.repeats += repeats;
  batch.bytes += bytes;
  if (taken > 0) bill_chunks(taken, bytes, repeats);
  show_levels();
}

ReceiptId Queue::receipt_for(MessageId id) {
  Message& received = message(id);
  if (received.received < UINT16_MAX) ++received.received;
  const ReceiptId receipt = world().receipts().take();
  world().receipts()[receipt] = {.received = now(),
                                 .message = id,
                                 .serial = received.serial,
                                 .journey = received.journey,
                                 .lineage = received.lineage.attempt(salt_, received.received),
                                 .bytes = received.bytes,
                                 .times = received.received};
  world().refer(received.journey);
  return receipt;
}

void Queue::remove(ReceiptId id) {
  const Receipt receipt = world().receipts()[id];
  if (message(receipt.message).serial == receipt.serial) {
    // Time before the receive that succeeded: each failed one cost a visibility timeout, the rest was
    // queueing.
    const Duration waited = receipt.received - message(receipt.message).sent;
    const Duration backoff = std::min(waited, config_.visibility_timeout * (receipt.times - 1));
    journey(receipt.journey).waits += {.queued = waited - backoff, .backoff = backoff};
    leave_state(receipt.message);
    discard(receipt.message, Ending::succeeded);
    show_levels();
  }
  release(id);
}

void Queue::release(ReceiptId id) {
  const JourneyId journey = world().receipts()[id].journey;
  world().receipts().release(id);
  world().unrefer(journey);
}

void Queue::discard(MessageId id, Ending ending) {
  ages_.remove(world().messages(), id);
  const Message gone = message(id);
  message(id).serial = 0;
  world().messages().release(id);
  if (!gone.dead) world().end_branch(gone.journey, ending);
  world().unrefer(gone.journey);
}

/// The journey ends here for good; the message stays, with the time at which it was first sent.
void Queue::adopt_dead(MessageId id) {
  Message& dead = message(id);
  dead.received = 0;
  ages_.insert_ordered(world().messages(), id, by_age);
  arm<&Queue::retention_over>(retention_timer_, std::max(now(), dead.sent + config_.retention));
  enter_visible(id, false);
  show_levels();
  if (!dead.dead) world().end_branch(dead.journey, Ending::dead_lettered);
  dead.dead = true;
}

void Queue::delay_over() {
  delay_timer_ = kNever;
  while (!delayed_.empty() && message(delayed_.front()).due <= now()) {
    const MessageId id = delayed_.front();
    leave_state(id);
    enter_visible(id, false);
  }
  if (!delayed_.empty()) arm<&Queue::delay_over>(delay_timer_, message(delayed_.front()).due);
  show_levels();
  notify();
}

void Queue::visibility_expired() {
  visibility_timer_ = kNever;
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
  retention_timer_ = kNever;
  while (!ages_.empty() && message(ages_.front()).sent + config_.retention <= now()) {
    const MessageId id = ages_.front();
    leave_state(id);
    if (!message(id).dead) mark(Mark::expired);
    discard(id, Ending::expired);
  }
  if (!ages_.empty())
    arm<&Queue::retention_over>(retention_timer_, message(ages_.front()).sent + config_.retention);
  show_levels();
}

template <auto Member>
void Queue::arm(Time& armed, Time due) {
  if (armed <= due) return;  // the timer that is armed will arm the next one
  armed = due;
  at<Member>(due);
}

void Queue::notify() {
  for (std::size_t i = 0; i < consumers_.size() && visible_count_ > 0; ++i) {
    next_consumer_ = (next_consumer_ + 1) % consumers_.size();
    consumers_[next_consumer_]->messages_visible();
  }
}

void Queue::show_levels() {
  level(Gauge::backlog, visible_count_);
  level(Gauge::in_flight, in_flight_count_);
  if (config_.delay > Duration::zero()) level(Gauge::delayed, delayed_count_);
  const std::int64_t oldest = ages_.empty() ? -1 : message(ages_.front()).sent.time_since_epoch().count();
  if (oldest != shown_oldest_) level(Gauge::oldest, oldest);
  shown_oldest_ = oldest;
}

/// A receive of up to ten messages is one request, and at least one for each 64 KB.
void Queue::bill_chunks(std::int64_t messages, std::int64_t bytes, std::int64_t repeats) {
  const std::int64_t calls = (messages + kLargestReceive - 1) / kLargestReceive;
  const std::int64_t requests = std::max(calls, chunks(bytes));
  use(requests_, requests, requests * repeats / messages);
}

void Queue::bill_deletes(std::int32_t count, std::int32_t repeats) {
  if (count > 0) bill_chunks(count, 0, repeats);
}

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
      object("redrive", "Where a message goes that was received too often.",
             {reference("to", "The dead-letter queue.").of_types({"aws.sqs.queue"}).required(),
              count("max_receive_count", "A message received this often is moved at its next receive.")
                  .fallback(quota("sqs.max_receive_count.default"))
                  .between(1, 1000)
                  .source("SQS CreateQueue, RedrivePolicy")})
          .optional(),
      distribution("send_latency", "How long SendMessage takes.")
          .fallback("{ lognormal: { median: 8ms, p99: 40ms } }")
          .source("assumption: AWS publishes no figure"),
  };
}

Service& make_queue(Wiring& wiring, std::string name, const Value& settings) {
  const Value& redrive = settings["redrive"];
  return wiring.world().add<Queue>(
      std::move(name),
      QueueConfig{.visibility_timeout = settings["visibility_timeout"].duration(),
                  .delay = settings["delay"].duration(),
                  .retention = settings["retention"].duration(),
                  .maximum_message_bytes = settings["maximum_message_size"].bytes(),
                  .in_flight_limit = settings["in_flight_limit"].count(),
                  .max_receive_count = redrive.is_set() ? redrive["max_receive_count"].count() : 0,
                  .send_latency = settings["send_latency"].distribution()});
}

void connect_queue(Wiring& wiring, Service& queue, const Value& settings) {
  const Value& redrive = settings["redrive"];
  if (!redrive.is_set()) return;
  auto& dead_letters = static_cast<Queue&>(wiring.world().service(wiring.service(redrive["to"])));
  static_cast<Queue&>(queue).set_dead_letter_queue(dead_letters);
}

}  // namespace spillway
