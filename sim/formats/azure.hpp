#pragma once
/// The Azure Functions trace of 2019 (Shahrad et al., "Serverless in the Wild", USENIX ATC 2020;
/// github.com/Azure/ AzurePublicDataset, AzureFunctionsDataset2019.md), with its official column names.
///
/// invocations_per_function_md.anon.dNN.csv: HashOwner, HashApp, HashFunction, Trigger and a count for each
/// minute of the day, 1 to 1440. function_durations_percentiles.anon.dNN.csv: Average, Count, Minimum,
/// Maximum in ms, and percentiles of the averages of 30-second windows, weighted by invocations. A row's
/// counts are read only when they are asked for: one function of 46,000 costs little more than finding it.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "formats/csv.hpp"

namespace spillway {

/// Whose row it is. The texts live until the next row is read.
struct AzureFunction {
  std::string_view owner;
  std::string_view app;
  std::string_view function;
  std::string_view trigger;  // of the invocations file only
};

class AzureInvocations {
 public:
  static tl::expected<AzureInvocations, CsvError> open(ByteSource& source);
  bool next(AzureFunction& row);
  /// This row's invocations in each minute; false when a field is no count.
  bool counts(std::vector<std::uint32_t>& per_minute);
  /// The minutes that the file covers: 1,440 in the original.
  std::size_t minutes() const { return minutes_; }
  const std::optional<CsvError>& error() const { return csv_.error(); }
  std::uint64_t line() const { return csv_.line(); }

 private:
  explicit AzureInvocations(ByteSource& source) : csv_(source) {}

  CsvReader csv_;
  std::size_t minutes_ = 0;
};

/// The percentiles that the durations file has.
inline constexpr std::array<double, 7> kAzurePercentiles{0, 0.01, 0.25, 0.50, 0.75, 0.99, 1};

struct AzureDuration {
  std::int64_t average_ns = 0;
  std::int64_t count = 0;
  std::array<std::int64_t, kAzurePercentiles.size()> percentiles_ns{};
};

class AzureDurations {
 public:
  static tl::expected<AzureDurations, CsvError> open(ByteSource& source);
  bool next(AzureFunction& row);
  /// This row's durations; false when a field is no number, or the percentiles fall.
  bool durations(AzureDuration& of);
  const std::optional<CsvError>& error() const { return csv_.error(); }

 private:
  explicit AzureDurations(ByteSource& source) : csv_(source) {}
  bool read(std::size_t column, int scale, std::int64_t& value);

  CsvReader csv_;
  std::size_t width_ = 0;
  std::array<std::size_t, 3> owner_app_function_{};
  std::size_t average_ = kNoColumn;
  std::size_t count_ = kNoColumn;
  std::array<std::size_t, kAzurePercentiles.size()> percentiles_{};
};

}  // namespace spillway
