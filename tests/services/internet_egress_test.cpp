// What of a response is data transfer out.

#include "services/internet_egress.hpp"

#include <gtest/gtest.h>

namespace spillway {
namespace {

TEST(InternetEgress, BillsAResponseThatSucceeds) {
  const InternetEgress egress(true);
  EXPECT_EQ(egress.billed(Outcome::ok, 1000), 1000);
  EXPECT_EQ(egress.billed(Outcome::refused, 1000), 0);
  EXPECT_EQ(egress.billed(Outcome::fault, 1000), 0);
}

TEST(InternetEgress, BillsNothingToCallersInside) {
  EXPECT_EQ(InternetEgress(false).billed(Outcome::ok, 1000), 0);
}

TEST(InternetEgress, HasALineOnTheBillOnlyWhereThereAreResponses) {
  World world;
  InternetEgress(false).expect(world, 1000);
  InternetEgress(true).expect(world, 0);
  EXPECT_TRUE(world.meters().empty());
  InternetEgress egress(true);
  egress.expect(world, 1000);
  ASSERT_EQ(world.meters().size(), 1u);
  EXPECT_EQ(egress.meter(), world.meter("network.internet_egress"));
}

}  // namespace
}  // namespace spillway
