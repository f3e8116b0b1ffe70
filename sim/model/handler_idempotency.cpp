// What the interpreter does about idempotency keys: only for steps that have one.

#include "model/handler.hpp"

#include <algorithm>

namespace spillway {

/// Who can suppress duplicates says so, by a count of zero, and who can without asking.
void Handler::start() {
  if (program_.wrappers.empty()) return;
  mark(Mark::duplicate_suppressed, 0);
  const auto cached = [](const IdempotentSteps& steps) { return steps.local_cache_max_items > 0; };
  if (std::ranges::none_of(program_.wrappers, cached)) return;
  mark(Mark::cache_hit, 0);
  for (const IdempotentSteps& steps : program_.wrappers) caches_.emplace_back(steps.local_cache_max_items);
}

/// The number of whoever runs the frame, such as an execution environment.
std::uint32_t Handler::owner(FrameId id) const {
  while (frames_[id].arm) id = frames_[id].parent();
  return frames_[id].above;
}

/// Whether the environment itself knows that the work is done: then the store is not asked.
bool Handler::known_locally(FrameId id, const Step& step) {
  if (caches_.empty()) return false;
  Frame& frame = frames_[id];
  const std::uint64_t key = idempotency_key(frame, program_.wrappers[step.wrapper]);
  if (!caches_[step.wrapper].holds(now(), owner(id), key)) return false;
  mark(Mark::cache_hit);
  leave_out(frame, step);
  return true;
}

/// The work was done before: the frame goes on after it.
void Handler::leave_out(Frame& frame, const Step& step) {
  mark(Mark::duplicate_suppressed);
  if (frame.receipt != kNoReceipt) world().receipts()[frame.receipt].suppressed = true;
  frame.place = step.target;
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
  if (ok && step.verb == Step::Verb::complete) remember(id, step.wrapper, key);
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

/// The environment has seen that the work is done.
void Handler::remember(FrameId id, std::uint16_t wrapper, std::uint64_t key) {
  if (!caches_.empty())
    caches_[wrapper].store(owner(id), key, program_.wrappers[wrapper].records->expiry(key));
}

void Handler::claimed(FrameId id, const Step& step) {
  Frame& frame = frames_[id];
  const IdempotentSteps& steps = program_.wrappers[step.wrapper];
  const Time expires = now() + steps.expires_after;
  const Time locked_until = steps.lock_ends ? deadline(frame) : Time::max();
  const std::uint64_t key = idempotency_key(frame, steps);
  switch (steps.records->claim(now(), key, locked_until, expires)) {
    case IdempotencyRecords::Claim::taken: frame.holds = static_cast<std::uint8_t>(step.wrapper + 1); break;
    case IdempotencyRecords::Claim::completed:
      remember(id, step.wrapper, key);
      leave_out(frame, step);
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
