// The files of a result folder: what they hold of an experiment made by hand, and how they are written.

#include "report/results.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>

#include "report/small_experiment.hpp"

namespace spillway::testing {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct Reported : SmallExperiment {
  Reported() { experiment.replications = {replication(7)}; }
  Json summary() const { return Json::parse(summary_json(experiment, judge_all(experiment))); }
};

TEST(SummaryJson, OpensWithWhatItIsAndTheVerdict) {
  Reported reported;
  reported.scenario.warm_up = 1s;
  const Json json = reported.summary();
  const std::vector<std::string> keys{
      "format_version", "spillway",       "scenario",     "verdict",    "horizon_s",  "warm_up_s",
      "drain_s",        "quantile_error", "replications", "thresholds", "bottleneck", "journeys",
      "clients",        "resources",      "edges",        "retries",    "cost"};
  std::vector<std::string> found;
  for (const auto& [key, value] : json.items()) found.push_back(key);
  EXPECT_EQ(found, keys) << "readers and diffs rely on the order";
  EXPECT_EQ(json["format_version"], "1.0");
  EXPECT_EQ(json["scenario"], "orders");
  EXPECT_EQ(json["verdict"], "pass");
  EXPECT_EQ(json["horizon_s"], 10.0);
  EXPECT_EQ(json["warm_up_s"], 1.0);
  EXPECT_EQ(json["quantile_error"], 1.0 / 256);
}

TEST(SummaryJson, SaysWhichLayerTriedAgain) {
  const Json retries = Reported().summary()["retries"];
  EXPECT_EQ(retries.size(), 5U);
  EXPECT_EQ(retries["client"], Json::parse(R"({"value": 1.0, "ci": null})"));
  EXPECT_EQ(retries["SDK"], Json::parse(R"({"value": 0.0, "ci": null})"));
}

TEST(SummaryJson, NamesEachReplication) {
  Reported reported;
  reported.experiment.replications[0].stopped_early = true;
  EXPECT_EQ(reported.summary()["replications"],
            Json::parse(
                R"([{"seed": 7, "events": 1000, "fact_hash": "0000000000000abc", "stopped_early": true}])"));
}

TEST(SummaryJson, HasEveryMeasuredMetricWithItsUnitAndItsGoodDirection) {
  const Json journeys = Reported().summary()["journeys"];
  EXPECT_EQ(journeys["success_rate"],
            Json::parse(R"({"unit": "1", "better": "higher", "value": {"value": 0.75, "ci": null}})"));
  EXPECT_EQ(journeys["response"]["unit"], "s");
  EXPECT_EQ(journeys["response"]["avg"]["value"], 0.15);
  EXPECT_EQ(journeys["response"]["p(99.9)"]["value"], 0.3);
  EXPECT_EQ(journeys["arrivals"]["rate"]["value"], 0.4) << "four in ten seconds";
}

TEST(SummaryJson, LeavesOutWhatWasNotMeasured) {
  const Json api = Reported().summary()["resources"]["api"];
  EXPECT_EQ(api["type"], "test.api");
  EXPECT_EQ(api["metrics"]["utilisation"]["value"]["value"], 0.25);
  EXPECT_TRUE(api["metrics"].contains("backlog"));
  EXPECT_FALSE(api["metrics"].contains("environments")) << "it has no such gauge";
  EXPECT_FALSE(Reported().summary()["resources"].contains("shoppers")) << "a client is no resource";
}

TEST(SummaryJson, CountsAsZeroWhatHappenedInOtherReplicationsOnly) {
  Reported reported;
  reported.experiment.replications = {replication(7), replication(8)};
  reported.experiment.replications[1].resources[0].calls.counts.repeats_by[RetryLayer::hedge] = 4;
  const Json metrics = reported.summary()["resources"]["api"]["metrics"];
  EXPECT_EQ(metrics["repeats_by_hedging"]["value"]["value"], 2.0);
  EXPECT_FALSE(metrics.contains("repeats_by_sdk")) << "what never happened is not listed";
}

TEST(SummaryJson, TellsClientsAndEdgesApart) {
  const Json json = Reported().summary();
  EXPECT_EQ(json["clients"]["shoppers"]["attempts_per_journey"]["value"]["value"], 1.25);
  EXPECT_EQ(json["edges"]["shoppers>api:put"]["throttled_rate"]["value"]["value"], 0.2);
}

TEST(SummaryJson, HasTheIntervalOfTheReplications) {
  Reported reported;
  reported.experiment.replications.push_back(replication(8));
  reported.experiment.replications[1].journeys.arrivals = 6;
  const Json arrivals = reported.summary()["journeys"]["arrivals"]["value"];
  EXPECT_EQ(arrivals["value"], 5.0);
  EXPECT_NEAR(arrivals["ci"][0].get<double>(), 5 - 12.7062, 1e-4);
  EXPECT_NEAR(arrivals["ci"][1].get<double>(), 5 + 12.7062, 1e-4);
}

TEST(SummaryJson, WritesWhatNeverEndedAsNull) {
  Reported reported;
  const Json drain = reported.summary()["resources"]["api"]["metrics"]["drain_time"];
  EXPECT_EQ(drain["value"]["value"], nullptr) << "the backlog was not empty again";
}

TEST(SummaryJson, JudgesThresholds) {
  Reported reported;
  reported.threshold("success_rate", "value > 0.9");
  const Json json = reported.summary();
  EXPECT_EQ(json["verdict"], "fail");
  EXPECT_EQ(json["thresholds"], Json::parse(R"([{"subject": "journeys", "metric": "success_rate",
    "expression": "value > 0.9", "verdict": "fail", "observed": 0.75, "ci": null,
    "more_replications_needed": 0, "source": "orders.spillway.yaml:9:3"}])"));
}

