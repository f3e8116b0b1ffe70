// Operators, literals that build arrays, blocks and variables.
#include <cmath>

#include "formats/jsonata/evaluator.hpp"
#include "formats/jsonata/failure.hpp"

namespace spillway::jsonata {
namespace {

bool is_integer(const Value& value) {
  return value.is(Kind::number) && std::isfinite(value.number()) &&
         value.number() == std::floor(value.number());
}

}  // namespace

Value Evaluator::binary(const Node& node, const Value& input, Frame* frame) {
  const Value left = evaluate(*node.left, input, frame);
  if (node.op == Operator::logical_and) {
    return Value(is_true(left) && is_true(evaluate(*node.right, input, frame)));
  }
  if (node.op == Operator::logical_or) {
    return Value(is_true(left) || is_true(evaluate(*node.right, input, frame)));
  }
  const Value right = evaluate(*node.right, input, frame);
  switch (node.op) {
    case Operator::equal: return Value(!left.is_undefined() && !right.is_undefined() && equal(left, right));
    case Operator::unequal:
      return Value(!left.is_undefined() && !right.is_undefined() && !equal(left, right));
    case Operator::less:
    case Operator::less_equal:
    case Operator::greater:
    case Operator::greater_equal: return comparison(node, left, right);
    case Operator::concatenate: {
      std::string text = left.is_undefined() ? "" : to_text(left);
      if (!right.is_undefined()) text += to_text(right);
      spend(text.size() / 64);
      return memory_.string(text);
    }
    case Operator::range: return range(left, right);
    case Operator::in: return includes(left, right);
    default: return numeric(node, left, right);
  }
}

Value Evaluator::numeric(const Node& node, const Value& left, const Value& right) const {
  if (!left.is_undefined() && !is_number(left)) {
    fail_at(node.position, "T2001", "The left side of the \"{}\" operator must evaluate to a number",
            node.text);
  }
  if (!right.is_undefined() && !is_number(right)) {
    fail_at(node.position, "T2002", "The right side of the \"{}\" operator must evaluate to a number",
            node.text);
  }
  if (left.is_undefined() || right.is_undefined()) return {};
  const double a = left.number();
  const double b = right.number();
  switch (node.op) {
    case Operator::add: return Value(a + b);
    case Operator::subtract: return Value(a - b);
    case Operator::multiply: return Value(a * b);
    case Operator::divide: return Value(a / b);
    default: return Value(std::fmod(a, b));
  }
}

Value Evaluator::comparison(const Node& node, const Value& left, const Value& right) const {
  const auto comparable = [](const Value& value) {
    return value.is_undefined() || value.is(Kind::string) || value.is(Kind::number);
  };
  if (!comparable(left) || !comparable(right)) {
    fail_at(node.position, "T2010",
            "The expressions either side of operator \"{}\" must evaluate to numeric or string values",
            node.text);
  }
  if (left.is_undefined() || right.is_undefined()) return {};
  if (left.kind() != right.kind()) {
    fail_at(node.position, "T2009",
            "The values {} and {} either side of operator \"{}\" must be of the same data type",
            to_text(left), to_text(right), node.text);
  }
  const bool text = left.is(Kind::string);
  const double a = text ? compare_text(left.text(), right.text()) : left.number();
  const double b = text ? 0 : right.number();
  switch (node.op) {
    case Operator::less: return Value(a < b);
    case Operator::less_equal: return Value(a <= b);
    case Operator::greater: return Value(a > b);
    default: return Value(a >= b);
  }
}

Value Evaluator::includes(const Value& left, const Value& right) const {
  if (left.is_undefined() || right.is_undefined()) return Value(false);
  if (!right.is(Kind::array)) return Value(identical(left, right));
  for (std::size_t i = 0; i < right.size(); ++i) {
    if (identical(left, right.at(i))) return Value(true);
  }
  return Value(false);
}

Value Evaluator::range(const Value& left, const Value& right) {
  if (!left.is_undefined() && !is_integer(left)) {
    fail("T2003", "The left side of the range operator (..) must evaluate to an integer");
  }
  if (!right.is_undefined() && !is_integer(right)) {
    fail("T2004", "The right side of the range operator (..) must evaluate to an integer");
  }
  if (left.is_undefined() || right.is_undefined() || left.number() > right.number()) return {};
  const double size = right.number() - left.number() + 1;
  if (size > static_cast<double>(limits_.range)) {
    fail("D2014",
         "The size of the sequence allocated by the range operator (..) must not exceed {}. Attempted to "
         "allocate {}",
         limits_.range, number_text(size));
  }
  const auto count = static_cast<std::size_t>(size);
  spend(count / 8);  // filling a block is far cheaper than evaluating
  Array* result = memory_.sequence();
  result->items.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    result->items.emplace_back(left.number() + static_cast<double>(i));
  }
  return Value(result);
}

Value Evaluator::negation(const Node& node, const Value& input, Frame* frame) {
  const Value value = evaluate(*node.left, input, frame);
  if (value.is_undefined()) return {};
  if (!is_number(value)) {
    fail_at(node.position, "D1002", "Cannot negate a non-numeric value: {}", to_text(value));
  }
  return Value(-value.number());
}

Value Evaluator::array(const Node& node, const Value& input, Frame* frame) {
  Array* result = memory_.array();
  for (const Node* item : node.list) {
    const Value value = evaluate(*item, input, frame);
    if (value.is_undefined()) continue;
    if (item->type == Type::array || !value.is(Kind::array)) {
      result->items.push_back(value);
      continue;
    }
    if (node.list.size() == 1 && item->op == Operator::range) {
      result->items = std::move(value.own_array()->items);  // nobody else knows the range's own array
      break;
    }
    spend(value.size());
    for (std::size_t i = 0; i < value.size(); ++i) result->items.push_back(value.at(i));
  }
  result->constructed = node.constructed;
  return Value(result);
}

Value Evaluator::block(const Node& node, const Value& input, Frame* frame) {
  Value result;
  Frame* scope = new_frame(frame);
  for (const Node* part : node.list) result = evaluate(*part, input, scope);
  return result;
}

Value Evaluator::variable(const Node& node, const Value& input, Frame* frame) {
  if (!node.text.empty()) return find(frame, node.text);
  const Array* wrapper = input.own_array();
  return wrapper && wrapper->wraps_input ? wrapper->items[0] : input;
}

}  // namespace spillway::jsonata
