// Whose turn it is, what failures look like from outside, and capacity units: the provider's own examples.

#include "services/load_balancer.hpp"

#include <gtest/gtest.h>

#include "support/small_world.hpp"

namespace spillway {
namespace {

using testing::at;
using testing::FactLog;
using testing::fixed;
using testing::Probe;
using testing::Server;
using Algorithm = LoadBalancerRule::Algorithm;

struct Site {
  explicit Site(LoadBalancerConfig config = {}, LoadBalancerRule rule = {.name = "default"},
                bool to_functions = false, std::vector<Duration> targets = {10ms}, Duration idle = 60s) {
    balancer = &world.add<LoadBalancer>("lb", std::move(config));
    balancer->add_rule(std::move(rule));
    for (const Duration takes : targets) {
      servers.push_back(&world.add<Server>("target" + std::to_string(servers.size()), takes));
      balancer->add_target(servers.back()->id(), to_functions, {.timeout = idle});
    }
    probe = &world.add<Probe>("probe");
    port = world.connect(probe->id(), balancer->id());
  }
  void send(Duration when, std::uint32_t bytes = 0) { probe->send_at(at(when), port, bytes); }
  void run(Duration end = 100s) {
    EXPECT_FALSE(world.start().has_value());
    world.run(at(end));
    EXPECT_EQ(world.calls().alive(), 0u);
  }

