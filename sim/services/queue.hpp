#pragma once
/// aws.sqs.queue. A standard queue: at least once, in no promised order, invisible while somebody works on
/// it; fair, when its messages carry the group id of a tenant. A FIFO queue: once, and in order within a
/// message group.
///
///     delayed -> visible -> in flight -> (deleted | visible again | dead-letter queue | expired)
///
/// Rules: Amazon SQS Developer Guide (visibility timeout, delay queues, dead-letter queues, FIFO queues,
/// quotas), 2026; recorded behaviour where the guide is silent. A message is one record that moves between
/// the lists of its states, and each list has one timer, so a queue costs a handful of pending events however
/// much it holds.

#include <array>
#include <memory>
#include <vector>

#include "model/linked_list.hpp"
#include "model/token_bucket.hpp"
#include "services/deduplication.hpp"
#include "services/fair_tenants.hpp"
#include "services/message_groups.hpp"
#include "services/repeated_requests.hpp"
#include "spillway/distribution.hpp"
#include "spillway/service.hpp"
#include "spillway/settings.hpp"
#include "spillway/world.hpp"

namespace spillway {

/// Whoever polls a queue.
class QueueConsumer {
 public:
  virtual ~QueueConsumer() = default;
  /// Messages may be received that nobody has taken yet.
  virtual void messages_visible() = 0;
};

/// What gives a message its group id.
enum class GroupBy : std::uint8_t { key, traffic_class, single };

/// What makes a queue a FIFO queue.
struct FifoConfig {
  using Group = GroupBy;
  enum class Deduplicate : std::uint8_t { request, key, none };

  Group group = Group::key;                        ///< what gives a message its group
  Deduplicate deduplicate = Deduplicate::request;  ///< what gives it its deduplication id
  bool by_group = false;                           ///< DeduplicationScope: messageGroup, else queue
  Duration deduplication_interval = 300s;
  std::int64_t rate = 300;      ///< calls of one API action a second; zero: no limit
  std::int64_t partitions = 0;  ///< of high throughput: each has its own rate; zero: not high throughput
  std::int64_t partition_rate = 300;
  std::int64_t scanned = 120'000;  ///< messages among which SQS looks for groups
};

/// What makes a standard queue a fair one: the group ids of its messages, which name their tenants.
struct FairConfig {
  GroupBy group = GroupBy::key;
  std::vector<std::uint16_t> without_group{};  ///< traffic classes whose messages have none
  NoiseLimits limits{};
};

/// Producers that gather messages and send them by SendMessageBatch.
struct ProducerBatchConfig {
  std::int32_t messages = 1;  ///< in one call at most; one: SendMessage
  Duration open = 200ms;      ///< how long a batch waits to be full
  std::int64_t bytes = 1 << 20;
};

/// PurgeQueue: deletes what was sent before it is called.
struct PurgeConfig {
  Duration at{};         ///< when it is called, since the start
  Duration every{};      ///< and again after each such time; zero: once
  Duration takes = 60s;  ///< until the messages are gone
};

struct QueueConfig {
  Duration visibility_timeout = 30s;
  Duration delay{};
  std::optional<Distribution> message_timer{};  ///< each message's own delay, in place of the queue's
  Duration retention = 96h;
  std::int64_t maximum_message_bytes = 1 << 20;
  std::int64_t in_flight_limit = 120'000;
  std::int64_t max_receive_count = 0;  ///< zero: no redrive
  Distribution send_latency = Distribution::constant(0);
  ProducerBatchConfig producer_batch{};
  double duplicate_deliveries = 0;  ///< probability that a receive leaves a copy visible
  double undeleted_copies = 0;      ///< probability that a copy outlives a delete
  Duration copy_delay = 60s;        ///< when it can be received again
  std::optional<FifoConfig> fifo{};
  std::optional<FairConfig> fair{};
  std::vector<PurgeConfig> purges{};
};

/// A message move task (StartMessageMoveTask): from a dead-letter queue back to where its messages are
/// handled.
struct RedriveBackConfig {
  Time start{};
  std::int64_t rate_millis = 500'000;  ///< thousandths of messages a second
  Duration most = 36h;
};

struct ReceiveRequest {
  std::int32_t most = 10;
  Duration visibility{};
  std::int64_t most_bytes = INT64_MAX;  ///< of the batch, all in all
  bool one_group = false;               ///< of a FIFO queue: no messages of a second group
};

/// What receives returned: a chain of receipts.
struct ReceivedBatch {
  ReceiptId first = kNoReceipt;
  ReceiptId last = kNoReceipt;
  std::int32_t count = 0;
  std::int32_t repeats = 0;  ///< of them delivered before
  std::int64_t bytes = 0;
  bool full = false;  ///< the next message would have exceeded its bytes

