// The minute columns are taken by position once the header has shown that they are 1, 2, 3, ...: looking
// 1,440 names up for every row would cost more than reading it.
#include "formats/azure.hpp"

#include <charconv>
#include <string>

#include "formats/csv_number.hpp"

namespace spillway {
namespace {

constexpr std::array<std::string_view, 4> kWho{"HashOwner", "HashApp", "HashFunction", "Trigger"};
constexpr std::array<std::string_view, kAzurePercentiles.size()> kPercentileColumns{
    "percentile_Average_0",  "percentile_Average_1",  "percentile_Average_25", "percentile_Average_50",
    "percentile_Average_75", "percentile_Average_99", "percentile_Average_100"};

CsvError header_error(const CsvReader& csv, const std::string& what) {
  return {csv.line(), 1, what + "; the columns are " + column_names(csv)};
}

std::optional<CsvError> no_header(CsvReader& csv) {
  if (csv.next()) return std::nullopt;
  return csv.error() ? *csv.error() : CsvError{1, 1, "the file is empty: the official header line is needed"};
}

bool wrong_width(CsvReader& csv, std::size_t width) {
  if (csv.size() == width) return false;
  csv.fail_at(csv.size(), "this row has " + std::to_string(csv.size()) + " fields, the header has " +
                              std::to_string(width));
  return true;
}

}  // namespace

tl::expected<AzureInvocations, CsvError> AzureInvocations::open(ByteSource& source) {
  AzureInvocations file(source);
  CsvReader& csv = file.csv_;
  if (auto error = no_header(csv)) return tl::unexpected(*error);
  for (std::size_t i = 0; i < kWho.size(); ++i) {
    if (csv.size() > i && trimmed(csv[i]) == kWho[i]) continue;
    return tl::unexpected(
        header_error(csv, "column " + std::to_string(i + 1) + " must be '" + std::string(kWho[i]) + "'"));
  }
  for (std::size_t i = kWho.size(); i < csv.size(); ++i) {
    const std::string minute = std::to_string(i - kWho.size() + 1);
    if (trimmed(csv[i]) == minute) continue;
    return tl::unexpected(
        header_error(csv, "column " + std::to_string(i + 1) + " must be the minute '" + minute + "'"));
  }
  file.minutes_ = csv.size() - kWho.size();
  if (file.minutes_ == 0)
    return tl::unexpected(header_error(csv, "no minutes: columns 1, 2, 3, ... are needed"));
  return file;
}

bool AzureInvocations::next(AzureFunction& row) {
  if (!csv_.next() || wrong_width(csv_, kWho.size() + minutes_)) return false;
  row = {csv_[0], csv_[1], csv_[2], csv_[3]};
  return true;
}

bool AzureInvocations::counts(std::vector<std::uint32_t>& per_minute) {
  per_minute.resize(minutes_);
  for (std::size_t i = 0; i < minutes_; ++i) {
    const std::string_view text = trimmed(csv_[kWho.size() + i]);
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), per_minute[i]);
    if (error == std::errc() && stop == text.data() + text.size()) continue;
    csv_.fail_at(kWho.size() + i, "minute " + std::to_string(i + 1) + " is no count of invocations");
    return false;
  }
  return true;
}

tl::expected<AzureDurations, CsvError> AzureDurations::open(ByteSource& source) {
  AzureDurations file(source);
  CsvReader& csv = file.csv_;
  if (auto error = no_header(csv)) return tl::unexpected(*error);
  file.width_ = csv.size();
  std::string_view missing;
  const auto find = [&](std::string_view name) {
    const std::size_t column = column_named(csv, name);
    if (column == kNoColumn && missing.empty()) missing = name;
    return column;
  };
  for (std::size_t i = 0; i < 3; ++i) file.owner_app_function_[i] = find(kWho[i]);
  file.average_ = find("Average");
  file.count_ = find("Count");
  for (std::size_t i = 0; i < kPercentileColumns.size(); ++i)
    file.percentiles_[i] = find(kPercentileColumns[i]);
  if (!missing.empty()) return tl::unexpected(header_error(csv, "no column '" + std::string(missing) + "'"));
  return file;
}

bool AzureDurations::next(AzureFunction& row) {
  if (!csv_.next() || wrong_width(csv_, width_)) return false;
  row = {csv_[owner_app_function_[0]], csv_[owner_app_function_[1]], csv_[owner_app_function_[2]], {}};
  return true;
}

bool AzureDurations::read(std::size_t column, int scale, std::int64_t& value) {
  NumberError error = parse_scaled(csv_[column], scale, value);
  if (error == NumberError::none && value < 0) error = NumberError::out_of_range;
  if (error == NumberError::none) return true;
  csv_.fail_at(column, "this field " + std::string(describe(error)));
  return false;
}

bool AzureDurations::durations(AzureDuration& of) {
  constexpr int kMillisecond = 6;
  if (!read(average_, kMillisecond, of.average_ns) || !read(count_, 0, of.count)) return false;
  std::int64_t below = 0;
  for (std::size_t i = 0; i < percentiles_.size(); ++i) {
    if (!read(percentiles_[i], kMillisecond, of.percentiles_ns[i])) return false;
    if (of.percentiles_ns[i] < below) {
      csv_.fail_at(percentiles_[i], "this percentile is below the one before it");
      return false;
    }
    below = of.percentiles_ns[i];
  }
  return true;
}

}  // namespace spillway
