// The account's concurrency, of which reserved concurrency is gone whether it is used or not.

#include "model/concurrency_pool.hpp"

#include <gtest/gtest.h>

namespace spillway {
namespace {

TEST(ConcurrencyPool, GivesAsMuchAsItsLimit) {
  ConcurrencyPool pool(2);
  EXPECT_TRUE(pool.take());
  EXPECT_TRUE(pool.take());
  EXPECT_FALSE(pool.take());
  EXPECT_EQ(pool.in_use(), 2) << "a refusal takes nothing";
  pool.give();
  EXPECT_TRUE(pool.take());
}

TEST(ConcurrencyPool, KeepsReservedConcurrencyFromTheOthersThoughNobodyUsesIt) {
  ConcurrencyPool pool(1000);
  pool.reserve(600);
  pool.reserve(398);
  EXPECT_EQ(pool.limit(), 1000);
  EXPECT_EQ(pool.unreserved(), 2);
  EXPECT_TRUE(pool.take() && pool.take());
  EXPECT_FALSE(pool.take());
}

TEST(ConcurrencyPool, TakesNothingBackWhenItsLimitFallsBelowWhatIsInUse) {
  ConcurrencyPool pool(3);
  EXPECT_TRUE(pool.take() && pool.take());
  pool.set_limit(1);
  EXPECT_EQ(pool.in_use(), 2);
  EXPECT_FALSE(pool.take());
  pool.give();
  EXPECT_FALSE(pool.take()) << "one is in use, and one is all there is";
  pool.give();
  EXPECT_TRUE(pool.take());
}

}  // namespace
}  // namespace spillway
