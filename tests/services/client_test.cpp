// Journeys begin with the arrivals or the users, with the same draws whatever happens to them, and end with
// an answer.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "services/client.hpp"
#include "support/small_world.hpp"

namespace spillway {
namespace {

using testing::at;
using testing::FactLog;
using testing::fixed;
using testing::Server;

/// Arrivals from a list.
class Listed final : public Arrivals {
 public:
  explicit Listed(std::vector<Arrival> list, std::string problem = {})
      : list_(std::move(list)), problem_(std::move(problem)) {}
  bool next(Arrival& arrival) override {
    if (given_ == list_.size()) return false;
    arrival = list_[given_++];
    return true;
  }
  double mean_rate(Time, Time) const override { return 0; }
  std::string_view problem() const override { return given_ == list_.size() ? problem_ : std::string_view{}; }

 private:
  std::vector<Arrival> list_;
  std::string problem_;
  std::size_t given_ = 0;
};

std::unique_ptr<Arrivals> every(Duration step, std::size_t count) {
  std::vector<Arrival> list(count);
  for (std::size_t i = 0; i < count; ++i) list[i].at = kStart + step * static_cast<std::int64_t>(i + 1);
  return std::make_unique<Listed>(std::move(list));
}

/// What every journey was born with.
class Births final : public Observer {
 public:
  explicit Births(World& world) : world_(world) { world.facts().subscribe(*this, {FactKind::born}); }
  void observe(const Fact& fact) override { born.push_back(world_.journeys()[JourneyId{fact.subject}]); }
  std::vector<Journey> born;

 private:
  World& world_;
};

struct Site {
  explicit Site(ClientConfig config, Duration takes = 10ms, PortConfig port = {}) {
    server = &world.add<Server>("server", takes);
    client = &world.add<Client>("shoppers", std::move(config));
    client->set_target(server->id(), std::move(port));
  }
  void run(Duration end) {
    EXPECT_FALSE(world.start().has_value());
    world.run(at(end));
  }

