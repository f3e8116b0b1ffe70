#pragma once
/// How often each layer tried again, told from who calls whom: a client, the SDK in a handler, an event
/// source that brings a queue's messages again, Lambda's own queue of events. What they caused further on is
/// no attempt of theirs, and not counted here: it is in what they cost.

#include <concepts>
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "experiment/experiment.hpp"
#include "observe/money.hpp"
#include "spillway/retry_layer.hpp"

namespace spillway {

/// The repeats on one edge that were made there, and not passed on since the caller itself was asked again.
ByRetryLayer<std::uint64_t> repeats_made(const EdgeResult& edge, const RunResult& run,
                                         const std::vector<std::string>& clients);

/// The layers whose repeated attempts cost something, by name, each amount as `shown` writes it.
template <std::invocable<const Money&> Shown>
nlohmann::ordered_json costs_by_layer(const ByRetryLayer<Money>& costs, Shown&& shown) {
  auto all = nlohmann::ordered_json::object();
  for (const RetryLayer layer : kLayersTryingAgain) {
    if (!costs[layer].is_zero()) all[name_of(layer)] = std::invoke(shown, costs[layer]);
  }
  return all;
}

}  // namespace spillway
