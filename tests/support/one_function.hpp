#pragma once
/// A world of one Lambda function and a probe that invokes it.

#include <gtest/gtest.h>

#include "services/catalogue.hpp"
#include "services/function.hpp"
#include "support/small_world.hpp"

namespace spillway::testing {

/// Works for so long, and then fails with this probability.
inline Program computing(Duration duration, double fails = 0) {
  Program program;
  program.add({.verb = Step::Verb::compute, .duration = fixed(duration)});
  if (fails > 0) program.add({.verb = Step::Verb::fail, .probability = fails});
  program.add({.verb = Step::Verb::end});
  return program;
}

struct OneFunction {
  explicit OneFunction(FunctionConfig config, Duration work = 100ms, double fails = 0) {
    probe = &world.add<Probe>("probe");
    function = &world.add<Function>("fn", std::move(config));
    function->set_program(computing(work, fails));
    port = world.connect(probe->id(), function->id());
  }
  /// So many requests at once.
  void send(int count, Time when = at(0s)) {
    for (int i = 0; i < count; ++i) probe->send_at(when, port);
  }
  /// Requests at even intervals.
  void send_evenly(int per_second, Duration from, Duration until) {
    const std::int64_t count = (until - from).count() * per_second / 1'000'000'000;
    for (std::int64_t i = 0; i < count; ++i)
      probe->send_at(at(from + Duration{i * 1'000'000'000 / per_second}), port);
  }
  void run(Duration end) {
    start();
    run_on(end);
    for (const auto& service : world.services()) service->account();
  }
  void start() {
    complete(world);
    EXPECT_FALSE(world.start().has_value());
  }
  void run_on(Duration end) { world.run(at(end)); }
  Outcome outcome(std::size_t number) const {
    for (const auto& answer : probe->answers) {
      if (answer.number == number) return answer.outcome;
    }
    ADD_FAILURE() << "request " << number << " was not answered";
    return Outcome::fault;
  }
  std::int64_t answered(Outcome outcome) const {
    std::int64_t count = 0;
    for (const auto& answer : probe->answers) count += answer.outcome == outcome;
    return count;
  }
  std::int64_t used(std::string_view meter) { return log.used(world.meter(meter)); }
  /// The highest that a gauge of the function has been.
  std::int64_t peak(Gauge gauge) const {
    std::int64_t highest = 0;
    for (const Fact& fact : log.facts) {
      if (fact.kind == FactKind::levelled && fact.subject == static_cast<std::uint32_t>(gauge) &&
          fact.service == static_cast<std::uint16_t>(function->id()))
        highest = std::max(highest, fact.value);
    }
    return highest;
  }

  World world;
  FactLog log{world};
  Probe* probe;
  Function* function;
  PortId port;
};

}  // namespace spillway::testing
