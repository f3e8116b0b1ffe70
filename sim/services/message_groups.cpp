#include "services/message_groups.hpp"

#include <algorithm>

namespace spillway {

void MessageGroups::add(MessageId id, std::uint64_t key) {
  const auto number = static_cast<std::size_t>(id);
  if (places_.size() <= number) places_.resize(std::max(number + 1, places_.size() * 2));
  std::uint32_t known = index_.find(key);
  if (known == KeyIndex::kNone) {
    known = static_cast<std::uint32_t>(groups_.take());
    groups_[GroupId{known}].key = key;
    index_.insert(key, known);
  }
  Group& group = groups_[GroupId{known}];
  place(id) = {.sequence = ++last_sequence_, .ahead = group.last, .older = newest_, .group = GroupId{known}};
  (group.last == kNoMessage ? group.first : place(group.last).behind) = id;
  group.last = id;
  if (newest_ != kNoMessage) place(newest_).newer = id;
  newest_ = id;
  join_scanned(id);
}

void MessageGroups::remove(MessageId id) {
  leave_scanned(id);
  const Place gone = place(id);
  if (gone.older != kNoMessage) place(gone.older).newer = gone.newer;
  (gone.newer == kNoMessage ? newest_ : place(gone.newer).older) = gone.older;
  Group& group = groups_[gone.group];
  (gone.ahead == kNoMessage ? group.first : place(gone.ahead).behind) = gone.behind;
  (gone.behind == kNoMessage ? group.last : place(gone.behind).ahead) = gone.ahead;
  place(id) = {};
  if (group.first == kNoMessage) {
    index_.erase(group.key);
    groups_.release(gone.group);
  } else {
    list(gone.group);
  }
}

void MessageGroups::show(MessageId id) {
  place(id).visible = true;
  list(place(id).group);
}

std::optional<MessageId> MessageGroups::first() {
  while (!ready_.empty()) {
    const Ready top = ready_.front();
    if (is_true(top)) {
      if (top.sequence > place(last_scanned_).sequence) return std::nullopt;
      return groups_[top.group].first;
    }
    if (groups_[top.group].listed == top.sequence) groups_[top.group].listed = 0;
    std::pop_heap(ready_.begin(), ready_.end());
    ready_.pop_back();
  }
  return std::nullopt;
}

std::optional<MessageId> MessageGroups::behind(MessageId id) const {
  const MessageId next = place(id).behind;
  if (next == kNoMessage || !place(next).visible) return std::nullopt;
  return next;
}

void MessageGroups::settle(std::uint64_t group) {
  const std::uint32_t known = index_.find(group);
  if (known != KeyIndex::kNone) list(GroupId{known});
}

/// Puts the group into the heap when its first message is visible and it does not stand there.
void MessageGroups::list(GroupId id) {
  Group& group = groups_[id];
  const Place& first = place(group.first);
  if (!first.visible || group.listed == first.sequence) return;
  group.listed = first.sequence;
  ready_.push_back({first.sequence, id});
  std::push_heap(ready_.begin(), ready_.end());
}

bool MessageGroups::is_true(const Ready& entry) const {
  const Group& group = groups_[entry.group];
  return group.listed == entry.sequence && group.first != kNoMessage &&
         place(group.first).sequence == entry.sequence && place(group.first).visible;
}

void MessageGroups::join_scanned(MessageId id) {
  if (scanned_ == scan_limit_) return;
  ++scanned_;
  last_scanned_ = id;
}

/// The next message comes within reach, if there is one.
void MessageGroups::leave_scanned(MessageId id) {
  if (place(id).sequence > place(last_scanned_).sequence) return;
  const MessageId next = place(last_scanned_).newer;
  if (next != kNoMessage) {
    last_scanned_ = next;
    return;
  }
  --scanned_;
  if (id == last_scanned_) last_scanned_ = place(id).older;
}

}  // namespace spillway
