#pragma once
/// aws.sqs.queue: a standard queue. At least once, in no promised order, invisible while somebody works on
/// it.
///
///     delayed -> visible -> in flight -> (deleted | visible again | dead-letter queue | expired)
///
/// Rules: Amazon SQS Developer Guide (visibility timeout, delay queues, dead-letter queues, quotas), 2026;
/// recorded behaviour where the guide is silent. A message is one record that moves between the lists of its
/// states, and each list has one timer, so a queue costs a handful of pending events however much it holds.

#include <vector>

#include "model/linked_list.hpp"
#include "spillway/distribution.hpp"
#include "spillway/service.hpp"
#include "spillway/settings.hpp"
#include "spillway/world.hpp"

namespace spillway {

/// Whoever polls a queue.
class QueueConsumer {
 public:
  virtual ~QueueConsumer() = default;
  /// Messages are visible that nobody has taken yet.
  virtual void messages_visible() = 0;
};

struct QueueConfig {
  Duration visibility_timeout = 30s;
  Duration delay{};
  Duration retention = 96h;
  std::int64_t maximum_message_bytes = 1 << 20;
  std::int64_t in_flight_limit = 120'000;
  std::int64_t max_receive_count = 0;  ///< zero: no redrive
  Distribution send_latency = Distribution::constant(0);
};

/// What a receive returned: a chain of receipts.
struct ReceivedBatch {
  ReceiptId first = kNoReceipt;
  ReceiptId last = kNoReceipt;
  std::int32_t count = 0;
  std::int32_t repeats = 0;  ///< of them received before
  std::int64_t bytes = 0;
};

class Queue final : public Service {
 public:
  Queue(World& world, std::string name, QueueConfig config);

  void set_dead_letter_queue(Queue& queue) { dead_letters_ = &queue; }
  void subscribe(QueueConsumer& consumer) { consumers_.push_back(&consumer); }

  /// SendMessage; the call's operation is "send" or none, or "dead_letter" where a service sends what it has
  /// given up: there the journey's branch ends.
  void on_call(CallId call) override;
  int operation(std::string_view name) const override {
    if (name == "dead_letter") return kDeadLetter;
    return name.empty() || name == "send" ? 0 : -1;
  }
  bool has_consumers() const { return !consumers_.empty(); }

  std::int64_t visible() const { return visible_count_; }
  const QueueConfig& config() const { return config_; }

  /// Takes up to `most` visible messages, for `visibility`, and appends them to `batch`. Messages that were
  /// received too often go to the dead-letter queue instead.
  void receive(std::int32_t most, Duration visibility, ReceivedBatch& batch);

  /// Deletes the message of a receipt, if it is still there, and gives up the receipt. The journey's branch
  /// succeeds.
  void remove(ReceiptId receipt);
  /// Gives up a receipt; its message becomes visible again when its time has come.
  void release(ReceiptId receipt);
  /// Bills DeleteMessageBatch calls for `count` deleted messages.
  void bill_deletes(std::int32_t count, std::int32_t repeats);
  /// Bills receives that found nothing.
  void bill_empty_receives(std::int64_t count) { use(requests_, count); }

 private:
  enum State : std::uint8_t { kDelayed, kVisible, kInFlight };
  static constexpr int kDeadLetter = 1;
  using List = LinkedList<Message, MessageId, &Message::previous, &Message::next>;
  using Ages = LinkedList<Message, MessageId, &Message::older, &Message::newer>;

  void send_done(CallId call);
  void delay_over();
  void visibility_expired();
  void retention_over();

  MessageId store(CallId call);
  void enter_delayed(MessageId id);
  void enter_visible(MessageId id, bool at_front);
  void enter_in_flight(MessageId id, Duration visibility);
  void leave_state(MessageId id);
  void adopt_dead(MessageId id);
  void discard(MessageId id, Ending ending);
  ReceiptId receipt_for(MessageId id);
  void notify();
  void show_levels();
  void bill_chunks(std::int64_t messages, std::int64_t bytes, std::int64_t repeats);
  template <auto Member>
  void arm(Time& armed, Time due);
  Message& message(MessageId id) { return world().messages()[id]; }

  QueueConfig config_;
  MeterId requests_;
  Stream send_draws_;
  std::uint32_t salt_;  ///< tells its redeliveries apart from those of other queues
  Queue* dead_letters_ = nullptr;
  std::vector<QueueConsumer*> consumers_;
  std::size_t next_consumer_ = 0;
  List delayed_;
  List visible_;
  List in_flight_;
  Ages ages_;  ///< every message, oldest first
  Time delay_timer_ = kNever;
  Time visibility_timer_ = kNever;
  Time retention_timer_ = kNever;
  std::int64_t delayed_count_ = 0;
  std::int64_t visible_count_ = 0;
  std::int64_t in_flight_count_ = 0;
  std::uint32_t last_serial_ = 0;
  std::int64_t shown_oldest_ = -1;
};

Settings describe_queue();
Service& make_queue(class Wiring& wiring, std::string name, const Value& settings);
void connect_queue(class Wiring& wiring, Service& queue, const Value& settings);

}  // namespace spillway
