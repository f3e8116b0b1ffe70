#pragma once
/// Metrics: what happened to calls on every edge, to journeys by client and traffic class, and to the gauges
/// and marks of every resource, since the warm-up ended.
///
/// It hears most facts of a run, so each costs a few nanoseconds: arrays by port, service and class, no
/// search, and one sketch a call in the usual case. An attempt that is ok at once is also the call's latency,
/// so one sketch holds both; only other attempts, and calls that were repeated, have sketches of their own.
/// What is asked for by resource is the sum over its edges, made when the run is over.

#include <array>
#include <memory>
#include <vector>

#include "observe/metrics_latency.hpp"
#include "observe/metrics_tracks.hpp"
#include "observe/result.hpp"
#include "spillway/world.hpp"

namespace spillway {

class Metrics final : public Observer {
 public:
  explicit Metrics(World& world);

  /// The warm-up is over: forgets what happened and keeps what is.
  void reset();

  /// Writes edges, resources and journeys into the result. Names of clients and classes are by their numbers.
  void report(RunResult& result, const std::vector<std::string>& clients,
              const std::vector<std::string>& classes);

  /// Since the start of the run, for the conservation check.
  struct JourneyTotals {
    std::uint64_t born = 0;
    std::uint64_t responded = 0;
    std::uint64_t ended = 0;
  };
  struct CallTotals {
    CallCounts counts;
    std::int64_t open = 0;  ///< attempts in the callee's hands, those included that nobody waits for any more
  };
  /// visit(client, traffic class, totals)
  template <class Visit>
  void visit_journeys(Visit&& visit) const {
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      if (cells_[i]) visit(i / classes_, i % classes_, cells_[i]->totals);
    }
  }
  std::size_t port_rows() const { return ports_.size(); }
  CallTotals call_totals(std::size_t port) const;
  LittlesLaw little(std::size_t port) const;
  std::size_t service_rows() const { return services_.size(); }
  /// Its value now; -1 for Gauge::oldest when none waits.
  std::int64_t gauge_value(std::size_t service, Gauge gauge) const;
  std::int64_t gauge_low(std::size_t service, Gauge gauge) const;

 private:
  /// The first line is all that most calls touch, beside one sketch: an attempt that is ok at once is the
  /// call's latency too, and its count and time are the sketch's.
  struct PortRow {
    std::uint64_t attempts = 0;
    std::uint64_t items = 0;
    std::uint64_t repeats = 0;
    std::uint64_t resent = 0;
    Presence presence;
    Sketch at_once;

    // The other attempts, and calls that were repeated; of all calls, what they waited for.
    Sketch other_attempts;
    Sketch other_calls;
    CallCounts others;
    Int128 excess = 0;  ///< waits beyond the time that passed: calls made side by side
    std::uint64_t others_left = 0;
    Int128 others_time = 0;
    CallCounts before;  ///< until the warm-up ended

    CallCounts counts() const;
    Presence::Flow flow() const {
      return {attempts, at_once.count() + others_left, at_once.sum() + others_time};
    }
  };
  struct ServiceRow {
    std::array<GaugeTrack, kGauges> gauges;
    AgeTrack age;
    DrainTrack drain;
    std::int64_t oldest = -1;
    std::uint32_t seen = 0;  ///< bit g: gauge g was shown
    std::array<std::int64_t, kMarks> marks{};
    std::uint64_t marks_seen = 0;  ///< bit m: mark m was made, if only of a count of zero
    static_assert(kMarks <= 64);
  };
  struct JourneyCell {
    JourneyTotals totals;
    std::uint64_t counted = 0;  ///< born in the window
    std::array<LatencyCollector, kOutcomes> responses;
    std::array<LatencyCollector, kEndings> completions;
  };

  void sent(const Fact& fact);
  void answered(const Fact& fact);
  void answered_otherwise(const Fact& fact);
  void settled(const Fact& fact);
  void settled_otherwise(const Fact& fact);
  static void add_waits(PortRow& row, const Call& call, std::int64_t time);
  void late(const Fact& fact);
  void levelled(const Fact& fact);
  void levelled_otherwise(const Fact& fact);
  void marked(const Fact& fact);
  void born(const Fact& fact);
  void responded(const Fact& fact);
  void ended(const Fact& fact);

  /// The first fact about a row comes again when there is room for it. It stands apart, as all that is rare
  /// does, so that the usual facts save no registers and end with a jump.
  template <auto Hear>
  [[gnu::noinline]] void with_room(const Fact& fact) {
    make_room();
    (this->*Hear)(fact);
  }
  JourneyCell& cell(const Journey& journey) {
    const std::size_t which = std::size_t{journey.client} * classes_ + journey.traffic_class;
    if (journey.traffic_class >= classes_ || which >= cells_.size() || !cells_[which]) [[unlikely]]
      return new_cell(journey);
    return *cells_[which];
  }
  JourneyCell& new_cell(const Journey& journey);
  bool counts(const Journey& journey) const { return journey.counted && journey.born >= since_; }
  void make_room();

  void report_edges(RunResult& result) const;
  void report_resource(ResourceResult& result, std::size_t service);
  void report_journeys(RunResult& result, const std::vector<std::string>& clients,
                       const std::vector<std::string>& classes) const;

  World& world_;
  Time since_ = kStart;
  std::vector<PortRow> ports_;
  std::vector<ServiceRow> services_;
  /// By service, then gauge: where a value goes that was shown before and wants no more than a GaugeTrack.
  std::vector<GaugeTrack*> plain_gauges_;
  std::vector<std::unique_ptr<JourneyCell>> cells_;  ///< by client, then class; made when first met
  std::size_t classes_ = 0;                          ///< of each client among the cells
  std::vector<Waits> response_waits_;                ///< by journey in flight: what its answer waited for
};

}  // namespace spillway
