#include "formats/jsonata/evaluator.hpp"

#include <cmath>

#include "formats/jsonata/failure.hpp"
#include "formats/jsonata/functions.hpp"
#include "formats/jsonata/parser.hpp"
#include "formats/jsonata/resolver.hpp"

namespace spillway::jsonata {

Evaluator::Evaluator(const Program& program, const Bindings& variables, const Environment& environment,
                     const Limits& limits)
    : variables_(variables),
      environment_(environment),
      limits_(limits),
      memory_(limits.memory),
      program_(program) {}

Value Evaluator::run(const Json& input) {
  input_ = Value::of(input);
  Value root = input_;
  if (root.is(Kind::array)) {  // an array counts as one value, not as a sequence of them
    Array* wrapper = memory_.sequence();
    wrapper->wraps_input = true;
    wrapper->items.push_back(root);
    root = Value(wrapper);
  }
  return evaluate(*program_.root, root, new_frame(nullptr));
}

void Evaluator::spend(std::size_t steps) {
  steps_ += steps;
  if (steps_ > limits_.steps) {
    fail("D1012", "Evaluation stopped after {} steps. Check for infinite loop", limits_.steps);
  }
}

std::uint64_t Evaluator::random_bits() {
  if (!environment_.random_bits) fail("D1014", "No source of random numbers is given to this evaluation");
  return environment_.random_bits();
}

void Evaluator::require_room(std::size_t elements) const {
  if (elements > limits_.range) {
    fail("D2014", "The size of a sequence must not exceed {}. Attempted to allocate {}", limits_.range,
         elements);
  }
}

Value Evaluator::evaluate(const Node& node, const Value& input, Frame* frame) {
  const DepthLimit guard(*this);
  spend(1);
  try {
    return settled(node, dispatch(node, input, frame));
  } catch (Failure& failure) {
    if (!failure.placed) failure.error.position = node.position;
    failure.placed = true;
    throw;
  }
}

Value Evaluator::dispatch(const Node& node, const Value& input, Frame* frame) {
  Value result;
  switch (node.type) {
    case Type::path: return path(node, input, frame);
    case Type::binary: result = binary(node, input, frame); break;
    case Type::negation: result = negation(node, input, frame); break;
    case Type::array: result = array(node, input, frame); break;
    case Type::object: result = group(node.pairs, input, frame); break;
    case Type::name: result = lookup(input, node.text); break;
    case Type::string: result = Value(node.text); break;
    case Type::number: result = Value(node.number); break;
    case Type::value: result = node.null ? Value::null() : Value(node.truth); break;
    case Type::wildcard: result = wildcard(input); break;
    case Type::descendant:
      if (!input.is_undefined()) {
        Array* all = memory_.sequence();
        descendants(input, *all, 0);
        result = all->items.size() == 1 ? all->items[0] : Value(all);
      }
      break;
    case Type::parent: result = find(frame, node.slot->name); break;
    case Type::condition:
      if (is_true(evaluate(*node.left, input, frame))) {
        result = evaluate(*node.right, input, frame);
      } else if (node.third) {
        result = evaluate(*node.third, input, frame);
      }
      break;
    case Type::block: result = block(node, input, frame); break;
    case Type::bind:
      result = evaluate(*node.right, input, frame);
      frame->own.set(node.left->text, result);
      break;
    case Type::regex:
    case Type::transform:
    case Type::lambda: result = lambda(node, input, frame); break;
    case Type::call: result = call(node, input, frame, nullptr); break;
    case Type::partial: result = partial(node, input, frame); break;
    case Type::variable: result = variable(node, input, frame); break;
    case Type::apply: result = chain(node, input, frame); break;
    default: fail("S0206", "Unknown expression type: {}", type_name(node));
  }
  for (const Stage& stage : node.predicates) result = filtered(*stage.filter, result, frame);
  if (node.group) result = group(node.group->pairs, result, frame);
  return result;
}

/// A sequence of one value is that value, and an empty one is nothing.
Value Evaluator::settled(const Node& node, Value value) {
  Array* array = value.own_array();
  if (!array || !array->sequence || array->tuple_stream) return value;
  if (node.keep_array) array->keep_singleton = true;
  if (array->items.empty()) return {};
  return array->items.size() == 1 && !array->keep_singleton ? array->items[0] : value;
}

Value Evaluator::find(Frame* frame, std::string_view name) {
  for (Frame* scope = frame; scope; scope = scope->outer) {
    if (const Value* found = scope->own.find(name)) return *found;
    const Value* found = scope->tuple ? scope->tuple->find(name) : nullptr;
    if (found) return *found;
  }
  if (name == "$") return input_;
  if (const Json* bound = variables_.find(name)) return Value::of(*bound);
  if (const Builtin* builtin = find_builtin(name, program_.dialect)) {
    Function* function = memory_.function();
    function->type = Function::Type::native;
    function->native = builtin->native;
    function->signature = &builtin->signature;
    return Value(function);
  }
  return {};
}

Value Evaluator::lookup(const Value& input, std::string_view name) {
  if (input.is(Kind::object)) return input.member(name);
  if (!input.is(Kind::array)) return {};
  const DepthLimit guard(*this);
  spend(input.size());
  Array* result = memory_.sequence();
  for (std::size_t i = 0; i < input.size(); ++i) {
    const Value found = lookup(input.at(i), name);
    if (found.is(Kind::array)) {
      for (std::size_t j = 0; j < found.size(); ++j) result->items.push_back(found.at(j));
    } else if (!found.is_undefined()) {
      result->items.push_back(found);
    }
  }
  return Value(result);
}

Value Evaluator::append(const Value& a, const Value& b) {
  if (a.is_undefined()) return b;
  if (b.is_undefined()) return a;
  Array* result = memory_.array();
  for (const Value& part : {a, b}) {
    if (!part.is(Kind::array)) {
      result->items.push_back(part);
      continue;
    }
    spend(part.size());
    for (std::size_t i = 0; i < part.size(); ++i) result->items.push_back(part.at(i));
  }
  return Value(result);
}

Value Evaluator::evaluate_text(std::string_view text, const Value& input, Frame* frame) {
  auto program = std::make_unique<Program>();
  program->dialect = program_.dialect;
  try {
    program->root = resolve(Parser(text, *program).parse(), *program);
  } catch (const Failure& failure) {
    fail("D3120", "Syntax error in expression passed to function eval: {}", failure.error.message);
  }
  evaluated_.push_back(std::move(program));
  Value context = input;
  if (context.is(Kind::array) && !context.is_sequence()) {
    Array* wrapper = memory_.sequence();
    wrapper->wraps_input = true;
    wrapper->items.push_back(context);
    context = Value(wrapper);
  }
  try {
    return evaluate(*evaluated_.back()->root, context, frame);
  } catch (const Failure& failure) {
    fail("D3121", "Dynamic error evaluating the expression passed to function eval: {}",
         failure.error.message);
  }
}

}  // namespace spillway::jsonata
