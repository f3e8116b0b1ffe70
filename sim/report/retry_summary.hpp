#pragma once
/// Which layer tried again, and how much more reached each resource than was new to it, beside the bound that
/// its retry policies allow: what `run` says below its summary.

#include <string>

#include "report/static_view.hpp"
#include "report/terminal.hpp"

namespace spillway {

/// Attempts beyond the first in all replications, by who made them.
struct RetriesByLayer {
  std::uint64_t client = 0;      ///< of calls by clients
  std::uint64_t sdk = 0;         ///< of calls by everybody else
  std::uint64_t redelivery = 0;  ///< messages that an event source brought again, throttled batches included

  std::uint64_t workflow = 0;  ///< attempts that the Retry of a state machine's states made

  std::uint64_t all() const { return client + sdk + redelivery + workflow; }
};
RetriesByLayer retries_by_layer(const Experiment& experiment);

/// Empty when nothing was tried again.
std::string retry_summary(const Experiment& experiment, const StaticView& view, const TerminalStyle& style);

}  // namespace spillway
