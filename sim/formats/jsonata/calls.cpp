// Calls: of lambdas with what they close over, of built-in functions after their signature has been checked,
// of regular expressions, and partial application. A call in tail position comes back as a thunk and is run
// here in a loop, so that it does not nest.
#include "formats/jsonata/evaluator.hpp"
#include "formats/jsonata/failure.hpp"
#include "formats/jsonata/functions.hpp"
#include "formats/jsonata/matching.hpp"

namespace spillway::jsonata {
namespace {

/// What a call names, for messages.
std::string_view called(const Node& procedure) {
  return procedure.type == Type::path ? procedure.list[0]->text : procedure.text;
}

const Signature* transform_signature() {
  static const Signature signature("<(oa):o>");
  return &signature;
}

}  // namespace

std::size_t Function::arity() const {
  switch (type) {
    case Type::lambda: return parameters.size();
    case Type::native: return native->arity;
    case Type::regex: return 2;
    case Type::next_match: return 0;
    case Type::chain:
    case Type::transform: return 1;
    case Type::partial: break;
  }
  std::size_t count = 0;
  for (const char hole : holes) count += hole ? 1 : 0;
  return count;
}

Value Evaluator::lambda(const Node& node, const Value& input, Frame* frame) {
  Function* function = memory_.function();
  function->node = &node;
  function->input = input;
  function->frame = frame;
  if (node.type == Type::regex) {
    function->type = Function::Type::regex;
  } else if (node.type == Type::transform) {
    function->type = Function::Type::transform;
    function->signature = transform_signature();
  } else {
    function->thunk = node.thunk;
    function->signature = node.signature;
    for (const Node* parameter : node.list) function->parameters.push_back(parameter->text);
  }
  return Value(function);
}

Value Evaluator::call(const Node& node, const Value& input, Frame* frame, const Value* chained) {
  const Value procedure = evaluate(*node.left, input, frame);
  const std::string_view name = called(*node.left);
  if (procedure.is_undefined() && node.left->type == Type::path && !find(frame, name).is_undefined()) {
    fail_at(node.position, "T1005", "Attempted to invoke a non-function. Did you mean ${}?", name);
  }
  std::vector<Value> arguments;
  arguments.reserve(node.list.size() + (chained ? 1 : 0));
  if (chained) arguments.push_back(*chained);
  for (const Node* argument : node.list) arguments.push_back(evaluate(*argument, input, frame));
  return apply_named(procedure, std::move(arguments), input, name, frame);
}

Value Evaluator::chain(const Node& node, const Value& input, Frame* frame) {
  const Value left = evaluate(*node.left, input, frame);
  if (node.right->type == Type::call) return call(*node.right, input, frame, &left);
  const Value right = evaluate(*node.right, input, frame);
  if (!right.is(Kind::function)) {
    fail_at(node.position, "T2006",
            "The right side of the function application operator ~> must be a function");
  }
  if (!left.is(Kind::function)) return apply(right, {left}, Value::null());
  Function* both = memory_.function();
  both->type = Function::Type::chain;
  both->bound = {left, right};
  return Value(both);
}

Value Evaluator::apply(const Value& function, std::vector<Value> arguments, const Value& context) {
  return apply_named(function, std::move(arguments), context, {}, nullptr);
}

Value Evaluator::apply_as_far(const Value& function, std::initializer_list<Value> arguments) {
  const std::size_t count = std::max<std::size_t>(1, std::min(function.function().arity(), arguments.size()));
  return apply(function, {arguments.begin(), arguments.begin() + count}, Value::null());
}

Value Evaluator::apply_named(const Value& function, std::vector<Value> arguments, const Value& context,
                             std::string_view name, Frame* frame) {
  const DepthLimit guard(*this);  // a built-in function that calls back nests without an expression between
  Value result = apply_once(function, arguments, context, name, frame);
  while (result.is(Kind::function) && result.function().thunk) {
    const Function& thunk = result.function();
    const Node& next = *thunk.node->left;
    const Value procedure = evaluate(*next.left, thunk.input, thunk.frame);
    std::vector<Value> next_arguments;
    for (const Node* argument : next.list) {
      next_arguments.push_back(evaluate(*argument, thunk.input, thunk.frame));
    }
    result = apply_once(procedure, next_arguments, context, called(*next.left), thunk.frame);
  }
  return result;
}

Value Evaluator::apply_once(const Value& value, std::vector<Value>& arguments, const Value& context,
                            std::string_view name, Frame* frame) {
  if (!value.is(Kind::function)) fail("T1006", "Attempted to invoke a non-function");
  spend(1);
  const Function& function = value.function();
  if (name.empty() && function.native) name = function.native->name;
  if (function.signature) function.signature->apply(arguments, context, memory_, name);
  switch (function.type) {
    case Function::Type::lambda: return run_lambda(function, arguments);
    case Function::Type::native: {
      Call call{*this, arguments, frame, context};
      return function.native->run(call);
    }
    case Function::Type::partial: return apply_partial(function, arguments);
    case Function::Type::chain: {
      const Value first =
          apply(function.bound[0], {arguments.empty() ? Value() : arguments[0]}, Value::null());
      return apply(function.bound[1], {first}, Value::null());
    }
    case Function::Type::transform: return transform(function, arguments.empty() ? Value() : arguments[0]);
    case Function::Type::regex: return match_regex(*this, function, arguments);
    case Function::Type::next_match: return match_next(*this, function);
  }
  return {};
}

Value Evaluator::run_lambda(const Function& function, const std::vector<Value>& arguments) {
  Frame* frame = new_frame(function.frame);
  frame->own.members.reserve(function.parameters.size());
  for (std::size_t i = 0; i < function.parameters.size(); ++i) {
    frame->own.set(function.parameters[i], i < arguments.size() ? arguments[i] : Value());
  }
  return evaluate(*function.node->left, function.input, frame);
}

Value Evaluator::partial(const Node& node, const Value& input, Frame* frame) {
  Function* function = memory_.function();
  function->type = Function::Type::partial;
  for (const Node* argument : node.list) {
    const bool hole = argument->type == Type::placeholder;
    function->holes.push_back(hole ? 1 : 0);
    function->bound.push_back(hole ? Value() : evaluate(*argument, input, frame));
  }
  const Value procedure = evaluate(*node.left, input, frame);
  const std::string_view name = called(*node.left);
  if (procedure.is_undefined() && node.left->type == Type::path && !find(frame, name).is_undefined()) {
    fail_at(node.position, "T1007", "Attempted to partially apply a non-function. Did you mean ${}?", name);
  }
  if (!procedure.is(Kind::function)) {
    fail_at(node.position, "T1008", "Attempted to partially apply a non-function");
  }
  function->base = &procedure.function();
  return Value(function);
}

/// Fills the open places. The result is called without a check of its signature, as in the reference.
Value Evaluator::apply_partial(const Function& function, const std::vector<Value>& arguments) {
  const DepthLimit guard(*this);
  const Function& base = *function.base;
  std::vector<Value> filled(function.bound.begin(), function.bound.end());
  std::size_t next = 0;
  for (std::size_t i = 0; i < filled.size(); ++i) {
    if (!function.holes[i]) continue;
    if (next < arguments.size()) filled[i] = arguments[next];
    ++next;
  }
  if (base.type == Function::Type::lambda) return run_lambda(base, filled);
  if (base.type == Function::Type::native) {
    if (filled.size() > base.native->parameters) filled.resize(base.native->parameters);
    Call call{*this, filled, nullptr, Value()};
    return base.native->run(call);
  }
  return apply(Value(&base), std::move(filled), Value::null());
}

}  // namespace spillway::jsonata
