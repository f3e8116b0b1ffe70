#include "services/function_events.hpp"

#include <algorithm>
#include <map>

#include "services/queue.hpp"

namespace spillway {

namespace {

constexpr std::string_view kInvokeAsync = "invoke_async";
constexpr std::uint32_t kBytesIncluded = 256 * 1024;  // in an event's first request (Lambda pricing, 2026)
constexpr std::uint32_t kBilledChunk = 64 * 1024;     // each further request

}  // namespace

FunctionEvents::FunctionEvents(World& world, std::string name, Function& function)
    : Service(world, std::move(name)),
      function_(function),
      config_(function.async()),
      requests_(world.meter("lambda.requests")),
      duplicate_draws_(world.stream(this->name() + "/duplicates")),
      delivery_draws_(world.stream(this->name() + "/delivery")),
      salt_(static_cast<std::uint32_t>(delivery_draws_.key())),
      invocations_(world.connect(id(), function.id())) {
  if (config_.on_success) on_success_ = destination(*config_.on_success, false);
  if (config_.dead_letters) dead_letters_ = destination(*config_.dead_letters, true);
  if (!config_.on_failure) return;
  const auto* const queue = dynamic_cast<const Queue*>(&world.service(*config_.on_failure));
  failure_is_final_ = queue != nullptr && !queue->has_consumers();
  on_failure_ = destination(*config_.on_failure, failure_is_final_);
}

/// Lambda sends with an SDK's retries (assumption: the standard ones).
PortId FunctionEvents::destination(ServiceId to, bool dead) {
  PortConfig port{.retry = *find_retry_profile("sdk-standard")};
  if (dynamic_cast<const Function*>(&world().service(to)) != nullptr) port.operation = kInvokeAsync;
  if (dead) port.operation = "dead_letter";
  return world().connect(id(), to, std::move(port));
}

void FunctionEvents::start() {
  for (const Mark mark : {Mark::event_retried, Mark::event_exhausted, Mark::event_expired})
    function_.note(mark, 0);
  if (config_.on_success || config_.on_failure || config_.dead_letters)
    function_.note(Mark::destination_failed, 0);
}

void FunctionEvents::on_call(CallId id) {
  const Call call = record(id);
  if (call.bytes > config_.maximum_bytes) {
    answer(id, Outcome::refused);
    return;
  }
  if (call.bytes > kBytesIncluded)
    use(requests_, (call.bytes - kBytesIncluded + kBilledChunk - 1) / kBilledChunk, call);
  world().add_branch_waits(call.journey, call.waits);
  accept(call.journey, call.lineage, call.bytes);
  if (config_.duplicates > 0) {
    Draws draws = world().draws(duplicate_draws_, call.journey, call.lineage);
    if (draws.chance(config_.duplicates)) {
      accept(call.journey, call.lineage.attempt(salt_ + 1, 2, RetryLayer::asynchronous), call.bytes);
    }
  }
  show_levels();
  answer(id, Outcome::ok);
}

void FunctionEvents::accept(JourneyId of, Lineage lineage, std::uint32_t bytes) {
  const EventId id = events_.take();
  events_[id] = {.accepted = now(), .waits_since = now(), .journey = of, .lineage = lineage, .bytes = bytes};
  world().begin_branch(of);
  world().refer(of);
  ++waiting_;
  Draws draws = world().draws(delivery_draws_, of, lineage);
  after<&FunctionEvents::invoke>(config_.delivery_latency.duration(draws), id);
}

void FunctionEvents::invoke(EventId id) {
  Event& event = events_[id];
  (event.attempts == 0 ? event.queued : event.backoff) += now() - event.waits_since;
  --waiting_;
  if (now() - event.accepted >= config_.maximum_age) {
    give_up(id, Mark::event_expired, Ending::expired);
    return;
  }
  if (event.attempts < UINT16_MAX) ++event.attempts;
  show_levels();
  call(invocations_, {.journey = event.journey,
                      .tag = static_cast<std::uint32_t>(id),
                      .bytes = event.bytes,
                      .lineage = event.lineage.attempt(salt_, event.attempts, RetryLayer::asynchronous)});
}

void FunctionEvents::on_answer(CallId answered) {
  const Call& call = record(answered);
  const auto id = EventId{call.tag};
  PortId{call.port} == invocations_ ? invoked(id, call) : delivered(id, call);
}

void FunctionEvents::invoked(EventId id, const Call& call) {
  Event& event = events_[id];
  const bool ran = call.outcome == Outcome::ok || call.outcome == Outcome::error;
  if (ran) event.throttles = 0;
  switch (call.outcome) {
    case Outcome::ok:
      world().add_branch_waits(event.journey, call.waits);
      event.deliveries = 1;
      if (on_success_ != kNoPort) deliver(id, on_success_);
      return end(id);
    case Outcome::error:
      if (event.errors == config_.maximum_retries) return give_up(id, Mark::event_exhausted, Ending::failed);
      ++event.errors;
      function_.note(Mark::event_retried);
      return wait(id, event.errors == 1 ? config_.first_wait : config_.second_wait);
    case Outcome::refused: return give_up(id, Mark::event_exhausted, Ending::failed);
    default: back_off(id);
  }
}

void FunctionEvents::back_off(EventId id) {
  if (function_.config().reserved_concurrency == 0) return give_up(id, Mark::event_exhausted, Ending::failed);
  Event& event = events_[id];
  Duration delay = config_.backoff;
  for (std::uint16_t i = 0; i < event.throttles && delay < config_.backoff_cap; ++i)
    delay *= config_.backoff_factor;
  if (event.throttles < UINT16_MAX) ++event.throttles;
  wait(id, std::min(delay, config_.backoff_cap));
}

/// The event is looked at again after `delay`, or when it is too old.
void FunctionEvents::wait(EventId id, Duration delay) {
  Event& event = events_[id];
  event.waits_since = now();
  ++waiting_;
  show_levels();
  const Duration left = event.accepted + config_.maximum_age - now();
  after<&FunctionEvents::invoke>(std::max(Duration::zero(), std::min(delay, left)), id);
}

void FunctionEvents::give_up(EventId id, Mark why, Ending ending) {
  function_.note(why);
  events_[id].ending = ending;
  if (dead_letters_ == kNoPort && on_failure_ == kNoPort) function_.note(Mark::dropped);
  events_[id].deliveries = 1;
  if (dead_letters_ != kNoPort) deliver(id, dead_letters_);
  if (on_failure_ != kNoPort) deliver(id, on_failure_);
  end(id);
}

void FunctionEvents::deliver(EventId id, PortId port) {
  Event& event = events_[id];
  ++event.deliveries;
  call(port, {.journey = event.journey,
              .tag = static_cast<std::uint32_t>(id),
              .bytes = event.bytes,
              .lineage = event.lineage});
}

void FunctionEvents::delivered(EventId id, const Call& call) {
  const PortId port{call.port};
  if (call.outcome != Outcome::ok) {
    function_.note(Mark::destination_failed);
  } else if (port == dead_letters_ || (port == on_failure_ && failure_is_final_)) {
    function_.note(Mark::dead_lettered);
    events_[id].ending = Ending::dead_lettered;
  } else if (port == on_failure_ && events_[id].ending == Ending::expired) {
    events_[id].ending = Ending::failed;  // it was not lost: the destination knows of it
  }
  end(id);
}

/// Unless a destination has still to answer.
void FunctionEvents::end(EventId id) {
  if (--events_[id].deliveries > 0) return;
  const Event event = events_[id];
  events_.release(id);
  world().add_branch_waits(event.journey, {.queued = event.queued, .backoff = event.backoff});
  show_levels();
  world().end_branch(event.journey, event.ending);
  world().unrefer(event.journey);
}

void FunctionEvents::show_levels() {
  level(Gauge::backlog, waiting_);
  level(Gauge::in_flight, events_.alive() - waiting_);
}

void connect_function_events(World& world) {
  std::map<ServiceId, ServiceId> queues;
  for (std::size_t number = 0; number < world.port_count();
       ++number) {  // a queue's destinations are ports too
    Port& port = world.port(PortId{static_cast<std::uint32_t>(number)});
    if (port.config.operation != kInvokeAsync) continue;
    auto* const function = dynamic_cast<Function*>(&world.service(port.to));
    if (function == nullptr) continue;
    const auto [row, made] = queues.try_emplace(port.to);
    if (made) row->second = world.add<FunctionEvents>(function->name() + "<events", *function).id();
    port.to = row->second;
  }
}

}  // namespace spillway
