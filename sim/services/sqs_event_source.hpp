#pragma once
/// Lambda's event source mapping for an SQS standard queue: the pollers that receive messages, gather them
/// into batches and invoke the function with each.
///
/// Scaling (Lambda Developer Guide, "Scaling and error handling", 2026): it begins with five concurrent
/// batches, adds up to 300 a minute while a backlog remains, up to 1,250 or the configured maximum
/// concurrency, and falls back to five when the queue is empty. A throttled invocation is tried again until
/// the messages' visibility ends: then they return to the queue with one more receive on their count, though
/// no code has seen them.
///
/// An idle poller costs no events: the empty receives of long polls are counted from idle time when they are
/// asked for.

#include "engine/gauge.hpp"
#include "services/queue.hpp"

namespace spillway {

class Function;

struct SqsEventSourceConfig {
  std::int32_t batch_size = 10;
  Duration window{};
  std::int32_t maximum_concurrency = 0;  ///< zero: none
  bool partial_responses = false;        ///< ReportBatchItemFailures
  std::int32_t start_concurrency = 5;
  std::int32_t ramp_per_minute = 300;
  std::int32_t most_concurrency = 1250;
  Duration window_margin = 30s;    ///< added to window + timeout when that exceeds the visibility timeout
  Duration throttle_backoff = 1s;  ///< doubles up to throttle_backoff_cap
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

  bool partial_responses() const { return config_.partial_responses; }
  std::int32_t concurrency() const { return concurrency_; }

 private:
  enum class BatchId : std::uint32_t {};
  struct Batch {
    ReceivedBatch messages{};
    Time received{};  ///< when its first message was received: its visibility ends first
    std::uint32_t serial = 0;
    std::int32_t attempts = 0;
    bool gathering = false;
  };

  void pump();
  bool gather();
  void window_over(std::uint32_t serial);
  void close(BatchId id);
  void invoke(BatchId id);
  void throttled(BatchId id);
  void complete(BatchId id);
  void give_back(BatchId id);
  void release_slot(BatchId id);
  void slow_down();
  void ramp();
  void arm_ramp();
  void busy_changed(std::int32_t by);

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
  Stream latency_draws_;
  Pool<Batch, BatchId> batches_;
  BatchId gathering_{UINT32_MAX};
  std::uint32_t last_serial_ = 0;
  Time accounted_ = kStart;
  std::int64_t idle_pollers_ = 0;    ///< since then
  std::int64_t idle_poller_ns_ = 0;  ///< of pollers that wait at an empty queue, not yet billed
};

Settings describe_sqs_event_source();
SqsEventSourceConfig sqs_event_source_config(const Value& settings);

}  // namespace spillway
