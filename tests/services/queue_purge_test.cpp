// PurgeQueue: what it deletes, when, and how journeys end whose messages it took.

#include <gtest/gtest.h>

#include "support/queue_world.hpp"

namespace spillway {
namespace {

using testing::at;
using testing::OneQueue;

TEST(QueuePurge, DeletesWhatWasSentBeforeTheCallWithinAMinute) {
  OneQueue one({.purges = {{.at = 100s, .takes = 60s}}});
  for (const Duration when : {10s, 99s, 100s, 130s}) one.send(at(when), {});
  EXPECT_FALSE(one.world.start().has_value());
  one.world.run(at(159s));
  EXPECT_EQ(one.queue->messages(), 4) << "until then they are there";
  one.world.run(at(161s));
  EXPECT_EQ(one.queue->messages(), 2) << "those that were sent later stay";
  EXPECT_EQ(one.log.marks(Mark::dropped), 2);
  EXPECT_EQ(one.log.ended(Ending::failed), 2);
}

TEST(QueuePurge, LeavesMessagesToBeReceivedUntilItIsDone) {
  OneQueue one({.purges = {{.at = 100s, .takes = 60s}}});
  one.send(at(10s), {});
  one.hand->receive_at(at(130s));
  one.hand->remove_at(at(140s));
  one.run(200s);
  EXPECT_EQ(one.hand->received, (std::vector{1}));
  EXPECT_EQ(one.log.ended(Ending::succeeded), 1);
  EXPECT_EQ(one.log.marks(Mark::dropped), 0);
}

TEST(QueuePurge, DeletesMessagesInFlightAndDelayedOnes) {
  OneQueue one({.visibility_timeout = 300s, .purges = {{.at = 100s, .takes = 1s}}});
  one.send(at(10s), {});
  one.hand->receive_at(at(50s));
  one.hand->remove_at(at(150s));
  one.run(400s);
  EXPECT_EQ(one.hand->accepted, (std::vector{false})) << "there is nothing to delete any more";
  EXPECT_EQ(one.log.ended(Ending::failed), 1);
  EXPECT_EQ(one.log.ended(Ending::succeeded), 0);
  EXPECT_EQ(one.world.messages().alive(), 0u);
  EXPECT_EQ(one.world.receipts().alive(), 0u);
  EXPECT_EQ(one.world.journeys().alive(), 0u);

  OneQueue delayed({.delay = 300s, .purges = {{.at = 100s, .takes = 1s}}});
  delayed.send(at(10s), {});
  delayed.hand->receive_at(at(350s));
  delayed.run(400s);
  EXPECT_EQ(delayed.hand->received, (std::vector{0}));
  EXPECT_EQ(delayed.world.journeys().alive(), 0u);
}

TEST(QueuePurge, IsCalledAgainAndAgainAndDeletesWhatCameSince) {
  OneQueue one({.purges = {{.at = 100s, .every = 300s, .takes = 60s}}});
  for (const Duration when : {10s, 130s, 399s, 401s, 700s}) one.send(at(when), {});
  EXPECT_FALSE(one.world.start().has_value());
  std::vector<std::int64_t> left;
  for (const Duration when : {398s, 459s, 461s, 759s, 761s}) {
    one.world.run(at(when));
    left.push_back(one.queue->messages());
  }
  // Of those sent at 130 s, 399 s, 401 s and 700 s: the last is sent when the third call is made.
  EXPECT_EQ(left, (std::vector<std::int64_t>{1, 3, 1, 2, 1}));
  EXPECT_EQ(one.log.marks(Mark::dropped), 4);
  EXPECT_EQ(one.requests(), 5 + 3) << "sends and calls";
}

TEST(QueuePurge, IsBilledAsARequest) {
  OneQueue one({.purges = {{.at = 100s}, {.at = 200s}}});
  one.run(300s);
  EXPECT_EQ(one.requests(), 2);
}

TEST(QueuePurge, DoesNotEndTheJourneyOfADeadLetterASecondTime) {
  OneQueue one({.visibility_timeout = 10s, .max_receive_count = 1});
  auto& dead = one.world.add<Queue>("dead", QueueConfig{.purges = {{.at = 100s}}});
  one.queue->set_dead_letter_queue(dead);
  one.send(at(0s), {});
  one.hand->receive_at(at(1s));
  one.hand->receive_at(at(12s));  // moved
  one.hand->remove_at(at(150s));
  one.run(200s);
  EXPECT_EQ(dead.messages(), 0);
  EXPECT_EQ(one.log.marks(Mark::dropped), 0) << "it was lost before";
  EXPECT_EQ(one.log.count(FactKind::ended), 1);
  EXPECT_EQ(one.world.journeys().alive(), 0u);
}

TEST(QueuePurge, ForgetsTheDeduplicationIdsOfAFifoQueue) {
  OneQueue one({.fifo = FifoConfig{}, .purges = {{.at = 100s, .takes = 10s}}});
  for (const Duration when : {50s, 90s, 101s}) one.send(at(when), {.key = 1, .ordinal = 42});
  one.run(200s);
  EXPECT_EQ(one.log.marks(Mark::deduplicated), 1) << "only the send before the purge";
  EXPECT_EQ(one.queue->messages(), 1);
}

TEST(QueuePurge, SetsFreeTheGroupsOfAFifoQueueAndTellsWhoPollsIt) {
  testing::Ear ear;
  OneQueue one({.visibility_timeout = 300s, .fifo = FifoConfig{}, .purges = {{.at = 100s, .takes = 10s}}});
  one.queue->subscribe(ear);
  one.send(at(10s), {.key = 1});
  one.hand->receive_at(at(50s));
  one.send(at(105s), {.key = 1});
  for (const Duration when : {106s, 111s}) one.hand->receive_at(at(when));
  one.run(200s);
  EXPECT_EQ(one.hand->received, (std::vector{1, 0, 1}))
      << "blocked by the message in flight until it is gone";
  EXPECT_EQ(ear.times, 2) << "of the first send, and of the end of the purge";
}

}  // namespace
}  // namespace spillway
