// Records keep their place and their content while the pool grows from heap chunks into huge pages; ids are
// used again, newest first; and the memory is what it says.

#include "spillway/pool.hpp"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace spillway {
namespace {

enum class Id : std::uint32_t {};
struct alignas(64) Record {
  std::uint64_t value = 7;
  std::uint64_t other = 0;
};

TEST(Pool, KeepsRecordsWhereTheyAreWhileItGrows) {
  constexpr std::uint32_t kMany = 200'000;  // six huge pages
  Pool<Record, Id> pool;
  std::vector<Record*> places;
  for (std::uint32_t n = 0; n < kMany; ++n) {
    const Id id = pool.take();
    ASSERT_EQ(id, Id{n});
    ASSERT_EQ(pool[id].value, 7U);
    pool[id].value = n;
    places.push_back(&pool[id]);
  }
  EXPECT_EQ(std::set<Record*>(places.begin(), places.end()).size(), kMany);
  for (std::uint32_t n = 0; n < kMany; ++n) {
    ASSERT_EQ(&pool[Id{n}], places[n]);
    ASSERT_EQ(pool[Id{n}].value, n);
    ASSERT_EQ(reinterpret_cast<std::uintptr_t>(places[n]) % alignof(Record), 0U);
  }
}

TEST(Pool, UsesTheNewestIdAgainAndItsRecordIsFresh) {
  Pool<Record, Id> pool;
  for (int n = 0; n < 5; ++n) pool[pool.take()].value = 1;
  pool.release(Id{1});
  pool.release(Id{3});
  EXPECT_EQ(pool.alive(), 3U);
  EXPECT_EQ(pool.take(), Id{3});
  EXPECT_EQ(pool[Id{3}].value, 7U);
  EXPECT_EQ(pool.take(), Id{1});
  EXPECT_EQ(pool.take(), Id{5});
}

TEST(Pool, GrowsByTheRecordAndLaterByTheHugePage) {
  Pool<Record, Id> pool;
  EXPECT_EQ(pool.bytes(), 0U);
  pool.take();
  EXPECT_EQ(pool.bytes(), 1024 * sizeof(Record));
  std::size_t before = pool.bytes();
  for (std::uint32_t n = 1; n < 300'000; ++n) {
    pool.take();
    if (pool.bytes() == before) continue;
    EXPECT_EQ(pool.bytes() - before, before < kHugePage ? 1024 * sizeof(Record) : kHugePage);
    EXPECT_LT(pool.bytes(), (n + 1) * sizeof(Record) + kHugePage);
    before = pool.bytes();
  }
}

TEST(Pool, ScansWhatWasEverTaken) {
  Pool<Record, Id> pool;
  for (std::uint64_t n = 0; n < 3000; ++n) pool[pool.take()].other = n;
  pool.release(Id{17});
  std::vector<std::uint64_t> seen;
  pool.scan([&](Id id, const Record& record) {
    EXPECT_EQ(static_cast<std::uint32_t>(id), record.other);  // of a released one, too: only its head is gone
    seen.push_back(record.other);
  });
  EXPECT_EQ(seen.size(), 3000U);
}

}  // namespace
}  // namespace spillway
