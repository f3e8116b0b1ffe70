// Each kind of fact, in a few operations on the row that it is about.

#include "observe/metrics.hpp"

#include <algorithm>

namespace spillway {

namespace {

std::size_t index(Gauge gauge) { return static_cast<std::size_t>(gauge); }

/// When the caller stops waiting, the callee runs on: the attempt leaves with its late answer. A timed_out
/// that comes before the deadline is the callee's own answer.
bool runs_on(const Port& port, const Call& timed_out, Duration time) {
  return timed_out.outcome == Outcome::timed_out && port.timeout > Duration::zero() && time >= port.timeout;
}

}  // namespace

Metrics::Metrics(World& world) : world_(world) {
  using enum FactKind;
  FactBus& facts = world.facts();
  facts.subscribe<&Metrics::late>(*this, late);
  facts.subscribe<&Metrics::marked>(*this, marked);
  world.lend(journeys_);
  world.add_tallier(*this);
}

void Metrics::lend() {
  for (auto number = static_cast<std::uint32_t>(ports_.size()); number < world_.port_count(); ++number)
    world_.lend(PortId{number}, ports_.emplace_back());
  for (auto number = static_cast<std::uint32_t>(services_.size()); number < world_.services().size();
       ++number)
    world_.lend(ServiceId{number}, services_.emplace_back());
}

// Calls ---------------------------------------------------------------------------------------------------

void Metrics::PortRow::waited(const Waits& waits, Duration time) {
  others_.queued += waits.queued.count();
  others_.cold += waits.cold.count();
  others_.backoff += waits.backoff.count();
  if (waits.total() > time) excess_ += (waits.total() - time).count();
}

void Metrics::PortRow::answered(const Call& call, const Port& port, Time now) {
  const Duration time = now - call.sent;
  ++others_.attempt_outcomes[static_cast<std::size_t>(call.outcome)];
  other_attempts_.add(time.count());
  if (runs_on(port, call, time)) return;
  moments_ += nanoseconds(now);
  ++others_left_;
  others_time_ += time.count();
}

void Metrics::PortRow::settled(const Call& call, Time now) {
  const Duration time = now - call.born;
  ++others_.call_outcomes[static_cast<std::size_t>(call.outcome)];
  other_calls_.add(time.count());
  if (call.waits.total() != Duration::zero()) waited(call.waits, time);
}

void Metrics::PortRow::late(std::int64_t now, std::int64_t time) {
  ++others_.late;
  moments_ += now;
  ++others_left_;
  others_time_ += time;
}

CallCounts Metrics::PortRow::counts() const {
  constexpr auto kOk = static_cast<std::size_t>(Outcome::ok);
  CallCounts counts = others_;
  counts.attempts = attempts_;
  counts.items = items_;
  counts.repeats = repeats_;
  counts.repeats_by = repeats_by_;
  counts.resent = resent_;
  counts.attempt_outcomes[kOk] += at_once_.count();
  counts.call_outcomes[kOk] += at_once_.count();
  counts.service =
      at_once_.sum() + other_calls_.sum() - (counts.queued + counts.cold + counts.backoff) + excess_;
  return counts;
}

Metrics::CallTotals Metrics::PortRow::totals() const {
  CallTotals totals{before_, presence_.open(flow())};
  totals.counts += counts();
  return totals;
}

void Metrics::PortRow::report(CallResult& calls, std::int64_t now) const {
  calls.counts = counts();
  calls.attempt_latency = at_once_;
  calls.attempt_latency.merge(other_attempts_);
  calls.call_latency = at_once_;
  calls.call_latency.merge(other_calls_);
  calls.little = little(now);
}

void Metrics::PortRow::reset(std::int64_t now) {
  PortRow fresh;
  fresh.before_ = before_;
  fresh.before_ += counts();
  fresh.presence_ = presence_;
  fresh.presence_.reset(now, flow());
  *this = std::move(fresh);
}

void Metrics::late(const Fact& fact) {
  const std::uint16_t port = world_.calls()[CallId{fact.subject}].port;
  ports_[port].late(nanoseconds(fact.at), fact.value);
}

void Metrics::marked(const Fact& fact) {
  ServiceRow& row = services_[fact.service];
  row.marks[fact.subject] += fact.value;
  row.marks_seen |= std::uint64_t{1} << fact.subject;
}

// Gauges --------------------------------------------------------------------------------------------------

void Metrics::ServiceRow::levelled_otherwise(Gauge gauge, Time at, std::int64_t value) {
  const std::int64_t now = nanoseconds(at);
  GaugeTrack& track = gauges[index(gauge)];
  if ((seen >> index(gauge) & 1u) == 0) {
    seen |= 1u << index(gauge);
    if (at == kStart) track.reset(0, value);  // it never was zero
  }
  if (gauge == Gauge::backlog) {
    drain.set(now, track.value(), value);
  } else if (gauge == Gauge::oldest) {
    oldest = value;
    age.set(now, value);
    return;
  } else {
    plain_[index(gauge)] = &track;
  }
  track.set(now, value);
}

void Metrics::ServiceRow::reset(std::int64_t now) {
  for (GaugeTrack& gauge : gauges) gauge.reset(now, gauge.value());
  age.reset(now);
  drain.reset(now, gauges[index(Gauge::backlog)].value());
  marks.fill(0);
}

std::int64_t Metrics::gauge_value(std::size_t service, Gauge gauge) const {
  return gauge == Gauge::oldest ? services_[service].oldest : services_[service].gauges[index(gauge)].value();
}

std::int64_t Metrics::gauge_low(std::size_t service, Gauge gauge) const {
  return services_[service].gauges[index(gauge)].low();
}

// Journeys ------------------------------------------------------------------------------------------------

JourneyTally::Row& Metrics::JourneyRows::new_row(const Journey& journey) {
  if (journey.client >= clients() || journey.traffic_class >= classes_) {
    const std::size_t classes = std::max(classes_, journey.traffic_class + std::size_t{1});
    std::vector<Row*> wider(std::max(clients(), journey.client + std::size_t{1}) * classes);
    for (std::size_t i = 0; i < rows_.size(); ++i) wider[i / classes_ * classes + i % classes_] = rows_[i];
    rows_ = std::move(wider);
    classes_ = classes;
  }
  Row*& row = rows_[journey.client * classes_ + journey.traffic_class];
  if (row == nullptr) row = &cells_.emplace_back();
  return *row;
}

void Metrics::JourneyRows::responded(const Journey& journey, const Call& call, Time now) {
  auto& cell = static_cast<Cell&>(row_of(journey));
  ++cell.responded;
  if (counts(journey))
    cell.responses[static_cast<std::size_t>(call.outcome)].add((now - journey.born).count(), call.waits);
}

void Metrics::JourneyRows::ended(const Journey& journey, const Waits& waits, Time now) {
  auto& cell = static_cast<Cell&>(row_of(journey));
  ++cell.ended;
  if (counts(journey))
    cell.completions[static_cast<std::size_t>(journey.ending)].add((now - journey.born).count(), waits);
}

/// Journeys that were born before are told by their time of birth and count for nothing; there are no others
/// yet.
void Metrics::JourneyRows::reset(Time now) {
  since_ = now;
  for (Cell& cell : cells_) {
    const JourneyTotals totals = cell.totals();
    cell = Cell{};
    cell.born = totals.born;
    cell.responded = totals.responded;
    cell.ended = totals.ended;
  }
}

// The end of the warm-up ----------------------------------------------------------------------------------

void Metrics::reset() {
  const std::int64_t now = nanoseconds(world_.now());
  for (std::uint32_t number = 0; number < ports_.size(); ++number) {
    ports_[number].reset(now);
    PortGuards* const guards = world_.port(PortId{number}).guards.get();
    if (guards != nullptr) guards->reset();
  }
  for (ServiceRow& row : services_) row.reset(now);
  journeys_.reset(world_.now());
}

}  // namespace spillway
