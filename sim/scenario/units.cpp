#include "scenario/units.hpp"

// A quantity is a decimal and a unit. The decimal is kept as an integer and a power of ten, so that 0.1s is
// exactly 100,000,000 ns: multiplied by the unit in 128 bits, then divided, and refused when a remainder is
// left.

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include <fmt/format.h>

namespace spillway {

namespace {

__extension__ using Wide = __int128;

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

struct Unit {
  std::string_view name;
  std::int64_t size;
};

constexpr std::array kDurations{Unit{"d", 86'400'000'000'000},
                                Unit{"h", 3'600'000'000'000},
                                Unit{"m", 60'000'000'000},
                                Unit{"s", 1'000'000'000},
                                Unit{"ms", 1'000'000},
                                Unit{"us", 1'000},
                                Unit{"ns", 1}};

constexpr std::array kBytes{Unit{"TiB", std::int64_t{1} << 40U},
                            Unit{"GiB", std::int64_t{1} << 30U},
                            Unit{"MiB", std::int64_t{1} << 20U},
                            Unit{"KiB", std::int64_t{1} << 10U},
                            Unit{"TB", 1'000'000'000'000},
                            Unit{"GB", 1'000'000'000},
                            Unit{"MB", 1'000'000},
                            Unit{"KB", 1'000},
                            Unit{"B", 1}};

constexpr std::array kPeriods{Unit{"s", 1}, Unit{"m", 60}, Unit{"h", 3'600}, Unit{"d", 86'400}};

/// What people write for a unit, and the unit they mean.
struct Alias {
  std::string_view written;
  std::string_view meant;
};

constexpr std::array kDurationAliases{
    Alias{"sec", "s"},         Alias{"secs", "s"},          Alias{"second", "s"},
    Alias{"seconds", "s"},     Alias{"min", "m"},           Alias{"mins", "m"},
    Alias{"minute", "m"},      Alias{"minutes", "m"},       Alias{"hr", "h"},
    Alias{"hrs", "h"},         Alias{"hour", "h"},          Alias{"hours", "h"},
    Alias{"day", "d"},         Alias{"days", "d"},          Alias{"msec", "ms"},
    Alias{"millis", "ms"},     Alias{"\u00B5s", "us"},      Alias{"\u03BCs", "us"},
    Alias{"usec", "us"},       Alias{"microseconds", "us"}, Alias{"milliseconds", "ms"},
    Alias{"nanoseconds", "ns"}};

constexpr std::array kByteAliases{
    Alias{"k", "KiB"},   Alias{"m", "MiB"},   Alias{"g", "GiB"},   Alias{"t", "TiB"},  Alias{"ki", "KiB"},
    Alias{"mi", "MiB"},  Alias{"gi", "GiB"},  Alias{"ti", "TiB"},  Alias{"byte", "B"}, Alias{"bytes", "B"},
    Alias{"b", "B"},     Alias{"kb", "KB"},   Alias{"mb", "MB"},   Alias{"gb", "GB"},  Alias{"tb", "TB"},
    Alias{"kib", "KiB"}, Alias{"mib", "MiB"}, Alias{"gib", "GiB"}, Alias{"tib", "TiB"}};

constexpr std::array kPeriodAliases{Alias{"sec", "s"},    Alias{"second", "s"}, Alias{"min", "m"},
                                    Alias{"minute", "m"}, Alias{"hour", "h"},   Alias{"day", "d"}};

struct Family {
  std::string_view noun;
  std::string_view separator;  ///< between number and unit when written
  std::string_view usual;      ///< the unit most often meant when none is written
  std::string_view names;      ///< all units, for the message
  std::span<const Unit> units;
  std::span<const Alias> aliases;
};

constexpr Family kDuration{"a duration", "", "s", "ns, us, ms, s, m, h, d", kDurations, kDurationAliases};
constexpr Family kSize{"a size", "", "MiB", "B, KiB, MiB, GiB, TiB, KB, MB, GB, TB", kBytes, kByteAliases};
constexpr Family kRate{"a rate", "/", "s", "/s, /m, /h, /d", kPeriods, kPeriodAliases};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

std::string lowered(std::string_view text) {
  std::string low{text};
  for (char& c : low) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return low;
}

UnitError wrong(Rule rule, std::string message, std::string suggestion = {}) {
  return {rule, std::move(message), std::move(suggestion)};
}

/// A decimal as it is written: digits with single underscores between them and one point among them.
struct Decimal {
  std::string digits;     ///< without underscores and point
  std::size_t scale = 0;  ///< how many of them stand after the point
  std::string_view text;  ///< as written
};

std::optional<Decimal> take_decimal(std::string_view& text) {
  Decimal decimal;
  bool point = false;
  std::size_t i = 0;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    const bool between = i > 0 && is_digit(text[i - 1]) && i + 1 < text.size() && is_digit(text[i + 1]);
    if (is_digit(c)) {
      decimal.digits += c;
      if (point) ++decimal.scale;
    } else if (c == '.' && between && !point) {
      point = true;
    } else if (c != '_' || !between) {
      break;
    }
  }
  if (decimal.digits.empty()) return std::nullopt;
  decimal.text = text.substr(0, i);
  text.remove_prefix(i);
  return decimal;
}

/// The decimal times the unit as an integer; nothing is rounded.
Parsed<std::int64_t> scaled(Decimal decimal, std::int64_t unit, std::string_view noun,
                            std::string_view finest) {
  while (decimal.scale > 0 && decimal.digits.back() == '0') {
    decimal.digits.pop_back();
    --decimal.scale;
  }
  constexpr std::size_t kFinest = 18;
  if (decimal.scale > kFinest) {
    return tl::unexpected(wrong(Rule::overflow, fmt::format("{} is kept in whole {}", noun, finest)));
  }
  Wide value = 0;
  for (const char c : decimal.digits) {
    value = value * 10 + (c - '0');
    if (value > Wide{kMost} * 1'000'000) {
      return tl::unexpected(wrong(Rule::overflow, fmt::format("{} is too large for {}", decimal.text, noun)));
    }
  }
  // The digits and the unit are both below 2^63 * 10^6 and 2^47, so cut the common powers of ten before
  // multiplying.
  Wide factor = unit;
  Wide divisor = 1;
  for (std::size_t i = 0; i < decimal.scale; ++i) divisor *= 10;
  while (divisor > 1 && factor % 10 == 0) {
    factor /= 10;
    divisor /= 10;
  }
  if (value > 0 && factor > (Wide{kMost} * 1'000'000'000'000'000'000) / value) {
    return tl::unexpected(wrong(Rule::overflow, fmt::format("{} is too large for {}", decimal.text, noun)));
  }
  const Wide product = value * factor;
  if (product % divisor != 0) {
    return tl::unexpected(wrong(Rule::overflow, fmt::format("{} is kept in whole {}", noun, finest)));
  }
  if (product / divisor > Wide{kMost}) {
    return tl::unexpected(wrong(Rule::overflow, fmt::format("{} is too large for {}", decimal.text, noun)));
  }
  return static_cast<std::int64_t>(product / divisor);
}

const Unit* find_unit(const Family& family, std::string_view name) {
  const auto* const begin = family.units.data();
  const auto* const end = begin + family.units.size();
  const auto* const found = std::find_if(begin, end, [&](const Unit& unit) { return unit.name == name; });
  return found == end ? nullptr : found;
}

/// The unit that was probably meant, or empty.
std::string_view meant_unit(const Family& family, std::string_view name) {
  const std::string low = lowered(name);
  for (const Unit& unit : family.units) {
    if (lowered(unit.name) == low) return unit.name;
  }
  for (const Alias& alias : family.aliases) {
    if (alias.written == low) return alias.meant;
  }
  return {};
}

std::string_view take_word(std::string_view& text) {
  std::size_t i = 0;
  while (i < text.size() && !is_digit(text[i]) && text[i] != ' ' && text[i] != '.' && text[i] != '-') ++i;
  const std::string_view word = text.substr(0, i);
  text.remove_prefix(i);
  return word;
}

UnitError malformed(const Family& family, std::string_view text) {
  if (text.starts_with('-') && text.size() > 1 && is_digit(text[1])) {
    return wrong(Rule::negative, fmt::format("{} cannot be negative", family.noun));
  }
  return wrong(Rule::bad_quantity,
               fmt::format("'{}' is not {}: write a number and one of {}", text, family.noun, family.names));
}

UnitError unknown_unit(const Family& family, const Decimal& decimal, std::string_view unit) {
  const std::string_view meant = meant_unit(family, unit);
  std::string suggestion;
  if (!meant.empty()) suggestion = fmt::format("{}{}{}", decimal.text, family.separator, meant);
  return wrong(Rule::bad_quantity,
               fmt::format("'{}' is not a unit of {}: one of {}", unit, family.noun, family.names),
               suggestion);
}

UnitError unitless(const Family& family, std::string_view number) {
  return wrong(Rule::missing_unit, fmt::format("{} needs a unit", family.noun),
               fmt::format("{}{}{}", number, family.separator, family.usual));
}

std::string without_underscores(std::string_view text) {
  std::string plain{text};
  std::erase(plain, '_');
  return plain;
}

/// Correctly rounded, with the power of ten applied before rounding; nothing when it is not finite.
std::optional<double> to_double(std::string_view number, int power) {
  const std::string text =
      power == 0 ? without_underscores(number) : fmt::format("{}e{}", without_underscores(number), power);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::string print_quantity(std::int64_t value, std::span<const Unit> units) {
  for (const Unit& unit : units) {
    if (value != 0 && value % unit.size == 0) return fmt::format("{}{}", value / unit.size, unit.name);
  }
  return fmt::format("{}{}", value, units.back().name);
}

bool is_whole(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c) || c == '_'; });
}

}  // namespace

Parsed<std::int64_t> parse_duration(std::string_view text) {
  std::string_view rest = trimmed(text);
  const std::string_view whole = rest;
  std::int64_t total = 0;
  std::int64_t last = kMost;
  if (rest.empty()) return tl::unexpected(malformed(kDuration, whole));
  while (!rest.empty()) {
    const std::optional<Decimal> decimal = take_decimal(rest);
    if (!decimal) return tl::unexpected(malformed(kDuration, whole));
    if (rest.empty() && last == kMost) return tl::unexpected(unitless(kDuration, decimal->text));
    while (rest.starts_with(' ')) rest.remove_prefix(1);
    const std::string_view name = take_word(rest);
    if (name.empty()) return tl::unexpected(malformed(kDuration, whole));
    const Unit* unit = find_unit(kDuration, name);
    if (unit == nullptr) return tl::unexpected(unknown_unit(kDuration, *decimal, name));
    if (unit->size >= last) {
      return tl::unexpected(
          wrong(Rule::bad_quantity, fmt::format("'{}' is not a duration: its units must go from "
                                                "large to small, each once",
                                                whole)));
    }
    last = unit->size;
    const Parsed<std::int64_t> part = scaled(*decimal, unit->size, kDuration.noun, "nanoseconds");
    if (!part) return part;
    if (*part > kMost - total)
      return tl::unexpected(wrong(Rule::overflow, fmt::format("{} is too large for a duration", whole)));
    total += *part;
    while (rest.starts_with(' ')) rest.remove_prefix(1);
  }
  return total;
}

Parsed<std::int64_t> parse_bytes(std::string_view text) {
  std::string_view rest = trimmed(text);
  const std::string_view whole = rest;
  const std::optional<Decimal> decimal = take_decimal(rest);
  if (!decimal) return tl::unexpected(malformed(kSize, whole));
  const std::string_view name = trimmed(rest);
  if (name.empty()) return tl::unexpected(unitless(kSize, decimal->text));
  const Unit* unit = find_unit(kSize, name);
  if (unit == nullptr) return tl::unexpected(unknown_unit(kSize, *decimal, name));
  return scaled(*decimal, unit->size, kSize.noun, "bytes");
}

Parsed<double> parse_rate(std::string_view text) {
  const std::string_view whole = trimmed(text);
  const std::size_t slash = whole.find('/');
  const std::string_view number = trimmed(whole.substr(0, slash));
  if (slash == std::string_view::npos) {
    std::string_view rest = number;
    const std::optional<Decimal> decimal = take_decimal(rest);
    if (!decimal) return tl::unexpected(malformed(kRate, whole));
    if (rest.empty() || lowered(trimmed(rest)) == "rps" || lowered(trimmed(rest)) == "tps") {
      return tl::unexpected(unitless(kRate, decimal->text));
    }
    return tl::unexpected(malformed(kRate, whole));
  }
  if (number.starts_with('-')) return tl::unexpected(malformed(kRate, whole));
  const std::optional<double> events = looks_like_number(number) ? to_double(number, 0) : std::nullopt;
  if (!events) return tl::unexpected(malformed(kRate, whole));
  const std::string_view name = trimmed(whole.substr(slash + 1));
  const Unit* unit = find_unit(kRate, name);
  if (unit == nullptr) return tl::unexpected(unknown_unit(kRate, Decimal{{}, 0, number}, name));
  return *events / static_cast<double>(unit->size);
}

Parsed<double> parse_probability(std::string_view text) {
  std::string_view rest = trimmed(text);
  const bool percent = rest.ends_with('%');
  if (percent) rest.remove_suffix(1);
  rest = trimmed(rest);
  if (!looks_like_number(rest)) {
    return tl::unexpected(
        wrong(Rule::bad_quantity, fmt::format("'{}' is not a probability: write 0.05 or 5 %", text)));
  }
  if (rest.starts_with('-')) return tl::unexpected(wrong(Rule::negative, "a probability cannot be negative"));
  const bool exponent = rest.find_first_of("eE") != std::string_view::npos;
  const std::optional<double> value = percent && exponent ? std::nullopt : to_double(rest, percent ? -2 : 0);
  if (!value)
    return tl::unexpected(wrong(Rule::bad_quantity, fmt::format("'{}' is not a probability", text)));
  return *value;
}

Parsed<std::int64_t> parse_count(std::string_view text) {
  std::string_view rest = trimmed(text);
  const std::string_view whole = rest;
  if (whole.starts_with('-') && is_whole(whole.substr(1))) {
    return tl::unexpected(wrong(Rule::negative, "a count cannot be negative"));
  }
  const std::optional<Decimal> decimal = take_decimal(rest);
  if (!decimal || !rest.empty() || decimal->scale > 0) {
    std::string suggestion;
    if (decimal && decimal->scale == 0 && (rest == "k" || rest == "K")) suggestion = decimal->digits + "000";
    if (decimal && decimal->scale == 0 && rest == "M") suggestion = decimal->digits + "000000";
    return tl::unexpected(wrong(Rule::bad_quantity,
                                fmt::format("'{}' is not a whole number, such as 1000 or 1_000", whole),
                                suggestion));
  }
  if (decimal->digits.size() > 1 && decimal->digits.front() == '0') {
    const std::size_t first = std::min(decimal->digits.find_first_not_of('0'), decimal->digits.size() - 1);
    return tl::unexpected(
        wrong(Rule::leading_zero, "a number must not begin with a zero", decimal->digits.substr(first)));
  }
  return scaled(*decimal, 1, "a count", "units");
}

Parsed<double> parse_number(std::string_view text) {
  const std::string_view whole = trimmed(text);
  const std::optional<double> value = looks_like_number(whole) ? to_double(whole, 0) : std::nullopt;
  if (!value) return tl::unexpected(wrong(Rule::bad_quantity, fmt::format("'{}' is not a number", whole)));
  const std::string_view digits = whole.starts_with('-') ? whole.substr(1) : whole;
  if (digits.size() > 1 && digits[0] == '0' && is_digit(digits[1])) {
    return tl::unexpected(wrong(Rule::leading_zero, "a number must not begin with a zero"));
  }
  return *value;
}

bool is_implicit_boolean(std::string_view text) {
  const std::string low = lowered(text);
  constexpr std::array<std::string_view, 4> kWords{"yes", "no", "on", "off"};
  if (std::find(kWords.begin(), kWords.end(), low) != kWords.end()) return true;
  return text == "y" || text == "n" || text == "Y" || text == "N" || text == "True" || text == "TRUE" ||
         text == "False" || text == "FALSE";
}

bool looks_like_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const std::optional<Decimal> decimal = take_decimal(text);
  if (!decimal) return false;
  if (text.empty()) return true;
  if (text.front() != 'e' && text.front() != 'E') return false;
  text.remove_prefix(1);
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  return !text.empty() && text.size() <= 4 && std::all_of(text.begin(), text.end(), is_digit);
}

std::string print_duration(std::int64_t nanoseconds) {
  if (nanoseconds == 0) return "0s";
  return print_quantity(nanoseconds, kDurations);
}

std::string print_bytes(std::int64_t bytes) { return print_quantity(bytes, kBytes); }

std::string print_rate(double per_second) { return print_number(per_second) + "/s"; }

/// fmt prints the shortest digits that read back as the same double; a whole number goes without ".0".
std::string print_number(double number) {
  std::string text = fmt::format("{}", number);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

}  // namespace spillway
