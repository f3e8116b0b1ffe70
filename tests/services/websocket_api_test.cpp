// Connections: how they are opened, refused, closed and opened again; messages both ways; what both cost.

#include <set>

#include <gtest/gtest.h>

#include "services/websocket_api.hpp"
#include "support/guarded_world.hpp"
#include "support/small_world.hpp"

namespace spillway {
namespace {

using testing::at;
using testing::FactLog;
using testing::fixed;
using testing::Probe;
using testing::Scripted;
using testing::Server;

constexpr std::uint32_t kKiB = 1024;

/// A route `say` of 10 ms and a `$disconnect`; `$connect` and an authorizer, 100 ms each, when asked for.
struct Site {
  explicit Site(WebSocketConfig config = {}, WebSocketRoute route = {.name = "say"}) {
    api = &world.add<WebSocketApi>("api", std::move(config));
    server = &world.add<Server>("fn", 10ms);
    greeter = &world.add<Server>("greeter", 100ms);
    closer = &world.add<Server>("closer", 0ms);
    guard = &world.add<Server>("guard", 100ms);
    api->add_route(std::move(route), server->id(), {.timeout = 29s});
    api->add_route({.name = "$disconnect"}, closer->id(), {.timeout = 29s});
    probe = &world.add<Probe>("probe");
    saying = port("say");
    connecting = port("$connect");
    posting = port("@connections");
    posting_to_all = port("@connections/*");
  }
  PortId port(std::string operation) {
    return world.connect(probe->id(), api->id(), {.operation = std::move(operation)});
  }
  void greet(TokenBucket throttle = {}) {
    api->add_route({.name = "$connect", .throttle = throttle}, greeter->id(), {.timeout = 29s});
  }
  void send(PortId to, Duration when, std::uint64_t key, std::uint32_t bytes = 0) {
    probe->send_at(at(when), to, bytes, key);
  }
  void connect(int clients, Duration when = 0s) {
    for (int i = 0; i < clients; ++i) send(connecting, when, static_cast<std::uint64_t>(i));
  }
  void run(Duration end) {
    EXPECT_FALSE(world.start().has_value());
    world.run(at(end));
    EXPECT_EQ(world.calls().alive(), 0u);
  }
  Outcome outcome(std::uint32_t number) const { return answer(number).outcome; }
  Duration when(std::uint32_t number) const { return answer(number).when - kStart; }
  const Probe::Answer& answer(std::uint32_t number) const {
    return *std::ranges::find(probe->answers, number, &Probe::Answer::number);
  }
  std::int64_t answered(Outcome outcome) const {
    return std::ranges::count(probe->answers, outcome, &Probe::Answer::outcome);
  }
  std::int64_t messages() { return log.used(world.meter("apigateway.websocket.messages")); }
  std::int64_t connection_seconds() {
    api->account();
    return log.used(world.meter("apigateway.websocket.connections"));
  }
  /// What the gauge stood at, at the end or at the most.
  std::int64_t last(Gauge gauge) const { return levels(gauge).back(); }
  std::int64_t most(Gauge gauge) const { return std::ranges::max(levels(gauge)); }
  std::vector<std::int64_t> levels(Gauge gauge) const {
    std::vector<std::int64_t> all{0};
    for (const Fact& fact : log.facts) {
      if (fact.kind == FactKind::levelled && fact.subject == static_cast<std::uint32_t>(gauge))
        all.push_back(fact.value);
    }
    return all;
  }

