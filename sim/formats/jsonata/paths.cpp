// Paths: steps that map over the values before them, predicates, wildcards and sorting.
#include <cmath>

#include "formats/jsonata/evaluator.hpp"
#include "formats/jsonata/failure.hpp"

namespace spillway::jsonata {
namespace {

bool is_plain(const Node& step, Type type) {
  return step.type == type && step.stages.empty() && step.predicates.empty() && !step.group &&
         !step.keep_array && !step.tuple;
}

void flatten(const Value& value, Array& into, std::size_t depth) {
  if (depth > 1000) fail("D1011", "The arrays are nested too deeply");
  if (!value.is(Kind::array)) {
    into.items.push_back(value);
    return;
  }
  for (std::size_t i = 0; i < value.size(); ++i) flatten(value.at(i), into, depth + 1);
}

}  // namespace

/// The common case, `a.b.c` or `$v.b.c` through objects, without building sequences. True when it is the
/// whole answer; otherwise `value` is untouched.
bool Evaluator::simple_path(const Node& node, Value& value, Frame* frame) {
  if (node.keep_singleton || node.keep_array || node.group || node.tuple) return false;
  Value current = value;
  for (const Node* step : node.list) {
    if (step == node.list[0] && is_plain(*step, Type::variable)) {
      current = variable(*step, value, frame);
    } else if (is_plain(*step, Type::name) && current.is(Kind::object)) {
      current = current.member(step->text);
    } else {
      return false;
    }
    if (current.is_undefined()) break;
  }
  spend(node.list.size());
  value = current;
  return true;
}

Value Evaluator::path(const Node& node, const Value& input, Frame* frame) {
  if (Value simple = input; simple_path(node, simple, frame)) return simple;
  Value values = input;
  if (!input.is(Kind::array) || node.list[0]->type == Type::variable) {
    Array* one = memory_.sequence();
    one->items.push_back(input);
    values = Value(one);
  }
  Value result;
  Value tuples;
  bool streams = false;
  for (std::size_t i = 0; i < node.list.size(); ++i) {
    const Node& next = *node.list[i];
    streams = streams || next.tuple;
    if (i == 0 && next.constructed) {
      result = evaluate(next, values, frame);
    } else if (streams) {
      tuples = tuple_step(next, values, tuples, frame);
    } else {
      Value whole;
      Array* made = step(next, values, frame, i + 1 == node.list.size(), whole);
      result = made ? Value(made) : whole;
    }
    if (!streams && (result.is_undefined() || (result.is(Kind::array) && result.size() == 0))) break;
    if (next.focus.empty()) values = result;
  }
  return path_result(node, result, tuples, streams, frame);
}

Value Evaluator::path_result(const Node& node, Value result, const Value& tuples, bool streams,
                             Frame* frame) {
  if (streams && node.tuple) {
    result = tuples;  // a parent is still looked for further out
  } else if (streams) {
    Array* values = memory_.sequence();
    for (std::size_t i = 0; i < tuples.size(); ++i) values->items.push_back(tuples.at(i).member(kValue));
    result = Value(values);
  }
  if (node.keep_singleton) {
    Array* array = result.own_array();
    if (array && array->constructed && !array->sequence) {
      Array* one = memory_.sequence();
      one->items.push_back(result);
      result = Value(one);
      array = one;
    }
    if (array) array->keep_singleton = true;
  }
  if (node.group) result = group(node.group->pairs, streams ? tuples : result, frame);
  return result;
}

/// Maps a step over its input. The last step may give an array as it is, in `whole`, and then returns null.
Array* Evaluator::step(const Node& node, const Value& input, Frame* frame, bool last, Value& whole) {
  if (node.type == Type::sort) {
    whole = sort(node, input, frame);
    if (!node.stages.empty()) whole = staged(node, whole, frame);
    return nullptr;
  }
  Array* result = memory_.sequence();
  const std::size_t size = input.is(Kind::array) ? input.size() : 0;
  Value only;
  std::size_t count = 0;
  for (std::size_t i = 0; i < size; ++i) {
    Value value = evaluate(node, input.at(i), frame);
    for (const Stage& stage : node.stages) value = filtered(*stage.filter, value, frame);
    if (value.is_undefined()) continue;
    ++count;
    only = value;
    const Array* own = value.own_array();
    if (!value.is(Kind::array) || (own && own->constructed)) {
      result->items.push_back(value);
    } else {
      spend(value.size());
      for (std::size_t j = 0; j < value.size(); ++j) result->items.push_back(value.at(j));
    }
  }
  if (last && count == 1 && only.is(Kind::array) && !only.is_sequence()) {
    whole = only;
    return nullptr;
  }
  return result;
}

Value Evaluator::staged(const Node& step, const Value& input, Frame* frame) {
  Value result = input;
  for (const Stage& stage : step.stages) {
    if (stage.filter) {
      result = filtered(*stage.filter, result, frame);
      continue;
    }
    for (std::size_t i = 0; result.is(Kind::array) && i < result.size(); ++i) {
      if (Object* tuple = result.at(i).own_object()) tuple->set(stage.index, Value(static_cast<double>(i)));
    }
  }
  return result;
}

Value Evaluator::filtered(const Node& predicate, const Value& input, Frame* frame) {
  Array* results = memory_.sequence();
  results->tuple_stream = input.is_tuple_stream();
  Value values = input;
  if (!input.is(Kind::array)) {
    Array* one = memory_.sequence();
    one->items.push_back(input);
    values = Value(one);
  }
  if (predicate.type != Type::number || !predicate.predicates.empty()) {
    pick(predicate, values, frame, *results);
    return Value(results);
  }
  double index = std::floor(predicate.number);
  if (index < 0) index += static_cast<double>(values.size());
  const bool inside = index >= 0 && index < static_cast<double>(values.size());
  const Value item = inside ? values.at(static_cast<std::size_t>(index)) : Value();
  if (item.is(Kind::array)) return item;
  if (!item.is_undefined()) results->items.push_back(item);
  return Value(results);
}

/// Keeps the items for which the predicate is true, or whose position it names.
void Evaluator::pick(const Node& predicate, const Value& input, Frame* frame, Array& results) {
  const bool tuples = input.is_tuple_stream();
  const auto size = static_cast<double>(input.size());
  for (std::size_t i = 0; i < input.size(); ++i) {
    const Value item = input.at(i);
    const Value context = tuples ? item.member(kValue) : item;
    const Value found = evaluate(predicate, context, tuples ? tuple_frame(frame, item) : frame);
    const auto names = [&](const Value& position) {
      const double floor = std::floor(position.number());
      return (floor < 0 ? floor + size : floor) == static_cast<double>(i);
    };
    if (is_number(found)) {
      if (names(found)) results.items.push_back(item);
      continue;
    }
    bool positions = found.is(Kind::array);
    for (std::size_t j = 0; positions && j < found.size(); ++j) positions = is_number(found.at(j));
    if (!positions) {
      if (is_true(found)) results.items.push_back(item);
      continue;
    }
    spend(found.size());
    for (std::size_t j = 0; j < found.size(); ++j) {
      if (names(found.at(j))) results.items.push_back(item);
    }
  }
}

Value Evaluator::wildcard(const Value& input) {
  Value from = input;
  const Array* wrapper = input.own_array();
  if (wrapper && wrapper->wraps_input && !wrapper->items.empty()) from = wrapper->items[0];
  Array* result = memory_.sequence();
  const auto add = [&](const Value& value) {
    if (value.is(Kind::array)) {
      result->sequence = false;  // joining arrays makes an array, not a sequence
      flatten(value, *result, 0);
    } else {
      result->items.push_back(value);
    }
  };
  if (from.is(Kind::array)) {
    for (std::size_t i = 0; i < from.size(); ++i) add(from.at(i));
  } else {
    for (const auto& [name, value] : Members(from).list) add(value);
  }
  spend(result->items.size());
  return Value(result);
}

void Evaluator::descendants(const Value& input, Array& result, std::size_t depth) {
  if (depth > limits_.depth) fail("D1011", "The document is nested too deeply");
  spend(1);
  if (input.is(Kind::array)) {
    for (std::size_t i = 0; i < input.size(); ++i) descendants(input.at(i), result, depth + 1);
    return;
  }
  result.items.push_back(input);
  for (const auto& [name, value] : Members(input).list) descendants(value, result, depth + 1);
}

Value Evaluator::sort(const Node& node, const Value& input, Frame* frame) {
  if (!input.is(Kind::array) || input.size() <= 1) return input;
  Array* result = memory_.array();
  result->tuple_stream = input.is_tuple_stream();
  for (std::size_t i = 0; i < input.size(); ++i) result->items.push_back(input.at(i));
  const bool tuples = result->tuple_stream;
  merge_sort(std::span(result->items), [&](const Value& a, const Value& b) {
    Frame* a_frame = tuples ? tuple_frame(frame, a) : frame;
    Frame* b_frame = tuples ? tuple_frame(frame, b) : frame;
    for (const SortTerm& term : node.terms) {
      const Value x = evaluate(*term.expression, tuples ? a.member(kValue) : a, a_frame);
      const Value y = evaluate(*term.expression, tuples ? b.member(kValue) : b, b_frame);
      const int order = compare_terms(node, term, x, y);
      if (order != 0) return order > 0;
    }
    return false;
  });
  return Value(result);
}

int Evaluator::compare_terms(const Node& node, const SortTerm& term, const Value& a, const Value& b) {
  if (a.is_undefined() || b.is_undefined()) {  // nothing stands last, whichever the direction
    return a.is_undefined() && b.is_undefined() ? 0 : a.is_undefined() ? 1 : -1;
  }
  const auto sortable = [](const Value& value) { return value.is(Kind::string) || value.is(Kind::number); };
  if (!sortable(a) || !sortable(b)) {
    fail_at(node.position, "T2008",
            "The expressions within an order-by clause must evaluate to numeric or string values");
  }
  if (a.kind() != b.kind()) {
    fail_at(node.position, "T2007", "Type mismatch when comparing values {} and {} in order-by clause",
            to_text(a), to_text(b));
  }
  int order = 0;
  if (a.is(Kind::string)) {
    order = compare_text(a.text(), b.text());
  } else if (a.number() != b.number()) {
    order = a.number() < b.number() ? -1 : 1;
  }
  return term.descending ? -order : order;
}

}  // namespace spillway::jsonata
