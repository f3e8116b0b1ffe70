// How the bottleneck is found. Each resource may have causes of trouble: work that it refused, one row a
// reason; work that was done twice; calls that their callers gave up; time that work waited in it or for its
// cold starts. Each cause has a severity: the share of the resource's work that it hit, or the share of all
// journeys' time. The most severe is the suspect; but a callee that was in trouble no later than its caller
// is the cause of its caller's trouble, so the suspicion moves downstream as long as that holds.

#include "report/bottleneck.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include <fmt/format.h>

#include "report/figures.hpp"

namespace spillway {

namespace {

constexpr double kRefusalsCount = 0.001;  // of a resource's work: below it a refusal is an accident
constexpr double kTimeCounts = 0.1;       // of all journeys' time
constexpr double kCalleeCounts = 0.02;    // a callee's severity, to take the suspicion from its caller

using PointTest = bool (*)(const ResourcePoint&);

struct Cause {
  std::string resource;
  const char* word = "";
  double severity = 0;
  std::string text;
  PointTest began = nullptr;
};

double seconds(Int128 ns) { return static_cast<double>(ns) * 1e-9; }

/// A share as a sentence says it: what is left of nearly everything is no news.
std::string percent(double share) {
  if (share > 0.995 && share < 1) return "over 99%";
  return fmt::format("{:.{}f}%", share * 100, share == 1 ? 0 : share >= 0.01 ? 1 : 2);
}

/// The sums over all replications of what the sentence needs of one resource.
struct Sums {
  CallCounts calls;
  CallCounts made;  ///< calls that it made itself
  std::array<std::int64_t, kMarks> marks{};
  std::int64_t backlog = 0;
  bool waiting = false;  ///< it has a backlog

  double marked(Mark mark) const { return static_cast<double>(marks[static_cast<std::size_t>(mark)]); }
};

class Search {
 public:
  explicit Search(const Experiment& experiment)
      : experiment_(experiment), first_(experiment.replications.front()) {
    for (std::size_t i = 0; i < first_.resources.size(); ++i) sums_.push_back(sums_of(i));
    for (const RunResult& run : experiment.replications) breakdown_.merge(run.breakdown);
    whole_ = breakdown_.completion.band(0, 1);
  }

  Bottleneck find() {
    for (std::size_t i = 0; i < sums_.size(); ++i) {
      if (first_.resources[i].is_client) continue;
      add_refusals(i);
      add_index_refusals(i);
      add_repeats(i);
      add_time_outs(i);
      add_waiting(i);
      add_cold_starts(i);
    }
    const Cause* const cause = culprit();
    Bottleneck found;
    if (cause != nullptr) {
      found.resource = cause->resource;
      found.cause = cause->word;
      found.severity = cause->severity;
      found.since_s = since(*cause);
    }
    found.sentence = sentence(cause, found.since_s);
    return found;
  }

 private:
  Sums sums_of(std::size_t i) const {
    Sums sums;
    for (const RunResult& run : experiment_.replications) {
      const ResourceResult& resource = run.resources[i];
      sums.calls += resource.calls.counts;
      for (std::size_t m = 0; m < kMarks; ++m) sums.marks[m] += resource.marks[m];
      sums.backlog = std::max(sums.backlog, resource.gauge(Gauge::backlog).peak);
      sums.waiting = sums.waiting || resource.gauge(Gauge::backlog).seen;
      for (const EdgeResult& edge : run.edges) {
        if (edge.from == resource.name) sums.made += edge.calls.counts;
      }
    }
    return sums;
  }

  const Value* settings(const std::string& name) const {
    const auto& resources = experiment_.scenario->resources;
    const auto row = std::ranges::find(resources, name, &Member::name);
    return row == resources.end() ? nullptr : &row->value;
  }
  bool is(std::size_t i, std::string_view type) const { return first_.resources[i].type == type; }
  const std::string& name(std::size_t i) const { return first_.resources[i].name; }

  void add(std::size_t i, const char* word, double severity, double least, std::string text,
           PointTest began) {
    if (severity >= least) causes_.push_back({name(i), word, severity, std::move(text), began});
  }

