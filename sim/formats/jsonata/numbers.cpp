// Printing doubles by ECMAScript's Number::toString: the shortest digits that read back as the same number,
// in fixed notation from 1e-7 to 1e21.
#include "formats/jsonata/numbers.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace spillway::jsonata {

std::string number_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  if (value == 0) return "0";
  if (is_whole(value) && std::abs(value) < 9e15) return fmt::format("{}", static_cast<std::int64_t>(value));
  std::array<char, 40> buffer{};
  const auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), std::abs(value),
                                     std::chars_format::scientific);
  const std::string_view text(buffer.data(), static_cast<std::size_t>(written.ptr - buffer.data()));
  const std::size_t e = text.find('e');
  std::string digits;
  for (const char c : text.substr(0, e)) {
    if (c != '.') digits.push_back(c);
  }
  const int exponent = std::atoi(text.data() + e + 1);
  const int count = static_cast<int>(digits.size());
  std::string out = value < 0 ? "-" : "";
  const auto zeros = [](int n) { return std::string(static_cast<std::size_t>(n), '0'); };
  if (exponent >= 21 || exponent < -6) {
    out += digits[0];
    if (count > 1) out += "." + digits.substr(1);
    return out + fmt::format("e{:+}", exponent);
  }
  if (exponent < 0) return out + "0." + zeros(-exponent - 1) + digits;
  if (exponent + 1 >= count) return out + digits + zeros(exponent + 1 - count);
  digits.insert(static_cast<std::size_t>(exponent) + 1, ".");
  return out + digits;
}

bool is_whole(double value) { return std::isfinite(value) && value == std::floor(value); }

double read_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) {
    const std::size_t e = text.find_first_of("eE");
    const bool small = e != std::string_view::npos && e + 1 < text.size() && text[e + 1] == '-';
    return small ? 0 : std::numeric_limits<double>::infinity() * (text[0] == '-' ? -1 : 1);
  }
  return value;
}

double fifteen_digits(double value) {
  if (!std::isfinite(value) || is_whole(value)) return value;
  return read_number(fmt::format("{:.15g}", value));
}

namespace {

/// value * 10^places by its decimal digits, which a multiplication would not keep.
double shifted(double value, int places) {
  const std::string text = number_text(value);
  const std::size_t e = text.find('e');
  const int exponent = e == std::string::npos ? 0 : std::atoi(text.c_str() + e + 1);
  return read_number(fmt::format("{}e{}", text.substr(0, e), exponent + places));
}

}  // namespace

double round_half_even(double value, int places) {
  if (!std::isfinite(value)) return value;
  if (places != 0) value = shifted(value, places);
  if (!std::isfinite(value)) return value;
  const double below = std::floor(value);
  double result = value - below >= 0.5 ? below + 1 : below;
  if (std::abs(result - value) == 0.5 && std::abs(std::fmod(result, 2)) == 1) result -= 1;
  if (places != 0) result = shifted(result, -places);
  return result == 0 ? 0 : result;
}

}  // namespace spillway::jsonata
