#pragma once
/// Records that wait equally long each, as with a timeout, in the order of their deadlines: so a timer costs
/// one pending event for all of them, and not one a record.
///
/// Nearly all leave long before their time, so nothing is written down of each. Time is cut into spans of an
/// eighth to a quarter of the wait, and what is kept is how many that began to wait in each still do. Only
/// when the deadlines of a span come, and some of it wait, is the pool looked through for them.

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <vector>

#include "spillway/check.hpp"
#include "spillway/pool.hpp"
#include "spillway/time.hpp"

namespace spillway {

template <class Record, class Id>
class Deadlines {
 public:
  /// How long each waits: more than nothing, and the same from the first to the last.
  void set_wait(Duration wait) {
    wait_ = wait;
    shift_ = std::max(0, static_cast<int>(std::bit_width(static_cast<std::uint64_t>(wait.count()))) - 3);
  }

  void enter(Time now) { ++waiting_[span(now) % kSpans]; }
  /// `since`: when it entered.
  void leave(Time since) { --waiting_[span(since) % kSpans]; }
  /// One of those that wait goes on in another record.
  void moved() { found_.clear(); }

  struct Next {
    Time at = kNever;  ///< the past or present: `id` is due, and has to leave; the future: ask again then
    Id id{UINT32_MAX};
  };
  /// The next deadline; those of equal times in the order of their ids. `since(record)` says since when a
  /// record waits here, and nothing of one that does not: it is asked of every record of the pool, of those
  /// that were released, too.
  template <class Since>
  Next next(Time now, Pool<Record, Id>& pool, const Since& since) {
    for (;;) {
      while (!found_.empty()) {
        const auto [from, id] = found_.back();
        const bool waits = since(pool[id]) == from;
        const Time due = from + wait_;
        if (waits && due > now) return {due, Id{UINT32_MAX}};
        found_.pop_back();
        if (waits) return {due, id};
      }
      const std::size_t last = span(now);
      std::size_t oldest = span(std::max(kStart, now - wait_));
      while (oldest <= last && waiting_[oldest % kSpans] == 0) ++oldest;
      if (oldest > last) return {};
      const Time first_due = Time{Duration{static_cast<std::int64_t>(oldest << shift_)}} + wait_;
      if (first_due > now) return {first_due, Id{UINT32_MAX}};
      find(oldest, pool, since);
    }
  }

  std::size_t bytes() const { return found_.capacity() * sizeof(Found); }

 private:
  struct Found {
    Time since;
    Id id;
  };
  static constexpr std::size_t kSpans = 16;  ///< at most nine of them are in use

  std::size_t span(Time time) const {
    return static_cast<std::size_t>(time.time_since_epoch().count()) >> shift_;
  }

  template <class Since>
  [[gnu::noinline]] void find(std::size_t which, Pool<Record, Id>& pool, const Since& since) {
    pool.scan([&](Id id, const Record& record) {
      const std::optional<Time> from = since(record);
      if (from && span(*from) == which) found_.push_back({*from, id});
    });
    check(found_.size() == waiting_[which % kSpans], "who waits for a deadline was counted wrongly");
    std::sort(found_.begin(), found_.end(), [](const Found& a, const Found& b) {
      return a.since != b.since ? a.since > b.since : a.id > b.id;
    });
  }

  int shift_ = 0;
  std::array<std::uint32_t, kSpans> waiting_{};  ///< by the span, modulo their number
  Duration wait_{};
  std::vector<Found> found_;  ///< of one span, the last one due first
};

}  // namespace spillway
