// Files of a result folder. Each is written whole under a temporary name and then renamed, so that a reader
// never meets half of one, and an interrupted write leaves the file of the run before.

#include "report/results.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "scenario/resolve.hpp"

namespace spillway {

namespace {

namespace fs = std::filesystem;

using File = ResultFile;

std::uint64_t checksum(std::string_view text) {
  std::uint64_t hash = 14695981039346656037ULL;  // FNV-1a
  for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 1099511628211ULL;
  return hash;
}

std::optional<std::string> write_files(const std::string& folder, const std::vector<File>& files) {
  if (auto problem = make_folder(folder)) return problem;
  for (const File& file : files) {
    if (auto problem = write_file((fs::path(folder) / file.name).string(), file.text)) return problem;
  }
  return std::nullopt;
}

/// The only file with wall-clock facts.
File manifest(const Experiment& experiment, const Provenance& provenance, const std::vector<File>& files) {
  using Json = nlohmann::ordered_json;
  Json listed = Json::array();
  for (const File& file : files) {
    listed.push_back({{"name", file.name},
                      {"bytes", file.text.size()},
                      {"fnv1a64", fmt::format("{:016x}", checksum(file.text))}});
  }
  const Json json{
      {"format_version", "1.0"},
      {"spillway", SPILLWAY_VERSION},
      {"arguments", provenance.arguments},
      {"scenario", experiment.scenario->path},
      {"started",
       fmt::format("{:%FT%TZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(provenance.clock.started)))},
      {"wall_s", provenance.clock.seconds()},
      {"events", experiment.events()},
      {"files", std::move(listed)}};
  return {"manifest.json", json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n"};
}

/// Rows of one replication's time lines; what was not measured in a bucket is left out.
class SeriesRows {
 public:
  SeriesRows(std::string& out, std::size_t replication) : out_(out), replication_(replication) {}

  void at(double time) { time_ = time; }
  void row(std::string_view resource, std::string_view metric, std::string_view unit, double value) {
    fmt::format_to(std::back_inserter(out_), "{},{},{},{},{},{}\n", replication_, time_, resource, metric,
                   unit, value);
  }
  void seconds(std::string_view resource, std::string_view metric, std::int64_t ns) {
    if (ns != kAbsent) row(resource, metric, "s", static_cast<double>(ns) * 1e-9);
  }
  void count(std::string_view resource, std::string_view metric, std::uint64_t count) {
    row(resource, metric, "1", static_cast<double>(count));
  }

 private:
  std::string& out_;
  std::size_t replication_;
  double time_ = 0;
};

void write_journeys(SeriesRows& rows, const JourneyPoint& point) {
  rows.count("journeys", "arrivals", point.arrivals);
  rows.count("journeys", "succeeded", point.succeeded);
  rows.count("journeys", "failed", point.failed);
  rows.seconds("journeys", "response_p50", point.p50);
  rows.seconds("journeys", "response_p99", point.p99);
}

void write_resource(SeriesRows& rows, const std::string& name, const ResourcePoint& point) {
  rows.count(name, "arrivals", point.arrivals);
  rows.count(name, "repeats", point.repeats);
  rows.count(name, "ok", point.ok);
  rows.count(name, "throttled", point.throttled);
  rows.count(name, "failed", point.failed);
  rows.count(name, "timed_out", point.timed_out);
  rows.row(name, "concurrency_mean", "1", point.concurrency_mean);
  rows.row(name, "concurrency_max", "1", static_cast<double>(point.concurrency_max));
  rows.row(name, "backlog_max", "1", static_cast<double>(point.backlog_max));
  rows.row(name, "backlog", "1", static_cast<double>(point.backlog_last));
  rows.seconds(name, "age_of_oldest", point.age_of_oldest);
  rows.seconds(name, "latency_p50", point.p50);
  rows.seconds(name, "latency_p99", point.p99);
}

void write_histogram(std::string& out, std::string_view subject, std::string_view metric,
                     const Sketch& sketch) {
  if (sketch.count() == 0) return;
  nlohmann::ordered_json buckets = nlohmann::ordered_json::array();
  sketch.visit([&](std::int64_t low, std::int64_t high, std::uint64_t count) {
    buckets.push_back({low, high, count});
  });
  const nlohmann::ordered_json line{
      {"subject", subject},  {"metric", metric},    {"unit", "ns"},          {"count", sketch.count()},
      {"min", sketch.min()}, {"max", sketch.max()}, {"mean", sketch.mean()}, {"buckets", std::move(buckets)}};
  out += line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string series_csv(const Experiment& experiment) {
  std::string out = "replication,t_s,resource,metric,unit,value\n";
  for (std::size_t r = 0; r < experiment.replications.size(); ++r) {
    const RunResult& run = experiment.replications[r];
    SeriesRows rows(out, r);
    for (std::size_t bucket = 0; bucket < run.series.journeys.size(); ++bucket) {
      rows.at(static_cast<double>(run.series.width.count()) * 1e-9 * static_cast<double>(bucket));
      write_journeys(rows, run.series.journeys[bucket]);
      for (std::size_t i = 0; i < run.series.resources.size(); ++i) {
        if (run.resources[i].is_client || bucket >= run.series.resources[i].size()) continue;
        write_resource(rows, run.resources[i].name, run.series.resources[i][bucket]);
      }
    }
  }
  return out;
}

std::string histograms_ndjson(const Experiment& experiment) {
  std::string out;
  if (experiment.replications.empty()) return out;
  JourneyResult journeys;
  std::vector<CallResult> calls(experiment.replications.front().resources.size());
  for (const RunResult& run : experiment.replications) {
    journeys.response.merge(run.journeys.response);
    journeys.completion.merge(run.journeys.completion);
    for (std::size_t i = 0; i < calls.size(); ++i) calls[i].merge(run.resources[i].calls);
  }
  for (const auto& [name, parts] :
       {std::pair{"response", &journeys.response}, {"latency", &journeys.completion}}) {
    const std::string prefix = name == std::string_view("latency") ? "" : "response_";
    write_histogram(out, "journeys", name, parts->total);
    write_histogram(out, "journeys", prefix + "queued", parts->queued);
    write_histogram(out, "journeys", prefix + "cold_start", parts->cold);
    write_histogram(out, "journeys", prefix + "backoff", parts->backoff);
    write_histogram(out, "journeys", prefix + "service", parts->service);
  }
  for (std::size_t i = 0; i < calls.size(); ++i) {
    write_histogram(out, experiment.replications.front().resources[i].name, "latency",
                    calls[i].attempt_latency);
  }
  return out;
}

std::optional<std::string> make_folder(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return fmt::format("cannot make the folder '{}': {}", folder, error.message());
  const fs::path probe = fs::path(folder) / "spillway";
  if (write_file(probe.string(), "")) return fmt::format("cannot write into the folder '{}'", folder);
  fs::remove(probe, error);
  return std::nullopt;
}

std::optional<std::string> write_results(const std::string& folder, const Experiment& experiment,
                                         std::span<const JudgedThreshold> thresholds,
                                         const Provenance& provenance, std::span<const ResultFile> beside) {
  const Scenario& scenario = *experiment.scenario;
  std::vector<File> files{{"summary.json", summary_json(experiment, thresholds)},
                          {"series.csv", series_csv(experiment)},
                          {"histograms.ndjson", histograms_ndjson(experiment)},
                          {"scenario.lock.json", lock_json(scenario.root, *scenario.sources)}};
  files.insert(files.end(), beside.begin(), beside.end());
  files.push_back(manifest(experiment, provenance, files));
  return write_files(folder, files);
}

std::optional<std::string> write_comparison(const std::string& folder, std::span<const Contrast> contrasts,
                                            std::span<const std::vector<JudgedThreshold>> judged,
                                            std::span<const ResultFile> beside) {
  std::vector<File> files{{"comparison.json", comparison_json(contrasts, judged)}};
  files.insert(files.end(), beside.begin(), beside.end());
  return write_files(folder, files);
}

std::optional<std::string> write_file(const std::string& path, const std::string& text) {
  const fs::path target(path);
  const fs::path temporary = target.parent_path() / ("." + target.filename().string() + ".part");
  {
    std::ofstream out(temporary, std::ios::binary);
    out << text;
    out.close();
    if (!out) return fmt::format("cannot write '{}'", path);
  }
  std::error_code error;
  fs::rename(temporary, target, error);
  if (error) {
    std::error_code ignored;
    fs::remove(temporary, ignored);
    return fmt::format("cannot write '{}': {}", path, error.message());
  }
  return std::nullopt;
}

std::vector<std::string> folder_names(std::span<const Experiment> experiments) {
  std::vector<std::string> names;
  for (const Experiment& experiment : experiments) {
    std::string name = fs::path(experiment.scenario->path).filename().string();
    name = name == "-" ? "stdin" : name.substr(0, name.find('.'));
    std::string free = name;
    for (int i = 2; std::ranges::find(names, free) != names.end(); ++i) free = fmt::format("{}-{}", name, i);
    names.push_back(std::move(free));
  }
  return names;
}

}  // namespace spillway
