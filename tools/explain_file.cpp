// spillway explain FILE: what stands in the definition of a state machine, and what it may come to.

#include <fmt/format.h>

#include "command.hpp"
#include "formats/asl/definition.hpp"
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

int explain_file(const std::string& path) {
  Sources sources;
  Diagnostics diagnostics;
  const auto machine = read_machine(path, sources, diagnostics);
  if (!machine) {
    complain(render_text(diagnostics, sources));
    return kUsage;
  }
  print(machine_text(*machine, path));
  return kDone;
}

}  // namespace spillway::cli
