// What was used, by whom, and for whose second attempt.

#include "observe/ledger.hpp"

#include <gtest/gtest.h>

#include "small_run.hpp"

namespace spillway {
namespace {

using testing::at;
using testing::SmallRun;

TEST(Ledger, SumsEachMeterOfEachResourceWithThePartOfRetries) {
  SmallRun small;
  const RunResult run = small.run();
  ASSERT_EQ(run.usage.size(), 2u);
  EXPECT_EQ(run.usage[0].resource, "api");
  EXPECT_EQ(run.usage[0].meter, "calls");
  EXPECT_EQ(run.usage[0].quantity, Quantity{8 * 3});
  EXPECT_EQ(run.usage[0].by_retries, Quantity{4 * 3});
  EXPECT_EQ(run.usage[1].meter, "hours");
  EXPECT_EQ(run.usage[1].quantity, Quantity{1}) << "what is billed by time is settled once, at the end";
}

TEST(Ledger, ForgetsTheWarmUpAndWhatWasOwedForItsTime) {
  SmallRun small({.warm_up = 1500ms});
  const RunResult run = small.run();
  ASSERT_EQ(run.usage.size(), 2u);
  EXPECT_EQ(run.usage[0].quantity, Quantity{5 * 3});
  EXPECT_EQ(run.usage[0].by_retries, Quantity{3 * 3});
  EXPECT_EQ(run.usage[1].quantity, Quantity{1});
}

TEST(Ledger, HoldsQuantitiesBeyond64Bits) {
  World world;
  Ledger ledger(world);
  world.add<testing::Actress>("api");
  world.meter("lambda.duration");
  for (int i = 0; i < 4; ++i) {
    world.facts().publish({.value = INT64_MAX, .extra = INT64_MAX / 2, .kind = FactKind::used});
  }
  const auto usage = ledger.usage();
  ASSERT_EQ(usage.size(), 1u);
  EXPECT_EQ(usage[0].quantity, Quantity{INT64_MAX} * 4);
  EXPECT_EQ(usage[0].by_retries, Quantity{INT64_MAX / 2} * 4);
}

TEST(Ledger, KeepsWhatItHasWhenAMeterIsNamedDuringTheRun) {
  World world;
  Ledger ledger(world);
  world.add<testing::Actress>("api");
  world.add<testing::Actress>("backend");
  const auto use = [&](std::uint16_t service, MeterId meter, std::int64_t quantity) {
    world.facts().publish({.value = quantity,
                           .subject = static_cast<std::uint32_t>(meter),
                           .service = service,
                           .kind = FactKind::used});
  };
  const MeterId requests = world.meter("requests");
  use(0, requests, 1);
  use(1, requests, 2);
  const MeterId bytes = world.meter("bytes");
  use(1, bytes, 4);
  use(1, requests, 8);
  const auto usage = ledger.usage();
  ASSERT_EQ(usage.size(), 3u);
  EXPECT_EQ(usage[0].quantity, Quantity{1});
  EXPECT_EQ(usage[1].quantity, Quantity{10});
  EXPECT_EQ(usage[2].meter, "bytes");
  EXPECT_EQ(usage[2].quantity, Quantity{4});
}

}  // namespace
}  // namespace spillway
