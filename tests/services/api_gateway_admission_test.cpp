// Who is let in: authorizers and their verdicts, usage plans; and what a cache answers in place of the
// integration.

#include <gtest/gtest.h>

#include "services/api_gateway.hpp"
#include "support/small_world.hpp"

namespace spillway {
namespace {

using testing::at;
using testing::FactLog;
using testing::fixed;
using testing::Probe;
using testing::Server;
using Kind = ApiGatewayConfig::Kind;

/// A gateway with one GET route, an integration of 10 ms and, if asked for, an authorizer of 100 ms.
struct Site {
  explicit Site(ApiGatewayConfig config = {}, GatewayRoute route = {.name = "GET /"}) {
    gateway = &world.add<ApiGateway>("api", std::move(config));
    server = &world.add<Server>("fn", 10ms);
    guard = &world.add<Server>("guard", 100ms);
    gateway->add_route(std::move(route), server->id(), {.timeout = 29s});
    probe = &world.add<Probe>("probe");
    port = world.connect(probe->id(), gateway->id(), {.operation = "GET /"});
  }
  void ask(GatewayAuthorizer authorizer, Duration timeout = 10s) {
    gateway->ask_authorizer(authorizer, guard->id(), {.timeout = timeout});
  }
  void send(Duration when, std::uint64_t key = 0) { probe->send_at(at(when), port, 0, key); }
  void run(Duration end = 100s) {
    EXPECT_FALSE(world.start().has_value());
    world.run(at(end));
    EXPECT_EQ(world.calls().alive(), 0u);
  }
  Outcome outcome(std::size_t n) const { return probe->answers.at(n).outcome; }
  Duration when(std::size_t n) const { return probe->answers.at(n).when - kStart; }

