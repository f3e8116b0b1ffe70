// States of a message in a standard queue. Cases named SQS-… are recorded on or documented by AWS.

#include <gtest/gtest.h>

#include "services/queue.hpp"
#include "support/small_world.hpp"

namespace spillway {
namespace {

using testing::at;
using testing::FactLog;
using testing::fixed;
using testing::Probe;

/// Polls when it is told to, and keeps or deletes what it got.
class Hand final : public Service {
 public:
  Hand(World& world, std::string name, Queue& queue) : Service(world, std::move(name)), queue_(queue) {}
  void on_call(CallId) override {}

  void receive_at(Time when) { at<&Hand::receive>(when); }
  void remove_at(Time when) { at<&Hand::remove>(when); }

  std::vector<std::int32_t> received;

 private:
  void receive() {
    ReceivedBatch batch;
    queue_.receive(10, queue_.config().visibility_timeout, batch);
    received.push_back(batch.count);
    for (ReceiptId id = batch.first; id != kNoReceipt;) {
      held_.push_back(id);
      id = world().receipts()[id].next;
    }
  }
  void remove() {
    for (const ReceiptId id : held_) queue_.remove(id);
    held_.clear();
  }

  Queue& queue_;
  std::vector<ReceiptId> held_;
};

struct OneQueue {
  explicit OneQueue(QueueConfig config) {
    probe = &world.add<Probe>("probe");
    queue = &world.add<Queue>("queue", std::move(config));
    hand = &world.add<Hand>("hand", *queue);
    port = world.connect(probe->id(), queue->id());
  }
  void run(Duration end) {
    EXPECT_FALSE(world.start().has_value());
    world.run(at(end));
  }

