#pragma once
/// What a state machine's run shows beyond the calls: each state's fate, the ways through the machine, and
/// the effects that no compensation took back.

#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/sketch.hpp"
#include "formats/asl/definition.hpp"
#include "spillway/time.hpp"

namespace spillway {

enum class ExecutionStatus : std::uint8_t { succeeded, failed, timed_out };

class StateMachineObservation {
 public:
  explicit StateMachineObservation(std::size_t states) : states_(states), effects_(states) {}

  struct StateCounts {
    std::uint64_t entered = 0;
    std::uint64_t succeeded = 0;  ///< left with a result of its own
    std::uint64_t caught = 0;     ///< left by a catcher
    std::uint64_t failed = 0;     ///< ended what it stood in
    std::uint64_t retried = 0;    ///< attempts beyond the first
    std::uint64_t timed_out = 0;  ///< attempts
    Sketch duration;              ///< from being entered to being left or failing, ns
  };
  StateCounts& state(asl::StateIndex index) { return states_[index]; }

  /// The way from `path` on over a state; 0 is the start.
  std::uint32_t step(std::uint32_t path, asl::StateIndex state);
  void ended(ExecutionStatus status, std::uint32_t path, Duration lasted, std::uint32_t events);
  void redriven() { ++redriven_; }
  /// A step's effect stands although the execution was rolled back or failed; `uncertain`: it may.
  void effect_left(asl::StateIndex step) { ++effects_[step]; }

  /// As a JSON object: executions, states in the order of the definition, the slowest ways, and the machine
  /// as a graph. Times in milliseconds.
  std::string json(const asl::Machine& machine) const;

 private:
  std::uint32_t find_step(std::uint32_t path, asl::StateIndex state);

  /// Ways share their beginnings: each is a node in a tree of states.
  struct Way {
    std::uint32_t before = 0;
    asl::StateIndex state = asl::kNoState;
    std::uint64_t count = 0;                     ///< executions that ended here
    asl::StateIndex last_state = asl::kNoState;  ///< where the execution before went on to
    std::uint32_t last_way = 0;
    Sketch duration{};
  };
  /// A machine with loops has ways without end: those beyond are counted as one.
  static constexpr std::uint32_t kMostWays = 4096;
  static constexpr std::uint32_t kOtherWays = UINT32_MAX;

  std::vector<StateCounts> states_;
  std::vector<std::uint64_t> effects_;
  std::vector<Way> ways_{1};
  Way other_ways_{};
  std::unordered_map<std::uint64_t, std::uint32_t> next_;
  std::array<std::uint64_t, 3> executions_{};
  Sketch duration_;
  Sketch events_;
  std::uint64_t redriven_ = 0;
};

}  // namespace spillway
