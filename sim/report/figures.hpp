#pragma once
/// Figures as people read them: three significant digits, with a unit, and an interval where there is one.

#include <string>
#include <string_view>

#include "experiment/experiment.hpp"

namespace spillway {

/// "612ms", "98.52%", "1,224,011", "$412.60": by the metric's unit; shares as percentages.
std::string figure(double value, const MetricInfo& metric);
std::string duration_figure(double seconds);
/// "1,224,011", "1.05", "0.0012"; below a ten-thousandth "0".
std::string count_figure(double count);
/// "98.5%", with enough digits that what is missing to 100 % shows.
std::string share_figure(double share);
/// The mean with its 95 % interval: "612ms ±14ms"; without one when there are fewer than two replications.
std::string estimate_figure(const Estimate& estimate, const MetricInfo& metric);

}  // namespace spillway
