#pragma once
/// A world around one queue: producers that send when they are told or again and again, and a hand that
/// receives, deletes and extends when it is told.

#include <gtest/gtest.h>

#include "services/queue.hpp"
#include "support/small_world.hpp"

namespace spillway::testing {

/// Sends messages of a key, a size and a class of its own each.
class Producer final : public Service {
 public:
  using Service::Service;

  struct Message {
    std::uint64_t key = 0;
    std::uint32_t bytes = 0;
    std::uint16_t traffic_class = 0;
    std::uint64_t ordinal = UINT64_MAX;  ///< which request it is; unset: another one each time
  };
  void send_at(Time when, PortId port, Message message) {
    if (message.ordinal == UINT64_MAX) message.ordinal = plans_.size();
    plans_.push_back({port, message});
    at<&Producer::send>(when, static_cast<std::uint32_t>(plans_.size() - 1));
  }
  void on_call(CallId) override { check(false, "nobody calls a producer"); }
  void on_answer(CallId id) override {
    const Call& call = record(id);
    answers.emplace_back(now(), call.outcome);
    world().end_branch(call.journey, call.outcome == Outcome::ok ? Ending::succeeded : Ending::failed);
  }
  std::int64_t answered(Outcome outcome, Time from = kStart, Time to = kNever) const {
    return std::ranges::count_if(answers, [&](const auto& answer) {
      return answer.second == outcome && answer.first >= from && answer.first < to;
    });
  }

  std::vector<std::pair<Time, Outcome>> answers;

 private:
  struct Plan {
    PortId port;
    Message message;
  };
  void send(std::uint32_t number) {
    const auto& [port, message] = plans_[number];
    const JourneyId journey = world().begin_journey({.ordinal = message.ordinal,
                                                     .key = message.key,
                                                     .bytes = message.bytes,
                                                     .traffic_class = message.traffic_class});
    call(port, {.journey = journey, .tag = number, .bytes = message.bytes});
  }
  std::deque<Plan> plans_;
};

/// Polls when it is told to, and keeps, extends or deletes what it got. Messages are named by the ordinals of
/// their journeys.
class Hand final : public Service {
 public:
  Hand(World& world, std::string name, Queue& queue) : Service(world, std::move(name)), queue_(queue) {}
  void on_call(CallId) override {}

  static constexpr std::uint64_t kAll = UINT64_MAX;
  void receive_at(Time when, std::int32_t most = 10) { plan(when, {.what = What::receive, .most = most}); }
  void remove_at(Time when, std::uint64_t number = kAll) {
    plan(when, {.what = What::remove, .number = number});
  }
  void change_at(Time when, std::uint64_t number, Duration visibility) {
    plan(when, {.what = What::change, .number = number, .visibility = visibility});
  }

  std::vector<std::int32_t> received;            ///< how many, by receive
  std::vector<std::vector<std::uint64_t>> seen;  ///< which, by receive
  std::vector<bool> accepted;                    ///< of deletes and changes, one for each message

 private:
  enum class What : std::uint8_t { receive, remove, change };
  struct Plan {
    What what;
    std::int32_t most = 0;
    std::uint64_t number = 0;
    Duration visibility{};
  };
  void plan(Time when, Plan plan) {
    plans_.push_back(plan);
    at<&Hand::act>(when, static_cast<std::uint32_t>(plans_.size() - 1));
  }
  void act(std::uint32_t number) {
    const Plan plan = plans_[number];
    if (plan.what == What::receive) return receive(plan.most);
    std::vector<ReceiptId> kept;
    for (const ReceiptId id : held_) {
      const bool meant =
          plan.number == kAll || journey(world().receipts()[id].journey).ordinal == plan.number;
      if (!meant || plan.what == What::change) kept.push_back(id);
      if (!meant) continue;
      accepted.push_back(plan.what == What::change ? queue_.change_visibility(id, plan.visibility)
                                                   : queue_.remove(id));
      if (plan.what == What::remove) queue_.bill_deletes(1, 0);
    }
    held_ = kept;
  }
  void receive(std::int32_t most) {
    ReceivedBatch batch;
    queue_.receive({.most = most, .visibility = queue_.config().visibility_timeout}, batch);
    received.push_back(batch.count);
    seen.emplace_back();
    for (ReceiptId id = batch.first; id != kNoReceipt; id = world().receipts()[id].next) {
      held_.push_back(id);
      seen.back().push_back(journey(world().receipts()[id].journey).ordinal);
    }
  }

  Queue& queue_;
  std::deque<Plan> plans_;
  std::vector<ReceiptId> held_;
};

/// Counts how often it is told of messages.
struct Ear final : QueueConsumer {
  void messages_visible() override { ++times; }

  int times = 0;
};

struct OneQueue {
  explicit OneQueue(QueueConfig config) {
    probe = &world.add<Probe>("probe");
    queue = &world.add<Queue>("queue", std::move(config));
    hand = &world.add<Hand>("hand", *queue);
    producer = &world.add<Producer>("producer");
    port = world.connect(probe->id(), queue->id());
    send_port = world.connect(producer->id(), queue->id());
  }
  void send(Time when, Producer::Message message) { producer->send_at(when, send_port, message); }
  void run(Duration end) {
    EXPECT_FALSE(world.start().has_value());
    world.run(at(end));
  }
  std::int64_t requests() {
    return log.used(world.meter(queue->config().fifo ? "sqs.requests.fifo" : "sqs.requests.standard"));
  }

  World world;
  FactLog log{world};
  Probe* probe;
  Queue* queue;
  Hand* hand;
  Producer* producer;
  PortId port;
  PortId send_port;
};

}  // namespace spillway::testing
