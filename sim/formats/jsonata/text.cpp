#include "formats/jsonata/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace spillway::jsonata {
namespace {

std::uint8_t byte(char c) { return static_cast<std::uint8_t>(c); }

bool continues(std::string_view text, std::size_t at) {
  return at < text.size() && (byte(text[at]) & 0xC0U) == 0x80U;
}

}  // namespace

bool is_high_surrogate(char32_t point) { return point >= 0xD800 && point < 0xDC00; }
bool is_low_surrogate(char32_t point) { return point >= 0xDC00 && point < 0xE000; }

char32_t next_point(std::string_view text, std::size_t& at) {
  const std::uint8_t first = byte(text[at++]);
  const std::size_t more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC0 ? 1 : 0;
  if (more == 0) return first;
  char32_t point = first & (0x3FU >> more);
  for (std::size_t i = 0; i < more; ++i) {
    if (!continues(text, at + i)) return first;
  }
  for (std::size_t i = 0; i < more; ++i) point = (point << 6U) | (byte(text[at++]) & 0x3FU);
  return point;
}

void append_point(std::string& text, char32_t point) {
  const auto put = [&](char32_t bits) { text.push_back(static_cast<char>(bits)); };
  if (point < 0x80) return put(point);
  if (point < 0x800) {
    put(0xC0U | (point >> 6U));
  } else {
    if (point < 0x10000) {
      put(0xE0U | (point >> 12U));
    } else {
      put(0xF0U | (point >> 18U));
      put(0x80U | ((point >> 12U) & 0x3FU));
    }
    put(0x80U | ((point >> 6U) & 0x3FU));
  }
  put(0x80U | (point & 0x3FU));
}

void append_unit(std::string& text, char32_t unit) {
  if (is_low_surrogate(unit) && text.size() >= 3 && byte(text[text.size() - 3]) == 0xED &&
      (byte(text[text.size() - 2]) & 0xF0U) == 0xA0U) {
    std::size_t at = text.size() - 3;
    const char32_t high = next_point(text, at);
    text.resize(text.size() - 3);
    return append_point(text, 0x10000 + ((high - 0xD800) << 10U) + (unit - 0xDC00));
  }
  append_point(text, unit);
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return byte(c) < 0x80; });
}

std::size_t count_points(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count) next_point(text, at);
  return count;
}

std::size_t byte_of_point(std::string_view text, std::size_t n) {
  std::size_t at = 0;
  for (; n > 0 && at < text.size(); --n) next_point(text, at);
  return at;
}

std::size_t count_units(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count) {
    if (next_point(text, at) >= 0x10000) ++count;
  }
  return count;
}

std::string well_formed(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    const char32_t point = next_point(text, at);
    const bool stray = at == start + 1 && byte(text[start]) >= 0x80;
    if (is_high_surrogate(point) && at < text.size()) {
      std::size_t second = at;
      const char32_t low = next_point(text, second);
      if (is_low_surrogate(low)) {
        append_point(out, 0x10000 + ((point - 0xD800) << 10U) + (low - 0xDC00));
        at = second;
        continue;
      }
    }
    const bool half = is_high_surrogate(point) || is_low_surrogate(point);
    append_point(out, stray || half || point > 0x10FFFF ? 0xFFFD : point);
  }
  return out;
}

void append_quoted(std::string& out, std::string_view text) {
  out.push_back('"');
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    const char32_t point = next_point(text, at);
    switch (point) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        if (point < 0x20 || is_high_surrogate(point) || is_low_surrogate(point)) {
          fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<std::uint32_t>(point));
        } else {
          out.append(text.substr(start, at - start));
        }
    }
  }
  out.push_back('"');
}

}  // namespace spillway::jsonata
