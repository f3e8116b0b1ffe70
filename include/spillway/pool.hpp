#pragma once
/// A pool of records named by 32-bit ids. Records never move, so a reference stays good until its record
/// is released; ids of released records are used again, newest first, so the warm ones stay in the cache.
/// Memory grows with the most records ever alive at once, in chunks, and is never returned before the end.
/// The chunks of a large pool lie in huge pages, where the system has them.

#include <cstdint>
#include <cstring>
#include <new>
#include <type_traits>
#include <vector>

#include "engine/huge_page.hpp"

namespace spillway {

template <class Record, class Id>
class Pool {
  static_assert(std::is_trivially_copyable_v<Record> && sizeof(Record) >= sizeof(std::uint32_t));
  static_assert(sizeof(Id) == sizeof(std::uint32_t));

 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  /// A fresh record with every member at its default.
  Id take() {
    return take([](void* place) { new (place) Record{}; });
  }
  /// A record that `make` constructs in its place: one that is built beside it and then copied, in other
  /// widths than it was written in, waits for its own stores.
  template <class Make>
  Id take(const Make& make) {
    const std::uint32_t index = free_ != kNone ? reused() : unused();
    ++alive_;
    make(static_cast<void*>(&slot(index)));
    return Id{index};
  }

  void release(Id id) {
    const auto index = static_cast<std::uint32_t>(id);
    std::memcpy(static_cast<void*>(&slot(index)), &free_, sizeof free_);
    free_ = index;
    --alive_;
  }

  Record& operator[](Id id) { return slot(static_cast<std::uint32_t>(id)); }
  const Record& operator[](Id id) const { return slot(static_cast<std::uint32_t>(id)); }

  /// Asks for a record's memory without waiting for it; nothing happens where there is no such record.
  /// (g++ 12 takes a function that only fetches for one without effects, and drops its calls, unless it is
  /// inlined and says that it has one.)
  [[gnu::always_inline]] void fetch(Id id) const {
    static_assert(sizeof(Record) <= 2 * kLine);
    const auto index = static_cast<std::uint32_t>(id);
    if (index >= used_) return;
    const char* record = reinterpret_cast<const char*>(&slot(index));
    __builtin_prefetch(record);
    asm volatile("" : : "r"(record));
    if constexpr (alignof(Record) < kLine) __builtin_prefetch(record + sizeof(Record) - 1);
  }

  /// visit(id, record) for every record that was ever taken. Of one that is released the first four bytes
  /// are the pool's; what else stood in it still does.
  template <class Visit>
  void scan(Visit&& visit) const {
    for (std::uint32_t index = 0; index < used_; ++index) visit(Id{index}, slot(index));
  }

  std::uint32_t alive() const { return alive_; }
  std::size_t bytes() const {
    std::size_t bytes = 0;
    for (const MemoryBlock& block : blocks_) bytes += block.bytes();
    return bytes;
  }

 private:
  static constexpr std::size_t kLine = 64;  ///< bytes of a cache line
  static constexpr std::uint32_t kBits = 10;
  static constexpr std::uint32_t kChunk = 1u << kBits;
  static constexpr std::uint32_t kMask = kChunk - 1;

  /// The next to be used again is fetched meanwhile.
  std::uint32_t reused() {
    const std::uint32_t index = free_;
    std::memcpy(&free_, static_cast<const void*>(&slot(index)), sizeof free_);
    if (free_ != kNone) __builtin_prefetch(&slot(free_));
    return index;
  }
  /// Only before the run is warm: it stands apart, so that take() is small enough to be inlined.
  [[gnu::noinline]] std::uint32_t unused() {
    if (used_ >> kBits == chunks_.size()) add_chunks();
    return used_++;
  }
  /// One, as long as the pool is small, and then as many as a huge page holds.
  void add_chunks() {
    constexpr std::size_t kBytes = kChunk * sizeof(Record);
    const bool large = chunks_.size() * kBytes >= kHugePage;
    const MemoryBlock& block = blocks_.emplace_back(large ? kHugePage : kBytes);
    for (std::size_t at = 0; at + kBytes <= block.bytes(); at += kBytes)
      chunks_.push_back(reinterpret_cast<Record*>(block.begin() + at));
  }

  Record& slot(std::uint32_t index) { return chunks_[index >> kBits][index & kMask]; }
  const Record& slot(std::uint32_t index) const { return chunks_[index >> kBits][index & kMask]; }

  std::vector<Record*> chunks_;
  std::vector<MemoryBlock> blocks_;
  std::uint32_t free_ = kNone;
  std::uint32_t used_ = 0;
  std::uint32_t alive_ = 0;
};

}  // namespace spillway
