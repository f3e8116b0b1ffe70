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
bool brings_messages(const std::string& name) { return name.find('<') != std::string::npos; }

/// Who brings messages never repeats a call: it makes a new one with the same messages. So what its edge
/// repeats is made there.
constexpr std::array kBringers{RetryLayer::event_source, RetryLayer::redrive};

}  // namespace

ByRetryLayer<std::uint64_t> repeats_made(const EdgeResult& edge, const RunResult& run,
                                         const std::vector<std::string>& clients) {
  const CallCounts& counts = edge.calls.counts;
  ByRetryLayer<std::uint64_t> made;
  made[RetryLayer::hedge] = counts.guards.hedges;
  if (brings_messages(edge.from) && !is_event_queue(edge.from, run)) {
    for (const RetryLayer layer : kBringers) made[layer] = counts.repeats_by[layer];
    return made;
  }
  if (brings_messages(edge.from))
    made[RetryLayer::asynchronous] = counts.repeats_by[RetryLayer::asynchronous];
  const bool by_client = std::ranges::find(clients, edge.from) != clients.end() || is_return(edge, run);
  made[by_client ? RetryLayer::client : RetryLayer::sdk] = counts.resent;
  return made;
}

}  // namespace spillway
