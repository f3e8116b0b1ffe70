// Polls are counted from idle time: by hand for a few pollers.
#include "services/idle_polls.hpp"

#include <gtest/gtest.h>

namespace spillway {
namespace {

TEST(IdlePolls, CountThePollsOfPollersThatComeAndGo) {
  IdlePolls polls(20s);
  EXPECT_EQ(polls.set_pollers(5, kStart), 0);
  EXPECT_EQ(polls.account(kStart + 40s), 10);
  EXPECT_EQ(polls.set_pollers(1, kStart + 50s), 2);  // half a poll of each is left over
  EXPECT_EQ(polls.account(kStart + 60s), 1);
}

}  // namespace
}  // namespace spillway
