#pragma once
/// A histogram of non-negative integers (nanoseconds, counts, bytes) from which any quantile can be read to
/// within 0.4 %, in memory that depends on the range of the values and never on their number.
///
/// Buckets are log-linear: values below 256 have a bucket each (they are exact); above, every power of two is
/// cut into 128 equal buckets. A quantile answers with the middle of its bucket, so it is off by at most half
/// a bucket: 1/256 of the value. Count, sum, minimum and maximum are exact.
///
/// Storage is one contiguous run of counters from the lowest to the highest power of two seen (1 KiB for
/// each), so merging sketches gives the same object, bit for bit, as adding all values to one, in any order.

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "engine/math.hpp"

namespace spillway {

class Sketch {
 public:
  /// Half of the widest bucket relative to its lower end.
  static constexpr double relative_error() { return 1.0 / 256; }

  /// Adds a value, which must not be negative.
  void add(std::int64_t value) {
    assert(value >= 0);
    const std::size_t bucket = bucket_of(value);
    // An index below first_ wraps around to a huge one: one comparison guards both ends.
    if (bucket - first_ >= counts_.size()) [[unlikely]]
      cover(bucket, bucket);
    ++counts_[bucket - first_];
    ++count_;
    sum_ += value;
    if (value < min_) min_ = value;
    if (value > max_) max_ = value;
  }

  /// Adds a value `n` times.
  void add(std::int64_t value, std::uint64_t n) {
    if (n == 0) return;
    add(value);
    counts_[bucket_of(value) - first_] += n - 1;
    count_ += n - 1;
    sum_ += static_cast<Int128>(value) * static_cast<Int128>(n - 1);
  }

  void merge(const Sketch& other);

  /// Forgets all values and keeps the memory.
  void clear();

  std::uint64_t count() const { return count_; }
  /// The extremes; zero while there is no value.
  std::int64_t min() const { return count_ == 0 ? 0 : min_; }
  std::int64_t max() const { return max_; }
  Int128 sum() const { return sum_; }
  double mean() const { return count_ == 0 ? 0.0 : static_cast<double>(sum_) / static_cast<double>(count_); }

  /// The value of which a share q is at or below (nearest rank): within relative_error() of that value, exact
  /// for values below 256 and for the minimum (q <= 0) and maximum (q >= 1). Zero while there is no value.
  std::int64_t quantile(double q) const;

  /// How many values are at most `limit`, where the bucket that holds the limit counts in proportion to its
  /// part below: exact when the limit is below 256, beyond the extremes, or the last of its bucket.
  double count_at_most(std::int64_t limit) const;

  /// Calls visit(lower, upper, count) for each bucket that holds a value, in rising order; both ends
  /// inclusive.
  template <class Visit>
  void visit(Visit&& visit) const {
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      if (counts_[i] != 0) visit(lower_end(first_ + i), upper_end(first_ + i), counts_[i]);
    }
  }

  /// Memory in use, in bytes, beside the object itself.
  std::size_t bytes() const { return counts_.capacity() * sizeof(std::uint64_t); }

  /// Whether both hold the same counts, sum and extremes.
  friend bool operator==(const Sketch& a, const Sketch& b);

 private:
  static constexpr int kBits = 7;
  static constexpr std::size_t kOctave = std::size_t{1} << kBits;

  /// How far a value's low bits are dropped: 0 below 256, then one more for each power of two.
  static int shift_of(std::uint64_t value) {
    return static_cast<int>(std::bit_width(value | (2 * kOctave - 1))) - (kBits + 1);
  }

  static std::size_t bucket_of(std::int64_t value) {
    const auto bits = static_cast<std::uint64_t>(value);
    const int shift = shift_of(bits);
    return (static_cast<std::size_t>(shift) << kBits) + static_cast<std::size_t>(bits >> shift);
  }
  static std::int64_t lower_end(std::size_t bucket) {
    if (bucket < 2 * kOctave) return static_cast<std::int64_t>(bucket);
    const std::size_t shift = (bucket >> kBits) - 1;
    return static_cast<std::int64_t>((kOctave + (bucket & (kOctave - 1))) << shift);
  }
  static std::int64_t upper_end(std::size_t bucket) {
    if (bucket < 2 * kOctave) return static_cast<std::int64_t>(bucket);
    const std::size_t shift = (bucket >> kBits) - 1;
    return lower_end(bucket) + ((std::int64_t{1} << shift) - 1);
  }

