// What the static view knows of connections, without opening one.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenario/static/loading.hpp"

namespace spillway::testing {
namespace {

using ::testing::IsEmpty;

constexpr const char* kChat = R"(
spillway: 1
resources:
  chat:
    type: aws.apigateway.websocket
    authorizer: { call: guard }
    connections: { stays: 30m }
    routes:
      $connect: { call: greeter, throttle: { rate: 50/s, burst: 50 } }
      $disconnect: { call: closer }
      say: { call: relay }
  guard: { type: aws.lambda.function }
  greeter: { type: aws.lambda.function }
  closer: { type: aws.lambda.function }
  relay: { type: aws.lambda.function, program: [ { call: chat, op: "@connections" } ] }
traffic:
  arriving: { to: chat, route: $connect, arrivals: { poisson: 40/s } }
  talking: { to: chat, route: say, arrivals: { poisson: 200/s } }
)";

TEST(WebSocketLoad, ShowsNewConnectionsAndHowManyAreOpenBesideTheQuotas) {
  const Viewed viewed(kChat);
  const Demand& opened = viewed.demand("chat", "new connections/s");
  EXPECT_DOUBLE_EQ(opened.need.mean, 40);
  EXPECT_DOUBLE_EQ(opened.limit, 500);
  const Demand& open = viewed.demand("chat", "connections");
  EXPECT_DOUBLE_EQ(open.need.mean, 40 * 1800);
  EXPECT_DOUBLE_EQ(open.limit, 3'600'000);
}

TEST(WebSocketLoad, EndsAConnectionAtTheLatestWithItsQuota) {
  const Viewed viewed(kChat, {"resources.chat.connections.stays=5h"});
  EXPECT_DOUBLE_EQ(viewed.demand("chat", "connections").need.mean, 40 * 7200);
}

TEST(WebSocketLoad, AsksTheFunctionsOfAConnectionForEachAndThoseOfAMessageForEach) {
  const Viewed viewed(kChat);
  for (const char* const once : {"guard", "greeter", "closer"})
    EXPECT_DOUBLE_EQ(viewed.arrived(once).mean, 40);
  EXPECT_DOUBLE_EQ(viewed.arrived("relay").mean, 200);
}

TEST(WebSocketLoad, CountsPostsAgainstTheAccountsThrottleAndConnectionsAgainstTheirRoutes) {
  const Viewed viewed(kChat);
  EXPECT_DOUBLE_EQ(viewed.demand("chat", "requests/s of the account").need.mean, 40 + 200 + 200);
  EXPECT_DOUBLE_EQ(viewed.demand("chat", "requests/s").limit, 50);
}

TEST(WebSocketLoad, BoundsTheRetriesOfClientsThatComeBackAndCountsNoLoadOfThem) {
  const Viewed viewed(kChat, {"resources.chat.connections.returns={ retry: { max_attempts: 7, base: 1s } }"});
  EXPECT_DOUBLE_EQ(viewed.bound("chat"), 7);
  EXPECT_DOUBLE_EQ(viewed.arrived("greeter").mean, 40);
  EXPECT_DOUBLE_EQ(Viewed(kChat).bound("chat"), 3) << "the SDK of the function that posts";
}

TEST(WebSocketLoad, FindsNoCircleWhereAFunctionPostsToTheConnectionsOfTheApiThatAskedIt) {
  EXPECT_THAT(cycles(Viewed(kChat).view.topology), IsEmpty());
  const Viewed around(kChat, {"resources.relay.program=[ { call: chat, op: say } ]"});
  EXPECT_EQ(cycles(around.view.topology).size(), 1u) << "but there is one where it sends a message itself";
}

}  // namespace
}  // namespace spillway::testing
