#pragma once
/// What is counted of the commonest facts, in place.
///
/// Of the facts of a hop metrics and the ledger want six, and of those no more than sums. So they lend the
/// world tallies: counters that `call`, `answer`, `level` and `use` add to as they go, the usual case inline,
/// the rest behind one virtual call. A fact itself is only made where somebody subscribed to it who wants to
/// know each, such as a trace.

#include <array>
#include <cstdint>
#include <vector>

#include "engine/math.hpp"
#include "engine/sketch.hpp"
#include "model/gauge_track.hpp"
#include "spillway/fact.hpp"
#include "spillway/journey.hpp"

namespace spillway {

struct Port;

/// Of the calls through one port. The first line and one sketch are all that most calls touch: an attempt
/// that is ok at once is the call's latency too, and its count and time are the sketch's.
class CallTally {
 public:
  virtual ~CallTally() = default;

  void sent(Time now, std::int32_t items, std::int32_t repeats, std::uint8_t attempt) {
    ++attempts_;
    items_ += static_cast<std::uint64_t>(items);
    repeats_ += static_cast<std::uint64_t>(repeats);
    if (attempt > 1) ++resent_;
    moments_ -= nanoseconds(now);
  }
  /// Of the repeats that were sent: `layer` caused so many of them.
  void repeated(RetryLayer layer, std::int32_t items) {
    repeats_by_[layer] += static_cast<std::uint64_t>(items);
  }
  /// Of a call that is ok at once.
  void served(const Call& call, Time now) {
    moments_ += nanoseconds(now);
    at_once_.add((now - call.sent).count());
    if (call.waits.total() != Duration::zero()) [[unlikely]]
      waited(call.waits, now - call.sent);
  }
  /// Of the others: an attempt is answered, and a call has its final answer.
  virtual void answered(const Call& call, const Port& port, Time now) = 0;
  virtual void settled(const Call& call, Time now) = 0;

  /// Neither tried before nor held back, and ok: attempt and call are the same.
  static bool at_once(const Call& call, Outcome outcome) {
    return outcome == Outcome::ok && call.attempt == 1 && call.born == call.sent;
  }

 protected:
  virtual void waited(const Waits& waits, Duration time) = 0;

  std::uint64_t attempts_ = 0;
  std::uint64_t items_ = 0;
  std::uint64_t repeats_ = 0;
  std::uint64_t resent_ = 0;
  Int128 moments_ = 0;  ///< ns since the start: of the leavings, less those of the enterings
  Sketch at_once_;
  ByRetryLayer<std::uint64_t> repeats_by_;
};

/// Of all journeys. One whose client has its answer, ok and without a wait, and of which nothing is left to
/// do then, has one latency: it is responded and ended at once.
class JourneyTally {
 public:
  virtual ~JourneyTally() = default;

  void born(const Journey& journey) {
    Row& row = row_of(journey);
    ++row.born;
    if (counts(journey)) ++row.counted;
  }
  void served(const Journey& journey, Time now) {
    Row& row = row_of(journey);
    ++row.served;
    if (counts(journey)) row.latency.add((now - journey.born).count());
  }
  virtual void responded(const Journey& journey, const Call& call, Time now) = 0;
  /// `waits`: of all its branches.
  virtual void ended(const Journey& journey, const Waits& waits, Time now) = 0;

 protected:
  /// Of one client and traffic class.
  struct Row {
    std::uint64_t born = 0;
    std::uint64_t counted = 0;  ///< born in the window
    std::uint64_t served = 0;   ///< responded and ended at once
    Sketch latency;             ///< of these, as far as they count
  };

  Row& row_of(const Journey& journey) {
    const std::size_t which = std::size_t{journey.client} * classes_ + journey.traffic_class;
    if (journey.traffic_class >= classes_ || which >= rows_.size() || rows_[which] == nullptr) [[unlikely]]
      return new_row(journey);
    return *rows_[which];
  }
  virtual Row& new_row(const Journey& journey) = 0;
  bool counts(const Journey& journey) const { return journey.counted && journey.born >= since_; }

  Time since_ = kStart;      ///< of the window
  std::vector<Row*> rows_;   ///< by client, then class; null until it is met
  std::size_t classes_ = 0;  ///< of each client among the rows
};

/// Of the gauges of one service.
class GaugeTally {
 public:
  virtual ~GaugeTally() = default;

  void levelled(Gauge gauge, Time now, std::int64_t value) {
    GaugeTrack* const track = plain_[static_cast<std::size_t>(gauge)];
    if (track == nullptr) [[unlikely]]
      return levelled_otherwise(gauge, now, value);
    track->set(nanoseconds(now), value);
  }

 protected:
  /// For the first time, or a gauge that is followed in other ways as well.
  virtual void levelled_otherwise(Gauge gauge, Time now, std::int64_t value) = 0;

  /// Where a value goes that was shown before and wants no more than a track.
  std::array<GaugeTrack*, kGauges> plain_{};
};

/// Of one meter of one service. Sums are exact integers of 128 bits: the MB*ms of a large account's month
/// need them.
struct MeterTally {
  Int128 quantity = 0;
  bool used = false;
  ByRetryLayer<Int128> repeats{};  ///< the parts of it that retries and redeliveries caused

  void add(std::int64_t more) {
    quantity += more;
    used = true;
  }
  void add_repeats(RetryLayer layer, std::int64_t of_it) { repeats[layer] += of_it; }
};

/// Who lends tallies is asked again whenever the topology has grown.
class Tallier {
 public:
  virtual ~Tallier() = default;
  virtual void lend() = 0;
};

}  // namespace spillway
