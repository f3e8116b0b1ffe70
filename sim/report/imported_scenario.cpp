#include "report/imported_scenario.hpp"

#include <algorithm>
#include <cctype>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "formats/json.hpp"

namespace spillway {

namespace {

constexpr std::size_t kItems = 10;  // of a Map, until somebody says how many

/// A text as YAML takes it wherever it stands.
std::string quoted(const std::string& text) { return Json(text).dump(); }

/// "charge-the-card" of "Charge the card?", and of another state of that sort "charge-the-card-2".
std::string resource_name(const std::string& state, std::set<std::string>& taken) {
  std::string name;
  for (const char c : state) {
    const auto letter = static_cast<unsigned char>(c);
    if (std::isalnum(letter) != 0 && letter < 128) {
      name += static_cast<char>(std::tolower(letter));
    } else if (!name.empty() && name.back() != '-') {
      name += '-';
    }
  }
  while (!name.empty() && name.back() == '-') name.pop_back();
  if (name.empty()) name = "task";
  const std::string base = name;
  for (int number = 2; !taken.insert(name).second; ++number) name = fmt::format("{}-{}", base, number);
  return name;
}

struct Stub {
  std::string state, resource;
  bool waits_for_token = false;
};

std::vector<Stub> stubs_of(const asl::Machine& machine) {
  std::set<std::string> taken{"workflow", "callers"};
  std::set<std::string> states;
  std::vector<Stub> stubs;
  for (const asl::State& state : machine.states) {
    const auto* const task = std::get_if<asl::TaskFields>(&state.what);
    if (task == nullptr || !states.insert(state.name).second) continue;
    stubs.push_back(
        {state.name, resource_name(state.name, taken), task->resource.ends_with(".waitForTaskToken")});
  }
  return stubs;
}

std::string choices_text(const asl::Machine& machine) {
  std::string text;
  for (const asl::State& state : machine.states) {
    const auto* const choice = std::get_if<asl::ChoiceFields>(&state.what);
    if (choice == nullptr) continue;
    std::vector<std::string> ways;
    const auto add = [&](asl::StateIndex next) {
      if (next == asl::kNoState) return;
      std::string way = quoted(machine.states[next].name);
      if (std::ranges::find(ways, way) == ways.end()) ways.push_back(std::move(way));
    };
    for (const asl::ChoiceRule& rule : choice->rules) add(rule.next);
    add(choice->otherwise);
    text += fmt::format("      {}: {{ {}: 1 }}\n", quoted(state.name), fmt::join(ways, ": 1, "));
  }
  return text.empty() ? text : "    branches:\n" + text;
}

std::string items_text(const asl::Machine& machine) {
  std::string text;
  for (const asl::State& state : machine.states) {
    if (state.type == asl::StateType::map)
      text += fmt::format("      {}: {{ count: {} }}\n", quoted(state.name), kItems);
  }
  return text.empty() ? text : "    items:\n" + text;
}

std::string tasks_text(const std::vector<Stub>& stubs) {
  std::string text;
  for (const Stub& stub : stubs) {
    text += fmt::format("      {}: {{ to: {}{} }}\n", quoted(stub.state), stub.resource,
                        stub.waits_for_token ? ", callback: { after: 1m }" : "");
  }
  return text.empty() ? text : "    tasks:\n" + text;
}

}  // namespace

std::string imported_scenario(const asl::Machine& machine, const std::string& path, const std::string& name) {
  const std::vector<Stub> stubs = stubs_of(machine);
  std::string text = fmt::format(
      "# A state machine under load. Each task asks a stub; put in its place what will do the work, and say "
      "in\n"
      "# `results` and `errors` what comes back. With example documents in the traffic's classes, let "
      "documents\n"
      "# flow: then Choice states decide by them, and `branches` can go.\n"
      "spillway: 1\nname: {}\nhorizon: 10m\ndrain: 1h\n\nresources:\n  workflow:\n"
      "    type: aws.stepfunctions.state_machine\n    definition: {}\n    documents: ignored\n",
      quoted(name), quoted(path));
  text += tasks_text(stubs) + choices_text(machine) + items_text(machine);
  for (const Stub& stub : stubs) {
    text += fmt::format(
        "  {}:\n    type: http.endpoint\n    service: {{ lognormal: {{ median: 100ms, p99: 500ms }} }}\n",
        stub.resource);
  }
  return text + "\ntraffic:\n  callers:\n    to: workflow\n    arrivals: { poisson: 1/s }\n";
}

}  // namespace spillway
