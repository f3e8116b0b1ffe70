// The page's data and the page: figures are those of summary.json, what was not measured is null, and no name
// can break out of where it stands.

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "report/digest.hpp"
#include "report/key_figures.hpp"
#include "report/page.hpp"
#include "report/page_data.hpp"
#include "report/results.hpp"

namespace spillway {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

/// Scenarios run under the same traffic, and the page's data of them.
struct Pages {
  explicit Pages(const std::vector<std::string>& paths, std::size_t replications = 2) {
    std::vector<const Scenario*> pointers;
    for (const std::string& path : paths) {
      auto loaded = load_scenario(path, sets, sources, files, diagnostics);
      EXPECT_TRUE(loaded.has_value()) << render_text(diagnostics, sources);
      scenarios.push_back(std::make_unique<Scenario>(std::move(*loaded)));
      pointers.push_back(scenarios.back().get());
    }
    auto ran = run_experiments(pointers, {.replications = replications, .jobs = 2, .story = true});
    EXPECT_TRUE(ran.has_value()) << ran.error();
    experiments = std::move(*ran);
    for (const Experiment& experiment : experiments) judged.push_back(judge_all(experiment));
    for (std::size_t i = 1; i < experiments.size(); ++i)
      contrasts.push_back(contrast(experiments.front(), experiments[i]));
    text = page_data(experiments, judged, contrasts);
    data = Json::parse(text);
  }

  std::vector<std::string> sets{"horizon=30m", "drain=5m"};
  Sources sources;
  DiskFiles files;
  Diagnostics diagnostics;
  std::vector<std::unique_ptr<Scenario>> scenarios;
  std::vector<Experiment> experiments;
  std::vector<std::vector<JudgedThreshold>> judged;
  std::vector<Contrast> contrasts;
  std::string text;
  Json data;
};

const std::vector<std::string> kPair{"scenarios/direct.spillway.yaml", "scenarios/buffered.spillway.yaml"};

TEST(PageData, HoldsTheSummaryOfEachCandidateWordForWord) {
  const Pages pages(kPair);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(pages.data["candidates"][i]["summary"],
              Json::parse(summary_json(pages.experiments[i], pages.judged[i])));
  }
}

TEST(PageData, ShowsKeyFiguresWithTheValuesOfTheSummary) {
  const Pages pages(kPair);
  const Json& candidate = pages.data["candidates"][1];
  const auto figure = [&](const std::string& id) {
    for (const Json& row : candidate["key_figures"]) {
      if (row["id"] == id) return row["value"];
    }
    return Json("absent");
  };
  const Json& journeys = candidate["summary"]["journeys"];
  EXPECT_EQ(figure("response_p99"), journeys["response"]["p(99)"]["value"]);
  EXPECT_EQ(figure("success_rate"), journeys["success_rate"]["value"]["value"]);
  EXPECT_EQ(figure("cost"), journeys["cost"]["value"]["value"]);
  EXPECT_EQ(figure("backlog_peak"),
            candidate["summary"]["resources"]["intake"]["metrics"]["backlog"]["max"]["value"]);
}

TEST(PageData, HasTheLinesOfABillToTheCent) {
  const Pages pages({"scenarios/retry-storm-circuit-breaker.spillway.yaml"}, 1);
  const Json& candidate = pages.data["candidates"][0];
  const Json& exact = candidate["summary"]["cost"]["lines"];
  const Json& lines = candidate["bills"]["list"]["lines"];
  ASSERT_EQ(lines.size(), exact.size());
  double most = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const double month = std::stod(exact[i]["month"].get<std::string>());
    EXPECT_NEAR(lines[i]["month"].get<double>(), month, 0.005001) << lines[i]["line"];
    most = std::max(most, month);
  }
  EXPECT_GT(most, 1000) << "of less, five digits are cents";
}

constexpr const char* kResilience = "tests/report/resilience.spillway.yaml";

/// The amounts of a bill's lines, added up by layer.
std::map<std::string, double> by_layer(const Json& bill) {
  std::map<std::string, double> sums;
  for (const Json& line : bill["lines"]) {
    const Json layers = line.value("by_layer", Json::object());
    for (const auto& [layer, amount] : layers.items()) sums[layer] += amount.get<double>();
  }
  return sums;
}

TEST(PageData, PartsWhatRetriesCostAmongTheLayersOfTheSummary) {
  const Pages pages({kResilience});
  const Json& candidate = pages.data["candidates"][0];
  const Json& cost = candidate["summary"]["cost"];
  const Json& list = candidate["bills"]["list"];
  ASSERT_THAT(list["by_layer"], SizeIs(4)) << "client, SDK, redelivery, hedging";
  const auto sums = by_layer(list);
  for (const auto& [layer, amount] : cost["month_by_retry_layer"].items()) {
    EXPECT_EQ(list["by_layer"][layer], amount) << layer;
    EXPECT_NEAR(sums.at(layer), std::stod(amount.get<std::string>()), 0.001) << layer;
  }
  for (std::size_t i = 0; i < cost["lines"].size(); ++i) {
    EXPECT_EQ(list["lines"][i].value("by_layer", Json::object()).size(),
              cost["lines"][i]["month_by_retry_layer"].size());
  }
}

