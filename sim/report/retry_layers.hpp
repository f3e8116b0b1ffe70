#pragma once
/// How often each layer tried again, told from who calls whom: a client, the SDK in a handler, an event
/// source that brings a queue's messages again, Lambda's own queue of events. What they caused further on is
/// no attempt of theirs, and not counted here.

#include <string>
#include <vector>

#include "experiment/experiment.hpp"
#include "spillway/retry_layer.hpp"

namespace spillway {

/// The repeats on one edge that were made there, and not passed on since the caller itself was asked again.
ByRetryLayer<std::uint64_t> repeats_made(const EdgeResult& edge, const RunResult& run,
                                         const std::vector<std::string>& clients);

}  // namespace spillway
