#pragma once
/// The pending-event set: what has been scheduled and not yet run, in order of (time, order of scheduling).
///
/// RadixLadder is a radix heap with buckets wide enough to be sorted in one go. A heap beyond the cache pays
/// a cache miss a level; here every access is an append to a bucket or a sequential read, whatever the
/// number of pending events, and no width, year or resize has to be guessed from the traffic.
///
/// * Far part: one ladder step for each 6-bit digit of the time, 64 buckets a step. An entry lies on the
///   step of the highest digit in which its time differs from `base_`, in the bucket of that digit.
/// * Near part ("the run"): a sorted array of the next entries: everything that comes before `horizon_`.
/// * When the run is empty, the lowest bucket is sorted into it, neighbours included if it is small; if it is
///   large, `base_` moves to its start and its entries move to lower steps. So an entry moves down at most
///   once a step, and the cost of an event does not depend on how many are pending.
/// * A push before the horizon is inserted into the run from the nearer end. If it would land too deep, the
///   run's far end is handed back to the ladder and the horizon drawn nearer.
///
/// First in, first out among equal times needs no sequence number: equal times share a bucket at any moment,
/// buckets are appended to and moved in order, and sorting is stable.
///
/// Invariants: 1. every entry of the ladder has time >= horizon_ (and >= base_), every entry of the run is
/// earlier, except that the rest of one crowded nanosecond may wait in the ladder while its first part is in
/// the run (then horizon_ is that nanosecond). 2. No entry is earlier than `now_`, the time last popped.
///
/// Memory: chunks of 63 entries from a free list. It follows the greatest number pending at once, and never
/// the number that has passed.

#include <array>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace spillway {

/// One pending event: when (ns since the start, at most INT64_MAX), and a word whose meaning is the caller's.
struct PendingEvent {
  std::uint64_t time;
  std::uint64_t word;
  friend bool operator==(const PendingEvent&, const PendingEvent&) = default;
};
static_assert(sizeof(PendingEvent) == 16);

class RadixLadder {
 public:
  RadixLadder() { head_ = tail_ = run_.data() + kRunStart; }
  ~RadixLadder() = default;
  RadixLadder(const RadixLadder&) = delete;  // it holds pointers into itself
  RadixLadder& operator=(const RadixLadder&) = delete;

  /// Precondition: the time is not before that of the last entry popped.
  void push(PendingEvent entry) {
    assert(entry.time >= now_);
    if (entry.time >= horizon_) {
      push_far(entry);
    } else {
      push_near(entry);
    }
  }

  /// Precondition: not empty.
  PendingEvent pop() {
    assert(!empty());
    if (head_ == tail_) [[unlikely]]
      refill();
    const PendingEvent entry = *head_++;
    now_ = entry.time;
    return entry;
  }

  /// The entry that pop() would return. Looking costs nothing later: an earlier push is still welcome.
  [[nodiscard]] const PendingEvent& front() {
    assert(!empty());
    if (head_ == tail_) [[unlikely]]
      refill();
    return *head_;
  }

  /// The k-th next entry (0 is the front) if it is already known, else nullptr. A window for prefetching
  /// what the coming events will touch.
  [[nodiscard]] const PendingEvent* ahead(std::size_t k) const {
    return k < static_cast<std::size_t>(tail_ - head_) ? head_ + k : nullptr;
  }

  [[nodiscard]] bool empty() const { return head_ == tail_ && far_ == 0; }
  [[nodiscard]] std::size_t size() const { return far_ + static_cast<std::size_t>(tail_ - head_); }
  /// All memory held, this object included.
  [[nodiscard]] std::size_t bytes() const { return sizeof(*this) + chunks_ * sizeof(Chunk); }

 private:
  static constexpr unsigned kDigitBits = 6;
  static constexpr unsigned kBuckets = 1U << kDigitBits;
  static constexpr unsigned kSteps = (63 + kDigitBits - 1) / kDigitBits;
  static constexpr std::size_t kChunkEntries = 63;
  static constexpr std::size_t kChunkBytes = 1024;
  static constexpr std::size_t kSortAtOnce = 512;  ///< a larger bucket moves down instead
  static constexpr std::size_t kEnough = 64;       ///< a smaller run takes the neighbouring bucket along...
  static constexpr std::size_t kMerged = 96;       ///< ... up to this many entries
  static constexpr std::ptrdiff_t kFew = 4;        ///< a run this short is searched without branches
  static constexpr std::ptrdiff_t kShift = 48;     ///< an insertion moves at most this many entries
  static constexpr std::size_t kRunCapacity = 1024;
  static constexpr std::size_t kRunStart = 64;  ///< free places before a fresh run, for earlier pushes

  /// The last chunk of a list sums up the chunks before it (how many entries, the earliest time); all others
  /// know their successor and how many of their own places are taken.
  struct alignas(kChunkBytes) Chunk {
    union {
      Chunk* next;
      std::uint64_t earliest_before;
    };
    std::uint64_t count;
    std::array<PendingEvent, kChunkEntries> entries;
  };
  static_assert(sizeof(Chunk) == kChunkBytes);

