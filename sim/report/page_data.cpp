// The document as a whole: candidates, then what differs between them.

#include "report/page_data.hpp"

#include <array>
#include <cmath>

#include "report/key_figures.hpp"
#include "report/page_parts.hpp"
#include "report/results.hpp"
#include "report/retry_layers.hpp"

namespace spillway {

namespace {

using page::Json;
using page::short_amount;
using page::short_number;

Json interval_json(const Interval& interval) {
  if (!std::isfinite(interval.half_width)) return nullptr;
  return Json::array({short_number(interval.low()), short_number(interval.high())});
}

Json key_figure_json(const Experiment& experiment, const KeyFigure& figure) {
  const Estimate found = estimate(experiment, figure);
  Json row{{"id", figure.id},
           {"title", figure.title},
           {"unit", figure.unit},
           {"share", figure.share},
           {"better", name_of(figure.better)},
           {"value", nullptr},
           {"ci", nullptr},
           {"text", "-"}};
  if (found.measured == 0) return row;
  const double mean = found.interval.mean;
  row["value"] = std::isfinite(mean) ? Json(mean) : Json(nullptr);
  row["text"] = key_figure_text(figure, mean);
  if (found.has_interval() && std::isfinite(found.interval.half_width)) {
    row["ci"] = Json::array({found.interval.low(), found.interval.high()});
    row["half_text"] = key_figure_text(figure, found.interval.half_width);
  }
  return row;
}

Json key_figures_json(const Experiment& experiment) {
  Json all = Json::array();
  for (const KeyFigure& figure : key_figures()) all.push_back(key_figure_json(experiment, figure));
  return all;
}

Json bottleneck_json(const Experiment& experiment) {
  const Bottleneck found = find_bottleneck(experiment);
  return {{"resource", found.resource},
          {"cause", found.cause},
          {"since_s", found.since_s ? short_number(*found.since_s) : Json(nullptr)},
          {"sentence", found.sentence}};
}

Json bill_line_json(const BillLine& line) {
  return {{"resource", line.resource},
          {"service", line.service},
          {"line", line.line},
          {"unit", line.billed_in},
          {"quantity", line.billed_month_quantity(3)},
          {"month", short_amount(line.cost.month)},
          {"by_retries", short_amount(line.cost.month_by_retries)}};
}

Json bill_json(const Bill& bill) {
  Json json{{"month", bill.total.month.rounded()}, {"by_retries", bill.total.month_by_retries.rounded()}};
  if (!bill.total.month_by_retries.is_zero())
    json["by_layer"] = costs_by_layer(bill.total.month_by_layer, &Money::exact);
  Json lines = Json::array();
  for (const BillLine& line : bill.lines) {
    Json row = bill_line_json(line);
    if (!line.cost.month_by_retries.is_zero())
      row["by_layer"] = costs_by_layer(line.cost.month_by_layer, short_amount);
    lines.push_back(std::move(row));
  }
  json["lines"] = std::move(lines);
  return json;
}

/// The bill with and without the free tier, whichever the scenario asks for.
Json bills_json(const Experiment& experiment) {
  const Scenario& scenario = *experiment.scenario;
  Json bills{{"currency", experiment.bill.currency},
             {"region", experiment.bill.region},
             {"price_date", experiment.bill.price_date},
             {"free_tier", scenario.free_tier}};
  std::vector<Usage> usage;
  Duration window{};
  for (const RunResult& run : experiment.replications) {
    usage.insert(usage.end(), run.usage.begin(), run.usage.end());
    window += run.window();
  }
  if (window <= Duration::zero()) return bills;
  for (const bool free_tier : {false, true}) {
    const auto bill = make_bill(usage, scenario.prices, {.horizon = window, .free_tier = free_tier});
    if (bill) bills[free_tier ? "with_free_tier" : "list"] = bill_json(*bill);
  }
  return bills;
}

Json candidate_json(const Experiment& experiment, const std::vector<JudgedThreshold>& judged,
                    const std::string& id) {
  const Scenario& scenario = *experiment.scenario;
  const Value* const description = scenario.root.find("description");
  Json json{{"id", id},
            {"name", scenario.name},
            {"path", scenario.path},
            {"description", description != nullptr && description->is_set() ? description->text() : ""},
            {"summary", Json::parse(summary_json(experiment, judged))}};
  if (experiment.replications.empty()) return json;
  json["key_figures"] = key_figures_json(experiment);
  json["bottleneck"] = bottleneck_json(experiment);
  json["topology"] = page::topology(experiment);
  json["series"] = page::series(experiment);
  json["faults"] = page::faults(experiment);
  json["distributions"] = page::distributions(experiment);
  json["bands"] = page::bands(experiment);
  json["slowest"] = page::slowest(experiment);
  json["bills"] = bills_json(experiment);
  return json;
}

Json paired_json(const PairedDifference& paired) {
  return {{"difference", paired.pairs == 0 ? Json(nullptr) : short_number(paired.difference.mean)},
          {"ci", paired.pairs == 0 ? Json(nullptr) : interval_json(paired.difference)},
          {"pairs", paired.pairs},
          {"change", name_of(paired.change)}};
}

Json key_differences(const Contrast& contrast) {
  Json all = Json::array();
  for (const KeyFigure& figure : key_figures()) {
    const PairedDifference paired = difference(*contrast.base, *contrast.candidate, figure);
    Json row{{"id", figure.id}};
    row.update(paired_json(paired));
    if (paired.pairs > 0) {
      row["text"] = (paired.difference.mean > 0 ? "+" : "") + key_figure_text(figure, paired.difference.mean);
      if (std::isfinite(paired.difference.half_width))
        row["half_text"] = key_figure_text(figure, paired.difference.half_width);
    }
    all.push_back(std::move(row));
  }
  return all;
}

struct ResourceChoice {
  std::string_view metric;
  Aggregate aggregate;
};

/// The figures of each resource that both have.
Json resource_differences(const Contrast& contrast) {
  using Kind = Aggregate::Kind;
  constexpr std::array kChoices{ResourceChoice{"utilisation", {Kind::value, 0}},
                                ResourceChoice{"throttled_rate", {Kind::value, 0}},
                                ResourceChoice{"latency", {Kind::percentile, 99}},
                                ResourceChoice{"backlog", {Kind::max, 0}},
                                ResourceChoice{"retry_amplification", {Kind::value, 0}},
                                ResourceChoice{"cold_start_rate", {Kind::value, 0}},
                                ResourceChoice{"duplicates", {Kind::value, 0}},
                                ResourceChoice{"circuit_open", {Kind::value, 0}},
                                ResourceChoice{"short_circuited", {Kind::value, 0}},
                                ResourceChoice{"hedges", {Kind::value, 0}},
                                ResourceChoice{"cost", {Kind::value, 0}}};
  Json all = Json::array();
  for (const ResourceResult& resource : contrast.base->replications.front().resources) {
    if (resource.is_client || contrast.candidate->replications.front().resource(resource.name) == nullptr)
      continue;
    for (const ResourceChoice& choice : kChoices) {
      const Estimate base = estimate(*contrast.base, resource.name, choice.metric, choice.aggregate);
      const Estimate after = estimate(*contrast.candidate, resource.name, choice.metric, choice.aggregate);
      if (base.measured + after.measured == 0) continue;
      const auto info = std::ranges::find(resource_metrics(), choice.metric, &MetricInfo::name);
      Json row{{"resource", resource.name},
               {"metric", choice.metric},
               {"aggregate", to_text(choice.aggregate)},
               {"unit", info->unit},
               {"base", base.measured == 0 ? Json(nullptr) : short_number(base.interval.mean)},
               {"candidate", after.measured == 0 ? Json(nullptr) : short_number(after.interval.mean)}};
      row.update(paired_json(paired_difference(base.values, after.values, info->better)));
      all.push_back(std::move(row));
    }
  }
  return all;
}

Json contrast_json(const Contrast& contrast, const Json& compared) {
  Json json{{"same_traffic", contrast.same_traffic},
            {"sentence", contrast_sentence(contrast)},
            {"topology", compared["topology"]},
            {"differences", compared["differences"]}};
  if (contrast.base->replications.empty() || contrast.candidate->replications.empty()) return json;
  json["key_figures"] = key_differences(contrast);
  json["resources"] = resource_differences(contrast);
  return json;
}

}  // namespace

std::string page_data(std::span<const Experiment> experiments,
                      std::span<const std::vector<JudgedThreshold>> judged,
                      std::span<const Contrast> contrasts) {
  Json json{{"format_version", "1.0"},
            {"spillway", SPILLWAY_VERSION},
            {"kind", contrasts.empty() ? "run" : "compare"},
            {"candidates", Json::array()},
            {"contrasts", Json::array()}};
  const std::vector<std::string> ids = folder_names(experiments);
  for (std::size_t i = 0; i < experiments.size(); ++i)
    json["candidates"].push_back(candidate_json(experiments[i], judged[i], ids[i]));
  if (!contrasts.empty()) {
    const Json compared = Json::parse(comparison_json(contrasts, judged));
    for (std::size_t i = 0; i < contrasts.size(); ++i)
      json["contrasts"].push_back(contrast_json(contrasts[i], compared["comparisons"][i]));
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace spillway
