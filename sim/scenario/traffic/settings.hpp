#pragma once
/// How a scenario writes its traffic, and how what it wrote becomes Arrivals.
///
///   arrivals: { poisson: 100/s }
///   arrivals: { constant: 10/s, batch: 5, start: 1m }
///   arrivals: { stages: [ { duration: 5m, to: 400/s }, { duration: 1h, to: 400/s }, { duration: 5m, to: 0/s
///   } ] } arrivals: { diurnal: { mean: 100/s, amplitude: 0.6, peak: 14h } } arrivals: { bursts: { states: [
///   { rate: 10/s, mean: 60s }, { rate: 900/s, mean: 5s } ] } } arrivals: { counts: [ 1200, 900, 700 ], step:
///   1h, repeat: true } arrivals: { file: traffic/worldcup-1998-06-10-hourly.csv, step: 1h, scale: 0.01,
///   within: poisson } arrivals: { requests: { file: log.csv, time: t_s, duration: client_s } } arrivals: {
///   azure: { invocations: invocations.csv, durations: durations.csv, function: 68cb } }
///
/// `scale` works on each of them, so that one --set shows the same traffic at twice its rate.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "model/arrivals.hpp"
#include "spillway/settings.hpp"

namespace spillway {

/// The member `arrivals` of a client.
Setting arrivals_setting();

/// What arrivals hang on beside their own settings.
struct TrafficContext {
  std::uint64_t seed = 1;
  std::string name{};                      ///< of the client: names the streams of draws
  std::vector<std::string> class_names{};  ///< by number: what a class column of a request list may say
  /// The folder ("" or ending in '/') against which a path written at this position is meant.
  std::function<std::string(const Position&)> folder = [](const Position&) { return std::string(); };
};

/// A mistake in the settings, or in a file that they name: then the message begins with "file:line:column: ".
struct TrafficError {
  Position at;
  std::string message;
};

/// The traffic that resolved settings describe, or all that is wrong with them. Opens the files and reads
/// their first lines; the rest is read as the run goes, and Arrivals::problem() tells what is wrong there.
tl::expected<std::unique_ptr<Arrivals>, std::vector<TrafficError>> make_arrivals(
    const Value& arrivals, const TrafficContext& context);

}  // namespace spillway
