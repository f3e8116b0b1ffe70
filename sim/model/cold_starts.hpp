#pragma once
/// How long AWS Lambda's INIT takes by runtime, package, architecture and memory: measured quantiles
/// (data/lambda-init-2026.csv: hello-world functions, about 770 cold starts a row, May to August 2026).
///
/// INIT is what Lambda reports and bills as Init Duration. It excludes the creation of the environment, the
/// download of the code and the network, and whatever a real function does beyond hello-world when it starts.
///
/// The quantile function through the measured points (tests/model/cold_starts_test.cpp holds it to them):
/// - above p90 the logarithm of the duration grows with the square of how far -log(1-q) has come between two
///   points, because a tail begins flat and ends with a few outliers; straight lines would put a mass there
///   that nobody measured. Within 0.3 % of the samples around p99 it is kept within 7 % of p99: in a few rows
///   (GraalVM images) p99 is fifteen times p95, and ten thousand draws would otherwise miss it by chance.
/// - below p50, which was not published for 2026, the spread is that of a lognormal between p50 and p90, but
/// at
///   most sigma 0.1: the earlier years of the same project, which have p5 and p25, show so narrow a lower
///   half.
/// - p75 is set so that the mean is the measured one, as far as the points allow: within 3 % in nine rows of
/// ten,
///   within 13 % in all.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "spillway/distribution.hpp"

namespace spillway {

/// One measured row, milliseconds.
struct MeasuredInit {
  std::string runtime;       // the study's name: "python3.13", "go (prov.al2023)"
  std::string package;       // "zip" or "image"
  std::string architecture;  // "x86_64" or "arm64"
  std::int64_t memory_mb = 0;
  std::int64_t count = 0;
  double mean = 0;
  double p50 = 0;
  double p90 = 0;
  double p95 = 0;
  double p99 = 0;
  double p99_9 = 0;
  double max = 0;
};

std::span<const MeasuredInit> measured_inits();

/// The row's distribution, in nanoseconds like every distribution of durations.
Distribution init_distribution(const MeasuredInit& row);

struct InitQuery {
  std::string_view runtime;                  // as known_runtimes() lists them
  std::string_view package = "zip";          // or "image"
  std::string_view architecture = "x86_64";  // or "arm64"
  std::int64_t memory_mb = 128;
};

struct ColdStart {
  Distribution init;
  const MeasuredInit* row = nullptr;  // the measurement it stands on
};

/// The measurement nearest to the question: the row of the nearest memory (by ratio), and of the other
/// architecture where this one was not measured. The error names what exists.
tl::expected<ColdStart, std::string> cold_start(const InitQuery& query);

/// A runtime by the name that a scenario uses: an AWS identifier ("nodejs22.x", "provided.al2023"), the
/// study's name, or that name without its base ("go", "rust", "dotnet8 aot").
struct KnownRuntime {
  std::string name;
  std::string measured_as;
  bool stand_in = false;  // another runtime was measured in its place: an assumption
};

/// Sorted by name.
std::span<const KnownRuntime> known_runtimes();

}  // namespace spillway
