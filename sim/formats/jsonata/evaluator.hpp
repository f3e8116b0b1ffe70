#pragma once
/// Evaluates the tree of an expression. One Evaluator lives for one evaluation and owns all that it makes.
///
/// The rules of sequences, by which JSONata differs from most languages: each step of a path maps over the
/// values before it and flattens what comes out; a sequence of one value is that value, an empty one is
/// "undefined". Arrays that were written as such, `[...]`, stay arrays.

#include <list>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "formats/jsonata/failure.hpp"
#include "formats/jsonata/function.hpp"
#include "formats/jsonata/jsonata.hpp"
#include "formats/jsonata/syntax.hpp"
#include "formats/jsonata/value.hpp"

namespace spillway::jsonata {

class Evaluator {
 public:
  Evaluator(const Program& program, const Bindings& variables, const Environment& environment,
            const Limits& limits);

  Value run(const Json& input);

  // What built-in functions need.
  Value apply(const Value& function, std::vector<Value> arguments, const Value& context);
  /// Calls with as many of the arguments as the function takes, at least one.
  Value apply_as_far(const Value& function, std::initializer_list<Value> arguments);
  /// Evaluates another text in the scope of a call ($eval).
  Value evaluate_text(std::string_view text, const Value& input, Frame* frame);
  Memory& memory() { return memory_; }
  const Environment& environment() const { return environment_; }
  const Limits& limits() const { return limits_; }
  std::uint64_t random_bits();
  /// A document that the evaluation has read itself.
  Value keep(Json document) { return Value::of(read_.emplace_back(std::move(document))); }
  /// Counts work that grows with the data, so that no expression runs for ever.
  void spend(std::size_t steps);

  /// `a` and `b` as one array; undefined adds nothing.
  Value append(const Value& a, const Value& b);
  Value lookup(const Value& input, std::string_view name);
  void require_room(std::size_t elements) const;

 private:
  friend class DepthLimit;

  Value evaluate(const Node& node, const Value& input, Frame* frame);
  Value dispatch(const Node& node, const Value& input, Frame* frame);
  Value settled(const Node& node, Value value);

  // paths.cpp
  Value path(const Node& node, const Value& input, Frame* frame);
  bool simple_path(const Node& node, Value& value, Frame* frame);
  Array* step(const Node& step, const Value& input, Frame* frame, bool last, Value& whole);
  Value filtered(const Node& predicate, const Value& input, Frame* frame);
  void pick(const Node& predicate, const Value& input, Frame* frame, Array& results);
  Value staged(const Node& step, const Value& input, Frame* frame);
  Value path_result(const Node& node, Value result, const Value& tuples, bool streams, Frame* frame);
  Value wildcard(const Value& input);
  void descendants(const Value& input, Array& result, std::size_t depth);
  Value sort(const Node& node, const Value& input, Frame* frame);
  static int compare_terms(const Node& node, const SortTerm& term, const Value& a, const Value& b);

  // tuples.cpp
  Value tuple_step(const Node& step, const Value& input, const Value& tuples, Frame* frame);
  Value sorted_tuples(const Node& step, const Value& input, const Value& tuples, Frame* frame);
  void bind_tuple(const Node& step, const Object& from, const Value& values, Array& result);
  Frame* tuple_frame(Frame* outer, const Value& tuple);
  Object* reduced(const Value& tuples);

  // operators.cpp
  Value binary(const Node& node, const Value& input, Frame* frame);
  Value numeric(const Node& node, const Value& left, const Value& right) const;
  Value comparison(const Node& node, const Value& left, const Value& right) const;
  Value includes(const Value& left, const Value& right) const;
  Value range(const Value& left, const Value& right);
  Value negation(const Node& node, const Value& input, Frame* frame);
  Value array(const Node& node, const Value& input, Frame* frame);
  Value block(const Node& node, const Value& input, Frame* frame);
  Value variable(const Node& node, const Value& input, Frame* frame);

  // grouping.cpp
  Value group(const Pairs& pairs, const Value& input, Frame* frame);
  Value transform(const Function& function, const Value& document);
  void update(const Node& node, Value match, Frame* frame);

  // calls.cpp
  Value call(const Node& node, const Value& input, Frame* frame, const Value* chained);
  Value chain(const Node& node, const Value& input, Frame* frame);
  Value lambda(const Node& node, const Value& input, Frame* frame);
  Value partial(const Node& node, const Value& input, Frame* frame);
  Value apply_once(const Value& function, std::vector<Value>& arguments, const Value& context,
                   std::string_view name, Frame* frame);
  Value apply_named(const Value& function, std::vector<Value> arguments, const Value& context,
                    std::string_view name, Frame* frame);
  Value apply_partial(const Function& function, const std::vector<Value>& arguments);
  Value run_lambda(const Function& function, const std::vector<Value>& arguments);

  Frame* new_frame(Frame* outer) { return memory_.make<Frame>(outer, memory_.resource()); }
  Value find(Frame* frame, std::string_view name);

  const Bindings& variables_;
  const Environment& environment_;
  Limits limits_;
  Memory memory_;
  const Program& program_;
  std::list<std::unique_ptr<const Program>> evaluated_;  // texts given to $eval
  std::list<Json> read_;
  std::size_t depth_ = 0;
  std::size_t steps_ = 0;
  Value input_;
};

/// One level of nested evaluation: the stack of the program grows with it, so it is limited.
class DepthLimit {
 public:
  explicit DepthLimit(Evaluator& evaluator) : evaluator_(evaluator) {
    if (++evaluator_.depth_ > evaluator_.limits_.depth) {
      fail("D1011", "Stack overflow. Check for non-terminating recursive function");
    }
  }
  DepthLimit(const DepthLimit&) = delete;
  DepthLimit& operator=(const DepthLimit&) = delete;
  ~DepthLimit() { --evaluator_.depth_; }

 private:
  Evaluator& evaluator_;
};

/// The name of a tuple's own value, beside the variables that were bound.
inline constexpr std::string_view kValue = "@";

/// JSONata's truth: nothing, null, zero, "", functions and empty containers are false, and arrays without a
/// true element; undefined stays undefined.
Value to_boolean(const Value& value);
bool is_true(const Value& value);
/// Whether the value is a number; an infinite one is an error.
bool is_number(const Value& value);
/// As `$string` and `&` write a value.
std::string to_text(const Value& value, bool pretty = false);
/// As the caller gets it. Undefined becomes null inside of arrays.
Json to_json(const Value& value);

/// A stable merge sort that asks `behind(a, b)`, whether a must stand behind b, exactly as the reference
/// does.
template <typename Behind>
void merge_sort(std::span<Value> values, const Behind& behind) {
  if (values.size() <= 1) return;
  const std::size_t middle = values.size() / 2;
  std::vector<Value> left(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(middle));
  std::vector<Value> right(values.begin() + static_cast<std::ptrdiff_t>(middle), values.end());
  merge_sort(std::span(left), behind);
  merge_sort(std::span(right), behind);
  std::size_t i = 0;
  std::size_t j = 0;
  for (Value& value : values) {
    const bool take_right = i == left.size() || (j < right.size() && behind(left[i], right[j]));
    value = take_right ? right[j++] : left[i++];
  }
}

}  // namespace spillway::jsonata
