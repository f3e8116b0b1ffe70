// Throttles, limits, what a failure looks like from outside, and what a gateway bills.

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

struct Site {
  explicit Site(ApiGatewayConfig config = {}, GatewayRoute route = {.name = "GET /"}, Duration takes = 0ms,
                PortConfig integration = {.timeout = 29s}) {
    meter = world.meter(config.kind == Kind::http ? "apigateway.http.requests" : "apigateway.rest.requests");
    gateway = &world.add<ApiGateway>("api", std::move(config));
    server = &world.add<Server>("fn", takes);
    gateway->add_route(std::move(route), server->id(), std::move(integration));
    probe = &world.add<Probe>("probe");
    port = world.connect(probe->id(), gateway->id(), {.operation = "GET /"});
  }
  void send(int times, Duration when = 0s, std::uint32_t bytes = 0) {
    for (int i = 0; i < times; ++i) probe->send_at(at(when), port, bytes);
  }
  void run(Duration end = 100s) {
    EXPECT_FALSE(world.start().has_value());
    world.run(at(end));
    EXPECT_EQ(world.calls().alive(), 0u);
  }
  std::int64_t answered(Outcome outcome) const {
    return std::ranges::count(probe->answers, outcome, &Probe::Answer::outcome);
  }

  World world;
  FactLog log{world};
  ApiGateway* gateway;
  Server* server;
  Probe* probe;
  PortId port;
  MeterId meter;
};

/// What the client sees when the integration ends so.
Outcome seen(Outcome integration, bool passes_status) {
  Site site({}, {.name = "GET /", .passes_status = passes_status});
  site.server->outcomes = {integration};
  site.send(1);
  site.run();
  return site.probe->answers.front().outcome;
}

TEST(ApiGateway, PassesRequestsOnAfterItsOwnLatency) {
  Site site({.overhead = fixed(5ms)}, {.name = "GET /"}, 20ms);
  site.send(1);
  site.run();
  EXPECT_EQ(site.server->calls.front().when, at(5ms));
  EXPECT_EQ(site.probe->answers.front().when, at(25ms));
  EXPECT_EQ(site.probe->answers.front().outcome, Outcome::ok);
}

TEST(ApiGateway, WhateverFailsBehindItIsAFaultToTheClientButARefusalIsNot) {
  EXPECT_EQ(seen(Outcome::throttled, false), Outcome::fault);
  EXPECT_EQ(seen(Outcome::error, false), Outcome::fault);
  EXPECT_EQ(seen(Outcome::fault, false), Outcome::fault);
  EXPECT_EQ(seen(Outcome::refused, false), Outcome::refused);
}

TEST(ApiGateway, AnHttpBackendsStatusReachesTheClient) {
  EXPECT_EQ(seen(Outcome::throttled, true), Outcome::throttled);
  EXPECT_EQ(seen(Outcome::fault, true), Outcome::fault);
}

TEST(ApiGateway, NeverTriesItsIntegrationAgain) {
  Site site;
  site.server->outcomes = {Outcome::fault};
  site.send(1);
  site.run();
  EXPECT_EQ(site.server->calls.size(), 1u);
}

TEST(ApiGateway, GivesUpAfterTheIntegrationTimeoutWhileTheIntegrationRunsOn) {
  Site site({}, {.name = "GET /"}, 40s, {.timeout = 29s});
  site.send(1);
  site.run();
  EXPECT_EQ(site.probe->answers.front().outcome, Outcome::fault);
  EXPECT_EQ(site.probe->answers.front().when, at(29s));
  EXPECT_EQ(site.log.count(FactKind::late), 1);
  EXPECT_EQ(site.log.facts.back().at, at(40s));
}

TEST(ApiGateway, ThrottlesByRouteThenStageThenAccount) {
  struct Case {
    ApiGatewayConfig config;
    TokenBucket route;
  };
  const TokenBucket two(1000, 2);
  for (const auto& [config, route] : {Case{{}, two}, Case{{.stage = two}, {}},
                                      Case{{.account_rate_millis = 1000, .account_burst = 2}, {}}}) {
    Site site(config, {.name = "GET /", .throttle = route});
    site.send(5);
    site.send(2, 1s);
    site.run();
    EXPECT_EQ(site.answered(Outcome::ok), 3);
    EXPECT_EQ(site.answered(Outcome::throttled), 4);
    EXPECT_EQ(site.log.marks(Mark::rate_throttled), 4);
    EXPECT_EQ(site.log.used(site.meter), 3);
  }
}

TEST(ApiGateway, WhatTheRouteRefusesTakesNothingFromTheAccount) {
  Site site({.account_rate_millis = 1000, .account_burst = 3},
            {.name = "GET /", .throttle = TokenBucket(1000, 1)});
  site.gateway->add_route({.name = "GET /other"}, site.server->id(), {});
  const PortId other = site.world.connect(site.probe->id(), site.gateway->id(), {.operation = "GET /other"});
  site.send(10);
  for (int i = 0; i < 3; ++i) site.probe->send_at(at(0s), other);
  site.run();
  EXPECT_EQ(site.answered(Outcome::ok), 3);  // one by the first route, two by the other
}

