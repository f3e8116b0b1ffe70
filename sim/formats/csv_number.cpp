// At most 19 significant digits are kept, and whether the next is a half or more: that one counts when the
// kept digits are the result already. Nothing behind it can: halves are rounded away from zero, and were the
// digits themselves needed, the value would not fit into 64 bits.
#include "formats/csv_number.hpp"

#include <array>
#include <charconv>
#include <limits>

namespace spillway {
namespace {

constexpr std::array<std::uint64_t, 20> kPowers = [] {
  std::array<std::uint64_t, 20> powers{1};
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();
constexpr std::uint64_t kFull = kPowers[18];  // a number this large has all 19 digits
constexpr int kFarExponent = 1000;            // beyond any 64-bit number, whatever the digits

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// A number as it is written: digits * 10^exponent.
struct Decimal {
  std::uint64_t digits = 0;
  int exponent = 0;
  bool negative = false;
  bool too_long = false;
  bool half_behind = false;  // the first digit that was not kept is 5 or more
};

NumberError read_exponent(const char*& at, const char* end, int& exponent) {
  ++at;
  if (at < end && *at == '+' && (++at == end || !is_digit(*at))) return NumberError::not_a_number;
  int written = 0;
  const auto [stop, error] = std::from_chars(at, end, written);
  if (error == std::errc::invalid_argument) return NumberError::not_a_number;
  if (error == std::errc::result_out_of_range) written = *at == '-' ? -kFarExponent : kFarExponent;
  at = stop;
  exponent += written < -kFarExponent ? -kFarExponent : written > kFarExponent ? kFarExponent : written;
  return NumberError::none;
}

NumberError read_decimal(std::string_view text, Decimal& number) {
  const char* at = text.data();
  const char* const end = at + text.size();
  if (*at == '-' || *at == '+') number.negative = *at++ == '-';
  const char* const digits = at;
  for (; at < end && is_digit(*at); ++at) {
    number.too_long |= number.digits >= kFull;
    number.digits = number.digits * 10 + static_cast<std::uint64_t>(*at - '0');
  }
  auto seen = at - digits;
  if (at < end && *at == '.') {
    const char* const fraction = ++at;
    bool cut = false;
    for (; at < end && is_digit(*at); ++at) {
      if (number.digits >= kFull) {
        number.half_behind |= !cut && *at >= '5';
        cut = true;
        continue;
      }
      number.digits = number.digits * 10 + static_cast<std::uint64_t>(*at - '0');
      --number.exponent;
    }
    seen += at - fraction;
  }
  if (seen == 0) return NumberError::not_a_number;
  if (at < end && (*at == 'e' || *at == 'E')) {
    if (const NumberError error = read_exponent(at, end, number.exponent); error != NumberError::none)
      return error;
  }
  if (at != end) return NumberError::not_a_number;
  return number.too_long ? NumberError::out_of_range : NumberError::none;
}

/// Days since 1970-01-01 of a day of the Gregorian calendar (H. Hinnant's days_from_civil).
std::int64_t days_since_1970(std::int64_t year, std::int64_t month, std::int64_t day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = year / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

/// Takes `width` digits off the front of `text`.
bool take_number(std::string_view& text, std::size_t width, std::int64_t& value) {
  if (text.size() < width) return false;
  value = 0;
  for (std::size_t i = 0; i < width; ++i) {
    if (!is_digit(text[i])) return false;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(width);
  return true;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

bool take_date(std::string_view& text, std::int64_t& days) {
  std::int64_t year = 0;
  std::int64_t month = 0;
  std::int64_t day = 0;
  if (!take_number(text, 4, year) || !take(text, "-") || !take_number(text, 2, month) || !take(text, "-") ||
      !take_number(text, 2, day)) {
    return false;
  }
  constexpr std::array<std::int64_t, 13> kDays{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12) return false;
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  const std::int64_t last = kDays[static_cast<std::size_t>(month)] + (leap && month == 2 ? 1 : 0);
  if (day < 1 || day > last) return false;
  days = days_since_1970(year, month, day);
  return true;
}

/// A zone ("Z", "+02:00", "+0200", "+02" or nothing) as seconds east of Greenwich.
bool take_zone(std::string_view& text, std::int64_t& east_s) {
  east_s = 0;
  if (text.empty() || take(text, "Zz")) return text.empty();
  const std::int64_t sign = text.front() == '-' ? -1 : 1;
  std::int64_t hours = 0;
  std::int64_t minutes = 0;
  if (!take(text, "+-") || !take_number(text, 2, hours)) return false;
  if (!text.empty()) {
    take(text, ":");
    if (!take_number(text, 2, minutes)) return false;
  }
  east_s = sign * (hours * 3600 + minutes * 60);
  return text.empty() && hours < 24 && minutes < 60;
}

/// Plain decimals of up to 18 characters, which is nearly all there are: they need no look at overflow digit
/// by digit. False: read it the thorough way.
bool parse_short(std::string_view text, int scale, std::int64_t& value) {
  if (text.size() > 18) return false;
  std::uint64_t digits = 0;
  std::size_t point = text.size();
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto digit = static_cast<std::uint64_t>(static_cast<unsigned char>(text[i])) - '0';
    if (digit <= 9) {
      digits = digits * 10 + digit;
    } else if (text[i] == '.' && point == text.size()) {
      point = i;
    } else {
      return false;
    }
  }
  const std::size_t behind = point < text.size() ? text.size() - point - 1 : 0;
  const bool has_digits = text.size() > (point < text.size() ? 1U : 0U);
  if (!has_digits || scale < 0 || static_cast<std::size_t>(scale) < behind) return false;
  const std::size_t shift = static_cast<std::size_t>(scale) - behind;
  std::uint64_t scaled = 0;
  if (shift > 18 || __builtin_mul_overflow(digits, kPowers[shift], &scaled) || scaled > INT64_MAX)
    return false;
  value = static_cast<std::int64_t>(scaled);
  return true;
}

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

NumberError parse_scaled(std::string_view text, int scale, std::int64_t& value) {
  if (parse_short(text, scale, value)) return NumberError::none;
  text = without_blanks(text);
  if (text.empty()) return NumberError::empty;
  Decimal number;
  if (const NumberError error = read_decimal(text, number); error != NumberError::none) return error;
  const int shift = number.exponent + scale;
  std::uint64_t size = number.digits;
  if (size == 0 || shift < -19) {
    value = 0;
    return NumberError::none;
  }
  if (shift > 0) {
    if (shift > 18 || size > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) /
                                 kPowers[static_cast<std::size_t>(shift)]) {
      return NumberError::out_of_range;
    }
    size *= kPowers[static_cast<std::size_t>(shift)];
  } else if (shift < 0) {
    const std::uint64_t power = kPowers[static_cast<std::size_t>(-shift)];
    const std::uint64_t rest = size % power;
    size = size / power + (rest >= power - rest ? 1 : 0);
  } else if (number.half_behind) {
    ++size;
  }
  if (size > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    return NumberError::out_of_range;
  value = number.negative ? -static_cast<std::int64_t>(size) : static_cast<std::int64_t>(size);
  return NumberError::none;
}

NumberError parse_timestamp(std::string_view text, std::int64_t& since_1970_ns) {
  text = without_blanks(text);
  if (text.empty()) return NumberError::empty;
  std::int64_t days = 0;
  std::int64_t hours = 0;
  std::int64_t minutes = 0;
  std::int64_t seconds = 0;
  if (!take_date(text, days) || !take(text, "T t") || !take_number(text, 2, hours) || !take(text, ":") ||
      !take_number(text, 2, minutes) || !take(text, ":") || !take_number(text, 2, seconds)) {
    return NumberError::not_a_number;
  }
  std::int64_t fraction_ns = 0;
  if (!text.empty() && text.front() == '.') {
    std::size_t width = 1;
    while (width < text.size() && is_digit(text[width])) ++width;
    if (width == 1) return NumberError::not_a_number;
    if (parse_scaled(text.substr(0, width), 9, fraction_ns) != NumberError::none)
      return NumberError::not_a_number;
    text.remove_prefix(width);
  }
  std::int64_t east_s = 0;
  if (hours > 23 || minutes > 59 || seconds > 60 || !take_zone(text, east_s))
    return NumberError::not_a_number;
  const std::int64_t whole_s = days * 86400 + hours * 3600 + minutes * 60 + seconds - east_s;
  constexpr std::int64_t kSecond = 1'000'000'000;
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max() / kSecond - 1;
  if (whole_s > kMost || whole_s < -kMost) return NumberError::out_of_range;
  since_1970_ns = whole_s * kSecond + fraction_ns;
  return NumberError::none;
}

std::string_view describe(NumberError error) {
  switch (error) {
    case NumberError::none: return "is a number";
    case NumberError::empty: return "is empty";
    case NumberError::not_a_number: return "is not a number";
    case NumberError::out_of_range: return "is out of range";
  }
  return "";
}

}  // namespace spillway
