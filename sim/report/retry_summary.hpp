#pragma once
/// Which layer tried again, and how much more reached each resource than was new to it, beside the bound that
/// its retry policies allow: what `run` says below its summary.

#include <string>

#include "report/retry_layers.hpp"
#include "report/static_view.hpp"
#include "report/terminal.hpp"

namespace spillway {

/// Attempts beyond the first that this layer made, in each replication.
Estimate retries(const Experiment& experiment, RetryLayer layer);

/// Empty when nothing was tried again.
std::string retry_summary(const Experiment& experiment, const StaticView& view, const TerminalStyle& style);

/// What circuit breakers held back and what hedging won, edge by edge; empty where there are none.
std::string guard_summary(const Experiment& experiment, const TerminalStyle& style);

}  // namespace spillway
