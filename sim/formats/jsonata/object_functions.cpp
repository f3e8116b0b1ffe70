// Functions over objects, errors, and $clone.
#include "formats/jsonata/evaluator.hpp"
#include "formats/jsonata/failure.hpp"
#include "formats/jsonata/functions.hpp"
#include "formats/jsonata/numbers.hpp"

namespace spillway::jsonata {
namespace {

/// The names of an object's members, or of all objects in an array, each once.
void gather_keys(Call& call, const Value& value, Object& seen) {
  const DepthLimit guard(call.evaluator);
  if (value.is(Kind::array)) {
    call.evaluator.spend(value.size());
    for (std::size_t i = 0; i < value.size(); ++i) gather_keys(call, value.at(i), seen);
    return;
  }
  for (const auto& [name, member] : Members(value).list) seen.set(name, Value(true));
}

Value keys(Call& call) {
  Object* seen = call.evaluator.memory().object();
  gather_keys(call, call[0], *seen);
  Array* result = call.evaluator.memory().sequence();
  for (const auto& [name, member] : Members(Value(seen)).list) result->items.emplace_back(name);
  return Value(result);
}

Value lookup(Call& call) {
  return call.evaluator.lookup(call[0], call[1].is(Kind::string) ? call[1].text() : std::string_view());
}

Value spread_of(Call& call, const Value& value) {
  const DepthLimit guard(call.evaluator);
  if (!value.is(Kind::array) && !value.is(Kind::object)) return value;
  Array* result = call.evaluator.memory().sequence();
  if (value.is(Kind::array)) {
    result->sequence = value.size() == 0;  // joined arrays are no sequence
    for (std::size_t i = 0; i < value.size(); ++i) {
      const Value part = spread_of(call, value.at(i));
      call.evaluator.spend(1);
      if (!part.is(Kind::array)) {
        if (!part.is_undefined()) result->items.push_back(part);
        continue;
      }
      for (std::size_t j = 0; j < part.size(); ++j) result->items.push_back(part.at(j));
    }
    return Value(result);
  }
  for (const auto& [name, member] : Members(value).list) {
    Object* single = call.evaluator.memory().object();
    single->set(name, member);
    result->items.emplace_back(single);
  }
  return Value(result);
}

Value spread(Call& call) { return spread_of(call, call[0]); }

Value merge(Call& call) {
  if (call[0].is_undefined()) return {};
  Object* result = call.evaluator.memory().object();
  for (std::size_t i = 0; i < call[0].size(); ++i) {
    const Members members(call[0].at(i));
    call.evaluator.spend(1 + members.list.size());
    for (const auto& [name, member] : members.list) result->set(name, member);
  }
  return Value(result);
}

Value error(Call& call) {
  const bool given = call[0].is(Kind::string) && !call[0].text().empty();
  fail("D3137", "{}", given ? call[0].text() : std::string_view("$error() function evaluated"));
}

Value assertion(Call& call) {
  if (call[0].is(Kind::boolean) && call[0].truth()) return {};
  const bool given = call[1].is(Kind::string) && !call[1].text().empty();
  fail("D3141", "{}", given ? call[1].text() : std::string_view("$assert() statement failed"));
}

/// A copy that may be changed: what reading back the value's text would give.
Value copied(Call& call, const Value& value) {
  const DepthLimit guard(call.evaluator);
  Memory& memory = call.evaluator.memory();
  call.evaluator.spend(1);
  switch (value.kind()) {
    case Kind::number: return is_number(value) ? Value(fifteen_digits(value.number())) : Value::null();
    case Kind::undefined: return Value::null();
    case Kind::function: return Value(std::string_view(""));
    case Kind::array: {
      Array* result = memory.array();
      for (std::size_t i = 0; i < value.size(); ++i) result->items.push_back(copied(call, value.at(i)));
      return Value(result);
    }
    case Kind::object: {
      Object* result = memory.object();
      for (const auto& [name, member] : Members(value).list) {
        if (!member.is_undefined()) result->set(name, copied(call, member));
      }
      return Value(result);
    }
    default: return value;
  }
}

Value clone(Call& call) {
  if (call[0].is_undefined()) return {};
  const Array* wrapper = call[0].own_array();
  return copied(call, wrapper && wrapper->wraps_input ? wrapper->items[0] : call[0]);
}

constexpr Native kFunctions[] = {
    {"keys", "<x-:a<s>>", 1, 1, keys},     {"lookup", "<x-s:x>", 2, 2, lookup},
    {"spread", "<x-:a<o>>", 1, 1, spread}, {"merge", "<a<o>:o>", 1, 1, merge},
    {"error", "<s?:x>", 1, 1, error},      {"assert", "<bs?:x>", 2, 2, assertion},
    {"clone", "<(oa)-:o>", 1, 1, clone},
};

}  // namespace

std::span<const Native> object_functions() { return kFunctions; }

}  // namespace spillway::jsonata
