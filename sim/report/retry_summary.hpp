#pragma once
/// Which layer tried again, and how much more reached each resource than was new to it, beside the bound that
/// its retry policies allow: what `run` says below its summary.

#include <array>
#include <string>

#include "report/static_view.hpp"
#include "report/terminal.hpp"

namespace spillway {

/// Those who try again, from the client inwards. What an event source brings again counts as redelivery by
/// its queue, throttled batches included.
inline constexpr std::array kRetryLayers{RetryLayer::client, RetryLayer::sdk, RetryLayer::redrive,
                                         RetryLayer::asynchronous, RetryLayer::workflow};

/// Attempts beyond the first that this layer made, in each replication.
Estimate retries(const Experiment& experiment, RetryLayer layer);

/// Empty when nothing was tried again.
std::string retry_summary(const Experiment& experiment, const StaticView& view, const TerminalStyle& style);

}  // namespace spillway
