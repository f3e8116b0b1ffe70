// The slower half of the radix ladder: what happens once in dozens of events. See the header for the idea.
#include "engine/pending_set.hpp"

#include <algorithm>
#include <utility>

namespace spillway {

namespace {

constexpr std::size_t kFirstBlock = 16;  // chunks
constexpr std::size_t kLargestBlock = 2048;
constexpr std::size_t kInsertionSort = 12;  // below this, counting costs more than it saves
constexpr std::size_t kBinsAtMost = 2048;

}  // namespace

// ---- Buckets and chunks ----

RadixLadder::Chunk* RadixLadder::Bucket::last() const {
  const auto address = reinterpret_cast<std::uintptr_t>(end) - 1;
  return reinterpret_cast<Chunk*>(address - address % kChunkBytes);
}

std::size_t RadixLadder::Bucket::size() const {
  const Chunk* chunk = last();
  return chunk->count + static_cast<std::size_t>(end - chunk->entries.data());
}

std::uint64_t RadixLadder::Bucket::earliest() const {
  const Chunk* chunk = last();
  std::uint64_t time = chunk->earliest_before;
  for (const PendingEvent* entry = chunk->entries.data(); entry != end; ++entry)
    time = std::min(time, entry->time);
  return time;
}

/// Calls visit(entries, number) for each chunk of a detached list and frees it, the next one being fetched.
template <typename Visit>
void RadixLadder::consume(const Bucket& bucket, Visit visit) {
  Chunk* const last = bucket.last();
  for (Chunk* chunk = bucket.first; chunk != last;) {
    for (std::size_t line = 0; line < kChunkBytes; line += 64) {
      __builtin_prefetch(reinterpret_cast<const char*>(chunk->next) + line);
    }
    visit(chunk->entries.data(), chunk->count);
    give_chunk(std::exchange(chunk, chunk->next));
  }
  visit(last->entries.data(), static_cast<std::size_t>(bucket.end - last->entries.data()));
  give_chunk(last);
}

RadixLadder::Chunk* RadixLadder::take_chunk() {
  if (free_ != nullptr) {
    Chunk* chunk = free_;
    free_ = chunk->next;
    return chunk;
  }
  if (fresh_left_ == 0) {
    // Blocks grow with what is already held, so that at most a sixteenth of the memory is ahead of its use.
    fresh_left_ = std::clamp(chunks_ / 16, kFirstBlock, kLargestBlock);
    blocks_.emplace_back(new Chunk[fresh_left_]);  // not make_unique: it would touch all of the memory
    fresh_ = blocks_.back().get();
    chunks_ += fresh_left_;
  }
  --fresh_left_;
  return fresh_++;
}

void RadixLadder::give_chunk(Chunk* chunk) {
  chunk->next = free_;
  free_ = chunk;
}

void RadixLadder::extend(Bucket& bucket, unsigned step, unsigned digit) {
  Chunk* chunk = take_chunk();
  if (bucket.end == nullptr) {
    chunk->count = 0;
    chunk->earliest_before = ~std::uint64_t{0};
    bucket.first = chunk;
    digits_in_use_[step] |= std::uint64_t{1} << digit;
    steps_in_use_ |= std::uint64_t{1} << step;
  } else {
    Chunk* last = bucket.last();
    chunk->count = bucket.size();
    chunk->earliest_before = bucket.earliest();
    last->count = kChunkEntries;
    last->next = chunk;
  }
  bucket.end = chunk->entries.data();
}

RadixLadder::Bucket RadixLadder::detach(unsigned step, unsigned digit) {
  digits_in_use_[step] &= ~(std::uint64_t{1} << digit);
  if (digits_in_use_[step] == 0) steps_in_use_ &= ~(std::uint64_t{1} << step);
  return std::exchange(buckets_[step][digit], Bucket{});
}

/// Links a list behind another without touching the entries.
void RadixLadder::append(Bucket& bucket, Bucket rest) {
  if (rest.end == nullptr) return;
  if (bucket.end == nullptr) {
    bucket = rest;
    return;
  }
  Chunk* last = bucket.last();
  rest.last()->count += bucket.size();
  rest.last()->earliest_before = std::min(rest.last()->earliest_before, bucket.earliest());
  last->count = static_cast<std::size_t>(bucket.end - last->entries.data());
  last->next = rest.first;
  bucket.end = rest.end;
}

// ---- From the ladder into the run ----

/// Makes the run non-empty. Each turn either ends or moves a bucket to lower steps.
void RadixLadder::refill() {
  while (true) {
    const auto step = static_cast<unsigned>(std::countr_zero(steps_in_use_));
    const auto digit = static_cast<unsigned>(std::countr_zero(digits_in_use_[step]));
    const unsigned shift = step * kDigitBits;
    const std::uint64_t start = ((base_ >> shift >> kDigitBits << kDigitBits) | digit) << shift;
    if (buckets_[step][digit].size() > kSortAtOnce) {
      if (step == 0) return take_instant(start);
      cascade(step, digit);
      continue;
    }
    base_ = start;
    const std::size_t count = gather(step);
    if (sort_into_run(count)) return;
    // The entries crowd in a corner of the bucket: lower steps tell them apart.
    hand_back(head_);
  }
}

/// A crowd in one nanosecond needs no sorting: it enters the run a chunk at a time. The horizon stays in
/// front of the crowd, so that later pushes of the same time join its end.
void RadixLadder::take_instant(std::uint64_t start) {
  Bucket& bucket = buckets_[0][digit_of(start, 0)];
  Chunk* chunk = bucket.first;
  assert(chunk != bucket.last());
  base_ = start;
  horizon_ = start;
  head_ = run_.data() + kRunStart;
  tail_ = std::copy_n(chunk->entries.data(), chunk->count, head_);
  far_ -= chunk->count;
  bucket.last()->count -= chunk->count;
  bucket.first = chunk->next;
  give_chunk(chunk);
}

/// Collects the lowest bucket of a step, and as many of its neighbours as make a decent run; sets the
/// horizon.
std::size_t RadixLadder::gather(unsigned step) {
  PendingEvent* out = unsorted_.data();
  std::size_t count = 0;
  unsigned digit = 0;
  std::uint64_t digits = digits_in_use_[step];
  do {
    digit = static_cast<unsigned>(std::countr_zero(digits));
    const Bucket bucket = detach(step, digit);
    count += bucket.size();
    consume(bucket, [&out](const PendingEvent* entries, std::size_t number) {
      out = std::copy_n(entries, number, out);
    });
    digits &= digits - 1;
  } while (digits != 0 && count < kEnough &&
           count + buckets_[step][static_cast<unsigned>(std::countr_zero(digits))].size() <= kMerged);
  far_ -= count;
  const unsigned shift = step * kDigitBits;
  horizon_ = (((base_ >> shift >> kDigitBits << kDigitBits) | digit) + 1) << shift;
  return count;
}

/// Moves a large bucket to lower steps. The base moves to its earliest entry rather than to its start:
/// entries that crowd together, or share one instant, then skip the steps on which they do not differ.
void RadixLadder::cascade(unsigned step, unsigned digit) {
  const Bucket bucket = detach(step, digit);
  base_ = bucket.earliest();
  horizon_ = base_;
  far_ -= bucket.size();
  consume(bucket, [this](const PendingEvent* entries, std::size_t number) {
    for (const PendingEvent* entry = entries; entry != entries + number; ++entry) push_far(*entry);
  });
}

// ---- Sorting ----

/// Stable: a counting sort by the leading bits of the time, then insertion. False if the times are so
/// unevenly spread that insertion would be slow; the run then holds the entries, equals in order.
bool RadixLadder::sort_into_run(std::size_t count) {
  head_ = run_.data() + kRunStart;
  tail_ = head_ + count;
  const PendingEvent* entries = unsorted_.data();
  std::uint64_t least = entries[0].time;
  std::uint64_t greatest = entries[0].time;
  bool ordered = true;
  for (std::size_t i = 1; i < count; ++i) {
    ordered &= entries[i].time >= entries[i - 1].time;
    least = std::min(least, entries[i].time);
    greatest = std::max(greatest, entries[i].time);
  }
  if (ordered || count <= kInsertionSort) {
    std::copy_n(entries, count, head_);
    return ordered || settle(count);
  }
  const auto bits = static_cast<unsigned>(std::bit_width(count) + 1);
  const auto width = static_cast<unsigned>(std::bit_width(greatest - least));
  const unsigned shift = width > bits ? width - bits : 0;
  std::array<std::uint16_t, kBinsAtMost> places;
  std::fill_n(places.begin(), std::size_t{1} << bits, std::uint16_t{0});
  for (std::size_t i = 0; i < count; ++i) ++places[(entries[i].time - least) >> shift];
  unsigned sum = 0;
  for (std::size_t bin = 0; bin < std::size_t{1} << bits; ++bin) {
    const unsigned here = places[bin];
    places[bin] = static_cast<std::uint16_t>(sum);
    sum += here;
  }
  for (std::size_t i = 0; i < count; ++i) head_[places[(entries[i].time - least) >> shift]++] = entries[i];
  return settle(count);
}

/// Insertion sort that gives up when it moves too much.
bool RadixLadder::settle(std::size_t count) {
  std::size_t budget = count > kMerged ? 8 * count : kMerged * kMerged;
  for (PendingEvent* next = head_ + 1; next < tail_; ++next) {
    if (next->time >= next[-1].time) continue;
    const PendingEvent entry = *next;
    PendingEvent* place = next;
    for (; place != head_ && place[-1].time > entry.time; --place) *place = place[-1];
    *place = entry;
    const auto moved = static_cast<std::size_t>(next - place);
    if (moved > budget) return false;
    budget -= moved;
  }
  return true;
}

// ---- From the run back into the ladder ----

/// A push that does not fit into the run as it is. Each turn of the loop draws the horizon nearer.
void RadixLadder::push_hard(PendingEvent entry) {
  while (entry.time < horizon_) {
    if (head_ == tail_) {
      head_ = run_.data() + kRunStart;
      tail_ = head_ + 1;
      *head_ = entry;
      return;
    }
    if (static_cast<std::size_t>(tail_ - head_) <= kRunCapacity / 2) centre();
    if (insert(entry)) return;
    draw_horizon_nearer(entry);
  }
  push_far(entry);
}

/// Moves the run away from the ends of its array.
void RadixLadder::centre() {
  if (head_ != run_.data() && tail_ != run_.data() + kRunCapacity) return;
  const std::ptrdiff_t length = tail_ - head_;
  PendingEvent* target = run_.data() + (static_cast<std::ptrdiff_t>(kRunCapacity) - length) / 2;
  if (target < head_) {
    std::copy(head_, tail_, target);
  } else {
    std::copy_backward(head_, tail_, target + length);
  }
  head_ = target;
  tail_ = target + length;
}

/// Shortens the run to what shares one more digit with the present, and hands the rest back. What is handed
/// back lands on a lower step than it came from, so that this, too, happens to an event once a step.
void RadixLadder::draw_horizon_nearer(PendingEvent entry) {
  const std::uint64_t present = std::max(now_, base_);
  const std::uint64_t latest = tail_[-1].time;
  if (entry.time < base_ || latest < present) return rewind();
  if (latest == present) {  // the run is one instant: let the rest of it queue up in the ladder
    base_ = present;
    horizon_ = present;
    return;
  }
  const unsigned step = step_of(present ^ latest);
  const unsigned shift = step * kDigitBits;
  const std::uint64_t block = present >> shift;
  base_ = std::max(base_, block << shift);
  horizon_ = (block + 1) << shift;
  hand_back(std::lower_bound(head_, tail_, horizon_,
                             [](const PendingEvent& at, std::uint64_t time) { return at.time < time; }));
}

void RadixLadder::hand_back(PendingEvent* from) {
  for (const PendingEvent* entry = from; entry != tail_; ++entry) push_far(*entry);
  tail_ = from;
}

/// Someone looked at the front, the base moved there, and now entries arrive that come before it. Puts the
/// base back to the present. The lists of lower steps agree with the old base in all higher digits, so they
/// are linked into the bucket of that digit, behind what the run held of the same time.
void RadixLadder::rewind() {
  const unsigned step = step_of(now_ ^ base_);
  const unsigned digit = digit_of(base_, step);
  Bucket rest = detach(step, digit);
  for (unsigned lower = 0; lower < step; ++lower) {
    while (digits_in_use_[lower] != 0) {
      append(rest, detach(lower, static_cast<unsigned>(std::countr_zero(digits_in_use_[lower]))));
    }
  }
  base_ = now_;
  horizon_ = now_;
  hand_back(head_);
  if (rest.end == nullptr) return;
  append(buckets_[step][digit], rest);
  digits_in_use_[step] |= std::uint64_t{1} << digit;
  steps_in_use_ |= std::uint64_t{1} << step;
}

}  // namespace spillway
