#include "services/recursive_loops.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "services/function.hpp"
#include "services/function_events.hpp"
#include "services/queue.hpp"
#include "services/sqs_event_source.hpp"

namespace spillway {

namespace {

constexpr std::int32_t kMostInvocations = 16;  // of a function in one chain

template <class Kind>
bool is_a(const Service& service) {
  return dynamic_cast<const Kind*>(&service) != nullptr;
}

bool invokes_functions(const Service& service) {
  return is_a<Function>(service) || is_a<FunctionEvents>(service) || is_a<SqsEventSource>(service);
}

/// Whether chains go on through a service.
bool is_supported(const Service& service) { return invokes_functions(service) || is_a<Queue>(service); }

bool is_url(const Port& port) { return port.config.operation == "url"; }

}  // namespace

// ---- The topology --------------------------------------------------------------------------------------

void RecursiveLoops::find_next() {
  next_.resize(world_.services().size());
  siblings_.resize(next_.size());
  const auto add = [&](const Service& from, const Service& to) {
    if (is_supported(from) && is_supported(to)) next_[static_cast<std::size_t>(from.id())].push_back(to.id());
  };
  for (std::uint32_t number = 0; number < world_.port_count(); ++number) {
    const Port& port = world_.port(PortId{number});
    if (!is_url(port)) add(world_.service(port.from), world_.service(port.to));
    std::uint32_t& siblings = siblings_[static_cast<std::size_t>(port.from)];
    siblings = std::max(siblings, port.config.sibling);
  }
  for (const auto& service : world_.services()) {  // a queue hands its messages out without a port
    const auto* const source = dynamic_cast<const SqsEventSource*>(service.get());
    if (source != nullptr) add(source->queue(), *source);
  }
}

bool RecursiveLoops::lead_back(ServiceId function) {
  if (next_.empty()) find_next();
  std::vector<bool> seen(next_.size());
  std::vector<ServiceId> open{function};
  while (!open.empty()) {
    const ServiceId from = open.back();
    open.pop_back();
    for (const ServiceId to : next_[static_cast<std::size_t>(from)]) {
      if (to == function) return true;
      if (seen[static_cast<std::size_t>(to)]) continue;
      seen[static_cast<std::size_t>(to)] = true;
      open.push_back(to);
    }
  }
  return false;
}

// ---- Chains --------------------------------------------------------------------------------------------

RecursiveLoops::Chain& RecursiveLoops::chain_of(JourneyId id) {
  const auto number = static_cast<std::size_t>(id);
  if (chains_.size() <= number) chains_.resize(number + 1);
  Chain& chain = chains_[number];
  const Journey& journey = world_.journeys()[id];
  if (chain.ordinal != journey.ordinal || chain.born != journey.born) {  // another one's, which is over
    chain.born = journey.born;
    chain.ordinal = journey.ordinal;
    chain.counts.clear();
  }
  return chain;
}

RecursiveLoops::Count* RecursiveLoops::find(Chain& chain, ServiceId function, std::uint32_t lineage) {
  const auto found = std::ranges::find_if(chain.counts, [&](const Count& count) {
    return count.function == function && count.lineage == lineage;
  });
  return found == chain.counts.end() ? nullptr : &*found;
}

bool RecursiveLoops::continues(const Call& call) {
  const Port& port = world_.port(PortId{call.port});
  return !is_url(port) && invokes_functions(world_.service(port.from));
}

bool RecursiveLoops::counts(ServiceId function, const Call& call) {
  if (call.batch == kNoReceipt) return count(function, call.journey, call.lineage, continues(call));
  bool drops = false;
  for (ReceiptId id = call.batch; id != kNoReceipt; id = world_.receipts()[id].next) {
    const Receipt& receipt = world_.receipts()[id];
    drops |= count(function, receipt.journey, receipt.lineage, true);
  }
  return drops;
}

bool RecursiveLoops::count(ServiceId function, JourneyId journey, Lineage lineage, bool continues) {
  Chain& chain = chain_of(journey);
  std::int32_t invocations = 1;
  if (Count* const known = find(chain, function, lineage.word)) {
    const bool tried_again = std::exchange(known->not_run, false);
    if (continues && !tried_again && known->invocations <= kMostInvocations) ++known->invocations;
    invocations = known->invocations;
  } else {
    if (lineage.repeat()) {  // of the last one, whatever became of it
      for (const Count& count : chain.counts)
        if (count.function == function) invocations = std::max(invocations, count.invocations);
    }
    chain.counts.push_back({.function = function, .lineage = lineage.word, .invocations = invocations});
  }
  if (invocations > kMostInvocations) return true;
  fork(function, chain, lineage);
  return false;
}

/// Each of several calls of one target has a lineage of its own, and goes on from the counts of this one.
void RecursiveLoops::fork(ServiceId function, Chain& chain, Lineage lineage) {
  for (std::uint32_t n = 1; n <= siblings_[static_cast<std::size_t>(function)]; ++n) {
    const std::uint32_t own = lineage.sibling(n).word;
    if (find(chain, function, own) != nullptr) continue;
    const std::size_t known = chain.counts.size();
    for (std::size_t i = 0; i < known; ++i) {
      const Count count = chain.counts[i];
      if (count.lineage != lineage.word || find(chain, count.function, own) != nullptr) continue;
      chain.counts.push_back({count.function, own, count.invocations});
    }
  }
}

void RecursiveLoops::not_run(ServiceId function, const Call& call) {
  const auto note = [&](JourneyId journey, Lineage lineage) {
    if (Count* const counted = find(chain_of(journey), function, lineage.word)) counted->not_run = true;
  };
  if (call.batch == kNoReceipt) return note(call.journey, call.lineage);
  for (ReceiptId id = call.batch; id != kNoReceipt; id = world_.receipts()[id].next)
    note(world_.receipts()[id].journey, world_.receipts()[id].lineage);
}

// ---- The function's part -------------------------------------------------------------------------------

bool Function::looped(const Call& call) {
  if (!loops_->counts(id(), call)) return false;
  ++loops_dropped_;
  return true;
}

std::string Function::details() const {
  if (loops_ == nullptr) return {};
  return fmt::format(R"({{"recursive_invocations_dropped":{}}})", loops_dropped_);
}

Setting describe_recursive_loop() {
  return choice(
             "recursive_loop",
             "What becomes of the 17th invocation in a chain that leads back to the function through queues "
             "and invocations.",
             {"terminate", "allow"})
      .fallback("terminate")
      .source("Lambda Developer Guide, recursive loop detection");
}

}  // namespace spillway
