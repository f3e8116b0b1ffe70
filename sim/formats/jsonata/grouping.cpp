// Object constructors, which group the values they are applied to by their keys, and `|...|`, which changes a
// copy of a document.
#include "formats/jsonata/evaluator.hpp"
#include "formats/jsonata/failure.hpp"
#include "formats/jsonata/functions.hpp"

namespace spillway::jsonata {
namespace {

struct Entry {
  Value data;
  std::size_t pair = 0;
  Array* joined = nullptr;  // once a second value has come to the key
};

}  // namespace

Value Evaluator::group(const Pairs& pairs, const Value& input, Frame* frame) {
  const bool tuples = input.is_tuple_stream();
  const bool many = input.is(Kind::array);
  // Nothing is still one (undefined) value, so that a literal object can be made from it.
  const std::size_t size = many && (input.size() > 0 || tuples) ? input.size() : 1;
  std::vector<Entry> entries;
  entries.reserve(pairs.size());
  Object* places = memory_.object();  // key -> place in entries
  for (std::size_t i = 0; i < size; ++i) {
    const Value item = many ? input.at(i) : input;
    const Value context = tuples ? item.member(kValue) : item;
    Frame* scope = tuples ? tuple_frame(frame, item) : frame;
    for (std::size_t p = 0; p < pairs.size(); ++p) {
      const Value key = evaluate(*pairs[p].first, context, scope);
      if (key.is_undefined()) continue;
      if (!key.is(Kind::string)) {
        fail("T1003", "Key in object structure must evaluate to a string; got: {}", to_text(key));
      }
      const Value* place = places->find(key.text());
      if (!place) {
        places->set(key.text(), Value(static_cast<double>(entries.size())));
        entries.push_back({item, p, nullptr});
        continue;
      }
      Entry& entry = entries[static_cast<std::size_t>(place->number())];
      if (entry.pair != p) {
        fail("D1009", "Multiple key definitions evaluate to same key: \"{}\"", key.text());
      }
      if (!entry.joined) {
        entry.joined = memory_.array();
        const Value first = append(Value(memory_.array()), entry.data);
        if (!first.is_undefined()) entry.joined->items = first.own_array()->items;
        entry.data = Value(entry.joined);
      }
      const std::size_t parts = item.is(Kind::array) ? item.size() : 1;
      for (std::size_t j = 0; j < parts && !item.is_undefined(); ++j) {
        entry.joined->items.push_back(item.is(Kind::array) ? item.at(j) : item);
      }
    }
  }
  Object* result = memory_.object();
  for (const auto& [key, place] : Members(Value(places)).list) {
    const Entry& entry = entries[static_cast<std::size_t>(place.number())];
    Value context = entry.data;
    Frame* scope = frame;
    if (tuples) {
      Object* tuple = reduced(entry.data);
      context = Value(tuple).member(kValue);
      tuple->erase(kValue);
      scope = tuple_frame(frame, Value(tuple));
    }
    const Value value = evaluate(*pairs[entry.pair].second, context, scope);
    if (!value.is_undefined()) result->set(key, value);
  }
  return Value(result);
}

Value Evaluator::transform(const Function& function, const Value& document) {
  if (document.is_undefined()) return {};
  const Value clone = find(function.frame, "clone");
  if (!clone.is(Kind::function)) {
    fail("T2013", "The transform expression clones its input with $clone(), which is no function here");
  }
  Value result = apply(clone, {document}, Value::null());
  const Value matches = evaluate(*function.node->left, result, function.frame);
  if (matches.is_undefined()) return result;
  const std::size_t size = matches.is(Kind::array) ? matches.size() : 1;
  for (std::size_t i = 0; i < size; ++i) {
    update(*function.node, matches.is(Kind::array) ? matches.at(i) : matches, function.frame);
  }
  return result;
}

void Evaluator::update(const Node& node, Value match, Frame* frame) {
  Object* target = match.own_object();
  const Value changes = evaluate(*node.right, match, frame);
  if (!changes.is_undefined()) {
    if (!changes.is(Kind::object)) {
      fail_at(node.right->position, "T2011",
              "The insert/update clause of the transform expression must evaluate to an object: {}",
              to_text(changes));
    }
    for (const auto& [name, value] : Members(changes).list) {
      if (target) target->set(name, value);
    }
  }
  if (!node.third) return;
  const Value names = evaluate(*node.third, match, frame);
  if (names.is_undefined()) return;
  const std::size_t size = names.is(Kind::array) ? names.size() : 1;
  for (std::size_t i = 0; i < size; ++i) {
    const Value name = names.is(Kind::array) ? names.at(i) : names;
    if (!name.is(Kind::string)) {
      fail_at(
          node.third->position, "T2012",
          "The delete clause of the transform expression must evaluate to a string or array of strings: {}",
          to_text(names));
    }
    if (target) target->erase(name.text());
  }
}

}  // namespace spillway::jsonata
