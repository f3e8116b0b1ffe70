// Flags, signals, terminals: what stands between the user and an experiment.

#include "command.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <set>
#include <thread>

#include <fmt/format.h>

#include "arguments.hpp"
#include "report/figures.hpp"
#include "report/results.hpp"
#include "scenario/units.hpp"

namespace spillway::cli {

namespace {

bool stdout_failed = false;
std::atomic<bool> interrupted = false;  // a signal handler can reach nothing else
volatile std::sig_atomic_t signal_seen = 0;

void on_signal(int signal) {
  std::signal(signal, SIG_DFL);
  signal_seen = signal;
  interrupted = true;
}

double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// A whole number within bounds from a flag's text; complains otherwise.
std::optional<std::uint64_t> whole(const std::string& flag, const std::string& text, std::uint64_t low,
                                   std::uint64_t high) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc{} && end == text.data() + text.size() && value >= low && value <= high) return value;
  complain(fmt::format("spillway: {} needs a whole number from {} to {}, not '{}'", flag, low, high, text));
  return std::nullopt;
}

}  // namespace

void add_set_flags(CLI::App& command, std::vector<std::string>& sets, std::vector<std::string>& vars) {
  command.add_option("--set", sets, "Change a setting, e.g. resources.worker.memory=1GiB")
      ->type_name("PATH=VALUE")
      ->expected(1)
      ->take_all();
  command.add_option("--var", vars, "Give one of the scenario's variables another value")
      ->type_name("NAME=VALUE")
      ->expected(1)
      ->take_all();
}

std::vector<std::string> all_sets(const std::vector<std::string>& sets,
                                  const std::vector<std::string>& vars) {
  std::vector<std::string> all;
  for (const std::string& var : vars) all.push_back("variables." + var);
  all.insert(all.end(), sets.begin(), sets.end());
  return all;
}

void add_run_flags(CLI::App& command, RunFlags& flags) {
  const auto value = [&](const char* names, std::string& target, const char* kind, const char* help) {
    return command.add_option(names, target, help)->type_name(kind)->check(not_empty());
  };
  const auto word = [&](const char* names, std::string& target, const std::vector<std::string>& words,
                        const char* help) {
    return command.add_option(names, target, help)->type_name("WORD")->check(one_of(words));
  };
  value("--seed", flags.seed, "N", "Seed of all random draws (default: the scenario's)");
  add_set_flags(command, flags.sets, flags.vars);
  value("--horizon", flags.horizon, "TIME", "Simulated time, e.g. 2h (default: the scenario's)");
  value("--warm-up", flags.warm_up, "TIME", "Time that results leave out (default: the scenario's)");
  value("--replications", flags.replications, "N", "Independent runs under seeds of their own");
  value("-j,--jobs", flags.jobs, "N", "Threads (default: one a core); results do not depend on it");
  value("-o,--out", flags.out, "FOLDER", "Where to put summary.json, series.csv, report.html and more");
  value("--report", flags.report, "FILE.html", "Write a page that shows the results");
  word("--format", flags.format, {"text", "json"}, "Of what goes to stdout");
  word("--color", flags.color, {"auto", "always", "never"}, "auto: on a terminal, unless NO_COLOR is set");
  word("--progress", flags.progress, {"auto", "plain", "none"}, "auto: a line on a terminal");
  value("--max-events", flags.most_events, "N", "Stop a run early, soon after so many events");
  word("--event-set", flags.event_set, {"ladder", "reference"}, "")->group("");
  command.add_flag("--strict", flags.strict, "Exit with 3 when a threshold is inconclusive");
  command.add_flag("-q,--quiet", flags.quiet, "Print no text summary and no progress");
  command.add_flag("-v,--verbose", flags.verbose, "Say what was read and how long the runs took");
}

tl::expected<std::string, std::string> CommandFiles::read(const std::string& path) {
  if (path != "-") return DiskFiles().read(path);
  static const std::string text = [] {
    std::string all;
    std::array<char, 1 << 16> part{};
    while (const std::size_t got = std::fread(part.data(), 1, part.size(), stdin))
      all.append(part.data(), got);
    return all;
  }();
  return text;
}

