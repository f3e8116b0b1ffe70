#include "services/state_machine_observation.hpp"

#include <algorithm>
#include <utility>

#include "formats/json.hpp"

namespace spillway {

namespace {

constexpr std::size_t kShownWays = 10;

double milliseconds(std::int64_t ns) { return static_cast<double>(ns) / 1e6; }

Json duration_json(const Sketch& sketch) {
  if (sketch.count() == 0) return nullptr;
  return {{"mean", sketch.mean() / 1e6},
          {"p50", milliseconds(sketch.quantile(0.5))},
          {"p90", milliseconds(sketch.quantile(0.9))},
          {"p99", milliseconds(sketch.quantile(0.99))},
          {"max", milliseconds(sketch.max())}};
}

/// "Parallel[1]/Pay", "Map[*]/Pay": states of inner flows behind the state around them.
std::string full_name(const asl::Machine& machine, asl::StateIndex index) {
  const asl::State& state = machine.states[index];
  const asl::StateIndex owner = machine.flows[state.flow].owner;
  if (owner == asl::kNoState) return state.name;
  std::string branch = "*";
  if (const auto* parallel = std::get_if<asl::ParallelFields>(&machine.states[owner].what)) {
    branch = std::to_string(std::ranges::find(parallel->branches, state.flow) - parallel->branches.begin());
  }
  return full_name(machine, owner) + '[' + branch + "]/" + state.name;
}

Json edge(const asl::Machine& machine, asl::StateIndex from, asl::StateIndex to, const char* why) {
  return {{"from", full_name(machine, from)}, {"to", full_name(machine, to)}, {"by", why}};
}

Json graph_json(const asl::Machine& machine) {
  Json edges = Json::array();
  for (asl::StateIndex from = 0; from < machine.states.size(); ++from) {
    const asl::State& state = machine.states[from];
    const auto add = [&](asl::StateIndex to, const char* why) {
      if (to != asl::kNoState) edges.push_back(edge(machine, from, to, why));
    };
    add(state.next, "next");
    for (const asl::Catcher& catcher : state.catchers) add(catcher.next, "catch");
    if (const auto* choice = std::get_if<asl::ChoiceFields>(&state.what)) {
      for (const asl::ChoiceRule& rule : choice->rules) add(rule.next, "choice");
      add(choice->otherwise, "default");
    } else if (const auto* parallel = std::get_if<asl::ParallelFields>(&state.what)) {
      for (const asl::FlowIndex flow : parallel->branches) add(machine.flows[flow].start, "branch");
    } else if (const auto* map = std::get_if<asl::MapFields>(&state.what)) {
      add(machine.flows[map->processor].start, "iteration");
    }
  }
  return {{"start", full_name(machine, machine.flows[0].start)}, {"edges", std::move(edges)}};
}

}  // namespace

std::uint32_t StateMachineObservation::step(std::uint32_t path, asl::StateIndex state) {
  if (path == kOtherWays) return path;
  if (ways_[path].last_state == state) return ways_[path].last_way;
  const std::uint32_t next = find_step(path, state);
  ways_[path].last_state = state;
  return ways_[path].last_way = next;
}

std::uint32_t StateMachineObservation::find_step(std::uint32_t path, asl::StateIndex state) {
  const std::uint64_t key = std::uint64_t{path} << 32U | state;
  if (const auto known = next_.find(key); known != next_.end()) return known->second;
  const auto added = ways_.size() < kMostWays ? static_cast<std::uint32_t>(ways_.size()) : kOtherWays;
  next_.emplace(key, added);
  if (added != kOtherWays) ways_.push_back({.before = path, .state = state});
  return added;
}

void StateMachineObservation::ended(ExecutionStatus status, std::uint32_t path, Duration lasted,
                                    std::uint32_t events) {
  ++executions_[static_cast<std::size_t>(status)];
  duration_.add(lasted.count());
  events_.add(events);
  Way& way = path == kOtherWays ? other_ways_ : ways_[path];
  ++way.count;
  way.duration.add(lasted.count());
}

std::string StateMachineObservation::json(const asl::Machine& machine) const {
  Json states = Json::array();
  for (asl::StateIndex i = 0; i < machine.states.size(); ++i) {
    const StateCounts& of = states_[i];
    Json row{{"name", full_name(machine, i)},
             {"type", type_name(machine.states[i].type)},
             {"entered", of.entered},
             {"succeeded", of.succeeded},
             {"caught", of.caught},
             {"failed", of.failed},
             {"retried", of.retried},
             {"timed_out", of.timed_out},
             {"duration_ms", duration_json(of.duration)}};
    if (effects_[i] > 0) row["effects_left"] = effects_[i];
    states.push_back(std::move(row));
  }
  std::vector<const Way*> slowest;
  for (const Way& way : ways_) {
    if (way.count > 0) slowest.push_back(&way);
  }
  std::ranges::sort(slowest, [](const Way* a, const Way* b) {
    return std::pair(-a->duration.mean(), a) < std::pair(-b->duration.mean(), b);
  });
  if (slowest.size() > kShownWays) slowest.resize(kShownWays);
  Json paths = Json::array();
  for (const Way* way : slowest) {
    Json names = Json::array();
    for (const Way* at = way; at->state != asl::kNoState; at = &ways_[at->before])
      names.insert(names.begin(), full_name(machine, at->state));
    paths.push_back({{"states", std::move(names)},
                     {"executions", way->count},
                     {"duration_ms", duration_json(way->duration)}});
  }
  const Json all{{"executions",
                  {{"succeeded", executions_[0]},
                   {"failed", executions_[1]},
                   {"timed_out", executions_[2]},
                   {"redriven", redriven_},
                   {"duration_ms", duration_json(duration_)},
                   {"most_history_events", events_.max()}}},
                 {"states", std::move(states)},
                 {"slowest_paths", std::move(paths)},
                 {"graph", graph_json(machine)}};
  return all.dump();
}

}  // namespace spillway
