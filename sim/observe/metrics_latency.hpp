#pragma once
/// Latencies, and where the time went: into queueing, cold starts, back-off between attempts, and service.
///
/// Most journeys wait for nothing, and then service is the whole latency: one sketch takes both. Only a
/// journey that waited touches the others. The four parts are shown per journey and so have their own
/// quantiles; the parts' p99s do not add up to the p99 of the whole, the parts' means do.
///
/// Waits of calls that a handler makes side by side may add up to more than the time that passed; service is
/// then zero, never negative.

#include <algorithm>
#include <cstdint>

#include "engine/sketch.hpp"
#include "spillway/journey.hpp"

namespace spillway {

struct LatencyParts {
  Sketch total;
  Sketch queued;
  Sketch cold;
  Sketch backoff;
  Sketch service;

  void merge(const LatencyParts& other) {
    total.merge(other.total);
    queued.merge(other.queued);
    cold.merge(other.cold);
    backoff.merge(other.backoff);
    service.merge(other.service);
  }
};

class LatencyCollector {
 public:
  void add(std::int64_t total, const Waits& waits) {
    const std::int64_t waited = waits.total().count();
    if (waited == 0) {
      plain_.add(total);
      return;
    }
    parts_.total.add(total);
    if (waits.queued.count() != 0) parts_.queued.add(waits.queued.count());
    if (waits.cold.count() != 0) parts_.cold.add(waits.cold.count());
    if (waits.backoff.count() != 0) parts_.backoff.add(waits.backoff.count());
    parts_.service.add(std::max<std::int64_t>(0, total - waited));
  }

  /// Adds those who waited for nothing.
  void add(const Sketch& totals) { plain_.merge(totals); }

  std::uint64_t count() const { return plain_.count() + parts_.total.count(); }

  /// The five sketches, each over all that were added: who did not wait counts as a wait of zero.
  LatencyParts parts() const {
    LatencyParts parts = parts_;
    parts.total.merge(plain_);
    parts.service.merge(plain_);
    for (Sketch* const part : {&parts.queued, &parts.cold, &parts.backoff})
      part->add(0, count() - part->count());
    return parts;
  }

 private:
  Sketch plain_;        ///< latency of those that waited for nothing
  LatencyParts parts_;  ///< of the others; waits of zero are left out until they are asked for
};

}  // namespace spillway
