#pragma once
/// A handler program: what code does when it runs, the same for a function, a container task and a web
/// service.
///
///   compute   takes time                      call      asks another service and waits for the answer
///   emit      asks and does not wait          parallel  runs its arms side by side and goes on after the
///   last fail      ends with a failure, by chance  branch    takes one arm, by chance or by the request's
///   traffic class once      runs only for the first message of a batch
///   idempotent  runs its steps once for each key
///
/// A program is a flat list of steps with jumps, so that a place in it is one small number.

#include <cstdint>
#include <optional>
#include <vector>

#include "model/idempotency.hpp"
#include "spillway/distribution.hpp"
#include "spillway/journey.hpp"
#include "spillway/random.hpp"

namespace spillway {

struct Step {
  enum class Verb : std::uint8_t {
    compute,
    compute_work,    ///< for as long as the recorded request says
    compute_scaled,  ///< these two: `scale` times as long
    compute_work_scaled,
    call,
    emit,
    fork,    ///< of `arms`, to go on at `target`
    fail,    ///< with `outcome`, with `probability`
    branch,  ///< of `arms`; none taken: on to `target`
    jump,    ///< to `target`
    first,   ///< on to `target` unless this is the first message of a batch
    end,
    claim,     ///< an idempotency key, of `wrapper`; done before: on to `target`
    complete,  ///< it is done
    release,   ///< it failed; only entered by a failure
  };
  struct Arm {
    double probability = 1;
    int traffic_class = -1;  ///< taken by this class; negative: by `probability`
    std::uint16_t start = 0;
  };

  static constexpr std::int64_t kWhole = 1'000'000'000;

  Verb verb = Verb::end;
  std::uint16_t target = 0;
  Outcome outcome = Outcome::error;
  bool carry_on = false;  ///< a failed call does not fail the handler
  bool wraps = false;     ///< its answer is about an idempotency key
  double probability = 1;
  std::uint16_t wrapper = 0;  ///< of the program's wrappers
  PortId port = kNoPort;
  std::optional<Distribution> bytes{};  ///< of the call's request; none: the journey's own
  Distribution duration = Distribution::constant(0);
  std::int64_t scale = kWhole;  ///< of compute_scaled, in billionths
  Stream draws{};
  std::vector<Arm> arms{};
};

/// Steps that are done once for each key: a claim, the steps, a completion.
struct IdempotentSteps {
  IdempotencyRecords* records = nullptr;
  std::uint64_t salt = 0;  ///< of the handler: another one's keys are others
  Duration expires_after = 1h;
  bool by_key = false;                     ///< of the journey's key, not of the journey
  bool lock_ends = true;                   ///< with the claimant's time; else only with the record
  std::int64_t local_cache_max_items = 0;  ///< that an environment remembers by itself; zero: none
  std::uint16_t release = 0;               ///< where it stands
};

/// A program under construction and, once built, the steps. Ends with Verb::end.
struct Program {
  std::vector<Step> steps{};
  std::vector<IdempotentSteps> wrappers{};

  /// Appends a step and says where it stands.
  std::uint16_t add(Step step) {
    steps.push_back(std::move(step));
    return static_cast<std::uint16_t>(steps.size() - 1);
  }
  std::uint16_t next() const { return static_cast<std::uint16_t>(steps.size()); }
};

}  // namespace spillway
