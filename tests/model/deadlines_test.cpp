// Deadlines against a plain list: all that is due and nothing else, at its time, whatever leaves before and
// from where; and nothing is kept of what has left.

#include "model/deadlines.hpp"

#include <gtest/gtest.h>

#include <set>

#include "spillway/random.hpp"

namespace spillway {
namespace {

enum class Id : std::uint32_t {};
struct Record {
  std::uint32_t taken = 0;  ///< the pool's, once it is released
  std::uint32_t list = 0;   ///< of several that wait in one pool; zero: it waits nowhere
  Time since{};
};

class Waiting {
 public:
  Waiting(Pool<Record, Id>& pool, std::uint32_t list, Duration wait) : pool_(pool), list_(list), wait_(wait) {
    deadlines_.set_wait(wait);
  }
  Id enter(Time now) {
    const Id id = pool_.take();
    pool_[id].list = list_;
    pool_[id].since = now;
    deadlines_.enter(now);
    plain_.insert({now, id});
    return id;
  }
  void leave(Id id) {
    deadlines_.leave(pool_[id].since);
    plain_.erase({pool_[id].since, id});
    pool_[id].list = 0;
    pool_.release(id);
  }
  Deadlines<Record, Id>::Next ask(Time now) {
    return deadlines_.next(now, pool_, [this](const Record& record) {
      return record.list == list_ ? std::optional(record.since) : std::nullopt;
    });
  }
  /// What is due by now, which leaves; and that the next look is not later than the next deadline.
  std::vector<Id> due(Time now) {
    std::vector<Id> all;
    auto next = ask(now);
    for (; next.at <= now; next = ask(now)) {
      all.push_back(next.id);
      leave(next.id);
    }
    if (plain_.empty()) {
      EXPECT_EQ(next.at, kNever);
    } else {
      EXPECT_LE(next.at, plain_.begin()->first + wait_);
    }
    return all;
  }
  std::vector<Id> plainly_due(Time now) const {
    std::vector<Id> all;
    for (const auto& [since, id] : plain_) {
      if (since + wait_ <= now) all.push_back(id);
    }
    return all;
  }
  Id any(Draws& draws) const {
    return std::next(plain_.begin(), static_cast<std::ptrdiff_t>(draws.below(plain_.size())))->second;
  }
  /// The same goes on in another record.
  Id move(Id id) {
    const Id other = pool_.take();
    pool_[other].list = list_;
    pool_[other].since = pool_[id].since;
    pool_[id].list = 0;
    plain_.erase({pool_[id].since, id});
    plain_.insert({pool_[id].since, other});
    pool_.release(id);
    deadlines_.moved();
    return other;
  }
  bool empty() const { return plain_.empty(); }
  std::size_t bytes() const { return deadlines_.bytes(); }

 private:
  Pool<Record, Id>& pool_;
  std::uint32_t list_;
  Duration wait_;
  Deadlines<Record, Id> deadlines_;
  std::set<std::pair<Time, Id>> plain_;
};

TEST(Deadlines, ComeInTheirOrderWhateverLeavesBefore) {
  for (const Duration wait : {Duration{1}, Duration{7}, Duration{1'000}, Duration{4'096}, Duration{99'999}}) {
    Pool<Record, Id> pool;
    Waiting one(pool, 1, wait);
    Waiting other(pool, 2, 3 * wait);  // in the same pool, whose records go from one to the other
    Draws draws = Stream{3, "deadlines"}.at(static_cast<std::uint64_t>(wait.count()));
    Time now = kStart;
    std::size_t came = 0;
    for (int step = 0; step < 20'000; ++step) {
      now +=
          Duration{static_cast<std::int64_t>(draws.below(static_cast<std::uint64_t>(wait.count()) / 20 + 2))};
      for (Waiting* const list : {&one, &other}) {
        const auto expected = list->plainly_due(now);
        ASSERT_EQ(list->due(now), expected) << "step " << step << ", wait " << wait.count();
        came += expected.size();
      }
      Waiting& list = draws.chance(0.5) ? one : other;
      // It fills for a while, and empties for a while.
      if (draws.chance(step / 2500 % 2 == 0 ? 0.6 : 0.4)) {
        list.enter(now);
      } else if (!list.empty()) {
        list.leave(list.any(draws));
      }
    }
    EXPECT_GT(came, 100U);
  }
}

TEST(Deadlines, AreFoundOnlyWhereSomeCome) {
  Pool<Record, Id> pool;
  Waiting waiting(pool, 1, Duration{1000});
  for (int n = 0; n < 100'000; ++n) {
    const Time now = kStart + Duration{n};
    if (n >= 600) waiting.leave(Id{static_cast<std::uint32_t>(n) % 600});  // the one that entered 600 ago
    waiting.enter(now);
    waiting.due(now);
    if (HasFailure()) return;
  }
  EXPECT_EQ(waiting.bytes(), 0U);
}

TEST(Deadlines, FollowOneThatGoesOnInAnotherRecord) {
  Pool<Record, Id> pool;
  Waiting waiting(pool, 1, Duration{1000});
  const Id first = waiting.enter(kStart);
  const Id second = waiting.enter(kStart + Duration{1});
  EXPECT_EQ(waiting.due(kStart + Duration{1000}), std::vector{first});  // both were looked up
  const Id third = waiting.move(second);
  EXPECT_EQ(waiting.ask(kStart + Duration{1000}).at, kStart + Duration{1001});
  EXPECT_EQ(waiting.due(kStart + Duration{1001}), std::vector{third});
  EXPECT_TRUE(waiting.empty());
}

}  // namespace
}  // namespace spillway
