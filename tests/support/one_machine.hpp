#pragma once
/// A world of one state machine, whose tasks are stubs or servers, and a probe that starts executions.

#include <gtest/gtest.h>

#include <string>

#include "formats/json.hpp"
#include "services/state_machine.hpp"
#include "support/small_wiring.hpp"

namespace spillway::testing {

/// The shortest Step Functions: no time of its own.
inline constexpr const char* kNoOverhead = "overhead: { start: 0s, transition: 0s }";

struct OneMachine {
  /// `settings` is YAML without the definition, which is JSON.
  OneMachine(std::string definition, std::string settings, std::string extra = kNoOverhead)
      : settings_("definition: " + std::move(definition) + "\n" + std::move(settings) + "\n" +
                  std::move(extra)) {
    probe = &wiring.world().add<Probe>("probe");
  }
  /// A server that tasks can call by this name.
  Server& server(std::string name, Duration takes) {
    return wiring.world().add<Server>(std::move(name), takes);
  }
  void build() {
    machine =
        &static_cast<StateMachine&>(wiring.build("aws.stepfunctions.state_machine", "orders", settings_));
  }
  void start_at(Duration when, std::string operation = "start") {
    if (machine == nullptr) build();
    const PortId port =
        wiring.world().connect(probe->id(), machine->id(), {.operation = std::move(operation)});
    probe->send_at(at(when), port);
  }
  void run(Duration end = 24h) { wiring.run(end); }

  Json details() const { return Json::parse(machine->details()); }
  Json state(const std::string& name) const {
    const Json all = details();
    for (const Json& row : all["states"]) {
      if (row["name"] == name) return row;
    }
    ADD_FAILURE() << "no state is called " << name;
    return nullptr;
  }
  /// How long the executions took at most, in milliseconds, and how they ended.
  double longest_ms() const { return details()["executions"]["duration_ms"]["max"]; }
  int succeeded() const { return details()["executions"]["succeeded"]; }
  int failed() const { return details()["executions"]["failed"]; }
  int timed_out() const { return details()["executions"]["timed_out"]; }
  std::int64_t used(std::string_view meter) { return log.used(wiring.world().meter(meter)); }

  SmallWiring wiring;
  FactLog log{wiring.world()};
  Probe* probe = nullptr;
  StateMachine* machine = nullptr;

 private:
  std::string settings_;
};

}  // namespace spillway::testing
