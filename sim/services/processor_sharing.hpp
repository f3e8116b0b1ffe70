#pragma once
/// Processor sharing on n processors: every task in the system is served at once, each at the rate min(1, n /
/// tasks).
///
/// Kept in virtual time V, the service that a task present all along would have received: a task of work w
/// that enters at V leaves when V reaches V + w, so tasks leave in the order of that tag whatever happens in
/// between, and an entry or a departure costs O(log tasks), not a change to every task. V counts in 2^-32 ns
/// in 128 bits: rounding stays below a nanosecond even after a billion changes of rate.

#include <algorithm>
#include <cstdint>
#include <vector>

#include "engine/math.hpp"
#include "spillway/time.hpp"

namespace spillway {

class ProcessorSharing {
 public:
  explicit ProcessorSharing(std::int64_t processors) : processors_(processors) {}

  std::int64_t size() const { return static_cast<std::int64_t>(tasks_.size()); }
  bool empty() const { return tasks_.empty(); }

  void enter(Time now, Duration work, std::uint32_t task) {
    advance(now);
    tasks_.push_back({virtual_ + (Int128{work.count()} << kFraction), entered_++, task});
    std::push_heap(tasks_.begin(), tasks_.end(), later);
  }

  /// When the next task will have got its work if nothing changes: kNever when there is none, or while
  /// paused.
  Time next_done() const {
    if (tasks_.empty() || paused_) return kNever;
    const Int128 left = std::max<Int128>(0, tasks_.front().tag - virtual_) * std::max(processors_, size());
    const Int128 unit = Int128{processors_} << kFraction;
    return changed_ + Duration{static_cast<std::int64_t>((left + unit - 1) / unit)};
  }

  /// Takes out the task that is done first; `now` is next_done().
  std::uint32_t leave(Time now) {
    advance(now);
    virtual_ = std::max(virtual_, tasks_.front().tag);
    return take();
  }

  /// Takes out any task, for when all are given up.
  std::uint32_t take() {
    std::pop_heap(tasks_.begin(), tasks_.end(), later);
    const std::uint32_t task = tasks_.back().task;
    tasks_.pop_back();
    if (tasks_.empty()) virtual_ = 0;
    return task;
  }

  void pause(Time now) {
    advance(now);
    paused_ = true;
  }
  void go_on(Time now) {
    advance(now);
    paused_ = false;
  }

 private:
  static constexpr int kFraction = 32;
  struct Task {
    Int128 tag;             // the virtual time at which it is done
    std::uint64_t entered;  // equal tags leave in the order of entry
    std::uint32_t task;
  };
  static bool later(const Task& a, const Task& b) {
    return a.tag != b.tag ? a.tag > b.tag : a.entered > b.entered;
  }

  void advance(Time now) {
    const Int128 elapsed = Int128{(now - changed_).count()} << kFraction;
    changed_ = now;
    if (tasks_.empty() || paused_) return;
    virtual_ += size() <= processors_ ? elapsed : elapsed * processors_ / size();
  }

  std::int64_t processors_;
  std::vector<Task> tasks_;  // a heap, the next to leave in front
  Int128 virtual_ = 0;
  Time changed_ = kStart;  // when virtual_ was brought up to date
  std::uint64_t entered_ = 0;
  bool paused_ = false;
};

}  // namespace spillway