namespace {

/// Loads one; what was already told is not told again.
std::optional<Loaded> load_one(const std::string& path, const RunFlags& flags, std::set<std::string>& told) {
  std::vector<std::string> sets = all_sets(flags.sets, flags.vars);
  if (!flags.horizon.empty()) sets.push_back("horizon=" + flags.horizon);
  if (!flags.warm_up.empty()) sets.push_back("warm_up=" + flags.warm_up);
  Loaded loaded{.sources = std::make_unique<Sources>(), .scenario = nullptr};
  CommandFiles files;
  Diagnostics diagnostics;
  auto scenario = load_scenario(path, sets, *loaded.sources, files, diagnostics);
  Diagnostics untold;
  for (Diagnostic& found : diagnostics.sorted()) {
    const std::string where = loaded.sources->place(found.at);
    if (told.insert(where + rule_id(found.rule) + full_message(found)).second) untold.add(std::move(found));
  }
  if (!untold.empty()) complain(render_text(untold, *loaded.sources));
  if (!scenario) return std::nullopt;
  loaded.scenario = std::make_unique<Scenario>(std::move(*scenario));
  if (flags.verbose) {
    complain(fmt::format("spillway: read {} (resources: {}, traffic: {})", path,
                         loaded.scenario->resources.size(), loaded.scenario->traffic.size()));
  }
  return loaded;
}

}  // namespace

std::optional<Loaded> load(const std::string& path, const RunFlags& flags) {
  std::set<std::string> told;
  return load_one(path, flags, told);
}

std::vector<Loaded> load_all(const std::vector<std::string>& paths, const RunFlags& flags) {
  std::set<std::string> told;
  std::vector<Loaded> loaded;
  for (const std::string& path : paths) {
    if (auto one = load_one(path, flags, told)) loaded.push_back(std::move(*one));
  }
  if (loaded.size() < paths.size()) loaded.clear();
  return loaded;
}

