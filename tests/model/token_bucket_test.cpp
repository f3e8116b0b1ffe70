// Tokens to the nanosecond, and against a bucket counted in exact fractions.

#include "model/token_bucket.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace spillway {
namespace {

constexpr Time at(Duration since_start) { return kStart + since_start; }

TEST(TokenBucket, WithoutARateNeverRefuses) {
  TokenBucket bucket;
  EXPECT_FALSE(bucket.limited());
  EXPECT_TRUE(bucket.take(at(0s), 1'000'000'000));
  EXPECT_EQ(bucket.wait(at(0s), 1'000'000'000), Duration::zero());
}

TEST(TokenBucket, StartsFullAndTakesWholeRequestsOrNothing) {
  TokenBucket bucket(1000, 5);
  EXPECT_FALSE(bucket.take(at(0s), 6)) << "more than it ever holds";
  EXPECT_TRUE(bucket.take(at(0s), 3));
  EXPECT_FALSE(bucket.take(at(0s), 3)) << "two are left, and a request is not served by halves";
  EXPECT_TRUE(bucket.take(at(0s), 2));
  EXPECT_FALSE(bucket.take(at(0s)));
}

TEST(TokenBucket, HasTheNextTokenAtItsNanosecond) {
  TokenBucket bucket(3000, 1);  // one each third of a second, which is no whole number of nanoseconds
  EXPECT_TRUE(bucket.take(at(0s)));
  EXPECT_EQ(bucket.wait(at(0s)), 333'333'334ns);
  EXPECT_FALSE(bucket.take(at(333'333'333ns)));
  EXPECT_TRUE(bucket.take(at(333'333'334ns)));
}

TEST(TokenBucket, LosesNothingByBeingAskedOften) {
  TokenBucket asked(3000, 10);
  TokenBucket left_alone(3000, 10);
  EXPECT_TRUE(asked.take(at(0s), 10) && left_alone.take(at(0s), 10));
  for (Duration now{}; now <= 1s; now += 1us) asked.holds(at(now), 1);
  EXPECT_EQ(asked.whole_tokens(at(1s)), 3);
  EXPECT_EQ(left_alone.whole_tokens(at(1s)), 3);
}

TEST(TokenBucket, HoldsNoMoreThanItsBurst) {
  TokenBucket bucket(1000, 5);
  EXPECT_EQ(bucket.whole_tokens(at(24h)), 5);
  bucket.give(3);
  EXPECT_EQ(bucket.whole_tokens(at(24h)), 5);
  EXPECT_TRUE(bucket.take(at(24h), 4));
  bucket.give(2);
  EXPECT_EQ(bucket.whole_tokens(at(24h)), 3);
}

TEST(TokenBucket, TakesThousandthsOfATokenToo) {
  TokenBucket bucket(1000, 1);
  EXPECT_TRUE(bucket.take_millis(at(0s), 999));
  EXPECT_FALSE(bucket.take_millis(at(0s), 2));
  EXPECT_TRUE(bucket.take_millis(at(1ms), 2)) << "a thousandth has come in a thousandth of a second";
}

TEST(TokenBucket, WithARateOfZeroIsDoneOnceItsBurstIs) {
  TokenBucket bucket(0, 2);
  EXPECT_TRUE(bucket.take(at(0s), 2));
  EXPECT_EQ(bucket.wait(at(1h)), Duration::max());
  EXPECT_FALSE(bucket.take(at(1000h)));
}

TEST(TokenBucket, ChangesItsRateFromNowOn) {
  TokenBucket bucket(1000, 10);
  EXPECT_TRUE(bucket.take(at(0s), 10));
  bucket.change(at(2s), 5000, 10);
  EXPECT_EQ(bucket.whole_tokens(at(2s)), 2) << "what came at the old rate stays";
  EXPECT_EQ(bucket.whole_tokens(at(3s)), 7);
  bucket.change(at(3s), 5000, 4);
  EXPECT_EQ(bucket.whole_tokens(at(3s)), 4) << "what the new burst does not hold is lost";
}

TEST(TokenBucket, RoundsARateToThousandths) {
  TokenBucket bucket = TokenBucket::per_second(0.5, 1);
  EXPECT_TRUE(bucket.take(at(0s)));
  EXPECT_EQ(bucket.wait(at(0s)), 2s);
}

TEST(TokenBucket, KeepsWhatALargeAccountMayBurst) {
  TokenBucket bucket(40'000'000, 1'000'000'000);  // 64 bits of units would end at nine million tokens
  EXPECT_TRUE(bucket.take(at(0s), 1'000'000'000));
  EXPECT_FALSE(bucket.take(at(0s)));
}

/// However it is asked, what it gave in a span of time is at most the burst and the rate times the span; and
/// it refuses only what that would break.
RC_GTEST_PROP(TokenBucketProperty, GivesAsMuchAsItsRateAndBurstAllowAndNoLess, ()) {
  const auto rate = *rc::gen::inRange<std::int64_t>(1, 5'000'000);
  const auto burst = *rc::gen::inRange<std::int64_t>(1, 50);
  TokenBucket bucket(rate, burst);
  // The reference: units of 1e-12 tokens, in which rate thousandths a second are rate units a nanosecond.
  __extension__ using Wide = __int128;
  const Wide token = 1'000'000'000'000;
  Wide units = burst * token;
  Duration now{};
  for (int i = 0; i < 100; ++i) {
    const Duration gap{*rc::gen::inRange<std::int64_t>(0, 200'000'000)};
    const auto tokens = *rc::gen::inRange<std::int64_t>(1, 5);
    now += gap;
    units = std::min(burst * token, units + Wide{gap.count()} * rate);
    const Duration wait = bucket.wait(at(now), tokens);
    RC_ASSERT((wait == Duration::zero()) == (units >= tokens * token));
    const bool taken = bucket.take(at(now), tokens);
    RC_ASSERT(taken == (wait == Duration::zero()));
    if (taken) units -= tokens * token;
  }
}

}  // namespace
}  // namespace spillway
