// PurgeQueue: all messages that were sent before the call are deleted within 60 s, those in flight too, and
// can be received until then. Those sent later may be deleted as well while it goes on, says AWS; here they
// stay. Rules: Amazon SQS API reference, PurgeQueue, 2026.

#include "services/queue.hpp"

namespace spillway {

/// The call itself is a request. What was sent before may be sent again from now on: recorded behaviour.
void Queue::purge(std::uint32_t number) {
  use(requests_.meter, 1);
  if (fifo_ != nullptr) fifo_->deduplication.clear();
  const PurgeConfig& purge = config_.purges[number];
  after<&Queue::purge_done>(purge.takes, number);
  if (purge.every > Duration::zero()) after<&Queue::purge>(purge.every, number);
}

/// Nobody will do the work: the journey's branch has failed, and its message counts as dropped. A dead
/// letter's journey has ended before.
void Queue::purge_done(std::uint32_t number) {
  const Time called = now() - config_.purges[number].takes;
  while (!ages_.empty() && message(ages_.front()).sent < called) {
    const MessageId id = ages_.front();
    leave_state(id);
    if (!message(id).dead) mark(Mark::dropped);
    discard(id, Ending::failed);
  }
  show_levels();
  groups_set_free();
}

}  // namespace spillway
