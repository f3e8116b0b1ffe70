// The `spillway` command: its subcommands and their flags. Data goes to stdout, talk to stderr; a mistyped
// word gets a suggestion and exit code 2.

#include <iterator>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "command.hpp"
#include "scenario/diagnostic.hpp"

namespace {

using namespace spillway;

/// What CLI11 objects to, with a suggestion that it does not make itself.
int refuse(const CLI::App& app, const CLI::ParseError& error, const std::vector<std::string>& arguments) {
  cli::complain(fmt::format("spillway: {}", error.what()));
  std::vector<std::string> words;
  const CLI::App* used = &app;
  for (const CLI::App* const command : app.get_subcommands({})) {
    words.push_back(command->get_name());
    if (command->parsed()) used = command;
  }
  for (const CLI::Option* const option : used->get_options()) {
    for (const std::string& name : option->get_lnames()) words.push_back("--" + name);
  }
  for (const std::string& argument : arguments) {
    const std::string word = argument.substr(0, argument.find('='));
    if (std::find(words.begin(), words.end(), word) != words.end()) continue;
    const std::string meant = nearest(word, words);
    if (!meant.empty()) cli::complain(fmt::format("  '{}': did you mean '{}'?", word, meant));
  }
  cli::complain("Run 'spillway --help' for the commands, 'spillway COMMAND --help' for their flags.");
  return cli::kUsage;
}

struct ReportFlags {
  std::string folder;
  std::string format = "html";
  std::string file;
};

CLI::App* add_report(CLI::App& app, ReportFlags& flags) {
  CLI::App* const report =
      app.add_subcommand("report", "Show a result folder again: as page, Markdown or CSV");
  report->add_option("folder", flags.folder, "What 'run -o' or 'compare -o' wrote")->required();
  report->add_option("-o,--output", flags.format, "html (default), json, csv or markdown")
      ->check(CLI::IsMember({"html", "json", "csv", "markdown"}));
  report
      ->add_option("--report", flags.file,
                   "Where to, - for stdout (default: report.html in the folder; other formats: stdout)")
      ->type_name("FILE");
  return report;
}

int command_line(int count, char** words) {
  const std::vector<std::string> arguments(words + 1, words + count);
  CLI::App app{
      "Spillway pours traffic into a candidate serverless topology and shows where it backs up,\n"
      "what it retries, how long callers wait and what it costs."};
  app.name("spillway");
  app.require_subcommand(1);
  app.set_version_flag("--version", SPILLWAY_VERSION);

  cli::RunFlags flags;
  std::string path;
  std::vector<std::string> paths;
  std::string topic;
  std::string format = "text";
  bool exit_code = false;
  bool markdown = false;
  bool json = false;

  CLI::App* const run =
      app.add_subcommand("run", "Simulate a scenario: verdict, totals, resources, bottleneck");
  run->add_option("scenario", path, "A *.spillway.yaml or .json file, or - for stdin")->required();
  cli::add_run_flags(*run, flags);

  CLI::App* const compare = app.add_subcommand(
      "compare", "The same traffic through a base and candidates (8 replications by default)");
  compare->add_option("scenarios", paths, "The base, then one or more candidates")
      ->required()
      ->expected(2, 64);
  compare->add_flag("--exit-code", exit_code, "Exit with 4 when a figure differs significantly");
  cli::add_run_flags(*compare, flags);

  ReportFlags shown;
  CLI::App* const report = add_report(app, shown);

  CLI::App* const validate = app.add_subcommand("validate", "Check scenarios without running them");
  validate->add_option("files", paths, "Scenario files")->required();
  validate->add_option("--format", format, "text, json, sarif or github")
      ->check(CLI::IsMember({"text", "json", "sarif", "github"}));

  app.add_subcommand("schema", "Print the JSON Schema (draft-07) of scenario files");
  CLI::App* const explain =
      app.add_subcommand("explain", "What a type, setting, metric, quota, retry profile or rule is");
  explain->add_option(
      "topic", topic,
      "Such as aws.lambda.function, aws.sqs.queue.visibility_timeout, SW012; none: all topics");
  explain->add_flag("--markdown", markdown, "A type's settings as a Markdown table");
  CLI::App* const version = app.add_subcommand("version", "Print the version");
  version->add_flag("--json", json, "As JSON, with what results depend on");

  try {
    app.parse(count, words);
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const CLI::CallForVersion& asked) {
    return app.exit(asked);
  } catch (const CLI::ParseError& error) {
    return refuse(app, error, arguments);
  }
  if (run->parsed()) return cli::run(flags, path, arguments);
  if (compare->parsed()) return cli::compare(flags, paths, exit_code, arguments);
  if (report->parsed()) return cli::report(shown.folder, shown.format, shown.file);
  if (validate->parsed()) return cli::validate(paths, format);
  if (explain->parsed()) return cli::explain(topic, markdown);
  if (version->parsed()) return cli::version(json);
  return cli::schema();
}

}  // namespace

int main(int count, char** words) {
  try {
    return command_line(count, words);
  } catch (const std::exception& error) {
    cli::complain(fmt::format("spillway: internal error: {}", error.what()));
    return cli::kFailed;
  }
}
