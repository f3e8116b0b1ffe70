// The list through the records, against a list of the standard library.

#include "model/linked_list.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <vector>

namespace spillway {
namespace {

enum class Id : std::uint32_t {};
constexpr Id kNone{UINT32_MAX};

struct Record {
  int key = 0;
  Id previous = kNone;
  Id next = kNone;
};
using List = LinkedList<Record, Id, &Record::previous, &Record::next>;

struct Lists {
  Id make(int key) {
    const Id id = pool.take();
    pool[id].key = key;
    return id;
  }
  std::vector<int> forwards() const {
    std::vector<int> keys;
    for (Id id = list.front(); id != kNone; id = pool[id].next) keys.push_back(pool[id].key);
    return keys;
  }
  std::vector<int> backwards() const {
    std::vector<int> keys;
    for (Id id = list.back(); id != kNone; id = pool[id].previous) keys.push_back(pool[id].key);
    return keys;
  }

  Pool<Record, Id> pool;
  List list;
};

TEST(LinkedList, IsEmptyUntilSomethingIsInIt) {
  Lists lists;
  EXPECT_TRUE(lists.list.empty());
  const Id only = lists.make(1);
  lists.list.push_back(lists.pool, only);
  EXPECT_FALSE(lists.list.empty());
  EXPECT_EQ(lists.list.front(), only);
  EXPECT_EQ(lists.list.back(), only);
  lists.list.remove(lists.pool, only);
  EXPECT_TRUE(lists.list.empty());
  EXPECT_EQ(lists.list.back(), kNone);
}

TEST(LinkedList, TakesAtBothEnds) {
  Lists lists;
  for (const int key : {2, 3}) lists.list.push_back(lists.pool, lists.make(key));
  lists.list.push_front(lists.pool, lists.make(1));
  EXPECT_EQ(lists.forwards(), (std::vector{1, 2, 3}));
  EXPECT_EQ(lists.backwards(), (std::vector{3, 2, 1}));
  lists.list.pop_back(lists.pool);
  EXPECT_EQ(lists.forwards(), (std::vector{1, 2}));
  EXPECT_EQ(lists.backwards(), (std::vector{2, 1}));
  lists.list.pop_back(lists.pool);
  lists.list.pop_back(lists.pool);
  EXPECT_TRUE(lists.list.empty());
  EXPECT_EQ(lists.list.front(), kNone);
}

TEST(LinkedList, LetsGoFromAnywhere) {
  Lists lists;
  std::vector<Id> ids;
  for (const int key : {1, 2, 3, 4}) {
    ids.push_back(lists.make(key));
    lists.list.push_back(lists.pool, ids.back());
  }
  lists.list.remove(lists.pool, ids[1]);
  EXPECT_EQ(lists.forwards(), (std::vector{1, 3, 4}));
  lists.list.remove(lists.pool, ids[0]);
  lists.list.remove(lists.pool, ids[3]);
  EXPECT_EQ(lists.forwards(), (std::vector{3}));
  EXPECT_EQ(lists.backwards(), (std::vector{3}));
}

TEST(LinkedList, ForgetsTheNeighboursOfWhoLeaves) {
  Lists lists;
  const Id first = lists.make(1);
  const Id second = lists.make(2);
  lists.list.push_back(lists.pool, first);
  lists.list.push_back(lists.pool, second);
  lists.list.remove(lists.pool, first);
  EXPECT_EQ(lists.pool[first].next, kNone);
  lists.list.push_back(lists.pool, first);
  EXPECT_EQ(lists.forwards(), (std::vector{2, 1}));
}

TEST(LinkedList, KeepsTheOrderOfInsertionAmongEqualKeys) {
  Lists lists;
  const auto key = [](const Record& record) { return record.key / 10; };
  for (const int each : {20, 10, 21, 11, 30, 12})
    lists.list.insert_ordered(lists.pool, lists.make(each), key);
  EXPECT_EQ(lists.forwards(), (std::vector{10, 11, 12, 20, 21, 30}));
}

RC_GTEST_PROP(LinkedListProperty, HoldsWhatAVectorWould, ()) {
  Lists lists;
  std::vector<Id> expected;
  const auto key = [](const Record& record) { return record.key; };
  for (int i = 0; i < 200; ++i) {
    if (!expected.empty() && *rc::gen::inRange(0, 3) == 0) {
      const auto place = expected.begin() + *rc::gen::inRange<std::ptrdiff_t>(0, std::ssize(expected));
      lists.list.remove(lists.pool, *place);
      lists.pool.release(*place);
      expected.erase(place);
    } else {
      const Id id = lists.make(*rc::gen::inRange(0, 10));
      const auto after = [&](Id other) { return lists.pool[other].key > lists.pool[id].key; };
      expected.insert(std::find_if(expected.begin(), expected.end(), after), id);
      lists.list.insert_ordered(lists.pool, id, key);
    }
    std::vector<int> keys;
    for (const Id id : expected) keys.push_back(lists.pool[id].key);
    RC_ASSERT(lists.forwards() == keys);
    std::reverse(keys.begin(), keys.end());
    RC_ASSERT(lists.backwards() == keys);
  }
}

}  // namespace
}  // namespace spillway
