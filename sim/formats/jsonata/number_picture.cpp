// $formatNumber: a number by a picture such as "#,##0.00", as XPath's fn:format-number has it.
// Source: XPath and XQuery Functions and Operators 3.1, section 4.7 (2017). Where the reference
// implementation departs from it, the reference is followed, since AWS runs it.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "formats/jsonata/failure.hpp"
#include "formats/jsonata/numbers.hpp"
#include "formats/jsonata/text.hpp"

namespace spillway::jsonata {
namespace {

constexpr std::size_t kNone = std::u32string::npos;

std::u32string points(std::string_view text) {
  std::u32string out;
  for (std::size_t at = 0; at < text.size();) out.push_back(next_point(text, at));
  return out;
}

std::string bytes(const std::u32string& text) {
  std::string out;
  for (const char32_t point : text) append_point(out, point);
  return out;
}

/// The characters that have a meaning in pictures; options may replace them.
struct Symbols {
  char32_t decimal = '.';
  char32_t grouping = ',';
  char32_t exponent = 'e';
  char32_t percent = '%';
  char32_t per_mille = 0x2030;
  char32_t zero = '0';
  char32_t digit = '#';
  char32_t separator = ';';
  std::u32string minus = U"-";

  explicit Symbols(const std::vector<std::pair<std::string, std::string>>& options) {
    const std::pair<std::string_view, char32_t*> kNames[] = {{"decimal-separator", &decimal},
                                                             {"grouping-separator", &grouping},
                                                             {"exponent-separator", &exponent},
                                                             {"percent", &percent},
                                                             {"per-mille", &per_mille},
                                                             {"zero-digit", &zero},
                                                             {"digit", &digit},
                                                             {"pattern-separator", &separator}};
    for (const auto& [name, value] : options) {
      const std::u32string text = points(value);
      if (name == "minus-sign") minus = text;
      for (const auto& [known, symbol] : kNames) {
        if (name == known && !text.empty()) *symbol = text[0];
      }
    }
  }
  bool is_digit(char32_t c) const { return c >= zero && c < zero + 10; }
  bool is_place(char32_t c) const { return is_digit(c) || c == digit; }
  bool is_active(char32_t c) const {
    return is_place(c) || c == decimal || c == exponent || c == grouping || c == separator;
  }
};

std::size_t count_digits(const std::u32string& text, const Symbols& symbols) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [&](char32_t c) { return symbols.is_digit(c); }));
}

std::size_t count_places(const std::u32string& text, const Symbols& symbols) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [&](char32_t c) { return symbols.is_place(c); }));
}

struct Picture {
  std::u32string whole, prefix, suffix, active, mantissa, exponent, integer, fraction;
  bool has_exponent = false;
  std::vector<std::size_t> integer_groups, fraction_groups;
  std::size_t interval = 0;
  std::size_t least_integer = 0, scaling = 0, least_fraction = 0, most_fraction = 0, least_exponent = 0;

  Picture(const std::u32string& picture, const Symbols& symbols) : whole(picture) {
    split(symbols);
    check(symbols);
    analyse(symbols);
  }

 private:
  void split(const Symbols& s);
  void check(const Symbols& s) const;
  void check_digits(const Symbols& s) const;
  void analyse(const Symbols& s);
  std::vector<std::size_t> groups(const std::u32string& part, bool fractional, const Symbols& s) const;
};

void Picture::split(const Symbols& s) {
  const auto active_at = [&](char32_t c) { return s.is_active(c) && c != s.exponent; };
  const auto first = std::find_if(whole.begin(), whole.end(), active_at);
  const auto last = std::find_if(whole.rbegin(), whole.rend(), active_at).base();
  if (first != whole.end()) {
    prefix.assign(whole.begin(), first);
    suffix.assign(last, whole.end());
  }
  active = whole.substr(prefix.size(), whole.size() - suffix.size() - prefix.size());
  const std::size_t at = whole.find(s.exponent, prefix.size());
  mantissa = active;
  if (at != kNone && at <= whole.size() - suffix.size()) {
    has_exponent = true;
    mantissa = active.substr(0, at);  // the reference counts from the picture's start, prefix included
    exponent = at + 1 < active.size() ? active.substr(at + 1) : U"";
  }
  const std::size_t point = mantissa.find(s.decimal);
  integer = mantissa.substr(0, point);
  fraction = point == kNone ? suffix : mantissa.substr(point + 1);
}