  void add_refusals(std::size_t i) {
    const auto attempts = static_cast<double>(sums_[i].calls.attempts);
    if (attempts == 0) return;
    const PointTest throttles = [](const ResourcePoint& point) { return point.throttled > 0; };
    const PointTest fails = [](const ResourcePoint& point) { return point.failed + point.outages > 0; };
    const auto refuses = [&](Mark mark, const char* word, const std::string& what, PointTest began) {
      const double share = std::min(1.0, sums_[i].marked(mark) / attempts);
      add(i, word, share, kRefusalsCount, fmt::format("{} {} of what reaches it", what, percent(share)),
          began);
    };
    const auto [limit_word, limit] = concurrency_limit(i);
    refuses(Mark::concurrency_throttled, limit_word, limit + " is reached" + waits_for(i) + " and refuses",
            throttles);
    refuses(Mark::scaling_throttled, "scaling_rate", "it cannot start environments fast enough and refuses",
            throttles);
    refuses(Mark::rate_throttled, is(i, "aws.dynamodb.table") ? "table_throughput" : "rate",
            is(i, "aws.dynamodb.table") ? "the table's throughput is used up and it refuses"
                                        : "its rate limit is reached and refuses",
            throttles);
    refuses(Mark::partition_throttled, "hot_partition", "a hot partition refuses", throttles);
    refuses(Mark::queue_full, "full", "all its servers are busy, its queue is full and refuses", fails);
    refuses(Mark::outage, "outage", "its outages fail", fails);
    refuses(Mark::function_timeout, "function_timeout", "its own time-out ends", fails);
  }

  /// An index ("orders/by_status") is written through its table, and makes it refuse.
  void add_index_refusals(std::size_t i) {
    if (!is(i, "aws.dynamodb.table") || sums_[i].calls.attempts == 0) return;
    const auto attempts = static_cast<double>(sums_[i].calls.attempts);
    const PointTest throttles = [](const ResourcePoint& point) { return point.throttled > 0; };
    for (std::size_t index = 0; index < sums_.size(); ++index) {
      if (!name(index).starts_with(name(i) + "/")) continue;
      const auto refuses = [&](Mark mark, const char* word, std::string_view what) {
        const double share = std::min(1.0, sums_[index].marked(mark) / attempts);
        add(i, word, share, kRefusalsCount,
            fmt::format("{} of its index {} and refuses {} of what reaches it", what,
                        name(index).substr(name(i).size() + 1), percent(share)),
            throttles);
      };
      refuses(Mark::rate_throttled, "index_throughput", "it waits for the throughput");
      refuses(Mark::partition_throttled, "hot_index_partition", "it waits for a hot partition");
    }
  }

  /// A resource may be full because it waits for another.
  std::string waits_for(std::size_t i) const {
    const double whole = seconds(time_of(sums_[i].calls));
    double most = 0;
    std::string callee;
    for (const EdgeResult& edge : first_.edges) {
      const double time = edge.from == name(i) ? seconds(time_of(edge.calls.counts)) : 0;
      if (time <= most) continue;
      most = time;
      callee = edge.to;
    }
    const double share = whole > 0 ? most * static_cast<double>(experiment_.replications.size()) / whole : 0;
    if (share < 0.5) return "";
    return fmt::format(", as it waits for {} {} of its time,", callee, percent(std::min(0.999, share)));
  }

  std::pair<const char*, std::string> concurrency_limit(std::size_t i) const {
    const Value* const value = settings(name(i));
    const Value* const reserved = value == nullptr ? nullptr : value->find("reserved_concurrency");
    if (reserved != nullptr && reserved->is_set())
      return {"reserved_concurrency", fmt::format("its reserved concurrency of {}", reserved->count())};
    const Value* const account = value == nullptr ? nullptr : value->find("account_concurrency");
    if (account != nullptr && account->is_set())
      return {"account_concurrency", fmt::format("the account's concurrency of {}", account->count())};
    return {"concurrency", "its concurrency limit"};
  }

