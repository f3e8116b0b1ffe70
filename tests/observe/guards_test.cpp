// Circuit breakers and hedging in the results: nothing is lost at any moment, and the figures are those of
// the window.

#include <gmock/gmock.h>

#include "observe/conservation.hpp"
#include "observe/metrics_registry.hpp"
#include "small_run.hpp"

namespace spillway {
namespace {

using testing::Act;
using testing::Actress;
using testing::Asker;
using testing::at;
using ::testing::IsEmpty;

/// 240 journeys in 2.4 s, 50 of 100 of which fail, and every ninth of which takes long.
struct GuardedRun {
  explicit GuardedRun(const PortConfig& config, Duration warm_up = {})
      : port(world.connect(client.id(), callee.id(), config)),
        observers(world, {.warm_up = warm_up, .horizon = 10s, .clients = {"shoppers"}, .classes = {"all"}}) {
    for (int i = 0; i < 2000; ++i) {
      const Duration takes = i % 9 == 0 ? 80ms : i % 5 * 4ms;
      const bool fails = i % 100 < 50 && i % 3 != 0;
      callee.script.push_back(Act{.takes = takes, .outcome = fails ? Outcome::fault : Outcome::ok});
    }
    check(!world.start(), "the port asks for no operation");
    for (int i = 0; i < 240; ++i) client.ask_at(at(i * 10ms), port);
  }
  RunResult run(Duration horizon = 10s) {
    observers.run(at(horizon));
    return observers.result();
  }

  World world;
  Asker& client = world.add<Asker>("shoppers");
  Actress& callee = world.add<Actress>("api");
  PortId port;
  RunObservers observers;
};

PortConfig guarded() {
  PortConfig config{
      .timeout = 60ms,
      .latency = 1ms,
      .retry = {.max_attempts = 3, .base = 30ms, .jitter = Jitter::full, .retry_on = kRetryTransient}};
  config.circuit_breaker = CircuitBreakerPolicy{.window = 20, .minimum_calls = 10, .wait = 150ms};
  config.hedging = HedgingPolicy{.max_attempts = 3, .delay = 9ms};
  return config;
}

std::optional<double> figure(const RunResult& run, std::string_view metric) {
  return metric_value(run, "api", metric, {.kind = Aggregate::Kind::value});
}

TEST(Guards, LoseNothingAtAnyMoment) {
  for (const std::uint8_t non_fatal : {kRetryNothing, kRetryTransient}) {
    PortConfig config = guarded();
    config.hedging->non_fatal = non_fatal;
    for (Duration end = 0ms; end <= 3s; end += 7ms) {
      GuardedRun run(config);
      ASSERT_THAT(run.run(end).violations, IsEmpty()) << end.count();
    }
  }
}

TEST(Guards, LoseNothingWithAWarmUpAnywhere) {
  for (Duration warm_up = 0ms; warm_up <= 3s; warm_up += 35ms) {
    GuardedRun run(guarded(), warm_up);
    ASSERT_THAT(run.run().violations, IsEmpty()) << warm_up.count();
  }
}

TEST(Guards, AreCountedByTheResourceThatIsAskedSinceTheWarmUp) {
  PortConfig config;
  config.circuit_breaker =
      CircuitBreakerPolicy{.failure_rate = 1, .window = 1, .minimum_calls = 1, .wait = 2s, .trial_calls = 1};
  GuardedRun run(config, 1s);
  run.callee.script.assign(1, {.outcome = Outcome::fault});  // opens at 0 s, and half-opens at 2 s
  run.callee.script.resize(100);
  const RunResult result = run.run();
  EXPECT_EQ(figure(result, "short_circuited"), 100) << "of 199, those in the second second";
  EXPECT_EQ(figure(result, "circuits_opened"), 0);
  EXPECT_EQ(figure(result, "circuits_half_opened"), 1);
  EXPECT_EQ(figure(result, "circuits_closed"), 1);
  EXPECT_NEAR(figure(result, "circuit_open").value_or(-1), 1.0 / 9, 1e-9) << "one second of nine";
  EXPECT_EQ(figure(result, "attempts"), 40);
  EXPECT_EQ(figure(result, "hedges"), std::nullopt);
}

TEST(Guards, AreCountedOverTheWholeTopologyAndNotForAPartOfItsJourneys) {
  GuardedRun run(guarded());
  const RunResult result = run.run();
  const auto of = [&](std::string_view subject, std::string_view metric) {
    return metric_value(result, subject, metric, {.kind = Aggregate::Kind::value});
  };
  for (const char* const metric :
       {"short_circuited", "circuit_open", "circuits_opened", "hedges", "hedges_won"}) {
    EXPECT_GT(of("journeys", metric).value_or(0), 0) << metric;
    EXPECT_EQ(of("journeys", metric), of("api", metric)) << metric;
    EXPECT_EQ(of("journeys{client:shoppers}", metric), std::nullopt) << metric;
  }
}

TEST(Guards, CountHedgesAsRepeatedArrivalsButNotAsRetries) {
  GuardedRun run({.hedging = HedgingPolicy{.delay = 10ms}}, 1s);
  run.callee.script.clear();
  for (int i = 0; i < 1000; ++i) run.callee.script.push_back({.takes = 15ms});
  const RunResult result = run.run();
  EXPECT_EQ(figure(result, "hedges"), 141) << "one that the journey of 990 ms began, and one of each later";
  EXPECT_EQ(figure(result, "hedges_won"), 0);
  EXPECT_EQ(figure(result, "attempts"), 281);
  EXPECT_EQ(figure(result, "repeats"), 141);
  EXPECT_EQ(figure(result, "late_answers"), 141 + 1);
  EXPECT_EQ(result.resource("api")->calls.counts.resent, 0U);
  EXPECT_EQ(figure(result, "short_circuited"), std::nullopt);
}

TEST(Guards, OfEitherKindLoseNothingAlone) {
  PortConfig breaks = guarded();
  breaks.hedging.reset();
  PortConfig hedges = guarded();
  hedges.circuit_breaker.reset();
  for (const PortConfig& config : {breaks, hedges}) {
    for (Duration end = 0ms; end <= 3s; end += 21ms) {
      GuardedRun run(config);
      ASSERT_THAT(run.run(end).violations, IsEmpty()) << end.count();
    }
  }
}

}  // namespace
}  // namespace spillway
