// $match, $contains, $replace and $split.
#include <cmath>

#include "formats/jsonata/evaluator.hpp"
#include "formats/jsonata/failure.hpp"
#include "formats/jsonata/functions.hpp"
#include "formats/jsonata/matching.hpp"
#include "formats/jsonata/text.hpp"

namespace spillway::jsonata {
namespace {

double limit_of(const Value& limit, const char* code, std::string_view which) {
  if (limit.is_undefined()) return INFINITY;
  if (limit.number() < 0) fail(code, "{} must evaluate to a positive number", which);
  return limit.number();
}

Value match(Call& call) {
  if (call[0].is_undefined()) return {};
  const double limit = limit_of(call[2], "D3040", "Third argument of match function");
  Array* result = call.evaluator.memory().sequence();
  if (!call[1].is(Kind::function)) return Value(result);
  Matches matches(call, call[1], call[0].text());
  std::size_t seen_bytes = 0;
  std::size_t seen_units = 0;
  for (double count = 0; count < limit; ++count) {
    const auto found = matches.next();
    if (!found) break;
    if (found->begin >= seen_bytes) {
      seen_units += count_units(matches.subject().substr(seen_bytes, found->begin - seen_bytes));
      seen_bytes = found->begin;
    }
    Object* object = call.evaluator.memory().object();
    object->set("match", Value(found->text));
    object->set("index", Value(static_cast<double>(seen_units)));
    object->set("groups", found->groups);
    result->items.push_back(Value(object));
  }
  return Value(result);
}

Value contains(Call& call) {
  if (call[0].is_undefined() || call[1].is_undefined()) return {};
  if (call[1].is(Kind::string)) {
    return Value(call[0].text().find(call[1].text()) != std::string_view::npos);
  }
  Matches matches(call, call[1], call[0].text());
  return Value(matches.next().has_value());
}

/// Fills a replacement's `$0` (the match), `$1`... (its groups) and `$$`.
void substitute(std::string& out, std::string_view pattern, const Match& match) {
  const std::size_t groups = match.groups.size();
  const std::size_t most_digits = groups == 0 ? 1 : std::to_string(groups).size();
  for (std::size_t at = 0; at < pattern.size();) {
    if (pattern[at] != '$') {
      out.push_back(pattern[at++]);
      continue;
    }
    ++at;
    const char c = at < pattern.size() ? pattern[at] : '\0';
    if (c == '$' || c == '0') {
      out += c == '$' ? std::string_view("$") : match.text;
      ++at;
      continue;
    }
    std::size_t index = 0;
    std::size_t digits = 0;
    for (; digits < most_digits && at + digits < pattern.size(); ++digits) {
      const char digit = pattern[at + digits];
      if (digit < '0' || digit > '9') break;
      const std::size_t more = index * 10 + static_cast<std::size_t>(digit - '0');
      if (digits > 0 && more > groups) break;
      index = more;
    }
    if (digits == 0) {
      out.push_back('$');
      continue;
    }
    at += digits;
    const Value group = index > 0 ? match.groups.at(index - 1) : Value();
    if (!group.is_undefined()) out += to_text(group);
  }
}

std::string replace_text(Call& call, double limit) {
  const std::string_view text = call[0].text();
  const std::string_view mark = call[1].text();
  std::string out;
  std::size_t position = 0;
  for (double count = 0; count < limit; ++count) {
    const std::size_t at = text.find(mark, position);
    if (at == std::string_view::npos) break;
    call.evaluator.spend(1);
    out += text.substr(position, at - position);
    out += to_text(call[2]);
    position = at + mark.size();
  }
  out += text.substr(position);
  return out;
}

Value replace(Call& call) {
  if (call[0].is_undefined()) return {};
  if (call[1].is_undefined()) return call[0];
  if (call[1].is(Kind::string) && call[1].text().empty()) {
    fail("D3010", "Second argument of replace function cannot be an empty string");
  }
  const double limit = limit_of(call[3], "D3011", "Fourth argument of replace function");
  Memory& memory = call.evaluator.memory();
  if (call[1].is(Kind::string)) return memory.string(replace_text(call, limit));
  Matches matches(call, call[1], call[0].text());
  std::string out;
  std::size_t position = 0;
  for (double count = 0; count < limit; ++count) {
    const auto found = matches.next();
    if (!found) break;
    if (found->begin > position) out += matches.subject().substr(position, found->begin - position);
    if (call[2].is(Kind::string)) {
      substitute(out, call[2].text(), *found);
    } else {
      const Value made = call[2].is(Kind::function)
                             ? call.evaluator.apply(call[2], {matches.object(*found)}, Value::null())
                             : Value();
      if (!made.is(Kind::string))
        fail("D3012", "Attempted to replace a matched string with a non-string value");
      out += made.text();
    }
    call.evaluator.spend(out.size() / 1024);
    position = std::min(found->begin + found->text.size(), matches.subject().size());
  }
  out += matches.subject().substr(position);
  return memory.string(out);
}

/// JavaScript's split of a string by a string; by an empty one, into UTF-16 units.
void split_text(Call& call, double limit, Array& result) {
  const std::string_view text = call[0].text();
  const std::string_view mark = call[1].is_undefined() ? std::string_view() : call[1].text();
  const auto full = [&] { return static_cast<double>(result.items.size()) >= std::floor(limit); };
  if (call[1].is_undefined()) {
    result.items.push_back(call[0]);
  } else if (mark.empty()) {
    for (std::size_t at = 0; at < text.size() && !full();) {
      const std::size_t start = at;
      const char32_t point = next_point(text, at);
      if (point < 0x10000) {
        result.items.emplace_back(text.substr(start, at - start));
        continue;
      }
      for (const char32_t half :
           {0xD800 + ((point - 0x10000) >> 10U), 0xDC00 + ((point - 0x10000) & 0x3FFU)}) {
        std::string unit;
        append_point(unit, half);
        if (!full()) result.items.push_back(call.evaluator.memory().string(unit));
      }
    }
  } else {
    for (std::size_t position = 0; !full();) {
      const std::size_t at = text.find(mark, position);
      result.items.emplace_back(text.substr(position, at == std::string_view::npos ? at : at - position));
      if (at == std::string_view::npos) break;
      position = at + mark.size();
    }
  }
  call.evaluator.spend(result.items.size());
}

Value split(Call& call) {
  if (call[0].is_undefined()) return {};
  const double limit = limit_of(call[2], "D3020", "Third argument of split function");
  Array* result = call.evaluator.memory().array();
  if (!(limit > 0)) return Value(result);
  if (!call[1].is(Kind::function)) {
    split_text(call, limit, *result);
    return Value(result);
  }
  Matches matches(call, call[1], call[0].text());
  std::size_t start = 0;
  double count = 0;
  for (; count < limit; ++count) {
    const auto found = matches.next();
    if (!found) break;
    result->items.emplace_back(matches.subject().substr(start, std::max(found->begin, start) - start));
    start = found->end;
  }
  if (count < limit) result->items.emplace_back(matches.subject().substr(start));
  return Value(result);
}

constexpr Native kFunctions[] = {
    {"match", "<s-f<s:o>n?:a<o>>", 3, 3, match},
    {"contains", "<s-(sf):b>", 2, 2, contains},
    {"replace", "<s-(sf)(sf)n?:s>", 4, 4, replace},
    {"split", "<s-(sf)n?:a<s>>", 3, 3, split},
};

}  // namespace

std::span<const Native> matching_functions() { return kFunctions; }

}  // namespace spillway::jsonata
