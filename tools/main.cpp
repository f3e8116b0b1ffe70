// The `spillway` command: its subcommands and their flags. Data goes to stdout, talk to stderr; a mistyped
// word gets a suggestion and exit code 2.

#include <csignal>
#include <optional>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "arguments.hpp"
#include "command.hpp"
#include "validate.hpp"

namespace {

using namespace spillway;

constexpr const char* kExitCodes =
    "Exit codes:\n"
    "  0    done, and every threshold passes\n"
    "  1    a failure at run time: a traffic file that breaks off, a full disk\n"
    "  2    wrong usage or an invalid scenario\n"
    "  3    a threshold is inconclusive, with --strict\n"
    "  4    a figure differs significantly, with compare --exit-code\n"
    "  5    stopped early by --max-events; partial results are written\n"
    "  99   a threshold failed\n"
    "  130  interrupted (143: terminated); partial results are written\n";

/// Help, the version and mistakes are answered at once; nothing is returned when a command is to be run.
std::optional<int> parse(CLI::App& app, int count, char** words) {
  try {
    app.parse(count, words);
    return std::nullopt;
  } catch (const CLI::CallForHelp&) {
    cli::print(app.help());
    return cli::kDone;
  } catch (const CLI::CallForVersion& asked) {
    cli::print(fmt::format("{}\n", asked.what()));
    return cli::kDone;
  } catch (const CLI::ParseError& error) {
    return cli::refuse(app, error);
  }
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

CLI::App* add_import(CLI::App& app, std::string& path, std::string& out) {
  CLI::App* const import =
      app.add_subcommand("import", "Make a runnable scenario from a state machine's definition");
  import->add_option("definition", path, "A definition in the Amazon States Language, or - for stdin")
      ->required()
      ->check(cli::not_empty())
      ->type_name("FILE");
  import->add_option("-o,--out", out, "The scenario's file (default: stdout)")->type_name("FILE");
  return import;
}

int command_line(int count, char** words) {
  const std::vector<std::string> arguments(words + 1, words + count);
  CLI::App app{
      "Spillway pours traffic into a candidate serverless topology and shows where it backs up,\n"
      "what it retries, how long callers wait and what it costs."};
  app.name("spillway");
  app.require_subcommand(1);
  app.set_version_flag("--version", "spillway " SPILLWAY_VERSION);
  app.footer(kExitCodes);

  cli::RunFlags flags;
  std::string path;
  std::vector<std::string> paths;
  std::string topic;
  bool exit_code = false, markdown = false, json = false;

  CLI::App* const run =
      app.add_subcommand("run", "Simulate a scenario: verdict, totals, resources, bottleneck");
  run->add_option("scenario", path, "A *.spillway.yaml or .json file, or - for stdin")
      ->required()
      ->check(cli::not_empty())
      ->type_name("FILE");
  cli::add_run_flags(*run, flags);

  CLI::App* const compare = app.add_subcommand(
      "compare", "The same traffic through a base and candidates (8 replications by default)");
  compare->add_option("scenarios", paths, "The base, then one or more candidates")
      ->required()
      ->expected(2, 64)
      ->check(cli::not_empty())
      ->type_name("FILE");
  compare->add_flag("--exit-code", exit_code, "Exit with 4 when a figure differs significantly");
  cli::add_run_flags(*compare, flags);

  ReportFlags shown;
  CLI::App* const report = add_report(app, shown);

  cli::ValidateFlags checked;
  CLI::App* const validate = cli::add_validate(app, checked);

  app.add_subcommand("schema", "Print the JSON Schema (draft-07) of scenario files");
  CLI::App* const explain = app.add_subcommand(
      "explain", "What a type, setting, metric, quota, retry profile or rule is, or a state machine does");
  explain->add_option("topic", topic,
                      "Such as aws.lambda.function, aws.sqs.queue.visibility_timeout, SW012 or "
                      "orders.asl.json; none: all topics");
  explain->add_flag("--markdown", markdown,
                    "The settings of a type, or the members of a setting, as a Markdown table");
  std::string imported_to;
  CLI::App* const import = add_import(app, path, imported_to);
  std::string shell;
  CLI::App* const completion =
      app.add_subcommand("completion", "Print a script that completes commands and flags in a shell");
  completion->add_option("shell", shell, "bash, zsh or fish")
      ->required()
      ->check(cli::one_of({"bash", "zsh", "fish"}));
  CLI::App* const version = app.add_subcommand("version", "Print the version");
  version->add_flag("--json", json, "As JSON, with what results depend on");

  if (const std::optional<int> answered = parse(app, count, words)) return *answered;
  if (run->parsed()) return cli::run(flags, path, arguments);
  if (compare->parsed()) return cli::compare(flags, paths, exit_code, arguments);
  if (report->parsed()) return cli::report(shown.folder, shown.format, shown.file);
  if (validate->parsed()) return cli::validate(checked);
  if (explain->parsed()) return cli::explain(topic, markdown);
  if (import->parsed()) return cli::import_file(path, imported_to);
  if (completion->parsed()) return cli::completion(app, shell);
  if (version->parsed()) return cli::version(json);
  return cli::schema();
}

}  // namespace

int main(int count, char** words) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader that has gone away, as `head` does, is not an error
  try {
    const int code = command_line(count, words);
    return code == cli::kDone && !cli::printed_all() ? cli::kFailed : code;
  } catch (const std::exception& error) {
    cli::complain(fmt::format("spillway: internal error: {}", error.what()));
    return cli::kFailed;
  }
}