  /// A message that becomes visible again while it is still worked on is worked on twice.
  void add_repeats(std::size_t i) {
    const auto items = static_cast<double>(sums_[i].calls.items);
    const double share = items == 0 ? 0 : sums_[i].marked(Mark::duplicate) / items;
    const Value* const value = settings(name(i));
    const Value* const sources = value == nullptr ? nullptr : value->find("event_sources");
    const PointTest repeats = [](const ResourcePoint& point) { return point.duplicates > 0; };
    if (sources == nullptr || !sources->is_set() || sources->items().empty()) return;
    const std::string& queue = sources->items().front()["from"].text();
    const Value* const queue_settings = settings(queue);
    const Value* const visibility =
        queue_settings == nullptr ? nullptr : queue_settings->find("visibility_timeout");
    if (visibility == nullptr || !visibility->is_set()) return;
    if (share < kRefusalsCount) return;
    causes_.push_back(
        {queue, "visibility_timeout", share,
         fmt::format("its visibility timeout of {} is shorter than the work takes: {} of what "
                     "{} does is done again",
                     duration_figure(seconds(visibility->duration().count())), percent(share), name(i)),
         repeats});
    repeated_by_ = i;
  }

  void add_time_outs(std::size_t i) {
    const auto answered = static_cast<double>(sums_[i].calls.answered());
    if (answered == 0) return;
    const auto given_up =
        static_cast<double>(sums_[i].calls.attempt_outcomes[static_cast<std::size_t>(Outcome::timed_out)]);
    const double share = given_up / answered;
    add(i, "slow", share, kRefusalsCount,
        fmt::format("it is slow: callers give up {} of what they send it{}", percent(share), consumer(i)),
        [](const ResourcePoint& point) { return point.timed_out > 0; });
  }

  /// What waits in a queue is not a call's time; what waits at an endpoint is.
  void add_waiting(std::size_t i) {
    if (!sums_[i].waiting || sums_[i].backlog < 2) return;
    const double share = whole_.total > 0 ? whole_.queued / whole_.total : 0;
    if (deepest() != i) return;
    add(i, "backlog", share, kTimeCounts,
        fmt::format("up to {} wait{}", count_figure(static_cast<double>(sums_[i].backlog)), consumer(i)),
        [](const ResourcePoint& point) { return point.backlog_max > 1; });
  }

  /// Who works a queue off, when it is at its limit.
  std::string consumer(std::size_t i) const {
    for (const ResourceResult& other : first_.resources) {
      if (!other.name.ends_with("<" + name(i))) continue;
      const GaugeResult& limit = other.gauge(Gauge::limit);
      const bool full = limit.seen && other.gauge(Gauge::concurrency).peak >= limit.peak;
      if (full)
        return fmt::format(" while all {} that {} may take at once are at work", limit.peak,
                           other.name.substr(0, other.name.size() - name(i).size() - 1));
    }
    const GaugeResult& limit = first_.resources[i].gauge(Gauge::limit);
    const bool full =
        limit.seen && limit.peak > 0 && first_.resources[i].gauge(Gauge::concurrency).peak >= limit.peak;
    return full ? fmt::format(" while all its {} servers are busy", limit.peak) : "";
  }

  std::size_t deepest() const {
    const auto most = std::ranges::max_element(sums_, {}, &Sums::backlog);
    return static_cast<std::size_t>(most - sums_.begin());
  }

  void add_cold_starts(std::size_t i) {
    const double starts = sums_[i].marked(Mark::cold_start);
    if (starts == 0 || whole_.total <= 0) return;
    double all = 0;
    for (const Sums& sums : sums_) all += sums.marked(Mark::cold_start);
    const double share = whole_.cold / whole_.total * starts / all;
    add(i, "cold_starts", share, kTimeCounts,
        fmt::format(
            "cold starts: {} of what reaches it waits for an environment to start",
            percent(starts / static_cast<double>(std::max<std::uint64_t>(1, sums_[i].calls.attempts)))),
        [](const ResourcePoint& point) { return point.cold_starts > 0; });
  }

  const Cause* culprit() const {
    const auto worst = std::ranges::max_element(causes_, {}, &Cause::severity);
    if (worst == causes_.end()) return nullptr;
    const Cause* suspect = &*worst;
    for (std::size_t steps = 0; steps < causes_.size(); ++steps) {
      const Cause* const callee = guilty_callee(*suspect);
      if (callee == nullptr) break;
      suspect = callee;
    }
    return suspect;
  }

