#pragma once
/// Recursive loop detection: a function that its own events invoke again, over and over, is stopped. Lambda
/// counts the invocations of a function in one chain of requests, and drops the next one after 16.
///
/// A chain goes on through SQS queues and through invocations of functions, synchronous or not. What comes by
/// another way (a client, a gateway, a state machine, a URL) begins a chain: then it is the first. The count
/// travels in the header of the trace; here it is found by the journey and its lineage, which a chain keeps.
///
/// - The caller of an invocation that is dropped gets a RecursiveInvocationException. So a message returns to
///   its queue and, if it has a dead-letter queue, goes there after its last receive; an event goes to its
///   function's dead-letter queue or on-failure destination.
/// - An invocation that is tried again counts once, also one that was throttled.
/// - Paths that fork towards several targets count together; those of several calls of the same target do
/// not.
///
/// Sources: Lambda Developer Guide, "Use Lambda recursive loop detection to prevent infinite loops"; AWS
/// Compute Blog, "Detecting and stopping recursive loops in AWS Lambda functions", 2023-07-13;
/// PutFunctionRecursionConfig.

#include <vector>

#include "spillway/settings.hpp"
#include "spillway/world.hpp"

namespace spillway {

/// The chains in which the functions of one world are; a chain's room is used again when its journey is over.
class RecursiveLoops : public Shared {
 public:
  explicit RecursiveLoops(World& world) : world_(world) {}

  /// Whether a chain may lead from a function back to it: only then is there anything to count. Asked when
  /// the topology is whole.
  bool lead_back(ServiceId function);

  /// Counts an invocation that is asked for, of each message when it carries several; true when one of them
  /// is to be dropped.
  bool counts(ServiceId function, const Call& call);
  /// The invocation that was just counted was throttled, and will be asked for again.
  void not_run(ServiceId function, const Call& call);

 private:
  struct Count {
    ServiceId function{};
    std::uint32_t lineage = 0;
    std::int32_t invocations = 0;
    bool not_run = false;  ///< the last of them was throttled
  };
  struct Chain {
    Time born{};
    std::uint64_t ordinal = UINT64_MAX;
    std::vector<Count> counts{};
  };

  void find_next();
  Chain& chain_of(JourneyId journey);
  static Count* find(Chain& chain, ServiceId function, std::uint32_t lineage);
  bool count(ServiceId function, JourneyId journey, Lineage lineage, bool continues);
  void fork(ServiceId function, Chain& chain, Lineage lineage);
  bool continues(const Call& call);

  World& world_;
  std::vector<std::vector<ServiceId>> next_;  ///< where a chain may go on, by service
  std::vector<std::uint32_t> siblings_;       ///< by service: the most that one of its ports has
  std::vector<Chain> chains_;                 ///< by journey
};

Setting describe_recursive_loop();

}  // namespace spillway
