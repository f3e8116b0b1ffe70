#pragma once
/// Pending-event sets by comparison: what most simulators use. They exist only to be measured against.
/// Where equal times could change their order, a sequence number settles it, as it would have to in a
/// simulator.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <queue>
#include <vector>

#include "engine/pending_set.hpp"

namespace spillway::bench {

/// std::priority_queue of 24-byte events (time, sequence, word): the yardstick of goal P1.
class StandardHeap {
 public:
  void push(PendingEvent entry) { heap_.push({entry.time, next_++, entry.word}); }
  PendingEvent pop() {
    const Event event = heap_.top();
    heap_.pop();
    return {event.time, event.word};
  }

 private:
  struct Event {
    std::uint64_t time;
    std::uint64_t sequence;
    std::uint64_t word;
  };
  static_assert(sizeof(Event) == 24);
  struct Later {
    bool operator()(const Event& a, const Event& b) const {
      return a.time != b.time ? a.time > b.time : a.sequence > b.sequence;
    }
  };
  std::priority_queue<Event, std::vector<Event>, Later> heap_;
  std::uint64_t next_ = 0;
};

/// A 4-ary heap of 16 bytes: the time, and a sequence number packed over an index of 24 bits; the words lie
/// in a slab beside it. Half the depth of a binary heap, and the four children share a cache line.
class FourHeap {
 public:
  void push(PendingEvent entry) {
    std::uint64_t slot = words_.size();
    if (free_.empty()) {
      words_.push_back(entry.word);
    } else {
      slot = free_.back();
      free_.pop_back();
      words_[slot] = entry.word;
    }
    const Key key{entry.time, next_++ << kSlotBits | slot};
    std::size_t at = heap_.size();
    heap_.push_back(key);
    while (at > 0 && earlier(key, heap_[(at - 1) / 4])) {
      heap_[at] = heap_[(at - 1) / 4];
      at = (at - 1) / 4;
    }
    heap_[at] = key;
  }

  PendingEvent pop() {
    const Key top = heap_.front();
    const Key last = heap_.back();
    heap_.pop_back();
    const std::size_t size = heap_.size();
    std::size_t at = 0;
    for (std::size_t child = 1; child < size; child = 4 * at + 1) {
      std::size_t least = child;
      for (std::size_t other = child + 1; other < std::min(child + 4, size); ++other) {
        least = earlier(heap_[other], heap_[least]) ? other : least;
      }
      if (!earlier(heap_[least], last)) break;
      heap_[at] = heap_[least];
      at = least;
    }
    if (size > 0) heap_[at] = last;
    const std::uint64_t slot = top.order & ((std::uint64_t{1} << kSlotBits) - 1);
    free_.push_back(slot);
    return {top.time, words_[slot]};
  }

 private:
  static constexpr unsigned kSlotBits = 24;
  struct Key {
    std::uint64_t time;
    std::uint64_t order;
  };
  static bool earlier(const Key& a, const Key& b) {
    return a.time != b.time ? a.time < b.time : a.order < b.order;
  }
  std::vector<Key> heap_;
  std::vector<std::uint64_t> words_;
  std::vector<std::uint64_t> free_;
  std::uint64_t next_ = 0;
};

/// A pairing heap with its nodes in a slab, merged in two passes.
class PairingHeap {
 public:
  void push(PendingEvent entry) {
    std::uint32_t node = free_;
    if (node == kNone) {
      node = static_cast<std::uint32_t>(nodes_.size());
      nodes_.push_back({});
    } else {
      free_ = nodes_[node].sibling;
    }
    nodes_[node] = {entry, next_++, kNone, kNone};
    root_ = root_ == kNone ? node : meld(root_, node);
  }

  PendingEvent pop() {
    const std::uint32_t top = root_;
    pairs_.clear();
    for (std::uint32_t child = nodes_[top].child; child != kNone;) {
      const std::uint32_t second = nodes_[child].sibling;
      if (second == kNone) {
        pairs_.push_back(child);
        break;
      }
      const std::uint32_t rest = nodes_[second].sibling;
      pairs_.push_back(meld(child, second));
      child = rest;
    }
    root_ = kNone;
    for (std::size_t i = pairs_.size(); i-- > 0;) root_ = root_ == kNone ? pairs_[i] : meld(root_, pairs_[i]);
    nodes_[top].sibling = free_;
    free_ = top;
    return nodes_[top].entry;
  }

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
  struct Node {
    PendingEvent entry;
    std::uint64_t sequence;
    std::uint32_t child;
    std::uint32_t sibling;
  };
  std::uint32_t meld(std::uint32_t a, std::uint32_t b) {
    const Node& x = nodes_[a];
    const Node& y = nodes_[b];
    const bool first = x.entry.time != y.entry.time ? x.entry.time < y.entry.time : x.sequence < y.sequence;
    const std::uint32_t parent = first ? a : b;
    const std::uint32_t child = first ? b : a;
    nodes_[child].sibling = nodes_[parent].child;
    nodes_[parent].child = child;
    return parent;
  }
  std::vector<Node> nodes_;
  std::vector<std::uint32_t> pairs_;
  std::uint32_t root_ = kNone;
  std::uint32_t free_ = kNone;
  std::uint64_t next_ = 0;
};

}  // namespace spillway::bench
