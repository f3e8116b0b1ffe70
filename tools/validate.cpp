// spillway validate, schema and version: what can be said without running anything.

#include <fmt/format.h>

#include "command.hpp"
#include "scenario/schema.hpp"

namespace spillway::cli {

int validate(const std::vector<std::string>& paths, const std::string& format) {
  Sources sources;
  CommandFiles files;
  Diagnostics diagnostics;
  for (const std::string& path : paths) load_scenario(path, {}, sources, files, diagnostics);
  if (format == "json") {
    print(render_json(diagnostics, sources));
  } else if (format == "sarif") {
    print(render_sarif(diagnostics, sources, SPILLWAY_VERSION));
  } else if (format == "github") {
    print(render_github(diagnostics, sources));
  } else {
    print(render_text(diagnostics, sources));
  }
  if (!diagnostics.has_errors() && format == "text") {
    print(fmt::format("{} {} valid\n", paths.size(), paths.size() == 1 ? "scenario is" : "scenarios are"));
  }
  return diagnostics.has_errors() ? kUsage : kDone;
}

int schema() {
  const std::vector<TypedSettings> types = resource_types();
  print(json_schema({.root = scenario_settings(), .types = types}) + "\n");
  return kDone;
}

int version(bool json) {
  if (json) {
    const PriceList prices = built_in_prices();
    print(fmt::format("{{\"spillway\": \"{}\", \"result_format\": \"1.0\", \"prices\": \"{} {}\"}}\n",
                      SPILLWAY_VERSION, prices.region, prices.date));
  } else {
    print(fmt::format("spillway {}\n", SPILLWAY_VERSION));
  }
  return kDone;
}

}  // namespace spillway::cli
