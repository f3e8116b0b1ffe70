// Functions that take functions. A callback gets as many of (value, place, whole) as it has parameters.
#include "formats/jsonata/evaluator.hpp"
#include "formats/jsonata/failure.hpp"
#include "formats/jsonata/functions.hpp"

namespace spillway::jsonata {
namespace {

Value place(std::size_t i) { return Value(static_cast<double>(i)); }

Value map(Call& call) {
  if (call[0].is_undefined()) return {};
  Array* result = call.evaluator.memory().sequence();
  for (std::size_t i = 0; i < call[0].size(); ++i) {
    const Value made = call.evaluator.apply_as_far(call[1], {call[0].at(i), place(i), call[0]});
    if (!made.is_undefined()) result->items.push_back(made);
  }
  return Value(result);
}

Value filter(Call& call) {
  if (call[0].is_undefined()) return {};
  Array* result = call.evaluator.memory().sequence();
  for (std::size_t i = 0; i < call[0].size(); ++i) {
    const Value item = call[0].at(i);
    if (is_true(call.evaluator.apply_as_far(call[1], {item, place(i), call[0]})))
      result->items.push_back(item);
  }
  return Value(result);
}

Value single(Call& call) {
  if (call[0].is_undefined()) return {};
  Value result;
  bool found = false;
  for (std::size_t i = 0; i < call[0].size(); ++i) {
    const Value item = call[0].at(i);
    const bool fits =
        call[1].is_undefined() || is_true(call.evaluator.apply_as_far(call[1], {item, place(i), call[0]}));
    if (!fits) continue;
    if (found) {
      fail("D3138", "The $single() function expected exactly 1 matching result.  Instead it matched more.");
    }
    found = true;
    result = item;
  }
  if (!found) {
    fail("D3139", "The $single() function expected exactly 1 matching result.  Instead it matched 0.");
  }
  return result;
}

Value reduce(Call& call) {
  if (call[0].is_undefined()) return {};
  const std::size_t arity = call[1].is(Kind::function) ? call[1].function().arity() : 0;
  if (arity < 2) {
    fail("D3050", "The second argument of reduce function must be a function with at least two arguments");
  }
  const bool from_first = call[2].is_undefined() && call[0].size() > 0;
  Value result = from_first ? call[0].at(0) : call[2];
  for (std::size_t i = from_first ? 1 : 0; i < call[0].size(); ++i) {
    result = call.evaluator.apply_as_far(call[1], {result, call[0].at(i), place(i), call[0]});
  }
  return result;
}

Value each(Call& call) {
  Array* result = call.evaluator.memory().sequence();
  for (const auto& [name, member] : Members(call[0]).list) {
    const Value made = call.evaluator.apply_as_far(call[1], {member, Value(name), call[0]});
    if (!made.is_undefined()) result->items.push_back(made);
  }
  return Value(result);
}

Value sift(Call& call) {
  Object* result = call.evaluator.memory().object();
  for (const auto& [name, member] : Members(call[0]).list) {
    if (is_true(call.evaluator.apply_as_far(call[1], {member, Value(name), call[0]})))
      result->set(name, member);
  }
  return result->members.empty() ? Value() : Value(result);
}

Value evaluate_text(Call& call) {
  if (call[0].is_undefined()) return {};
  const Value input = call[1].is_undefined() ? call.input : call[1];
  return call.evaluator.evaluate_text(call[0].text(), input, call.frame);
}

constexpr Native kFunctions[] = {
    {"map", "<af>", 2, 2, map},           {"filter", "<af>", 2, 2, filter}, {"single", "<af?>", 2, 2, single},
    {"reduce", "<afj?:j>", 3, 3, reduce}, {"each", "<o-f:a>", 2, 2, each},  {"sift", "<o-f?:o>", 2, 2, sift},
};

constexpr Native kReference[] = {{"eval", "<sx?:x>", 2, 2, evaluate_text}};

}  // namespace

std::span<const Native> higher_order_functions() { return kFunctions; }
std::span<const Native> reference_functions() { return kReference; }

}  // namespace spillway::jsonata
