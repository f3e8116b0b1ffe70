// Disciplines, limits and outages of an endpoint; and the textbook's formulas where there are some.

#include <gtest/gtest.h>

#include <cmath>

#include "services/client.hpp"
#include "services/endpoint.hpp"
#include "support/small_world.hpp"

namespace spillway {
namespace {

using testing::at;
using testing::FactLog;
using testing::fixed;
using testing::Probe;
using Discipline = EndpointConfig::Discipline;

struct Site {
  explicit Site(EndpointConfig config, PortConfig link = {}) {
    endpoint = &world.add<Endpoint>("backend", std::move(config));
    probe = &world.add<Probe>("probe");
    port = world.connect(probe->id(), endpoint->id(), std::move(link));
  }
  void send(std::initializer_list<Duration> times) {
    for (const Duration time : times) probe->send_at(at(time), port);
  }
  void run(Duration end) {
    EXPECT_FALSE(world.start().has_value());
    world.run(at(end));
  }
  /// When the request of this number was answered.
  Duration when(std::uint32_t number) const { return find(number).when - kStart; }
  Outcome outcome(std::uint32_t number) const { return find(number).outcome; }
  const Probe::Answer& find(std::uint32_t number) const {
    for (const auto& answer : probe->answers) {
      if (answer.number == number) return answer;
    }
    ADD_FAILURE() << "request " << number << " has no answer";
    return probe->answers.front();
  }

