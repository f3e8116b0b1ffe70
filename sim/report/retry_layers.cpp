#include "report/retry_layers.hpp"

#include <algorithm>

namespace spillway {

namespace {

/// Lambda's own queue of events, which is invoked in a function's place; an event source is asked nothing.
bool is_event_queue(const std::string& name, const RunResult& run) {
  return std::ranges::any_of(
      run.edges, [&](const EdgeResult& edge) { return edge.to == name && edge.operation == "invoke_async"; });
}

/// Clients of a WebSocket API that come back are its own callers there.
bool is_return(const EdgeResult& edge, const RunResult& run) {
  return edge.from == edge.to && std::ranges::any_of(run.resources, [&](const ResourceResult& resource) {
           return resource.name == edge.from && resource.type == "aws.apigateway.websocket";
         });
}

/// An event source is called function<queue, and Lambda's own queue function<events, as is an event source of
/// a queue that is called events.
RetryLayer layer_of(const EdgeResult& edge, const RunResult& run, const std::vector<std::string>& clients) {
  if (!queue_of_event_source(edge.from).empty())
    return is_event_queue(edge.from, run) ? RetryLayer::asynchronous : RetryLayer::redrive;
  const bool by_client = std::ranges::find(clients, edge.from) != clients.end() || is_return(edge, run);
  return by_client ? RetryLayer::client : RetryLayer::sdk;
}

}  // namespace

std::string queue_of_event_source(const std::string& name) {
  const std::size_t mark = name.find('<');
  return mark == std::string::npos ? std::string() : name.substr(mark + 1);
}

/// An event source never repeats a call: it makes a new one with the same messages.
EdgeRepeats repeats_on(const EdgeResult& edge, const RunResult& run,
                       const std::vector<std::string>& clients) {
  const RetryLayer layer = layer_of(edge, run, clients);
  const CallCounts& counts = edge.calls.counts;
  if (layer == RetryLayer::redrive || layer == RetryLayer::asynchronous)
    return {.layer = layer, .made = counts.repeats};
  const std::uint64_t not_resent = counts.repeats - std::min(counts.repeats, counts.resent);
  const std::uint64_t hedged = std::min(not_resent, counts.guards.hedges);
  return {.layer = layer, .made = counts.resent, .hedged = hedged, .passed_on = not_resent - hedged};
}

}  // namespace spillway
