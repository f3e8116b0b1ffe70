// What a scenario says about a queue, and what becomes of it.

#include <gtest/gtest.h>

#include "observe/prices.hpp"
#include "services/queue.hpp"
#include "support/small_wiring.hpp"

namespace spillway {
namespace {

using testing::SmallWiring;

/// A queue with these settings.
QueueConfig queue(SmallWiring& wiring, std::string_view yaml) {
  return static_cast<Queue&>(wiring.build("aws.sqs.queue", std::string(yaml), yaml)).config();
}

TEST(QueueSettings, MakeAQueueFairByTheLimitsOfTheProvider) {
  SmallWiring wiring;
  EXPECT_FALSE(queue(wiring, "{}").fair);
  EXPECT_FALSE(queue(wiring, "fair: false").fair);
  const FairConfig fair = *queue(wiring, "fair: true").fair;
  EXPECT_EQ(fair.group, GroupBy::key);
  EXPECT_TRUE(fair.without_group.empty());
  EXPECT_EQ(fair.limits.share, 0.1);
  EXPECT_EQ(fair.limits.in_flight, 30);
  EXPECT_EQ(fair.limits.quiet_after, 300s);
  EXPECT_EQ(fair.limits.recent_window, 60s);
  EXPECT_TRUE(wiring.rejections.empty());
}

TEST(QueueSettings, MakeAQueueFairByLimitsOfItsOwn) {
  SmallWiring wiring;
  const FairConfig fair =
      *queue(wiring,
             "fair: { groups: class, without_group_id: [ old, older ], noisy_share: 20%, noisy_in_flight: 5,"
             " quiet_after: 1m, recent: 10s }")
           .fair;
  EXPECT_EQ(fair.group, GroupBy::traffic_class);
  EXPECT_EQ(fair.without_group, (std::vector<std::uint16_t>{0, 1}));
  EXPECT_EQ(fair.limits.share, 0.2);
  EXPECT_EQ(fair.limits.in_flight, 5);
  EXPECT_EQ(fair.limits.quiet_after, 60s);
  EXPECT_EQ(fair.limits.recent_window, 10s);
}

TEST(QueueSettings, RefuseAFairFifoQueue) {
  SmallWiring wiring;
  queue(wiring, "{ fifo: true, fair: true }");
  EXPECT_EQ(wiring.rejections.size(), 1u);
}

TEST(QueueSettings, PriceTheSurchargeOfAFairQueue) {
  SmallWiring wiring;
  queue(wiring, "fair: true");
  const PriceList prices = built_in_prices();
  const auto& meters = wiring.world().meters();
  EXPECT_EQ(std::ranges::count(meters, "sqs.requests.fair"), 1);
  for (const std::string& meter : meters) EXPECT_TRUE(prices.find(meter).has_value()) << meter;
}

TEST(QueueSettings, PurgeAQueueAtTheirTimes) {
  SmallWiring wiring;
  EXPECT_TRUE(queue(wiring, "{}").purges.empty());
  const std::vector<PurgeConfig> purges = queue(wiring, "purge: [ 1h, { at: 3h, takes: 5s }, 2h ]").purges;
  ASSERT_EQ(purges.size(), 3u);
  EXPECT_EQ(purges[0].at, 1h);
  EXPECT_EQ(purges[0].takes, 60s);
  EXPECT_EQ(purges[1].at, 3h);
  EXPECT_EQ(purges[1].takes, 5s);
  EXPECT_EQ(purges[2].at, 2h);
  EXPECT_EQ(purges[2].every, 0s);
  const std::vector<PurgeConfig> nightly = queue(wiring, "purge: [ { at: 1h, every: 24h } ]").purges;
  EXPECT_EQ(nightly.front().every, 24h);
  EXPECT_TRUE(wiring.rejections.empty());
}

TEST(QueueSettings, RefuseAPurgeWithinAMinuteOfAnother) {
  SmallWiring wiring;
  queue(wiring, "purge: [ 10m, 11m ]");
  EXPECT_TRUE(wiring.rejections.empty());
  queue(wiring, "purge: [ 10m, 2h, 10m59s ]");
  EXPECT_EQ(wiring.rejections.size(), 1u);
  queue(wiring, "purge: [ 20m, 19m30s, 20m1s ]");
  EXPECT_EQ(wiring.rejections.size(), 3u) << "one for each that comes too close";
}

TEST(QueueSettings, RefuseAPurgeThatComesWithinAMinuteOfAnotherSoonerOrLater) {
  const auto refuses = [](const std::string& calls) {
    SmallWiring wiring;
    queue(wiring, "purge: [ " + calls + " ]");
    return wiring.rejections.size() == 1;
  };
  EXPECT_FALSE(refuses("{ at: 10m, every: 60s }"));
  EXPECT_TRUE(refuses("{ at: 10m, every: 1h }, 3h10m59s"));
  EXPECT_TRUE(refuses("3h9m1s, { at: 10m, every: 1h }"));
  EXPECT_FALSE(refuses("{ at: 10m, every: 1h }, 3h11m"));
  EXPECT_FALSE(refuses("{ at: 3h10m, every: 1h }, 10m")) << "it begins later";
  EXPECT_TRUE(refuses("{ at: 10m, every: 1h }, { at: 20m, every: 50m }")) << "every five hours";
  EXPECT_FALSE(refuses("{ at: 10m, every: 1h }, { at: 15m, every: 50m }"));
}

}  // namespace
}  // namespace spillway