TEST(PageData, PartsWhatRetriesCostOnTheBillOfOtherTermsToo) {
  const Pages pages({kResilience}, 1);
  const Json& bills = pages.data["candidates"][0]["bills"];
  double parted = 0;
  for (const auto& [layer, amount] : by_layer(bills["with_free_tier"])) {
    EXPECT_LT(amount, by_layer(bills["list"]).at(layer)) << layer;
    parted += amount;
  }
  EXPECT_NEAR(parted, std::stod(bills["with_free_tier"]["by_retries"].get<std::string>()), 0.006);
}

TEST(PageData, SaysNothingOfLayersWhereNoRetryCostAnything) {
  const Pages pages({kPair.back()}, 1);
  EXPECT_THAT(pages.data["candidates"][0]["bills"].dump(), Not(HasSubstr("by_layer")));
}

TEST(PageData, CountsInTheTimeLinesWhatTheFiguresCount) {
  const Pages pages(kPair, 1);
  const Json& candidate = pages.data["candidates"][0];
  double arrivals = 0;
  for (const Json& bucket : candidate["series"]["journeys"]["arrivals"]) arrivals += bucket.get<double>();
  EXPECT_EQ(arrivals, candidate["summary"]["journeys"]["arrivals"]["value"]["value"].get<double>());
}

TEST(PageData, SpreadsTheWholeBillOverTheTimeLines) {
  const Pages pages(kPair, 1);
  const Json& candidate = pages.data["candidates"][1];
  const double hours = candidate["series"]["width_s"].get<double>() / 3600;
  double drawn = 0;
  for (const auto& [service, column] : candidate["series"]["cost_per_hour"].items()) {
    if (!column.is_array()) {
      drawn += column.get<double>() * hours * candidate["series"]["buckets"].get<double>();
      continue;
    }
    for (const Json& rate : column) drawn += rate.get<double>() * hours;
  }
  const Experiment& experiment = pages.experiments[1];
  const double window = std::chrono::duration<double>(experiment.replications[0].window()).count();
  const double month = experiment.bill.total.month.approximate();
  EXPECT_NEAR(drawn, month * window / (730 * 3600), drawn * 1e-3);
}

TEST(PageData, PartsOfABandAddUpToItsMean) {
  const Pages pages(kPair);
  for (const Json& candidate : pages.data["candidates"]) {
    ASSERT_FALSE(candidate["bands"]["completion"].empty());
    for (const Json& band : candidate["bands"]["completion"]) {
      const double parts = band["service_s"].get<double>() + band["queued_s"].get<double>() +
                           band["cold_start_s"].get<double>() + band["backoff_s"].get<double>();
      EXPECT_NEAR(parts, band["mean_s"].get<double>(), band["mean_s"].get<double>() * 1e-3);
    }
  }
}

TEST(PageData, CountsEachJourneyInOneBarAndGivesAllCandidatesTheSameBars) {
  const Pages pages(kPair, 1);
  std::map<double, double> ends;
  for (const Json& candidate : pages.data["candidates"]) {
    const Json& response = candidate["distributions"]["response"];
    std::uint64_t counted = 0;
    for (const Json& bar : response["histogram"]) {
      counted += bar[2].get<std::uint64_t>();
      const auto [known, fresh] = ends.try_emplace(bar[0].get<double>(), bar[1].get<double>());
      EXPECT_EQ(known->second, bar[1].get<double>());
    }
    EXPECT_EQ(counted, response["count"].get<std::uint64_t>());
  }
}

TEST(PageData, TellsTheSlowestJourneysFromTheSlowestDown) {
  const Pages pages(kPair, 1);
  const Json& slowest = pages.data["candidates"][1]["slowest"];
  EXPECT_EQ(slowest["followed"], slowest["ended"]);  // never 4,096 at once
  const Json& journeys = slowest["journeys"];
  ASSERT_EQ(journeys.size(), Traces::kKept);
  const auto longest = pages.experiments[1].replications[0].journeys.completion.total.max();
  const double most = static_cast<double>(longest) * 1e-9;
  EXPECT_NEAR(journeys[0]["total_s"].get<double>(), most, most * 1e-4);
  for (std::size_t i = 1; i < journeys.size(); ++i)
    EXPECT_GE(journeys[i - 1]["total_s"], journeys[i]["total_s"]);
  // The client asks the gateway, the gateway the queue, the event source the function, the function the
  // table.
  EXPECT_GE(journeys[0]["hops"].size(), 4u);
}

TEST(PageData, NamesTheLayerThatCausedARepeatedHop) {
  const Pages pages({"tests/report/resilience.spillway.yaml"}, 1);
  std::map<std::string, int> layers;
  for (const Json& journey : pages.data["candidates"][0]["slowest"]["journeys"]) {
    for (const Json& hop : journey["hops"]) {
      if (hop.contains("repeated_by")) ++layers[hop["repeated_by"].get<std::string>()];
      EXPECT_TRUE(hop["attempt"] == 1 || hop.contains("repeated_by")) << hop;
    }
  }
  EXPECT_GT(layers["SDK"] + layers["redelivery"], 0) << pages.data["candidates"][0]["slowest"];
}

