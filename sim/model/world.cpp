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
  RetryState retries(config.retry);
  ports_.push_back(std::make_unique<Port>(Port{from, to, std::move(config), std::move(retries), Stream{}}));
  return id;
}

std::optional<World::UnknownOperation> World::start() {
  std::uint32_t number = 0;
  for (const auto& port : ports_) {
    const int operation = service(port->to).operation(port->config.operation);
    if (operation < 0) return UnknownOperation{PortId{number}, port->config.operation};
    port->operation = static_cast<std::uint16_t>(operation);
    // Names, not numbers: adding a service elsewhere must not change the draws of this port.
    const std::string name = service(port->from).name() + ">" + service(port->to).name() + ":" +
                             port->config.operation + "#" + std::to_string(port->config.sibling);
    port->salt = hash_name(name);
    port->draws = stream(name + " retry");
    ++number;
  }
  for (const auto& service : services_) service->start();
  return std::nullopt;
}

MeterId World::meter(std::string_view name) {
  for (std::size_t i = 0; i < meters_.size(); ++i) {
    if (meters_[i] == name) return MeterId{static_cast<std::uint16_t>(i)};
  }
  meters_.emplace_back(name);
  return MeterId{static_cast<std::uint16_t>(meters_.size() - 1)};
}

JourneyId World::begin_journey(const Journey& journey) {
  const JourneyId id = journeys_.take();
  Journey& born = journeys_[id];
  born = journey;
  born.born = now();
  born.branches = 1;
  born.references = 1;  // its own, until it ends
  if (facts_.heard(FactKind::born)) {
    facts_.publish({now(), 0, 0, static_cast<std::uint32_t>(id), born.client, FactKind::born, 0});
  }
  return id;
}

void World::end_branch(JourneyId id, Ending ending) {
  Journey& journey = journeys_[id];
  journey.ending = std::max(journey.ending, ending);
  check(journey.branches > 0, "a branch of a journey ends twice");
  if (--journey.branches > 0 || journey.over) return;
  journey.over = true;
  if (facts_.heard(FactKind::ended)) {
    facts_.publish({now(), (now() - journey.born).count(), 0, static_cast<std::uint32_t>(id), journey.client,
                    FactKind::ended, static_cast<std::uint8_t>(journey.ending)});
  }
  unrefer(id);
}

std::size_t World::bytes() const {
  return simulation_.bytes() + journeys_.bytes() + calls_.bytes() + messages_.bytes() + receipts_.bytes();
}

}  // namespace spillway