  World world;
  FactLog log{world};
  Births births{world};
  Server* server;
  Client* client;
};

TEST(Client, SendsOneJourneyForEachArrivalAndEndsItWithTheAnswer) {
  Site site({.arrivals = every(1s, 3)});
  site.server->outcomes = {Outcome::ok, Outcome::fault, Outcome::ok};
  site.run(10s);
  EXPECT_EQ(site.client->journeys(), 3u);
  EXPECT_EQ(site.log.ended(Ending::succeeded), 2);
  EXPECT_EQ(site.log.ended(Ending::failed), 1);
  EXPECT_EQ(site.server->calls[1].when, at(2s));
  EXPECT_EQ(site.world.journeys().alive(), 0u);
  EXPECT_EQ(site.world.calls().alive(), 0u);
}

TEST(Client, KeepsOnlyTheNextArrivalPending) {
  Site site({.arrivals = every(1ms, 1000)}, 0ms);
  EXPECT_FALSE(site.world.start().has_value());
  for (int ms = 0; ms < 500; ++ms) {
    site.world.run(at(Duration{ms * 1'000'000}));
    ASSERT_LE(site.world.simulation().pending(), 1u);
  }
}

TEST(Client, RespondsOnceWithTheTimeTheOutcomeAndTheCall) {
  Site site({.arrivals = every(1s, 1)}, 10ms, {.latency = 5ms});
  site.server->outcomes = {Outcome::throttled};
  site.run(10s);
  ASSERT_EQ(site.log.count(FactKind::responded), 1);
  const auto fact = std::ranges::find(site.log.facts, FactKind::responded, &Fact::kind);
  EXPECT_EQ(Duration{fact->value}, 20ms);
  EXPECT_EQ(Outcome{fact->detail}, Outcome::throttled);
  const auto settled = std::ranges::find(site.log.facts, FactKind::settled, &Fact::kind);
  EXPECT_EQ(fact->extra, settled->subject);
}

TEST(Client, RetriesByThePolicyOfItsPortBeforeTheJourneyEnds) {
  PortConfig port{.retry = *find_retry_profile("sdk-standard")};
  Site site({.arrivals = every(1s, 1)}, 10ms, port);
  site.server->outcomes = {Outcome::fault, Outcome::fault, Outcome::ok};
  site.run(10s);
  EXPECT_EQ(site.server->calls.size(), 3u);
  EXPECT_EQ(site.log.count(FactKind::responded), 1);
  EXPECT_EQ(site.log.ended(Ending::succeeded), 1);
}

TEST(Client, StopsSendingWhenTheTrafficEnds) {
  Site site({.arrivals = every(1s, 100)});
  clients_of(site.world).traffic_end = at(5s);
  site.run(60s);
  EXPECT_EQ(site.client->journeys(), 4u);
}

TEST(Client, CountsOnlyJourneysBornAfterTheWarmUp) {
  Site site({.arrivals = every(1s, 4)});
  clients_of(site.world).counted_from = at(3s);
  site.run(60s);
  EXPECT_EQ(std::ranges::count(site.births.born, true, &Journey::counted), 2);
}

TEST(Client, StopsTheRunWhenItsTrafficCannotBeReadOn) {
  Site site(
      {.arrivals = std::make_unique<Listed>(std::vector{Arrival{.at = at(1s)}}, "t.csv:3:1: no number")});
  site.run(60s);
  EXPECT_TRUE(site.world.simulation().stopped());
  EXPECT_EQ(site.client->traffic_problem(), "t.csv:3:1: no number");
}

TEST(Client, TakesWorkSizeKeyAndClassFromTheArrivalThatBringsThem) {
  Site site({.arrivals = std::make_unique<Listed>(std::vector{Arrival{
                 .at = at(1s), .work = 7ms, .traffic_class = 3, .bytes = 900, .key = 42, .has_key = true}}),
             .keys = Zipf(10, 1),
             .bytes = Distribution::constant(5.0)});
  site.run(10s);
  const Journey& born = site.births.born.front();
  EXPECT_EQ(born.work_ns, 7'000'000);
  EXPECT_EQ(born.traffic_class, 3);
  EXPECT_EQ(born.bytes, 900u);
  EXPECT_EQ(born.key, 42u);
}

TEST(Client, ANakedArrivalHasItsOwnKeyNoWorkAndTheClientsSize) {
  Site site({.arrivals = every(1s, 2), .bytes = Distribution::constant(5.0)});
  site.run(10s);
  EXPECT_NE(site.births.born[0].key, site.births.born[1].key);
  EXPECT_EQ(site.births.born[0].work_ns, kNoWork);
  EXPECT_EQ(site.births.born[0].bytes, 5u);
  EXPECT_EQ(site.births.born[0].traffic_class, 0);
}

TEST(Client, DrawsClassesByWeightWithTheirOwnSizes) {
  Site site({.arrivals = every(1ms, 10'000),
             .classes = {{.number = 4, .weight = 3},
                         {.number = 2, .weight = 1, .bytes = Distribution::constant(77.0)}}});
  site.run(20s);
  const auto rare = std::ranges::count(site.births.born, 2, &Journey::traffic_class);
  EXPECT_NEAR(static_cast<double>(rare), 2500, 150);  // 3.5 standard deviations
  EXPECT_EQ(std::ranges::count(site.births.born, 77u, &Journey::bytes), rare);
}

TEST(Client, MeetsEveryArchitectureWithTheSameJourneys) {
  const auto births = [](Duration takes, Outcome outcome, bool other_first) {
    World world;
    Births seen(world);
    if (other_first) world.add<Server>("other", 1ms);
    auto& server = world.add<Server>("server", takes);
    server.outcomes.assign(2000, outcome);
    auto& client = world.add<Client>("shoppers", ClientConfig{.arrivals = every(1ms, 1000),
                                                              .classes = {{.number = 0}, {.number = 1}},
                                                              .keys = Zipf(1000, 1.1),
                                                              .bytes = Distribution::exponential(1000),
                                                              .work = Distribution::exponential(1e6)});
    client.set_target(server.id(), {.retry = *find_retry_profile("sdk-standard")});
    EXPECT_FALSE(world.start().has_value());
    world.run(at(60s));
    return seen.born;
  };
  const auto one = births(1ms, Outcome::ok, false);
  const auto two = births(700ms, Outcome::fault, true);
  ASSERT_EQ(one.size(), 1000u);
  ASSERT_EQ(two.size(), 1000u);
  for (std::size_t i = 0; i < one.size(); ++i) {
    ASSERT_EQ(std::tuple(one[i].born, one[i].ordinal, one[i].key, one[i].work_ns, one[i].bytes,
                         one[i].traffic_class),
              std::tuple(two[i].born, two[i].ordinal, two[i].key, two[i].work_ns, two[i].bytes,
                         two[i].traffic_class));
  }
}

TEST(Client, AClassMayAskSomebodyElse) {
  Site site({.arrivals = every(1ms, 1000), .classes = {{.number = 0}, {.number = 1}}});
  auto& other = site.world.add<Server>("other", 1ms);
  site.client->set_class_target(1, other.id(), {});
  site.run(10s);
  EXPECT_EQ(other.calls.size(),
            static_cast<std::size_t>(std::ranges::count(site.births.born, 1, &Journey::traffic_class)));
  EXPECT_EQ(other.calls.size() + site.server->calls.size(), 1000u);
  EXPECT_GT(other.calls.size(), 0u);
}

TEST(Client, UsersThinkAskWaitAndThinkAgain) {
  Site site({.users = 1, .think = fixed(1s)}, 500ms);
  site.run(10s);
  std::vector<Time> sent;
  for (const auto& call : site.server->calls) sent.push_back(call.when);
  EXPECT_EQ(sent, (std::vector{at(1s), at(2500ms), at(4s), at(5500ms), at(7s), at(8500ms)}));
}

TEST(Client, UsersMayBeginWithoutThinking) {
  Site site({.users = 5, .think = fixed(10s), .think_first = false}, 500ms);
  site.run(5s);
  ASSERT_EQ(site.server->calls.size(), 5u);
  EXPECT_EQ(site.server->calls.back().when, at(0s));
}

TEST(Client, AUsersNextJourneyIsTheSameHoweverLongTheLastOneTook) {
  const auto of_user = [](Duration takes, std::uint64_t user) {
    Site site({.users = 3, .think = Distribution::exponential(1e9), .keys = Zipf(1'000'000, 0)}, takes);
    site.run(60s);
    std::vector<std::pair<std::uint64_t, std::uint64_t>> keys;
    for (const Journey& born : site.births.born) {
      if (born.ordinal % 3 == user) keys.emplace_back(born.ordinal, born.key);
    }
    keys.resize(5);
    return keys;
  };
  for (std::uint64_t user = 0; user < 3; ++user) EXPECT_EQ(of_user(1ms, user), of_user(1500ms, user));
}

TEST(Client, NumbersClientsInTheOrderOfTheirMaking) {
  World world;
  Births seen(world);
  auto& server = world.add<Server>("server", 1ms);
  for (const char* const name : {"a", "b"}) {
    world.add<Client>(name, ClientConfig{.arrivals = every(1s, 1)}).set_target(server.id(), {});
  }
  EXPECT_EQ(clients_of(world).names, (std::vector<std::string>{"a", "b"}));
  EXPECT_FALSE(world.start().has_value());
  world.run(at(2s));
  EXPECT_EQ(seen.born[1].client, 1);
  EXPECT_EQ(seen.born[1].ordinal, std::uint64_t{1} << 40);
}

TEST(Zipf, DrawsEachKeyByItsWeight) {
  for (const double exponent : {0.0, 0.5, 1.0, 1.3, 3.0}) {
    const Zipf zipf(20, exponent);
    const Stream stream(1, "zipf");
    std::array<double, 20> counts{};
    constexpr int kDraws = 200'000;
    for (std::uint64_t i = 0; i < kDraws; ++i) {
      Draws draws = stream.at(i);
      counts.at(zipf.sample(draws)) += 1;
    }
    double weights = 0;
    for (int k = 1; k <= 20; ++k) weights += std::pow(k, -exponent);
    double chi_squared = 0;
    for (int k = 1; k <= 20; ++k) {
      const double expected = kDraws * std::pow(k, -exponent) / weights;
      chi_squared += (counts[static_cast<std::size_t>(k - 1)] - expected) *
                     (counts[static_cast<std::size_t>(k - 1)] - expected) / expected;
    }
    EXPECT_LT(chi_squared, 43.8) << exponent;  // the 0.999 quantile with 19 degrees of freedom
  }
}

TEST(Zipf, OneKeyIsAlwaysThatKey) {
  Draws draws(1);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(Zipf(1, 1.2).sample(draws), 0u);
}

}  // namespace
}  // namespace spillway
