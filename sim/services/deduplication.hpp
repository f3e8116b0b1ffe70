#pragma once
/// The deduplication of a FIFO queue: for five minutes from the acceptance of a message another with its id
/// is acknowledged and not stored, even when the first has been received and deleted (SQS Developer Guide,
/// exactly-once processing, 2026). A duplicate does not prolong the interval.

#include <vector>

#include "model/key_index.hpp"
#include "spillway/time.hpp"

namespace spillway {

class Deduplication {
 public:
  explicit Deduplication(Duration interval) : interval_(interval) {}

  /// Knows no id any more.
  void clear() { *this = Deduplication(interval_); }

  /// Whether a message with this id is new, now; then its interval begins.
  bool accept(Time now, std::uint64_t id) {
    while (count_ > 0 && accepted_[oldest_].at + interval_ <= now) {
      index_.erase(accepted_[oldest_].id);
      oldest_ = (oldest_ + 1) % accepted_.size();
      --count_;
    }
    if (index_.find(id) != KeyIndex::kNone) return false;
    if (count_ == accepted_.size()) grow();
    accepted_[(oldest_ + count_) % accepted_.size()] = {now, id};
    ++count_;
    index_.insert(id, 0);
    return true;
  }

 private:
  struct Accepted {
    Time at{};
    std::uint64_t id = 0;
  };

  void grow() {
    std::vector<Accepted> more(accepted_.empty() ? 16 : accepted_.size() * 2);
    for (std::size_t i = 0; i < count_; ++i) more[i] = accepted_[(oldest_ + i) % accepted_.size()];
    accepted_ = std::move(more);
    oldest_ = 0;
  }

  Duration interval_;
  KeyIndex index_;
  std::vector<Accepted> accepted_;  ///< a ring, in the order of acceptance
  std::size_t oldest_ = 0;
  std::size_t count_ = 0;
};

}  // namespace spillway
