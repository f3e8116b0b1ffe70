#pragma once
/// Lambda's event source mapping for an SQS queue: the pollers that receive messages, gather them into
/// batches and invoke the function with each.
///
/// Scaling (Lambda Developer Guide, "Scaling and error handling", 2026): it begins with five concurrent
/// batches, adds up to 300 a minute while a backlog remains, up to 1,250 or the configured maximum
/// concurrency, and falls back to five when the queue is empty. In provisioned mode it is a number of
/// pollers, between two that are set, with ten concurrent batches each. A throttled invocation is tried again
/// until the messages' visibility ends: then they return to the queue with one more receive on their count,
/// though no code has seen them. Of a FIFO queue as many batches are in progress as groups are not blocked.
///
/// An idle poller costs no events: the empty receives of long polls are counted from idle time when they are
/// asked for.

#include <vector>

#include "engine/gauge.hpp"
#include "services/idle_polls.hpp"
#include "services/queue.hpp"

namespace spillway {

class Function;

/// Which messages the function sees; the others are deleted.
struct EventFilter {
  double pass = 1;                       ///< a message's chance
  std::vector<std::uint16_t> classes{};  ///< the traffic classes that pass; none named: all

  bool everything() const { return pass >= 1 && classes.empty(); }
};

/// Event pollers that are paid for (provisioned mode).
struct ProvisionedPollers {
  std::int32_t least = 0;  ///< zero: the mapping is not in provisioned mode
  std::int32_t most = 0;
  std::int32_t batches = 10;       ///< of each, at once
  std::int64_t polls = 10;         ///< of each, a second
  std::int64_t bytes = 1'000'000;  ///< of each, a second
  Duration least_billed = 60s;     ///< a poller that was added is billed for so long
};

struct SqsEventSourceConfig {
  std::int32_t batch_size = 10;
  std::int64_t batch_bytes = 6 << 20;
  Duration window{};
  bool one_group = false;                ///< of a FIFO queue: a batch holds messages of one group only
  std::int32_t maximum_concurrency = 0;  ///< zero: none
  ProvisionedPollers provisioned{};
  bool partial_responses = false;                ///< ReportBatchItemFailures
  std::optional<Duration> failure_visibility{};  ///< what the handler sets for a message that it reports
  EventFilter filter{};
  std::int32_t start_concurrency = 5;
  std::int32_t idle_pollers = 5;
  std::int32_t ramp_per_minute = 300;
  std::int32_t most_concurrency = 1250;
  std::int32_t error_slowdown = 1;     ///< batches fewer at once after one that failed
  std::int32_t throttle_slowdown = 0;  ///< after an invocation that was throttled
  Duration window_margin = 30s;        ///< added to window + timeout when that exceeds the visibility timeout
  Duration throttle_backoff = 1s;      ///< doubles up to throttle_backoff_cap
  Duration throttle_backoff_cap = 30s;
  Duration long_poll = 20s;
  Distribution delivery_latency = Distribution::constant(0);
};

class SqsEventSource final : public Service, public QueueConsumer {
 public:
  SqsEventSource(World& world, std::string name, Queue& queue, SqsEventSourceConfig config);

  /// The port to the function, which must neither retry nor time out; and the function's timeout.
  void attach(PortId function, Duration function_timeout);

  void start() override;
  void messages_visible() override { pump(); }
  void on_call(CallId) override { check(false, "an event source mapping was called"); }
  void on_answer(CallId call) override;
  void account() override;

  const Queue& queue() const { return queue_; }
  bool partial_responses() const { return config_.partial_responses; }
  std::int32_t concurrency() const { return concurrency_; }
  /// Of provisioned mode.
  std::int32_t pollers() const;

 private:
  enum class BatchId : std::uint32_t {};
  struct Batch {
    ReceivedBatch messages{};
    Time received{};  ///< when its first message was received: its visibility ends first
    std::uint32_t serial = 0;
    std::int32_t attempts = 0;
    bool gathering = false;
  };

  bool provisioned() const { return config_.provisioned.least > 0; }
  void pump();
  void open_batch();
  bool gather();
  void receive_into(Batch& batch);
  bool passes(const Receipt& receipt);
  void window_over(std::uint32_t serial);
  void close(BatchId id);
  void invoke(BatchId id);
  void throttled(BatchId id);
  void complete(BatchId id);
  void give_back(BatchId id);
  void release_slot(BatchId id);
  void go_on();
  void slow_down(std::int32_t slots);
  void ramp();
  void arm_ramp();
  void busy_changed(std::int32_t by);
  void set_concurrency(std::int32_t concurrency);
  Duration poll_pause();
  void poll_again();
  void bill_pollers();

  Queue& queue_;
  SqsEventSourceConfig config_;
  PortId function_ = kNoPort;
  Duration visibility_;
  std::int32_t cap_;
  std::int32_t floor_;
  std::int32_t concurrency_;  ///< batches that may be in progress at once, now
  std::int32_t busy_ = 0;     ///< batches in progress
  bool ramp_armed_ = false;
  bool pumping_ = false;
  bool poll_armed_ = false;
  Stream latency_draws_;
  Stream filter_draws_;
  Pool<Batch, BatchId> batches_;
  BatchId gathering_{UINT32_MAX};
  std::uint32_t last_serial_ = 0;
  IdlePolls idle_polls_;

  // Of provisioned mode.
  MeterId poller_seconds_{};
  TokenBucket polls_;
  Time bytes_free_{};  ///< when what was received has passed at the pollers' throughput
  std::int64_t billed_pollers_ = 0;
  Time billed_until_ = kStart;
  Time kept_until_ = kStart;    ///< no poller is billed for less than a minute
  std::int64_t poller_ns_ = 0;  ///< not yet billed
};

Settings describe_sqs_event_source();
/// Makes the mapping that `settings` describes, from its queue to the function.
void connect_sqs_event_source(class Wiring& wiring, Function& function, const Value& settings);

}  // namespace spillway