std::optional<ExperimentOptions> experiment_options(const RunFlags& flags, std::size_t replications) {
  ExperimentOptions options{.replications = replications,
                            .jobs = std::max(1U, std::thread::hardware_concurrency()),
                            .event_set = flags.event_set == "reference" ? Simulation::EventSet::reference
                                                                        : Simulation::EventSet::ladder,
                            .interrupted = &watch_interrupts()};
  if (!flags.seed.empty()) {
    const auto seed = whole("--seed", flags.seed, 0, INT64_MAX);
    if (!seed) return std::nullopt;
    options.seed = *seed;
  }
  if (!flags.replications.empty()) {
    const auto count = whole("--replications", flags.replications, 1, 100'000);
    if (!count) return std::nullopt;
    options.replications = *count;
  }
  if (!flags.jobs.empty()) {
    const auto jobs = whole("--jobs", flags.jobs, 1, 1024);
    if (!jobs) return std::nullopt;
    options.jobs = *jobs;
  }
  if (!flags.most_events.empty()) {
    const auto most = whole("--max-events", flags.most_events, 1, UINT64_MAX);
    if (!most) return std::nullopt;
    options.most_events = *most;
  }
  return options;
}

const std::atomic<bool>& watch_interrupts() {
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  return interrupted;
}

int interrupt_code() {
  if (signal_seen == 0) return 0;
  return signal_seen == SIGTERM ? kTerminated : kInterrupted;
}

bool use_colour(const std::string& choice, int descriptor) {
  if (choice != "auto") return choice == "always";
  const char* const terminal = std::getenv("TERM");
  const char* const refused = std::getenv("NO_COLOR");
  if (refused != nullptr && *refused != '\0') return false;
  return isatty(descriptor) == 1 && terminal != nullptr && std::string_view(terminal) != "dumb";
}

void print(const std::string& text) {
  if (stdout_failed) return;
  errno = 0;
  const bool whole = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (whole && std::fflush(stdout) == 0) return;
  if (errno == EPIPE) return;
  stdout_failed = true;
  complain(fmt::format("spillway: cannot write to stdout: {}", std::strerror(errno)));
}

bool printed_all() { return !stdout_failed; }

void complain(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  if (!text.ends_with('\n')) std::fputc('\n', stderr);
}

ProgressLine::ProgressLine(const RunFlags& flags)
    : shown_(flags.progress == "plain" ||
             (flags.progress == "auto" && !flags.quiet && isatty(STDERR_FILENO) == 1)),
      plain_(flags.progress == "plain"),
      started_(wall_seconds()) {}

ProgressLine::~ProgressLine() {
  if (shown_ && !plain_ && last_ > 0) std::fputs("\r\x1b[K", stderr);
}

void ProgressLine::show(const Progress& progress) {
  const double now = wall_seconds();
  if (!shown_ || now - last_ < (plain_ ? 1.0 : 0.1)) return;
  last_ = now;
  const double spent = now - started_;
  const double left = progress.share > 0 ? spent * (1 - progress.share) / progress.share : 0;
  constexpr int kWidth = 24;
  const int full = static_cast<int>(progress.share * kWidth);
  const std::string bar = std::string(static_cast<std::size_t>(full), '=') + ">" +
                          std::string(static_cast<std::size_t>(kWidth - full), ' ');
  const std::string text =
      fmt::format("[{}] rep {}/{}  {}  {:.1f}M events  {:.1f}M ev/s  {} left", bar, progress.done,
                  progress.of, share_figure(progress.share), static_cast<double>(progress.events) * 1e-6,
                  static_cast<double>(progress.events) * 1e-6 / std::max(spent, 1e-9), duration_figure(left));
  std::fputs(plain_ ? (text + "\n").c_str() : ("\r" + text + "\x1b[K").c_str(), stderr);
}

bool prepare_out(const RunFlags& flags) {
  if (flags.out.empty()) return true;
  if (flags.out == "-") {
    complain("spillway: --out needs a folder, not '-': --format json prints the summary on stdout");
    return false;
  }
  const auto problem = make_folder(flags.out);
  if (problem) complain("spillway: " + *problem);
  return !problem;
}

void tell_of_runs(std::span<const Experiment> experiments, const RunFlags& flags, double wall) {
  std::uint64_t events = 0;
  std::size_t runs = 0;
  for (const Experiment& experiment : experiments) {
    events += experiment.events();
    runs += experiment.replications.size();
    if (interrupt_code() == 0 && !experiment.stopped_early()) continue;
    Duration least = Duration::max();
    for (const RunResult& run : experiment.replications) least = std::min(least, run.horizon);
    const std::string covered =
        experiment.replications.empty()
            ? "nothing was run"
            : fmt::format("{} begun, the shortest simulated {}", experiment.replications.size(),
                          duration_figure(static_cast<double>(least.count()) * 1e-9));
    complain(fmt::format("spillway: {}: {}; results are partial: {}", experiment.scenario->path,
                         interrupt_code() == 0 ? "stopped early by --max-events" : "interrupted", covered));
  }
  if (flags.verbose) {
    complain(fmt::format("spillway: runs: {}, events: {}, in {}", runs,
                         count_figure(static_cast<double>(events)), duration_figure(wall)));
  }
}

int exit_code(std::span<const Experiment> experiments, std::span<const std::vector<JudgedThreshold>> judged,
              bool strict) {
  if (const int code = interrupt_code(); code != 0) return code;
  for (const Experiment& experiment : experiments) {
    if (experiment.stopped_early()) return kStoppedEarly;
  }
  bool inconclusive = false;
  for (const auto& thresholds : judged) {
    for (const JudgedThreshold& threshold : thresholds) {
      if (threshold.result.verdict == Verdict::fail) return kThreshold;
      inconclusive = inconclusive || threshold.result.verdict == Verdict::inconclusive;
    }
  }
  return strict && inconclusive ? kInconclusive : kDone;
}

}  // namespace spillway::cli
