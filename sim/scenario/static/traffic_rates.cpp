#include "scenario/static/traffic_rates.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

#include "scenario/traffic/settings.hpp"

namespace spillway {

namespace {

constexpr int kParts = 1440;    // of the horizon: the minutes of a day
constexpr int kReadParts = 24;  // of a recording, which is read through for each; then so many of the busiest
constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

struct Part {
  Time from = kStart;
  Time to = kStart;
  double rate = 0;
};

/// The busiest of so many equal parts of `of`, none shorter than a second.
Part busiest(const Arrivals& arrivals, const Part& of, int parts) {
  const Duration whole = of.to - of.from;
  const Duration each = std::max<Duration>(whole / parts, 1s);
  if (each >= whole) return of;
  Part best = {.from = of.from, .to = of.from + each, .rate = -1};
  for (Time from = of.from; from + each <= of.to; from += each) {
    const double rate = arrivals.mean_rate(from, from + each);
    if (rate > best.rate) best = {.from = from, .to = from + each, .rate = rate};
  }
  return best;
}

/// Of bursts the mean says nothing about the peak: that is the rate of the busiest state.
double busiest_state(const Value& arrivals) {
  double most = 0;
  for (const Value& state : arrivals["bursts"]["states"].items()) most = std::max(most, state["rate"].rate());
  return most * arrivals["scale"].number() * static_cast<double>(arrivals["batch"].count());
}

}  // namespace

TrafficRate traffic_rate(const Scenario& scenario, const Member& client) {
  const Value& described = client.value["arrivals"];
  const Sources& sources = *scenario.sources;
  const auto arrivals =
      make_arrivals(described, {.seed = scenario.seed,
                                .name = client.name,
                                .class_names = scenario.classes,
                                .folder = [&sources](const Position& at) { return sources.folder(at); }});
  if (!arrivals) return {.mean = kUnknown, .peak = kUnknown};
  const std::string& form = described.given().name;
  Part whole = {.from = kStart, .to = kStart + scenario.horizon};
  whole.rate = (*arrivals)->mean_rate(whole.from, whole.to);
  if (form == "bursts") return {.mean = whole.rate, .peak = std::max(whole.rate, busiest_state(described))};
  const bool recorded = form == "file" || form == "requests" || form == "azure";
  Part most = busiest(**arrivals, whole, recorded ? kReadParts : kParts);
  if (recorded) most = busiest(**arrivals, most, kReadParts);
  const bool level = std::abs(most.rate - whole.rate) <= 1e-9 * whole.rate;
  return {.mean = whole.rate, .peak = most.rate, .part = level ? Duration{} : most.to - most.from};
}

}  // namespace spillway
