#pragma once
/// Traffic from the Azure Functions trace of 2019: the invocations of one function, of an application, or of
/// all, each with a duration of its function when the durations file is given.
///
/// The file stands function by function while traffic comes minute by minute, so the selected functions'
/// non-zero minutes are kept, packed in two or three bytes each; nothing else is. Functions with the same
/// moment come in the order of the file.

#include <cstdint>
#include <memory>
#include <string>

#include <tl/expected.hpp>

#include "model/arrivals.hpp"
#include "scenario/traffic/counts.hpp"
#include "scenario/traffic/ratio.hpp"

namespace spillway {

/// How long an invocation runs.
enum class AzureWork : std::uint8_t {
  none,         ///< the traffic does not say: the service decides
  average,      ///< each as long as its function's Average
  percentiles,  ///< drawn from its function's percentiles, linear between them
};

struct AzureSettings {
  std::string invocations;
  std::string durations{};  ///< empty with AzureWork::none
  AzureWork work = AzureWork::none;
  std::string owner{};  ///< each selects by the start of a hash; empty: any
  std::string app{};
  std::string function{};
  Duration without_row{-1};  ///< of functions that the durations file does not have; -1: that is an error
  Ratio scale{};
  Within within = Within::evenly;
  bool repeat = false;
  std::uint64_t seed = 0;
  std::string name{};  ///< of the streams
};

/// An invocation's key is the hash of its function's name.
tl::expected<std::unique_ptr<Arrivals>, std::string> arrivals_from_azure(const AzureSettings& settings);

}  // namespace spillway