TEST(ApiGateway, GatewaysOfOneAccountShareItsThrottleAndTheLowestRateHolds) {
  Site site({.account_rate_millis = 1000, .account_burst = 4});
  auto& second =
      site.world.add<ApiGateway>("second", ApiGatewayConfig{.account_rate_millis = 5000, .account_burst = 9});
  second.add_route({.name = "GET /"}, site.server->id(), {});
  auto& elsewhere = site.world.add<ApiGateway>("third", ApiGatewayConfig{.account = "another"});
  elsewhere.add_route({.name = "GET /"}, site.server->id(), {});
  const PortId to_second = site.world.connect(site.probe->id(), second.id());
  const PortId to_elsewhere = site.world.connect(site.probe->id(), elsewhere.id());
  site.send(3);
  for (int i = 0; i < 3; ++i) site.probe->send_at(at(0s), to_second);
  for (int i = 0; i < 3; ++i) site.probe->send_at(at(0s), to_elsewhere);
  site.run();
  EXPECT_EQ(site.answered(Outcome::ok), 4 + 3);
}

TEST(ApiGateway, RefusesAPayloadAboveTheLimit) {
  Site site;
  site.send(1, 0s, 10 * 1024 * 1024);
  site.send(1, 1s, 10 * 1024 * 1024 + 1);
  site.run();
  EXPECT_EQ(site.probe->answers[0].outcome, Outcome::ok);
  EXPECT_EQ(site.probe->answers[1].outcome, Outcome::refused);
  EXPECT_EQ(site.server->calls.size(), 1u);
}

TEST(ApiGateway, AnHttpApiCountsEachStarted512KbAndARestApiEachRequest) {
  // AG2 and AG10 of the pricing page: 4.5 MB are nine units, 513 KB are two.
  for (const auto kind : {Kind::http, Kind::rest}) {
    Site site({.kind = kind});
    site.send(1, 0s, 0);
    site.send(1, 0s, 512 * 1024);
    site.send(1, 0s, 513 * 1024);
    site.send(1, 0s, 4608 * 1024);
    site.run();
    EXPECT_EQ(site.log.used(site.meter), kind == Kind::http ? 1 + 1 + 2 + 9 : 4);
  }
}

TEST(ApiGateway, AnHttpApiCountsTheResponseWhenThatIsLarger) {
  Site site({}, {.name = "GET /", .response_bytes = 1024 * 1024});
  site.send(1, 0s, 600 * 1024);
  site.run();
  EXPECT_EQ(site.log.used(site.meter), 2);
}

TEST(ApiGateway, BillsResponsesToTheInternetAsDataTransferOut) {
  for (const bool internet : {true, false}) {
    Site site({.internet = internet}, {.name = "GET /", .response_bytes = 20'000});
    site.server->outcomes = {Outcome::ok, Outcome::error, Outcome::ok};
    site.send(3);
    site.run();
    EXPECT_EQ(site.log.used(site.world.meter("network.internet_egress")), internet ? 2 * 20'000 : 0)
        << "what failed has no response of that size";
  }
}

TEST(ApiGateway, LogsEachRequestAlsoThoseThatItThrottles) {
  Site site({.stage = TokenBucket(1000, 1), .access_log = 300});
  site.send(5);
  site.run();
  EXPECT_EQ(site.log.used(site.world.meter("cloudwatch.logs.ingest")), 5 * 300);
}

TEST(ApiGateway, BillsThrottledRequestsOnlyWhenToldTo) {
  Site site({.stage = TokenBucket(1000, 1), .bill_throttled = true});
  site.send(5);
  site.run();
  EXPECT_EQ(site.log.used(site.meter), 5);
}

TEST(ApiGateway, FindsARouteByItsNameElseByAnyMethodElseTheDefault) {
  World world;
  auto& gateway = world.add<ApiGateway>("api", ApiGatewayConfig{});
  auto& server = world.add<Server>("fn", 1ms);
  gateway.add_route({.name = "POST /orders"}, server.id(), {});
  EXPECT_EQ(gateway.operation(""), 0);
  gateway.add_route({.name = "ANY /orders"}, server.id(), {});
  EXPECT_EQ(gateway.operation("POST /orders"), 0);
  EXPECT_EQ(gateway.operation("GET /orders"), 1);
  EXPECT_EQ(gateway.operation("GET /baskets"), -1);
  EXPECT_EQ(gateway.operation(""), -1);
  gateway.add_route({.name = "$default"}, server.id(), {});
  EXPECT_EQ(gateway.operation("GET /baskets"), 2);
  EXPECT_EQ(gateway.operation(""), 2);
}

TEST(ApiGateway, PassesOnWhatTheCallWaitedForAndItsRepeats) {
  class Sleepy final : public Service {
   public:
    using Service::Service;
    void on_call(CallId id) override {
      record(id).waits.cold += 3s;
      repeats.push_back(record(id).repeat);
      answer(id, repeats.size() == 1 ? Outcome::fault : Outcome::ok);
    }
    std::vector<bool> repeats;
  };
  Site site({.stage = TokenBucket()});
  auto& sleepy = site.world.add<Sleepy>("sleepy");
  site.gateway->add_route({.name = "GET /sleepy"}, sleepy.id(), {});
  const PortId port =
      site.world.connect(site.probe->id(), site.gateway->id(),
                         {.operation = "GET /sleepy", .retry = *find_retry_profile("sdk-standard")});
  site.probe->send_at(at(0s), port);
  site.run();
  EXPECT_EQ(site.probe->answers.front().waits.cold, 6s);
  EXPECT_EQ(sleepy.repeats, (std::vector{false, true}));
}

TEST(ApiGateway, ItsConcurrencyReturnsToZero) {
  Site site({.overhead = fixed(1ms)}, {.name = "GET /"}, 10ms);
  site.send(7);
  site.run();
  std::int64_t most = 0, last = -1;
  for (const Fact& fact : site.log.facts) {
    if (fact.kind != FactKind::levelled) continue;
    last = fact.value;
    most = std::max(most, last);
  }
  EXPECT_EQ(most, 7);
  EXPECT_EQ(last, 0);
}

}  // namespace
}  // namespace spillway
