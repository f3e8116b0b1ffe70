#pragma once
/// What can be said of a state machine without running it: its states by their nested names, the ways between
/// them, how often a state tries and how long that may take, and the least and the most transitions and
/// history events of an execution.
///
/// The least and the most are those of paths without errors; the worst has every retry used up and every
/// catcher taken. What an input decides (the items of a Map, a timeout's path) and what a loop repeats has no
/// bound, and the reason is told.
/// Source: states-language.net/spec.html (2025); the number of events of each state as recorded on AWS
/// (623 histories, 2023-26); a retry counts as a transition (aws.amazon.com/step-functions/pricing, 2026).

#include <cstdint>
#include <string>
#include <vector>

#include "formats/asl/definition.hpp"

namespace spillway::asl {

/// AWS fails a Standard execution with more (Step Functions developer guide, "Quotas", 2026).
inline constexpr std::int64_t kMostEvents = 25'000;

/// A number that is known, or the reason why there is none.
struct Bound {
  std::int64_t value = 0;
  std::string without;  ///< why there is no bound; empty when there is one

  [[nodiscard]] bool known() const { return without.empty(); }
  static Bound none(std::string why) { return {0, std::move(why)}; }
};

enum class WayKind : std::uint8_t { next, choice, otherwise, caught };
struct Way {
  StateIndex to = kNoState;
  WayKind kind = WayKind::next;
};
/// Where a state may go, in the order of its definition.
std::vector<Way> ways(const State& state);

struct RetryOutline {
  struct Delay {
    std::int64_t least_ns = 0;
    std::int64_t most_ns = 0;
  };
  static constexpr std::size_t kListed = 10;

  std::vector<Delay> delays;  ///< the first ones, at most kListed
  Bound total_ns;             ///< of all at their longest
  bool never_asked = false;   ///< its errors find an earlier retrier, or none retries them
};

struct Range {
  Bound least;  ///< of the shortest path without errors that succeeds, or of one that ends at all
  Bound most;   ///< of the longest without errors
  Bound worst;  ///< with all retries and catchers
};

/// What one visit of a state, or one run of a flow, may come to.
struct Extent {
  Range transitions;
  Range events;       ///< of the history
  Bound duration_ns;  ///< at worst
};

struct StateOutline {
  StateIndex index = kNoState;
  std::string name;  ///< "Fan out[0]/Pay", "Each[*]/Pay"
  std::size_t depth = 0;
  bool reachable = false;  ///< from the start of its flow
  bool terminal = false;   ///< its flow ends here
  std::vector<RetryOutline> retries;
  std::int64_t attempts = 1;  ///< with every retry that is ever asked
  Extent extent;
};

/// The shortest round of a loop without errors.
struct Loop {
  StateIndex state = kNoState;  ///< of its states the one that is written first
  Bound transitions;
  Bound events;
};

struct Outline {
  std::vector<StateOutline> states;  ///< as the machine numbers them
  std::vector<Loop> loops;
  std::vector<Extent> flows;  ///< a branch, an iteration or a child by itself
  Extent execution;  ///< the whole, within its TimeoutSeconds, with the events of its start and its end
  std::size_t depth = 0;
};

Outline outline(const Machine& machine);

}  // namespace spillway::asl