  World world;
  FactLog log{world};
  WebSocketApi* api;
  Server* server;
  Server* greeter;
  Server* closer;
  Server* guard;
  Probe* probe;
  PortId saying;
  PortId connecting;
  PortId posting;
  PortId posting_to_all;
};

// ---- Opening ----------------------------------------------------------------------------------------------

TEST(WebSocketApi, OpensAConnectionWithTheFirstMessageAndUsesItForTheNext) {
  Site site({.overhead = fixed(5ms)});
  site.greet();
  site.send(site.saying, 0s, 7);
  site.send(site.saying, 1s, 7);
  site.send(site.saying, 2s, 8);
  site.run(10s);
  EXPECT_EQ(site.when(0), 5ms + 100ms + 5ms + 10ms);
  EXPECT_EQ(site.when(1), 1s + 5ms + 10ms);
  EXPECT_EQ(site.when(2), 2s + 120ms);
  EXPECT_EQ(site.greeter->calls.size(), 2u);
  EXPECT_EQ(site.last(Gauge::connections), 2);
  EXPECT_EQ(site.log.marks(Mark::connection_opened), 2);
}

TEST(WebSocketApi, LetsMessagesWaitUntilTheirConnectionIsOpen) {
  Site site;
  site.greet();
  site.send(site.connecting, 0s, 7);
  site.send(site.saying, 40ms, 7);
  site.send(site.saying, 60ms, 7);
  site.run(10s);
  EXPECT_EQ(site.when(0), 100ms);
  EXPECT_EQ(site.when(1), 110ms);
  EXPECT_EQ(site.when(2), 110ms);
  EXPECT_EQ(site.answer(1).waits.queued, 60ms);
  EXPECT_EQ(site.greeter->calls.size(), 1u);
}

TEST(WebSocketApi, FailsWhatWaitsForAConnectionThatIsNotOpened) {
  Site site;
  site.greet();
  site.greeter->outcomes = {Outcome::error};
  site.send(site.connecting, 0s, 7);
  site.send(site.saying, 40ms, 7);
  site.send(site.saying, 200ms, 7);
  site.run(10s);
  EXPECT_EQ(site.outcome(0), Outcome::fault);
  EXPECT_EQ(site.outcome(1), Outcome::fault);
  EXPECT_EQ(site.when(1), 100ms);
  EXPECT_EQ(site.outcome(2), Outcome::ok) << "which tries for a connection anew";
  EXPECT_EQ(site.last(Gauge::backlog), 0);
}

TEST(WebSocketApi, ThrottlesNewConnectionsByARateAndABurst) {
  Site site({.new_rate_millis = 5'000, .new_burst = 20});
  site.connect(100);
  site.connect(100, 2s);
  site.run(10s);
  EXPECT_EQ(site.answered(Outcome::ok), 20 + 10);
  EXPECT_EQ(site.answered(Outcome::throttled), 170);
  EXPECT_EQ(site.log.marks(Mark::connection_throttled), 170);
  EXPECT_EQ(site.log.marks(Mark::rate_throttled), 170);
}

TEST(WebSocketApi, SharesTheRateOfNewConnectionsAmongTheApisOfAnAccount) {
  Site site({.new_rate_millis = 1'000, .new_burst = 4});
  auto& second = site.world.add<WebSocketApi>("second", WebSocketConfig{});
  auto& elsewhere = site.world.add<WebSocketApi>("third", WebSocketConfig{.account = "another"});
  const PortId to_second = site.world.connect(site.probe->id(), second.id(), {.operation = "$connect"});
  const PortId to_third = site.world.connect(site.probe->id(), elsewhere.id(), {.operation = "$connect"});
  site.connect(3);
  for (std::uint64_t key = 0; key < 3; ++key) site.send(to_second, 0s, key);
  for (std::uint64_t key = 0; key < 3; ++key) site.send(to_third, 0s, key);
  site.run(10s);
  EXPECT_EQ(site.answered(Outcome::ok), 4 + 3);
}

TEST(WebSocketApi, ThrottlesAHandshakeAsARequestToItsRouteItsStageAndItsAccount) {
  for (int which = 0; which < 3; ++which) {
    WebSocketConfig config;
    if (which == 1) config.stage = TokenBucket(1'000, 2);
    if (which == 2) config.account_rate_millis = 1'000;
    if (which == 2) config.account_burst = 2;
    Site site(std::move(config));
    site.greet(which == 0 ? TokenBucket(1'000, 2) : TokenBucket());
    site.connect(5);
    site.run(10s);
    EXPECT_EQ(site.answered(Outcome::ok), 2);
    EXPECT_EQ(site.answered(Outcome::throttled), 3);
    EXPECT_EQ(site.log.marks(Mark::connection_throttled), 0);
  }
}

TEST(WebSocketApi, AsksAnAuthorizerForAConnectionAndNotForAMessage) {
  Site site;
  site.api->ask_authorizer(0, site.guard->id(), {.timeout = 10s});
  site.send(site.saying, 0s, 7);
  site.send(site.saying, 1s, 7);
  site.run(10s);
  EXPECT_EQ(site.when(0), 110ms);
  EXPECT_EQ(site.when(1), 1010ms);
  EXPECT_EQ(site.guard->calls.size(), 1u);
}

TEST(WebSocketApi, RefusesTheIdentitiesThatItsAuthorizerDenies) {
  Site site;
  site.api->ask_authorizer(0.25, site.guard->id(), {.timeout = 10s});
  site.connect(400);
  site.run(10s);
  EXPECT_NEAR(static_cast<double>(site.answered(Outcome::refused)), 100, 30);
  EXPECT_EQ(site.answered(Outcome::refused), site.log.marks(Mark::denied));
  EXPECT_EQ(site.last(Gauge::connections), site.answered(Outcome::ok));
}

TEST(WebSocketApi, AnswersAFaultWhenItsAuthorizerFails) {
  Site site;
  site.api->ask_authorizer(0, site.guard->id(), {.timeout = 10s});
  site.guard->outcomes = {Outcome::throttled};
  site.connect(1);
  site.run(10s);
  EXPECT_EQ(site.outcome(0), Outcome::fault);
}

// ---- Closing ----------------------------------------------------------------------------------------------

TEST(WebSocketApi, ClosesAConnectionOverWhichNothingWentForTheIdleTimeout) {
  Site site({.idle_timeout = 10min});
  site.send(site.saying, 0s, 7);
  site.send(site.saying, 9min, 7);
  site.send(site.posting, 18min, 7);
  site.run(1h);
  ASSERT_EQ(site.closer->calls.size(), 1u);
  EXPECT_EQ(site.closer->calls.front().when, at(28min));
  EXPECT_EQ(site.log.marks(Mark::connection_idled), 1);
  EXPECT_EQ(site.last(Gauge::connections), 0);
}

TEST(WebSocketApi, ClosesAConnectionThatHasLastedAsLongAsOneMay) {
  Site site({.idle_timeout = 10min, .longest = 2h});
  for (int minute = 0; minute < 150; minute += 5) site.send(site.saying, minute * 1min, 7);
  site.run(4h);
  ASSERT_EQ(site.closer->calls.size(), 2u);
  EXPECT_EQ(site.closer->calls.front().when, at(2h));
  EXPECT_EQ(site.log.marks(Mark::connection_expired), 1);
  EXPECT_EQ(site.log.marks(Mark::connection_idled), 1);
  EXPECT_EQ(site.log.marks(Mark::connection_opened), 2);
  EXPECT_EQ(site.answered(Outcome::ok), 30);
}

TEST(WebSocketApi, ClosesTheConnectionOfAClientThatLeaves) {
  Site site({.stays = fixed(90s)});
  site.connect(3);
  site.run(1h);
  ASSERT_EQ(site.closer->calls.size(), 3u);
  EXPECT_EQ(site.closer->calls.front().when, at(90s));
  EXPECT_EQ(site.log.marks(Mark::connection_idled), 0);
}

TEST(WebSocketApi, ClosesAConnectionWithAMessageThatIsTooLarge) {
  Site site;
  site.send(site.saying, 0s, 7, 128 * kKiB);
  site.send(site.saying, 1s, 7, 128 * kKiB + 1);
  site.run(10s);
  EXPECT_EQ(site.outcome(0), Outcome::ok);
  EXPECT_EQ(site.outcome(1), Outcome::refused);
  EXPECT_EQ(site.log.marks(Mark::message_too_large), 1);
  EXPECT_EQ(site.closer->calls.size(), 1u);
  EXPECT_EQ(site.messages(), 4) << "of the first";
}

TEST(WebSocketApi, ClosesAConnectionWithAFrameThatIsTooLargeWhereClientsDoNotSplit) {
  for (const bool splits : {true, false}) {
    Site site({.splits_frames = splits});
    site.send(site.saying, 0s, 7, 32 * kKiB);
    site.send(site.saying, 1s, 7, 32 * kKiB + 1);
    site.run(10s);
    EXPECT_EQ(site.outcome(1), splits ? Outcome::ok : Outcome::refused);
    EXPECT_EQ(site.closer->calls.size(), splits ? 0u : 1u);
  }
}

TEST(WebSocketApi, LosesAllConnectionsAtAGivenMoment) {
  Site site({.drops = {30s}});
  site.connect(5);
  site.connect(1, 40s);
  site.run(60s);
  EXPECT_EQ(site.log.marks(Mark::connection_dropped), 5);
  EXPECT_EQ(site.closer->calls.size(), 5u);
  EXPECT_EQ(site.last(Gauge::connections), 1);
}

TEST(WebSocketApi, KeepsAJourneyNoLongerThanItsConnection) {
  Site site({.stays = fixed(90s)});
  site.connect(3);
  site.run(80s);
  EXPECT_EQ(site.world.journeys().alive(), 3u);
  EXPECT_EQ(site.api->journeys_held(), 3u);
  site.world.run(at(1h));
  EXPECT_EQ(site.world.journeys().alive(), 0u);
  EXPECT_EQ(site.api->journeys_held(), 0u);
  EXPECT_EQ(site.log.count(FactKind::ended), 3);
}

TEST(WebSocketApi, ClosesEachOfTheConnectionsOfOneJourneyForTheFirstTime) {
  Site site({.stays = fixed(60s)});
  site.greet();
  const PortId again =
      site.world.connect(site.probe->id(), site.api->id(),
                         {.operation = "$connect",
                          .timeout = 50ms,
                          .retry = {.max_attempts = 2, .base = 1s, .retry_on = kRetryTransient}});
  site.send(again, 0s, 7);
  site.run(10min);
  ASSERT_EQ(site.closer->calls.size(), 2u) << "given up twice, and opened twice";
  for (const Server::Seen& call : site.closer->calls) EXPECT_FALSE(call.repeat);
}

TEST(WebSocketApi, AnIdentityMayHoldTwoConnectionsAndIsReachedByTheLater) {
  Site site({.stays = fixed(60s)});
  site.send(site.connecting, 0s, 7);
  site.send(site.connecting, 30s, 7);
  site.send(site.posting, 70s, 7);
  site.send(site.posting, 95s, 7);
  site.run(1h);
  EXPECT_EQ(site.most(Gauge::connections), 2);
  EXPECT_EQ(site.outcome(2), Outcome::ok);
  EXPECT_EQ(site.outcome(3), Outcome::refused);
}

// ---- Coming back ------------------------------------------------------------------------------------------

WebSocketConfig returning(Duration after, std::int64_t rate_millis = 500'000, std::int64_t burst = 500) {
  return {.new_rate_millis = rate_millis, .new_burst = burst, .returns_after = fixed(after), .drops = {30s}};
}

TEST(WebSocketApi, ClientsThatLostTheirConnectionOpenAnotherByThemselves) {
  Site site(returning(2s));
  site.greet();
  site.api->set_return({});
  site.connect(5);
  site.send(site.saying, 31s, 0);
  site.run(60s);
  EXPECT_EQ(site.greeter->calls.size(), 10u);
  EXPECT_EQ(site.greeter->calls.back().when, at(32s));
  EXPECT_EQ(site.last(Gauge::connections), 5);
  EXPECT_EQ(site.when(5), 32s + 100ms + 10ms) << "what a client has to say waits for his return";
  EXPECT_EQ(site.log.marks(Mark::duplicate), 0);
  for (const Server::Seen& call : site.greeter->calls) EXPECT_FALSE(call.repeat);
}

TEST(WebSocketApi, ThoseWhoComeBackTryAgainAsTheClientsThatTheyAre) {
  Site site(returning(2s));
  site.api->set_return({});
  site.run(1s);
  int returns = 0;
  for (std::size_t number = 0; number < site.world.port_count(); ++number) {
    const Port& port = site.world.port(PortId{static_cast<std::uint32_t>(number)});
    if (port.from != port.to) continue;
    ++returns;
    EXPECT_EQ(port.layer, RetryLayer::client);
  }
  EXPECT_EQ(returns, 1);
}

TEST(WebSocketApi, SpreadsAStormOverTheTimeThatTheRateOfNewConnectionsTakes) {
  Site site(returning(0s, 10'000, 1));
  RetryPolicy retry = *find_retry_profile("full-jitter");
  retry.max_attempts = INT32_MAX;
  retry.base = retry.cap = 2s;
  site.api->set_return(retry);
  for (int i = 0; i < 60; ++i) site.send(site.connecting, i * 200ms, static_cast<std::uint64_t>(i));
  site.run(5min);
  Time whole{};
  for (const Fact& fact : site.log.facts) {
    if (fact.kind == FactKind::levelled && fact.subject == static_cast<std::uint32_t>(Gauge::connections) &&
        fact.value == 60)
      whole = fact.at;
  }
  EXPECT_GE(whole, at(30s + 5900ms)) << "60 clients at ten a second";
  EXPECT_GT(site.log.marks(Mark::connection_throttled), 60);
  EXPECT_EQ(site.most(Gauge::backlog), 60);
  EXPECT_EQ(site.last(Gauge::backlog), 0);
}

TEST(WebSocketApi, AClientGivesUpAfterHisLastAttempt) {
  Site site(returning(1s, 1, 10));
  site.api->set_return({.max_attempts = 1});
  site.connect(10);
  site.send(site.saying, 30500ms, 3);
  site.run(60s);
  EXPECT_EQ(site.last(Gauge::connections), 0);
  EXPECT_EQ(site.last(Gauge::backlog), 0);
  EXPECT_EQ(site.outcome(10), Outcome::throttled);
  EXPECT_EQ(site.world.journeys().alive(), 0u);
}

TEST(WebSocketApi, AConnectionThatWasOpenedAgainLastsAsLongAsANewOne) {
  Site site({.idle_timeout = 2h, .longest = 1h, .returns_after = fixed(10min), .drops = {30min}});
  site.api->set_return({});
  site.connect(1);
  site.run(101min);
  ASSERT_EQ(site.closer->calls.size(), 2u);
  EXPECT_EQ(site.closer->calls[0].when, at(30min));
  EXPECT_EQ(site.closer->calls[1].when, at(40min + 1h));
}

TEST(WebSocketApi, AClientWhoseTimeIsOverDoesNotComeBack) {
  Site site({.longest = 2h, .stays = fixed(3h), .returns_after = fixed(10s)});
  site.api->set_return({});
  for (int minute = 0; minute < 200; minute += 5) site.send(site.posting, minute * 1min + 1s, 7);
  site.send(site.connecting, 0s, 7);
  site.run(10h);
  ASSERT_EQ(site.closer->calls.size(), 2u);
  EXPECT_EQ(site.closer->calls[0].when, at(2h));
  EXPECT_EQ(site.closer->calls[1].when, at(3h));
}

// ---- Messages ---------------------------------------------------------------------------------------------

TEST(WebSocketApi, CountsEachStarted32KbOfAMessageAndOfItsResponse) {
  Site site({}, {.name = "say", .response_bytes = 33 * kKiB});
  site.send(site.saying, 0s, 7, 0);
  site.send(site.saying, 1s, 7, 32 * kKiB);
  site.send(site.saying, 2s, 7, 33 * kKiB);
  site.run(10s);
  EXPECT_EQ(site.messages(), (1 + 2) + (1 + 2) + (2 + 2));
}

TEST(WebSocketApi, ThrottlesMessagesByTheirRouteAndKeepsTheConnection) {
  Site site({}, {.name = "say", .throttle = TokenBucket(1'000, 2)});
  for (int i = 0; i < 5; ++i) site.send(site.saying, 0s, 7);
  site.run(10s);
  EXPECT_EQ(site.answered(Outcome::ok), 2);
  EXPECT_EQ(site.answered(Outcome::throttled), 3);
  EXPECT_EQ(site.messages(), 2);
  EXPECT_EQ(site.last(Gauge::connections), 1);
}

TEST(WebSocketApi, AFunctionsFailureIsAFaultAndABackendsStatusIsPassedOn) {
  for (const bool passes : {false, true}) {
    Site site({}, {.name = "say", .response_bytes = kKiB, .passes_status = passes});
    site.server->outcomes = {Outcome::throttled, Outcome::refused};
    site.send(site.saying, 0s, 7);
    site.send(site.saying, 1s, 7);
    site.run(10s);
    EXPECT_EQ(site.outcome(0), passes ? Outcome::throttled : Outcome::fault);
    EXPECT_EQ(site.outcome(1), Outcome::refused);
    EXPECT_EQ(site.messages(), 2) << "what failed has no response";
  }
}

TEST(WebSocketApi, ShowsHowManyMessagesAreWorkedOn) {
  Site site({.overhead = fixed(5ms)});
  site.connect(3);
  for (std::uint64_t key = 0; key < 3; ++key) site.send(site.saying, 1s, key);
  site.run(10s);
  EXPECT_EQ(site.most(Gauge::concurrency), 3);
  EXPECT_EQ(site.last(Gauge::concurrency), 0);
}

TEST(WebSocketApi, PassesOnWhatItsAuthorizerAndItsIntegrationsWaitedFor) {
  Site site;
  const auto waiting = [&](const char* name, Duration queued) {
    auto& service = site.world.add<Scripted>(name);
    service.acts = {{.takes = 10ms, .queued = queued}};
    return service.id();
  };
  site.api->ask_authorizer(0, waiting("asked", 1ms), {.timeout = 10s});
  site.api->add_route({.name = "$connect"}, waiting("connected", 2ms), {.timeout = 29s});
  site.api->add_route({.name = "shout"}, waiting("shouted", 4ms), {.timeout = 29s});
  site.send(site.port("shout"), 0s, 7);
  site.run(10s);
  EXPECT_EQ(site.when(0), 30ms);
  EXPECT_EQ(site.answer(0).waits.queued, 7ms);
}

TEST(WebSocketApi, LaysARepeatedMessageAndItsResponseToWhoRepeatedIt) {
  Site site({}, {.name = "say", .response_bytes = kKiB});
  site.server->outcomes = {Outcome::fault};
  const PortId again = site.world.connect(
      site.probe->id(), site.api->id(),
      {.operation = "say", .retry = {.max_attempts = 2, .base = 1s, .retry_on = kRetryTransient}});
  site.send(again, 0s, 7);
  site.run(10s);
  EXPECT_EQ(site.messages(), 1 + 2) << "the first has no response";
  EXPECT_EQ(site.log.repeated(site.world.meter("apigateway.websocket.messages"), RetryLayer::sdk), 2);
}

TEST(WebSocketApi, TellsApartTheDrawsOfOneHandlerBehindItsRoutes) {
  Site site({.stays = fixed(1min)});
  auto& handler = site.world.add<Server>("handler", 0ms);
  for (const char* const route : {"$connect", "$disconnect", "shout"})
    site.api->add_route({.name = route}, handler.id(), {.timeout = 29s});
  site.send(site.port("shout"), 0s, 7);
  site.run(10min);
  std::set<std::uint32_t> lineages;
  for (const Server::Seen& call : handler.calls) lineages.insert(call.lineage);
  EXPECT_EQ(handler.calls.size(), 3u);
  EXPECT_EQ(lineages.size(), 3u);
}

TEST(WebSocketApi, LosesAResponseWhoseConnectionWasClosedMeanwhile) {
  Site site({.stays = fixed(5ms)}, {.name = "say", .response_bytes = kKiB});
  site.send(site.saying, 0s, 7);
  site.run(10s);
  EXPECT_EQ(site.outcome(0), Outcome::fault);
  EXPECT_EQ(site.log.marks(Mark::connection_gone), 1);
  EXPECT_EQ(site.messages(), 1);
}

TEST(WebSocketApi, FindsARouteByItsKeyElseTheDefaultAndNeverBySign) {
  World world;
  auto& api = world.add<WebSocketApi>("api", WebSocketConfig{});
  auto& server = world.add<Server>("fn", 1ms);
  api.add_route({.name = "say"}, server.id(), {});
  EXPECT_EQ(api.operation(""), api.operation("say"));
  EXPECT_EQ(api.operation("shout"), -1);
  api.add_route({.name = "$default"}, server.id(), {});
  EXPECT_EQ(api.operation("shout"), api.operation("$default"));
  EXPECT_EQ(api.operation(""), api.operation("$default"));
  EXPECT_EQ(api.operation("$disconnect"), -1);
  EXPECT_EQ(api.operation("@connection"), -1);
  EXPECT_NE(api.operation("$connect"), api.operation("@connections"));
}

// ---- Posts ------------------------------------------------------------------------------------------------

TEST(WebSocketApi, PostsToTheConnectionOfTheJourneysKeyAndCountsTheMessage) {
  Site site({.overhead = fixed(5ms)});
  site.send(site.connecting, 0s, 7);
  site.send(site.posting, 1s, 7, 33 * kKiB);
  site.send(site.posting, 1s, 8, 33 * kKiB);
  site.run(10s);
  EXPECT_EQ(site.outcome(1), Outcome::ok);
  EXPECT_EQ(site.when(1), 1005ms);
  EXPECT_EQ(site.outcome(2), Outcome::refused) << "nobody of key 8 is there: 410";
  EXPECT_EQ(site.log.marks(Mark::connection_gone), 1);
  EXPECT_EQ(site.messages(), 2);
}

TEST(WebSocketApi, RefusesAPostThatIsTooLargeAndKeepsTheConnection) {
  Site site;
  site.send(site.connecting, 0s, 7);
  site.send(site.posting, 1s, 7, 128 * kKiB + 1);
  site.run(10s);
  EXPECT_EQ(site.outcome(1), Outcome::refused);
  EXPECT_EQ(site.log.marks(Mark::message_too_large), 1);
  EXPECT_EQ(site.last(Gauge::connections), 1);
}

TEST(WebSocketApi, RefusesAPostToAllThatIsTooLargeAndSendsNone) {
  Site site;
  site.connect(3);
  site.send(site.posting_to_all, 1s, 99, 128 * kKiB);
  site.send(site.posting_to_all, 2s, 99, 128 * kKiB + 1);
  site.run(10s);
  EXPECT_EQ(site.outcome(3), Outcome::ok);
  EXPECT_EQ(site.outcome(4), Outcome::refused);
  EXPECT_EQ(site.log.marks(Mark::message_too_large), 1);
  EXPECT_EQ(site.messages(), 3 * 4) << "of the first";
}

TEST(WebSocketApi, PostsTakeTokensOfTheAccount) {
  Site site({.account_rate_millis = 1'000, .account_burst = 3});
  site.send(site.connecting, 0s, 7);
  for (int i = 0; i < 5; ++i) site.send(site.posting, 0s, 7);
  site.run(10s);
  EXPECT_EQ(site.answered(Outcome::ok), 3);
  EXPECT_EQ(site.answered(Outcome::throttled), 3);
}

TEST(WebSocketApi, PostsToAllInWavesOfSoManyAtOnce) {
  Site site({.overhead = fixed(10ms), .posts_at_once = 4});
  site.connect(10);
  site.send(site.posting_to_all, 1s, 99, kKiB);
  site.run(10s);
  EXPECT_EQ(site.when(10), 1s + 3 * 10ms);
  EXPECT_EQ(site.messages(), 10);
}

TEST(WebSocketApi, DrawsTheLatencyOfEachWaveAnew) {
  Site site({.overhead = Distribution::exponential(1e7), .internet = false});  // nothing but messages is used
  site.connect(10);
  site.send(site.posting_to_all, 1s, 99, kKiB);
  site.run(10s);
  std::set<Duration> gaps;
  Time before{};
  for (const Fact& fact : site.log.facts) {
    if (fact.kind != FactKind::used) continue;
    gaps.insert(fact.at - before);
    before = fact.at;
  }
  EXPECT_EQ(gaps.size(), 10u);
}

TEST(WebSocketApi, APostToAllWaitsForTheAccountsTokens) {
  Site site({.account_rate_millis = 10'000, .account_burst = 10, .posts_at_once = 100});
  for (int i = 0; i < 30; ++i) site.send(site.connecting, i * 1s, static_cast<std::uint64_t>(i));
  site.send(site.posting_to_all, 60s, 99, kKiB);
  site.run(120s);
  EXPECT_EQ(site.when(30), 62s) << "ten at once, twenty at ten a second";
  EXPECT_EQ(site.answer(30).waits.backoff, 2s);
  EXPECT_EQ(site.log.marks(Mark::rate_throttled), 20) << "each that had to wait for its token";
  EXPECT_EQ(site.messages(), 30);
}

TEST(WebSocketApi, APostToAllReachesThoseWhoWereThereWhenItBegan) {
  Site site({.overhead = fixed(10ms), .stays = fixed(10s), .posts_at_once = 1});
  site.connect(3);  // open from 10 ms on, gone at 10.01 s
  for (std::uint64_t key = 10; key < 13; ++key) site.send(site.connecting, 10s, key);
  site.send(site.posting_to_all, 10s + 5ms, 99, kKiB);
  site.run(60s);
  EXPECT_EQ(site.messages(), 1) << "the others closed before it came to them, or opened after it began";
}

TEST(WebSocketApi, BillsWhatItSendsAsDataTransferOutOnlyToTheInternet) {
  for (const bool internet : {true, false}) {
    Site site({.internet = internet}, {.name = "say", .response_bytes = 2'000});
    site.send(site.saying, 0s, 7, 500);
    site.send(site.posting, 1s, 7, 300);
    site.send(site.posting_to_all, 2s, 7, 300);
    site.run(10s);
    EXPECT_EQ(site.log.used(site.world.meter("network.internet_egress")), internet ? 2'600 : 0);
  }
}

// ---- Connection time --------------------------------------------------------------------------------------

TEST(WebSocketApi, BillsTheTimeThatConnectionsAreOpen) {
  Site site({.stays = fixed(90s)});
  site.connect(3);
  site.connect(1, 1min);
  site.run(2min);
  EXPECT_EQ(site.connection_seconds(), 3 * 90 + 60);
  EXPECT_EQ(site.connection_seconds(), 3 * 90 + 60) << "once";
}

TEST(ConnectionTime, KeepsPartsOfASecondUntilTheyAreWhole) {
  ConnectionTime time;
  EXPECT_EQ(time.change(at(0s), 3), 3);
  EXPECT_EQ(time.take_seconds(at(500ms)), 1);
  EXPECT_EQ(time.take_seconds(at(700ms)), 1);
  EXPECT_EQ(time.change(at(1s), -2), 1);
  EXPECT_EQ(time.take_seconds(at(2s)), 2);
  EXPECT_EQ(time.open(), 1);
}

}  // namespace
}  // namespace spillway
