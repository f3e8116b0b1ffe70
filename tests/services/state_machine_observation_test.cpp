// Ways through a machine share their beginnings, and there are only so many.

#include "services/state_machine_observation.hpp"

#include <gtest/gtest.h>

#include "formats/json.hpp"

namespace spillway {
namespace {

asl::Machine loop() {
  return *asl::load(R"({"StartAt": "A", "States": {
    "A": {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsPresent": true, "Next": "B"}], "Default": "A"},
    "B": {"Type": "Succeed"}}})")
              .machine;
}

TEST(StateMachineObservation, TellsTheSlowestWaysFirst) {
  StateMachineObservation seen(2);
  const std::uint32_t a = seen.step(0, 0);
  const std::uint32_t ab = seen.step(a, 1);
  EXPECT_EQ(seen.step(0, 0), a);
  seen.ended(ExecutionStatus::succeeded, a, 1s, 5);
  seen.ended(ExecutionStatus::failed, ab, 3s, 7);
  const Json shown = Json::parse(seen.json(loop()));
  EXPECT_EQ(shown["slowest_paths"][0]["states"], Json({"A", "B"}));
  EXPECT_EQ(shown["slowest_paths"][1]["executions"], 1);
  EXPECT_EQ(shown["executions"]["failed"], 1);
  EXPECT_EQ(shown["executions"]["most_history_events"], 7);
}

TEST(StateMachineObservation, LoopsHaveNoMoreThanSoManyWays) {
  StateMachineObservation seen(2);
  std::uint32_t path = 0;
  for (int i = 0; i < 10'000; ++i) path = seen.step(path, 0);
  EXPECT_EQ(path, UINT32_MAX);
  seen.ended(ExecutionStatus::succeeded, path, 1s, 5);
  EXPECT_EQ(Json::parse(seen.json(loop()))["executions"]["succeeded"], 1);
}

TEST(StateMachineObservation, ShowsTheMachineAsAGraph) {
  const Json graph = Json::parse(StateMachineObservation(2).json(loop()))["graph"];
  EXPECT_EQ(graph["start"], "A");
  EXPECT_EQ(graph["edges"], Json::parse(R"([{"from": "A", "to": "B", "by": "choice"},
                                            {"from": "A", "to": "A", "by": "default"}])"));
}

}  // namespace
}  // namespace spillway
