#pragma once
/// Which layer tried again, told from who calls whom: a client, the SDK in a handler, an event source that
/// brings a queue's messages again, Lambda's own queue of events, the Retry of a state machine.

#include <array>
#include <string>
#include <vector>

#include "experiment/experiment.hpp"
#include "scenario/static/topology.hpp"

namespace spillway {

/// Those who try again, from the client inwards. What an event source brings again counts as redelivery by
/// its queue, throttled batches included.
inline constexpr std::array kRetryLayers{RetryLayer::client,       RetryLayer::sdk,      RetryLayer::redrive,
                                         RetryLayer::asynchronous, RetryLayer::workflow, RetryLayer::hedge};

/// Repeats on one edge: work that was sent to its callee before.
struct EdgeRepeats {
  RetryLayer layer = RetryLayer::none;  ///< who tries again on this edge
  std::uint64_t made = 0;               ///< by that layer
  std::uint64_t hedged = 0;             ///< sent beside another request that was not answered yet
  std::uint64_t passed_on = 0;          ///< since the caller itself was asked again
};
EdgeRepeats repeats_on(const EdgeResult& edge, const RunResult& run, const std::vector<std::string>& clients);

/// The queue whose messages an event source brings; empty when `name` is none.
std::string queue_of_event_source(const std::string& name);

}  // namespace spillway
