#pragma once
/// The ladder queue: buckets whose width follows the entries that lie in them. It exists only to be measured
/// against; the radix ladder takes its two ends from it, and gives up its widths.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/pending_set.hpp"

namespace spillway::bench {

/// W. Tang, R. Goh, I. Thng, "Ladder queue", ACM TOMACS 15 (2005): an unsorted top, rungs of buckets that are
/// spawned when a bucket is too full, and a sorted bottom (here an array that is popped from its end).
class LadderQueue {
 public:
  void push(PendingEvent entry) {
    if (entry.time >= top_start_) {
      top_least_ = std::min(top_least_, entry.time);
      top_greatest_ = std::max(top_greatest_, entry.time);
      top_.push_back(entry);
      return;
    }
    for (std::size_t i = 0; i < depth_; ++i) {
      Rung& rung = rungs_[i];
      if (entry.time >= rung.reached()) return rung.file(entry);
    }
    if (bottom_.size() > kThreshold && depth_ < kRungs && bottom_.front().time > bottom_.back().time) {
      spread_bottom();
      return push(entry);
    }
    const auto place =
        std::lower_bound(bottom_.begin(), bottom_.end(), entry.time,
                         [](const PendingEvent& at, std::uint64_t time) { return at.time > time; });
    bottom_.insert(place, entry);
  }

  PendingEvent pop() {
    while (bottom_.empty()) fill_bottom();
    const PendingEvent entry = bottom_.back();
    bottom_.pop_back();
    return entry;
  }

 private:
  static constexpr std::size_t kThreshold = 50;
  static constexpr std::size_t kRungs = 8;
  struct Rung {
    std::vector<std::vector<PendingEvent>> buckets;
    std::uint64_t start = 0;
    std::uint64_t width = 1;
    std::size_t at = 0;
    std::size_t count = 0;
    std::size_t used = 0;
    void open(std::uint64_t from, std::uint64_t span, std::size_t entries) {
      start = from;
      width = span / entries + 1;
      at = 0;
      count = 0;
      used = static_cast<std::size_t>(span / width) + 1;
      if (buckets.size() < used) buckets.resize(used);
    }
    [[nodiscard]] std::uint64_t reached() const { return start + at * width; }
    void file(PendingEvent entry) {
      const auto bucket = static_cast<std::size_t>((entry.time - start) / width);
      buckets[bucket].push_back(entry);
      ++count;
    }
  };

  void fill_bottom() {
    while (depth_ > 0 && rungs_[depth_ - 1].count == 0) --depth_;
    if (depth_ == 0) return spread_top();
    Rung& rung = rungs_[depth_ - 1];
    while (rung.buckets[rung.at].empty()) ++rung.at;
    std::vector<PendingEvent>& bucket = rung.buckets[rung.at];
    const std::uint64_t start = rung.reached();
    ++rung.at;
    rung.count -= bucket.size();
    if (bucket.size() > kThreshold && depth_ < kRungs && rung.width > 1) {
      Rung& finer = rungs_[depth_];
      finer.open(start, rung.width - 1, bucket.size());
      for (const PendingEvent& entry : bucket) finer.file(entry);
      ++depth_;
    } else {
      bottom_.assign(bucket.rbegin(), bucket.rend());
      sort_bottom();
    }
    bucket.clear();
  }

  void spread_top() {
    rungs_[0].open(top_least_, top_greatest_ - top_least_, top_.size());
    for (const PendingEvent& entry : top_) rungs_[0].file(entry);
    top_start_ = rungs_[0].start + rungs_[0].used * rungs_[0].width;
    top_.clear();
    top_least_ = ~std::uint64_t{0};
    top_greatest_ = 0;
    depth_ = 1;
  }

  /// The bottom has grown by pushes: it becomes a rung of its own.
  void spread_bottom() {
    Rung& finer = rungs_[depth_];
    const std::uint64_t end = depth_ == 0 ? top_start_ : rungs_[depth_ - 1].reached();
    finer.open(bottom_.back().time, end - 1 - bottom_.back().time, bottom_.size());
    for (auto entry = bottom_.rbegin(); entry != bottom_.rend(); ++entry) finer.file(*entry);
    bottom_.clear();
    ++depth_;
  }

  /// Latest first; of equal times the one that came last first.
  void sort_bottom() {
    for (std::size_t i = 1; i < bottom_.size(); ++i) {
      const PendingEvent entry = bottom_[i];
      std::size_t at = i;
      for (; at > 0 && bottom_[at - 1].time < entry.time; --at) bottom_[at] = bottom_[at - 1];
      bottom_[at] = entry;
    }
  }

  std::vector<PendingEvent> top_;
  std::uint64_t top_start_ = 0;
  std::uint64_t top_least_ = ~std::uint64_t{0};
  std::uint64_t top_greatest_ = 0;
  std::array<Rung, kRungs> rungs_;
  std::size_t depth_ = 0;
  std::vector<PendingEvent> bottom_;
};

}  // namespace spillway::bench
