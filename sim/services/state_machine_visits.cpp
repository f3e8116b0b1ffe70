#include "services/state_machine_visits.hpp"

#include <algorithm>

namespace spillway {

namespace {

constexpr int kRounds = 1000;

/// A way from one state to another, taken in so many of its visits.
struct Way {
  asl::StateIndex from, to;
  double share;
};

std::vector<std::pair<asl::StateIndex, double>> even_branches(const asl::ChoiceFields& choice) {
  std::vector<std::pair<asl::StateIndex, double>> ways;
  for (const asl::ChoiceRule& rule : choice.rules) ways.emplace_back(rule.next, 1);
  if (choice.otherwise != asl::kNoState) ways.emplace_back(choice.otherwise, 1);
  return ways;
}

void add_choice(const asl::Machine& machine, const VisitAssumptions& assumptions, asl::StateIndex from,
                std::vector<Way>& ways) {
  auto branches = assumptions.branches(from);
  if (branches.empty()) branches = even_branches(std::get<asl::ChoiceFields>(machine.states[from].what));
  double total = 0;
  for (const auto& [to, weight] : branches) total += weight;
  for (const auto& [to, weight] : branches) ways.push_back({from, to, total > 0 ? weight / total : 0});
}

std::vector<Way> ways_through(const asl::Machine& machine, const VisitAssumptions& assumptions) {
  std::vector<Way> ways;
  for (asl::StateIndex from = 0; from < machine.states.size(); ++from) {
    const asl::State& state = machine.states[from];
    if (state.type == asl::StateType::choice) {
      add_choice(machine, assumptions, from, ways);
    } else if (state.next != asl::kNoState) {
      ways.push_back({from, state.next, 1});
    }
    if (const auto* parallel = std::get_if<asl::ParallelFields>(&state.what)) {
      for (const asl::FlowIndex flow : parallel->branches)
        ways.push_back({from, machine.flows[flow].start, 1});
    } else if (const auto* map = std::get_if<asl::MapFields>(&state.what)) {
      ways.push_back({from, machine.flows[map->processor].start, assumptions.items(from)});
    }
  }
  return ways;
}

}  // namespace

std::vector<double> expected_visits(const asl::Machine& machine, const VisitAssumptions& assumptions) {
  const std::vector<Way> ways = ways_through(machine, assumptions);
  std::vector<double> visits(machine.states.size());
  std::vector<double> newly(machine.states.size());
  newly[machine.flows[0].start] = 1;
  // What enters in one round goes on in the next; a machine without loops is done after its longest way.
  for (int round = 0; round < kRounds; ++round) {
    if (std::ranges::all_of(newly, [](double one) { return one < 1e-12; })) break;
    std::vector<double> next(machine.states.size());
    for (std::size_t i = 0; i < visits.size(); ++i) visits[i] += newly[i];
    for (const Way& way : ways) next[way.to] += newly[way.from] * way.share;
    newly = std::move(next);
  }
  return visits;
}

double most_attempts(const asl::State& state) {
  double most = 1;
  for (const asl::Retrier& retrier : state.retry) most += static_cast<double>(retrier.max_attempts);
  return most;
}

}  // namespace spillway
