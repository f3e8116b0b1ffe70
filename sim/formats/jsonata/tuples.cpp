// Streams of tuples, which a path becomes once a step binds a variable (`@$v`, `#$i`) or keeps a parent for
// `%`: each tuple is an object that holds a value and the variables that were bound on the way to it.
#include "formats/jsonata/evaluator.hpp"

namespace spillway::jsonata {

Frame* Evaluator::tuple_frame(Frame* outer, const Value& tuple) {
  Frame* frame = new_frame(outer);
  frame->tuple = tuple.own_object();
  return frame;
}

Value Evaluator::tuple_step(const Node& node, const Value& input, const Value& tuples, Frame* frame) {
  if (node.type == Type::sort) return sorted_tuples(node, input, tuples, frame);
  Array* result = memory_.sequence();
  result->tuple_stream = true;
  const Value& from = tuples.is_undefined() ? input : tuples;
  const std::size_t size = from.is(Kind::array) ? from.size() : 0;
  for (std::size_t i = 0; i < size; ++i) {
    Value tuple = from.at(i);
    if (tuples.is_undefined()) {
      Object* fresh = memory_.object();
      fresh->set(kValue, tuple);
      tuple = Value(fresh);
    }
    const Value found = evaluate(node, tuple.member(kValue), tuple_frame(frame, tuple));
    if (!found.is_undefined()) bind_tuple(node, *tuple.own_object(), found, *result);
  }
  return node.stages.empty() ? Value(result) : staged(node, Value(result), frame);
}

/// One tuple for each value that a step gave, with what was bound before and what this step binds.
void Evaluator::bind_tuple(const Node& node, const Object& from, const Value& values, Array& result) {
  const bool stream = values.is_tuple_stream();
  const std::size_t size = values.is(Kind::array) ? values.size() : 1;
  spend(size);
  for (std::size_t i = 0; i < size; ++i) {
    const Value value = values.is(Kind::array) ? values.at(i) : values;
    Object* tuple = memory_.object();
    for (const auto& [name, bound] : from.members) tuple->set(name, bound);
    if (stream) {
      for (const auto& [name, bound] : value.own_object()->members) tuple->set(name, bound);
    } else {
      const Value* before = from.find(kValue);
      if (node.focus.empty()) {
        tuple->set(kValue, value);
      } else {
        tuple->set(node.focus, value);
      }
      if (!node.index.empty()) tuple->set(node.index, Value(static_cast<double>(i)));
      if (node.ancestor && before) tuple->set(node.ancestor->name, *before);
    }
    result.items.push_back(Value(tuple));
  }
}

Value Evaluator::sorted_tuples(const Node& node, const Value& input, const Value& tuples, Frame* frame) {
  Value result;
  if (!tuples.is_undefined()) {
    result = sort(node, tuples, frame);
  } else {
    const Value sorted = sort(node, input, frame);
    Array* stream = memory_.sequence();
    stream->tuple_stream = true;
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      Object* tuple = memory_.object();
      tuple->set(kValue, sorted.at(i));
      if (!node.index.empty()) tuple->set(node.index, Value(static_cast<double>(i)));
      stream->items.push_back(Value(tuple));
    }
    result = Value(stream);
  }
  return node.stages.empty() ? result : staged(node, result, frame);
}

/// All the tuples of a group as one, each variable with all its values.
Object* Evaluator::reduced(const Value& tuples) {
  Object* result = memory_.object();
  const std::size_t size = tuples.is(Kind::array) ? tuples.size() : 1;
  for (std::size_t i = 0; i < size; ++i) {
    const Value tuple = tuples.is(Kind::array) ? tuples.at(i) : tuples;
    for (const auto& [name, value] : tuple.own_object()->members) {
      const Value* before = result->find(name);
      result->set(name, before && i > 0 ? append(*before, value) : value);
    }
  }
  return result;
}

}  // namespace spillway::jsonata
