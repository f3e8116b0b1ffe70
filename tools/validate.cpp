// spillway validate, schema and version: what can be said without running anything.

#include "validate.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "arguments.hpp"
#include "command.hpp"
#include "report/static_view.hpp"
#include "scenario/schema.hpp"
#include "scenario/static/design_rules.hpp"

namespace spillway::cli {

namespace {

/// Everything that was read of the files: the views point into the scenarios, and those into the sources.
struct Validation {
  Sources sources;
  CommandFiles files;
  Diagnostics diagnostics;
  std::vector<std::unique_ptr<Scenario>> scenarios;
  std::vector<StaticView> views;

  void read(const std::string& path, const std::vector<std::string>& sets) {
    // What is wrong with one file must not keep the next from being looked at.
    Diagnostics own;
    auto scenario = load_scenario(path, sets, sources, files, own);
    if (scenario) {
      scenarios.push_back(std::make_unique<Scenario>(std::move(*scenario)));
      views.push_back(static_view(*scenarios.back()));
      check_design(views.back(), own);
    }
    for (Diagnostic& found : own.sorted()) diagnostics.add(std::move(found));
  }

  std::size_t warnings() const {
    const auto all = diagnostics.sorted();
    return static_cast<std::size_t>(std::ranges::count(all, Severity::warning, &Diagnostic::severity));
  }
};

std::string text_of(const Validation& validation, std::size_t files, bool quiet) {
  std::string out;
  if (!quiet) {
    for (const StaticView& view : validation.views) out += static_text(view) + "\n";
  }
  out += render_text(validation.diagnostics, validation.sources);
  if (validation.diagnostics.has_errors()) return out;
  const std::size_t warnings = validation.warnings();
  out += fmt::format("{} {} valid", files, files == 1 ? "scenario is" : "scenarios are");
  if (warnings > 0) out += fmt::format(", with {} {}", warnings, warnings == 1 ? "warning" : "warnings");
  return out + "\n";
}

}  // namespace

CLI::App* add_validate(CLI::App& app, ValidateFlags& flags) {
  CLI::App* const validate = app.add_subcommand(
      "validate", "Check scenarios and their design without running them: load, limits, retries");
  validate->add_option("files", flags.paths, "Scenario files, or - for stdin")
      ->required()
      ->check(cli::not_empty())
      ->type_name("FILE");
  add_set_flags(*validate, flags.sets, flags.vars);
  validate->add_option("--format", flags.format, "text, json, sarif or github")
      ->type_name("WORD")
      ->check(cli::one_of({"text", "json", "sarif", "github"}));
  validate->add_flag("--strict", flags.strict, "Exit with 2 on warnings too");
  validate->add_flag("-q,--quiet", flags.quiet, "Print what was found, and no static view");
  return validate;
}

int validate(const ValidateFlags& flags) {
  Validation validation;
  const std::vector<std::string> sets = all_sets(flags.sets, flags.vars);
  for (const std::string& path : flags.paths) validation.read(path, sets);
  const Diagnostics& diagnostics = validation.diagnostics;
  if (flags.format == "json") {
    print(validation_json(diagnostics, validation.sources, validation.views));
  } else if (flags.format == "sarif") {
    print(render_sarif(diagnostics, validation.sources, SPILLWAY_VERSION));
  } else if (flags.format == "github") {
    print(render_github(diagnostics, validation.sources));
  } else {
    print(text_of(validation, flags.paths.size(), flags.quiet));
  }
  const bool strictly_wrong = flags.strict && validation.warnings() > 0;
  return diagnostics.has_errors() || strictly_wrong ? kUsage : kDone;
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
