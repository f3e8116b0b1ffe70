#pragma once
/// Pending-event sets by the value of the time: calendar queue and hierarchical timing wheel.
/// They exist only to be measured against. Lists are intrusive over a slab of nodes.

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "engine/pending_set.hpp"

namespace spillway::bench {

inline constexpr std::uint32_t kNoNode = 0xFFFFFFFF;

/// Nodes of singly linked lists, recycled.
class NodeSlab {
 public:
  struct Node {
    PendingEvent entry;
    std::uint32_t next;
  };
  std::uint32_t take(PendingEvent entry) {
    if (free_ == kNoNode) {
      nodes_.push_back({entry, kNoNode});
      return static_cast<std::uint32_t>(nodes_.size() - 1);
    }
    const std::uint32_t node = free_;
    free_ = nodes_[node].next;
    nodes_[node] = {entry, kNoNode};
    return node;
  }
  PendingEvent give(std::uint32_t node) {
    nodes_[node].next = free_;
    free_ = node;
    return nodes_[node].entry;
  }
  Node& operator[](std::uint32_t node) { return nodes_[node]; }

 private:
  std::vector<Node> nodes_;
  std::uint32_t free_ = kNoNode;
};

/// R. Brown, "Calendar queues", CACM 31 (1988): sorted lists for the days of a year. The number of days
/// follows the number of entries; the width of a day is three times the mean gap of the next 25 entries,
/// without those further apart than twice that mean.
class CalendarQueue {
 public:
  CalendarQueue() : days_(2, kNoNode) {}

  void push(PendingEvent entry) {
    insert(slab_.take(entry));
    ++size_;
    if (size_ > 2 * days_.size()) resize(days_.size() * 2);
  }

  PendingEvent pop() {
    const PendingEvent entry = slab_.give(unlink_next());
    --size_;
    if (days_.size() > 2 && size_ < days_.size() / 2) resize(days_.size() / 2);
    return entry;
  }

 private:
  [[nodiscard]] std::size_t day_of(std::uint64_t time) const { return (time / width_) & (days_.size() - 1); }

  void insert(std::uint32_t node) {
    const std::uint64_t time = slab_[node].entry.time;
    std::uint32_t* link = &days_[day_of(time)];
    while (*link != kNoNode && slab_[*link].entry.time <= time) link = &slab_[*link].next;
    slab_[node].next = *link;
    *link = node;
  }

  std::uint32_t unlink_next() {
    std::uint64_t day = now_ / width_;
    for (std::size_t tries = 0; tries < days_.size(); ++tries, ++day) {
      std::uint32_t& head = days_[day & (days_.size() - 1)];
      if (head != kNoNode && slab_[head].entry.time / width_ == day) return unlink(head);
    }
    std::uint32_t* least = nullptr;  // an empty year: search all days
    for (std::uint32_t& head : days_) {
      if (head == kNoNode) continue;
      if (least == nullptr || slab_[head].entry.time < slab_[*least].entry.time) least = &head;
    }
    return unlink(*least);
  }

  std::uint32_t unlink(std::uint32_t& head) {
    const std::uint32_t node = head;
    head = slab_[node].next;
    now_ = slab_[node].entry.time;
    return node;
  }

  void resize(std::size_t days) {
    const std::uint64_t now = now_;
    std::vector<std::uint32_t> sample;
    for (std::size_t i = 0; i < std::min<std::size_t>(25, size_); ++i) sample.push_back(unlink_next());
    now_ = now;
    width_ = width_from(sample);
    const auto old = std::exchange(days_, std::vector<std::uint32_t>(days, kNoNode));
    for (const std::uint32_t node : sample) insert(node);  // before the others of their time
    for (std::uint32_t node : old) {
      while (node != kNoNode) {
        const std::uint32_t next = slab_[node].next;
        insert(node);
        node = next;
      }
    }
  }

  std::uint64_t width_from(const std::vector<std::uint32_t>& sample) {
    if (sample.size() < 2) return width_;
    const auto gap = [&](std::size_t i) {
      return slab_[sample[i]].entry.time - slab_[sample[i - 1]].entry.time;
    };
    const std::uint64_t span = slab_[sample.back()].entry.time - slab_[sample[0]].entry.time;
    const std::uint64_t mean = span / (sample.size() - 1);
    std::uint64_t sum = 0;
    std::uint64_t count = 0;
    for (std::size_t i = 1; i < sample.size(); ++i) {
      if (gap(i) > 2 * mean) continue;
      sum += gap(i);
      ++count;
    }
    return count == 0 ? std::max<std::uint64_t>(1, mean) : std::max<std::uint64_t>(1, 3 * sum / count);
  }

  NodeSlab slab_;
  std::vector<std::uint32_t> days_;
  std::uint64_t width_ = 1'000'000;
  std::uint64_t now_ = 0;
  std::size_t size_ = 0;
};

/// G. Varghese, T. Lauck, "Hashed and hierarchical timing wheels", SOSP 1987: eleven wheels of 64 slots with
/// lists; a slot of a coarse wheel is dealt out to the finer ones when its time comes. A bit a slot finds the
/// next.
class TimingWheel {
 public:
  TimingWheel() {
    for (auto& wheel : first_) wheel.fill(kNoNode);
    for (auto& wheel : last_) wheel.fill(kNoNode);
  }

  void push(PendingEvent entry) { file(slab_.take(entry)); }

  PendingEvent pop() {
    while (used_[0] == 0) {
      unsigned wheel = 1;
      while (used_[wheel] == 0) ++wheel;
      const auto slot = static_cast<unsigned>(std::countr_zero(used_[wheel]));
      now_ = ((now_ >> (6 * wheel) >> 6U << 6U) | slot) << (6 * wheel);
      used_[wheel] &= used_[wheel] - 1;
      std::uint32_t node = std::exchange(first_[wheel][slot], kNoNode);
      while (node != kNoNode) {
        const std::uint32_t next = slab_[node].next;
        file(node);
        node = next;
      }
    }
    const auto slot = static_cast<unsigned>(std::countr_zero(used_[0]));
    const std::uint32_t node = first_[0][slot];
    first_[0][slot] = slab_[node].next;
    if (first_[0][slot] == kNoNode) used_[0] &= used_[0] - 1;
    now_ = slab_[node].entry.time;
    return slab_.give(node);
  }

 private:
  void file(std::uint32_t node) {
    const std::uint64_t time = slab_[node].entry.time;
    const unsigned wheel = (63U - static_cast<unsigned>(std::countl_zero((time ^ now_) | 1U))) / 6;
    const auto slot = static_cast<unsigned>(time >> (6 * wheel)) & 63U;
    slab_[node].next = kNoNode;
    if (first_[wheel][slot] == kNoNode) {
      first_[wheel][slot] = node;
      used_[wheel] |= std::uint64_t{1} << slot;
    } else {
      slab_[last_[wheel][slot]].next = node;
    }
    last_[wheel][slot] = node;
  }

  NodeSlab slab_;
  std::array<std::array<std::uint32_t, 64>, 11> first_;
  std::array<std::array<std::uint32_t, 64>, 11> last_;
  std::array<std::uint64_t, 11> used_{};
  std::uint64_t now_ = 0;
};

}  // namespace spillway::bench
