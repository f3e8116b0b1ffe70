// Each rule is that rule alone. What they do to a function is in services/function_test.cpp, and against
// recorded runs in services/function_recorded_test.cpp.

#include "model/keep_alive.hpp"

#include <gtest/gtest.h>

#include "model/quotas.hpp"

namespace spillway {
namespace {

TEST(KeepAlive, ByDefaultIsTheRuleThatWasMeasured) {
  const KeepAlive policy = KeepAlive::measured();
  EXPECT_EQ(quota("lambda.environment.idle_own"), "1200s");
  EXPECT_EQ(quota("lambda.environment.idle_all"), "650s");
  EXPECT_EQ(quota("lambda.environment.max_age"), "2h");
  EXPECT_EQ(policy.idle, 1200s);
  EXPECT_EQ(policy.function_idle, 650s);
  EXPECT_EQ(policy.maximum_age, 2h);
  EXPECT_EQ(policy.halving, Duration::zero());
  EXPECT_FALSE(policy.idle_time);
}

TEST(KeepAlive, FixedIsOneTimeoutAndAnAgeOnlyWhereOneIsGiven) {
  const KeepAlive policy = KeepAlive::fixed(600s);
  EXPECT_EQ(policy.idle, 600s);
  EXPECT_EQ(policy.function_idle, Duration::zero());
  EXPECT_EQ(policy.maximum_age, Duration::zero());
  EXPECT_EQ(KeepAlive::fixed(600s, 1h).maximum_age, 1h);
}

TEST(KeepAlive, HalvingDoesNotEndByAgeOrByTheFunctionsIdleness) {
  const KeepAlive policy = KeepAlive::halved_every(380s);
  EXPECT_EQ(policy.halving, 380s);
  EXPECT_EQ(policy.function_idle, Duration::zero());
  EXPECT_EQ(policy.maximum_age, Duration::zero());
}

TEST(KeepAlive, RandomDrawsItsIdleTime) {
  const KeepAlive policy = KeepAlive::random(Distribution::constant(7e9));
  ASSERT_TRUE(policy.idle_time);
  Draws draws = Stream(1, "idle").at(0);
  EXPECT_EQ(policy.idle_time({}, draws), 7s);
  EXPECT_EQ(policy.function_idle, Duration::zero());
}

}  // namespace
}  // namespace spillway