  World world;
  FactLog log{world};
  LoadBalancer* balancer;
  std::vector<Server*> servers;
  Probe* probe;
  PortId port;
};

TEST(LoadBalancer, HandsRequestsToItsTargetsInTurn) {
  Site site({.overhead = fixed(1ms)}, {.name = "default"}, false, {10ms, 10ms, 10ms});
  for (int i = 0; i < 7; ++i) site.send(i * 1s);
  site.run();
  EXPECT_EQ(site.servers[0]->calls.size(), 3u);
  EXPECT_EQ(site.servers[1]->calls.size(), 2u);
  EXPECT_EQ(site.probe->answers.front().when, at(11ms));
}

TEST(LoadBalancer, OrToTheOneWithTheFewestOutstanding) {
  Site site({}, {.name = "default", .algorithm = Algorithm::least_outstanding}, false, {10s, 10ms});
  for (int i = 0; i < 5; ++i) site.send(i * 1s);
  site.run();
  EXPECT_EQ(site.servers[0]->calls.size(), 1u);
  EXPECT_EQ(site.servers[1]->calls.size(), 4u);
}

TEST(LoadBalancer, ASilentTargetIsA504AndIsNotTriedAgain) {
  Site site({}, {.name = "default"}, false, {90s}, 60s);
  site.send(0s);
  site.run(200s);
  EXPECT_EQ(site.probe->answers.front().outcome, Outcome::fault);
  EXPECT_EQ(site.probe->answers.front().when, at(60s));
  EXPECT_EQ(site.servers[0]->calls.size(), 1u);
}

Outcome seen(Outcome of_target, bool to_functions) {
  Site site({}, {.name = "default"}, to_functions);
  site.servers[0]->outcomes = {of_target};
  site.send(0s);
  site.run();
  return site.probe->answers.front().outcome;
}

TEST(LoadBalancer, AFunctionsFailuresAreFaultsAndAnothersStatusReachesTheClient) {
  EXPECT_EQ(seen(Outcome::throttled, true), Outcome::fault);
  EXPECT_EQ(seen(Outcome::error, true), Outcome::fault);
  EXPECT_EQ(seen(Outcome::throttled, false), Outcome::throttled);
  EXPECT_EQ(seen(Outcome::error, false), Outcome::error);
  EXPECT_EQ(seen(Outcome::refused, true), Outcome::refused);
}

TEST(LoadBalancer, LargeBodiesDoNotReachAFunction) {
  for (const bool to_functions : {true, false}) {
    Site site({}, {.name = "default"}, to_functions);
    site.send(0s, 1024 * 1024);
    site.send(1s, 1024 * 1024 + 1);
    site.run();
    EXPECT_EQ(site.probe->answers.front().outcome, Outcome::ok);
    EXPECT_EQ(site.probe->answers.back().outcome, to_functions ? Outcome::refused : Outcome::ok);
  }
}

TEST(LoadBalancer, FindsARuleByNameOrTakesTheDefault) {
  Site site;
  EXPECT_EQ(site.balancer->operation(""), 0);
  EXPECT_EQ(site.balancer->operation("/anything"), 0);
  site.balancer->add_rule({.name = "/orders/*"});
  EXPECT_EQ(site.balancer->operation("/orders/*"), 1);
  EXPECT_EQ(site.balancer->operation("/anything"), 0);
}

/// An hour of requests at a steady rate.
std::int64_t units_of_hour(std::int64_t requests_a_second, const CapacityUnits::Request& request) {
  CapacityUnits hour;
  for (std::int64_t i = 0; i < requests_a_second * 3600; ++i) hour.add(request);
  return hour.of_hour();
}

// Elastic Load Balancing pricing, the examples for Application Load Balancers.
TEST(CapacityUnits, FirstExampleOfThePricingPageIsDecidedByBytes) {
  // 1 new connection a second that lasts 2 minutes, 5 requests a second, 300 KB a second, 60 rules.
  const CapacityUnits::Request request{
      .bytes = 60'000, .evaluations = 50, .connection_ns = 120'000'000'000 / 5, .connection_ppm = 200'000};
  EXPECT_EQ(units_of_hour(5, request), 1080);
  EXPECT_EQ(units_of_hour(5, {.evaluations = 50}), 250);
  EXPECT_EQ(units_of_hour(5, {.connection_ppm = 200'000}), 40);
  EXPECT_EQ(units_of_hour(5, {.connection_ns = 120'000'000'000 / 5}), 40);
}

TEST(CapacityUnits, SecondExampleIsDecidedByActiveConnections) {
  // 100 new connections a second that last 3 minutes, 4 requests a second each, 1,000 bytes a second, 20
  // rules.
  const CapacityUnits::Request request{
      .bytes = 250, .evaluations = 10, .connection_ns = 180'000'000'000 / 4, .connection_ppm = 250'000};
  EXPECT_EQ(units_of_hour(400, request), 6000);
  EXPECT_EQ(units_of_hour(400, {.connection_ppm = 250'000}), 4000);
  EXPECT_EQ(units_of_hour(400, {.evaluations = 10}), 4000);
  EXPECT_EQ(units_of_hour(400, {.bytes = 250}), 360);
}

TEST(LoadBalancer, BillsResponsesToTheInternetAsDataTransferOut) {
  for (const bool internet : {true, false}) {
    Site site({.internet = internet}, {.name = "default", .response_bytes = 30'000});
    site.servers[0]->outcomes = {Outcome::ok, Outcome::error};
    site.send(0s);
    site.send(1s);
    site.run();
    EXPECT_EQ(site.log.used(site.world.meter("network.internet_egress")), internet ? 30'000 : 0);
  }
}

TEST(CapacityUnits, BytesTowardsAFunctionCountTwoAndAHalfTimes) {
  EXPECT_EQ(units_of_hour(1, {.bytes = 400'000'000 / 3600 + 1, .to_function = true}), 1001);
}

TEST(LoadBalancer, IsBilledByTheHourAndByTheUnitsOfEachHour) {
  Site site({.connection_lasts = 120s, .requests_per_connection = 5}, {.name = "default"}, false, {0ms});
  for (int i = 0; i < 3600; ++i) site.send(i * 1s, 1'000'000);  // 3.6 GB in the first hour
  site.run(3h);
  site.balancer->account();
  EXPECT_EQ(site.log.used(site.world.meter("alb.time")), 3 * 3600);
  EXPECT_EQ(site.log.used(site.world.meter("alb.capacity")), 3600 * 3600);
}

}  // namespace
}  // namespace spillway
