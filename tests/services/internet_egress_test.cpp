// What of a response is data transfer out.

#include "services/internet_egress.hpp"

#include <gtest/gtest.h>

namespace spillway {
namespace {

TEST(InternetEgress, BillsAResponseThatSucceeds) {
  const InternetEgress egress(true);
  EXPECT_TRUE(egress.of(Outcome::ok, 1000));
  EXPECT_EQ(egress.of(Outcome::ok, 1000).bytes, 1000);
  EXPECT_FALSE(egress.of(Outcome::ok, 0));
  EXPECT_FALSE(egress.of(Outcome::refused, 1000));
  EXPECT_FALSE(egress.of(Outcome::fault, 1000));
}

TEST(InternetEgress, BillsNothingToCallersInside) {
  EXPECT_FALSE(InternetEgress(false).of(Outcome::ok, 1000));
}

TEST(InternetEgress, HasALineOnTheBillOnlyWhereThereAreResponses) {
  World world;
  InternetEgress(false).expect(world, 1000);
  InternetEgress(true).expect(world, 0);
  EXPECT_TRUE(world.meters().empty());
  InternetEgress egress(true);
  egress.expect(world, 1000);
  ASSERT_EQ(world.meters().size(), 1u);
  EXPECT_EQ(egress.of(Outcome::ok, 1000).meter, world.meter("network.internet_egress"));
}

}  // namespace
}  // namespace spillway