TEST(SummaryJson, HasTheBillToTheLastDigit) {
  const Json cost = Reported().summary()["cost"];
  EXPECT_EQ(cost["month"], "12.345");
  EXPECT_EQ(cost["month_by_retries"], "1.2");
  EXPECT_EQ(cost["price_date"], "2026-01-31");
  EXPECT_EQ(cost["lines"][0]["month_quantity"], "1.5");
  EXPECT_EQ(cost["lines"][0]["unit"], "million requests");
  const Json by_the_client = {{"client", "1.2"}};  // the one attempt that was sent again
  EXPECT_EQ(cost["month_by_retry_layer"], by_the_client);
  EXPECT_EQ(cost["lines"][0]["month_by_retry_layer"], by_the_client);
}

TEST(SummaryJson, OfNothingThatWasRunIsStillJson) {
  const SmallExperiment small;
  const Json json = Json::parse(summary_json(small.experiment, {}));
  EXPECT_EQ(json["replications"], Json::array());
  EXPECT_FALSE(json.contains("journeys"));
}

TEST(SeriesCsv, HasARowForEachMeasurementOfEachBucket) {
  const std::string csv = series_csv(Reported().experiment);
  EXPECT_THAT(csv, ::testing::StartsWith("replication,t_s,resource,metric,unit,value\n"
                                         "0,0,journeys,arrivals,1,4\n"
                                         "0,0,journeys,succeeded,1,3\n"
                                         "0,0,journeys,failed,1,1\n"
                                         "0,0,journeys,response_p50,s,0.1\n"
                                         "0,0,api,arrivals,1,5\n"
                                         "0,0,api,repeats,1,1\n"));
  EXPECT_THAT(csv, ::testing::HasSubstr("\n0,5,journeys,arrivals,1,0\n"))
      << "the second bucket begins at 5 s";
  EXPECT_THAT(csv, ::testing::HasSubstr("\n0,0,api,concurrency_mean,1,0.5\n"));
  EXPECT_THAT(csv, ::testing::Not(::testing::HasSubstr("response_p99"))) << "it was not measured";
  EXPECT_THAT(csv, ::testing::Not(::testing::HasSubstr("shoppers"))) << "a client is no resource";
}

TEST(HistogramsNdjson, HasALineForEachSketchThatHoldsSomething) {
  std::vector<Json> lines;
  std::istringstream text(histograms_ndjson(Reported().experiment));
  for (std::string line; std::getline(text, line);) lines.push_back(Json::parse(line));
  ASSERT_EQ(lines.size(), 11u) << "five parts of the response, five of the latency, and the api";
  const Json& latency = lines[5];
  EXPECT_EQ(latency["metric"], "latency");
  EXPECT_EQ(latency["unit"], "ns");
  EXPECT_EQ(latency["count"], 4);
  EXPECT_EQ(latency["min"], 100'000'000);
  EXPECT_EQ(latency["max"], 300'000'000);
  EXPECT_EQ(latency["mean"], 150e6);
  ASSERT_EQ(latency["buckets"].size(), 2u);
  EXPECT_EQ(latency["buckets"][0][2], 3);
  EXPECT_LE(latency["buckets"][0][0], 100'000'000);
  EXPECT_GE(latency["buckets"][0][1], 100'000'000);
  EXPECT_EQ(lines[10]["subject"], "api");
}

