// What was used, by whom, and for whose second attempt.

#include "observe/ledger.hpp"

#include <gtest/gtest.h>

#include "small_run.hpp"

namespace spillway {
namespace {

using testing::at;
using testing::SmallRun;

/// Uses what it is told to.
class User final : public Service {
 public:
  using Service::Service;
  using Service::use;
  void on_call(CallId id) override { answer(id, Outcome::ok); }
};

TEST(Ledger, SumsEachMeterOfEachResourceWithThePartOfRetries) {
  SmallRun small;
  const RunResult run = small.run();
  ASSERT_EQ(run.usage.size(), 2u);
  EXPECT_EQ(run.usage[0].resource, "api");
  EXPECT_EQ(run.usage[0].meter, "calls");
  EXPECT_EQ(run.usage[0].quantity, Quantity{8 * 3});
  EXPECT_EQ(run.usage[0].by_layer[RetryLayer::client], Quantity{4 * 3});
  EXPECT_EQ(run.usage[0].by_retries(), Quantity{4 * 3});
  EXPECT_EQ(run.usage[1].meter, "hours");
  EXPECT_EQ(run.usage[1].quantity, Quantity{1}) << "what is billed by time is settled once, at the end";
}

TEST(Ledger, ForgetsTheWarmUpAndWhatWasOwedForItsTime) {
  SmallRun small({.warm_up = 1500ms});
  const RunResult run = small.run();
  ASSERT_EQ(run.usage.size(), 2u);
  EXPECT_EQ(run.usage[0].quantity, Quantity{5 * 3});
  EXPECT_EQ(run.usage[0].by_retries(), Quantity{3 * 3});
  EXPECT_EQ(run.usage[1].quantity, Quantity{1});
}

TEST(Ledger, HoldsQuantitiesBeyond64Bits) {
  World world;
  Ledger ledger(world);
  auto& api = world.add<User>("api");
  const MeterId duration = world.meter("lambda.duration");
  for (int i = 0; i < 4; ++i) api.use(duration, INT64_MAX, INT64_MAX / 2, RetryLayer::sdk);
  const auto usage = ledger.usage();
  ASSERT_EQ(usage.size(), 1u);
  EXPECT_EQ(usage[0].quantity, Quantity{INT64_MAX} * 4);
  EXPECT_EQ(usage[0].by_retries(), Quantity{INT64_MAX / 2} * 4);
}

TEST(Ledger, SumsWhatEachLayersRepeatsUsed) {
  World world;
  Ledger ledger(world);
  auto& api = world.add<User>("api");
  const MeterId requests = world.meter("requests");
  api.use(requests, 7);
  api.use(requests, 5, 2, RetryLayer::client);
  api.use(requests, 3, 3, RetryLayer::hedge);
  api.use(requests, 4, 0, RetryLayer::sdk);
  api.use(requests, 2, 1, RetryLayer::client);
  const auto usage = ledger.usage();
  ASSERT_EQ(usage.size(), 1u);
  EXPECT_EQ(usage[0].quantity, Quantity{21});
  EXPECT_EQ(usage[0].by_layer[RetryLayer::client], Quantity{3});
  EXPECT_EQ(usage[0].by_layer[RetryLayer::hedge], Quantity{3});
  EXPECT_EQ(usage[0].by_retries(), Quantity{6});
}

TEST(Ledger, KnowsTheLayerOfWhatACallUsed) {
  World world;
  Ledger ledger(world);
  auto& api = world.add<User>("api");
  const MeterId requests = world.meter("requests");
  Call call;
  call.lineage = Lineage{}.attempt(1, 2, RetryLayer::workflow);
  api.use(requests, 5, call);
  EXPECT_EQ(ledger.usage()[0].by_retries(), Quantity{0}) << "nothing of it reached its callee before";
  call.repeat = true;
  api.use(requests, 5, call);
  EXPECT_EQ(ledger.usage()[0].quantity, Quantity{10});
  EXPECT_EQ(ledger.usage()[0].by_layer[RetryLayer::workflow], Quantity{5});
}

TEST(Ledger, KeepsWhatItHasWhenAMeterIsNamedDuringTheRun) {
  World world;
  Ledger ledger(world);
  auto& api = world.add<User>("api");
  auto& backend = world.add<User>("backend");
  const MeterId requests = world.meter("requests");
  api.use(requests, 1);
  backend.use(requests, 2);
  const MeterId bytes = world.meter("bytes");
  backend.use(bytes, 4);
  backend.use(requests, 8);
  const auto usage = ledger.usage();
  ASSERT_EQ(usage.size(), 3u);
  EXPECT_EQ(usage[0].quantity, Quantity{1});
  EXPECT_EQ(usage[1].quantity, Quantity{10});
  EXPECT_EQ(usage[2].meter, "bytes");
  EXPECT_EQ(usage[2].quantity, Quantity{4});
}

}  // namespace
}  // namespace spillway
