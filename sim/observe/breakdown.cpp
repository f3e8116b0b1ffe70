#include "observe/breakdown.hpp"

#include <algorithm>
#include <bit>

namespace spillway {

namespace {

constexpr int kBits = 4;  // a sixteenth of a power of two

std::size_t bucket_of(std::int64_t latency) {
  const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(0, latency));
  const int shift = static_cast<int>(std::bit_width(value | ((2U << kBits) - 1))) - (kBits + 1);
  return (static_cast<std::size_t>(shift) << kBits) + static_cast<std::size_t>(value >> shift);
}

double as_double(Int128 value) { return static_cast<double>(value); }

}  // namespace

void PartSums::add(const PartSums& other, double share) {
  journeys += other.journeys * share;
  total += other.total * share;
  queued += other.queued * share;
  cold += other.cold * share;
  backoff += other.backoff * share;
  service += other.service * share;
}

void LatencyBreakdown::add(std::int64_t total, const Waits& waits) {
  const std::size_t bucket = bucket_of(total);
  if (bucket >= rows_.size()) [[unlikely]]
    rows_.resize(bucket + 1);
  Row& row = rows_[bucket];
  ++count_;
  ++row.journeys;
  row.total += total;
  row.queued += waits.queued.count();
  row.cold += waits.cold.count();
  row.backoff += waits.backoff.count();
  row.service += std::max<std::int64_t>(0, total - waits.total().count());
}

void LatencyBreakdown::merge(const LatencyBreakdown& other) {
  if (rows_.size() < other.rows_.size()) rows_.resize(other.rows_.size());
  for (std::size_t i = 0; i < other.rows_.size(); ++i) {
    rows_[i].journeys += other.rows_[i].journeys;
    rows_[i].total += other.rows_[i].total;
    rows_[i].queued += other.rows_[i].queued;
    rows_[i].cold += other.rows_[i].cold;
    rows_[i].backoff += other.rows_[i].backoff;
    rows_[i].service += other.rows_[i].service;
  }
  count_ += other.count_;
}

PartSums LatencyBreakdown::band(double from, double to) const {
  const double low = from * static_cast<double>(count_);
  const double high = to * static_cast<double>(count_);
  PartSums sums;
  double before = 0;
  for (const Row& row : rows_) {
    const auto journeys = static_cast<double>(row.journeys);
    const double inside = std::min(high, before + journeys) - std::max(low, before);
    before += journeys;
    if (inside <= 0) continue;
    sums.add({journeys, as_double(row.total), as_double(row.queued), as_double(row.cold),
              as_double(row.backoff), as_double(row.service)},
             inside / journeys);
  }
  return sums;
}

void BreakdownObserver::observe(const Fact& fact) {
  const Journey& journey = world_.journeys()[JourneyId{fact.subject}];
  if (!journey.counted) return;
  if (fact.kind == FactKind::responded) {
    result_.response.add(fact.value, world_.calls()[CallId{static_cast<std::uint32_t>(fact.extra)}].waits);
  } else {
    result_.completion.add(fact.value, world_.branch_waits(JourneyId{fact.subject}));
  }
}

}  // namespace spillway
