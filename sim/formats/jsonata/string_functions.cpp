// String functions that need no pattern. Positions and lengths count code points, as the reference does.
#include <algorithm>
#include <cmath>

#include "formats/jsonata/evaluator.hpp"
#include "formats/jsonata/failure.hpp"
#include "formats/jsonata/functions.hpp"
#include "formats/jsonata/text.hpp"

namespace spillway::jsonata {
namespace {

Value string(Call& call) {
  if (call[0].is_undefined()) return {};
  if (call[0].is(Kind::string)) return call[0];
  const std::string text = to_text(call[0], is_true(call[1]));
  call.evaluator.spend(text.size() / 16);
  return call.evaluator.memory().string(text);
}

/// A place in a sequence of `size`, as JavaScript's slice() reads it: negative counts from the end.
std::size_t slice_place(double place, std::size_t size) {
  const auto length = static_cast<double>(size);
  if (std::isnan(place)) return 0;
  place = std::trunc(place);
  if (place < 0) place += length;
  return static_cast<std::size_t>(std::clamp(place, 0.0, length));
}

Value substring(Call& call) {
  if (call[0].is_undefined()) return {};
  const std::string_view text = call[0].text();
  const bool ascii = is_ascii(text);
  const std::size_t size = ascii ? text.size() : count_points(text);
  const auto length = static_cast<double>(size);
  double start = call[1].is_undefined() ? 0 : call[1].number();
  if (length + start < 0) start = 0;
  double end = length;
  if (!call[2].is_undefined()) {
    if (call[2].number() <= 0) return Value(std::string_view(""));
    end = (start >= 0 ? start : length + start) + call[2].number();
  }
  const std::size_t from = slice_place(start, size);
  const std::size_t to = std::max(from, slice_place(end, size));
  const std::size_t first = ascii ? from : byte_of_point(text, from);
  const std::size_t last = ascii ? to : byte_of_point(text, to);
  return Value(text.substr(first, last - first));
}

Value substring_before(Call& call) {
  if (call[0].is_undefined()) return {};
  const std::string_view text = call[0].text();
  const std::size_t at = text.find(call[1].is_undefined() ? std::string_view("undefined") : call[1].text());
  return at == std::string_view::npos ? call[0] : Value(text.substr(0, at));
}

Value substring_after(Call& call) {
  if (call[0].is_undefined()) return {};
  const std::string_view text = call[0].text();
  const std::string_view mark = call[1].is_undefined() ? std::string_view("undefined") : call[1].text();
  const std::size_t at = text.find(mark);
  return at == std::string_view::npos ? call[0] : Value(text.substr(at + mark.size()));
}

Value lowercase(Call& call) {
  return call[0].is_undefined() ? Value() : call.evaluator.memory().string(to_lower(call[0].text()));
}

Value uppercase(Call& call) {
  return call[0].is_undefined() ? Value() : call.evaluator.memory().string(to_upper(call[0].text()));
}

Value length(Call& call) {
  return call[0].is_undefined() ? Value() : Value(static_cast<double>(count_points(call[0].text())));
}

Value trim(Call& call) {
  if (call[0].is_undefined()) return {};
  std::string out;
  bool blank = false;
  for (const char c : call[0].text()) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      blank = true;
      continue;
    }
    if (blank && !out.empty()) out.push_back(' ');
    blank = false;
    out.push_back(c);
  }
  return call.evaluator.memory().string(out);
}

Value pad(Call& call) {
  if (call[0].is_undefined()) return {};
  const std::string_view text = call[0].text();
  const double width = call[1].is_undefined() ? 0 : std::trunc(call[1].number());
  const double missing = std::abs(width) - static_cast<double>(count_points(text));
  if (!(missing > 0)) return call[0];
  const std::string_view unit = call[2].is_undefined() || call[2].text().empty() ? " " : call[2].text();
  call.evaluator.require_room(missing > 1e15 ? SIZE_MAX : static_cast<std::size_t>(missing));
  const auto count = static_cast<std::size_t>(missing);
  call.evaluator.spend(count / 16);
  std::string padding;
  for (std::size_t points = 0, at = 0; points < count; ++points) {
    const std::size_t start = at;
    next_point(unit, at);
    padding.append(unit.substr(start, at - start));
    if (at >= unit.size()) at = 0;
  }
  const std::string own(text);
  return call.evaluator.memory().string(width > 0 ? own + padding : padding + own);
}

Value join(Call& call) {
  if (call[0].is_undefined()) return {};
  const std::string_view separator = call[1].is_undefined() ? std::string_view() : call[1].text();
  std::string out;
  for (std::size_t i = 0; i < call[0].size(); ++i) {
    if (i > 0) out += separator;
    out += to_text(call[0].at(i));
  }
  call.evaluator.spend(call[0].size() + out.size() / 64);
  return call.evaluator.memory().string(out);
}

constexpr Native kFunctions[] = {
    {"string", "<x-b?:s>", 1, 2, string},
    {"substring", "<s-nn?:s>", 3, 3, substring},
    {"substringBefore", "<s-s:s>", 2, 2, substring_before},
    {"substringAfter", "<s-s:s>", 2, 2, substring_after},
    {"lowercase", "<s-:s>", 1, 1, lowercase},
    {"uppercase", "<s-:s>", 1, 1, uppercase},
    {"length", "<s-:n>", 1, 1, length},
    {"trim", "<s-:s>", 1, 1, trim},
    {"pad", "<s-ns?:s>", 3, 3, pad},
    {"join", "<a<s>s?:s>", 2, 2, join},
};

}  // namespace

std::span<const Native> string_functions() { return kFunctions; }

}  // namespace spillway::jsonata
