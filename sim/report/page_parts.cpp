// Time lines, distributions and the slowest journeys, as columns and rows that the page draws.

#include "report/page_parts.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <map>

#include <fmt/format.h>

namespace spillway::page {

namespace {

Json journey_columns(const std::vector<JourneyPoint>& points) {
  return {{"arrivals", column(points, [](const JourneyPoint& p) { return p.arrivals; })},
          {"succeeded", column(points, [](const JourneyPoint& p) { return p.succeeded; })},
          {"failed", column(points, [](const JourneyPoint& p) { return p.failed; })},
          {"p50", column(points, [](const JourneyPoint& p) { return short_seconds(p.p50); })},
          {"p99", column(points, [](const JourneyPoint& p) { return short_seconds(p.p99); })}};
}

Json resource_columns(const std::vector<ResourcePoint>& points) {
  using Point = ResourcePoint;
  const auto count = [&](auto Point::* member) {
    return column(points, [member](const Point& point) { return point.*member; });
  };
  const auto time = [&](std::int64_t Point::* member) {
    return column(points, [member](const Point& point) { return short_seconds(point.*member); });
  };
  Json columns{
      {"arrivals", count(&Point::arrivals)},
      {"repeats", count(&Point::repeats)},
      {"ok", count(&Point::ok)},
      {"throttled", count(&Point::throttled)},
      {"failed", count(&Point::failed)},
      {"timed_out", count(&Point::timed_out)},
      {"concurrency", column(points, [](const Point& p) { return short_number(p.concurrency_mean); })},
      {"concurrency_max", count(&Point::concurrency_max)},
      {"backlog", count(&Point::backlog_max)},
      {"cold_starts", count(&Point::cold_starts)},
      {"duplicates", count(&Point::duplicates)},
      {"outages", count(&Point::outages)},
      {"age", time(&Point::age_of_oldest)},
      {"p50", time(&Point::p50)},
      {"p99", time(&Point::p99)}};
  columns["limit"] =
      column(points, [](const Point& p) { return p.limit == kAbsent ? Json() : Json(p.limit); });
  return columns;
}

/// Dollars an hour by service: each meter's quantity at the average price that the month's bill gives it.
Json spending(const Experiment& experiment) {
  const RunResult& run = experiment.replications.front();
  std::map<std::string, std::vector<double>> by_service;
  const double hours = seconds(run.series.width) / 3600;
  for (const MeterLine& line : run.spending) {
    const auto& lines = experiment.bill.lines;
    const auto row = std::ranges::find_if(lines, [&](const BillLine& candidate) {
      return candidate.resource == line.resource && candidate.meter == line.meter;
    });
    if (row == lines.end() || row->month_quantity == 0 || hours <= 0) continue;
    // tidy: allow(float-money) the height of a line in a chart: no amount is made from it
    const double dollars_a_unit = row->cost.month.approximate() / static_cast<double>(row->month_quantity);
    auto& sums = by_service[row->service];
    sums.resize(line.quantity.size());
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += line.quantity[i] * dollars_a_unit / hours;
  }
  Json all = Json::object();
  for (const auto& [service, rates] : by_service) all[service] = column(rates, short_number);
  return all;
}

Json histogram(const Sketch& sketch) {
  constexpr int kSteps = 3;  // an eighth of a power of two: about eighty bars
  struct Bar {
    std::int64_t from = 0;
    std::int64_t to = 0;
    std::uint64_t count = 0;
  };
  std::map<std::int64_t, Bar> bars;
  sketch.visit([&](std::int64_t low, std::int64_t, std::uint64_t count) {
    const int shift =
        std::max(0, static_cast<int>(std::bit_width(static_cast<std::uint64_t>(low))) - kSteps - 1);
    // The ends of a bar do not depend on what is in it, so that candidates have the same bars.
    const std::int64_t from = low >> shift << shift;
    Bar& bar = bars[from];
    bar.from = from;
    bar.to = from + (std::int64_t{1} << shift);
    bar.count += count;
  });
  Json all = Json::array();
  for (const auto& [from, bar] : bars)
    all.push_back({short_seconds(bar.from), short_seconds(bar.to), bar.count});
  return all;
}

Json quantiles(const Sketch& sketch) {
  Json all = Json::array();
  const auto add = [&](int hundredths) {
    const std::int64_t value = sketch.quantile(hundredths / 10000.0);
    all.push_back({hundredths / 100.0, short_seconds(value)});
  };
  for (int p = 0; p < 9900; p += 100) add(p);
  for (int p = 9900; p < 9990; p += 10) add(p);
  for (int p = 9990; p <= 9999; ++p) add(p);
  return all;
}

Json distribution(const Sketch& sketch) {
  if (sketch.count() == 0) return nullptr;
  return {{"count", sketch.count()},
          {"mean", short_number(sketch.mean() * 1e-9)},
          {"max", short_seconds(sketch.max())},
          {"histogram", histogram(sketch)},
          {"quantiles", quantiles(sketch)}};
}

Json bands_of(const LatencyBreakdown& breakdown) {
  constexpr std::array edges{0.0, 0.5, 0.9, 0.99, 0.999, 1.0};
  Json all = Json::array();
  for (std::size_t i = 0; i + 1 < edges.size(); ++i) {
    const PartSums sums = breakdown.band(edges[i], edges[i + 1]);
    if (sums.journeys < 1) continue;
    const auto mean = [&](double sum) { return short_number(sum * 1e-9 / sums.journeys); };
    all.push_back({{"from", edges[i] * 100},
                   {"to", edges[i + 1] * 100},
                   {"journeys", short_number(sums.journeys)},
                   {"mean_s", mean(sums.total)},
                   {"service_s", mean(sums.service)},
                   {"queued_s", mean(sums.queued)},
                   {"cold_start_s", mean(sums.cold)},
                   {"backoff_s", mean(sums.backoff)}});
  }
  return all;
}

Json hop_json(const TraceHop& hop, std::int64_t born) {
  Json json{{"edge", hop.port},
            {"attempt", hop.attempt},
            {"outcome", hop.answered ? name_of(hop.outcome) : "unanswered"},
            {"start_s", short_number(seconds(hop.sent - born))},
            {"took_s", short_number(seconds(hop.took))}};
  if (hop.layer != RetryLayer::none) json["repeated_by"] = name_of(hop.layer);
  return json;
}

Json trace_json(const Trace& trace, const RunResult& run) {
  Json hops = Json::array();
  for (const TraceHop& hop : trace.hops) hops.push_back(hop_json(hop, trace.born));
  return {{"client", trace.client < run.by_client.size() ? run.by_client[trace.client].name : ""},
          {"number", trace.ordinal & 0xffffffffffU},
          {"born_s", short_number(seconds(trace.born))},
          {"response_s", short_seconds(trace.response)},
          {"total_s", short_seconds(trace.total)},
          {"ending", name_of(trace.ending)},
          {"queued_s", short_number(seconds(trace.waits.queued))},
          {"cold_start_s", short_number(seconds(trace.waits.cold))},
          {"backoff_s", short_number(seconds(trace.waits.backoff))},
          {"hops", std::move(hops)},
          {"more_hops", trace.more_hops}};
}

}  // namespace

Json short_number(double value) {
  if (!std::isfinite(value)) return nullptr;
  if (value == std::floor(value) && std::abs(value) < 1e6) return static_cast<std::int64_t>(value);
  const std::string text = fmt::format("{:.5g}", value);
  double rounded = 0;
  std::from_chars(text.data(), text.data() + text.size(), rounded);
  return rounded;
}

Json short_amount(const Money& amount) {
  constexpr double kFiveDigitsAreCents = 999;
  const double value = amount.approximate();
  if (std::abs(value) < kFiveDigitsAreCents) return short_number(value);
  const std::string text = amount.rounded();
  double shown = 0;
  std::from_chars(text.data(), text.data() + text.size(), shown);
  return shown;
}

Json short_seconds(std::int64_t ns) { return ns == kAbsent ? Json() : short_number(seconds(ns)); }

Json series(const Experiment& experiment) {
  const RunResult& run = experiment.replications.front();
  Json resources = Json::object();
  for (std::size_t i = 0; i < run.series.resources.size(); ++i) {
    if (!run.resources[i].is_client)
      resources[run.resources[i].name] = resource_columns(run.series.resources[i]);
  }
  return {{"seed", run.seed},
          {"buckets", run.series.journeys.size()},
          {"width_s", seconds(run.series.width)},
          {"end_s", seconds(run.series.end)},
          {"warm_up_s", seconds(run.warm_up)},
          {"journeys", journey_columns(run.series.journeys)},
          {"resources", std::move(resources)},
          {"cost_per_hour", spending(experiment)}};
}

Json faults(const Experiment& experiment) {
  const RunResult& run = experiment.replications.front();
  Json all = Json::array();
  for (std::size_t i = 0; i < run.series.resources.size(); ++i) {
    const auto& points = run.series.resources[i];
    for (std::size_t from = 0; from < points.size(); ++from) {
      if (points[from].outages == 0) continue;
      std::size_t to = from;
      while (to < points.size() && points[to].outages > 0) ++to;
      all.push_back({{"resource", run.resources[i].name},
                     {"from_s", seconds(run.series.width) * static_cast<double>(from)},
                     {"to_s", seconds(run.series.width) * static_cast<double>(to)}});
      from = to;
    }
  }
  return all;
}

Json distributions(const Experiment& experiment) {
  Sketch response;
  Sketch completion;
  for (const RunResult& run : experiment.replications) {
    response.merge(run.journeys.response.total);
    completion.merge(run.journeys.completion.total);
  }
  return {{"response", distribution(response)}, {"completion", distribution(completion)}};
}

Json bands(const Experiment& experiment) {
  Breakdown breakdown;
  for (const RunResult& run : experiment.replications) breakdown.merge(run.breakdown);
  return {{"response", bands_of(breakdown.response)}, {"completion", bands_of(breakdown.completion)}};
}

Json slowest(const Experiment& experiment) {
  const RunResult& run = experiment.replications.front();
  Json journeys = Json::array();
  for (const Trace& trace : run.traces.slowest) journeys.push_back(trace_json(trace, run));
  return {
      {"followed", run.traces.followed}, {"ended", run.journeys.ended()}, {"journeys", std::move(journeys)}};
}

}  // namespace spillway::page
