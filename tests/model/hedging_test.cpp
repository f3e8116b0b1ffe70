// How long a hedge is held back, and the tokens without which none is sent.

#include "model/hedging.hpp"

#include <gtest/gtest.h>

namespace spillway {
namespace {

TEST(HedgingDelay, IsTheSameWhateverIsMeasuredWhereItIsFixed) {
  HedgingDelay delay({.delay = 30ms});
  for (int i = 0; i < 1000; ++i) delay.measured(1s);
  EXPECT_EQ(delay.next(), 30ms);
}

TEST(HedgingDelay, IsUnknownUntilAHundredLatenciesAreKnown) {
  HedgingDelay delay({.quantile = 0.95});
  for (int i = 1; i < 100; ++i) delay.measured(i * 1ms);
  EXPECT_FALSE(delay.next().has_value());
  delay.measured(100ms);
  EXPECT_EQ(delay.next(), 95ms) << "the least that 95 of 100 do not exceed";
}

TEST(HedgingDelay, FollowsTheNewestThousandLatencies) {
  HedgingDelay delay({.quantile = 0.5});
  for (int i = 0; i < 1000; ++i) delay.measured(10ms);
  for (int i = 0; i < 400; ++i) delay.measured(20ms);
  EXPECT_EQ(delay.next(), 10ms);
  for (int i = 0; i < 200; ++i) delay.measured(20ms);
  EXPECT_EQ(delay.next(), 20ms) << "600 of the last 1000";
}

TEST(HedgingTokens, AllowHedgesAsLongAsMoreThanHalfOfThemAreThere) {
  HedgingTokens tokens({.tokens_millis = 4000, .earned_millis = 500});
  EXPECT_TRUE(tokens.allow());
  tokens.failed();
  EXPECT_TRUE(tokens.allow()) << "three of four";
  tokens.failed();
  EXPECT_FALSE(tokens.allow()) << "two of four";
  tokens.succeeded();
  EXPECT_TRUE(tokens.allow()) << "two and a half";
}

TEST(HedgingTokens, AreNeverMoreThanAtFirstNorFewerThanNone) {
  HedgingTokens tokens({.tokens_millis = 2000, .earned_millis = 1000});
  for (int i = 0; i < 10; ++i) tokens.succeeded();
  tokens.failed();
  EXPECT_FALSE(tokens.allow());
  for (int i = 0; i < 10; ++i) tokens.failed();
  tokens.succeeded();
  EXPECT_FALSE(tokens.allow());
  tokens.succeeded();
  EXPECT_TRUE(tokens.allow());
}

TEST(HedgingTokens, AreNotNeededWhereThereAreNone) {
  HedgingTokens tokens({});
  for (int i = 0; i < 10; ++i) tokens.failed();
  EXPECT_TRUE(tokens.allow());
}

}  // namespace
}  // namespace spillway
