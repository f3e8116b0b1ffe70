#pragma once
/// What one run found out, as plain data: everything that reports, thresholds and comparisons need, and
/// nothing that refers to the world that is gone. All times are integer nanoseconds; a mean or a ratio is a
/// statistic and a double.
///
/// The figures cover the window from the end of the warm-up to the end of the run: calls by the time of the
/// fact, journeys when they were born in it, gauges by how long they stood in it. Names of metrics, their
/// units and good directions, and how a figure is read from here: observe/metrics_registry.hpp.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/math.hpp"
#include "engine/sketch.hpp"
#include "model/gauge_track.hpp"
#include "model/port_guards.hpp"
#include "observe/bill.hpp"
#include "observe/breakdown.hpp"
#include "observe/metrics_latency.hpp"
#include "observe/spending.hpp"
#include "observe/traces.hpp"
#include "spillway/fact.hpp"
#include "spillway/journey.hpp"

namespace spillway {

/// What happened on one edge, or on all edges to one resource.
struct CallCounts {
  std::uint64_t attempts = 0;  ///< requests that left the caller
  std::uint64_t items = 0;     ///< what they carried: messages of a batch, else one each
  std::uint64_t repeats = 0;   ///< of the items: work that was sent to this callee before
  std::uint64_t resent = 0;    ///< of the attempts: second and later ones of a call
  std::uint64_t late = 0;      ///< answers that came after the caller had stopped waiting
  /// Of the repeats: those that each layer caused.
  ByRetryLayer<std::uint64_t> repeats_by{};
  std::array<std::uint64_t, kOutcomes> attempt_outcomes{};
  std::array<std::uint64_t, kOutcomes> call_outcomes{};  ///< of calls, after their retries
  // Sums over settled calls, ns. `service` is what is left of each call's time.
  Int128 queued = 0;
  Int128 cold = 0;
  Int128 backoff = 0;
  Int128 service = 0;
  GuardCounts guards;  ///< of the callers' circuit breakers, and of hedging

  CallCounts& operator+=(const CallCounts& other);
  std::uint64_t answered() const;  ///< attempts that ended, time-outs included
  std::uint64_t settled() const;   ///< calls that ended
  /// What reaches the callee for each piece of work that is new to it; 1 when nothing is repeated.
  std::optional<double> retry_amplification() const;
};

/// Little's law, exactly, over a window [a, b]. An attempt is in the system from its sending until its
/// answer, or, if the caller stops waiting before, until the late answer. With n(t) of them there at t,
///
///   integral of n(t) over [a, b]  =  sum of the times of those that left in [a, b]
///                                    - (age at a of those there at a) + (age at b of those there at b)
///
/// The left side is made of the times of the facts, the right side of the times that the calls measured. The
/// ages are what entered less what left, so a small error hides in them while attempts are open; when none
/// is, a call that was lost, answered twice or measured wrongly parts the sides. In a long run the ages
/// matter little, and what is left is L = lambda W.
struct LittlesLaw {
  Int128 area = 0;       ///< the left side
  Int128 accounted = 0;  ///< the right side
  std::int64_t open_at_start = 0;
  std::int64_t open_at_end = 0;
  std::uint64_t left = 0;  ///< attempts that left in the window
  Int128 time = 0;         ///< the sum of their times
  std::int64_t window = 0;

  LittlesLaw& operator+=(const LittlesLaw& other);
  double mean_number() const;  ///< L
  double throughput() const;   ///< lambda, per second
  double mean_time() const;    ///< W, seconds
  /// |left side - right side| / left side; zero when it holds exactly.
  double error() const;
};

struct CallResult {
  CallCounts counts;
  Sketch attempt_latency;  ///< of each attempt, as the caller saw it
  Sketch call_latency;     ///< of each settled call, retries and back-off included
  LittlesLaw little;

  void merge(const CallResult& other);
};

struct GaugeResult {
  bool seen = false;  ///< false: this resource has no such gauge
  double mean = 0;    ///< weighted by time
  double variance = 0;
  std::int64_t peak = 0;
  std::int64_t low = 0;
  std::int64_t at_end = 0;
};

/// The age of the oldest waiting message: zero while none waits.
struct AgeResult {
  bool seen = false;
  double mean = 0;  ///< ns, weighted by time
  std::int64_t peak = 0;
  std::int64_t at_end = 0;
};

/// From the last moment at which the backlog stood at its peak until it first was empty again.
struct DrainResult {
  std::int64_t peak_at = 0;          ///< ns since the start of the run
  std::optional<std::int64_t> time;  ///< ns; none: it was not empty again before the end
};

struct ResourceResult {
  std::string name;
  std::string type;  ///< the scenario's word for what it is, when it was told
  bool is_client = false;
  CallResult calls;                         ///< of all edges to it
  std::array<GaugeResult, kGauges> gauges;  ///< Gauge::oldest is in `age`
  Dwell concurrency_dwell;
  Dwell backlog_dwell;
  AgeResult age;
  DrainResult drain;
  std::optional<double> utilisation;  ///< mean concurrency / mean limit
  std::array<std::int64_t, kMarks> marks{};
  std::uint64_t marks_seen = 0;  ///< bit m: mark m may happen here: it was made, if only of a count of zero
  std::optional<Cost> cost;      ///< when the run was billed
  std::string details;           ///< what the service itself shows, as a JSON object; empty: nothing

