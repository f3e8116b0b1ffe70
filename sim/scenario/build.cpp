#include "scenario/build.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "scenario/references.hpp"
#include "scenario/traffic/settings.hpp"
#include "services/client.hpp"

namespace spillway {

namespace {

constexpr int kSlices = 100;  // of a run, at least, between which progress is shown

class ScenarioWiring final : public Wiring {
 public:
  ScenarioWiring(const Scenario& scenario, World& world, std::uint64_t seed,
                 std::vector<BuildProblem>& problems)
      : scenario_(scenario), world_(world), seed_(seed), problems_(problems) {}

  World& world() override { return world_; }

  ServiceId service(const Value& reference) override {
    const auto row = std::ranges::find(scenario_.resources, reference.text(), &Member::name);
    check(row != scenario_.resources.end(), "a reference was not checked");
    return ServiceId{static_cast<std::uint32_t>(row - scenario_.resources.begin())};
  }

  std::uint16_t traffic_class(std::string_view name) override {
    const auto row = std::ranges::find(scenario_.classes, name);
    check(row != scenario_.classes.end(), "a traffic class was not checked");
    return static_cast<std::uint16_t>(row - scenario_.classes.begin());
  }

  std::uint16_t classes() override {
    return static_cast<std::uint16_t>(std::max<std::size_t>(1, scenario_.classes.size()));
  }

  std::string class_document(std::uint16_t number) override {
    if (number >= scenario_.classes.size()) return {};
    for (const Member& client : scenario_.traffic) {
      const Value* const of = client.value["classes"].find(scenario_.classes[number]);
      if (of != nullptr && (*of)["document"].is_set()) return (*of)["document"].text();
    }
    return {};
  }

  std::unique_ptr<Arrivals> arrivals(const Value& setting, std::string_view name) override {
    const Sources& sources = *scenario_.sources;
    auto made =
        make_arrivals(setting, {.seed = seed_,
                                .name = std::string(name),
                                .class_names = scenario_.classes,
                                .folder = [&sources](const Position& at) { return sources.folder(at); }});
    if (made) return std::move(*made);
    for (TrafficError& error : made.error())
      problems_.push_back({error.at, std::move(error.message), {}, Rule::bad_traffic});
    return nullptr;
  }

  void reject(const Value& where, const std::string& why) override {
    problems_.push_back({where.position(), why, {}, Rule::contradiction});
  }

  void reject_definition(const Value& where, const std::string& why) override {
    problems_.push_back({where.position(), why, {}, Rule::bad_definition});
  }

  tl::expected<std::string, std::string> file(const Value& name) override {
    return DiskFiles{}.read(scenario_.sources->folder(name.position()) + name.text());
  }

 private:
  const Scenario& scenario_;
  World& world_;
  std::uint64_t seed_;
  std::vector<BuildProblem>& problems_;
};

const ServiceType& type_of(const Member& resource) {
  const ServiceType* const type = find_service_type(resource.value["type"].text());
  check(type != nullptr, "a resource's type was not checked");
  return *type;
}

/// Says where the callee's missing operation was asked for.
BuildProblem unknown_operation(const Scenario& scenario, World& world,
                               const World::UnknownOperation& unknown) {
  const Port& port = world.port(unknown.port);
  const auto from = static_cast<std::size_t>(port.from);
  const Member& asker = from < scenario.resources.size() ? scenario.resources[from]
                                                         : scenario.traffic[from - scenario.resources.size()];
  const std::string& callee = world.service(port.to).name();
  const std::string message =
      unknown.operation.empty()
          ? fmt::format("'{}' calls '{}' without saying which route or operation", asker.name, callee)
          : fmt::format("'{}' has no route or operation '{}'", callee, unknown.operation);
  return {find_text(asker.value, unknown.operation), message};
}

std::string traffic_problem(const Scenario& scenario, World& world) {
  for (std::size_t i = 0; i < scenario.traffic.size(); ++i) {
    const auto id = ServiceId{static_cast<std::uint32_t>(scenario.resources.size() + i)};
    const std::string_view problem = static_cast<const Client&>(world.service(id)).traffic_problem();
    if (!problem.empty()) return std::string(problem);
  }
  return {};
}

/// Runs a world in slices, so that it can be stopped. How long a slice is follows from the events alone, so
/// that what was stopped by a limit is the same on every machine.
class Slices {
 public:
  Slices(World& world, RunObservers& observers, const RunOptions& options)
      : world_(world), observers_(observers), options_(options) {}