  World world;
  FactLog log{world};
  Endpoint* endpoint;
  Probe* probe;
  PortId port;
};

TEST(Endpoint, ServesEverythingAtOnceWhenServersAreUnlimited) {
  Site site({.service = fixed(1s)});
  site.send({0s, 0s, 0s});
  site.run(10s);
  for (std::uint32_t i = 0; i < 3; ++i) EXPECT_EQ(site.when(i), 1s);
}

TEST(Endpoint, QueuesInTheOrderOfArrival) {
  Site site({.servers = 1, .service = fixed(1s)});
  site.send({0s, 100ms, 200ms});
  site.run(10s);
  EXPECT_EQ(site.when(0), 1s);
  EXPECT_EQ(site.when(1), 2s);
  EXPECT_EQ(site.when(2), 3s);
  EXPECT_EQ(site.find(2).waits.queued, 1800ms);
}

TEST(Endpoint, LastComeFirstServedDoesNotInterruptWork) {
  Site site({.servers = 1, .discipline = Discipline::lifo, .service = fixed(1s)});
  site.send({0s, 100ms, 200ms});
  site.run(10s);
  EXPECT_EQ(site.when(0), 1s);
  EXPECT_EQ(site.when(2), 2s);
  EXPECT_EQ(site.when(1), 3s);
}

TEST(Endpoint, PriorityTakesTheFirstClassFirstAndEqualsInOrder) {
  World world;
  auto& endpoint = world.add<Endpoint>(
      "backend", EndpointConfig{.servers = 1, .discipline = Discipline::priority, .service = fixed(1s)});
  FactLog log(world);
  class Ordered final : public Arrivals {
   public:
    bool next(Arrival& arrival) override {
      constexpr std::array<std::uint32_t, 4> kClasses{2, 2, 0, 1};
      if (n_ == kClasses.size()) return false;
      arrival = {.at = at(100ms * static_cast<std::int64_t>(n_)), .traffic_class = kClasses.at(n_)};
      ++n_;
      return true;
    }
    double mean_rate(Time, Time) const override { return 0; }

   private:
    std::size_t n_ = 0;
  };
  world.add<Client>("c", ClientConfig{.arrivals = std::make_unique<Ordered>()}).set_target(endpoint.id(), {});
  EXPECT_FALSE(world.start().has_value());
  world.run(at(10s));
  std::vector<Duration> times;
  for (const Fact& fact : log.facts) {
    if (fact.kind == FactKind::responded) times.emplace_back(fact.value);
  }
  // Served: the first of class 2, then class 0 (sent at 200 ms), class 1 (300 ms), the second of class 2 (100
  // ms).
  EXPECT_EQ(times, (std::vector<Duration>{1s, 1800ms, 2700ms, 3900ms}));
}

TEST(Endpoint, SharingDividesTheServersAmongAllRequests) {
  Site site({.servers = 1, .discipline = Discipline::sharing, .service = fixed(1s)});
  site.send({0s, 500ms});
  site.run(10s);
  EXPECT_EQ(site.when(0), 1500ms);  // half done at 500 ms, then at half speed
  EXPECT_EQ(site.when(1), 2s);
  EXPECT_EQ(site.find(1).waits.queued, 500ms);
}

TEST(Endpoint, SharingRunsAsManyAsThereAreServersAtFullSpeed) {
  Site site({.servers = 2, .discipline = Discipline::sharing, .service = fixed(3s)});
  site.send({0s, 0s, 0s});
  site.run(20s);
  for (std::uint32_t i = 0; i < 3; ++i) EXPECT_EQ(site.when(i), 4500ms);
}

TEST(Endpoint, SharingUsesOneTimerHoweverManyRequestsThereAre) {
  Site site({.servers = 1, .discipline = Discipline::sharing, .service = fixed(1s)});
  for (int i = 0; i < 1000; ++i) site.send({Duration{i}});
  EXPECT_FALSE(site.world.start().has_value());
  site.world.run(at(1ms));
  EXPECT_LE(site.world.simulation().pending(), 2u);
  site.world.run(at(2000s));
  EXPECT_EQ(site.probe->answers.size(), 1000u);
  EXPECT_LE(site.when(999), 1000s + 1us);
  EXPECT_GE(site.when(999), 1000s);
}

TEST(Endpoint, TurnsRequestsAwayWhenTheQueueIsFull) {
  Site site({.servers = 1, .queue = 1, .service = fixed(1s), .full_outcome = Outcome::throttled});
  site.send({0s, 0s, 0s});
  site.run(10s);
  EXPECT_EQ(site.outcome(2), Outcome::throttled);
  EXPECT_EQ(site.when(2), 0s);
  EXPECT_EQ(site.outcome(1), Outcome::ok);
  EXPECT_EQ(site.log.marks(Mark::queue_full), 1);
}

TEST(Endpoint, SharingTurnsAwayWhatIsMoreThanServersAndQueue) {
  Site site({.servers = 1, .queue = 1, .discipline = Discipline::sharing, .service = fixed(1s)});
  site.send({0s, 0s, 0s});
  site.run(10s);
  EXPECT_EQ(site.outcome(2), Outcome::fault);
  EXPECT_EQ(site.when(1), 2s);
}

TEST(Endpoint, ThrottlesAboveItsRateLimit) {
  Site site({.limiter = TokenBucket(1000, 1)});
  site.send({0s, 500ms, 1s});
  site.run(10s);
  EXPECT_EQ(site.outcome(1), Outcome::throttled);
  EXPECT_EQ(site.outcome(2), Outcome::ok);
  EXPECT_EQ(site.log.marks(Mark::rate_throttled), 1);
}

TEST(Endpoint, TakesTheRequestsOwnWorkWhereThereIsSome) {
  Site site({.service = fixed(1s), .work_of_request = true});
  const JourneyId journey = site.world.begin_journey({.work_ns = 30'000'000});
  EXPECT_FALSE(site.world.start().has_value());
  class Asker final : public Service {
   public:
    using Service::Service;
    void on_call(CallId) override {}
    void ask(PortId port, JourneyId id) { call(port, {.journey = id}); }
    void on_answer(CallId) override { answered = now(); }
    Time answered{};
  };
  auto& asker = site.world.add<Asker>("asker");
  asker.ask(site.world.connect(asker.id(), site.endpoint->id()), journey);
  site.send({0s});
  site.world.run(at(10s));
  EXPECT_EQ(asker.answered, at(30ms));
  EXPECT_EQ(site.when(0), 1s);
}

// ---- Data transfer

using Crosses = EndpointNetwork::Crosses;

TEST(EndpointNetwork, BillsWhatLeavesForTheInternetAndNotWhatComes) {
  Site site({.network = EndpointNetwork{.crosses = Crosses::internet, .response_bytes = 1'000'000}});
  site.probe->send_at(at(0s), site.port, 4000);
  site.probe->send_at(at(1s), site.port, 500);
  site.run(10s);
  EXPECT_EQ(site.log.used(site.world.meter("network.internet_egress")), 4500);
}

TEST(EndpointNetwork, BillsBothSidesOfTheBorderBetweenZonesForBothDirections) {
  Site site(
      {.error_probability = 0, .network = EndpointNetwork{.crosses = Crosses::zone, .response_bytes = 700}});
  site.probe->send_at(at(0s), site.port, 4000);
  site.run(10s);
  EXPECT_EQ(site.log.used(site.world.meter("network.cross_az")), 2 * (4000 + 700));
}

TEST(EndpointNetwork, BillsTheRequestOfWhatFails) {
  Site site(
      {.error_probability = 1, .network = EndpointNetwork{.crosses = Crosses::zone, .response_bytes = 700}});
  site.probe->send_at(at(0s), site.port, 4000);
  site.run(10s);
  EXPECT_EQ(site.log.used(site.world.meter("network.cross_az")), 2 * 4000);
}

TEST(EndpointNetwork, BillsTheShareOfRequestsThatCrossWithTheirOwnResponses) {
  Site site({.network = EndpointNetwork{.crosses = Crosses::zone, .share = 0.25, .response_bytes = 10}});
  for (int i = 0; i < 4000; ++i) site.probe->send_at(at(0s), site.port, 1);
  site.run(10s);
  const std::int64_t billed = site.log.used(site.world.meter("network.cross_az"));
  EXPECT_EQ(billed % (2 * (1 + 10)), 0) << "a response crosses where its request did";
  EXPECT_NEAR(static_cast<double>(billed) / (2 * (1 + 10)), 1000, 100);
}

TEST(Endpoint, FailsTheGivenShareOfRequestsAfterServingThem) {
  Site site({.service = fixed(1s), .error_probability = 0.25, .error_outcome = Outcome::error});
  for (int i = 0; i < 4000; ++i) site.send({0s});
  site.run(10s);
  const auto errors = std::ranges::count(site.probe->answers, Outcome::error, &Probe::Answer::outcome);
  EXPECT_NEAR(static_cast<double>(errors), 1000, 100);
  EXPECT_EQ(site.probe->answers.front().when, at(1s));
}

TEST(Endpoint, ServesInFullWhatNobodyWaitsForUnlessToldToDropIt) {
  for (const bool drop : {false, true}) {
    Site site({.servers = 1, .service = fixed(1s), .drop_abandoned = drop}, {.timeout = 500ms});
    site.send({0s, 0s, 700ms});
    site.run(10s);
    EXPECT_EQ(site.outcome(1), Outcome::timed_out);
    EXPECT_EQ(site.log.count(FactKind::late), 3);
    // The third begins at 1 s when the second is dropped, at 2 s when that is served in full.
    EXPECT_EQ(site.log.facts.back().at, drop ? at(2s) : at(3s));
    EXPECT_EQ(site.world.calls().alive(), 0u);
  }
}

TEST(Endpoint, RefusesWhatItCouldNotAnswerBeforeItsDeadline) {
  Site site({.servers = 1, .service = fixed(1s), .drop_late = 1s}, {.timeout = 2500ms});
  site.send({0s, 0s, 0s});
  site.run(10s);
  EXPECT_EQ(site.outcome(1), Outcome::ok);  // its turn comes with 1.5 s left
  EXPECT_EQ(site.outcome(2), Outcome::fault);
  EXPECT_EQ(site.when(2), 2s);  // and this one's with half a second
}

TEST(Endpoint, WithoutADeadlineNothingIsLate) {
  Site site({.servers = 1, .service = fixed(1s), .drop_late = 1s});
  site.send({0s, 0s, 0s});
  site.run(10s);
  EXPECT_EQ(site.when(2), 3s);
}

TEST(Endpoint, TheFirstRequestsTakeLongerAtTheirFirstAttempt) {
  const RetryPolicy again{.max_attempts = 2, .retry_on = kRetryTransient};
  Site site({.service = fixed(1s), .slow_requests = 2, .slow_factor = 10}, {.timeout = 5s, .retry = again});
  site.send({0s, 1s, 2s});
  site.run(20s);
  EXPECT_EQ(site.when(0), 6s);  // given up after 5 s, and then as fast as any
  EXPECT_EQ(site.when(1), 7s);
  EXPECT_EQ(site.when(2), 3s);
}

EndpointConfig one_outage(bool resume, bool queue) {
  // Up for 1 s, then down for 1 s, again and again.
  return {.servers = 1,
          .service = fixed(600ms),
          .outages = EndpointOutages{.up = fixed(1s), .down = fixed(1s), .resume = resume, .queue = queue}};
}

TEST(Endpoint, WorkGoesOnAfterAnOutageThatItMayResumeFrom) {
  Site site(one_outage(true, true));
  site.send({700ms, 1500ms});
  site.run(3s);
  EXPECT_EQ(site.when(0), 2300ms);
  EXPECT_EQ(site.when(1), 2900ms);
  EXPECT_EQ(site.find(0).waits.queued, 1s);
}

TEST(Endpoint, AnOutageFailsWorkAndTurnsArrivalsAway) {
  Site site(one_outage(false, false));
  site.send({700ms, 1500ms, 2100ms});
  site.run(10s);
  EXPECT_EQ(site.outcome(0), Outcome::fault);
  EXPECT_EQ(site.when(0), 1s);
  EXPECT_EQ(site.outcome(1), Outcome::fault);
  EXPECT_EQ(site.when(1), 1500ms);
  EXPECT_EQ(site.outcome(2), Outcome::ok);
  EXPECT_EQ(site.log.marks(Mark::outage), 2);
  EXPECT_EQ(site.world.calls().alive(), 0u);
}

TEST(Endpoint, WhatWaitsThroughAnOutageIsServedAfterIt) {
  Site site(one_outage(false, true));
  site.send({700ms, 800ms});
  site.run(3s);
  EXPECT_EQ(site.outcome(0), Outcome::fault);
  EXPECT_EQ(site.when(1), 2600ms);
}

TEST(Endpoint, SharesStandStillWhileDown) {
  EndpointConfig config = one_outage(true, true);
  config.discipline = Discipline::sharing;
  Site site(std::move(config));
  site.send({700ms, 1500ms});
  site.run(4s);
  // At 2 s the first has 300 ms left and the second 600 ms; they share until 2.6 s, and the second ends
  // alone.
  EXPECT_EQ(site.when(0), 2600ms);
  EXPECT_EQ(site.when(1), 2900ms);
}

TEST(Endpoint, SharesFailWithAnOutage) {
  EndpointConfig config = one_outage(false, false);
  config.discipline = Discipline::sharing;
  Site site(std::move(config));
  site.send({700ms, 800ms, 2s + 1ms});
  site.run(10s);
  EXPECT_EQ(site.when(0), 1s);
  EXPECT_EQ(site.when(1), 1s);
  EXPECT_EQ(site.outcome(2), Outcome::ok);
  EXPECT_EQ(site.when(2), 2601ms);
}

TEST(Endpoint, LevelsReturnToZero) {
  for (const auto discipline : {Discipline::fifo, Discipline::sharing}) {
    EndpointConfig config = one_outage(false, true);
    config.discipline = discipline;
    config.servers = 2;
    Site site(std::move(config));
    for (int i = 0; i < 40; ++i) site.send({Duration{i * 50'000'000}});
    site.run(60s);
    std::int64_t concurrency = -1, backlog = -1;
    for (const Fact& fact : site.log.facts) {
      if (fact.kind != FactKind::levelled) continue;
      if (fact.subject == static_cast<std::uint32_t>(Gauge::concurrency)) concurrency = fact.value;
      if (fact.subject == static_cast<std::uint32_t>(Gauge::backlog)) backlog = fact.value;
      EXPECT_LE(concurrency, 2);
    }
    EXPECT_EQ(site.probe->answers.size(), 40u);
    EXPECT_EQ(concurrency, 0);
    EXPECT_EQ(backlog, 0);
    EXPECT_EQ(site.world.calls().alive(), 0u);
  }
}

// ---- Theory
// -------------------------------------------------------------------------------------------------------

/// Poisson arrivals, drawn here so that these tests need nothing but the services.
class Poisson final : public Arrivals {
 public:
  explicit Poisson(double per_second) : gap_(Distribution::exponential(1e9 / per_second)) {}
  bool next(Arrival& arrival) override {
    Draws draws = stream_.at(n_++);
    at_ += gap_.duration(draws);
    arrival.at = at_;
    return true;
  }
  double mean_rate(Time, Time) const override { return 0; }