  World world;
  FactLog log{world};
  ApiGateway* gateway;
  Server* server;
  Server* guard;
  Probe* probe;
  PortId port;
};

TEST(GatewayAuthorizer, IsAskedBeforeTheIntegrationAndOnceForAnIdentityAsLongAsItsVerdictIsKept) {
  Site site;
  site.ask({.ttl = 300s});
  site.send(0s, 7);
  site.send(1s, 7);
  site.send(2s, 8);
  site.send(301s, 7);
  site.run(400s);
  EXPECT_EQ(site.when(0), 110ms);
  EXPECT_EQ(site.when(1), 1010ms);
  EXPECT_EQ(site.when(2), 2110ms);
  EXPECT_EQ(site.when(3), 301'110ms);
  EXPECT_EQ(site.guard->calls.size(), 3u);
}

TEST(GatewayAuthorizer, WithoutATimeToLiveItIsAskedEveryTime) {
  Site site;
  site.ask({.ttl = 0s});
  for (int i = 0; i < 3; ++i) site.send(i * 1s, 7);
  site.run();
  EXPECT_EQ(site.guard->calls.size(), 3u);
}

TEST(GatewayAuthorizer, ItsThrottlesAndTimeoutsAreFaultsAndAreNotKept) {
  Site site;
  site.ask({.ttl = 300s}, 200ms);
  site.guard->outcomes = {Outcome::throttled, Outcome::ok};
  site.send(0s, 7);
  site.send(1s, 7);
  site.run();
  EXPECT_EQ(site.outcome(0), Outcome::fault);  // 500
  EXPECT_EQ(site.outcome(1), Outcome::ok);
  EXPECT_EQ(site.server->calls.size(), 1u);

  Site slow;
  slow.ask({.ttl = 300s}, 50ms);
  slow.send(0s, 7);
  slow.run();
  EXPECT_EQ(slow.outcome(0), Outcome::fault);
  EXPECT_EQ(slow.when(0), 50ms);
  EXPECT_TRUE(slow.server->calls.empty());
}

TEST(GatewayAuthorizer, RefusesAShareOfTheIdentitiesAndAlwaysTheSame) {
  Site site;
  site.ask({.denies = 0.25, .ttl = 300s});
  for (std::uint64_t user = 0; user < 2000; ++user) {
    site.send(1ms * user, user);
    site.send(10s + 1ms * user, user);
  }
  site.run();
  const auto denied = site.log.marks(Mark::denied);
  EXPECT_NEAR(static_cast<double>(denied), 1000, 120);
  std::vector<Outcome> verdicts(4000);
  for (const auto& answer : site.probe->answers) verdicts[answer.number] = answer.outcome;
  for (std::size_t user = 0; user < 2000; ++user) EXPECT_EQ(verdicts[2 * user], verdicts[2 * user + 1]);
  EXPECT_EQ(std::ranges::count(verdicts, Outcome::refused), denied);
  EXPECT_EQ(site.server->calls.size(), 4000u - static_cast<std::size_t>(denied));
}

TEST(GatewayAuthorizer, AnOpenRouteLetsEverybodyIn) {
  Site site({}, {.name = "GET /", .open = true});
  site.ask({.denies = 1});
  site.send(0s);
  site.run();
  EXPECT_EQ(site.outcome(0), Outcome::ok);
  EXPECT_TRUE(site.guard->calls.empty());
}

TEST(GatewayAuthorizer, MayBeACheckOfTokensByTheGatewayItself) {
  Site site;
  site.gateway->check_tokens({.check = fixed(3ms)});
  site.send(0s);
  site.run();
  EXPECT_EQ(site.when(0), 13ms);
  EXPECT_TRUE(site.guard->calls.empty());
}

TEST(UsagePlan, RefusesABurstOfItsKeyBeforeAnyOtherThrottle) {
  Site site({.kind = Kind::rest,
             .stage = TokenBucket(1'000, 2),
             .plans = {UsagePlan{.throttle = TokenBucket(1'000, 1)}}});
  for (int i = 0; i < 3; ++i) site.send(0s);
  site.send(1s);
  site.run();
  EXPECT_EQ(std::ranges::count(site.probe->answers, Outcome::throttled, &Probe::Answer::outcome), 2);
  EXPECT_EQ(site.log.marks(Mark::rate_throttled), 2);
  // The plan refused before the stage: its bucket still held a token for the request at one second.
  EXPECT_EQ(site.outcome(3), Outcome::ok);
}

TEST(UsagePlan, ItsQuotaIsSpentAndThereAgainInTheNextPeriod) {
  Site site({.kind = Kind::rest, .plans = {UsagePlan{.quota = 2, .period = 24h}}});
  for (int i = 0; i < 3; ++i) site.send(i * 1s);
  site.send(24h);
  site.run(25h);
  EXPECT_EQ(site.outcome(1), Outcome::ok);
  EXPECT_EQ(site.outcome(2), Outcome::throttled);
  EXPECT_EQ(site.outcome(3), Outcome::ok);
  EXPECT_EQ(site.log.marks(Mark::quota_exceeded), 1);
}

TEST(UsagePlan, WhatItRefusesIsNotBilled) {
  Site site({.kind = Kind::rest, .plans = {UsagePlan{.quota = 1, .period = 24h}}});
  for (int i = 0; i < 3; ++i) site.send(i * 1s);
  site.run();
  EXPECT_EQ(site.log.used(site.world.meter("apigateway.rest.requests")), 1);
}

ApiGatewayConfig cached(std::int64_t bytes = 500'000'000) {
  return {.kind = Kind::rest, .cache_ttl = 300s, .cache_bytes = bytes, .cache_size = "0.5"};
}

TEST(GatewayCache, AnswersTheSameKeyUntilItsTimeToLiveIsOver) {
  Site site(cached(), {.name = "GET /", .cached = true});
  site.send(0s, 7);
  site.send(1s, 7);
  site.send(2s, 8);
  site.send(301s, 7);
  site.run(400s);
  EXPECT_EQ(site.when(1), 1s);
  EXPECT_EQ(site.server->calls.size(), 3u);
  EXPECT_EQ(site.log.marks(Mark::cache_hit), 1);
}

TEST(GatewayCache, KeepsNoFailuresAndNothingLargerThanAMebibyte) {
  Site site(cached(), {.name = "GET /", .cached = true});
  site.server->outcomes = {Outcome::error};
  site.send(0s, 7);
  site.send(1s, 7);
  site.run();
  EXPECT_EQ(site.server->calls.size(), 2u);

  Site large(cached(), {.name = "GET /", .response_bytes = 1024 * 1024 + 1, .cached = true});
  large.send(0s, 7);
  large.send(1s, 7);
  large.run();
  EXPECT_EQ(large.server->calls.size(), 2u);
}

TEST(GatewayCache, ForgetsTheOldestWhenItIsFull) {
  Site site(cached(250'000), {.name = "GET /", .response_bytes = 100'000, .cached = true});
  for (std::uint64_t key = 1; key <= 3; ++key) site.send(key * 1s, key);
  site.send(4s, 3);
  site.send(5s, 1);
  site.run();
  EXPECT_EQ(site.log.marks(Mark::cache_hit), 1);
  EXPECT_EQ(site.server->calls.size(), 4u);
}

TEST(GatewayCache, CostsByTheSecondOfItsSize) {
  Site site(cached());
  site.run(3600s);
  site.gateway->account();
  EXPECT_EQ(site.log.used(site.world.meter("apigateway.cache.0.5")), 3600);
}

}  // namespace
}  // namespace spillway
