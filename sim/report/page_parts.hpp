#pragma once
/// Parts of the page's data, and how numbers stand in it: five significant digits are more than a pixel
/// shows, and a column whose values are all the same is written once.

#include <cmath>

#include <nlohmann/json.hpp>

#include "experiment/experiment.hpp"
#include "observe/money.hpp"

namespace spillway::page {

using Json = nlohmann::ordered_json;

inline double seconds(std::int64_t ns) { return static_cast<double>(ns) * 1e-9; }
inline double seconds(Duration duration) { return seconds(duration.count()); }

/// A number with five significant digits; what is not finite is null.
Json short_number(double value);
/// Money as a number: right to the cent, and with five significant digits where that is more.
Json short_amount(const Money& amount);
/// Nanoseconds as seconds; kAbsent is null: a gap, not a zero.
Json short_seconds(std::int64_t ns);

/// The values of a row of points, or their one value when they are all the same.
template <class Points, class Read>
Json column(const Points& points, Read&& read) {
  Json values = Json::array();
  bool same = true;
  for (const auto& point : points) {
    values.push_back(read(point));
    same = same && values.back() == values.front();
  }
  return same && !values.empty() ? values.front() : values;
}

/// Time lines of the first replication: journeys, resources, and the bill by service.
Json series(const Experiment& experiment);
/// Spans in which an outage failed calls.
Json faults(const Experiment& experiment);
/// Histogram and quantiles of response and completion, over all replications.
Json distributions(const Experiment& experiment);
/// Where the time went, by how slow the journeys were.
Json bands(const Experiment& experiment);
/// The slowest of the journeys that were followed, with their hops.
Json slowest(const Experiment& experiment);

/// Resources and clients with their settings, and what connects them.
Json topology(const Experiment& experiment);

}  // namespace spillway::page
