// The loader of state machines under any bytes, and the outline of what it loads: a machine or problems with
// places, in bounded time and memory, and the same at a second reading. A text that begins with "{" is JSON;
// any other is YAML.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "formats/asl/outline.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace spillway;
  using namespace spillway::asl;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  LoadOptions options;
  options.format = text.starts_with('{') ? TextFormat::json : TextFormat::yaml;
  options.substitutions = {{"A", "1"}, {"B", "\"x"}};
  options.express = size % 2 == 1;
  const Loaded first = load(text, options);
  if (first.machine.has_value() != first.problems.empty()) std::abort();
  for (const Problem& problem : first.problems) {
    if (problem.at.line == 0 || problem_text(problem).empty()) std::abort();
  }
  if (first.machine && outline(*first.machine).states.size() != first.machine->states.size()) std::abort();
  const Loaded second = load(text, options);
  if (second.problems.size() != first.problems.size()) std::abort();
  return 0;
}
