// spillway run: simulate one scenario and say what happened.

#include <unistd.h>

#include "command.hpp"
#include "page.hpp"
#include "report/results.hpp"
#include "report/retry_summary.hpp"

namespace spillway::cli {

int run(const RunFlags& flags, const std::string& path, const std::vector<std::string>& arguments) {
  auto options = experiment_options(flags, 1);
  if (!options || !can_report(flags)) return kUsage;
  options->story = wants_page(flags);
  const auto loaded = load(path, flags);
  if (!loaded) return kUsage;
  if (flags.seed.empty()) options->seed = loaded->scenario->seed;
  if (!prepare_out(flags)) return kUsage;
  const WallClock clock;
  tl::expected<std::vector<Experiment>, std::string> experiments;
  {
    ProgressLine progress(flags);
    if (progress.shown()) options->progress = [&progress](const Progress& now) { progress.show(now); };
    const std::array<const Scenario*, 1> scenarios{loaded->scenario.get()};
    experiments = run_experiments(scenarios, *options);
  }
  if (!experiments) {
    complain("spillway: " + experiments.error());
    return kFailed;
  }
  tell_of_runs(*experiments, flags, clock.seconds());
  const Experiment& experiment = experiments->front();
  const std::vector<std::vector<JudgedThreshold>> judged{judge_all(experiment)};
  const PageFiles page = make_page(flags, *experiments, judged, {});
  if (!flags.out.empty()) {
    if (const auto problem =
            write_results(flags.out, experiment, judged.front(), {arguments, clock}, page.for_folder())) {
      complain("spillway: " + *problem);
      return kFailed;
    }
  }
  if (const auto problem = page.write(flags.report)) {
    complain("spillway: " + *problem);
    return kFailed;
  }
  if (flags.format == "json") {
    print(summary_json(experiment, judged.front()));
  } else if (!flags.quiet) {
    const TerminalStyle style{.colour = use_colour(flags.color, STDOUT_FILENO)};
    print(run_summary(experiment, judged.front(), style));
    print(retry_summary(experiment, static_view(*loaded->scenario), style));
    print(guard_summary(experiment, style));
  }
  return exit_code(*experiments, judged, flags.strict);
}

}  // namespace spillway::cli
