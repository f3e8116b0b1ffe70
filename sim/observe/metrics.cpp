// Each kind of fact, in a few operations on the row that it is about.

#include "observe/metrics.hpp"

namespace spillway {

namespace {

std::size_t index(Gauge gauge) { return static_cast<std::size_t>(gauge); }

/// When the caller stops waiting, the callee runs on: the attempt leaves with its late answer. A timed_out
/// that comes before the deadline is the callee's own answer.
bool runs_on(const Port& port, const Fact& timed_out) {
  const Duration timeout = port.config.timeout;
  return timeout > Duration::zero() && timed_out.value >= timeout.count();
}

}  // namespace

Metrics::Metrics(World& world) : world_(world) {
  using enum FactKind;
  world.facts().subscribe(*this, {born, responded, ended, sent, answered, settled, late, levelled, marked});
}

void Metrics::observe(const Fact& fact) {
  switch (fact.kind) {
    case FactKind::sent: return sent(fact);
    case FactKind::answered: return answered(fact);
    case FactKind::settled: return settled(fact);
    case FactKind::levelled: return levelled(fact);
    case FactKind::late: return late(fact);
    case FactKind::marked: service_row(fact.service).marks[fact.subject] += fact.value; return;
    case FactKind::born: return born(fact);
    case FactKind::responded: return responded(fact);
    case FactKind::ended: return ended(fact);
    case FactKind::used: return;
  }
}

void Metrics::make_room() {
  if (ports_.size() < world_.port_count()) ports_.resize(world_.port_count());
  if (services_.size() < world_.services().size()) services_.resize(world_.services().size());
}

// Calls
// ---------------------------------------------------------------------------------------------------------

void Metrics::sent(const Fact& fact) {
  PortRow& row = port_row(world_.calls()[CallId{fact.subject}].port);
  ++row.counts.attempts;
  row.counts.items += static_cast<std::uint64_t>(fact.value);
  row.counts.repeats += static_cast<std::uint64_t>(fact.extra);
  if (fact.detail > 1) ++row.counts.resent;
  row.presence.enter(nanoseconds(fact.at));
}

void Metrics::answered(const Fact& fact) {
  const Call& call = world_.calls()[CallId{fact.subject}];
  PortRow& row = port_row(call.port);
  const auto outcome = Outcome{fact.detail};
  ++row.counts.attempt_outcomes[fact.detail];
  if (outcome != Outcome::timed_out || !runs_on(world_.port(PortId{call.port}), fact)) {
    row.presence.leave(nanoseconds(fact.at), fact.value);
  }
  const bool at_once = outcome == Outcome::ok && call.attempt == 1 && call.born == call.sent;
  (at_once ? row.first_ok : row.other_attempts).add(fact.value);
}

void Metrics::settled(const Fact& fact) {
  const Call& call = world_.calls()[CallId{fact.subject}];
  PortRow& row = port_row(call.port);
  ++row.counts.call_outcomes[fact.detail];
  const std::int64_t waited = call.waits.total().count();
  row.counts.service += std::max<std::int64_t>(0, fact.value - waited);
  if (waited != 0) {
    row.counts.queued += call.waits.queued.count();
    row.counts.cold += call.waits.cold.count();
    row.counts.backoff += call.waits.backoff.count();
  }
  // The same condition as when it was answered: what is ok is never tried again.
  const bool at_once = Outcome{fact.detail} == Outcome::ok && call.attempt == 1 && call.born == call.sent;
  if (!at_once) row.other_calls.add(fact.value);
}

void Metrics::late(const Fact& fact) {
  PortRow& row = port_row(world_.calls()[CallId{fact.subject}].port);
  ++row.counts.late;
  row.presence.leave(nanoseconds(fact.at), fact.value);
}

// Gauges
// ---------------------------------------------------------------------------------------------------------

void Metrics::levelled(const Fact& fact) {
  ServiceRow& row = service_row(fact.service);
  if ((row.seen >> fact.subject & 1u) == 0) [[unlikely]] {
    row.seen |= 1u << fact.subject;
    if (fact.at == kStart) row.levels[fact.subject] = Level{kStart, fact.value};  // it never was zero
  }
  const std::int64_t now = nanoseconds(fact.at);
  const auto gauge = static_cast<Gauge>(fact.subject);
  if (gauge == Gauge::oldest) {
    row.oldest = fact.value;
    row.age.set(now, fact.value);
    return;
  }
  Level& level = row.levels[fact.subject];
  if (gauge == Gauge::concurrency) {
    row.concurrency.leave(now, level.value());
  } else if (gauge == Gauge::backlog) {
    row.backlog.leave(now, level.value());
    row.drain.set(now, level.value(), fact.value);
  }
  level.set(fact.at, fact.value);
}

std::int64_t Metrics::gauge_value(std::size_t service, Gauge gauge) const {
  return gauge == Gauge::oldest ? services_[service].oldest : services_[service].levels[index(gauge)].value();
}

std::int64_t Metrics::gauge_low(std::size_t service, Gauge gauge) const {
  return services_[service].levels[index(gauge)].low();
}

// Journeys
// -----------------------------------------------------------------------------------------------------------

Metrics::JourneyCell& Metrics::cell(const Journey& journey) {
  if (journey.client >= cells_.size()) cells_.resize(journey.client + std::size_t{1});
  auto& row = cells_[journey.client];
  if (journey.traffic_class >= row.size()) row.resize(journey.traffic_class + std::size_t{1});
  auto& cell = row[journey.traffic_class];
  if (!cell) cell = std::make_unique<JourneyCell>();
  return *cell;
}

void Metrics::born(const Fact& fact) {
  const Journey& journey = world_.journeys()[JourneyId{fact.subject}];
  JourneyCell& row = cell(journey);
  ++row.totals.born;
  if (counts(journey)) ++row.counted;
}

void Metrics::responded(const Fact& fact) {
  const Journey& journey = world_.journeys()[JourneyId{fact.subject}];
  JourneyCell& row = cell(journey);
  ++row.totals.responded;
  const Call& call = world_.calls()[CallId{static_cast<std::uint32_t>(fact.extra)}];
  check(static_cast<std::uint32_t>(call.journey) == fact.subject,
        "a journey was answered by the call of another");
  if (call.waits.total() != Duration::zero()) {
    if (fact.subject >= response_waits_.size()) response_waits_.resize(std::size_t{fact.subject} * 2 + 64);
    response_waits_[fact.subject] = call.waits;
  }
  if (counts(journey)) row.responses[fact.detail].add(fact.value, call.waits);
}

void Metrics::ended(const Fact& fact) {
  const Journey& journey = world_.journeys()[JourneyId{fact.subject}];
  JourneyCell& row = cell(journey);
  ++row.totals.ended;
  // What its client waited for, and what its branches did that ended in a consumer.
  Waits waits = journey.waits;
  if (fact.subject < response_waits_.size()) {
    waits += response_waits_[fact.subject];
    response_waits_[fact.subject] = Waits{};
  }
  if (counts(journey)) row.completions[fact.detail].add(fact.value, waits);
}

// The end of the warm-up
// -----------------------------------------------------------------------------------------------

void Metrics::reset() {
  make_room();
  since_ = world_.now();
  const std::int64_t now = nanoseconds(since_);
  for (PortRow& row : ports_) {
    row.before += row.counts;
    row.counts = CallCounts{};
    row.presence.reset(now);
    row.first_ok.clear();
    row.other_attempts.clear();
    row.other_calls.clear();
  }
  for (ServiceRow& row : services_) {
    for (Level& level : row.levels) level.reset(since_);
    row.age.reset(now);
    row.drain.reset(now, row.levels[index(Gauge::backlog)].value());
    row.concurrency.reset(now);
    row.backlog.reset(now);
    row.marks.fill(0);
  }
  // Journeys that were born before are told by their time of birth and count for nothing; there are no others
  // yet.
  for (auto& row : cells_) {
    for (auto& cell : row) {
      if (!cell) continue;
      const JourneyTotals totals = cell->totals;
      *cell = JourneyCell{};
      cell->totals = totals;
    }
  }
}

}  // namespace spillway