void Picture::check(const Symbols& s) const {
  const auto twice = [&](char32_t c) { return whole.find(c) != whole.rfind(c); };
  const auto has = [&](char32_t c) { return whole.find(c) != kNone; };
  check_digits(s);
  if (has_exponent && !exponent.empty() && (has(s.percent) || has(s.per_mille))) {
    fail("D3092", "A percent or per-mille picture cannot have an exponent");
  }
  const std::size_t point = whole.find(s.decimal);
  if (whole.find(std::u32string(2, s.grouping)) != kNone) {
    fail("D3089", "The sub-picture must not contain two adjacent grouping separators");
  }
  if (point != kNone) {
    const bool before = point > 0 && whole[point - 1] == s.grouping;
    if (before || (point + 1 < whole.size() && whole[point + 1] == s.grouping)) {
      fail("D3087", "The sub-picture must not have a grouping separator beside the decimal separator");
    }
  } else if (!integer.empty() && integer.back() == s.grouping) {
    fail("D3088", "The sub-picture must not have a grouping separator at the end of its integer part");
  }
  if (!std::all_of(active.begin(), active.end(), [&](char32_t c) { return s.is_active(c); })) {
    fail("D3086", "The sub-picture must not have other characters between those that stand for the number");
  }
  if (count_places(mantissa, s) == 0) fail("D3085", "The sub-picture must contain at least one digit");
  if (has(s.percent) && has(s.per_mille)) {
    fail("D3084", "The sub-picture must not contain both a percent and a per-mille sign");
  }
  if (twice(s.per_mille)) fail("D3083", "The sub-picture must not contain more than one per-mille sign");
  if (twice(s.percent)) fail("D3082", "The sub-picture must not contain more than one percent sign");
  if (twice(s.decimal)) fail("D3081", "The sub-picture must not contain more than one decimal separator");
}

void Picture::check_digits(const Symbols& s) const {
  if (has_exponent && (exponent.empty() || count_digits(exponent, s) < exponent.size())) {
    fail("D3093", "The exponent part of the sub-picture must consist of digits");
  }
  const std::size_t last = fraction.rfind(s.digit);
  if (last != kNone && count_digits(fraction.substr(last), s) > 0) {
    fail("D3091", "In the fractional part of the sub-picture, digits must precede optional digits");
  }
  const std::size_t first = integer.find(s.digit);
  if (first != kNone && count_digits(integer.substr(0, first), s) > 0) {
    fail("D3090", "In the integer part of the sub-picture, optional digits must precede digits");
  }
}

std::vector<std::size_t> Picture::groups(const std::u32string& part, bool fractional,
                                         const Symbols& s) const {
  std::vector<std::size_t> positions;
  for (std::size_t at = part.find(s.grouping); at != kNone;) {
    const std::size_t cut = std::min(at, part.size());
    positions.push_back(count_places(fractional ? part.substr(0, cut) : part.substr(cut), s));
    at = integer.find(s.grouping, at + 1);  // the reference searches on in the integer part
  }
  return positions;
}

void Picture::analyse(const Symbols& s) {
  integer_groups = groups(integer, false, s);
  fraction_groups = groups(fraction, true, s);
  std::size_t factor = 0;
  for (const std::size_t position : integer_groups) factor = std::gcd(factor, position);
  interval = factor;
  for (std::size_t i = 1; i <= integer_groups.size(); ++i) {
    if (std::find(integer_groups.begin(), integer_groups.end(), i * factor) == integer_groups.end())
      interval = 0;
  }
  least_integer = scaling = count_digits(integer, s);
  least_fraction = count_digits(fraction, s);
  most_fraction = count_places(fraction, s);
  if (least_integer == 0 && most_fraction == 0) {
    if (has_exponent) {
      least_fraction = most_fraction = 1;
    } else {
      least_integer = 1;
    }
  }
  if (has_exponent && least_integer == 0 && integer.find(s.digit) != kNone) least_integer = 1;
  if (least_integer == 0 && least_fraction == 0) least_fraction = 1;
  if (has_exponent) least_exponent = count_digits(exponent, s);
}

