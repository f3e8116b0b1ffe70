// What an operation of a table costs, by the words that a scenario writes.

#include "scenario/static/table_access.hpp"

#include <gtest/gtest.h>

namespace spillway::testing {
namespace {

TEST(TableAccess, CountsUnitsAsTheTableDoes) {
  EXPECT_TRUE(table_access("put", 1500).writes);
  EXPECT_EQ(table_access("put", 1500).units, 2);
  EXPECT_EQ(table_access("update_transact", 1500).units, 4);
  EXPECT_FALSE(table_access("get", 4097).writes);
  EXPECT_EQ(table_access("get", 4097).units, 1);  // two blocks of 4 KB, half a unit each
  EXPECT_EQ(table_access("get_strong", 4097).units, 2);
}

TEST(TableAccess, CountsEachOfSeveralItemsAndLeavesIndexesOut) {
  EXPECT_EQ(table_access("put_transact 3", 1000).units, 6);
  EXPECT_EQ(table_access("query by_customer", 1000).units, 0);
  EXPECT_EQ(table_access("dance", 1000).units, 0);
}

}  // namespace
}  // namespace spillway::testing