  void append(Pool<Receipt, ReceiptId>& receipts, ReceiptId receipt) {
    (first == kNoReceipt ? first : receipts[last].next) = receipt;
    last = receipt;
  }
};

class Queue final : public Service {
 public:
  Queue(World& world, std::string name, QueueConfig config);

  void set_dead_letter_queue(Queue& queue) { dead_letters_ = &queue; }
  void set_redrive_back(Queue& queue, const RedriveBackConfig& config);
  void subscribe(QueueConsumer& consumer) { consumers_.push_back(&consumer); }

  /// SendMessage; the call's operation is "send" or none, or "dead_letter" where a service sends what it has
  /// given up: there the journey's branch ends.
  void on_call(CallId call) override;
  int operation(std::string_view name) const override {
    if (name == "dead_letter") return kDeadLetter;
    return name.empty() || name == "send" ? 0 : -1;
  }
  bool has_consumers() const { return !consumers_.empty(); }
  void start() override;

  const QueueConfig& config() const { return config_; }
  std::int64_t visible() const { return visible_count_; }
  std::int64_t in_flight() const { return in_flight_count_; }
  std::int64_t messages() const { return delayed_count_ + visible_count_ + in_flight_count_; }

  /// Of a fair queue: tenants that it knows of.
  std::size_t tenants() const { return fair_ == nullptr ? 0 : fair_->tenants.tenants(); }

  /// Whether a receive could return something: of a FIFO queue, whether a group is not blocked.
  bool available() { return fifo_ == nullptr ? visible_count_ > 0 : fifo_->groups.first().has_value(); }
  /// How long until the queue's API takes another receive; zero: now.
  Duration receive_pause() { return fifo_ == nullptr ? Duration::zero() : fifo_->receives.wait(now()); }

  /// Takes up to `most` messages, and appends them to `batch`. Messages that were received too often go to
  /// the dead-letter queue instead.
  void receive(const ReceiveRequest& request, ReceivedBatch& batch);

  /// Deletes the message of a receipt, and gives up the receipt. The journey's branch succeeds. False when
  /// the message is not there, or, of a FIFO queue, is no longer in flight under this receipt.
  bool remove(ReceiptId receipt);
  /// Gives up a receipt; its message becomes visible again when its time has come.
  void release(ReceiptId receipt);
  /// ChangeMessageVisibility: hides the message for so long from now; zero shows it. False, and nothing
  /// changes, when it is not in flight under this receipt, or would be for more than 12 h since its receive.
  bool change_visibility(ReceiptId receipt, Duration visibility);
  /// Bills DeleteMessageBatch calls for `count` deleted messages.
  void bill_deletes(std::int32_t count, std::int32_t repeats);
  /// Counts and bills the deletes of messages that a filter did not pass.
  void bill_filtered(std::int32_t count) {
    if (count > 0) mark(Mark::filtered, count);
    bill_deletes(count, 0);
  }
  /// Bills receives that found nothing.
  void bill_empty_receives(std::int64_t count) { use(requests_.meter, count); }
  /// After a consumer's deletes: groups that they set free may be received by any consumer.
  void groups_set_free() {
    if (fifo_ != nullptr) notify();
  }

 private:
  /// A copy is visible, or will be, while the message was delivered already.
  enum State : std::uint8_t { kDelayed, kVisible, kInFlight, kCopyDelayed, kCopyVisible };
  static constexpr int kDeadLetter = 1;
  using List = LinkedList<Message, MessageId, &Message::previous, &Message::next>;
  using Ages = LinkedList<Message, MessageId, &Message::older, &Message::newer>;

  struct Fifo {
    explicit Fifo(const FifoConfig& config);
    FifoConfig config;
    MessageGroups groups;
    Deduplication deduplication;
    TokenBucket sends;
    TokenBucket receives;
    std::vector<TokenBucket> partitions{};  ///< sends to each
  };
  /// Requests on one meter.
  struct Billed {
    MeterId meter{};
    RepeatedRequests repeated{};
  };
  using Repeats = RepeatedRequests::Counts;
  struct Fair {
    Fair(const FairConfig& config, World& world);
    FairConfig config;
    FairTenants tenants;
    Billed surcharge;
    std::int64_t received = 0;  ///< messages with a group id that the receive at hand returned
    std::int64_t handled = 0;   ///< and that were deleted or changed, and not yet billed
  };

  static constexpr std::int32_t kMostEntries = 10;  ///< messages that one API call can carry
  enum class SendId : std::uint32_t {};
  /// One call of SendMessageBatch.
  struct Send {
    std::array<CallId, kMostEntries> calls{};
    std::array<Time, kMostEntries> joined{};
    std::int32_t count = 0;
    std::uint32_t serial = 0;
    std::int64_t bytes = 0;
  };
  struct Delayed {
    Time due;
    std::uint32_t serial;
    MessageId message;
    bool operator<(const Delayed& other) const {  // the soonest on top
      return due != other.due ? due > other.due : serial > other.serial;
    }
  };