  const GaugeResult& gauge(Gauge gauge) const { return gauges[static_cast<std::size_t>(gauge)]; }
  std::int64_t mark(Mark mark) const { return marks[static_cast<std::size_t>(mark)]; }
  bool seen(Mark mark) const { return (marks_seen >> static_cast<unsigned>(mark) & 1u) != 0; }
};

struct EdgeResult {
  std::string from;
  std::string to;
  std::string operation;
  CallResult calls;

  std::string name() const;  ///< "from>to" or "from>to:operation"
};

/// Journeys born in the window, of one client, of one traffic class, or all.
struct JourneyResult {
  std::string name;
  std::uint64_t arrivals = 0;
  std::uint64_t in_flight = 0;  ///< not ended when the run was
  std::uint64_t attempts =
      0;  ///< items that its clients sent; of classes: zero, edges do not tell classes apart
  std::array<LatencyParts, kOutcomes> responses;   ///< until the client had its answer, by what it was
  std::array<LatencyParts, kEndings> completions;  ///< until the last branch ended, by how the journey ended
  LatencyParts response;
  LatencyParts completion;

  std::uint64_t ended(Ending ending) const {
    return completions[static_cast<std::size_t>(ending)].total.count();
  }
  std::uint64_t ended() const { return completion.total.count(); }
};

inline constexpr std::int64_t kAbsent = -1;

struct ResourcePoint {
  std::uint64_t arrivals = 0;
  std::uint64_t repeats = 0;
  std::uint64_t ok = 0;
  std::uint64_t throttled = 0;
  std::uint64_t failed = 0;  ///< fault, error or refused
  std::uint64_t timed_out = 0;
  double concurrency_mean = 0;
  std::int64_t concurrency_max = 0;
  std::int64_t backlog_max = 0;
  std::int64_t backlog_last = 0;
  std::int64_t age_of_oldest = kAbsent;  ///< ns at the bucket's end
  std::int64_t p50 = kAbsent;            ///< latency of the attempts answered in the bucket
  std::int64_t p99 = kAbsent;
  std::int64_t limit = kAbsent;  ///< of the concurrency, at the bucket's end; absent: it has none
  std::uint64_t cold_starts = 0;
  std::uint64_t duplicates = 0;  ///< work done again
  std::uint64_t outages = 0;     ///< calls that an outage failed
};

struct JourneyPoint {
  std::uint64_t arrivals = 0;
  std::uint64_t succeeded = 0;
  std::uint64_t failed = 0;    ///< ended otherwise
  std::int64_t p50 = kAbsent;  ///< response
  std::int64_t p99 = kAbsent;
};

/// Time lines in buckets of equal width from time zero (the warm-up is shown, it is a part of the story).
struct SeriesResult {
  Duration width{};
  Duration end{};                                     ///< of the last bucket, which may be shorter
  std::vector<std::vector<ResourcePoint>> resources;  ///< by resource, then bucket
  std::vector<JourneyPoint> journeys;
};

struct RunResult {
  std::uint64_t seed = 0;
  std::uint64_t events = 0;
  std::uint64_t fact_hash = 0;
  Duration warm_up{};
  Duration horizon{};  ///< when the run ended
  bool stopped_early = false;

  std::vector<ResourceResult> resources;  ///< in the order of the world's services
  std::vector<EdgeResult> edges;          ///< in the order of the world's ports
  JourneyResult journeys;
  std::vector<JourneyResult> by_client;
  std::vector<JourneyResult> by_class;
  SeriesResult series;
  Breakdown breakdown;                  ///< with the time lines
  std::vector<MeterLine> spending;      ///< by bucket of the time lines; when the story was asked for
  TraceReport traces;                   ///< when the story was asked for
  std::vector<Usage> usage;             ///< what bill.hpp prices, over the window
  std::optional<Cost> cost;             ///< when the run was billed
  std::vector<std::string> violations;  ///< of conservation: any of them is a defect in Spillway

  Duration window() const { return horizon - warm_up; }
  const ResourceResult* resource(std::string_view name) const;
};

}  // namespace spillway
