// Attempts on their way out and answers on their way back, where a port has a circuit breaker or hedges.

#include "model/port_guards.hpp"

#include <algorithm>

#include "spillway/world.hpp"

namespace spillway {

GuardCounts& GuardCounts::operator+=(const GuardCounts& other) {
  circuits += other.circuits;
  short_circuited += other.short_circuited;
  opened += other.opened;
  half_opened += other.half_opened;
  closed += other.closed;
  open += other.open;
  hedging += other.hedging;
  hedges += other.hedges;
  won += other.won;
  return *this;
}

PortGuards::PortGuards(World& world, Port& port) : Actor(world.simulation()), world_(world), port_(port) {
  if (port.config.circuit_breaker) breaker_.emplace(*port.config.circuit_breaker);
  if (port.config.hedging) hedging_.emplace(*port.config.hedging);
}

bool PortGuards::lets_out(CallId id, Call& call) {
  if (hedging_ && hedging_->calls.of(id) != kNotHedged) return true;  // a hedge: it has been asked about
  if (breaker_ && !breaker_->admits(now())) {
    if (call.attempt == 1) ++unsent_calls_;
    after<&PortGuards::short_circuited>(Duration::zero(), id);
    return false;
  }
  if (hedging_) begin(id, call);
  return true;
}

bool PortGuards::keeps(CallId id, Call& call) {
  const Outcome outcome = call.outcome;
  if (breaker_) breaker_->answered(now(), outcome);
  if (!hedging_) return false;
  const HedgedId which = hedging_->calls.of(id);
  HedgedCall& hedged = hedging_->calls[which];
  const bool was_first = hedged.first == id;
  const bool fatal = (hedging_->policy.non_fatal & outcome_bit(outcome)) == 0;
  if (outcome == Outcome::ok) hedging_->tokens.succeeded();
  if (!fatal) hedging_->tokens.failed();
  hedging_->calls.leave(id);
  if (!fatal && may_hedge(hedged)) {
    ++kept_answers_;
    hedge(which, hedged, id);
    return true;
  }
  if (!fatal && hedged.waited_for > 0) {
    ++kept_answers_;
    forget(id, call);
    return true;
  }
  if (outcome == Outcome::ok) {
    hedging_->delay.measured(now() - hedged.begun);
    hedging_->won += was_first ? 0 : 1;
  } else {
    call.attempt = hedged.attempt;
    call.lineage = hedged.lineage;
  }
  decided(which, hedged, outcome);
  return false;
}

// ---- Circuit breaker -----------------------------------------------------------------------------------

/// What the retry policy makes of it is what it makes of any answer; none of it was heard from the callee.
void PortGuards::short_circuited(CallId id) {
  Call& call = world_.calls()[id];
  Service& caller = *port_.caller;
  call.sent = now();
  call.outcome = breaker_->policy().outcome;
  if (caller.tries_again(id, call, port_, *port_.callee)) return;
  if (port_.tally != nullptr) port_.tally->settled(call, now());
  port_.callee->publish_end(FactKind::settled, id, call.born, call.outcome);
  caller.on_answer(id);
  forget(id, call);
}

void PortGuards::forget(CallId id, const Call& call) {
  const JourneyId journey = call.journey;
  world_.calls().release(id);
  world_.unrefer(journey);
}

// ---- Hedging -------------------------------------------------------------------------------------------

void PortGuards::begin(CallId id, const Call& call) {
  const HedgedId which = hedging_->calls.begin(
      {.begun = now(), .waits = call.waits, .lineage = call.lineage, .attempt = call.attempt}, id);
  arm(which, hedging_->calls[which]);
}

/// The next hedge comes a delay after the one before. A timer that runs already moves on when it ends.
void PortGuards::arm(HedgedId id, HedgedCall& hedged) {
  const std::optional<Duration> delay = hedging_->delay.next();
  if (!delay || hedged.sent >= hedging_->policy.max_attempts) return;
  hedged.due = now() + *delay;
  if (hedged.timer_armed) return;
  hedged.timer_armed = true;
  at<&PortGuards::hedge_due>(hedged.due, id);
}

bool PortGuards::may_hedge(const HedgedCall& hedged) {
  return hedged.sent < hedging_->policy.max_attempts && hedging_->tokens.allow() &&
         (!breaker_ || breaker_->admits(now()));
}

void PortGuards::hedge_due(HedgedId id) {
  HedgedCall& hedged = hedging_->calls[id];
  hedged.timer_armed = false;
  if (hedged.over) return hedging_->calls.release(id);
  if (hedged.due > now()) {
    hedged.timer_armed = true;
    at<&PortGuards::hedge_due>(hedged.due, id);
    return;
  }
  if (!may_hedge(hedged)) return;
  const auto* const other = std::ranges::find_if(hedged.sides, [](CallId side) { return side != kNoCall; });
  const CallId side = world_.calls().take();
  Call& call = world_.calls()[side];
  call = world_.calls()[*other];
  world_.refer(call.journey);
  hedge(id, hedged, side);
}

/// Sends one more. In tallies and facts it is the first attempt of its record: what was tried again is told
/// apart from what was hedged.
void PortGuards::hedge(HedgedId id, HedgedCall& hedged, CallId side) {
  Call& call = world_.calls()[side];
  const auto number = std::uint32_t{hedged.sent} << 8 | hedged.attempt;
  call.lineage = hedged.lineage.attempt(port_.salt, number, RetryLayer::hedge);
  call.attempt = 1;
  call.waits = hedged.waits;
  call.waits.backoff += now() - hedged.begun;
  ++hedged.sent;
  ++hedging_->sent;
  hedging_->calls.join(id, side);
  arm(id, hedged);
  port_.caller->send_again(side);
}

/// The call has its answer: nobody waits for the other sides.
void PortGuards::decided(HedgedId id, HedgedCall& hedged, Outcome outcome) {
  for (const CallId side : hedged.sides) {
    if (side != kNoCall) abandon(side, side == hedged.first && outcome == Outcome::ok);
  }
  hedged.over = true;
  if (!hedged.timer_armed) hedging_->calls.release(id);
}

void PortGuards::abandon(CallId side, bool overtaken) {
  Call& call = world_.calls()[side];
  call.abandoned = true;
  if (call.timed) {
    port_.deadlines.leave(call.sent);
    call.timed = false;
  }
  if (breaker_) breaker_->given_up();
  hedging_->calls.note(side, overtaken ? kOvertaken : kNotHedged);
}

void PortGuards::goes_on_as(CallId id, CallId copy) {
  if (!hedging_) return;
  hedging_->calls.join(hedging_->calls.leave(id), copy);
}

/// The first attempt bears no mark of a repetition, so its callee could not know that a hedge was done
/// before.
void PortGuards::answered_late(CallId id, const Call& call) {
  if (!hedging_ || hedging_->calls.of(id) != kOvertaken) return;
  hedging_->calls.note(id, kNotHedged);
  if (call.outcome != Outcome::ok) return;
  port_.callee->mark(port_.config.keyed ? Mark::duplicate_suppressed : Mark::duplicate);
}

// ---- What it came to -----------------------------------------------------------------------------------

GuardCounts PortGuards::counts() const {
  GuardCounts counts;
  if (breaker_) {
    const CircuitBreaker::Counts of = breaker_->counts(now());
    counts.circuits = 1;
    counts.short_circuited = of.short_circuited;
    counts.opened = of.opened;
    counts.half_opened = of.half_opened;
    counts.closed = of.closed;
    counts.open = of.open;
  }
  if (hedging_) {
    counts.hedging = 1;
    counts.hedges = hedging_->sent;
    counts.won = hedging_->won;
  }
  return counts;
}

void PortGuards::reset() {
  if (breaker_) breaker_->reset(now());
  if (hedging_) hedging_->sent = hedging_->won = 0;
}

}  // namespace spillway
