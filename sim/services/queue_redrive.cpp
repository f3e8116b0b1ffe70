// How messages leave for another queue: to the dead-letter queue, and back from it by a message move task;
// and the copies that a standard queue may deliver again.

#include "services/queue.hpp"

#include <algorithm>

namespace spillway {

/// The journey ends here for good.
void Queue::dead_letter(MessageId id) {
  const std::uint64_t group = fifo_ != nullptr ? fifo_->groups.group_of(id) : 0;
  leave_state(id);
  leave_queue(id);
  mark(Mark::dead_lettered);
  // A standard queue keeps the time of the first send, a FIFO queue begins anew (SQS Developer Guide).
  dead_letters_->adopt(id, group, fifo_ == nullptr);
  Message& dead = dead_letters_->message(id);
  if (!dead.dead) world().end_branch(dead.journey, Ending::dead_lettered);
  dead.dead = true;
}

/// Takes over another queue's message, and tells who polls this one, when the other has finished.
void Queue::adopt(MessageId id, std::uint64_t group, bool keeps_age) {
  Message& moved = message(id);
  moved.received = 0;
  if (!keeps_age) moved.sent = now();
  enter_queue(id, group);
  enter_visible(id, false);
  show_levels();
  if (!consumers_.empty()) arm<&Queue::tell_consumers>(telling_, now());
}

void Queue::tell_consumers() {
  telling_ = kNever;
  notify();
}

void Queue::set_redrive_back(Queue& queue, const RedriveBackConfig& config) {
  back_ = &queue;
  redrive_back_ = config;
}

/// Up to ten messages: one receive, one send and one delete of a batch. The task ends when the queue is
/// empty.
void Queue::move_back() {
  std::int64_t bytes = 0;
  std::int64_t moved = 0;
  std::int64_t with_group = 0;
  std::int64_t with_group_there = 0;
  for (; moved < kMostEntries && available(); ++moved) {
    const MessageId id = front();
    const std::uint64_t group = fifo_ != nullptr ? fifo_->groups.group_of(id) : 0;
    if (fair_ != nullptr && fair_->tenants.has_group(id)) ++with_group;
    leave_state(id);
    leave_queue(id);
    bytes += message(id).bytes;
    // Its handler's luck is drawn anew, and what it does then it does again.
    message(id).lineage = message(id).lineage.attempt(salt_, 2, RetryLayer::redrive);
    message(id).redriven = true;
    back_->adopt(id, group, false);
    if (back_->fair_ != nullptr && back_->fair_->tenants.has_group(id)) ++with_group_there;
  }
  if (moved == 0) return;
  mark(Mark::redriven, moved);
  bill_chunks(moved, bytes, moved);
  bill_surcharge(with_group, moved, bytes, moved);
  back_->bill_chunks(moved, bytes, moved);
  back_->bill_surcharge(with_group_there, moved, bytes, moved);
  bill_chunks(moved, 0, moved);
  bill_surcharge(with_group, moved, 0, moved);
  show_levels();
  const Duration pause{moved * 1'000'000'000'000 / redrive_back_.rate_millis};
  if (now() + pause < redrive_back_.start + redrive_back_.most) after<&Queue::move_back>(pause);
}

/// A server that was not there for the receive goes on showing its copy.
void Queue::leave_copy(MessageId id) {
  const Message& taken = message(id);
  const Lineage lineage = taken.lineage.attempt(salt_, taken.received, RetryLayer::redrive);
  Draws draws = world().draws(copy_draws_, taken.journey, lineage);
  if (!draws.chance(config_.duplicate_deliveries)) return;
  leave_state(id);
  enter_visible(id, false, kCopyVisible);
}

/// A server that was not there for the delete shows its copy when it is back. The work is done: the branch of
/// the journey has succeeded.
bool Queue::outlives_delete(const Receipt& receipt) {
  Draws draws = world().draws(copy_draws_, receipt.journey, receipt.lineage.sibling(1));
  if (!draws.chance(config_.undeleted_copies)) return false;
  Message& copy = message(receipt.message);
  if (!copy.dead) world().end_branch(copy.journey, Ending::succeeded);
  copy.dead = true;
  enter_delayed(receipt.message, config_.copy_delay, kCopyDelayed);
  return true;
}

}  // namespace spillway
