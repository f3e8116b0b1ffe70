#pragma once
/// The pending-event set as one would write it without caring for speed: a balanced tree in order of
/// (time, arrival). It exists to be obviously right: the tests run every scenario on it a second time, and
/// the results must not differ from those of RadixLadder.
///
/// std::multimap inserts behind the equal keys already present, which is exactly "first in, first out among
/// equal times", so no sequence number is needed here either.

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <utility>

#include "engine/pending_set.hpp"

namespace spillway {

class SortedSet {
 public:
  void push(PendingEvent entry) { entries_.emplace(entry.time, entry); }

  PendingEvent pop() {
    assert(!empty());
    const PendingEvent entry = entries_.begin()->second;
    entries_.erase(entries_.begin());
    return entry;
  }

  [[nodiscard]] const PendingEvent& front() { return entries_.begin()->second; }
  [[nodiscard]] const PendingEvent* ahead(std::size_t k) const {
    if (k >= entries_.size()) return nullptr;
    return &std::next(entries_.begin(), static_cast<std::ptrdiff_t>(k))->second;
  }
  [[nodiscard]] bool empty() const { return entries_.empty(); }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  /// A red-black tree's node: the pair, three links and a colour.
  [[nodiscard]] std::size_t bytes() const {
    return sizeof(*this) +
           entries_.size() * (sizeof(std::pair<const std::uint64_t, PendingEvent>) + 4 * sizeof(void*));
  }

 private:
  std::multimap<std::uint64_t, PendingEvent> entries_;
};

}  // namespace spillway
