#include "observe/traces.hpp"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

namespace spillway {

namespace {

std::int64_t since_start(Time at) { return (at - kStart).count(); }

bool slower(const Trace& a, const Trace& b) { return a.total > b.total; }

/// Who caused a hop of this journey, when it does again what has reached its callee before. A batch may bring
/// new messages beside those that were delivered before, unless the event source invokes it again as it was.
RetryLayer layer_of(const Call& call, const Receipt* message) {
  if (!call.repeat) return RetryLayer::none;
  const RetryLayer layer = call.lineage.layer();
  const bool again = message == nullptr || message->repeat || layer == RetryLayer::event_source;
  return again ? layer : RetryLayer::none;
}

}  // namespace

void Traces::observe(const Fact& fact) {
  switch (fact.kind) {
    case FactKind::born: return born(fact);
    case FactKind::sent: return sent(fact);
    case FactKind::answered: return answered(fact);
    case FactKind::responded: return responded(fact);
    default: return ended(fact);
  }
}

void Traces::born(const Fact& fact) {
  const Journey& journey = world_.journeys()[JourneyId{fact.subject}];
  if (!journey.counted) return;
  if (free_.empty()) {
    if (open_.size() >= kFollowed) return;
    open_.emplace_back();
    free_.push_back(static_cast<std::uint32_t>(open_.size()));
  }
  if (fact.subject >= places_.size()) places_.resize(std::size_t{fact.subject} * 2 + 64);
  places_[fact.subject] = free_.back();
  Trace& trace = open_[free_.back() - 1];
  free_.pop_back();
  trace.hops.clear();  // keeps its memory
  trace = {.born = since_start(fact.at),
           .client = journey.client,
           .ordinal = journey.ordinal,
           .hops = std::move(trace.hops)};
}

template <class Visit>
void Traces::each_trace(const Call& call, Visit&& visit) {
  if (call.batch == kNoReceipt) {
    if (Trace* const trace = trace_of(call.journey)) visit(*trace, nullptr);
    return;
  }
  for (ReceiptId id = call.batch; id != kNoReceipt; id = world_.receipts()[id].next) {
    const Receipt& message = world_.receipts()[id];
    if (Trace* const trace = trace_of(message.journey)) visit(*trace, &message);
  }
}

void Traces::sent(const Fact& fact) {
  const Call& call = world_.calls()[CallId{fact.subject}];
  each_trace(call, [&](Trace& trace, const Receipt* message) {
    if (trace.hops.size() >= kMostHops) {
      ++trace.more_hops;
      return;
    }
    trace.hops.push_back({.call = fact.subject,
                          .port = call.port,
                          .attempt = call.attempt,
                          .layer = layer_of(call, message),
                          .sent = since_start(fact.at)});
  });
}

void Traces::answered(const Fact& fact) {
  const Call& call = world_.calls()[CallId{fact.subject}];
  each_trace(call, [&](Trace& trace, const Receipt*) {
    for (auto hop = trace.hops.rbegin(); hop != trace.hops.rend(); ++hop) {
      if (hop->call != fact.subject || hop->answered) continue;
      hop->answered = true;
      hop->took = fact.value;
      hop->outcome = Outcome{fact.detail};
      return;
    }
  });
}

void Traces::responded(const Fact& fact) {
  Trace* const trace = trace_of(JourneyId{fact.subject});
  if (trace == nullptr) return;
  trace->response = fact.value;
}

void Traces::ended(const Fact& fact) {
  Trace* const trace = trace_of(JourneyId{fact.subject});
  if (trace == nullptr) return;
  trace->total = fact.value;
  trace->ending = Ending{fact.detail};
  trace->waits = world_.branch_waits(JourneyId{fact.subject});
  for (TraceHop& hop : trace->hops) {
    if (!hop.answered) hop.took = since_start(fact.at) - hop.sent;
  }
  ++result_.followed;
  free_.push_back(places_[fact.subject]);
  places_[fact.subject] = 0;
  const bool room = result_.slowest.size() < kKept;
  if (room || trace->total > result_.slowest.front().total) keep(std::move(*trace));
}

/// result_.slowest is a heap whose front is the fastest of the kept.
void Traces::keep(Trace&& trace) {
  if (result_.slowest.size() == kKept) {
    std::ranges::pop_heap(result_.slowest, slower);
    result_.slowest.pop_back();
  }
  result_.slowest.push_back(std::move(trace));
  std::ranges::push_heap(result_.slowest, slower);
}

namespace {

/// By port, its row among the results' edges: several places of one caller that ask the same are one edge.
std::vector<std::uint16_t> edges_of_ports(World& world) {
  std::vector<std::tuple<ServiceId, std::string_view, std::string_view>> edges;
  std::vector<std::uint16_t> rows;
  for (std::size_t number = 0; number < world.port_count(); ++number) {
    const Port& port = world.port(PortId{static_cast<std::uint32_t>(number)});
    const std::tuple edge{port.from, std::string_view(world.service(port.to).name()),
                          std::string_view(port.config.operation)};
    const auto known = std::ranges::find(edges, edge);
    rows.push_back(static_cast<std::uint16_t>(known - edges.begin()));
    if (known == edges.end()) edges.push_back(edge);
  }
  return rows;
}

}  // namespace

TraceReport Traces::report() {
  const std::vector<std::uint16_t> edges = edges_of_ports(world_);
  for (Trace& trace : result_.slowest) {
    for (TraceHop& hop : trace.hops) hop.port = edges[hop.port];
  }
  std::ranges::sort(result_.slowest, [](const Trace& a, const Trace& b) {
    return a.total != b.total ? a.total > b.total : a.born < b.born;
  });
  return std::move(result_);
}

}  // namespace spillway
