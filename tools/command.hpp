#pragma once
/// What the subcommands share: exit codes, where output goes, loading with diagnostics, interruption,
/// progress.

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "experiment/experiment.hpp"
#include "report/terminal.hpp"
#include "scenario/scenario.hpp"

namespace CLI {
class App;
}

namespace spillway::cli {

enum Exit : int {
  kDone = 0,
  kFailed = 1,        ///< run-time failure
  kUsage = 2,         ///< usage or invalid input
  kInconclusive = 3,  ///< with --strict
  kDiffers = 4,       ///< compare --exit-code
  kStoppedEarly = 5,  ///< partial results were written
  kThreshold = 99,
  kInterrupted = 130,
  kTerminated = 143,
};

/// The flags that run and compare have in common.
struct RunFlags {
  std::vector<std::string> sets;
  std::vector<std::string> vars;
  std::string seed;
  std::string horizon;
  std::string warm_up;
  std::string replications;
  std::string jobs;
  std::string out;
  std::string report;
  std::string format = "text";
  std::string color = "auto";
  std::string progress = "auto";
  std::string most_events;
  std::string event_set = "ladder";
  bool strict = false;
  bool quiet = false;
  bool verbose = false;
};
void add_run_flags(CLI::App& command, RunFlags& flags);
/// --set and --var, wherever scenarios are read.
void add_set_flags(CLI::App& command, std::vector<std::string>& sets, std::vector<std::string>& vars);
/// Both as what the scenario reader knows: variables first.
std::vector<std::string> all_sets(const std::vector<std::string>& sets, const std::vector<std::string>& vars);

/// A scenario and the texts that it points into.
struct Loaded {
  std::unique_ptr<Sources> sources;
  std::unique_ptr<Scenario> scenario;
};
/// The disk, and `-`: what stands on stdin, read once however often it is named.
class CommandFiles final : public Files {
 public:
  tl::expected<std::string, std::string> read(const std::string& path) override;
};
/// Loads, or prints every diagnostic to stderr and returns nothing.
std::optional<Loaded> load(const std::string& path, const RunFlags& flags);
/// Loads several, or none: what is wrong with a base that they share is told once.
std::vector<Loaded> load_all(const std::vector<std::string>& paths, const RunFlags& flags);

/// Checks the numbers among the flags; prints what is wrong with them and returns nothing.
std::optional<ExperimentOptions> experiment_options(const RunFlags& flags, std::size_t replications);

/// Sets an atomic when the user interrupts: runs then stop soon and keep what they have.
/// A second interrupt ends the program at once.
const std::atomic<bool>& watch_interrupts();
int interrupt_code();  ///< kInterrupted or kTerminated; zero: none came

/// Shows a line of progress on a terminal while it lives.
class ProgressLine {
 public:
  explicit ProgressLine(const RunFlags& flags);
  ~ProgressLine();
  void show(const Progress& progress);
  bool shown() const { return shown_; }

 private:
  bool shown_ = false;
  bool plain_ = false;
  double started_ = 0;
  double last_ = 0;
};

bool use_colour(const std::string& choice, int descriptor);
/// Data, to stdout. A reader that has gone away is not an error; anything else is complained about, once.
void print(const std::string& text);
bool printed_all();
/// Talk, to stderr.
void complain(const std::string& text);

/// Makes the folder of -o before the work begins, so that an hour's run is not lost to a misspelt path;
/// complains and returns false where it cannot be written.
bool prepare_out(const RunFlags& flags);
/// Says to stderr what cut runs short, and with --verbose what they took.
void tell_of_runs(std::span<const Experiment> experiments, const RunFlags& flags, double wall);

/// The exit code that thresholds and interruptions ask for.
int exit_code(std::span<const Experiment> experiments, std::span<const std::vector<JudgedThreshold>> judged,
              bool strict);

int run(const RunFlags& flags, const std::string& path, const std::vector<std::string>& arguments);
int compare(const RunFlags& flags, const std::vector<std::string>& paths, bool exit_code_on_difference,
            const std::vector<std::string>& arguments);
int report(const std::string& folder, const std::string& format, const std::string& target);
int schema();
int completion(const CLI::App& app, const std::string& shell);
int explain(const std::string& topic, bool markdown);
/// Whether a topic names a file, not a setting.
bool names_a_file(const std::string& topic);
int explain_file(const std::string& path);
/// A runnable scenario from the definition of a state machine, to a file or to stdout.
int import_file(const std::string& path, const std::string& out);
int version(bool json);

}  // namespace spillway::cli
