#include "experiment/comparison.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "scenario/resolve.hpp"

namespace spillway {

namespace {

constexpr Aggregate kValue{Aggregate::Kind::value, 0};
constexpr Aggregate kMean{Aggregate::Kind::avg, 0};
constexpr Aggregate kMost{Aggregate::Kind::max, 0};
constexpr Aggregate percentile(double percent) { return {Aggregate::Kind::percentile, percent}; }

constexpr std::array kCompared{
    MetricChoice{"journeys", "response", percentile(50), "response p50"},
    MetricChoice{"journeys", "response", percentile(99), "response p99"},
    MetricChoice{"journeys", "latency", percentile(50), "completion p50"},
    MetricChoice{"journeys", "latency", percentile(99), "completion p99"},
    MetricChoice{"journeys", "latency", kMost, "completion max"},
    MetricChoice{"journeys", "queued", kMean, "of it queued, mean"},
    MetricChoice{"journeys", "cold_start", kMean, "of it cold start, mean"},
    MetricChoice{"journeys", "backoff", kMean, "of it back-off, mean"},
    MetricChoice{"journeys", "service", kMean, "of it service, mean"},
    MetricChoice{"journeys", "success_rate", kValue, "success rate"},
    MetricChoice{"journeys", "lost", kValue, "lost"},
    MetricChoice{"journeys", "in_flight", kValue, "in flight at the end"},
    MetricChoice{"journeys", "attempts_per_journey", kValue, "client attempts a journey"},
    MetricChoice{"journeys", "retry_amplification", kValue, "retry amplification"},
    MetricChoice{"journeys", "short_circuited", kValue, "attempts not sent", true},
    MetricChoice{"journeys", "circuit_open", kValue, "circuit breakers open", true},
    MetricChoice{"journeys", "circuits_opened", kValue, "circuit breakers opened", true},
    MetricChoice{"journeys", "hedges", kValue, "hedges", true},
    MetricChoice{"journeys", "hedges_won", kValue, "hedges won", true},
    MetricChoice{"journeys", "cost", kValue, "cost a month"},
};

Change judge_change(const PairedDifference& paired, Better better) {
  if (paired.pairs == 0) return Change::unknown;
  const Interval& interval = paired.difference;
  if (interval.mean == 0 && (interval.half_width == 0 || paired.pairs < 2)) return Change::none;
  if (paired.pairs < 2) return Change::unknown;
  if (interval.low() <= 0 && interval.high() >= 0) return Change::none;
  if (better == Better::none) return Change::differs;
  const bool lower = interval.mean < 0;
  return lower == (better == Better::lower) ? Change::better : Change::worse;
}

/// Where one candidate has guards, none in the other did nothing, in each of its replications.
void count_none_as_zero(Estimate& one, const Estimate& other) {
  if (one.measured > 0 || other.measured == 0) return;
  one = estimate_of(std::vector<std::optional<double>>(one.values.size(), 0.0));
}

Difference difference_of(const Experiment& base, const Experiment& candidate, const MetricChoice& what) {
  Difference result{.what = what,
                    .base = estimate(base, what.subject, what.metric, what.aggregate),
                    .candidate = estimate(candidate, what.subject, what.metric, what.aggregate),
                    .difference = {}};
  if (what.of_guards) {
    count_none_as_zero(result.base, result.candidate);
    count_none_as_zero(result.candidate, result.base);
  }
  const auto row = std::ranges::find(journey_metrics(), what.metric, &MetricInfo::name);
  check(row != journey_metrics().end(), "a compared metric is not registered");
  result.metric = &*row;
  const PairedDifference paired = paired_difference(result.base.values, result.candidate.values, row->better);
  result.pairs = paired.pairs;
  result.difference = paired.difference;
  result.change = paired.change;
  return result;
}

/// Walks two trees of values side by side and notes where they part.
class TopologyDiff {
 public:
  std::vector<TopologyChange> take(const Value& before, const Value& after, const std::string& path) {
    members(before, after, path);
    return std::move(changes_);
  }

 private:
  void members(const Value& before, const Value& after, const std::string& path) {
    for (const Member& member : before.members()) {
      const Value* const other = after.find(member.name);
      if (other == nullptr || !other->is_set()) {
        if (member.value.is_set())
          add(TopologyChange::Kind::removed, path + "." + member.name, &member.value, nullptr);
      } else {
        values(member.value, *other, path + "." + member.name);
      }
    }
    for (const Member& member : after.members()) {
      const Value* const other = before.find(member.name);
      if (other == nullptr && member.value.is_set()) {
        add(TopologyChange::Kind::added, path + "." + member.name, nullptr, &member.value);
      }
    }
  }

  void values(const Value& before, const Value& after, const std::string& path) {
    if (!before.is_set()) return add(TopologyChange::Kind::added, path, nullptr, &after);
    const std::string old_text = scenario_json(before);
    if (old_text == scenario_json(after)) return;
    const bool maps = !before.members().empty() && !after.members().empty() && same_type(before, after);
    if (maps && (before.kind() == Kind::object || before.kind() == Kind::map))
      return members(before, after, path);
    add(TopologyChange::Kind::changed, path, &before, &after);
  }

