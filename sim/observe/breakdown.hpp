#pragma once
/// Breakdown: where the time went, by how long it took. The parts of a latency have quantiles of their own
/// (metrics_latency.hpp), and those do not add up to the quantile of the whole; here the parts are summed
/// over the journeys of one latency, so "what do the slowest hundredth wait for?" has an answer that adds up.
///
/// Latencies fall into buckets of a sixteenth of a power of two; a bucket keeps five sums. A band from one
/// quantile to another takes its share of the buckets at its ends.

#include <cstdint>
#include <vector>

#include "engine/math.hpp"
#include "spillway/world.hpp"

namespace spillway {

/// Sums over journeys, ns.
struct PartSums {
  double journeys = 0;
  double total = 0;
  double queued = 0;
  double cold = 0;
  double backoff = 0;
  double service = 0;

  void add(const PartSums& other, double share);
};

class LatencyBreakdown {
 public:
  void add(std::int64_t total, const Waits& waits);
  void merge(const LatencyBreakdown& other);

  std::uint64_t count() const { return count_; }
  /// What the journeys whose latency lies between two quantiles spent: 0.99 to 1 are the slowest hundredth.
  PartSums band(double from, double to) const;

 private:
  struct Row {
    std::uint64_t journeys = 0;
    Int128 total = 0;
    Int128 queued = 0;
    Int128 cold = 0;
    Int128 backoff = 0;
    Int128 service = 0;
  };

  std::vector<Row> rows_;  ///< by bucket
  std::uint64_t count_ = 0;
};

struct Breakdown {
  LatencyBreakdown response;    ///< until the client had its answer
  LatencyBreakdown completion;  ///< until the last branch ended

  void merge(const Breakdown& other) {
    response.merge(other.response);
    completion.merge(other.completion);
  }
};

/// Hears when journeys are answered and end; those that were born in the warm-up do not count.
class BreakdownObserver final : public Observer {
 public:
  explicit BreakdownObserver(World& world) : world_(world) {
    world.facts().subscribe(*this, {FactKind::responded, FactKind::ended});
  }

  void observe(const Fact& fact) override;
  Breakdown report() { return std::move(result_); }

 private:
  World& world_;
  Breakdown result_;
};

}  // namespace spillway
