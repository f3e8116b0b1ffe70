// Reading a definition: the machine and its flows, what refers to what, and the list of mistakes.

#include <algorithm>
#include <array>
#include <tuple>

#include <fmt/format.h>
#include "formats/asl/loader.hpp"

namespace spillway::asl {

namespace {

constexpr std::size_t kLongestName = 80;

std::size_t letters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string closest(std::string_view word, std::span<const std::string_view> names) {
  std::string_view best;
  std::size_t fewest = 0;
  for (const std::string_view name : names) {
    if (word.size() > kLongestName || name.size() > kLongestName) continue;
    const std::size_t count = edits(word, name);
    if (!best.empty() && count >= fewest) continue;
    best = name;
    fewest = count;
  }
  return 3 * fewest <= std::max(word.size(), best.size()) + 2 ? std::string(best) : std::string();
}

std::string_view type_name(StateType type) {
  static constexpr std::array<std::string_view, 8> kNames{"Task",    "Pass", "Choice",   "Wait",
                                                          "Succeed", "Fail", "Parallel", "Map"};
  return kNames[static_cast<std::size_t>(type)];
}

Loaded Loader::run() {
  read_machine({document_.value, ""});
  std::sort(problems_.begin(), problems_.end(), [](const Problem& a, const Problem& b) {
    return std::tie(a.at.line, a.at.column, a.message) < std::tie(b.at.line, b.at.column, b.message);
  });
  Loaded loaded;
  loaded.problems = std::move(problems_);
  if (loaded.problems.empty()) loaded.machine = std::move(machine_);
  return loaded;
}

void Loader::problem(std::string pointer, std::string message, std::string suggestion) {
  if (full()) return;
  const TextPlace at = document_.at(pointer);
  problems_.push_back({at, std::move(pointer), std::move(message), std::move(suggestion)});
}

void Loader::key_problem(std::string pointer, std::string message, std::string suggestion) {
  if (full()) return;
  const TextPlace at = document_.key_at(pointer);
  problems_.push_back({at, std::move(pointer), std::move(message), std::move(suggestion)});
}

void Loader::check_keys(const Part& part, std::span<const std::string_view> known, std::string_view what) {
  for (const auto& member : part.value.items()) {
    if (full()) return;
    if (std::find(known.begin(), known.end(), member.key()) != known.end()) continue;
    key_problem(part.to(member.key()), fmt::format("{} has no field '{}'", what, member.key()),
                closest(member.key(), known));
  }
}

void Loader::read_machine(const Part& top) {
  if (!top.value.is_object()) return problem("", "a definition must be an object with StartAt and States");
  static constexpr std::array<std::string_view, 6> kKnown{"Comment", "QueryLanguage",  "StartAt",
                                                          "States",  "TimeoutSeconds", "Version"};
  check_keys(top, kKnown, "a state machine");
  machine_.comment = text(top, "Comment").value_or("");
  static constexpr std::array<std::string_view, 2> kLanguages{"JSONPath", "JSONata"};
  machine_.language = one_of(top, "QueryLanguage", kLanguages, "JSONPath") == "JSONata" ? Language::jsonata
                                                                                        : Language::json_path;
  static constexpr std::array<std::string_view, 1> kVersions{"1.0"};
  one_of(top, "Version", kVersions, "1.0");
  machine_.timeout_seconds = whole(top, "TimeoutSeconds", {1, 99'999'999});
  read_flow(top, kNoState, machine_.language);
}

FlowIndex Loader::read_flow(const Part& part, StateIndex owner, Language language) {
  const auto flow = static_cast<FlowIndex>(machine_.flows.size());
  machine_.flows.emplace_back();
  machine_.flows[flow].owner = owner;
  Names names;
  const Json* states = object(part, "States", true);
  if (states == nullptr) return flow;
  if (states->empty()) problem(part.to("States"), "at least one state must be given");
  const auto first = static_cast<StateIndex>(machine_.states.size());
  for (const auto& member : states->items()) {
    const std::string& name = member.key();
    const std::string pointer = part.to("States") + '/' + name;
    const auto index = static_cast<StateIndex>(first + names.size());
    names.emplace(name, index);
    machine_.flows[flow].states.push_back(index);
    if (letters(name) > kLongestName || name.empty()) {
      key_problem(pointer, fmt::format("a state's name must have 1 to {} letters", kLongestName));
    }
    if (!all_names_.insert(name).second) {
      key_problem(pointer, fmt::format("another state of this machine is named '{}' too", name));
    }
  }
  machine_.states.resize(machine_.states.size() + names.size());
  for (const auto& member : states->items()) {
    const StateIndex index = names.find(member.key())->second;
    machine_.states[index].name = member.key();
    machine_.states[index].flow = flow;
    read_state({member.value(), part.to("States") + '/' + member.key()}, index, names, language);
  }
  machine_.flows[flow].start = target(part, "StartAt", names);
  return flow;
}

StateIndex Loader::target(const Part& part, const char* field, const Names& names) {
  const auto name = text(part, field, true);
  if (!name) return kNoState;
  if (const auto found = names.find(*name); found != names.end()) return found->second;
  if (full()) return kNoState;
  std::vector<std::string_view> known;
  for (const auto& [state, index] : names) known.push_back(state);
  const bool elsewhere = all_names_.contains(*name);
  problem(
      part.to(field),
      fmt::format("'{}' is no state of this {}", *name,
                  elsewhere ? "branch; a transition cannot cross the borders of a branch or a Map" : "flow"),
      closest(*name, known));
  return kNoState;
}

Loaded load(std::string_view text, const LoadOptions& options) {
  auto document = read_located(text, options.format, options.substitutions);
  if (!document) {
    Loaded refused;
    refused.problems.push_back({document.error().at, "", document.error().message, ""});
    return refused;
  }
  return load(*document, options.express);
}

Loaded load(const LocatedJson& document, bool express) { return Loader(document, express).run(); }

std::string problem_text(const Problem& problem) {
  return fmt::format(
      "line {}, column {}: {}{}{}", problem.at.line, problem.at.column,
      problem.pointer.empty() ? "" : problem.pointer + ": ", problem.message,
      problem.suggestion.empty() ? "" : fmt::format(" (did you mean '{}'?)", problem.suggestion));
}

}  // namespace spillway::asl
