#pragma once
/// A run small enough to follow by hand: a client that asks when it is told and a callee that acts by its
/// script.
///
///   journey  asked  what happens                                                      answer
///   0        0 s    served in 10 ms (4 ms of it queued)                               ok, 10 ms
///   1        1 s    fault after 10 ms, 100 ms back-off, served in 10 ms               ok, 120 ms
///   2        2 s    throttled at once, three times, back-offs of 100 and 200 ms       throttled, 300 ms
///   3        3 s    given up after 50 ms (served after 80), 100 ms back-off, 10 ms    ok, 160 ms

#include <deque>
#include <string>
#include <vector>

#include "observe/run_observers.hpp"
#include "spillway/world.hpp"

namespace spillway::testing {

constexpr Time at(Duration since_start) { return kStart + since_start; }

/// Asks when it is told, and answers for its journeys as a client does.
class Asker final : public Service {
 public:
  using Service::Service;

  void ask_at(Time when, PortId port, std::uint16_t traffic_class = 0) {
    plans_.push_back({port, traffic_class});
    Actor::at<&Asker::ask>(when, static_cast<std::uint32_t>(plans_.size() - 1));
  }
  void on_call(CallId) override { check(false, "nobody calls a client"); }
  RetryLayer tries_again_as() const override { return RetryLayer::client; }
  void on_answer(CallId id) override { world().respond(id); }

  std::uint16_t number = 0;  ///< of this client

 private:
  struct Plan {
    PortId port;
    std::uint16_t traffic_class;
  };
  void ask(std::uint32_t number_of_plan) {
    const Plan& plan = plans_[number_of_plan];
    Journey born;
    born.ordinal = number_of_plan;
    born.client = number;
    born.traffic_class = plan.traffic_class;
    call(plan.port, {.journey = world().begin_journey(born)});
  }
  std::deque<Plan> plans_;
};

/// What the callee does with one call.
struct Act {
  Duration takes{};
  Outcome outcome = Outcome::ok;
  Duration queued{};  ///< the part of it that it says was queueing
};

class Actress final : public Service {
 public:
  Actress(World& world, std::string name) : Service(world, std::move(name)) {}

  void start() override { level(Gauge::limit, 2); }
  void on_call(CallId id) override {
    check(!script.empty(), "the script has ended");
    const Act act = script.front();
    script.pop_front();
    use(world().meter("calls"), 3, record(id));
    level(Gauge::concurrency, ++busy_);
    acts_.push_back(act);
    running_.push_back(id);
    const auto number = static_cast<std::uint32_t>(acts_.size() - 1);
    act.takes > Duration::zero() ? after<&Actress::done>(act.takes, number) : done(number);
  }
  void account() override { use(world().meter("hours"), 1); }

  void level_at(Time when, Gauge gauge, std::int64_t value) {
    levels_.push_back({gauge, value});
    at<&Actress::show>(when, static_cast<std::uint32_t>(levels_.size() - 1));
  }
  void mark_now(Mark what) { mark(what); }

  std::deque<Act> script;

 private:
  void done(std::uint32_t number) {
    const CallId id = running_[number];
    record(id).waits.queued += acts_[number].queued;
    level(Gauge::concurrency, --busy_);
    answer(id, acts_[number].outcome);
  }
  void show(std::uint32_t number) { level(levels_[number].first, levels_[number].second); }

  std::int64_t busy_ = 0;
  std::vector<Act> acts_;
  std::vector<CallId> running_;
  std::vector<std::pair<Gauge, std::int64_t>> levels_;
};

/// Accepts at once, and ends a branch of the journey later, as a queue with a consumer does.
class Later final : public Service {
 public:
  Later(World& world, std::string name, Duration takes, Duration queued, Ending ending)
      : Service(world, std::move(name)), takes_(takes), queued_(queued), ending_(ending) {}

  void on_call(CallId id) override {
    const JourneyId which = record(id).journey;
    world().begin_branch(which);
    after<&Later::done>(takes_, which);
    answer(id, Outcome::ok);
  }

 private:
  void done(JourneyId which) {
    world().add_branch_waits(which, {.queued = queued_});
    world().end_branch(which, ending_);
  }
  Duration takes_;
  Duration queued_;
  Ending ending_;
};

/// The run of the table above, observed, ready to go.
struct SmallRun {
  explicit SmallRun(ObserveOptions options = {}) : observers(world, with_names(std::move(options))) {
    callee.script = {{10ms, Outcome::ok, 4ms},  {10ms, Outcome::fault, 4ms}, {10ms, Outcome::ok, 4ms},
                     {0ms, Outcome::throttled}, {0ms, Outcome::throttled},   {0ms, Outcome::throttled},
                     {80ms, Outcome::ok, 4ms},  {10ms, Outcome::ok, 4ms}};
    check(!world.start(), "the port asks for no operation");
    for (std::uint16_t i = 0; i < 4; ++i) client.ask_at(at(i * 1s), port, i % 2);
  }

  RunResult run(Duration horizon = 10s) {
    observers.run(at(horizon));
    return observers.result();
  }

  World world;
  Asker& client = world.add<Asker>("shoppers");
  Actress& callee = world.add<Actress>("api");
  PortId port = world.connect(client.id(), callee.id(),
                              {.timeout = 50ms,
                               .retry = {.max_attempts = 3,
                                         .base = 100ms,
                                         .factor = 2,
                                         .jitter = Jitter::none,
                                         .retry_on = kRetryTransient}});
  RunObservers observers;

 private:
  static ObserveOptions with_names(ObserveOptions options) {
    if (options.horizon == Duration::zero()) options.horizon = 10s;
    options.clients = {"shoppers"};
    options.classes = {"plain", "gold"};
    return options;
  }
};

}  // namespace spillway::testing
