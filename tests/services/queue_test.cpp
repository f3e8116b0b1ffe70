// States of a message in a standard queue. Cases named SQS-… are recorded on or documented by AWS.

#include <gtest/gtest.h>

#include "support/queue_world.hpp"
#include "support/repeater.hpp"

namespace spillway {
namespace {

using testing::at;
using testing::fixed;
using testing::OneQueue;
using testing::Repeater;

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

TEST(Queue, CountsAChangedVisibilityFromTheChangeSQSB2) {
  OneQueue one({.visibility_timeout = 60s});
  one.send(at(0s), {});
  one.hand->receive_at(at(0s));
  one.hand->change_at(at(15s), 0, 10s);
  for (const Duration when : {24s, 26s}) one.hand->receive_at(at(when));
  one.run(30s);
  EXPECT_EQ(one.hand->received, (std::vector{1, 0, 1}));
}

TEST(Queue, ShowsAMessageAtOnceWhoseVisibilityIsSetToZero) {
  OneQueue one({.visibility_timeout = 60s});
  one.send(at(0s), {});
  one.hand->receive_at(at(1s));
  one.hand->change_at(at(2s), 0, 0s);
  one.hand->receive_at(at(3s));
  one.run(4s);
  EXPECT_EQ(one.hand->received, (std::vector{1, 1}));
}

TEST(Queue, RefusesAVisibilityOfMoreThanTwelveHoursAfterTheReceiveOrUnderAnOldReceipt) {
  OneQueue one({.visibility_timeout = 10s});
  one.send(at(0s), {});
  one.hand->receive_at(at(0s));
  one.hand->change_at(at(5s), 0, 12h);       // 5 s too many
  one.hand->change_at(at(5s), 0, 12h - 5s);  // just so many
  one.hand->change_at(at(12h + 1s), 0, 5s);  // visible again
  one.run(13h);
  EXPECT_EQ(one.hand->accepted, (std::vector{false, true, false}));
}

TEST(Queue, GivesEachMessageItsOwnTimer) {
  OneQueue one({.message_timer = Distribution::uniform(0, 20e9)});
  for (int i = 0; i < 200; ++i) one.send(at(0s), {});
  for (int i = 1; i <= 5; ++i) one.hand->receive_at(at(5s * i), 1000);
  one.run(30s);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(one.hand->received[i], 50, 20) << i;
  EXPECT_EQ(one.hand->received[4], 0);
}

TEST(Queue, DeliversCopiesAgainAtTheRateThatIsSetAndCountsThem) {
  OneQueue one({.duplicate_deliveries = 0.2});
  for (int i = 0; i < 1000; ++i) one.send(at(0s), {});
  for (const Duration when : {1s, 2s}) one.hand->receive_at(at(when), 1000);
  one.hand->remove_at(at(3s));
  one.run(4s);
  EXPECT_EQ(one.hand->received[0] + one.hand->received[1], 2000 - (1000 - one.log.marks(Mark::duplicate)));
  EXPECT_NEAR(static_cast<double>(one.log.marks(Mark::duplicate)), 240, 50) << "0.2 + 0.2 squared + ...";
  EXPECT_EQ(one.log.ended(Ending::succeeded), 1000);
  EXPECT_EQ(one.queue->messages(), 0);
  EXPECT_EQ(one.world.journeys().alive(), 0u);
}

TEST(Queue, DeliversWhatADeleteMissedOnceMoreAndEndsTheJourneyOnce) {
  OneQueue one({.undeleted_copies = 1, .copy_delay = 60s});
  one.send(at(0s), {});
  one.hand->receive_at(at(1s));
  one.hand->remove_at(at(2s));
  for (const Duration when : {61s, 63s}) one.hand->receive_at(at(when));
  one.run(70s);
  EXPECT_EQ(one.hand->received, (std::vector{1, 0, 1}));
  EXPECT_EQ(one.log.marks(Mark::duplicate), 1);
  EXPECT_EQ(one.log.count(FactKind::ended), 1);
}

TEST(Queue, LeavesADeadLetterAloneWhenASlowConsumerDeletesItsOldReceipt) {
  OneQueue one({.visibility_timeout = 10s, .max_receive_count = 1});
  auto& dead = one.world.add<Queue>("dead", QueueConfig{});
  one.queue->set_dead_letter_queue(dead);
  one.send(at(0s), {});
  one.hand->receive_at(at(1s));
  one.hand->receive_at(at(12s));  // moved
  one.hand->remove_at(at(13s));
  one.run(20s);
  EXPECT_EQ(one.hand->accepted, (std::vector{false}));
  EXPECT_EQ(dead.visible(), 1);
  EXPECT_EQ(one.queue->visible(), 0);
}

TEST(Queue, TellsWhoPollsADeadLetterQueue) {
  testing::Ear ear;
  OneQueue one({.visibility_timeout = 10s, .max_receive_count = 1});
  auto& dead = one.world.add<Queue>("dead", QueueConfig{});
  one.queue->set_dead_letter_queue(dead);
  dead.subscribe(ear);
  one.send(at(0s), {});
  one.hand->receive_at(at(1s));
  one.hand->receive_at(at(12s));
  one.run(20s);
  EXPECT_EQ(ear.times, 1);
}

TEST(Queue, MovesDeadLettersBackAtTheTasksRateWithAFreshAgeAndCount) {
  OneQueue one({.visibility_timeout = 1s, .max_receive_count = 1});
  auto& dead = one.world.add<Queue>("dead", QueueConfig{});
  one.queue->set_dead_letter_queue(dead);
  dead.set_redrive_back(*one.queue, {.start = at(60s), .rate_millis = 10'000});
  for (int i = 0; i < 40; ++i) one.send(at(0s), {});
  one.hand->receive_at(at(1s), 40);
  one.hand->receive_at(at(3s), 40);  // all are moved
  one.run(60s + 1ms);
  EXPECT_EQ(one.queue->visible(), 10);
  const auto before = one.requests();
  one.world.run(at(62s + 1ms));
  EXPECT_EQ(one.queue->visible(), 30);
  EXPECT_EQ(one.requests() - before, 2 * 3) << "ten at a time: a receive, a send, a delete";
  one.world.run(at(70s));
  EXPECT_EQ(one.queue->visible(), 40);
  EXPECT_EQ(one.log.marks(Mark::redriven), 40);
  one.hand->receive_at(at(71s), 40);
  one.hand->remove_at(at(71s));
  one.world.run(at(72s));
  EXPECT_EQ(one.hand->received.back(), 40) << "their receives are counted anew";
  EXPECT_EQ(one.log.count(FactKind::ended), 40) << "each journey has ended once, as a dead letter";
  EXPECT_EQ(one.world.journeys().alive(), 0u);
}

TEST(Queue, EndsAMoveTaskAfterItsLongestTime) {
  OneQueue one({.visibility_timeout = 1s, .max_receive_count = 1});
  auto& dead = one.world.add<Queue>("dead", QueueConfig{});
  one.queue->set_dead_letter_queue(dead);
  dead.set_redrive_back(*one.queue, {.start = at(60s), .rate_millis = 10'000, .most = 2s});
  for (int i = 0; i < 40; ++i) one.send(at(0s), {});
  one.hand->receive_at(at(1s), 40);
  one.hand->receive_at(at(3s), 40);
  one.run(100s);
  EXPECT_EQ(one.queue->visible(), 20);
}

TEST(Queue, GathersSendsIntoBatchesThatAreBilledAsOneRequest) {
  OneQueue one({.producer_batch = {.messages = 10, .open = 200ms}});
  for (int i = 0; i < 12; ++i) one.send(at(0s), {.bytes = 6 * 1024});
  one.run(150ms);
  EXPECT_EQ(one.requests(), 1);
  EXPECT_EQ(one.queue->visible(), 10);
  one.world.run(at(250ms));
  EXPECT_EQ(one.requests(), 2);
  EXPECT_EQ(one.queue->visible(), 12);
  EXPECT_EQ(one.producer->answered(Outcome::ok, at(200ms)), 2) << "the second batch waited to be full";
}

TEST(Queue, PartsABatchOfSendsAmongTheLayersThatRepeatedItsEntries) {
  OneQueue one({.producer_batch = {.messages = 4, .open = 200ms}});
  const std::vector layers{RetryLayer::client, RetryLayer::client, RetryLayer::sdk, RetryLayer::client};
  auto& repeater = one.world.add<Repeater>("repeater", layers);
  const PortId port = one.world.connect(repeater.id(), one.queue->id());
  for (std::uint32_t attempt = 1; attempt <= 9; ++attempt) repeater.send_at(at(attempt * 1s), port, attempt);
  one.run(60s);
  const MeterId requests = one.world.meter("sqs.requests.standard");
  EXPECT_EQ(one.requests(), 9) << "one a batch";
  // Eight requests were repeats, three quarters of each the client's.
  EXPECT_EQ(one.log.repeated(requests, RetryLayer::client), 6);
  EXPECT_EQ(one.log.repeated(requests, RetryLayer::sdk), 2);
}

TEST(Queue, LaysToALayerItsShareOfBatchesThatItRepeatedInPart) {
  OneQueue one({.producer_batch = {.messages = 4, .open = 200ms}});
  auto& repeater = one.world.add<Repeater>("repeater", std::vector{RetryLayer::client, RetryLayer::sdk});
  const PortId port = one.world.connect(repeater.id(), one.queue->id());
  for (std::uint32_t attempt = 1; attempt <= 9; ++attempt) {
    repeater.send_at(at(attempt * 1s), port, attempt);
    for (int i = 0; i < 2; ++i) one.send(at(attempt * 1s), {});
  }
  one.run(60s);
  const MeterId requests = one.world.meter("sqs.requests.standard");
  EXPECT_EQ(one.requests(), 9) << "one a batch";
  // A quarter of each of eight requests is the client's, another one the SDK's.
  EXPECT_EQ(one.log.repeated(requests, RetryLayer::client), 2);
  EXPECT_EQ(one.log.repeated(requests, RetryLayer::sdk), 2);
}

TEST(Queue, LaysHalfOfItsReceivesToRedeliveryWhenHalfOfTheirMessagesComeBack) {
  OneQueue one({.visibility_timeout = 1s});
  for (std::uint64_t round = 0; round < 5; ++round) {
    const Time begins = at(static_cast<std::int64_t>(round) * 10s);
    for (int i = 0; i < 5; ++i) one.send(begins, {});
    one.hand->receive_at(begins + 1s);
    for (std::uint64_t i = 0; round > 0 && i < 5; ++i) one.hand->remove_at(begins + 2s, (round - 1) * 5 + i);
  }
  one.run(60s);
  EXPECT_EQ(one.hand->received, (std::vector{5, 10, 10, 10, 10}));
  EXPECT_EQ(one.log.repeated(one.world.meter("sqs.requests.standard"), RetryLayer::redrive), 2);
}

TEST(Queue, LaysThirdsOfItsDeletesToRedeliveryWhenAThirdOfTheirMessagesCameBack) {
  OneQueue one({});
  for (int i = 0; i < 6; ++i) one.queue->bill_deletes(3, 1);
  EXPECT_EQ(one.requests(), 6);
  EXPECT_EQ(one.log.repeated(one.world.meter("sqs.requests.standard"), RetryLayer::redrive), 2);
}

TEST(Queue, LaysWhatItDeliversAgainToRedelivery) {
  OneQueue one({.visibility_timeout = 1s, .max_receive_count = 2});
  auto& dead = one.world.add<Queue>("dead", QueueConfig{});
  one.queue->set_dead_letter_queue(dead);
  dead.set_redrive_back(*one.queue, {.start = at(60s)});
  one.send(at(0s), {});
  for (const Duration when : {1s, 3s, 5s}) one.hand->receive_at(at(when));
  one.run(10s);
  const MeterId requests = one.world.meter("sqs.requests.standard");
  EXPECT_EQ(one.log.repeated(requests, RetryLayer::redrive), 1) << "the second receive";
  one.world.run(at(70s));
  EXPECT_EQ(one.log.repeated(requests, RetryLayer::redrive), 1 + 3) << "received, sent and deleted";
  ReceivedBatch batch;
  one.queue->receive({.visibility = 1s}, batch);
  ASSERT_EQ(batch.count, 1);
  const Receipt& back = one.world.receipts()[batch.first];
  EXPECT_EQ(back.times, 1);
  EXPECT_TRUE(back.repeat);
  EXPECT_EQ(one.log.repeated(requests, RetryLayer::redrive), 4 + 1) << "and received once more";
  EXPECT_EQ(back.lineage.layer(), RetryLayer::redrive) << "what its handler asks for is a repeat";
}

TEST(Queue, ClosesABatchOfSendsBeforeItsPayloadIsTooLarge) {
  OneQueue one({.producer_batch = {.messages = 10, .open = 10s}});
  for (int i = 0; i < 3; ++i) one.send(at(0s), {.bytes = 400 * 1024});
  one.run(1s);
  EXPECT_EQ(one.queue->visible(), 2);
  EXPECT_EQ(one.requests(), 13) << "800 KB in chunks of 64 KB";
}

TEST(Queue, RefusesOneEntryOfABatchAndTakesTheOthersSQSB8) {
  OneQueue one({.maximum_message_bytes = 1024, .producer_batch = {.messages = 10, .open = 200ms}});
  one.send(at(0s), {.bytes = 1025});
  one.send(at(0s), {.bytes = 10});
  one.run(1s);
  EXPECT_EQ(one.producer->answered(Outcome::refused), 1);
  EXPECT_EQ(one.producer->answered(Outcome::ok), 1);
}

TEST(Queue, EndsAReceiveBeforeItsBatchHoldsTooManyBytes) {
  OneQueue one({});
  for (int i = 0; i < 3; ++i) one.send(at(0s), {.bytes = 1000});
  one.run(1s);
  ReceivedBatch batch;
  one.queue->receive({.visibility = 30s, .most_bytes = 2500}, batch);
  EXPECT_EQ(batch.count, 2);
  EXPECT_TRUE(batch.full);
  EXPECT_EQ(one.queue->visible(), 1);
}

}  // namespace
}  // namespace spillway
