#pragma once
/// The result folder: files whose bytes depend on scenario, seed and version alone, and manifest.json, the
/// only one with wall-clock facts.

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "experiment/comparison.hpp"
#include "report/terminal.hpp"

namespace spillway {

/// When the work began: for the manifest.
struct WallClock {
  std::chrono::system_clock::time_point started = std::chrono::system_clock::now();
  std::chrono::steady_clock::time_point ticks = std::chrono::steady_clock::now();

  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - ticks).count();
  }
};

struct Provenance {
  std::vector<std::string> arguments;
  WallClock clock;
};

std::string summary_json(const Experiment& experiment, std::span<const JudgedThreshold> thresholds);
std::string series_csv(const Experiment& experiment);
std::string histograms_ndjson(const Experiment& experiment);
std::string comparison_json(std::span<const Contrast> contrasts,
                            std::span<const std::vector<JudgedThreshold>> judged);

/// Makes a folder for results and proves that it can be written to. What went wrong, or nothing.
std::optional<std::string> make_folder(const std::string& folder);

struct ResultFile {
  std::string name;
  std::string text;
};

/// Writes summary.json, series.csv, histograms.ndjson, scenario.lock.json, what is given beside, and
/// manifest.json, each under a temporary name first. What went wrong, or nothing.
std::optional<std::string> write_results(const std::string& folder, const Experiment& experiment,
                                         std::span<const JudgedThreshold> thresholds,
                                         const Provenance& provenance,
                                         std::span<const ResultFile> beside = {});
/// comparison.json, and what is given beside, next to the folders of what was compared.
std::optional<std::string> write_comparison(const std::string& folder, std::span<const Contrast> contrasts,
                                            std::span<const std::vector<JudgedThreshold>> judged,
                                            std::span<const ResultFile> beside = {});
/// One file, whole or not at all.
std::optional<std::string> write_file(const std::string& path, const std::string& text);

/// A folder name for each experiment, from its file's name, told apart by a number where they are alike.
std::vector<std::string> folder_names(std::span<const Experiment> experiments);

}  // namespace spillway
