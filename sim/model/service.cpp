// A call's life: sent, delivered, answered or timed out, tried again after a back-off, settled, forgotten.
//
// One record serves a call through all its attempts, as long as the callee answers. When the caller stops
// waiting, the callee keeps the old record (it runs on, as in reality, and its late answer is dropped and
// counted) and the caller goes on with a copy.
//
// Every hop of every request comes through here. What all of them do is one straight line in call() and one
// in answer(), which look each record up once; what few of them do stands apart.

#include "spillway/service.hpp"

#include "spillway/world.hpp"

namespace spillway {

namespace {

// Hand-offs without delay nest on the stack; beyond this depth they go through the event set.
constexpr int kDeepest = 256;

// The records of fewer calls stay near by themselves.
constexpr std::uint32_t kManyCalls = 2048;

[[gnu::noinline]] void count_repeats(const Port& port, const Call& call, std::int32_t items) {
  if (port.tally != nullptr) port.tally->repeated(call.lineage.layer(), items);
}

/// Whether an attempt does again what has reached its callee for this journey before; from now on it has.
bool reaches_again(const Call& call, const Port& port, Journey& journey) {
  bool again = false;
  if (call.lineage.repeat()) [[unlikely]] {
    again = port.bit == 0 || (journey.reached & port.bit) != 0;
    if (again) count_repeats(port, call, 1);
  }
  journey.reached |= port.bit;
  return again;
}

}  // namespace

Service::Service(World& world, std::string name)
    : Actor(world.simulation()),
      world_(world),
      id_(ServiceId(world.services().size())),
      name_(std::move(name)) {}

CallId Service::call(PortId port_id, const Request& request) {
  Port& port = world_.port(port_id);
  const CallId id = world_.calls_.take([&](void* place) {
    new (place) Call{.born = now(),
                     .sent = now(),
                     .journey = request.journey,
                     .tag = request.tag,
                     .batch = request.batch,
                     .lineage = request.lineage.sibling(port.sibling),
                     .bytes = request.bytes,
                     .port = static_cast<std::uint16_t>(port_id)};
  });
  if (request.served != kNoCall && world_.calls_.alive() >= kManyCalls) {
    port.nested = true;
    world_.path_.made(id, request.served);
  }
  Call& call = world_.calls_[id];
  Journey& journey = world_.journeys_[request.journey];
  ++journey.references;
  if (port.watched && held_back(id, call, port)) [[unlikely]]
    return id;
  std::int32_t items = request.items;
  std::int32_t repeats = request.repeats;
  if (request.batch == kNoReceipt) [[likely]] {
    items = 1;
    repeats = reaches_again(call, port, journey) ? 1 : 0;
  } else if (repeats > 0) {
    count_repeats(port, call, repeats);
  }
  if (repeats > 0) [[unlikely]]
    call.repeat = true;
  send(id, call, port, items, repeats);
  return id;
}

/// The adaptive mode may hold back a first attempt, too, and an open circuit lets none out.
bool Service::held_back(CallId id, Call& call, Port& port) {
  const bool adaptive = port.config.retry.adaptive;
  const Duration hold = adaptive ? port.retries.limiter().acquire(now()) : Duration::zero();
  if (hold <= Duration::zero()) return port.guards != nullptr && !port.guards->lets_out(id, call);
  call.waits.backoff += hold;
  after<&Service::send_again>(hold, id);
  return true;
}

void Service::send_again(CallId id) {
  Call& call = world_.calls_[id];
  Port& port = world_.port(PortId{call.port});
  if (port.guards != nullptr && !port.guards->lets_out(id, call)) return;
  call.sent = now();
  call.outcome = Outcome::ok;
  call.repeat = reaches_again(call, port, world_.journeys_[call.journey]);
  send(id, call, port, 1, call.repeat ? 1 : 0);
}

[[gnu::always_inline]] inline void Service::send(CallId id, Call& call, Port& port, std::int32_t items,
                                                 std::int32_t repeats) {
  Service& callee = *port.callee;
  if (port.tally != nullptr) [[likely]]
    port.tally->sent(now(), items, repeats, call.attempt);
  if (world_.facts_.heard(FactKind::sent)) [[unlikely]]
    callee.publish(FactKind::sent, static_cast<std::uint32_t>(id), items, repeats, call.attempt);

  if (port.timeout > Duration::zero()) [[likely]] {
    port.deadlines.enter(call.sent);
    call.timed = true;
    if (!port.timer_armed) [[unlikely]]
      arm_timer(PortId{call.port}, port);
  }
  if (port.latency > Duration::zero() || world_.depth_ >= kDeepest) {
    callee.after<&Service::deliver>(port.latency, id);
    return;
  }
  ++world_.depth_;
  callee.on_call(id);
  --world_.depth_;
}

void Service::arm_timer(PortId id, Port& port) {
  port.timer_armed = true;
  after<&Service::deadline_passed>(port.timeout, id);
}

void Service::deliver(CallId id) { on_call(id); }

void Service::answer(CallId id, Outcome outcome) {
  Call& call = world_.calls_[id];
  Port& port = world_.port(PortId{call.port});
  if (world_.calls_.alive() >= kManyCalls) {
    if (port.nested) world_.path_.follow(id, world_.calls_);
    port.caller->foresee_answer(call.tag);
  }
  call.outcome = outcome;
  if (outcome == Outcome::ok && call.batch == kNoReceipt && world_.note_done(call.journey, port, call.repeat))
      [[unlikely]] {
    mark(port.config.keyed ? Mark::duplicate_suppressed : Mark::duplicate);
  }
  if (call.abandoned) [[unlikely]]
    return drop_late(id, call);
  Service& caller = *port.caller;
  if (port.latency > Duration::zero() || world_.depth_ >= kDeepest) {
    caller.after<&Service::settle>(port.latency, id);
    return;
  }
  ++world_.depth_;
  caller.conclude(id, call, port, outcome);
  --world_.depth_;
}

void Service::settle(CallId id) {
  Call& call = world_.calls_[id];
  Port& port = world_.port(PortId{call.port});
  // The answer may have been on its way when the caller stopped waiting.
  call.abandoned ? port.callee->drop_late(id, call) : conclude(id, call, port, call.outcome);
}

/// `outcome` is the call's. It comes along in a register: read back from among the flags that were written
/// a moment ago, it would wait for them.
[[gnu::always_inline]] inline void Service::conclude(CallId id, Call& call, Port& port, Outcome outcome) {
  if (call.timed) [[likely]] {
    port.deadlines.leave(call.sent);
    call.timed = false;
  }
  if (CallTally::at_once(call, outcome) && !port.watched) [[likely]] {
    if (port.tally != nullptr) [[likely]]
      port.tally->served(call, now());
    if (world_.facts_.heard(FactKind::answered, FactKind::settled)) [[unlikely]] {
      port.callee->publish_end(FactKind::answered, id, call.sent, outcome);
      port.callee->publish_end(FactKind::settled, id, call.born, outcome);
    }
    if (port.has_quota) port.retries.succeeded(port.config.retry, call.failed_before);
  } else if (!conclude_otherwise(id, call, port)) {
    return;
  }
  on_answer(id);
  forget(id, call);
}

/// What was tried before, failed, or is watched. False when the call is not over.
bool Service::conclude_otherwise(CallId id, Call& call, Port& port) {
  const Outcome outcome = call.outcome;
  Service& callee = *port.callee;
  if (port.tally != nullptr) {
    CallTally::at_once(call, outcome) ? port.tally->served(call, now())
                                      : port.tally->answered(call, port, now());
  }
  callee.publish_end(FactKind::answered, id, call.sent, outcome);
  if (outcome == Outcome::ok && !port.watched) {
    if (port.has_quota) port.retries.succeeded(port.config.retry, call.failed_before);
  } else if (port.tries_again && goes_on(id, call, port, callee)) {
    return false;
  }
  if (port.tally != nullptr && !CallTally::at_once(call, outcome)) port.tally->settled(call, now());
  callee.publish_end(FactKind::settled, id, call.born, outcome);
  return true;
}

void Service::publish_end(FactKind kind, CallId id, Time began, Outcome outcome) {
  publish(kind, static_cast<std::uint32_t>(id), (now() - began).count(), 0,
          static_cast<std::uint8_t>(outcome));
}

/// Whether the call is not over though an attempt of it was answered.
bool Service::goes_on(CallId id, Call& call, Port& port, Service& callee) {
  if (port.guards != nullptr && port.guards->keeps(id, call)) return true;
  return tries_again(id, call, port, callee);
}

/// What follows a failed attempt, or one of a client that adapts its rate; true when it is another one.
bool Service::tries_again(CallId id, Call& call, Port& port, Service& callee) {
  const RetryPolicy& policy = port.config.retry;
  const Draws draws = world_.draws(port.draws, call.journey, call.lineage);
  if (policy.adaptive) port.retries.limiter().answered(now(), call.outcome == Outcome::throttled);
  const auto decision = port.retries.after(policy, call.outcome, call.failed_before, call.attempt, draws);
  if (decision.verdict == RetryState::Verdict::quota_exhausted) mark(Mark::quota_exhausted);
  if (decision.verdict != RetryState::Verdict::retry) return false;
  Duration delay = decision.delay;
  if (policy.heeds_server) delay = heeded_delay(delay, callee.retry_after(call.outcome));
  if (policy.adaptive) delay = std::max(delay, port.retries.limiter().acquire(now()));
  call.failed_before = failure_of(call.outcome);
  if (call.attempt < UINT8_MAX) ++call.attempt;
  call.lineage = call.lineage.attempt(port.salt, call.attempt, port.layer);
  call.waits.backoff += delay;
  after<&Service::send_again>(delay, id);
  return true;
}

void Service::use(MeterId meter, std::int64_t quantity, std::int64_t repeats, RetryLayer layer) {
  if (repeats == 0) return use(meter, quantity);
  if (used_ != nullptr) {
    MeterTally& tally = used_[static_cast<std::size_t>(meter)];
    tally.add(quantity);
    tally.add_repeats(layer, repeats);
  }
  publish(FactKind::used, static_cast<std::uint32_t>(meter), quantity, repeats,
          static_cast<std::uint8_t>(layer));
}

void Service::drop_late(CallId id, const Call& call) {
  publish_end(FactKind::late, id, call.sent, call.outcome);
  PortGuards* const guards = world_.port(PortId{call.port}).guards.get();
  if (guards != nullptr) guards->answered_late(id, call);
  forget(id, call);
}

inline void Service::forget(CallId id, const Call& call) {
  const JourneyId journey = call.journey;
  world_.calls_.release(id);
  world_.unrefer(journey);
}

void Service::deadline_passed(PortId port_id) {
  Port& port = world_.port(port_id);
  const auto sent = [number = static_cast<std::uint32_t>(port_id)](const Call& call) {
    return call.timed && call.port == number ? std::optional(call.sent) : std::nullopt;
  };
  auto next = port.deadlines.next(now(), world_.calls_, sent);
  for (; next.at <= now(); next = port.deadlines.next(now(), world_.calls_, sent)) {
    port.deadlines.leave(world_.calls_[next.id].sent);
    time_out(next.id);
  }
  port.timer_armed = next.at != kNever;
  if (port.timer_armed) at<&Service::deadline_passed>(next.at, port_id);
}

void Service::time_out(CallId id) {
  Call& old = world_.calls_[id];
  old.timed = false;
  old.abandoned = true;
  const CallId copy = world_.calls_.take();
  Call& call = world_.calls_[copy];
  call = old;
  call.abandoned = false;
  call.batch = kNoReceipt;
  call.outcome = Outcome::timed_out;
  world_.refer(call.journey);
  PortGuards* const guards = world_.port(PortId{call.port}).guards.get();
  if (guards != nullptr) guards->goes_on_as(id, copy);
  settle(copy);
}

}  // namespace spillway