  /// The most severe cause among the callees of a resource, when they were in trouble no later.
  const Cause* guilty_callee(const Cause& suspect) const {
    const Cause* guilty = nullptr;
    for (const EdgeResult& edge : first_.edges) {
      if (edge.from != suspect.resource || edge.to == suspect.resource) continue;
      for (const Cause& cause : causes_) {
        if (cause.resource != edge.to || cause.severity < kCalleeCounts) continue;
        if (since(cause).value_or(0) > since(suspect).value_or(0) + bucket_s()) continue;
        if (guilty == nullptr || cause.severity > guilty->severity) guilty = &cause;
      }
    }
    return guilty;
  }

  double bucket_s() const { return seconds(first_.series.width.count()); }

  std::optional<double> since(const Cause& cause) const {
    const bool elsewhere = cause.word == std::string_view("visibility_timeout");
    for (std::size_t i = 0; i < first_.series.resources.size(); ++i) {
      if (elsewhere ? i != repeated_by_ : name(i) != cause.resource) continue;
      const auto& points = first_.series.resources[i];
      const auto skipped = static_cast<std::size_t>(
          first_.series.width.count() > 0 ? first_.warm_up / first_.series.width : 0);
      for (std::size_t bucket = skipped; bucket < points.size(); ++bucket) {
        if (cause.began(points[bucket])) return bucket_s() * static_cast<double>(bucket);
      }
    }
    return std::nullopt;
  }

  /// The slowest hundredth, or all journeys where there are fewer than a hundred.
  std::string where_the_time_goes() const {
    const bool enough = breakdown_.completion.count() >= 100;
    const PartSums slow = enough ? breakdown_.completion.band(0.99, 1) : whole_;
    const double parts = slow.queued + slow.cold + slow.backoff + slow.service;
    if (parts <= 0) return "";
    struct Part {
      double time;
      const char* words;
    };
    const std::array named{Part{slow.service, "service"}, Part{slow.queued, "queues"},
                           Part{slow.cold, "cold starts"}, Part{slow.backoff, "back-off between attempts"}};
    const Part& most = *std::ranges::max_element(named, {}, &Part::time);
    return fmt::format("{} {} of their time in {}{}", enough ? "the slowest 1% spend" : "journeys spend",
                       percent(most.time / parts), most.words,
                       most.words == named.front().words ? slowest_service() : "");
  }

  /// Which resource's own work, without what it asks others for, takes most of the service time. A call that
  /// its caller gave up does not know what it waited for, so times are subtracted whole.
  std::string slowest_service() const {
    double all = 0;
    double most = 0;
    std::size_t where = 0;
    for (std::size_t i = 0; i < sums_.size(); ++i) {
      if (first_.resources[i].is_client) continue;
      const CallCounts& in = sums_[i].calls;
      const CallCounts& out = sums_[i].made;
      const double waits = std::max(0.0, seconds(in.queued + in.cold - out.queued - out.cold));
      const double whole = seconds(time_of(in) - time_of(out));
      const double own = std::max(0.0, whole - waits);
      all += own;
      if (own <= most) continue;
      most = own;
      where = i;
    }
    return all <= 0 || most < all / 2 ? "" : fmt::format(", most of it at {}", name(where));
  }

  static Int128 time_of(const CallCounts& calls) {
    return calls.queued + calls.cold + calls.backoff + calls.service;
  }

  std::string sentence(const Cause* cause, std::optional<double> since_s) const {
    const std::string slow = where_the_time_goes();
    if (cause == nullptr) {
      return slow.empty() ? "none: nothing refuses work or lets it pile up."
                          : fmt::format("none: nothing refuses work or lets it pile up; {}.", slow);
    }
    std::string text = fmt::format("{}: {}", cause->resource, cause->text);
    if (since_s)
      text += *since_s == 0 ? ", from the start" : fmt::format(", first {} in", duration_figure(*since_s));
    if (!slow.empty()) text += "; " + slow;
    return text + ".";
  }

  const Experiment& experiment_;
  const RunResult& first_;
  std::vector<Sums> sums_;
  Breakdown breakdown_;
  PartSums whole_;
  std::vector<Cause> causes_;
  std::size_t repeated_by_ = 0;
};

}  // namespace

Bottleneck find_bottleneck(const Experiment& experiment) {
  if (experiment.replications.empty()) return {.sentence = "none: nothing was run."};
  return Search(experiment).find();
}

std::string bottleneck_sentence(const Experiment& experiment) { return find_bottleneck(experiment).sentence; }

}  // namespace spillway
