// The scenario reader under any bytes: it must end with a scenario or with diagnostics, in bounded time and
// memory. A text that begins with "{" is JSON; after a line "=== NAME" comes another file, after "=== --set"
// a setting. The broken scenarios of tests/golden/broken are good seeds.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "../scenario/reading.hpp"
#include "scenario/schema.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace spillway;
  using namespace spillway::testing;
  std::string_view rest{reinterpret_cast<const char*>(data), size};
  const std::string main = rest.starts_with('{') ? "main.json" : "main.yaml";
  std::map<std::string, std::string> files;
  std::vector<std::string> sets;
  std::string name = main;
  while (true) {
    const std::size_t next = rest.find("\n=== ");
    const std::string text{rest.substr(0, next)};
    if (name == "--set") {
      sets.push_back(text);
    } else {
      files[name] = text;
    }
    if (next == std::string_view::npos) break;
    rest.remove_prefix(next + 5);
    const std::size_t line = std::min(rest.find('\n'), rest.size());
    name = rest.substr(0, line);
    rest.remove_prefix(std::min(line + 1, rest.size()));
  }
  MapFiles from_memory{files};
  const Reading reading = read_example(main, from_memory, sets);
  render_json(reading.diagnostics, reading.sources);
  render_sarif(reading.diagnostics, reading.sources, "0");
  render_github(reading.diagnostics, reading.sources);
  if (!reading.report().empty()) return 0;
  // What was accepted prints, and its print is accepted and prints the same: nothing is lost or invented.
  const std::string printed = scenario_json(reading.resources);
  Sources sources;
  Diagnostics diagnostics;
  const std::uint32_t file = sources.add("again.json", printed);
  const std::optional<Node> node = read_document(sources, file, diagnostics);
  if (!node) __builtin_trap();
  const Value again = Resolver{sources, from_memory, diagnostics}.typed_map(*node, example_types());
  if (!diagnostics.empty() || scenario_json(again) != printed) __builtin_trap();
  lock_json(reading.resources, reading.sources);
  return 0;
}