  // queue_sends.cpp
  void send_done(CallId call);
  void join_batch(CallId call);
  void batch_open_over(std::uint32_t serial);
  void send_batch();
  void batch_done(SendId send);
  bool store(CallId call);
  bool admit_send(const Call& call);
  void refuse_over_rate(Send& send);
  Duration send_latency(CallId call);
  std::uint64_t group_of(const Journey& of, GroupBy by) const;
  std::uint64_t group_of(const Call& call);
  std::optional<std::uint64_t> tenant_of(const Journey& of) const;
  std::uint64_t deduplication_id(const Call& call);
  TokenBucket& partition_of(const Call& call);

  // queue_purge.cpp
  void purge(std::uint32_t number);
  void purge_done(std::uint32_t number);

  // queue_redrive.cpp
  void dead_letter(MessageId id);
  void adopt(MessageId id, std::uint64_t group, bool keeps_age);
  void move_back();
  void leave_copy(MessageId id);
  bool outlives_delete(const Receipt& receipt);

  void tell_consumers();
  void delay_over();
  void visibility_expired();
  void retention_over();

  void receive_any(const ReceiveRequest& request, ReceivedBatch& batch);
  void receive_in_order(const ReceiveRequest& request, ReceivedBatch& batch);
  bool take(MessageId id, const ReceiveRequest& request, ReceivedBatch& batch);
  void enter_queue(MessageId id, std::uint64_t group);
  void enter_delayed(MessageId id, Duration delay, State state);
  void enter_visible(MessageId id, bool at_front, State state = kVisible);
  void enter_in_flight(MessageId id, Duration visibility);
  void leave_state(MessageId id);
  void leave_queue(MessageId id);
  MessageId front();
  void discard(MessageId id, Ending ending);
  bool is_held(const Receipt& receipt);
  ReceiptId receipt_for(MessageId id);
  std::uint32_t next_serial();
  void notify();
  void show_levels();
  void bill_chunks(std::int64_t messages, std::int64_t bytes, std::int64_t repeats);
  void bill_surcharge(std::int64_t with_group, std::int64_t messages, std::int64_t bytes,
                      std::int64_t repeats);
  void bill_sends(const Send& sent, std::int64_t bytes, bool with_group);
  void bill(Billed& on, std::int64_t messages, std::int64_t bytes, const Repeats& repeats);
  template <auto Member>
  void arm(Time& armed, Time due) {
    if (armed <= due) return;  // the timer that is armed will arm the next one
    armed = due;
    at<Member>(due);
  }
  /// Whether a timer that came is the one that was armed last: a sooner one may have come before it.
  bool is_due(Time& armed) {
    if (now() < armed) return false;
    armed = kNever;
    return true;
  }
  Message& message(MessageId id) { return world().messages()[id]; }

  QueueConfig config_;
  std::unique_ptr<Fifo> fifo_;
  std::unique_ptr<Fair> fair_;
  Billed requests_;
  Stream send_draws_;
  Stream timer_draws_;
  Stream copy_draws_;
  std::uint32_t salt_;      ///< tells its redeliveries apart from those of other queues
  std::uint32_t& serials_;  ///< of the messages of all queues of the world
  Queue* dead_letters_ = nullptr;
  Queue* back_ = nullptr;
  RedriveBackConfig redrive_back_{};
  std::vector<QueueConsumer*> consumers_;
  std::size_t next_consumer_ = 0;
  std::vector<Delayed> delayed_;  ///< a heap; a message that is gone leaves its entry behind
  List visible_;
  List in_flight_;
  Ages ages_;  ///< every message, oldest first
  Pool<Send, SendId> sends_;
  SendId open_{UINT32_MAX};  ///< the batch that is being gathered
  std::uint32_t last_send_ = 0;
  Time delay_timer_ = kNever;
  Time visibility_timer_ = kNever;
  Time retention_timer_ = kNever;
  Time telling_ = kNever;  ///< consumers are to be told at this moment
  std::int64_t delayed_count_ = 0;
  std::int64_t visible_count_ = 0;
  std::int64_t in_flight_count_ = 0;
  std::int64_t shown_oldest_ = -1;
};

/// API calls that `messages` messages of `bytes` in all are billed as: ten a call, and at least one call for
/// each 64 KB.
std::int64_t billed_requests(std::int64_t messages, std::int64_t bytes);

Settings describe_queue();
Service& make_queue(class Wiring& wiring, std::string name, const Value& settings);
void connect_queue(class Wiring& wiring, Service& queue, const Value& settings);

}  // namespace spillway
