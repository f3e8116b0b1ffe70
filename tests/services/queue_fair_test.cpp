// A fair queue: what makes a tenant, who is received first, what it costs. The order itself is tested in
// fair_tenants_test.cpp.

#include <gtest/gtest.h>

#include "support/queue_world.hpp"
#include "support/repeater.hpp"

namespace spillway {
namespace {

using testing::at;
using testing::OneQueue;

constexpr std::uint64_t kFlood = 1;
constexpr std::uint64_t kQuiet = 2;

/// A tenant sends a hundred messages, another one behind them; 40 are received, then one more.
std::vector<std::uint64_t> received_behind_a_flood(QueueConfig config) {
  OneQueue one(std::move(config));
  for (int i = 0; i < 100; ++i) one.send(at(0s), {.key = kFlood, .traffic_class = 1});
  one.send(at(1s), {.key = kQuiet, .traffic_class = 2});
  one.hand->receive_at(at(2s), 40);
  one.hand->receive_at(at(2s), 1);
  one.run(3s);
  std::vector<std::uint64_t> all = one.hand->seen[0];
  all.push_back(one.hand->seen[1][0]);
  return all;
}
constexpr std::uint64_t kLast = 100;  // the quiet tenant's message

TEST(FairQueue, GivesTheQuietTenantsMessageWhenTheFloodHasThirtyInFlight) {
  const auto plain = received_behind_a_flood({});
  EXPECT_EQ(std::ranges::count(plain, kLast), 0) << "a plain queue goes by arrival";
  const auto fair = received_behind_a_flood({.fair = FairConfig{}});
  EXPECT_EQ(std::ranges::find(fair, kLast) - fair.begin(), 30);
}

TEST(FairQueue, TakesAMessagesTenantFromItsKeyOrItsClass) {
  for (const auto& [by, place] : {std::pair{GroupBy::key, 30}, {GroupBy::traffic_class, 30}}) {
    const auto order = received_behind_a_flood({.fair = FairConfig{.group = by}});
    EXPECT_EQ(std::ranges::find(order, kLast) - order.begin(), place);
  }
  const auto one_tenant = received_behind_a_flood({.fair = FairConfig{.group = GroupBy::single}});
  EXPECT_EQ(std::ranges::count(one_tenant, kLast), 0);
}

TEST(FairQueue, TakesEachMessageOfAClassWithoutGroupIdForATenant) {
  const auto order = received_behind_a_flood({.fair = FairConfig{.without_group = {1}}});
  EXPECT_EQ(std::ranges::count(order, kLast), 0) << "a hundred tenants of one message each: none is noisy";
}

TEST(FairQueue, BillsTheSurchargeOnRequestsAboutMessagesWithAGroupId) {
  OneQueue one({.fair = FairConfig{.without_group = {1}}});
  one.send(at(0s), {.key = 1, .bytes = 65 * 1024});  // two requests
  one.send(at(0s), {.key = 2, .traffic_class = 1});  // no group id: no surcharge
  for (int i = 0; i < 2; ++i) one.hand->receive_at(at(1s), 1);
  one.hand->remove_at(at(2s));
  one.run(3s);
  const auto surcharged = [&] { return one.log.used(one.world.meter("sqs.requests.fair")); };
  EXPECT_EQ(surcharged(), 2 + 2 + 1) << "send, receive and delete of the first message";
  EXPECT_EQ(one.requests(), 2 + 1 + 2 + 1 + 2) << "beside the price of all requests";
}

TEST(FairQueue, BillsTheSurchargeOnChangesOfVisibility) {
  OneQueue one({.fair = FairConfig{}});
  one.send(at(0s), {});
  one.hand->receive_at(at(1s));
  one.hand->change_at(at(2s), 0, 10s);
  one.run(3s);
  one.queue->bill_deletes(1, 1);  // as its consumer does for a batch of changes
  EXPECT_EQ(one.log.used(one.world.meter("sqs.requests.fair")), 3);
}

TEST(FairQueue, CountsWhatIsDeletedAsInFlightNoMore) {
  OneQueue one({.visibility_timeout = 300s, .fair = FairConfig{}});
  for (int i = 0; i < 30; ++i) one.send(at(0s), {.key = kFlood});
  for (std::uint64_t other = 100; other < 120; ++other) one.send(at(0s), {.key = other});
  one.hand->receive_at(at(1s), 50);
  for (std::uint64_t i = 0; i < 29; ++i) one.hand->remove_at(at(2s), i);
  one.send(at(200s), {.key = kFlood});  // one of 21 in flight, and so of the recent processing time
  one.send(at(200s), {.key = kQuiet});
  one.hand->receive_at(at(201s), 1);
  one.run(202s);
  EXPECT_EQ(one.hand->seen.back(), (std::vector<std::uint64_t>{50}));
}

TEST(FairQueue, ForgetsTheTenantsOfMessagesThatAreGone) {
  OneQueue one({.retention = 60s, .fair = FairConfig{}});
  for (std::uint64_t key = 0; key < 20; ++key) one.send(at(0s), {.key = key});
  one.hand->receive_at(at(1s));
  one.hand->remove_at(at(2s));
  one.send(at(200s), {.key = 3});
  EXPECT_FALSE(one.world.start().has_value());
  one.world.run(at(100s));
  EXPECT_EQ(one.queue->tenants(), 20u) << "half were deleted, half expired";
  one.world.run(at(201s));
  EXPECT_EQ(one.queue->tenants(), 1u) << "their processing time is not recent any more";
}

TEST(FairQueue, BillsTheSurchargeOnBatchesAndNotOnEmptyReceives) {
  OneQueue one({.producer_batch = {.messages = 10, .open = 200ms}, .fair = FairConfig{}});
  for (int i = 0; i < 10; ++i) one.send(at(0s), {.key = 1});
  one.hand->receive_at(at(1s));
  one.run(2s);
  one.queue->bill_empty_receives(5);
  EXPECT_EQ(one.log.used(one.world.meter("sqs.requests.fair")), 2);
  EXPECT_EQ(one.requests(), 2 + 5);
}

TEST(FairQueue, LaysTheSurchargeOfWhatItDeliversAgainToRedelivery) {
  OneQueue one({.visibility_timeout = 1s, .fair = FairConfig{.without_group = {1}}});
  one.send(at(0s), {});
  one.send(at(0s), {.traffic_class = 1});
  for (const Duration when : {1s, 1s, 3s, 3s}) one.hand->receive_at(at(when), 1);
  one.hand->change_at(at(3s), 0, 10s);
  one.run(4s);
  const auto repeated = [&] {
    return one.log.repeated(one.world.meter("sqs.requests.fair"), RetryLayer::redrive);
  };
  EXPECT_EQ(repeated(), 1) << "the second receive of the message with a group id";
  one.queue->bill_deletes(1, 1);  // as its consumer does for a batch of changes
  EXPECT_EQ(repeated(), 2);
}

TEST(FairQueue, LaysTheSurchargeOfRepeatedSendsToWhoRepeatedThem) {
  for (const std::int32_t batch : {1, 2}) {
    OneQueue one({.producer_batch = {.messages = batch}, .fair = FairConfig{}});
    auto& repeater =
        one.world.add<testing::Repeater>("repeater", std::vector{RetryLayer::client, RetryLayer::sdk});
    const PortId port = one.world.connect(repeater.id(), one.queue->id());
    for (std::uint32_t attempt = 1; attempt <= 3; ++attempt)
      repeater.send_at(at(attempt * 1s), port, attempt);
    one.run(60s);
    const MeterId surcharge = one.world.meter("sqs.requests.fair");
    EXPECT_EQ(one.log.used(surcharge), 6 / batch);
    EXPECT_EQ(one.log.repeated(surcharge, RetryLayer::client), 2 / batch);
    EXPECT_EQ(one.log.repeated(surcharge, RetryLayer::sdk), 2 / batch);
  }
}

TEST(FairQueue, PartsTheSurchargeByTheRequestsThatBearItAlone) {
  OneQueue one({.visibility_timeout = 1s, .fair = FairConfig{.without_group = {1}}});
  // Each receive but the first of a kind has a new message and one that comes back.
  std::uint64_t number = 0;
  const auto half_repeated = [&](Duration when, std::uint16_t traffic_class) {
    one.send(at(when), {.traffic_class = traffic_class});
    one.hand->receive_at(at(when + 1s));
    one.send(at(when + 3s), {.traffic_class = traffic_class});
    one.hand->receive_at(at(when + 4s));
    for (int i = 0; i < 2; ++i) one.hand->remove_at(at(when + 4s), number++);
  };
  half_repeated(0s, 1);
  half_repeated(10s, 0);
  one.run(15s);
  const auto repeated = [&](const char* meter) {
    return one.log.repeated(one.world.meter(meter), RetryLayer::redrive);
  };
  EXPECT_EQ(repeated("sqs.requests.standard"), 1) << "two halves";
  EXPECT_EQ(repeated("sqs.requests.fair"), 0) << "one half, so far";
}

TEST(FairQueue, MovesDeadLettersAndReturnsThem) {
  OneQueue one({.visibility_timeout = 1s, .max_receive_count = 1, .fair = FairConfig{}});
  auto& dead = one.world.add<Queue>("dead", QueueConfig{.fair = FairConfig{}});
  one.queue->set_dead_letter_queue(dead);
  dead.set_redrive_back(*one.queue, {.start = at(60s)});
  for (int i = 0; i < 20; ++i) one.send(at(0s), {.key = static_cast<std::uint64_t>(i % 3)});
  one.hand->receive_at(at(1s), 20);
  one.hand->receive_at(at(3s), 20);
  EXPECT_FALSE(one.world.start().has_value());
  one.world.run(at(10s));
  EXPECT_EQ(dead.visible(), 20);
  const auto surcharged = [&] { return one.log.used(one.world.meter("sqs.requests.fair")); };
  EXPECT_EQ(surcharged(), 20 + 2) << "sends, and one receive of twenty";
  one.world.run(at(65s));
  EXPECT_EQ(surcharged(), 22 + 2 * 3) << "ten at a time: received and deleted here, sent there";
  one.hand->receive_at(at(70s), 20);
  one.hand->remove_at(at(71s));
  one.world.run(at(80s));
  EXPECT_EQ(one.hand->received.back(), 20);
  EXPECT_EQ(one.world.messages().alive(), 0u);
  EXPECT_EQ(one.world.journeys().alive(), 0u);
}

TEST(FairQueue, ExpiresAndShowsMessagesAgainAsAnyQueue) {
  OneQueue one({.visibility_timeout = 10s, .retention = 60s, .fair = FairConfig{}});
  for (int i = 0; i < 3; ++i) one.send(at(0s), {.key = 1});
  one.hand->receive_at(at(1s), 2);
  one.hand->receive_at(at(12s), 3);
  one.run(70s);
  EXPECT_EQ(one.hand->received, (std::vector{2, 3}));
  EXPECT_EQ(one.log.marks(Mark::expired), 3);
  EXPECT_EQ(one.world.messages().alive(), 0u);
}

}  // namespace
}  // namespace spillway
