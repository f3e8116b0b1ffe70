// Files of samples: one number a line, or one column of a CSV file with a header. Small files that are read
// whole, as the samples are; traffic is streamed by other code.

#include <charconv>
#include <cmath>
#include <string>
#include <vector>

#include <fmt/format.h>
#include "scenario/resolve.hpp"

namespace spillway {

namespace {

constexpr std::size_t kMostSamples = 10'000'000;

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::string_view bare(std::string_view field) {
  while (field.starts_with(' ') || field.starts_with('\t')) field.remove_prefix(1);
  while (field.ends_with(' ') || field.ends_with('\t')) field.remove_suffix(1);
  if (field.size() >= 2 && field.starts_with('"') && field.ends_with('"'))
    field = field.substr(1, field.size() - 2);
  return field;
}

/// The field of that index; commas inside quotes do not count. Nothing when the line is too short.
std::optional<std::string_view> field_of(std::string_view line, std::size_t index) {
  std::size_t begin = 0;
  bool quoted = false;
  for (std::size_t i = 0; i <= line.size(); ++i) {
    if (i < line.size() && line[i] == '"') quoted = !quoted;
    if (i < line.size() && (line[i] != ',' || quoted)) continue;
    if (index == 0) return bare(line.substr(begin, i - begin));
    --index;
    begin = i + 1;
  }
  return std::nullopt;
}

std::optional<std::size_t> find_column(std::string_view header, std::string_view column) {
  for (std::size_t index = 0;; ++index) {
    const std::optional<std::string_view> name = field_of(header, index);
    if (!name) return std::nullopt;
    if (*name == column) return index;
  }
}

}  // namespace

tl::expected<std::vector<double>, SamplesError> read_samples(std::string_view text, std::string_view column,
                                                             double unit) {
  const auto refuse = [](std::uint32_t line, std::string why) {
    return tl::unexpected(SamplesError{line, std::move(why)});
  };
  std::vector<double> numbers;
  std::size_t index = 0;
  bool header = !column.empty();
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  for (std::uint32_t row = 1; !text.empty(); ++row) {
    const std::string_view line = take_line(text);
    if (bare(line).empty() || line.starts_with('#')) continue;
    if (header) {
      const std::optional<std::size_t> found = find_column(line, column);
      if (!found) return refuse(row, fmt::format("there is no column '{}'", column));
      index = *found;
      header = false;
      continue;
    }
    const std::optional<std::string_view> field = field_of(line, index);
    if (!field) return refuse(row, "the row is too short");
    double number = 0;
    const auto [end, error] = std::from_chars(field->data(), field->data() + field->size(), number);
    if (error != std::errc{} || end != field->data() + field->size() || !std::isfinite(number * unit)) {
      return refuse(row, fmt::format("'{}' is not a number", field->substr(0, 40)));
    }
    if (number < 0 && unit != 1) return refuse(row, "a sample is negative");
    if (numbers.size() == kMostSamples) return refuse(row, fmt::format("more than {} samples", kMostSamples));
    numbers.push_back(number * unit);
  }
  if (numbers.empty()) return refuse(0, "it holds no numbers");
  return numbers;
}

}  // namespace spillway