  /// Grows the run of counters, by whole octaves, to hold the buckets from low to high. It stands apart, so
  /// that add() is small enough to be inlined.
  void cover(std::size_t low, std::size_t high);

  std::vector<std::uint64_t> counts_;
  std::size_t first_ = 0;  ///< the bucket that counts_[0] counts
  std::uint64_t count_ = 0;
  Int128 sum_ = 0;
  std::int64_t min_ = std::numeric_limits<std::int64_t>::max();
  std::int64_t max_ = 0;
};

[[gnu::noinline]] inline void Sketch::cover(std::size_t low, std::size_t high) {
  low = low / kOctave * kOctave;
  high = (high / kOctave + 1) * kOctave;
  if (counts_.empty()) {
    first_ = low;
    counts_.resize(high - low);
    return;
  }
  if (low < first_) {
    counts_.insert(counts_.begin(), first_ - low, 0);
    first_ = low;
  }
  if (high > first_ + counts_.size()) counts_.resize(high - first_);
}

inline void Sketch::merge(const Sketch& other) {
  if (other.count_ == 0) return;
  cover(bucket_of(other.min_), bucket_of(other.max_));
  for (std::size_t i = 0; i < other.counts_.size(); ++i) {
    if (other.counts_[i] != 0) counts_[other.first_ + i - first_] += other.counts_[i];
  }
  count_ += other.count_;
  sum_ += other.sum_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

inline void Sketch::clear() {
  std::fill(counts_.begin(), counts_.end(), 0);
  count_ = 0;
  sum_ = 0;
  min_ = std::numeric_limits<std::int64_t>::max();
  max_ = 0;
}

inline std::int64_t Sketch::quantile(double q) const {
  if (count_ == 0) return 0;
  if (!(q > 0)) return min_;
  if (q >= 1) return max_;
  // The rank is q * count rounded up, unless the product is a whole number but for its rounding (0.07 * 100).
  const double exact = q * static_cast<double>(count_);
  const double whole = std::floor(exact + 0.5);
  const double rank = std::fabs(exact - whole) <= 1e-12 * exact ? whole : std::ceil(exact);
  const auto wanted = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(rank));
  if (wanted >= count_) return max_;
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (seen < wanted) continue;
    const std::int64_t lower = lower_end(first_ + i);
    return std::clamp(lower + (upper_end(first_ + i) - lower) / 2, min_, max_);
  }
  return max_;
}

inline double Sketch::count_at_most(std::int64_t limit) const {
  if (count_ == 0 || limit < min_) return 0;
  if (limit >= max_) return static_cast<double>(count_);
  const std::size_t bucket = bucket_of(limit);
  std::uint64_t below = 0;
  for (std::size_t i = 0; first_ + i < bucket; ++i) below += counts_[i];
  const auto width = static_cast<double>(upper_end(bucket) - lower_end(bucket) + 1);
  const auto part = static_cast<double>(limit - lower_end(bucket) + 1);
  return static_cast<double>(below) + static_cast<double>(counts_[bucket - first_]) * (part / width);
}

inline bool operator==(const Sketch& a, const Sketch& b) {
  if (a.count_ != b.count_ || a.sum_ != b.sum_ || a.min_ != b.min_ || a.max_ != b.max_) return false;
  // A cleared sketch may cover more than its values need; what it covers beyond the other is zero.
  const std::size_t from = std::min(a.first_, b.first_);
  const std::size_t to = std::max(a.first_ + a.counts_.size(), b.first_ + b.counts_.size());
  const auto at = [](const Sketch& s, std::size_t bucket) {
    return bucket - s.first_ < s.counts_.size() ? s.counts_[bucket - s.first_] : 0;
  };
  for (std::size_t bucket = from; bucket < to; ++bucket) {
    if (at(a, bucket) != at(b, bucket)) return false;
  }
  return true;
}

}  // namespace spillway
