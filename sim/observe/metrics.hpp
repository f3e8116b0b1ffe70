#pragma once
/// Metrics: what happened to calls on every edge, to journeys by client and traffic class, and to the gauges
/// and marks of every resource, since the warm-up ended.
///
/// It counts most facts of a run, so each costs a few nanoseconds: tallies in place by port and service
/// (model/tally.hpp), arrays by class, no search, and one sketch a call in the usual case. An attempt that is
/// ok at once is also the call's latency, so one sketch holds both; only other attempts, and calls that were
/// repeated, have sketches of their own. So it is with the response and the end of a journey. What is asked
/// for by resource is the sum over its edges, made when the run is over.

#include <array>
#include <deque>
#include <memory>
#include <vector>

#include "model/tally.hpp"
#include "observe/metrics_latency.hpp"
#include "observe/metrics_tracks.hpp"
#include "observe/result.hpp"
#include "spillway/world.hpp"

namespace spillway {

class Metrics final : public Observer, public Tallier {
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
    journeys_.visit([&](std::size_t client, std::size_t traffic_class, const JourneyRows::Cell& cell) {
      visit(client, traffic_class, cell.totals());
    });
  }
  std::size_t port_rows() const { return ports_.size(); }
  CallTotals call_totals(std::size_t port) const;
  LittlesLaw little(std::size_t port) const;
  std::size_t service_rows() const { return services_.size(); }
  /// Its value now; -1 for Gauge::oldest when none waits.
  std::int64_t gauge_value(std::size_t service, Gauge gauge) const;
  std::int64_t gauge_low(std::size_t service, Gauge gauge) const;

 private:
  class PortRow final : public CallTally {
   public:
    CallCounts counts() const;
    Presence::Flow flow() const {
      return {attempts_, at_once_.count() + others_left_, at_once_.sum() + others_time_, moments_};
    }
    LittlesLaw little(std::int64_t now) const { return presence_.law(now, flow()); }
    CallTotals totals() const;
    void report(CallResult& calls, std::int64_t now) const;
    void late(std::int64_t now, std::int64_t time);
    void reset(std::int64_t now);

   private:
    void answered(const Call& call, const Port& port, Time now) override;
    void settled(const Call& call, Time now) override;
    void waited(const Waits& waits, Duration time) override;

    // The other attempts, and calls that were repeated; of all calls, what they waited for.
    Presence presence_;
    Sketch other_attempts_;
    Sketch other_calls_;
    CallCounts others_;
    Int128 excess_ = 0;  ///< waits beyond the time that passed: calls made side by side
    std::uint64_t others_left_ = 0;
    Int128 others_time_ = 0;
    CallCounts before_;  ///< until the warm-up ended
  };
  struct ServiceRow final : GaugeTally {
    std::array<GaugeTrack, kGauges> gauges;
    AgeTrack age;
    DrainTrack drain;
    std::int64_t oldest = -1;
    std::uint32_t seen = 0;  ///< bit g: gauge g was shown
    std::array<std::int64_t, kMarks> marks{};
    std::uint64_t marks_seen = 0;  ///< bit m: mark m was made, if only of a count of zero
    static_assert(kMarks <= 64);

    void levelled_otherwise(Gauge gauge, Time now, std::int64_t value) override;
    void reset(std::int64_t now);
  };
  class JourneyRows final : public JourneyTally {
   public:
    struct Cell final : Row {
      std::uint64_t responded = 0;  ///< these: of those that were not served at once
      std::uint64_t ended = 0;
      std::array<LatencyCollector, kOutcomes> responses;
      std::array<LatencyCollector, kEndings> completions;

      JourneyTotals totals() const { return {born, served + responded, served + ended}; }
      void report(JourneyResult& into) const;
    };
    /// visit(client, traffic class, cell)
    template <class Visit>
    void visit(Visit&& visit) const {
      for (std::size_t i = 0; i < rows_.size(); ++i) {
        if (rows_[i] != nullptr) visit(i / classes_, i % classes_, static_cast<const Cell&>(*rows_[i]));
      }
    }
    std::size_t clients() const { return classes_ == 0 ? 0 : rows_.size() / classes_; }
    std::size_t classes() const { return classes_; }
    void reset(Time now);

   private:
    void responded(const Journey& journey, const Call& call, Time now) override;
    void ended(const Journey& journey, const Waits& waits, Time now) override;
    Row& new_row(const Journey& journey) override;

    std::deque<Cell> cells_;
  };

  void late(const Fact& fact);
  void marked(const Fact& fact);
  void lend() override;

  void report_edges(RunResult& result) const;
  void report_resource(ResourceResult& result, std::size_t service);
  void report_journeys(RunResult& result, const std::vector<std::string>& clients,
                       const std::vector<std::string>& classes) const;

  World& world_;
  std::deque<PortRow> ports_;  ///< they are lent, so they stay where they are
  std::deque<ServiceRow> services_;
  JourneyRows journeys_;
};

}  // namespace spillway
