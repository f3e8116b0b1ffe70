#pragma once
/// A caller whose port has a circuit breaker or hedges, and a callee that acts by its script.

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "support/small_world.hpp"

namespace spillway::testing {

/// Serves everything at once, side by side: the n-th request as long as the n-th of `acts` says, and the last
/// of them for all that follow.
class Scripted final : public Service {
 public:
  struct Act {
    Duration takes{};
    Outcome outcome = Outcome::ok;
    Duration queued{};  ///< what it says of its queue as soon as it is asked
  };
  Scripted(World& world, std::string name) : Service(world, std::move(name)) {}

  void on_call(CallId id) override {
    seen.push_back(
        {now(), record(id).lineage.word, record(id).attempt, record(id).repeat, record(id).lineage.layer()});
    const Act& act = acts[std::min(seen.size(), acts.size()) - 1];
    outcomes_.resize(std::max(outcomes_.size(), static_cast<std::size_t>(id) + 1));
    outcomes_[static_cast<std::size_t>(id)] = act.outcome;
    record(id).waits.queued += act.queued;
    after<&Scripted::done>(act.takes, id);
  }

  struct Seen {
    Time when;
    std::uint32_t lineage;
    std::uint8_t attempt;
    bool repeat;
    RetryLayer layer;
  };
  std::vector<Act> acts{{10ms, Outcome::ok}};
  std::vector<Seen> seen;

 private:
  void done(CallId id) { answer(id, outcomes_[static_cast<std::size_t>(id)]); }

  std::vector<Outcome> outcomes_;
};

struct Guarded {
  explicit Guarded(PortConfig config) {
    probe = &world.add<Probe>("probe");
    server = &world.add<Scripted>("server");
    port = world.connect(probe->id(), server->id(), std::move(config));
  }
  void run(Duration end) {
    EXPECT_FALSE(world.start().has_value());
    world.run(at(end));
  }
  GuardCounts counts() { return world.port(port).guards->counts(); }
  void expect_nothing_left() {
    EXPECT_EQ(world.calls().alive(), 0u);
    EXPECT_EQ(world.journeys().alive(), 0u);
  }

  World world;
  FactLog log{world};
  Probe* probe;
  Scripted* server;
  PortId port;
};

inline constexpr CircuitBreakerPolicy kTwoFailures{
    .failure_rate = 1, .window = 2, .minimum_calls = 2, .wait = 10s, .trial_calls = 1};

inline RetryPolicy three_attempts(Duration base) {
  return {.max_attempts = 3, .base = base, .jitter = Jitter::none, .retry_on = kRetryTransient};
}

}  // namespace spillway::testing
