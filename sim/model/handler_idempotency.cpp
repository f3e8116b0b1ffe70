// What the interpreter does about idempotency keys: only for steps that have one.

#include "model/handler.hpp"

namespace spillway {

/// Who can suppress duplicates says so, by a count of zero.
void Handler::start() {
  if (!program_.wrappers.empty()) mark(Mark::duplicate_suppressed, 0);
}

/// What the store's answer means, to a frame that is dead, too: what it asked for was done. True when the
/// frame has gone on, or ended, by it.
bool Handler::about_key(FrameId id, const Step& step, const Call& call) {
  const bool ok = call.outcome == Outcome::ok;
  Frame& frame = frames_[id];
  const IdempotentSteps& steps = program_.wrappers[step.wrapper];
  const std::uint64_t key = idempotency_key(frame, steps);
  if (ok && step.verb == Step::Verb::complete)
    steps.records->complete(now(), key, now() + steps.expires_after);
  if (ok && step.verb == Step::Verb::release) steps.records->forget(key);
  if (dead(id)) return false;
  frame.waits += call.waits;
  if (ok && step.verb == Step::Verb::claim) {
    claimed(id, step);
    return true;
  }
  frame.holds = 0;  // a record that could not be written stays in progress
  if (!ok && step.verb != Step::Verb::release) frame.outcome = Outcome::error;
  frame.outcome == Outcome::ok ? run(id) : ended(id);
  return true;
}

std::uint64_t Handler::idempotency_key(const Frame& frame, const IdempotentSteps& steps) {
  const Journey& about = journey(frame.journey);
  return mix_bits((steps.by_key ? about.key : about.ordinal) ^ steps.salt) + steps.by_key;
}

void Handler::claimed(FrameId id, const Step& step) {
  Frame& frame = frames_[id];
  const IdempotentSteps& steps = program_.wrappers[step.wrapper];
  const Time expires = now() + steps.expires_after;
  const Time locked_until = steps.lock_ends ? deadline(frame) : Time::max();
  switch (steps.records->claim(now(), idempotency_key(frame, steps), locked_until, expires)) {
    case IdempotencyRecords::Claim::taken: frame.holds = static_cast<std::uint8_t>(step.wrapper + 1); break;
    case IdempotencyRecords::Claim::completed:
      mark(Mark::duplicate_suppressed);
      if (frame.receipt != kNoReceipt) world().receipts()[frame.receipt].suppressed = true;
      frame.place = step.target;
      break;
    case IdempotencyRecords::Claim::in_progress:
      frame.outcome = Outcome::error;  // IdempotencyAlreadyInProgressError
      return ended(id);
  }
  run(id);
}

/// The steps failed: their record is deleted before the failure goes on.
void Handler::release(FrameId id) {
  Frame& frame = frames_[id];
  const std::uint16_t place = program_.wrappers[frame.holds - 1u].release;
  frame.place = static_cast<std::uint16_t>(place + 1);
  ask(id, program_.steps[place], static_cast<std::uint32_t>(id));
}

}  // namespace spillway
