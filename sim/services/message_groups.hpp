#pragma once
/// The order of a FIFO queue. Messages stand in the order of sending, and within their group nobody passes
/// anybody: what may be delivered of a group are its first messages up to one that is not visible.
///
/// SQS looks for such groups among the first messages of the queue only (120,000; SQS Developer Guide, FIFO
/// quotas, 2026), so that the long backlog of one blocked group hides the others.
///
/// Groups whose first message is visible wait in a heap by its place; entries that are no longer true are
/// dropped when they come to the top. A group's record lives as long as it has messages.

#include <optional>
#include <vector>

#include "model/key_index.hpp"
#include "spillway/journey.hpp"

namespace spillway {

class MessageGroups {
 public:
  explicit MessageGroups(std::int64_t scanned) : scan_limit_(scanned) {}

  /// A new message, at the end of the queue and of its group; not yet visible.
  void add(MessageId id, std::uint64_t group);
  void remove(MessageId id);
  void show(MessageId id);
  void hide(MessageId id) { place(id).visible = false; }

  /// Of the groups that may be delivered, the first message of the one whose first message is oldest.
  std::optional<MessageId> first();
  /// The message behind this one in its group, when it is visible.
  std::optional<MessageId> behind(MessageId id) const;
  /// To be called when the messages that first() and behind() gave have been hidden or removed, and the
  /// group may have others.
  void settle(std::uint64_t group);

  std::uint64_t group_of(MessageId id) const { return groups_[place(id).group].key; }
  std::size_t groups() const { return index_.size(); }

 private:
  enum class GroupId : std::uint32_t {};
  struct Group {
    std::uint64_t key = 0;
    std::uint64_t listed = 0;  ///< the sequence under which it stands in the heap; zero: it does not
    MessageId first = kNoMessage;
    MessageId last = kNoMessage;
  };
  struct Place {
    std::uint64_t sequence = 0;    ///< in the order of sending
    MessageId ahead = kNoMessage;  ///< neighbours in the group
    MessageId behind = kNoMessage;
    MessageId older = kNoMessage;  ///< neighbours in the queue
    MessageId newer = kNoMessage;
    GroupId group{};
    bool visible = false;
  };
  struct Ready {
    std::uint64_t sequence;
    GroupId group;
    bool operator<(const Ready& other) const { return sequence > other.sequence; }  // the oldest on top
  };

  Place& place(MessageId id) { return places_[static_cast<std::size_t>(id)]; }
  const Place& place(MessageId id) const { return places_[static_cast<std::size_t>(id)]; }
  void list(GroupId id);
  bool is_true(const Ready& entry) const;
  void join_scanned(MessageId id);
  void leave_scanned(MessageId id);

  std::int64_t scan_limit_;
  std::uint64_t last_sequence_ = 0;
  MessageId newest_ = kNoMessage;
  MessageId last_scanned_ = kNoMessage;
  std::int64_t scanned_ = 0;
  KeyIndex index_;  ///< of the groups
  Pool<Group, GroupId> groups_;
  std::vector<Place> places_;  ///< by the message's number
  std::vector<Ready> ready_;   ///< a heap
};

}  // namespace spillway
