// Functions over arrays, and those of booleans and kinds.
#include <algorithm>
#include <cmath>

#include "formats/jsonata/evaluator.hpp"
#include "formats/jsonata/failure.hpp"
#include "formats/jsonata/functions.hpp"

namespace spillway::jsonata {
namespace {

Value boolean(Call& call) { return to_boolean(call[0]); }

Value negated(Call& call) { return call[0].is_undefined() ? Value() : Value(!is_true(call[0])); }

Value exists(Call& call) { return Value(!call[0].is_undefined()); }

Value type(Call& call) { return call[0].is_undefined() ? Value() : Value(kind_name(call[0].kind())); }

Value append(Call& call) {
  const auto size = [](const Value& value) { return value.is(Kind::array) ? value.size() : 1; };
  call.evaluator.require_room(size(call[0]) + size(call[1]));
  return call.evaluator.append(call[0], call[1]);
}

Value reverse(Call& call) {
  const Value array = call[0];
  if (array.is_undefined() || array.size() <= 1) return array;
  call.evaluator.spend(array.size());
  Array* result = call.evaluator.memory().array();
  for (std::size_t i = array.size(); i-- > 0;) result->items.push_back(array.at(i));
  return Value(result);
}

/// As a JavaScript `if` decides, which is how comparators' answers are read.
bool is_truthy(const Value& value) {
  switch (value.kind()) {
    case Kind::undefined:
    case Kind::null: return false;
    case Kind::boolean: return value.truth();
    case Kind::number: return value.number() != 0 && !std::isnan(value.number());
    case Kind::string: return !value.text().empty();
    default: return true;
  }
}

bool all_are(const Value& array, Kind kind) {
  for (std::size_t i = 0; i < array.size(); ++i) {
    if (!array.at(i).is(kind)) return false;
  }
  return true;
}

Value sort(Call& call) {
  const Value array = call[0];
  if (array.is_undefined() || array.size() <= 1) return array;
  const bool numbers = all_are(array, Kind::number);
  const bool by_user = call[1].is(Kind::function);
  if (!by_user && !numbers && !all_are(array, Kind::string)) {
    fail("D3070",
         "The single argument form of the sort function can only be applied to an array of strings or "
         "an array of numbers.  Use the second argument to specify a comparison function");
  }
  Array* result = call.evaluator.memory().array();
  for (std::size_t i = 0; i < array.size(); ++i) result->items.push_back(array.at(i));
  Evaluator& evaluator = call.evaluator;
  const Value comparator = call[1];
  merge_sort(std::span(result->items), [&](const Value& a, const Value& b) {
    evaluator.spend(1);
    if (by_user) return is_truthy(evaluator.apply(comparator, {a, b}, Value::null()));
    return numbers ? a.number() > b.number() : compare_text(a.text(), b.text()) > 0;
  });
  return Value(result);
}

Value shuffle(Call& call) {
  const Value array = call[0];
  if (array.is_undefined() || array.size() <= 1) return array;
  call.evaluator.spend(array.size());
  Array* result = call.evaluator.memory().array();
  for (std::size_t i = 0; i < array.size(); ++i) {
    const std::size_t j = static_cast<std::size_t>(call.evaluator.random_bits() % (i + 1));
    result->items.push_back(array.at(i));
    std::swap(result->items[i], result->items[j]);
  }
  return Value(result);
}

Value distinct(Call& call) {
  const Value array = call[0];
  if (!array.is(Kind::array) || array.size() <= 1) return array;
  Array* result = call.evaluator.memory().array();
  result->sequence = array.is_sequence();
  for (std::size_t i = 0; i < array.size(); ++i) {
    const Value value = array.at(i);
    call.evaluator.spend(1 + result->items.size() / 8);
    const auto same_value = [&](const Value& other) { return equal(value, other); };
    if (std::none_of(result->items.begin(), result->items.end(), same_value)) result->items.push_back(value);
  }
  return Value(result);
}

Value zip(Call& call) {
  std::size_t length = call.arguments.empty() ? 0 : SIZE_MAX;
  for (const Value& array : call.arguments) {
    length = std::min(length, array.is(Kind::array) ? array.size() : 0);
  }
  call.evaluator.spend(length * call.arguments.size());
  Array* result = call.evaluator.memory().array();
  for (std::size_t i = 0; i < length; ++i) {
    Array* tuple = call.evaluator.memory().array();
    for (const Value& array : call.arguments) tuple->items.push_back(array.at(i));
    result->items.emplace_back(tuple);
  }
  return Value(result);
}

constexpr Native kFunctions[] = {
    {"boolean", "<x-:b>", 1, 1, boolean},  {"not", "<x-:b>", 1, 1, negated},
    {"exists", "<x:b>", 1, 1, exists},     {"type", "<x:s>", 1, 1, type},
    {"append", "<xx:a>", 2, 2, append},    {"reverse", "<a:a>", 1, 1, reverse},
    {"sort", "<af?:a>", 2, 2, sort},       {"shuffle", "<a:a>", 1, 1, shuffle},
    {"distinct", "<x:x>", 1, 1, distinct}, {"zip", "<a+>", 0, 0, zip},
};

}  // namespace

std::span<const Native> array_functions() { return kFunctions; }

}  // namespace spillway::jsonata
