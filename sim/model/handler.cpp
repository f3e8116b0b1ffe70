// The interpreter of handler programs. It runs a frame until it has to wait, and is called again when the
// wait is over.

#include "model/handler.hpp"

#include <algorithm>

namespace spillway {

namespace {

Duration scaled(Duration duration, const Step& step) {
  __extension__ using Wide = __int128;
  return Duration{static_cast<std::int64_t>(Wide{duration.count()} * step.scale / Step::kWhole)};
}

}  // namespace

FrameId Handler::prepare(CallId serving, std::uint32_t owner) {
  const Call& call = record(serving);
  const FrameId id = frames_.take([&](void* place) {
    new (place) Frame{.started = now(),
                      .serving = serving,
                      .journey = call.journey,
                      .above = owner,
                      .lineage = call.lineage};
  });
  if (call.batch != kNoReceipt) handle(frames_[id], call.batch);
  return id;
}

void Handler::handle(Frame& frame, ReceiptId id) {
  const Receipt& receipt = world().receipts()[id];
  frame.receipt = id;
  frame.journey = receipt.journey;
  frame.lineage = receipt.lineage;
}

/// What the last step will touch of the call and its journey comes while the frame goes on.
void Handler::resume(FrameId id) {
  world().calls().fetch(frames_[id].serving);
  world().journeys().fetch(frames_[id].journey);
  dead(id) ? bury(id) : run(id);
}

/// A frame ends with those that it is an arm of.
bool Handler::dead(FrameId id) const {
  for (; id != kNoFrame; id = frames_[id].parent()) {
    if (frames_[id].cancelled) return true;
  }
  return false;
}

void Handler::bury(FrameId id) {
  if (frames_[id].arm) {
    child_ended(id);
  } else {
    frames_.release(id);
  }
}

void Handler::run(FrameId id) {
  Frame& frame = frames_[id];
  while (run_step(id, frame, program_.steps[frame.place])) {
  }
}

/// True when the next step can run at once. False: the frame waits, or is gone.
[[gnu::always_inline]] inline bool Handler::run_step(FrameId id, Frame& frame, const Step& step) {
  ++frame.place;
  switch (step.verb) {
    case Step::Verb::compute: {
      Draws random = draws(frame, step);
      after<&Handler::resume>(step.duration.duration(random), id);
      return false;
    }
    case Step::Verb::compute_work:
      after<&Handler::resume>(Duration{std::max<std::int64_t>(0, journey(frame.journey).work_ns)}, id);
      return false;
    case Step::Verb::compute_scaled: {
      Draws random = draws(frame, step);
      after<&Handler::resume>(scaled(step.duration.duration(random), step), id);
      return false;
    }
    case Step::Verb::compute_work_scaled: {
      const Duration work{std::max<std::int64_t>(0, journey(frame.journey).work_ns)};
      after<&Handler::resume>(scaled(work, step), id);
      return false;
    }
    case Step::Verb::claim:
      if (known_locally(id, step)) return true;
      [[fallthrough]];
    case Step::Verb::complete:
    case Step::Verb::release:
    case Step::Verb::call: ask(id, step, static_cast<std::uint32_t>(id)); return false;
    case Step::Verb::emit: ask(id, step, kEmitted); return true;
    case Step::Verb::fork: fork(id, step); return false;
    case Step::Verb::fail: {
      Draws random = draws(frame, step);
      if (!random.chance(step.probability)) return true;
      frame.outcome = step.outcome;
      ended(id);
      return false;
    }
    case Step::Verb::branch: take_arm(frame, step); return true;
    case Step::Verb::jump: frame.place = step.target; return true;
    case Step::Verb::first:
      if (!frame.first) frame.place = step.target;
      return true;
    case Step::Verb::end: break;
  }
  ended(id);
  return false;
}

void Handler::ask(FrameId id, const Step& step, std::uint32_t tag) {
  const Frame& frame = frames_[id];
  std::uint32_t bytes = journey(frame.journey).bytes;
  if (step.bytes) {
    Draws random = draws(frame, step);
    bytes = static_cast<std::uint32_t>(std::clamp(step.bytes->sample(random), 0.0, 4e9));
  }
  call(step.port, {.journey = frame.journey,
                   .tag = tag,
                   .bytes = bytes,
                   .lineage = frame.lineage,
                   .served = tag == kEmitted ? kNoCall : frame.serving});
}

void Handler::on_answer(CallId id) {
  const Call& call = record(id);
  if (call.tag == kEmitted) return;
  const auto asked = FrameId{call.tag};
  world().calls().fetch(frames_[asked].serving);
  const Step& step = program_.steps[frames_[asked].place - 1u];
  if (step.wraps && about_key(asked, step, call)) [[unlikely]]
    return;
  if (dead(asked)) {
    bury(asked);
    return;
  }
  Frame& frame = frames_[asked];
  frame.waits += call.waits;
  if (call.outcome != Outcome::ok && !step.carry_on) {
    frame.outcome = Outcome::error;  // an exception that the handler does not catch
    ended(asked);
    return;
  }
  run(asked);
}

void Handler::fork(FrameId id, const Step& step) {
  frames_[id].place = step.target;
  frames_[id].children = static_cast<std::uint16_t>(step.arms.size());
  if (step.arms.empty()) {
    after<&Handler::resume>(Duration::zero(), id);
    return;
  }
  for (const Step::Arm& arm : step.arms) {
    const FrameId child = frames_.take();
    Frame& frame = frames_[child];
    const Frame& parent = frames_[id];
    frame = {.started = now(),
             .serving = parent.serving,
             .journey = parent.journey,
             .receipt = parent.receipt,
             .above = static_cast<std::uint32_t>(id),
             .lineage = parent.lineage,
             .place = arm.start,
             .arm = true,
             .first = parent.first};
    after<&Handler::resume>(Duration::zero(), child);  // so that no arm ends before all have begun
  }
}

void Handler::take_arm(Frame& frame, const Step& step) {
  double chance = draws(frame, step).uniform();
  const int own_class = journey(frame.journey).traffic_class;
  for (const Step::Arm& arm : step.arms) {
    if (arm.traffic_class >= 0) {
      if (arm.traffic_class != own_class) continue;
    } else if (chance >= arm.probability) {
      chance -= arm.probability;
      continue;
    }
    frame.place = arm.start;
    return;
  }
  frame.place = step.target;
}

void Handler::ended(FrameId id) {
  Frame& frame = frames_[id];
  if (frame.holds != 0 && frame.outcome != Outcome::ok) [[unlikely]]
    return release(id);
  if (frame.arm) {
    child_ended(id);
    return;
  }
  if (frame.receipt != kNoReceipt) {
    world().receipts()[frame.receipt].outcome = frame.outcome;
    if (frame.outcome == Outcome::ok || partial_responses(frame.serving)) {
      if (frame.outcome != Outcome::ok) give_up_ordered(frame.receipt);
      if (next_message(frame)) {
        run(id);
        return;
      }
      frame.outcome = Outcome::ok;
    }
  }
  program_done(id);
  frames_.release(id);
}

/// In a batch of ordered messages those behind a failed one must not overtake it: they are not tried, and
/// are reported as failed too.
void Handler::give_up_ordered(ReceiptId failed) {
  auto& receipts = world().receipts();
  if (!receipts[failed].ordered) return;
  for (ReceiptId id = receipts[failed].next; id != kNoReceipt; id = receipts[id].next)
    receipts[id].outcome = Outcome::error;
}

/// Moves a frame on to the next message of its batch that is to be tried, from the start of the program.
bool Handler::next_message(Frame& frame) {
  const ReceiptId next = world().receipts()[frame.receipt].next;
  if (next == kNoReceipt || world().receipts()[next].outcome != Outcome::ok) return false;
  handle(frame, next);
  frame.place = frame.start;
  frame.outcome = Outcome::ok;
  frame.first = false;
  return true;
}

void Handler::child_ended(FrameId id) {
  const Frame child = frames_[id];
  frames_.release(id);
  Frame& parent = frames_[child.parent()];
  if (child.outcome != Outcome::ok) parent.outcome = child.outcome;
  if (--parent.children > 0) return;
  parent.waits += child.waits;  // the arm that ended last is the one that was waited for
  if (parent.outcome != Outcome::ok && !dead(child.parent())) {
    ended(child.parent());
    return;
  }
  resume(child.parent());
}

void Handler::cancel(FrameId id) { frames_[id].cancelled = true; }

}  // namespace spillway
