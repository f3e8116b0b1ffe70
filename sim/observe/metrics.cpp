// Each kind of fact, in a few operations on the row that it is about.

#include "observe/metrics.hpp"

#include <algorithm>

namespace spillway {

namespace {

std::size_t index(Gauge gauge) { return static_cast<std::size_t>(gauge); }

/// When the caller stops waiting, the callee runs on: the attempt leaves with its late answer. A timed_out
/// that comes before the deadline is the callee's own answer.
bool runs_on(const Port& port, const Fact& timed_out) {
  const Duration timeout = port.config.timeout;
  return timeout > Duration::zero() && timed_out.value >= timeout.count();
}

/// Neither tried before nor held back, and ok: attempt and call are the same.
bool ok_at_once(const Call& call, const Fact& fact) {
  return Outcome{fact.detail} == Outcome::ok && call.attempt == 1 && call.born == call.sent;
}

}  // namespace

Metrics::Metrics(World& world) : world_(world) {
  using enum FactKind;
  FactBus& facts = world.facts();
  facts.subscribe<&Metrics::born>(*this, born);
  facts.subscribe<&Metrics::responded>(*this, responded);
  facts.subscribe<&Metrics::ended>(*this, ended);
  facts.subscribe<&Metrics::sent>(*this, sent);
  facts.subscribe<&Metrics::answered>(*this, answered);
  facts.subscribe<&Metrics::settled>(*this, settled);
  facts.subscribe<&Metrics::late>(*this, late);
  facts.subscribe<&Metrics::levelled>(*this, levelled);
  facts.subscribe<&Metrics::marked>(*this, marked);
}

void Metrics::make_room() {
  if (ports_.size() < world_.port_count()) ports_.resize(world_.port_count());
  if (services_.size() < world_.services().size()) {
    services_.resize(world_.services().size());
    plain_gauges_.assign(services_.size() * kGauges, nullptr);  // the rows have moved: they are met anew
  }
}

// Calls ---------------------------------------------------------------------------------------------------

void Metrics::sent(const Fact& fact) {
  const std::uint16_t port = world_.calls()[CallId{fact.subject}].port;
  if (port >= ports_.size()) [[unlikely]]
    return with_room<&Metrics::sent>(fact);
  PortRow& row = ports_[port];
  ++row.attempts;
  row.items += static_cast<std::uint64_t>(fact.value);
  row.repeats += static_cast<std::uint64_t>(fact.extra);
  if (fact.detail > 1) ++row.resent;
  row.presence.enter(nanoseconds(fact.at));
}

void Metrics::add_waits(PortRow& row, const Call& call, std::int64_t time) {
  const std::int64_t waited = call.waits.total().count();
  if (waited == 0) return;
  row.others.queued += call.waits.queued.count();
  row.others.cold += call.waits.cold.count();
  row.others.backoff += call.waits.backoff.count();
  if (waited > time) row.excess += waited - time;
}

void Metrics::answered(const Fact& fact) {
  const Call& call = world_.calls()[CallId{fact.subject}];
  if (!ok_at_once(call, fact)) [[unlikely]]
    return answered_otherwise(fact);
  if (call.port >= ports_.size()) [[unlikely]]
    return with_room<&Metrics::answered>(fact);
  PortRow& row = ports_[call.port];
  row.presence.leave(nanoseconds(fact.at));
  add_waits(row, call, fact.value);
  row.at_once.add(fact.value);
}

void Metrics::answered_otherwise(const Fact& fact) {
  const Call& call = world_.calls()[CallId{fact.subject}];
  if (call.port >= ports_.size()) make_room();
  PortRow& row = ports_[call.port];
  ++row.others.attempt_outcomes[fact.detail];
  row.other_attempts.add(fact.value);
  if (Outcome{fact.detail} == Outcome::timed_out && runs_on(world_.port(PortId{call.port}), fact)) return;
  row.presence.leave(nanoseconds(fact.at));
  ++row.others_left;
  row.others_time += fact.value;
}

void Metrics::settled(const Fact& fact) {
  // What is ok is never tried again: its answer has told all.
  if (!ok_at_once(world_.calls()[CallId{fact.subject}], fact)) [[unlikely]]
    settled_otherwise(fact);
}

void Metrics::settled_otherwise(const Fact& fact) {
  const Call& call = world_.calls()[CallId{fact.subject}];
  if (call.port >= ports_.size()) make_room();
  PortRow& row = ports_[call.port];
  ++row.others.call_outcomes[fact.detail];
  row.other_calls.add(fact.value);
  add_waits(row, call, fact.value);
}

void Metrics::late(const Fact& fact) {
  const std::uint16_t port = world_.calls()[CallId{fact.subject}].port;
  if (port >= ports_.size()) make_room();
  PortRow& row = ports_[port];
  ++row.others.late;
  row.presence.leave(nanoseconds(fact.at));
  ++row.others_left;
  row.others_time += fact.value;
}

CallCounts Metrics::PortRow::counts() const {
  constexpr auto kOk = static_cast<std::size_t>(Outcome::ok);
  CallCounts counts = others;
  counts.attempts = attempts;
  counts.items = items;
  counts.repeats = repeats;
  counts.resent = resent;
  counts.attempt_outcomes[kOk] += at_once.count();
  counts.call_outcomes[kOk] += at_once.count();
  counts.service =
      at_once.sum() + other_calls.sum() - (counts.queued + counts.cold + counts.backoff) + excess;
  return counts;
}

void Metrics::marked(const Fact& fact) {
  if (fact.service >= services_.size()) [[unlikely]]
    return with_room<&Metrics::marked>(fact);
  ServiceRow& row = services_[fact.service];
  row.marks[fact.subject] += fact.value;
  row.marks_seen |= std::uint64_t{1} << fact.subject;
}

// Gauges --------------------------------------------------------------------------------------------------

void Metrics::levelled(const Fact& fact) {
  const std::size_t which = fact.service * kGauges + fact.subject;
  if (which >= plain_gauges_.size() || plain_gauges_[which] == nullptr) return levelled_otherwise(fact);
  plain_gauges_[which]->set(nanoseconds(fact.at), fact.value);
}

/// For the first time, or a gauge that is followed in other ways as well.
void Metrics::levelled_otherwise(const Fact& fact) {
  if (fact.service >= services_.size()) make_room();
  ServiceRow& row = services_[fact.service];
  const std::int64_t now = nanoseconds(fact.at);
  const auto gauge = static_cast<Gauge>(fact.subject);
  GaugeTrack& track = row.gauges[fact.subject];
  if ((row.seen >> fact.subject & 1u) == 0) {
    row.seen |= 1u << fact.subject;
    if (fact.at == kStart) track.reset(0, fact.value);  // it never was zero
  }
  if (gauge == Gauge::backlog) {
    row.drain.set(now, track.value(), fact.value);
  } else if (gauge == Gauge::oldest) {
    row.oldest = fact.value;
    row.age.set(now, fact.value);
    return;
  } else {
    plain_gauges_[fact.service * kGauges + fact.subject] = &track;
  }
  track.set(now, fact.value);
}

std::int64_t Metrics::gauge_value(std::size_t service, Gauge gauge) const {
  return gauge == Gauge::oldest ? services_[service].oldest : services_[service].gauges[index(gauge)].value();
}

std::int64_t Metrics::gauge_low(std::size_t service, Gauge gauge) const {
  return services_[service].gauges[index(gauge)].low();
}

// Journeys ------------------------------------------------------------------------------------------------

Metrics::JourneyCell& Metrics::new_cell(const Journey& journey) {
  const std::size_t clients = classes_ == 0 ? 0 : cells_.size() / classes_;
  if (journey.client >= clients || journey.traffic_class >= classes_) {
    const std::size_t classes = std::max(classes_, journey.traffic_class + std::size_t{1});
    std::vector<std::unique_ptr<JourneyCell>> wider(std::max(clients, journey.client + std::size_t{1}) *
                                                    classes);
    for (std::size_t i = 0; i < cells_.size(); ++i)
      wider[i / classes_ * classes + i % classes_] = std::move(cells_[i]);
    cells_ = std::move(wider);
    classes_ = classes;
  }
  auto& cell = cells_[journey.client * classes_ + journey.traffic_class];
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

// The end of the warm-up ----------------------------------------------------------------------------------

void Metrics::reset() {
  make_room();
  since_ = world_.now();
  const std::int64_t now = nanoseconds(since_);
  for (PortRow& row : ports_) {
    row.before += row.counts();
    row.presence.reset(now, row.flow());
    PortRow fresh;
    fresh.presence = row.presence;
    fresh.before = row.before;
    row = std::move(fresh);
  }
  for (ServiceRow& row : services_) {
    for (GaugeTrack& gauge : row.gauges) gauge.reset(now, gauge.value());
    row.age.reset(now);
    row.drain.reset(now, row.gauges[index(Gauge::backlog)].value());
    row.marks.fill(0);
  }
  // Journeys that were born before are told by their time of birth and count for nothing; there are no others
  // yet.
  for (auto& cell : cells_) {
    if (!cell) continue;
    const JourneyTotals totals = cell->totals;
    *cell = JourneyCell{};
    cell->totals = totals;
  }
}

}  // namespace spillway