 private:
  Stream stream_{7, "arrivals"};
  Distribution gap_;
  Time at_ = kStart;
  std::uint64_t n_ = 0;
};

struct Measured {
  double seconds = 0;  ///< mean time of those that were served
  double refused = 0;  ///< share of those that were not
};

Measured measure(double arrivals_per_second, EndpointConfig config, Duration horizon) {
  class Tally final : public Observer {
   public:
    explicit Tally(World& world) { world.facts().subscribe(*this, {FactKind::responded}); }
    void observe(const Fact& fact) override {
      const bool ok = Outcome{fact.detail} == Outcome::ok;
      (ok ? served : refused) += 1;
      if (ok) ns += static_cast<double>(fact.value);
    }
    double served = 0, refused = 0, ns = 0;
  };
  World world;
  Tally tally(world);
  auto& endpoint = world.add<Endpoint>("backend", std::move(config));
  world.add<Client>("c", ClientConfig{.arrivals = std::make_unique<Poisson>(arrivals_per_second)})
      .set_target(endpoint.id(), {});
  EXPECT_FALSE(world.start().has_value());
  world.run(at(horizon));
  return {tally.ns / tally.served / 1e9, tally.refused / (tally.refused + tally.served)};
}

TEST(EndpointTheory, MM1HasMeanTimeOneOverMuMinusLambda) {
  // lambda = 70/s, mu = 100/s: W = 1 / 30 s. 1.4 million requests.
  const auto found = measure(70, {.servers = 1, .service = Distribution::exponential(1e7)}, 20'000s);
  EXPECT_NEAR(found.seconds, 1.0 / 30, 0.02 / 30);
}

TEST(EndpointTheory, TheMeanTimeOfProcessorSharingDependsOnlyOnTheMeanWork) {
  // M/G/1-PS: W = E[S] / (1 - rho) whatever the distribution: here deterministic, and hyperexponential of
  // high variance.
  const auto fixed_work =
      measure(70, {.servers = 1, .discipline = Discipline::sharing, .service = fixed(10ms)}, 20'000s);
  EXPECT_NEAR(fixed_work.seconds, 1.0 / 30, 0.02 / 30);
  const auto wild_work = measure(70,
                                 {.servers = 1,
                                  .discipline = Discipline::sharing,
                                  .service = Distribution::hyperexponential({{0.9, 5e6}, {0.1, 55e6}})},
                                 20'000s);
  EXPECT_NEAR(wild_work.seconds, 1.0 / 30, 0.03 / 30);
}

TEST(EndpointTheory, MMcKTurnsAwayByErlang) {
  // lambda = 40/s, mu = 10/s, c = 3, two places to wait. p_n ~ a^n/n! for n <= 3, then x a/3 each; a = 4.
  const double p3 = 64.0 / 6, p4 = p3 * 4 / 3, p5 = p4 * 4 / 3;
  const double sum = 1 + 4 + 8 + p3 + p4 + p5;
  for (const auto discipline : {Discipline::fifo, Discipline::lifo, Discipline::sharing}) {
    const auto found = measure(
        40, {.servers = 3, .queue = 2, .discipline = discipline, .service = Distribution::exponential(1e8)},
        20'000s);
    EXPECT_NEAR(found.refused, p5 / sum, 0.005);
    const double in_system = (4 + 2 * 8 + 3 * p3 + 4 * p4 + 5 * p5) / sum;
    EXPECT_NEAR(found.seconds, in_system / (40 * (1 - p5 / sum)), 0.0015);
  }
}

}  // namespace
}  // namespace spillway
