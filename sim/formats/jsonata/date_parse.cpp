// Reading a date by its picture: the picture becomes a regular expression with a group for each marker. Parts
// smaller than what was given default to their least value, larger ones to today's; a gap between is an
// error.
#include <algorithm>
#include <array>
#include <cmath>

#include "formats/jsonata/calendar.hpp"
#include "formats/jsonata/date_picture.hpp"
#include "formats/jsonata/failure.hpp"
#include "formats/jsonata/numbers.hpp"
#include "formats/jsonata/regex.hpp"
#include "formats/jsonata/text.hpp"

namespace spillway::jsonata {
namespace {

constexpr std::string_view kDays[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                      "Friday", "Saturday", "Sunday"};
constexpr std::string_view kMonths[] = {"January",   "February", "March",    "April",
                                        "May",       "June",     "July",     "August",
                                        "September", "October",  "November", "December"};

std::string escaped(std::string_view literal) {
  std::string out;
  for (const char c : literal) {
    if (std::string_view(".*+?^${}()|[]\\").find(c) != std::string_view::npos) out.push_back('\\');
    out.push_back(c);
  }
  return out;
}

[[noreturn]] void incomplete() {
  fail("D3136", "The date/time picture string is missing specifiers required to parse the timestamp");
}

}  // namespace

/// The parts of a time by their letters; NaN where the picture did not give one.
struct DatePicture::Fields {
  std::array<double, 128> value;
  Fields() { value.fill(NAN); }
  double& operator[](char component) { return value[static_cast<std::size_t>(component) & 127U]; }
  bool has(char component) const { return !std::isnan(value[static_cast<std::size_t>(component) & 127U]); }

  /// Whether some of `wanted` are given and none of the rest of `all`. As in the reference, 0 is not given.
  bool only(std::string_view all, std::string_view wanted) {
    bool some = false;
    for (const char c : all) {
      const bool given = has(c) && (*this)[c] != 0;
      const bool allowed = wanted.find(c) != std::string_view::npos;
      if (given && !allowed) return false;
      some = some || given;
    }
    return some;
  }
};

std::string DatePicture::pattern(const Part& part) {
  if (part.component == 0) return escaped(part.literal);
  if (part.component == 'Z' || part.component == 'z') {
    std::string out = part.component == 'z' ? "GMT[-+][0-9]+" : "[-+][0-9]+";
    if (const char32_t sign = part.integer->regular_sign()) {
      append_point(out, sign);
      out += "[0-9]+";
    }
    return out;
  }
  if (part.component == 'f') return "[0-9]+";
  if (part.integer) return part.integer->pattern(part.exact_digits);
  parsed_name(part, {});  // refuses what has no names
  return "[a-zA-Z]+";
}

double DatePicture::parsed(const Part& part, std::string_view text) {
  if (part.component == 'Z' || part.component == 'z') return parsed_zone(part, text);
  if (part.component == 'f') return read_number("0." + std::string(text.substr(0, 3))) * 1000;
  return part.integer ? part.integer->parse(text) : parsed_name(part, text);
}

double DatePicture::parsed_zone(const Part& part, std::string_view text) {
  if (part.component == 'z') text.remove_prefix(3);
  std::string sign;
  if (part.integer->regular_sign()) append_point(sign, part.integer->regular_sign());
  const auto number = [](std::string_view digits) {
    if (!digits.empty() && digits[0] == '+') digits.remove_prefix(1);
    return digits.empty() ? 0 : read_number(digits);
  };
  if (!sign.empty()) {
    const std::size_t cut = text.find(sign);
    return number(text.substr(0, cut)) * 60 + number(text.substr(cut + sign.size()));
  }
  if (text.size() <= 3) return number(text) * 60;
  return number(text.substr(0, 3)) * 60 + number(text.substr(3));
}

double DatePicture::parsed_name(const Part& part, std::string_view text) {
  const auto find = [&](const auto& names) {
    for (std::size_t i = 0; i < std::size(names); ++i) {
      if (names[i].substr(0, part.most.value_or(names[i].size())) == text) return static_cast<double>(i + 1);
    }
    return static_cast<double>(NAN);
  };
  switch (part.component) {
    case 'M':
    case 'x': return find(kMonths);
    case 'F': return find(kDays);
    case 'P': return text == "am" || text == "AM" ? 0 : text == "pm" || text == "PM" ? 1 : NAN;
    default: break;
  }
  fail("D3133",
       "The 'name' modifier can only be applied to months and days in the date/time picture string, not "
       "\"{}\"",
       part.component);
}

std::optional<double> DatePicture::parse(std::string_view text, std::int64_t now_ms) const {
  std::string all = "^";
  for (const Part& part : parts_) {
    all += "(" + pattern(part) + ")";
  }
  const std::string subject = well_formed(text);
  const auto match = Regex(all + "$", true, false).find(subject, 0);
  if (!match) return std::nullopt;
  Fields fields;
  bool any = false;
  std::size_t group = 0;
  for (const Part& part : parts_) {
    // A word as a number is a group of its own without capturing, so groups and parts go together.
    const auto& found = match->groups[group++];
    if (part.component == 0 || !found) continue;
    fields[part.component] = parsed(part, *found);
    any = true;
  }
  if (!any) return std::nullopt;
  constexpr std::string_view kDateParts = "YXMxWwdD";
  const bool by_date = fields.only(kDateParts, "YMD");
  const bool by_day = !by_date && fields.only(kDateParts, "Yd");
  const bool by_month_week = fields.only(kDateParts, "Xxw");
  const bool by_week = !by_month_week && fields.only(kDateParts, "XW");
  const bool half_days = !fields.only("PHhmsf", "Hmsf") && fields.only("PHhmsf", "Phmsf");
  const std::string_view date = by_day ? "YD" : by_month_week ? "XxwF" : by_week ? "XWF" : "YMD";
  bool started = false;
  bool ended = false;
  for (const char c : std::string(date) + (half_days ? "Phmsf" : "Hmsf")) {
    if (fields.has(c)) {
      started = true;
      if (ended) incomplete();
    } else if (started) {
      fields[c] = c == 'M' || c == 'D' || c == 'd' ? 1 : 0;
      ended = true;
    } else {
      fields[c] = static_cast<double>(date_component(now_ms, c));
    }
  }
  if (by_month_week || by_week) incomplete();  // the reference does not read weeks either
  if (half_days) fields['H'] = (fields['h'] == 12 ? 0 : fields['h']) + (fields['P'] == 1 ? 12 : 0);
  const double month = by_day ? 1 : fields.has('M') && fields['M'] > 0 ? fields['M'] : 1;
  const double day = by_day ? fields['d'] : fields['D'];
  double year = fields['Y'];
  for (const double field : {year, month, day, fields['H'], fields['m'], fields['s'], fields['f']}) {
    if (!(std::abs(field) < 1e9)) fail("D3136", "The timestamp has a part that is out of range");
  }
  if (year >= 0 && year <= 99) year += 1900;  // as JavaScript's Date.UTC reads it
  const auto days = static_cast<double>(unix_ms(
      static_cast<std::int64_t>(year), static_cast<std::int64_t>(month), static_cast<std::int64_t>(day)));
  const double zone = fields.has('Z') && fields['Z'] != 0 ? fields['Z'] : fields.has('z') ? fields['z'] : 0;
  return days + fields['H'] * 3'600'000 + fields['m'] * 60'000 + fields['s'] * 1000 +
         std::trunc(fields['f']) - zone * 60'000;
}

}  // namespace spillway::jsonata