TEST(PageData, ComparesWhatGuardsDidAndLeavesItOutOfTheSentence) {
  const Pages pages({"scenarios/tail-latency.spillway.yaml", "scenarios/tail-latency-hedged.spillway.yaml"});
  const Json& comparison = pages.data["contrasts"][0];
  const auto hedges = [](const Json& rows) {
    return std::ranges::count_if(rows, [](const Json& row) { return row["metric"] == "hedges"; });
  };
  EXPECT_EQ(hedges(comparison["differences"]), 1);
  EXPECT_EQ(hedges(comparison["resources"]), 1) << "of the resource that is asked";
  EXPECT_THAT(comparison["sentence"].get<std::string>(), Not(HasSubstr("hedges")));
}

TEST(PageData, SaysWhereEachSettingComesFrom) {
  const Pages pages(kPair, 1);
  for (const Json& node : pages.data["candidates"][0]["topology"]["nodes"]) {
    if (node["name"] != "worker") continue;
    for (const Json& row : node["settings"]) {
      if (row["name"] == "memory") {
        EXPECT_EQ(row["value"], "512MiB");
        EXPECT_THAT(row["place"].get<std::string>(), HasSubstr("direct.spillway.yaml:"));
      }
      if (row["name"] == "account_concurrency") {
        EXPECT_EQ(row["default"], true);
        EXPECT_THAT(row["source"].get<std::string>(), HasSubstr("Lambda Developer Guide"));
      }
    }
  }
}

TEST(PageData, OfTheSameRunIsTheSameBytes) { EXPECT_EQ(Pages(kPair).text, Pages(kPair).text); }

TEST(Page, PutsTheDataWhereTheShellMarksIt) {
  const std::string shell =
      R"(<p></p><script type="application/json" id="spillway-data">null</script><p></p>)";
  EXPECT_EQ(render_page(shell, "[1]"),
            R"(<p></p><script type="application/json" id="spillway-data">[1]</script><p></p>)");
  EXPECT_EQ(render_page("<p></p>", "[1]"), std::nullopt);
}

TEST(Page, LetsNoNameEndTheElementItStandsIn) {
  const std::string shell = R"(<script type="application/json" id="spillway-data">null</script>)";
  const Json names{"</script><script>alert(1)</script>", "<!--", "a & \"b\" 'c'"};
  const std::string page = render_page(shell, names.dump()).value();
  const std::string inside = page.substr(page.find('>') + 1, page.rfind("</script>") - page.find('>') - 1);
  EXPECT_THAT(inside, Not(HasSubstr("<")));
  EXPECT_EQ(Json::parse(inside), names);
}

TEST(Digest, OfAComparisonHasARowAFigureAndTheDifference) {
  const Pages pages(kPair);
  const auto markdown = markdown_digest(pages.text);
  ASSERT_TRUE(markdown.has_value()) << markdown.error();
  EXPECT_THAT(*markdown, HasSubstr("| Response p99 |"));
  EXPECT_THAT(*markdown, HasSubstr("**Bottleneck** of orders, buffered by a queue: "));
  const auto csv = csv_digest(pages.text);
  ASSERT_TRUE(csv.has_value()) << csv.error();
  const auto lines = std::ranges::count(*csv, '\n');
  EXPECT_EQ(lines, 1 + 2 * std::ssize(key_figures()));
}

TEST(Digest, EscapesNamesInMarkdown) {
  Pages pages(kPair, 1);
  pages.data["candidates"][0]["name"] = "<b>|`x`\n# y";
  const auto markdown = markdown_digest(pages.data.dump());
  ASSERT_TRUE(markdown.has_value());
  EXPECT_THAT(*markdown, HasSubstr(R"(\<b\>\|\`x\` \# y)"));
  EXPECT_THAT(*markdown, Not(HasSubstr("<b>")));
}

TEST(Digest, RefusesWhatIsNoPageData) {
  EXPECT_FALSE(markdown_digest("{").has_value());
  EXPECT_FALSE(markdown_digest("{}").has_value());
  EXPECT_FALSE(csv_digest(R"({"candidates": []})").has_value());
}

TEST(KeyFigures, ABacklogThatIsNeverDrainedTakesForever) {
  std::vector<RunResult> runs(2);
  for (RunResult& run : runs) {
    ResourceResult& queue = run.resources.emplace_back();
    queue.name = "queue";
    queue.gauges[static_cast<std::size_t>(Gauge::backlog)] = {.seen = true, .peak = 7};
  }
  Experiment experiment;
  experiment.replications = std::move(runs);
  for (const KeyFigure& figure : key_figures()) {
    if (figure.id != "drain_time") continue;
    const Estimate drain = estimate(experiment, figure);
    EXPECT_EQ(key_figure_text(figure, drain.interval.mean), "never");
  }
}

}  // namespace
}  // namespace spillway
