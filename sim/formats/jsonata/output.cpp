// Values as text, as JSON.stringify writes them, and as documents for the caller.
#include <cmath>

#include "formats/jsonata/evaluator.hpp"
#include "formats/jsonata/failure.hpp"
#include "formats/jsonata/numbers.hpp"
#include "formats/jsonata/text.hpp"

namespace spillway::jsonata {
namespace {

constexpr std::size_t kDepth = 1000;
constexpr double kExact = 9007199254740992.0;  // 2^53: integers beyond are not all representable

void require_depth(std::size_t depth) {
  if (depth > kDepth) fail("D1011", "A result nested deeper than {} levels cannot be written", kDepth);
}

class Writer {
 public:
  explicit Writer(bool pretty) : pretty_(pretty) {}

  void write(const Value& value, std::size_t depth) {
    require_depth(depth);
    switch (value.kind()) {
      case Kind::undefined:
      case Kind::null: out += "null"; break;
      case Kind::boolean: out += value.truth() ? "true" : "false"; break;
      case Kind::number:
        out += is_number(value) ? number_text(fifteen_digits(value.number())) : "null";
        break;
      case Kind::string: append_quoted(out, value.text()); break;
      case Kind::function: out += "\"\""; break;
      case Kind::array: array(value, depth); break;
      case Kind::object: object(value, depth); break;
    }
  }

  std::string out;

 private:
  void array(const Value& value, std::size_t depth) {
    out += "[";
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (i > 0) out += ",";
      line(depth + 1);
      write(value.at(i), depth + 1);
    }
    if (value.size() > 0) line(depth);
    out += "]";
  }

  void object(const Value& value, std::size_t depth) {
    out += "{";
    bool first = true;
    for (const auto& [name, member] : Members(value).list) {
      if (member.is_undefined()) continue;
      if (!first) out += ",";
      first = false;
      line(depth + 1);
      append_quoted(out, name);
      out += pretty_ ? ": " : ":";
      write(member, depth + 1);
    }
    if (!first) line(depth);
    out += "}";
  }

  void line(std::size_t depth) {
    if (pretty_) out += "\n" + std::string(depth * 2, ' ');
  }

  bool pretty_;
};

Json number_json(double value) {
  if (std::isnan(value)) return nullptr;
  if (std::isinf(value)) fail("D1001", "Number out of range: {}", number_text(value));
  if (is_whole(value) && std::abs(value) <= kExact) return static_cast<std::int64_t>(value);
  return value;
}

std::string string_json(std::string_view text) {
  return is_ascii(text) ? std::string(text) : well_formed(text);
}

Json json_at(const Value& value, std::size_t depth) {
  require_depth(depth);
  switch (value.kind()) {
    case Kind::undefined:
    case Kind::null: return nullptr;
    case Kind::boolean: return value.truth();
    case Kind::number: return number_json(value.number());
    case Kind::string: return string_json(value.text());
    case Kind::function: return "";
    case Kind::array: {
      Json::array_t items;
      items.reserve(value.size());
      for (std::size_t i = 0; i < value.size(); ++i) items.push_back(json_at(value.at(i), depth + 1));
      return Json(std::move(items));
    }
    case Kind::object: break;
  }
  Json::object_t members;
  members.reserve(value.size());
  for (const auto& [name, member] : Members(value).list) {
    if (!member.is_undefined())
      members.Container::emplace_back(string_json(name), json_at(member, depth + 1));
  }
  return Json(std::move(members));
}

}  // namespace

std::string to_text(const Value& value, bool pretty) {
  if (value.is(Kind::string)) return std::string(value.text());
  if (value.is(Kind::function) || value.is_undefined()) return "";
  if (value.is(Kind::number)) {
    if (!std::isfinite(value.number())) {
      fail("D3001", "Attempting to invoke string function on Infinity or NaN");
    }
    return number_text(fifteen_digits(value.number()));
  }
  const Array* wrapper = value.own_array();
  Writer writer(pretty);
  writer.write(wrapper && wrapper->wraps_input ? wrapper->items[0] : value, 0);
  return std::move(writer.out);
}

Json to_json(const Value& value) {
  const Array* wrapper = value.own_array();
  return json_at(wrapper && wrapper->wraps_input ? wrapper->items[0] : value, 0);
}

bool is_number(const Value& value) {
  if (!value.is(Kind::number) || std::isnan(value.number())) return false;
  if (std::isinf(value.number())) fail("D1001", "Number out of range: {}", number_text(value.number()));
  return true;
}

Value to_boolean(const Value& value) {
  switch (value.kind()) {
    case Kind::undefined: return {};
    case Kind::boolean: return value;
    case Kind::number: return Value(is_number(value) && value.number() != 0);
    case Kind::string: return Value(!value.text().empty());
    case Kind::object: return Value(value.size() > 0);
    case Kind::array: break;
    default: return Value(false);
  }
  // Arrays within arrays are walked with a stack of our own: a true element anywhere makes it true.
  std::vector<Value> rest{value};
  while (!rest.empty()) {
    const Value array = rest.back();
    rest.pop_back();
    for (std::size_t i = 0; i < array.size(); ++i) {
      const Value item = array.at(i);
      if (item.is(Kind::array)) {
        rest.push_back(item);
      } else if (is_true(item)) {
        return Value(true);
      }
    }
  }
  return Value(false);
}

bool is_true(const Value& value) {
  const Value truth = to_boolean(value);
  return truth.is(Kind::boolean) && truth.truth();
}

}  // namespace spillway::jsonata
