#include "formats/jsonata/date_picture.hpp"

#include <algorithm>
#include <charconv>

#include "formats/jsonata/calendar.hpp"
#include "formats/jsonata/failure.hpp"
#include "formats/jsonata/numbers.hpp"
#include "formats/jsonata/text.hpp"

namespace spillway::jsonata {
namespace {

constexpr std::string_view kDays[] = {"",         "Monday", "Tuesday",  "Wednesday",
                                      "Thursday", "Friday", "Saturday", "Sunday"};
constexpr std::string_view kMonths[] = {"",        "January",  "February", "March",  "April",
                                        "May",     "June",     "July",     "August", "September",
                                        "October", "November", "December"};
constexpr std::string_view kIntegers = "YMDdFWwXxHhmsf";

/// How a component is presented when its marker does not say.
std::string_view default_modifier(char component) {
  switch (component) {
    case 'F':
    case 'P':
    case 'C':
    case 'E': return "n";
    case 'm':
    case 's': return "01";
    case 'Z':
    case 'z': return "01:01";
    default: return kIntegers.find(component) != std::string_view::npos ? "1" : "";
  }
}

std::optional<std::size_t> width_of(std::string_view text) {
  std::size_t width = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), width);
  return error == std::errc{} && width < 1000 ? std::optional(width) : std::nullopt;
}

}  // namespace

DatePicture::DatePicture(std::string_view picture) {
  std::size_t start = 0;
  for (std::size_t at = 0; at < picture.size(); ++at) {
    if (picture[at] != '[') continue;
    add_literal(picture.substr(start, at - start));
    if (picture.substr(at, 2) == "[[") {
      add_literal("[");
      start = ++at + 1;
      continue;
    }
    const std::size_t close = picture.find(']', at);
    if (close == std::string_view::npos) {
      fail("D3135", "No matching closing bracket ']' in date/time picture string");
    }
    add_marker(picture.substr(at + 1, close - at - 1));
    at = close;
    start = close + 1;
  }
  if (start < picture.size()) add_literal(picture.substr(start));
}

void DatePicture::add_literal(std::string_view text) {
  if (text.empty()) return;
  Part part;
  for (std::size_t at = 0; at < text.size(); ++at) {
    part.literal.push_back(text[at]);
    if (text.substr(at, 2) == "]]") ++at;  // doubled brackets stand for one
  }
  parts_.push_back(std::move(part));
}

void DatePicture::add_marker(std::string_view marker) {
  std::string text;
  for (const char c : marker) {
    if (std::string_view(" \t\n\r\v\f").find(c) == std::string_view::npos) text.push_back(c);
  }
  Part part;
  part.component = text.empty() ? '?' : text[0];
  const std::size_t comma = text.rfind(',');
  if (comma != std::string::npos) read_width(part, std::string_view(text).substr(comma + 1));
  const std::size_t end = std::min(comma, text.size());
  part.modifier = end > 1 ? text.substr(1, end - 1) : std::string(default_modifier(part.component));
  std::string second;
  const char last = part.modifier.empty() ? '\0' : part.modifier.back();
  if (end > 2 && std::string_view("atco").find(last) != std::string_view::npos) {
    second = last;
    part.modifier.pop_back();
  }
  part.zulu = second == "t";
  if (part.modifier.empty() || default_modifier(part.component).empty()) {
    fail("D3132", "Unknown component specifier \"{}\" in date/time picture string", part.component);
  }
  if (part.modifier[0] == 'n') {
    part.names = Names::lower;
  } else if (part.modifier[0] == 'N') {
    part.names = part.modifier.substr(1, 1) == "n" ? Names::title : Names::upper;
  } else if (kIntegers.find(part.component) != std::string_view::npos) {
    set_integer(part, second.empty() ? part.modifier : part.modifier + ";" + second);
  }
  if (part.component == 'Z' || part.component == 'z') part.integer.emplace(part.modifier);
  parts_.push_back(std::move(part));
}

void DatePicture::read_width(Part& part, std::string_view width) {
  const std::size_t dash = width.find('-');
  part.least = width_of(width.substr(0, dash));
  if (dash != std::string_view::npos) part.most = width_of(width.substr(dash + 1));
}

void DatePicture::set_integer(Part& part, const std::string& format) {
  part.integer.emplace(format);
  std::size_t& digits = part.integer->mandatory_digits;
  if (part.least) digits = std::max(digits, *part.least);
  if (part.component == 'Y') {
    const std::size_t places = digits + part.integer->optional_digits;
    if (part.most) {
      digits = *part.most;
      part.year_digits = static_cast<int>(*part.most);
    } else if (places >= 2) {
      part.year_digits = static_cast<int>(places);
    }
  }
  if (!parts_.empty() && parts_.back().integer) {
    parts_.back().exact_digits = parts_.back().integer->mandatory_digits;
  }
}

std::string DatePicture::format(std::int64_t ms, std::int64_t zone) const {
  const std::int64_t hours = zone / 100 - (zone % 100 < 0 ? 1 : 0);
  const std::int64_t minutes = zone % 100;
  const std::int64_t local = ms + (60 * hours + minutes) * 60'000;
  std::string out;
  for (const Part& part : parts_) {
    out += part.component == 0 ? part.literal : formatted(part, local, hours, minutes);
  }
  return out;
}

std::string DatePicture::formatted(const Part& part, std::int64_t ms, std::int64_t hours,
                                   std::int64_t minutes) {
  std::int64_t value = date_component(ms, part.component);
  switch (part.component) {
    case 'Z':
    case 'z': return formatted_zone(part, hours, minutes);
    case 'P': return part.names == Names::upper ? (value ? "PM" : "AM") : (value ? "pm" : "am");
    case 'C':
    case 'E': return "ISO";
    default: break;
  }
  if (part.names != Names::none) return formatted_name(part, value);
  if (part.component == 'Y' && part.year_digits >= 0 && part.year_digits < 18) {
    std::int64_t power = 1;
    for (int i = 0; i < part.year_digits; ++i) power *= 10;
    value %= power;
  }
  return part.integer->format(static_cast<double>(value));
}

std::string DatePicture::formatted_name(const Part& part, std::int64_t value) {
  std::string name;
  if (part.component == 'M' || part.component == 'x') {
    name = kMonths[value];
  } else if (part.component == 'F') {
    name = kDays[value];
  } else {
    fail("D3133",
         "The 'name' modifier can only be applied to months and days in the date/time picture string, "
         "not \"{}\"",
         part.component);
  }
  if (part.names != Names::title) name = part.names == Names::upper ? to_upper(name) : to_lower(name);
  return part.most && name.size() > *part.most ? name.substr(0, *part.most) : name;
}

std::string DatePicture::formatted_zone(const Part& part, std::int64_t hours, std::int64_t minutes) {
  const std::int64_t offset = hours * 100 + minutes;
  if (offset == 0 && part.zulu) return "Z";
  const std::size_t digits = part.integer->mandatory_digits;
  std::string out = offset >= 0 ? "+" : "";
  if (part.integer->regular_sign() || digits == 3 || digits == 4) {
    out += part.integer->format(static_cast<double>(offset));
  } else if (digits == 1 || digits == 2) {
    out += part.integer->format(static_cast<double>(hours));
    if (minutes != 0) out += ":" + IntegerPicture("00").format(static_cast<double>(minutes));
  } else {
    fail("D3134", "The timezone integer format specifier cannot have more than four digits");
  }
  return part.component == 'z' ? "GMT" + out : out;
}

}  // namespace spillway::jsonata