  /// A list of chunks. `end` is the place for the next entry; as chunks are aligned and end with their last
  /// entry, `end` is a multiple of the chunk size exactly if there is no such place (or no chunk at all).
  struct Bucket {
    PendingEvent* end = nullptr;
    Chunk* first = nullptr;
    [[nodiscard]] bool full() const { return reinterpret_cast<std::uintptr_t>(end) % kChunkBytes == 0; }
    [[nodiscard]] Chunk* last() const;
    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] std::uint64_t earliest() const;
  };

  static unsigned step_of(std::uint64_t difference) {
    return (63U - static_cast<unsigned>(std::countl_zero(difference | 1U))) / kDigitBits;
  }
  static unsigned digit_of(std::uint64_t time, unsigned step) {
    return static_cast<unsigned>(time >> (step * kDigitBits)) & (kBuckets - 1);
  }

  void push_far(PendingEvent entry) {
    const unsigned step = step_of(entry.time ^ base_);
    Bucket& bucket = buckets_[step][digit_of(entry.time, step)];
    if (bucket.full()) [[unlikely]]
      extend(bucket, step, digit_of(entry.time, step));
    *bucket.end++ = entry;
    ++far_;
  }

  void push_near(PendingEvent entry) {
    if (!insert(entry)) [[unlikely]]
      push_hard(entry);
  }

  /// Insertion into the run from the nearer end; `middle` stops the loops, so they check no bound.
  /// False if it would move too much, or if there is no place at that end, or no run.
  bool insert(PendingEvent entry) {
    if (tail_ - head_ <= kFew && tail_ != run_.data() + kRunCapacity) return insert_among_few(entry);
    if (head_ == tail_) [[unlikely]]
      return false;
    const std::ptrdiff_t half = (tail_ - head_) / 2;
    const PendingEvent* middle = head_ + half;
    if (entry.time >= middle->time) {
      if (half > kShift && entry.time < tail_[-kShift].time) [[unlikely]]
        return false;
      if (tail_ == run_.data() + kRunCapacity) [[unlikely]]
        return false;
      PendingEvent* place = tail_++;
      for (; place[-1].time > entry.time; --place) *place = place[-1];
      *place = entry;
    } else {
      if (half > kShift && entry.time >= head_[kShift].time) [[unlikely]]
        return false;
      if (head_ == run_.data()) [[unlikely]]
        return false;
      PendingEvent* place = --head_;
      for (; place[1].time <= entry.time; ++place) *place = place[1];
      *place = entry;
    }
    return true;
  }

  /// Where few events wait, which of them is next is anybody's guess, so the comparisons are arithmetic and
  /// not branches: a wrong guess would cost more than all of them.
  bool insert_among_few(PendingEvent entry) {
    PendingEvent* place = tail_++;
    for (; place != head_; --place) {
      const std::uint64_t later = 0 - static_cast<std::uint64_t>(place[-1].time > entry.time);
      const std::uint64_t time = place[-1].time ^ entry.time;
      const std::uint64_t word = place[-1].word ^ entry.word;
      place[0] = {entry.time ^ (time & later), entry.word ^ (word & later)};
      entry = {entry.time ^ (time & ~later), entry.word ^ (word & ~later)};
    }
    *place = entry;
    return true;
  }

  // The rest runs once in dozens of events; it lives in the source file.
  void push_hard(PendingEvent entry);
  void centre();
  void draw_horizon_nearer(PendingEvent entry);
  void rewind();
  void hand_back(PendingEvent* from);
  void refill();
  void take_instant(std::uint64_t start);
  std::size_t gather(unsigned step);
  bool sort_into_run(std::size_t count);
  bool settle(std::size_t count);
  void cascade(unsigned step, unsigned digit);
  void extend(Bucket& bucket, unsigned step, unsigned digit);
  Bucket detach(unsigned step, unsigned digit);
  static void append(Bucket& bucket, Bucket rest);
  template <typename Visit>
  void consume(const Bucket& bucket, Visit visit);
  Chunk* take_chunk();
  void give_chunk(Chunk* chunk);

  PendingEvent* head_ = nullptr;
  PendingEvent* tail_ = nullptr;
  std::uint64_t horizon_ = 0;
  std::uint64_t base_ = 0;
  std::uint64_t now_ = 0;
  std::size_t far_ = 0;
  std::uint64_t steps_in_use_ = 0;
  std::array<std::uint64_t, kSteps> digits_in_use_{};
  std::array<std::array<Bucket, kBuckets>, kSteps> buckets_{};
  std::array<PendingEvent, kRunCapacity> run_;
  std::array<PendingEvent, kSortAtOnce> unsorted_;
  Chunk* free_ = nullptr;
  Chunk* fresh_ = nullptr;  ///< the next never used chunk of the youngest block
  std::size_t fresh_left_ = 0;
  std::size_t chunks_ = 0;
  std::vector<std::unique_ptr<Chunk[]>> blocks_;
};

}  // namespace spillway
