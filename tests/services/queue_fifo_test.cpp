// A FIFO queue: order within a group, one delivery, deduplication, its API's rate. Cases named FIFO-… are
// recorded on or documented by AWS.

#include <gtest/gtest.h>

#include "support/queue_world.hpp"

namespace spillway {
namespace {

using testing::at;
using testing::OneQueue;
using Seen = std::vector<std::vector<std::uint64_t>>;

QueueConfig fifo(FifoConfig config = {}) { return {.visibility_timeout = 10s, .fifo = config}; }

TEST(FifoQueue, GivesAsManyMessagesOfOneGroupAsItCanThenOthers) {
  OneQueue one(fifo());
  for (const std::uint64_t key : {1u, 2u, 1u, 2u, 1u}) one.send(at(0s), {.key = key});
  one.hand->receive_at(at(1s), 4);
  one.run(5s);
  EXPECT_EQ(one.hand->seen, (Seen{{0, 2, 4, 1}}));
}

TEST(FifoQueue, BlocksAGroupWhileOneOfItsMessagesIsInFlightFIFO5) {
  OneQueue one(fifo());
  one.send(at(0s), {.key = 1});
  one.hand->receive_at(at(1s));
  one.send(at(2s), {.key = 1});
  one.hand->receive_at(at(3s));
  one.hand->remove_at(at(4s), 0);
  one.hand->receive_at(at(4s));
  one.run(5s);
  EXPECT_EQ(one.hand->seen, (Seen{{0}, {}, {1}}));
}

TEST(FifoQueue, BeginsAgainAtTheEarliestMessageAndStopsAtOneInFlightFIFO4) {
  for (const auto& [extended, expected] :
       {std::pair{0u, std::vector<std::uint64_t>{}}, {1u, {0}}, {2u, {0, 1}}}) {
    OneQueue one({.visibility_timeout = 1s, .fifo = FifoConfig{}});
    for (int i = 0; i < 3; ++i) one.send(at(0s), {.key = 1});
    one.hand->receive_at(at(0s));
    one.hand->change_at(at(100ms), extended, 4s);
    one.hand->receive_at(at(2500ms));
    one.run(3s);
    EXPECT_EQ(one.hand->seen.back(), expected) << "message " << extended << " was extended";
  }
}

TEST(FifoQueue, RefusesADeleteAfterTheVisibilityTimeout) {
  OneQueue one(fifo());
  one.send(at(0s), {.key = 1});
  one.hand->receive_at(at(1s));
  one.hand->remove_at(at(12s));
  one.hand->receive_at(at(13s));
  one.run(20s);
  EXPECT_EQ(one.hand->accepted, (std::vector{false}));
  EXPECT_EQ(one.hand->seen, (Seen{{0}, {0}}));
}

TEST(FifoQueue, StoresASendThatIsRepeatedWithinFiveMinutesOnce) {
  OneQueue one(fifo());
  for (const Duration when : {0s, 100s, 299s, 301s}) one.send(at(when), {.key = 1, .ordinal = 42});
  one.hand->receive_at(at(1s));
  one.hand->remove_at(at(2s));  // it is known though it is gone
  one.run(400s);
  EXPECT_EQ(one.producer->answered(Outcome::ok), 4) << "a duplicate is acknowledged";
  EXPECT_EQ(one.log.marks(Mark::deduplicated), 2);
  EXPECT_EQ(one.queue->messages(), 1);
}

TEST(FifoQueue, KnowsIdsByQueueOrByGroupFIFO6) {
  const auto stored = [](bool by_group) {
    OneQueue one(fifo({.group = FifoConfig::Group::traffic_class,
                       .deduplicate = FifoConfig::Deduplicate::key,
                       .by_group = by_group}));
    one.send(at(0s), {.key = 5, .traffic_class = 0});
    one.send(at(0s), {.key = 5, .traffic_class = 1});
    one.run(1s);
    return one.queue->messages();
  };
  EXPECT_EQ(stored(false), 1);
  EXPECT_EQ(stored(true), 2);
}

TEST(FifoQueue, StoresEverySendThatHasAnIdOfItsOwn) {
  OneQueue one(fifo({.deduplicate = FifoConfig::Deduplicate::none}));
  for (int i = 0; i < 3; ++i) one.send(at(0s), {.key = 1, .ordinal = 42});
  one.run(1s);
  EXPECT_EQ(one.queue->messages(), 3);
}

TEST(FifoQueue, TakesAllMessagesForOneGroupOrTheirClassForTheirs) {
  const auto first_receive = [](FifoConfig::Group group) {
    OneQueue one(fifo({.group = group}));
    one.send(at(0s), {.key = 1, .traffic_class = 0});
    one.send(at(0s), {.key = 2, .traffic_class = 0});
    one.send(at(0s), {.key = 3, .traffic_class = 1});
    one.hand->receive_at(at(1s), 1);
    one.hand->receive_at(at(2s));
    one.run(3s);
    return one.hand->received;
  };
  EXPECT_EQ(first_receive(FifoConfig::Group::key), (std::vector{1, 2}));
  EXPECT_EQ(first_receive(FifoConfig::Group::traffic_class), (std::vector{1, 1}));
  EXPECT_EQ(first_receive(FifoConfig::Group::single), (std::vector{1, 0}));
}

TEST(FifoQueue, ThrottlesSendsBeyondItsRate) {
  OneQueue one(fifo({.rate = 10}));
  for (int i = 0; i < 400; ++i) one.send(at(10ms * i), {.key = static_cast<std::uint64_t>(i)});
  one.run(10s);
  EXPECT_EQ(one.producer->answered(Outcome::ok, at(2s), at(4s)), 20);
  EXPECT_EQ(one.log.marks(Mark::rate_throttled), one.producer->answered(Outcome::throttled));
}

TEST(FifoQueue, ThrottlesOnePartitionOfAHighThroughputQueueAndNotTheOthers) {
  OneQueue one(fifo({.by_group = true, .rate = 1000, .partitions = 100, .partition_rate = 5}));
  for (int i = 0; i < 100; ++i) {
    one.send(at(0s), {.key = 1});
    one.send(at(0s), {.key = static_cast<std::uint64_t>(i) * 1000 + 7});
  }
  one.run(1s);
  EXPECT_GE(one.producer->answered(Outcome::throttled), 95);
  EXPECT_LE(one.producer->answered(Outcome::throttled), 97);
}

TEST(FifoQueue, TakesNoMoreReceivesThanItsRate) {
  OneQueue one(fifo({.rate = 1}));
  for (int i = 0; i < 3; ++i) one.hand->receive_at(at(1s), 1);
  one.send(at(0s), {.key = 1});
  one.send(at(1s), {.key = 2});
  one.run(1500ms);
  EXPECT_EQ(one.hand->received, (std::vector{1, 0, 0}));
  EXPECT_EQ(one.queue->receive_pause(), 500ms);
}

TEST(FifoQueue, HidesDelayedMessagesAndTheGroupBehindThem) {
  OneQueue one({.delay = 5s, .fifo = FifoConfig{}});
  one.send(at(0s), {.key = 1});
  one.send(at(3s), {.key = 1});
  for (const Duration when : {4s, 6s}) one.hand->receive_at(at(when));
  one.hand->remove_at(at(7s));
  one.hand->receive_at(at(9s));
  one.run(10s);
  EXPECT_EQ(one.hand->seen, (Seen{{}, {0}, {1}}));
}

TEST(FifoQueue, BeginsTheAgeOfADeadLetterAnewSQSB5) {
  OneQueue one({.visibility_timeout = 10s, .max_receive_count = 1, .fifo = FifoConfig{}});
  auto& dead = one.world.add<Queue>("dead", QueueConfig{.retention = 96h, .fifo = FifoConfig{}});
  one.queue->set_dead_letter_queue(dead);
  one.send(at(0s), {.key = 1});
  one.hand->receive_at(at(1s));
  one.hand->receive_at(at(24h));
  one.run(119h);
  EXPECT_EQ(dead.visible(), 1);
  one.world.run(at(121h));
  EXPECT_EQ(dead.visible(), 0) << "gone four days after the move";
}

TEST(FifoQueue, BillsItsOwnPrice) {
  OneQueue one(fifo());
  one.send(at(0s), {.key = 1, .bytes = 65 * 1024});
  one.run(1s);
  EXPECT_EQ(one.requests(), 2);
  EXPECT_EQ(one.log.used(one.world.meter("sqs.requests.standard")), 0);
}

}  // namespace
}  // namespace spillway
