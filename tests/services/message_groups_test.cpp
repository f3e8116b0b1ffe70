// The order of a FIFO queue, held against a plain list that is searched from its front.
#include "services/message_groups.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace spillway {
namespace {

/// What the queue's page says, without any index.
class Reference {
 public:
  struct Entry {
    MessageId id;
    std::uint64_t group;
    bool visible;
  };
  explicit Reference(std::size_t scanned) : scanned_(scanned) {}

  std::optional<MessageId> first() const {
    std::vector<std::uint64_t> blocked;
    for (std::size_t i = 0; i < std::min(scanned_, entries.size()); ++i) {
      const Entry& entry = entries[i];
      if (std::ranges::count(blocked, entry.group) > 0) continue;
      if (entry.visible) return entry.id;
      blocked.push_back(entry.group);
    }
    return std::nullopt;
  }
  std::optional<MessageId> behind(MessageId id) const {
    auto at = std::ranges::find(entries, id, &Entry::id);
    const std::uint64_t group = at->group;
    at = std::find_if(at + 1, entries.end(), [&](const Entry& entry) { return entry.group == group; });
    return at == entries.end() || !at->visible ? std::nullopt : std::optional(at->id);
  }

  std::vector<Entry> entries;

 private:
  std::size_t scanned_;
};

RC_GTEST_PROP(MessageGroups, DoWhatAPlainListDoes, ()) {
  const auto scanned = *rc::gen::inRange<std::size_t>(1, 12);
  MessageGroups groups(static_cast<std::int64_t>(scanned));
  Reference reference(scanned);
  std::uint32_t next = 0;
  const auto steps = *rc::gen::container<std::vector<std::pair<std::uint32_t, std::uint32_t>>>(
      rc::gen::pair(rc::gen::inRange<std::uint32_t>(0, 5), rc::gen::inRange<std::uint32_t>(0, 1000)));
  for (const auto& [what, which] : steps) {
    if (what <= 1 || reference.entries.empty()) {
      const MessageId id{next++ % 64};  // numbers are used again
      if (std::ranges::count(reference.entries, id, &Reference::Entry::id) > 0) continue;
      groups.add(id, which % 4);
      groups.show(id);
      reference.entries.push_back({id, which % 4, true});
    } else {
      auto& entry = reference.entries[which % reference.entries.size()];
      if (what == 2) {
        groups.show(entry.id);
        entry.visible = true;
      } else if (what == 3) {
        groups.hide(entry.id);
        entry.visible = false;
        groups.settle(entry.group);
      } else {
        groups.remove(entry.id);
        reference.entries.erase(reference.entries.begin() +
                                static_cast<std::ptrdiff_t>(which % reference.entries.size()));
      }
    }
    const auto first = reference.first();
    RC_ASSERT(groups.first() == first);
    if (first) RC_ASSERT(groups.behind(*first) == reference.behind(*first));
    for (const auto& entry : reference.entries) RC_ASSERT(groups.group_of(entry.id) == entry.group);
  }
}

TEST(MessageGroups, HideOtherGroupsBehindTheBacklogOfABlockedOne) {
  MessageGroups groups(3);
  for (const std::uint32_t i : {0u, 1u, 2u, 3u}) {
    groups.add(MessageId{i}, i < 3 ? 7 : 8);
    groups.show(MessageId{i});
  }
  groups.hide(MessageId{0});
  EXPECT_EQ(groups.first(), std::nullopt) << "the other group's message is the fourth";
  groups.remove(MessageId{0});
  EXPECT_EQ(groups.first(), MessageId{1});
  groups.hide(MessageId{1});
  EXPECT_EQ(groups.first(), MessageId{3}) << "now it is the third";
}

TEST(MessageGroups, ForgetAGroupWithItsLastMessage) {
  MessageGroups groups(100);
  groups.add(MessageId{0}, 7);
  EXPECT_EQ(groups.groups(), 1u);
  groups.remove(MessageId{0});
  EXPECT_EQ(groups.groups(), 0u);
  EXPECT_EQ(groups.first(), std::nullopt);
}

}  // namespace
}  // namespace spillway
