#pragma once
/// Small worlds for tests: a caller that sends when it is told and remembers the answers, a callee that
/// answers after a fixed time as it is told, and an observer that keeps every fact.

#include <deque>
#include <string>
#include <vector>

#include "spillway/distribution.hpp"
#include "spillway/world.hpp"

namespace spillway::testing {

constexpr Time at(Duration since_start) { return kStart + since_start; }

/// A distribution that always gives this duration.
inline Distribution fixed(Duration duration) {
  return Distribution::constant(static_cast<double>(duration.count()));
}

/// Sends one journey for each call of send_at(), and remembers how and when each was answered.
class Probe final : public Service {
 public:
  using Service::Service;

  struct Answer {
    Outcome outcome;
    Time when;
    Waits waits;
    std::uint32_t number;
    std::uint8_t attempts;
  };

  struct Load {
    std::uint32_t bytes = 0;
    std::uint64_t key = 0;
    Duration work{kNoWork};
  };
  void send_at(Time when, PortId port, std::uint32_t bytes = 0, std::uint64_t key = 0) {
    send_at(when, port, {.bytes = bytes, .key = key});
  }
  void send_at(Time when, PortId port, Load load) {
    plans_.push_back({port, load});
    Actor::at<&Probe::send_planned>(when, static_cast<std::uint32_t>(plans_.size() - 1));
  }

  void on_call(CallId) override { check(false, "nobody calls a probe"); }

  void on_answer(CallId id) override {
    const Call& call = record(id);
    answers.push_back({call.outcome, now(), call.waits, call.tag, call.attempt});
    world().end_branch(call.journey, call.outcome == Outcome::ok ? Ending::succeeded : Ending::failed);
  }

  std::vector<Answer> answers;

 private:
  struct Plan {
    PortId port;
    Load load;
  };

  void send_planned(std::uint32_t number) {
    const Plan& plan = plans_[number];
    const JourneyId journey = world().begin_journey({.ordinal = number,
                                                     .key = plan.load.key,
                                                     .work_ns = plan.load.work.count(),
                                                     .bytes = plan.load.bytes});
    call(plan.port, {.journey = journey, .tag = number, .bytes = plan.load.bytes});
  }

  std::deque<Plan> plans_;
};

/// Serves everything at once, side by side, each for `takes`, and answers with the next of `outcomes` (then
/// ok).
class Server final : public Service {
 public:
  Server(World& world, std::string name, Duration takes) : Service(world, std::move(name)), takes_(takes) {}

  void on_call(CallId id) override {
    calls.push_back(
        {now(), record(id).attempt, record(id).lineage.word, record(id).repeat, record(id).lineage.layer()});
    takes_ > Duration::zero() ? after<&Server::done>(takes_, id) : done(id);
  }
  int operation(std::string_view name) const override { return name.empty() || name == "serve" ? 0 : -1; }

  struct Seen {
    Time when;
    std::uint8_t attempt;
    std::uint32_t lineage;
    bool repeat;
    RetryLayer layer;
  };
  std::vector<Seen> calls;
  std::deque<Outcome> outcomes;

 private:
  void done(CallId id) {
    Outcome outcome = Outcome::ok;
    if (!outcomes.empty()) {
      outcome = outcomes.front();
      outcomes.pop_front();
    }
    answer(id, outcome);
  }

  Duration takes_;
};

class FactLog final : public Observer {
 public:
  explicit FactLog(World& world) { world.facts().subscribe_all(*this); }
  void observe(const Fact& fact) override { facts.push_back(fact); }

  std::int64_t sum(FactKind kind, std::uint32_t subject) const {
    std::int64_t total = 0;
    for (const Fact& fact : facts) {
      if (fact.kind == kind && fact.subject == subject) total += fact.value;
    }
    return total;
  }
  std::int64_t marks(Mark mark) const { return sum(FactKind::marked, static_cast<std::uint32_t>(mark)); }
  std::int64_t used(MeterId meter) const { return sum(FactKind::used, static_cast<std::uint32_t>(meter)); }
  /// Of what was used: what the repeated attempts of a layer caused.
  std::int64_t repeated(MeterId meter, RetryLayer layer) const {
    std::int64_t total = 0;
    for (const Fact& fact : facts) {
      if (fact.kind == FactKind::used && fact.subject == static_cast<std::uint32_t>(meter) &&
          fact.detail == static_cast<std::uint8_t>(layer))
        total += fact.extra;
    }
    return total;
  }
  std::int64_t count(FactKind kind, int detail = -1) const {
    std::int64_t total = 0;
    for (const Fact& fact : facts) total += fact.kind == kind && (detail < 0 || fact.detail == detail);
    return total;
  }
  std::int64_t ended(Ending ending) const { return count(FactKind::ended, static_cast<int>(ending)); }

  std::vector<Fact> facts;
};

}  // namespace spillway::testing
