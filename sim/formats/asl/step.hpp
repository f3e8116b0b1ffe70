#pragma once
/// What a state does, as pure functions of the machine and the documents in view: enter it, leave it with a
/// result, or recover from an error. There is no clock, and nothing is remembered between calls, so that a
/// caller may keep the answers and use them again.
///
/// The data flow of a state in JSONPath: input, InputPath, Parameters, the work, ResultSelector, ResultPath
/// (combined with the raw input), OutputPath. In JSONata: Arguments, the work, Output. `Assign` sees what was
/// true before it, and its variables are seen from the next state on.
/// Sources: states-language.net/spec.html (2025); Step Functions developer guide (2026); recordings on AWS.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "formats/asl/definition.hpp"
#include "formats/asl/timestamp.hpp"

namespace spillway::asl {

/// The largest input, output or result, in bytes of UTF-8 (Step Functions developer guide, "Quotas", 2026).
inline constexpr std::size_t kPayloadLimit = 262'144;
/// The iterations of an inline Map that run at once, at most (developer guide, "Map state", 2026).
inline constexpr std::int64_t kInlineConcurrency = 40;

/// The state is done.
struct Leaving {
  Json output;
  StateIndex next = kNoState;  ///< none: its flow ends with this output
  Json variables;              ///< all of them, after Assign
};

/// A Task wants its work done.
struct TaskRequest {
  std::string resource;
  Json arguments;
  Json credentials;  ///< null when the state names none
  std::optional<std::int64_t> timeout_seconds;
  std::optional<std::int64_t> heartbeat_seconds;
};

/// A Wait state wants time to pass: for so long, or until then.
struct Waiting {
  std::int64_t seconds = 0;
  std::optional<Timestamp> until;
};

/// A distributed Map wants its items read; `fan_out` takes them.
struct ReadItems {
  std::string resource;
  Json arguments;
};

/// A Parallel or Map state wants its flows run, and then `leave` with the list of their outputs.
struct FanOut {
  struct Branch {
    FlowIndex flow = 0;
    Json input;
    Json item;  ///< `$$.Map.Item` within an iteration, if it is read; null in a branch of a Parallel state
  };
  std::vector<Branch> branches;
  bool map = false;
  bool distributed = false;      ///< each branch is an execution of its own, which sees no outer variable
  std::int64_t concurrency = 0;  ///< how many may run at once; 0: no limit
  std::optional<std::int64_t> tolerated_count;
  std::optional<double> tolerated_percentage;

  /// Whether a distributed Map fails once so many of its children have failed. Where the state names neither
  /// bound, none may fail.
  [[nodiscard]] bool exceeded(std::size_t failed) const { return exceeded(failed, branches.size()); }
  [[nodiscard]] bool exceeded(std::size_t failed, std::size_t of) const;
};

using Entered = std::variant<Leaving, TaskRequest, Waiting, ReadItems, FanOut, Failure>;
using Left = std::variant<Leaving, Failure>;

/// `scope.input` is the raw input in all of these.
Entered enter(const Machine& machine, StateIndex state, const Scope& scope);
Entered fan_out(const Machine& machine, StateIndex state, const Scope& scope, const Json& items);
/// With the result of a Task, the outputs of a Parallel's or a Map's flows, or nothing for a Wait.
Left leave(const Machine& machine, StateIndex state, const Scope& scope, const Json& result);

struct RetryAfter {
  std::int64_t delay_ns = 0;  ///< before jitter
  bool full_jitter = false;   ///< to be drawn by `jittered`
};
using Recovered = std::variant<RetryAfter, Leaving, Failure>;

/// How often each retrier was used in this visit of the state; cleared on the way into it.
using RetryCounts = std::vector<std::int64_t>;
Recovered recover(const Machine& machine, StateIndex state, const Scope& scope, const Failure& failure,
                  RetryCounts& counts);

/// Whether a resource waits for a job's end or a token, and so is submitted in between.
bool waits_for_callback(std::string_view resource);

}  // namespace spillway::asl