  World world;
  FactLog log{world};
  Probe* probe;
  Queue* queue;
  Hand* hand;
  PortId port;
};

TEST(Queue, HidesAReceivedMessageForItsVisibilityTimeout) {
  OneQueue one({.visibility_timeout = 30s});
  one.probe->send_at(at(0s), one.port);
  for (const Duration when : {1s, 30s, 32s}) one.hand->receive_at(at(when));
  one.run(40s);
  EXPECT_EQ(one.hand->received, (std::vector{1, 0, 1}));
}

TEST(Queue, EndsTheJourneyWhenTheMessageIsDeleted) {
  OneQueue one({});
  one.probe->send_at(at(0s), one.port);
  one.hand->receive_at(at(5s));
  one.hand->remove_at(at(7s));
  one.run(20s);
  EXPECT_EQ(one.probe->answers[0].when, at(0s)) << "the sender is answered when the message is accepted";
  ASSERT_EQ(one.log.ended(Ending::succeeded), 1);
  EXPECT_EQ(one.world.messages().alive(), 0u);
  EXPECT_EQ(one.world.receipts().alive(), 0u);
  EXPECT_EQ(one.world.journeys().alive(), 0u);
}

TEST(Queue, AcceptsADeleteAfterTheVisibilityTimeoutSQSB12) {
  OneQueue one({.visibility_timeout = 10s});
  one.probe->send_at(at(0s), one.port);
  one.hand->receive_at(at(1s));
  one.hand->remove_at(at(15s));
  one.hand->receive_at(at(16s));
  one.run(20s);
  EXPECT_EQ(one.hand->received, (std::vector{1, 0}));
}

TEST(Queue, GivesASlowConsumersMessageToAnotherAndForgetsTheSecondDelete) {
  OneQueue one({.visibility_timeout = 10s});
  one.probe->send_at(at(0s), one.port);
  one.hand->receive_at(at(1s));
  one.hand->receive_at(at(12s));
  one.hand->remove_at(at(13s));  // with both receipts
  one.run(20s);
  EXPECT_EQ(one.hand->received, (std::vector{1, 1}));
  EXPECT_EQ(one.log.ended(Ending::succeeded), 1);
  EXPECT_EQ(one.world.receipts().alive(), 0u);
}

TEST(Queue, DelaysNewMessages) {
  OneQueue one({.delay = 5s});
  one.probe->send_at(at(0s), one.port);
  for (const Duration when : {4s, 6s}) one.hand->receive_at(at(when));
  one.run(10s);
  EXPECT_EQ(one.hand->received, (std::vector{0, 1}));
}

TEST(Queue, ExpiresMessagesAfterItsRetentionInFlightOrNotSQSB10) {
  OneQueue one({.visibility_timeout = 30s, .retention = 60s});
  one.probe->send_at(at(0s), one.port);
  one.probe->send_at(at(10s), one.port);
  one.hand->receive_at(at(50s));
  one.hand->remove_at(at(65s));
  one.run(100s);
  EXPECT_EQ(one.log.ended(Ending::expired), 1);
  EXPECT_EQ(one.log.ended(Ending::succeeded), 1);
  EXPECT_EQ(one.log.marks(Mark::expired), 1);
}

TEST(Queue, MovesAMessageAtTheReceiveThatWouldExceedItsCount) {
  OneQueue one({.visibility_timeout = 10s, .max_receive_count = 2});
  auto& dead = one.world.add<Queue>("dead", QueueConfig{});
  one.queue->set_dead_letter_queue(dead);
  one.probe->send_at(at(0s), one.port);
  for (const Duration when : {1s, 12s, 24s}) one.hand->receive_at(at(when));
  EXPECT_FALSE(one.world.start().has_value());
  one.world.run(at(23s));
  EXPECT_EQ(one.log.ended(Ending::dead_lettered), 0)
      << "the last visibility timeout has ended, no receive has come";
  one.world.run(at(30s));
  EXPECT_EQ(one.hand->received, (std::vector{1, 1, 0}));
  EXPECT_EQ(one.log.ended(Ending::dead_lettered), 1);
  EXPECT_EQ(dead.visible(), 1);
}

TEST(Queue, KeepsTheFirstSendTimeOfADeadMessageSQSB4) {
  OneQueue one({.visibility_timeout = 10s, .max_receive_count = 1});
  auto& dead = one.world.add<Queue>("dead", QueueConfig{.retention = 96h});
  one.queue->set_dead_letter_queue(dead);
  one.probe->send_at(at(0s), one.port);
  one.hand->receive_at(at(1s));
  one.hand->receive_at(at(24h));  // moved after one day in the source queue
  EXPECT_FALSE(one.world.start().has_value());
  one.world.run(at(95h));
  EXPECT_EQ(dead.visible(), 1);
  one.world.run(at(97h));
  EXPECT_EQ(dead.visible(), 0) << "gone three days after the move";
  EXPECT_EQ(one.log.count(FactKind::ended), 1);
}

TEST(Queue, StopsGivingMessagesAtItsLimitInFlight) {
  OneQueue one({.in_flight_limit = 12});
  for (int i = 0; i < 20; ++i) one.probe->send_at(at(0s), one.port);
  for (const Duration when : {1s, 2s, 3s}) one.hand->receive_at(at(when));
  one.run(10s);
  EXPECT_EQ(one.hand->received, (std::vector{10, 2, 0}));
}

TEST(Queue, RefusesAMessageThatIsTooLarge) {
  OneQueue one({.maximum_message_bytes = 1024});
  one.probe->send_at(at(0s), one.port, 1025);
  one.probe->send_at(at(0s), one.port, 1024);
  one.run(10s);
  EXPECT_EQ(one.probe->answers[0].outcome, Outcome::refused);
  EXPECT_EQ(one.probe->answers[1].outcome, Outcome::ok);
}

TEST(Queue, BillsEach64KilobytesOfASendAsARequest) {
  OneQueue one({});
  for (const std::uint32_t kib : {1u, 64u, 65u, 256u}) one.probe->send_at(at(0s), one.port, kib * 1024);
  one.run(10s);
  EXPECT_EQ(one.log.used(one.world.meter("sqs.requests.standard")), 1 + 1 + 2 + 4);
}

TEST(Queue, TellsTheAgeOfItsOldestMessage) {
  OneQueue one({});
  one.probe->send_at(at(3s), one.port);
  one.probe->send_at(at(5s), one.port);
  one.hand->receive_at(at(6s));
  one.hand->remove_at(at(8s));
  one.run(10s);
  std::vector<std::int64_t> oldest;
  for (const Fact& fact : one.log.facts) {
    if (fact.kind == FactKind::levelled && fact.subject == static_cast<std::uint32_t>(Gauge::oldest)) {
      oldest.push_back(fact.value);
    }
  }
  EXPECT_EQ(oldest, (std::vector<std::int64_t>{3'000'000'000, 5'000'000'000, -1}));
}

}  // namespace
}  // namespace spillway
