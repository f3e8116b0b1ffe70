#pragma once
/// Records in the order of their deadlines, where each waits equally long, as with a timeout: so a timer
/// costs one pending event for all of them, and not one a record.
///
/// It is a ring of ids: a new record joins its end, and one that leaves, from anywhere, leaves a hole.
/// Neither touches another record, which would be a cache miss each. Holes at the front are passed over at
/// once; when the ring is full, the others are squeezed out, and it grows where there are few. So it has at
/// most some five places for three that ever waited at once.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

namespace spillway {

/// Where each record stands in its ring, by the number of its id. Rings may share one, as long as a record
/// stands in one ring at a time.
using DeadlinePlaces = std::vector<std::uint32_t>;

template <class Id>
class Deadlines {
 public:
  bool empty() const { return spanned_ == 0; }
  /// Precondition: not empty.
  Id front() const { return ring_[head_]; }

  void push(Id id, DeadlinePlaces& places) {
    if (spanned_ == capacity_) [[unlikely]]
      make_room(places);
    const auto number = static_cast<std::uint32_t>(id);
    if (number >= places.size()) [[unlikely]]
      lengthen(places, number);
    ring_[tail_] = id;
    places[number] = tail_;
    tail_ = after(tail_);
    ++spanned_;
    ++waiting_;
  }

  /// Precondition: it stands here.
  void remove(Id id, const DeadlinePlaces& places) {
    ring_[places[static_cast<std::uint32_t>(id)]] = kHole;
    --waiting_;
    while (spanned_ > 0 && ring_[head_] == kHole) {
      head_ = after(head_);
      --spanned_;
    }
  }

  /// Puts another record in the place of one, with its deadline. Precondition: that one stands here.
  void replace(Id id, Id by, DeadlinePlaces& places) {
    const auto number = static_cast<std::uint32_t>(by);
    if (number >= places.size()) lengthen(places, number);
    const std::uint32_t place = places[static_cast<std::uint32_t>(id)];
    ring_[place] = by;
    places[number] = place;
  }

  std::size_t bytes() const { return capacity_ * sizeof(Id); }

 private:
  static constexpr Id kHole{UINT32_MAX};
  static constexpr std::uint32_t kLeast = 16;

  std::uint32_t after(std::uint32_t place) const { return place + 1 == capacity_ ? 0 : place + 1; }

  [[gnu::noinline]] static void lengthen(DeadlinePlaces& places, std::uint32_t number) {
    places.reserve(number + number / 8 + 1);
    places.resize(places.capacity());
  }

  /// Squeezes the holes out, into a ring a quarter larger where they are less than a quarter of it.
  [[gnu::noinline]] void make_room(DeadlinePlaces& places) {
    const bool grows = waiting_ >= capacity_ / 4 * 3;
    const std::uint32_t capacity = grows ? std::max(kLeast, capacity_ + capacity_ / 4) : capacity_;
    std::unique_ptr<Id[]> larger(grows ? new Id[capacity] : nullptr);
    Id* const target = grows ? larger.get() : ring_.get();
    const std::uint32_t begin = grows ? 0 : head_;
    std::uint32_t end = begin;
    std::uint32_t from = head_;
    for (; spanned_ > 0; --spanned_, from = after(from)) {
      const Id id = ring_[from];
      if (id == kHole) continue;
      target[end] = id;
      places[static_cast<std::uint32_t>(id)] = end;
      end = end + 1 == capacity ? 0 : end + 1;
    }
    if (grows) ring_ = std::move(larger);
    capacity_ = capacity;
    head_ = begin;
    tail_ = end;
    spanned_ = waiting_;
  }

  std::unique_ptr<Id[]> ring_;
  std::uint32_t capacity_ = 0;
  std::uint32_t head_ = 0;     ///< the oldest, never a hole
  std::uint32_t tail_ = 0;     ///< where the next one goes
  std::uint32_t spanned_ = 0;  ///< from head to tail, holes included
  std::uint32_t waiting_ = 0;
};

}  // namespace spillway
