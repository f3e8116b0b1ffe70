// spillway explain FILE: what stands in the definition of a state machine, and what it may come to.

#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "command.hpp"
#include "formats/asl/definition.hpp"
#include "report/imported_scenario.hpp"
#include "report/machine_view.hpp"

namespace spillway::cli {

namespace {

/// A definition's columns count bytes, those of a diagnostic characters.
Position position(const Sources& sources, std::uint32_t file, TextPlace place) {
  const std::string_view line = sources.line(file, place.line);
  const auto start = static_cast<std::size_t>(line.data() - sources.text(file).data());
  return sources.at(file, line.data() == nullptr ? sources.text(file).size() : start + place.column - 1);
}

/// What a file is that does not even try to be a state machine.
std::string not_a_machine(const Json& value) {
  if (value.is_object() && value.contains("spillway")) {
    return "this is a scenario: 'spillway validate' shows it";
  }
  return "this is no state machine: an object with StartAt and States is";
}

std::optional<asl::Machine> read_machine(const std::string& path, Sources& sources,
                                         Diagnostics& diagnostics) {
  CommandFiles files;
  auto text = files.read(path);
  if (!text) {
    diagnostics.add(Rule::file_unreadable, {}, fmt::format("cannot read '{}': {}", path, text.error()));
    return std::nullopt;
  }
  const std::uint32_t file = sources.add(path, *text);
  // JSON is YAML too, but for its tabs; a file without a name shows by its first letter what it is.
  const bool json = path.ends_with(".json") || text->find_first_not_of(" \t\r\n") == text->find('{');
  const auto document = read_located(*text, json ? TextFormat::json : TextFormat::yaml);
  if (!document) {
    diagnostics.add(Rule::syntax, position(sources, file, document.error().at), document.error().message);
    return std::nullopt;
  }
  const Json& value = document->value;
  if (!value.is_object() || (!value.contains("StartAt") && !value.contains("States"))) {
    diagnostics.add(Rule::bad_definition, sources.at(file, 0), not_a_machine(value));
    return std::nullopt;
  }
  asl::Loaded loaded = asl::load(*document);
  for (asl::Problem& problem : loaded.problems) {
    const std::string where = problem.pointer.empty() ? "" : problem.pointer.substr(1) + ": ";
    diagnostics.add(Rule::bad_definition, position(sources, file, problem.at), where + problem.message,
                    std::move(problem.suggestion));
  }
  return std::move(loaded.machine);
}

}  // namespace

bool names_a_file(const std::string& topic) {
  if (topic == "-") return true;
  for (const char* const ending : {".json", ".yaml", ".yml", ".asl"}) {
    if (topic.ends_with(ending)) return true;
  }
  return false;
}

namespace {

/// The machine in a file, or none: then everything that is wrong with it was told.
std::optional<asl::Machine> machine_in(const std::string& path) {
  Sources sources;
  Diagnostics diagnostics;
  auto machine = read_machine(path, sources, diagnostics);
  if (!machine) complain(render_text(diagnostics, sources));
  return machine;
}

/// "order-saga" of "designs/order-saga.asl.json".
std::string stem(const std::string& path) {
  const std::string file = std::filesystem::path(path).filename().string();
  return file.substr(0, file.find('.'));
}

}  // namespace

int explain_file(const std::string& path) {
  const auto machine = machine_in(path);
  if (!machine) return kUsage;
  print(machine_text(*machine, path));
  return kDone;
}

int import_file(const std::string& path, const std::string& out) {
  const auto machine = machine_in(path);
  if (!machine) return kUsage;
  const bool to_stdout = out.empty() || out == "-";
  const std::filesystem::path folder = to_stdout ? "." : std::filesystem::path(out).parent_path();
  // The scenario names the definition as it is seen from its own folder.
  const std::string seen =
      to_stdout ? path : std::filesystem::proximate(path, folder.empty() ? "." : folder).string();
  const std::string text = imported_scenario(*machine, seen, stem(path));
  if (to_stdout) {
    print(text);
    return kDone;
  }
  if (std::filesystem::exists(out)) {
    complain(fmt::format("'{}' is there already: name another file, or remove it\n", out));
    return kUsage;
  }
  std::ofstream file(out, std::ios::binary);
  file << text;
  file.close();
  if (!file) {
    complain(fmt::format("cannot write '{}'\n", out));
    return kFailed;
  }
  return kDone;
}

}  // namespace spillway::cli
