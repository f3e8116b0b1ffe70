// Sums over results, and the ratios that are defined on them.

#include "observe/result.hpp"

#include <algorithm>
#include <numeric>

namespace spillway {

CallCounts& CallCounts::operator+=(const CallCounts& other) {
  attempts += other.attempts;
  items += other.items;
  repeats += other.repeats;
  repeats_by += other.repeats_by;
  resent += other.resent;
  late += other.late;
  for (std::size_t i = 0; i < kOutcomes; ++i) {
    attempt_outcomes[i] += other.attempt_outcomes[i];
    call_outcomes[i] += other.call_outcomes[i];
  }
  queued += other.queued;
  cold += other.cold;
  backoff += other.backoff;
  service += other.service;
  guards += other.guards;
  return *this;
}

std::uint64_t CallCounts::answered() const {
  return std::accumulate(attempt_outcomes.begin(), attempt_outcomes.end(), std::uint64_t{0});
}

std::uint64_t CallCounts::settled() const {
  return std::accumulate(call_outcomes.begin(), call_outcomes.end(), std::uint64_t{0});
}

std::optional<double> CallCounts::retry_amplification() const {
  if (items <= repeats) return std::nullopt;
  return static_cast<double>(items) / static_cast<double>(items - repeats);
}

LittlesLaw& LittlesLaw::operator+=(const LittlesLaw& other) {
  area += other.area;
  accounted += other.accounted;
  open_at_start += other.open_at_start;
  open_at_end += other.open_at_end;
  left += other.left;
  time += other.time;
  window = std::max(window, other.window);
  return *this;
}

double LittlesLaw::mean_number() const {
  return window > 0 ? static_cast<double>(area) / static_cast<double>(window) : 0;
}

double LittlesLaw::throughput() const {
  return window > 0 ? static_cast<double>(left) / static_cast<double>(window) * 1e9 : 0;
}

double LittlesLaw::mean_time() const {
  return left > 0 ? static_cast<double>(time) / static_cast<double>(left) * 1e-9 : 0;
}

double LittlesLaw::error() const {
  const Int128 off = area > accounted ? area - accounted : accounted - area;
  if (off == 0) return 0;
  return static_cast<double>(off) / std::max(1.0, static_cast<double>(area));
}

void CallResult::merge(const CallResult& other) {
  counts += other.counts;
  attempt_latency.merge(other.attempt_latency);
  call_latency.merge(other.call_latency);
  little += other.little;
}

std::string EdgeResult::name() const {
  return operation.empty() ? from + ">" + to : from + ">" + to + ":" + operation;
}

const ResourceResult* RunResult::resource(std::string_view name) const {
  const auto found = std::ranges::find(resources, name, &ResourceResult::name);
  return found == resources.end() ? nullptr : &*found;
}

}  // namespace spillway