  /// False when the run was stopped.
  bool run(Duration from, Duration to, bool until_empty) {
    for (int slice = 1; slice <= kSlices; ++slice) {
      if (until_empty && world_.journeys().alive() == 0) return true;
      const Duration done = (to - from) / kSlices * slice;
      if (!run_until(kStart + (slice == kSlices ? to : from + done))) return false;
    }
    return true;
  }

 private:
  /// In steps that have few enough events for an interrupt to be answered at once.
  bool run_until(Time end) {
    while (world_.now() < end) {
      const std::uint64_t before = world_.simulation().events();
      observers_.run(end - world_.now() <= step_ ? end : world_.now() + step_);
      if (world_.simulation().stopped()) return false;
      const std::uint64_t ran = world_.simulation().events() - before;
      if (ran > kStepEvents) step_ = std::max(step_ / 2, Duration{1});
      if (ran < kStepEvents / 2) step_ = std::min<Duration>(step_ * 2, 366 * 24h);
      if (!may_go_on()) {
        world_.simulation().stop();
        return false;
      }
    }
    return true;
  }

  bool may_go_on() {
    const std::uint64_t events = world_.simulation().events();
    return (!options_.progress || options_.progress(world_.now(), events)) && events < options_.most_events;
  }

  static constexpr std::uint64_t kStepEvents = 1'000'000;

  World& world_;
  RunObservers& observers_;
  const RunOptions& options_;
  Duration step_ = 1s;
};

}  // namespace

std::uint64_t replication_seed(std::uint64_t seed, std::uint64_t replication) {
  return replication == 0 ? seed : mix_bits(seed + replication * kWeylStep);
}

std::unique_ptr<World> build_world(const Scenario& scenario, const RunOptions& options,
                                   std::vector<BuildProblem>& problems) {
  auto world = std::make_unique<World>(World::Options{.seed = options.seed, .event_set = options.event_set});
  ScenarioWiring wiring(scenario, *world, options.seed, problems);
  Clients& clients = clients_of(*world);
  clients.counted_from = kStart + scenario.warm_up;
  clients.traffic_end = kStart + scenario.horizon;
  const ServiceType& client = *find_service_type("client");
  for (const Member& resource : scenario.resources)
    type_of(resource).make(wiring, resource.name, resource.value);
  for (const Member& entry : scenario.traffic) client.make(wiring, entry.name, entry.value);
  std::uint32_t id = 0;
  for (const Member& resource : scenario.resources) {
    type_of(resource).connect(wiring, world->service(ServiceId{id++}), resource.value);
  }
  for (const Member& entry : scenario.traffic)
    client.connect(wiring, world->service(ServiceId{id++}), entry.value);
  complete(*world);
  return world;
}

std::vector<BuildProblem> build_problems(const Scenario& scenario) {
  std::vector<BuildProblem> problems;
  const std::unique_ptr<World> world = build_world(scenario, {}, problems);
  if (problems.empty()) {
    if (const auto unknown = world->start())
      problems.push_back(unknown_operation(scenario, *world, *unknown));
  }
  return problems;
}

tl::expected<RunResult, std::string> run_scenario(const Scenario& scenario, const RunOptions& options) {
  std::vector<BuildProblem> problems;
  const std::unique_ptr<World> world = build_world(scenario, options, problems);
  if (!problems.empty()) return tl::unexpected(problems.front().message);
  RunObservers observers(*world, {.warm_up = scenario.warm_up,
                                  .horizon = scenario.horizon + scenario.drain,
                                  .bucket = scenario.interval,
                                  .clients = scenario.client_names(),
                                  .classes = scenario.classes,
                                  .series = options.series,
                                  .story = options.story,
                                  .fact_hash = options.fact_hash});
  if (const auto unknown = world->start())
    return tl::unexpected(unknown_operation(scenario, *world, *unknown).message);
  Slices slices(*world, observers, options);
  bool whole = slices.run(Duration::zero(), scenario.horizon, false);
  if (whole && scenario.drain > Duration::zero())
    whole = slices.run(scenario.horizon, scenario.horizon + scenario.drain, true);
  if (std::string problem = traffic_problem(scenario, *world); !problem.empty()) {
    return tl::unexpected(std::move(problem));
  }
  RunResult result = observers.result();
  result.stopped_early = !whole;
  for (std::size_t i = 0; i < scenario.resources.size(); ++i) {
    result.resources[i].type = scenario.resources[i].value["type"].text();
  }
  return result;
}

}  // namespace spillway