  static bool same_type(const Value& before, const Value& after) {
    const Value* const old_type = before.find("type");
    const Value* const new_type = after.find("type");
    return old_type == nullptr || new_type == nullptr || old_type->text() == new_type->text();
  }

  void add(TopologyChange::Kind kind, std::string path, const Value* before, const Value* after) {
    changes_.push_back({kind, std::move(path), before != nullptr ? brief(*before) : "",
                        after != nullptr ? brief(*after) : ""});
  }

  /// A resource is named by its type; a setting by its value.
  static std::string brief(const Value& value) {
    const Value* const type = value.find("type");
    return type != nullptr && type->is_set() ? type->text() : one_line(scenario_json(value));
  }

  /// Without the line breaks and indents of printed JSON, which never stand inside its strings.
  static std::string one_line(const std::string& json) {
    std::string line;
    for (std::size_t i = 0; i < json.size(); ++i) {
      if (json[i] != '\n') {
        line += json[i];
        continue;
      }
      while (i + 1 < json.size() && json[i + 1] == ' ') ++i;
      if (!line.empty() && line.back() == ',') line += ' ';
    }
    return line;
  }

  std::vector<TopologyChange> changes_;
};

bool same_part(const Value& before, const Value& after, std::string_view part) {
  const Value& old_part = before[part];
  const Value& new_part = after[part];
  if (old_part.is_set() != new_part.is_set()) return false;
  return !old_part.is_set() || scenario_json(old_part) == scenario_json(new_part);
}

/// The classes by name, without whom they ask.
bool same_classes(const Value& before, const Value& after) {
  if (before.members().size() != after.members().size()) return false;
  for (const Member& of : before.members()) {
    const Value* const other = after.find(of.name);
    if (other == nullptr) return false;
    for (const char* const part : {"weight", "bytes", "document"}) {
      if (!same_part(of.value, *other, part)) return false;
    }
  }
  return true;
}

/// What a client sends and when, without whom it asks.
bool same_traffic(const Scenario& base, const Scenario& candidate) {
  if (base.traffic.size() != candidate.traffic.size() || base.horizon != candidate.horizon) return false;
  for (std::size_t i = 0; i < base.traffic.size(); ++i) {
    const Value& before = base.traffic[i].value;
    const Value& after = candidate.traffic[i].value;
    for (const char* const part : {"arrivals", "closed", "keys", "bytes", "work"}) {
      if (!same_part(before, after, part)) return false;
    }
    if (!same_classes(before["classes"], after["classes"])) return false;
  }
  return true;
}

}  // namespace

std::span<const MetricChoice> compared_metrics() { return kCompared; }

PairedDifference paired_difference(std::span<const std::optional<double>> base,
                                   std::span<const std::optional<double>> candidate, Better better) {
  PairedDifference paired{.difference = {.mean = 0, .half_width = kInfinity}};
  std::vector<double> before;
  std::vector<double> after;
  for (std::size_t i = 0; i < std::min(base.size(), candidate.size()); ++i) {
    if (!base[i] || !candidate[i] || !std::isfinite(*base[i]) || !std::isfinite(*candidate[i])) continue;
    before.push_back(*base[i]);
    after.push_back(*candidate[i]);
  }
  paired.pairs = before.size();
  if (paired.pairs > 0) paired.difference = paired_interval(before, after);
  if (!std::isfinite(paired.difference.half_width)) paired.difference.half_width = kInfinity;
  paired.change = judge_change(paired, better);
  return paired;
}

const char* name_of(Change change) {
  constexpr std::array names{"none", "better", "worse", "differs", "unknown"};
  return names[static_cast<std::size_t>(change)];
}

bool Contrast::significant() const {
  return std::ranges::any_of(differences, [](const Difference& difference) {
    return difference.change != Change::none && difference.change != Change::unknown;
  });
}

Contrast contrast(const Experiment& base, const Experiment& candidate) {
  Contrast result{.base = &base, .candidate = &candidate, .topology = {}, .differences = {}};
  for (const char* const part : {"resources", "traffic"}) {
    const Value* const before = base.scenario->root.find(part);
    const Value* const after = candidate.scenario->root.find(part);
    if (before == nullptr || after == nullptr) continue;
    auto changes = TopologyDiff().take(*before, *after, part);
    std::ranges::move(changes, std::back_inserter(result.topology));
  }
  for (const MetricChoice& what : kCompared) {
    Difference difference = difference_of(base, candidate, what);
    if (difference.base.measured + difference.candidate.measured > 0)
      result.differences.push_back(std::move(difference));
  }
  result.same_traffic = same_traffic(*base.scenario, *candidate.scenario);
  return result;
}

}  // namespace spillway
