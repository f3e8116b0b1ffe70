// What a scenario may say of a WebSocket API, and what it may not.

#include <gtest/gtest.h>

#include <gmock/gmock.h>

#include "services/websocket_api.hpp"
#include "support/small_wiring.hpp"

namespace spillway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Server;
using testing::SmallWiring;

/// What is refused of an API with these settings; `fn` is a function.
std::vector<std::string> refused(const std::string& yaml) {
  SmallWiring wiring;
  wiring.build("aws.lambda.function", "fn", "{}");
  wiring.build("aws.apigateway.websocket", "chat", yaml);
  return wiring.rejections;
}

TEST(WebSocketApiSettings, AreTheQuotasUnlessTheScenarioSaysOtherwise) {
  SmallWiring wiring;
  wiring.world().add<Server>("fn", 1ms);
  const auto& api = static_cast<const WebSocketApi&>(
      wiring.build("aws.apigateway.websocket", "chat", "{ routes: { say: { call: fn } } }"));
  const WebSocketConfig& config = api.config();
  EXPECT_EQ(config.new_rate_millis, 500'000);
  EXPECT_EQ(config.idle_timeout, 10min);
  EXPECT_EQ(config.longest, 2h);
  EXPECT_EQ(config.message_limit, 128 * 1024);
  EXPECT_EQ(config.frame_limit, 32 * 1024);
  EXPECT_EQ(config.account_rate_millis, 10'000'000);
  EXPECT_EQ(config.account_burst, 5'000);
  EXPECT_FALSE(config.stays.has_value());
  EXPECT_FALSE(config.returns_after.has_value());
  EXPECT_THAT(wiring.rejections, IsEmpty());
}

TEST(WebSocketApiSettings, BringAConnectionThroughItsWholeLife) {
  SmallWiring wiring;
  World& world = wiring.world();
  testing::FactLog log(world);
  auto& fn = world.add<Server>("fn", 1ms);
  wiring.build("aws.apigateway.websocket", "chat", R"({ overhead: 0s,
      connections: { stays: 90s, drops: [ 30s ], returns: { after: 5s } },
      routes: { $connect: { call: fn }, $disconnect: { call: fn }, say: { call: fn, response: 33KiB } } })");
  auto& probe = world.add<testing::Probe>("probe");
  const PortId say =
      world.connect(probe.id(), world.services()[1]->id(), {.operation = "say", .timeout = 10s});
  probe.send_at(testing::at(0s), say, 100, 7);
  wiring.run(10min);
  ASSERT_EQ(fn.calls.size(), 5u) << "connect, say, disconnect, connect, disconnect";
  EXPECT_EQ(fn.calls[3].when, testing::at(35s));
  EXPECT_EQ(fn.calls[4].when, testing::at(90s + 1ms));
  EXPECT_EQ(log.used(world.meter("apigateway.websocket.messages")), 1 + 2);
  EXPECT_EQ(log.used(world.meter("apigateway.websocket.connections")), 30 + 55 - 1)
      << "without the milliseconds of both handshakes";
}

TEST(WebSocketApiSettings, NoRouteKeyBeginsWithASignButTheProvidersOwn) {
  EXPECT_THAT(refused("{ routes: { $conect: { call: fn } } }"),
              ElementsAre(HasSubstr("did you mean '$connect'?")));
  EXPECT_THAT(refused("{ routes: { '@connections': { call: fn } } }"),
              ElementsAre(HasSubstr("no route key of a message")));
}

TEST(WebSocketApiSettings, ARouteOfAnHttpApiIsNone) {
  EXPECT_THAT(refused("{ routes: { 'POST /orders': { call: fn } } }"),
              ElementsAre(HasSubstr("a message names a route key")));
}

TEST(WebSocketApiSettings, OnlyARouteOfMessagesHasAResponse) {
  EXPECT_THAT(refused("{ routes: { $connect: { call: fn, response: 1KiB } } }"),
              ElementsAre(HasSubstr("$connect has no response that is a message: post it to @connections")));
  EXPECT_THAT(refused("{ routes: { $default: { call: fn, response: 1KiB } } }"), IsEmpty());
}

TEST(WebSocketApiSettings, AResponseFitsAMessage) {
  EXPECT_THAT(refused("{ routes: { say: { call: fn, response: 129KiB } } }"),
              ElementsAre(HasSubstr("at most 128 KiB: send it in several posts")));
  EXPECT_THAT(refused("{ message: 64KiB, routes: { say: { call: fn, response: 65KiB } } }"),
              ElementsAre(HasSubstr("at most 64 KiB")));
}

TEST(WebSocketApiSettings, NothingThrottlesADisconnection) {
  EXPECT_THAT(refused("{ routes: { $disconnect: { call: fn, throttle: { rate: 1/s, burst: 1 } } } }"),
              ElementsAre(HasSubstr("give $connect the throttle")));
}

TEST(WebSocketApiSettings, NothingIsStreamed) {
  EXPECT_THAT(refused("{ routes: { say: { call: fn, op: invoke_with_response_stream } } }"),
              ElementsAre(HasSubstr("does not stream responses")));
}

}  // namespace
}  // namespace spillway