std::u32string digits_of(double value, std::size_t places, const Symbols& s) {
  const double size = std::abs(value);
  const std::string text =
      size >= 1e21 ? number_text(size) : fmt::format("{:.{}f}", size, std::min<std::size_t>(places, 100));
  std::u32string out(text.begin(), text.end());
  for (char32_t& c : out) {
    if (c >= '0' && c <= '9') c = s.zero + (c - '0');
  }
  return out;
}

/// The mantissa's digits around the decimal separator, padded and grouped.
std::u32string mantissa_text(double value, const Picture& picture, const Symbols& s) {
  std::u32string text = digits_of(value, picture.most_fraction, s);
  const std::size_t dot = text.find(U'.');
  if (dot == kNone) {
    text.push_back(s.decimal);
  } else {
    text[dot] = s.decimal;
  }
  text.erase(0, std::min(text.find_first_not_of(s.zero), text.size()));
  text.erase(text.find_last_not_of(s.zero) + 1);
  std::size_t point = std::min(text.find(s.decimal), text.size());
  if (point < picture.least_integer) text.insert(0, picture.least_integer - point, s.zero);
  point = std::min(text.find(s.decimal), text.size() - 1);
  const std::size_t fraction = text.size() - point - 1;
  if (fraction < picture.least_fraction) text.append(picture.least_fraction - fraction, s.zero);
  if (picture.interval > 0) {
    for (std::size_t at = point; at > picture.interval;) {
      at -= picture.interval;
      text.insert(at, 1, s.grouping);
    }
  } else {
    for (const std::size_t position : picture.integer_groups) {
      text.insert(point > position ? point - position : 0, 1, s.grouping);
      ++point;
    }
  }
  point = text.find(s.decimal);
  for (const std::size_t position : picture.fraction_groups) {
    text.insert(std::min(text.size(), point + 1 + position), 1, s.grouping);
  }
  point = text.find(s.decimal);
  if (picture.whole.find(s.decimal) == kNone || point == text.size() - 1) text.pop_back();
  return text;
}

}  // namespace

std::string format_number(double value, std::string_view picture,
                          const std::vector<std::pair<std::string, std::string>>& options) {
  const Symbols symbols(options);
  const std::u32string all = points(picture);
  std::vector<Picture> pictures;
  if (std::count(all.begin(), all.end(), symbols.separator) > 1) {
    fail("D3080", "The picture string must only contain a maximum of two sub-pictures");
  }
  const std::size_t cut = all.find(symbols.separator);
  pictures.emplace_back(all.substr(0, cut), symbols);
  if (cut != kNone) {
    pictures.emplace_back(all.substr(cut + 1), symbols);
  } else {
    pictures.push_back(pictures[0]);
    pictures[1].prefix = symbols.minus + pictures[1].prefix;
  }
  const Picture& chosen = pictures[value >= 0 ? 0 : 1];
  if (chosen.whole.find(symbols.percent) != kNone) {
    value *= 100;
  } else if (chosen.whole.find(symbols.per_mille) != kNone) {
    value *= 1000;
  }
  int exponent = 0;
  if (chosen.least_exponent > 0 && value != 0 && std::isfinite(value)) {
    const double most = read_number(fmt::format("1e{}", chosen.scaling));
    const double least = read_number(fmt::format("1e{}", static_cast<int>(chosen.scaling) - 1));
    for (; std::abs(value) < least; --exponent) value *= 10;
    for (; std::abs(value) > most; ++exponent) value /= 10;
  }
  const int places = static_cast<int>(std::min<std::size_t>(chosen.most_fraction, 1000));
  std::u32string text = mantissa_text(round_half_even(value, places), chosen, symbols);
  if (chosen.least_exponent > 0) {
    std::u32string digits = digits_of(exponent, 0, symbols);
    if (digits.size() < chosen.least_exponent) {
      digits.insert(0, chosen.least_exponent - digits.size(), symbols.zero);
    }
    text.push_back(symbols.exponent);
    text += (exponent < 0 ? symbols.minus : std::u32string()) + digits;
  }
  return bytes(chosen.prefix + text + chosen.suffix);
}

}  // namespace spillway::jsonata
