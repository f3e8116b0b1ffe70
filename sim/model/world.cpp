// The records that a world owns, and when they begin and end.

#include "spillway/world.hpp"

namespace spillway {

namespace {

std::uint32_t hash_name(std::string_view name) {
  std::uint32_t hash = 2166136261u;  // FNV-1a
  for (const char c : name) hash = (hash ^ static_cast<std::uint8_t>(c)) * 16777619u;
  return hash;
}

}  // namespace

PortId World::connect(ServiceId from, ServiceId to, PortConfig config) {
  check(ports_.size() < UINT16_MAX, "too many ports in one world");
  const auto id = PortId{static_cast<std::uint32_t>(ports_.size())};
  Port& port = *ports_.emplace_back(std::make_unique<Port>(from, to, std::move(config)));
  if (static_cast<std::uint32_t>(id) < 32) port.bit = std::uint32_t{1} << static_cast<std::uint32_t>(id);
  lend_tallies();
  if (started_) check(resolve(port), "a port was added during the run to an operation that its callee lacks");
  return id;
}

/// Works out what every call reads of a port. False when its callee has no such operation.
bool World::resolve(Port& port) {
  const PortConfig& config = port.config;
  port.callee = &service(port.to);
  port.caller = &service(port.from);
  port.layer = port.caller->tries_again_as();
  const int operation = port.callee->operation(config.operation);
  if (operation < 0) return false;
  port.operation = static_cast<std::uint16_t>(operation);
  port.timeout = config.timeout;
  if (port.timeout > Duration::zero()) port.deadlines.set_wait(port.timeout);
  port.latency = config.latency;
  port.sibling = config.sibling;
  if (config.circuit_breaker || config.hedging) port.guards = std::make_unique<PortGuards>(*this, port);
  port.watched = config.retry.adaptive || port.guards != nullptr;
  port.tries_again = config.retry.max_attempts > 1 || port.guards != nullptr;
  port.has_quota = config.retry.quota.capacity > 0;
  // Names, not numbers: adding a service elsewhere must not change the draws of this port.
  const std::string name = port.caller->name() + ">" + port.callee->name() + ":" + config.operation + "#" +
                           std::to_string(config.sibling);
  port.salt = hash_name(name);
  port.draws = stream(name + " retry");
  return true;
}

std::optional<World::UnknownOperation> World::start() {
  for (std::size_t number = 0; number < ports_.size(); ++number) {
    Port& port = *ports_[number];
    if (!resolve(port))
      return UnknownOperation{PortId{static_cast<std::uint32_t>(number)}, port.config.operation};
  }
  started_ = true;
  for (const auto& service : services_) service->start();
  return std::nullopt;
}

MeterId World::meter(std::string_view name) {
  for (std::size_t i = 0; i < meters_.size(); ++i) {
    if (meters_[i] == name) return MeterId{static_cast<std::uint16_t>(i)};
  }
  meters_.emplace_back(name);
  lend_tallies();
  return MeterId{static_cast<std::uint16_t>(meters_.size() - 1)};
}

void World::add_branch_waits(JourneyId id, const Waits& waits) {
  if (waits.total() == Duration::zero()) return;
  WaitsId& waited = journeys_[id].waits;
  if (waited == kNoWaits) waited = waits_.take();
  waits_[waited] += waits;
}

void World::respond(CallId answered) {
  const Call& call = calls_[answered];
  const JourneyId id = call.journey;
  Journey& journey = journeys_[id];
  if (facts_.heard(FactKind::responded)) [[unlikely]] {
    // `extra` names the call, whose waits say where the time went.
    facts_.publish({now(), (now() - journey.born).count(), static_cast<std::int64_t>(answered),
                    static_cast<std::uint32_t>(id), journey.client, FactKind::responded,
                    static_cast<std::uint8_t>(call.outcome)});
  }
  const bool last = journey.branches == 1 && !journey.over && journey.ending == Ending::succeeded;
  const bool waited = journey.waits != kNoWaits || call.waits.total() != Duration::zero();
  if (call.outcome == Outcome::ok && last && !waited) [[likely]] {
    if (journey_tally_ != nullptr) [[likely]]
      journey_tally_->served(journey, now());
    journey.branches = 0;
    journey.over = true;
    publish_ended(id, journey);
    return unrefer(id);
  }
  if (journey_tally_ != nullptr) journey_tally_->responded(journey, call, now());
  add_branch_waits(id, call.waits);
  end_branch(id, call.outcome == Outcome::ok ? Ending::succeeded : Ending::failed);
}

void World::end_branch(JourneyId id, Ending ending) {
  Journey& journey = journeys_[id];
  journey.ending = std::max(journey.ending, ending);
  check(journey.branches > 0, "a branch of a journey ends twice");
  if (--journey.branches > 0 || journey.over) return;
  journey.over = true;
  if (journey_tally_ != nullptr) journey_tally_->ended(journey, branch_waits(id), now());
  publish_ended(id, journey);
  unrefer(id);
}

inline void World::publish_ended(JourneyId id, const Journey& journey) const {
  if (!facts_.heard(FactKind::ended)) [[likely]]
    return;
  facts_.publish({now(), (now() - journey.born).count(), 0, static_cast<std::uint32_t>(id), journey.client,
                  FactKind::ended, static_cast<std::uint8_t>(journey.ending)});
}

std::size_t World::bytes() const {
  std::size_t bytes = simulation_.bytes() + journeys_.bytes() + calls_.bytes() + messages_.bytes() +
                      receipts_.bytes() + waits_.bytes() + path_.bytes();
  for (const auto& port : ports_) bytes += port->deadlines.bytes();
  return bytes;
}

}  // namespace spillway