TEST(HistogramsNdjson, TakesAllReplicationsTogether) {
  Reported reported;
  reported.experiment.replications.push_back(replication(8));
  const std::string text = histograms_ndjson(reported.experiment);
  EXPECT_EQ(Json::parse(text.substr(0, text.find('\n')))["count"], 8);
}

TEST(ComparisonJson, HasBothTheDifferenceAndItsChange) {
  Reported base;
  SmallExperiment candidate("faster");
  base.experiment.replications.push_back(replication(8));
  for (std::uint64_t seed = 7; seed <= 8; ++seed) {
    candidate.experiment.replications.push_back(replication(seed));
    candidate.experiment.replications.back().cost = a_month("10.345");
  }
  const std::vector<Contrast> contrasts{contrast(base.experiment, candidate.experiment)};
  const std::vector<std::vector<JudgedThreshold>> judged(2);
  const Json one = Json::parse(comparison_json(contrasts, judged))["comparisons"][0];
  EXPECT_EQ(one["base"], "orders");
  EXPECT_EQ(one["candidate"], "faster");
  const Json& cost = one["differences"].back();
  EXPECT_EQ(cost["metric"], "cost");
  EXPECT_EQ(cost["pairs"], 2);
  EXPECT_EQ(cost["change"], "better");
  EXPECT_NEAR(cost["difference"].get<double>(), -2, 1e-12);
  EXPECT_EQ(one["differences"][0]["difference"], 0.0);
  EXPECT_EQ(one["differences"][0]["change"], "none");
}

TEST(FolderNames, AreToldApartWhateverTheFilesAreCalled) {
  std::vector<SmallExperiment> small(5);
  const std::vector<std::string> paths{"a/orders.spillway.yaml", "orders-2.yaml", "b/orders.json", "-",
                                       "orders"};
  std::vector<Experiment> experiments;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    small[i].scenario.path = paths[i];
    experiments.push_back({.scenario = &small[i].scenario, .replications = {}, .bill = {}});
  }
  EXPECT_EQ(folder_names(experiments),
            (std::vector<std::string>{"orders", "orders-2", "orders-3", "stdin", "orders-4"}));
}

class Folder : public ::testing::Test {
 protected:
  Folder() : path_(fs::path(::testing::TempDir()) / "spillway-results-test") { fs::remove_all(path_); }
  ~Folder() override { fs::remove_all(path_); }
  std::string read(const std::string& name) const {
    std::ifstream file(path_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(path_)) names.push_back(entry.path().filename().string());
    return names;
  }

  fs::path path_;
};

TEST_F(Folder, HoldsTheFilesWholeAndNothingElse) {
  const Reported reported;
  const auto judged = judge_all(reported.experiment);
  EXPECT_EQ(write_results((path_ / "new").string(), reported.experiment, judged, {{"run"}, {}}),
            std::nullopt);
  path_ /= "new";
  EXPECT_THAT(files(), ::testing::UnorderedElementsAre("summary.json", "series.csv", "histograms.ndjson",
                                                       "scenario.lock.json", "manifest.json"));
  EXPECT_EQ(read("summary.json"), summary_json(reported.experiment, judged));
  EXPECT_EQ(read("series.csv"), series_csv(reported.experiment));
  const Json manifest = Json::parse(read("manifest.json"));
  EXPECT_EQ(manifest["arguments"], Json{"run"});
  EXPECT_EQ(manifest["events"], 1000);
  EXPECT_EQ(manifest["files"].size(), 4u) << "all but itself";
}

TEST_F(Folder, KeepsTheOldFileWhenTheNewCannotBeWritten) {
  const Reported reported;
  fs::create_directories(path_ / ".summary.json.part");  // in the way of the temporary file
  std::ofstream(path_ / "summary.json") << "old";
  EXPECT_EQ(write_results(path_.string(), reported.experiment, {}, {{}, {}}),
            "cannot write '" + (path_ / "summary.json").string() + "'");
  EXPECT_EQ(read("summary.json"), "old");
}

TEST_F(Folder, CannotBeAFile) {
  std::ofstream(path_) << "";
  EXPECT_EQ(make_folder(path_.string()), "cannot make the folder '" + path_.string() + "': Not a directory");
}

TEST_F(Folder, IsLeftAsItWasByTheProof) {
  EXPECT_EQ(make_folder(path_.string()), std::nullopt);
  EXPECT_TRUE(fs::is_empty(path_));
}

}  // namespace
}  // namespace spillway::testing
