// spillway compare: the same traffic through a base and its candidates, and what differs.

#include <unistd.h>

#include <fmt/format.h>

#include "command.hpp"
#include "page.hpp"
#include "report/results.hpp"

namespace spillway::cli {

namespace {

constexpr std::size_t kReplications = 8;

/// Each scenario's results in a folder of its own, and the comparison beside them.
std::optional<std::string> write_all(const std::string& folder, const std::vector<Experiment>& experiments,
                                     const std::vector<std::vector<JudgedThreshold>>& judged,
                                     const std::vector<Contrast>& contrasts, const Provenance& provenance,
                                     const PageFiles& page) {
  const std::vector<std::string> names = folder_names(experiments);
  for (std::size_t i = 0; i < experiments.size(); ++i) {
    if (auto problem = write_results(folder + "/" + names[i], experiments[i], judged[i], provenance))
      return problem;
  }
  return write_comparison(folder, contrasts, judged, page.for_folder());
}

}  // namespace

int compare(const RunFlags& flags, const std::vector<std::string>& paths, bool exit_code_on_difference,
            const std::vector<std::string>& arguments) {
  auto options = experiment_options(flags, kReplications);
  if (!options || !can_report(flags)) return kUsage;
  options->story = wants_page(flags);
  const std::vector<Loaded> loaded = load_all(paths, flags);
  if (loaded.empty()) return kUsage;
  if (flags.seed.empty()) options->seed = loaded.front().scenario->seed;
  std::vector<const Scenario*> scenarios;
  for (const Loaded& one : loaded) scenarios.push_back(one.scenario.get());
  if (!prepare_out(flags)) return kUsage;
  const WallClock clock;
  tl::expected<std::vector<Experiment>, std::string> experiments;
  {
    ProgressLine progress(flags);
    if (progress.shown()) options->progress = [&progress](const Progress& now) { progress.show(now); };
    experiments = run_experiments(scenarios, *options);
  }
  if (!experiments) {
    complain("spillway: " + experiments.error());
    return kFailed;
  }
  tell_of_runs(*experiments, flags, clock.seconds());
  std::vector<std::vector<JudgedThreshold>> judged;
  for (const Experiment& experiment : *experiments) judged.push_back(judge_all(experiment));
  std::vector<Contrast> contrasts;
  for (std::size_t i = 1; i < experiments->size(); ++i)
    contrasts.push_back(contrast(experiments->front(), (*experiments)[i]));
  const PageFiles page = make_page(flags, *experiments, judged, contrasts);
  if (!flags.out.empty()) {
    if (const auto problem =
            write_all(flags.out, *experiments, judged, contrasts, {arguments, clock}, page)) {
      complain("spillway: " + *problem);
      return kFailed;
    }
  }
  if (const auto problem = page.write(flags.report)) {
    complain("spillway: " + *problem);
    return kFailed;
  }
  bool significant = false;
  const TerminalStyle style{.colour = use_colour(flags.color, STDOUT_FILENO)};
  if (flags.format == "json") print(comparison_json(contrasts, judged));
  for (std::size_t i = 0; i < contrasts.size(); ++i) {
    significant = significant || contrasts[i].significant();
    if (flags.format == "text" && !flags.quiet) {
      print((i > 0 ? "\n" : "") + contrast_summary(contrasts[i], judged.front(), judged[i + 1], style));
    }
  }
  const int code = exit_code(*experiments, judged, flags.strict);
  // Who asks whether they differ is told so first; what was cut short says nothing about it.
  const bool whole = code == kDone || code == kThreshold || code == kInconclusive;
  return exit_code_on_difference && significant && whole ? kDiffers : code;
}

}  // namespace spillway::cli
