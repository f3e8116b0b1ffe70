#pragma once
/// From 64-bit keys to 32-bit numbers of records, for keys that come and go while a world runs: open
/// addressing with linear probing, so that a warm index allocates nothing. It is never walked through, so its
/// order decides nothing.

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "spillway/random.hpp"

namespace spillway {

class KeyIndex {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  std::size_t size() const { return size_; }

  /// kNone when there is no such key.
  std::uint32_t find(std::uint64_t key) const {
    return slots_.empty() ? kNone : slots_[place_of(key)].number;
  }

  /// Adds a key, or gives it another number; `number` is not kNone.
  void insert(std::uint64_t key, std::uint32_t number) {
    if ((size_ + 1) * 2 > slots_.size()) grow();
    Slot& slot = slots_[place_of(key)];
    if (slot.number == kNone) ++size_;
    slot = {key, number};
  }

  /// Moves back what probed past the gap, so that nothing is left to mark it. A key that is not there is
  /// fine.
  void erase(std::uint64_t key) {
    if (slots_.empty()) return;
    std::size_t gap = place_of(key);
    if (slots_[gap].number == kNone) return;
    --size_;
    for (std::size_t at = next(gap); slots_[at].number != kNone; at = next(at)) {
      const std::size_t home = home_of(slots_[at].key);
      if (((at - home) & mask()) < ((at - gap) & mask())) continue;  // its home lies behind the gap
      slots_[gap] = slots_[at];
      gap = at;
    }
    slots_[gap].number = kNone;
  }

 private:
  struct Slot {
    std::uint64_t key = 0;
    std::uint32_t number = kNone;
  };

  std::size_t mask() const { return slots_.size() - 1; }
  std::size_t next(std::size_t place) const { return (place + 1) & mask(); }
  std::size_t home_of(std::uint64_t key) const { return mix_bits(key) & mask(); }

  /// Where the key stands, or would.
  std::size_t place_of(std::uint64_t key) const {
    std::size_t place = home_of(key);
    while (slots_[place].number != kNone && slots_[place].key != key) place = next(place);
    return place;
  }

  void grow() {
    const std::vector<Slot> before =
        std::exchange(slots_, std::vector<Slot>(slots_.empty() ? 16 : slots_.size() * 2));
    for (const Slot& slot : before) {
      if (slot.number != kNone) slots_[place_of(slot.key)] = slot;
    }
  }

  std::vector<Slot> slots_;  // a power of two, at most half full
  std::size_t size_ = 0;
};

}  // namespace spillway
