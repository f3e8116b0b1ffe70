// Which records are fetched ahead of an answer on its way up.
#include "model/answer_path.hpp"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spillway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Notes what is asked for, as a pool that only fetches.
struct Asked {
  void fetch(CallId id) const { ids.push_back(static_cast<std::uint32_t>(id)); }
  mutable std::vector<std::uint32_t> ids;
};

/// Calls 0 to n - 1, each made for the one before.
AnswerPath chain(std::uint32_t n) {
  AnswerPath path;
  for (std::uint32_t id = 1; id < n; ++id) path.made(CallId{id}, CallId{id - 1});
  return path;
}

TEST(AnswerPath, ThreeRecordsAheadAreAskedForAtTheFirstAnswerAndOneMoreAtEachAfterIt) {
  AnswerPath path = chain(6);
  Asked calls;
  path.follow(CallId{5}, calls);
  EXPECT_THAT(calls.ids, ElementsAre(4, 3, 2));
  path.follow(CallId{4}, calls);
  EXPECT_THAT(calls.ids, ElementsAre(4, 3, 2, 1));
  path.follow(CallId{3}, calls);
  EXPECT_THAT(calls.ids, ElementsAre(4, 3, 2, 1, 0));
}

TEST(AnswerPath, NothingIsAskedForBeyondACallThatWasMadeForNobody) {
  AnswerPath path = chain(3);
  Asked calls;
  path.follow(CallId{2}, calls);
  EXPECT_THAT(calls.ids, ElementsAre(1, 0));
  calls.ids.clear();
  path.follow(CallId{1}, calls);
  EXPECT_THAT(calls.ids, IsEmpty());
}

TEST(AnswerPath, AnAnswerElsewhereBeginsAnew) {
  AnswerPath path = chain(8);
  path.made(CallId{10}, CallId{9});
  path.made(CallId{9}, CallId{2});
  Asked calls;
  path.follow(CallId{7}, calls);
  calls.ids.clear();
  path.follow(CallId{10}, calls);
  EXPECT_THAT(calls.ids, ElementsAre(9, 2, 1));
}

TEST(AnswerPath, ARecordThatIsUsedAgainForNobodyLeadsNowhere) {
  AnswerPath path = chain(3);
  Asked calls;
  path.follow(CallId{2}, calls);
  path.follow(CallId{1}, calls);
  // 1 is used again for a call of nobody's sake, and 5 is made for it.
  path.made(CallId{5}, CallId{1});
  calls.ids.clear();
  path.follow(CallId{5}, calls);
  EXPECT_THAT(calls.ids, ElementsAre(1));
}

TEST(AnswerPath, ACallThatWasNeverToldOfLeadsNowhere) {
  AnswerPath path = chain(3);
  Asked calls;
  path.follow(CallId{4000}, calls);
  EXPECT_THAT(calls.ids, IsEmpty());
}

}  // namespace
}  // namespace spillway
