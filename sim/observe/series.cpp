// Facts into the open bucket, and buckets into points.

#include "observe/series.hpp"

#include <algorithm>
#include <array>

namespace spillway {

namespace {

Time time_at(Duration since_start) { return kStart + since_start; }

void add_quantiles(const Sketch& sketch, std::int64_t& p50, std::int64_t& p99) {
  if (sketch.count() == 0) return;
  p50 = sketch.quantile(0.50);
  p99 = sketch.quantile(0.99);
}

}  // namespace

std::int64_t buckets_in(Duration horizon, Duration width) {
  return std::max<std::int64_t>(1, horizon / width + (horizon % width > Duration::zero() ? 1 : 0));
}

Duration bucket_width(Duration horizon) {
  constexpr std::array<std::int64_t, 6> kSteps{1, 2, 5, 10, 20, 50};
  for (Duration unit = 1ns; unit < 1s; unit *= 100) {
    for (const std::int64_t step : kSteps) {
      if (buckets_in(horizon, unit * step) <= kMostBuckets && unit * step < 1s) return unit * step;
    }
  }
  constexpr std::array<Duration, 22> kReadable{1s,    2s, 5s, 10s, 15s, 30s, 1min, 2min, 5min, 10min, 15min,
                                               30min, 1h, 2h, 3h,  6h,  12h, 24h,  48h,  120h, 240h,  480h};
  for (const Duration width : kReadable) {
    if (buckets_in(horizon, width) <= kMostBuckets) return width;
  }
  const Duration day = 24h;
  return (horizon / kMostBuckets / day + 1) * day;
}

Series::Series(World& world, Duration horizon, Duration width)
    : world_(world), width_(width > Duration::zero() ? width : bucket_width(horizon)) {
  check(buckets_in(horizon, width_) <= kMostBuckets, "a series has more than a thousand buckets");
  buckets_ = static_cast<std::size_t>(buckets_in(horizon, width_));
  end_ = buckets_ > 1 ? time_at(width_) : kNever;
  result_.width = width_;
  result_.journeys.reserve(buckets_);
  using enum FactKind;
  subscribe<&Series::sent>(sent);
  subscribe<&Series::answered>(answered);
  subscribe<&Series::levelled>(levelled);
  subscribe<&Series::marked>(marked);
  subscribe<&Series::born>(born);
  subscribe<&Series::responded>(responded);
  subscribe<&Series::ended>(ended);
}

void Series::sent(const Fact& fact) {
  Row& row = this->row(fact.service);
  row.open.arrivals += static_cast<std::uint64_t>(fact.value);
  row.open.repeats += static_cast<std::uint64_t>(fact.extra);
}

void Series::answered(const Fact& fact) {
  Row& row = this->row(fact.service);
  row.latency.add(fact.value);
  switch (Outcome{fact.detail}) {
    case Outcome::ok: ++row.open.ok; return;
    case Outcome::throttled: ++row.open.throttled; return;
    case Outcome::timed_out: ++row.open.timed_out; return;
    default: ++row.open.failed; return;
  }
}

void Series::levelled(const Fact& fact) {
  Row& row = this->row(fact.service);
  switch (static_cast<Gauge>(fact.subject)) {
    case Gauge::concurrency: row.concurrency.set(fact.at, fact.value); return;
    case Gauge::backlog:
      row.backlog = fact.value;
      row.open.backlog_max = std::max(row.open.backlog_max, fact.value);
      return;
    case Gauge::limit: row.limit = fact.value; return;
    case Gauge::oldest:
      row.oldest = fact.value;
      row.seen |= 1u;
      return;
    default: return;
  }
}

void Series::marked(const Fact& fact) {
  ResourcePoint& open = row(fact.service).open;
  const auto count = static_cast<std::uint64_t>(fact.value);
  switch (static_cast<Mark>(fact.subject)) {
    case Mark::cold_start: open.cold_starts += count; return;
    case Mark::duplicate: open.duplicates += count; return;
    case Mark::outage: open.outages += count; return;
    default: return;
  }
}

void Series::make_room() {
  const std::size_t before = rows_.size();
  rows_.resize(std::max(before, world_.services().size()));
  result_.resources.resize(rows_.size());
  for (std::size_t i = before; i < rows_.size(); ++i) {
    result_.resources[i].reserve(buckets_);
    result_.resources[i].resize(closed_);  // nothing was heard of it until now
    rows_[i].concurrency.reset(time_at(width_ * static_cast<std::int64_t>(closed_)));
  }
}

void Series::close_until(Time now) {
  while (now >= end_) close_bucket();
}

void Series::close_bucket() {
  for (std::size_t i = 0; i < rows_.size(); ++i) result_.resources[i].push_back(close(rows_[i]));
  for (Row& row : rows_) {
    row.concurrency.reset(end_);
    row.open = ResourcePoint{};
    row.open.backlog_max = row.backlog;
    if (row.latency.count() > 0) row.latency.clear();
  }
  add_quantiles(response_, open_journeys_.p50, open_journeys_.p99);
  result_.journeys.push_back(open_journeys_);
  open_journeys_ = JourneyPoint{};
  if (response_.count() > 0) response_.clear();
  ++closed_;
  end_ = closed_ + 1 < buckets_ ? end_ + width_ : kNever;
}

ResourcePoint Series::close(Row& row) const {
  ResourcePoint point = row.open;
  point.concurrency_mean = row.concurrency.mean(end_);
  point.concurrency_max = row.concurrency.peak();
  point.backlog_last = row.backlog;
  point.limit = row.limit;
  if (row.oldest >= 0) {
    point.age_of_oldest = (end_ - kStart).count() - row.oldest;
  } else if (row.seen != 0) {
    point.age_of_oldest = 0;
  }
  add_quantiles(row.latency, point.p50, point.p99);
  return point;
}

SeriesResult Series::report() {
  make_room();
  const Time now = world_.now();
  close_until(now);
  // The bucket that is open now ends now; one in which no time has passed is none, unless it is the only one.
  const Time start = time_at(width_ * static_cast<std::int64_t>(closed_));
  if (now > start || closed_ == 0) {
    end_ = now;
    close_bucket();
    end_ = kNever;
  }
  result_.end = now - kStart;
  return std::move(result_);
}

}  // namespace spillway
