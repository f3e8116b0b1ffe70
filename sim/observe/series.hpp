#pragma once
/// Series: what happened in each of up to a thousand buckets of equal width, by resource and for journeys.
///
/// A bucket is closed by the first fact of a later one, so quiet time costs nothing until then. Memory is
/// bounded by buckets x resources; the sketches of the open bucket are cleared in place. Where nothing was
/// measured, a point is absent and not zero. Facts after the horizon belong to the last bucket.

#include <vector>

#include "engine/gauge.hpp"
#include "engine/sketch.hpp"
#include "observe/result.hpp"
#include "spillway/world.hpp"

namespace spillway {

inline constexpr std::int64_t kMostBuckets = 1000;

/// The narrowest width that reads well on an axis (1, 2, 5, 10, 15, 30 of a unit) and gives at most 1000
/// buckets: at least 400, unless the horizon is shorter than that many nanoseconds.
Duration bucket_width(Duration horizon);

/// How many buckets of `width` > 0 cover a horizon: at least one.
std::int64_t buckets_in(Duration horizon, Duration width);

class Series final : public Observer {
 public:
  /// `width` zero: chosen by bucket_width(). A width that would give more than 1000 buckets is our mistake.
  Series(World& world, Duration horizon, Duration width = {});

  /// Closes the buckets up to now.
  SeriesResult report();

 private:
  struct Row {
    ResourcePoint open;
    Level concurrency;
    std::int64_t backlog = 0;
    std::int64_t oldest = -1;
    std::int64_t limit = kAbsent;
    std::uint32_t seen = 0;
    Sketch latency;
  };

  /// Subscribes a member that counts into the open bucket.
  template <auto Count>
  void subscribe(FactKind kind) {
    world_.facts().subscribe<&Series::in_bucket<Count>>(*this, kind);
  }
  template <auto Count>
  void in_bucket(const Fact& fact) {
    if (fact.at >= end_) [[unlikely]]
      close_until(fact.at);
    (this->*Count)(fact);
  }
  void sent(const Fact& fact);
  void answered(const Fact& fact);
  void levelled(const Fact& fact);
  void marked(const Fact& fact);
  void born(const Fact&) { ++open_journeys_.arrivals; }
  void responded(const Fact& fact) { response_.add(fact.value); }
  void ended(const Fact& fact) {
    ++(Ending{fact.detail} == Ending::succeeded ? open_journeys_.succeeded : open_journeys_.failed);
  }
  Row& row(std::uint16_t service) {
    if (service >= rows_.size()) [[unlikely]]
      make_room();
    return rows_[service];
  }
  void make_room();
  void close_until(Time now);
  void close_bucket();
  ResourcePoint close(Row& row) const;

  World& world_;
  Duration width_;
  std::size_t buckets_;  ///< at most
  Time end_;             ///< of the open bucket; never, for the last
  std::size_t closed_ = 0;
  std::vector<Row> rows_;
  JourneyPoint open_journeys_;
  Sketch response_;
  SeriesResult result_;
};

}  // namespace spillway
