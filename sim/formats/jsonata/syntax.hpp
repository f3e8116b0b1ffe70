#pragma once
/// The tree that an expression is parsed into. The parser builds it as written; the resolver then turns
/// chains of `.` into paths of steps, moves predicates to their steps, and finds what each `%` (parent)
/// refers to.

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "formats/jsonata/jsonata.hpp"
#include "formats/jsonata/regex.hpp"
#include "formats/jsonata/signature.hpp"

namespace spillway::jsonata {

enum class Type : std::uint8_t {
  end,  // of the text
  path,
  binary,
  negation,
  array,
  object,
  name,
  string,
  number,
  value,
  wildcard,
  descendant,
  parent,
  condition,
  block,
  bind,
  regex,
  call,
  partial,
  placeholder,  // the `?` of a partial application
  variable,
  lambda,
  apply,
  transform,
  sort,
};

/// Operators of binary nodes, by their text.
enum class Operator : std::uint8_t {
  none,
  map,     // .
  filter,  // [
  group,   // {
  order,   // ^
  assign,  // :=
  focus,   // @
  index,   // #
  chain,   // ~>
  add,
  subtract,
  multiply,
  divide,
  modulo,
  equal,
  unequal,
  less,
  less_equal,
  greater,
  greater_equal,
  concatenate,
  logical_and,
  logical_or,
  in,
  range,
};

struct Node;

/// The place where a parent is kept for `%`: `label` names the variable, `level` how many steps up remain.
struct Slot {
  std::size_t label;
  int level = 1;
  std::string_view name;
};

/// What follows a step: a predicate, or `#$variable` behind a predicate.
struct Stage {
  Node* filter = nullptr;
  std::string_view index;
};

struct SortTerm {
  Node* expression;
  bool descending;
};

using Pairs = std::vector<std::pair<Node*, Node*>>;

struct Group {
  Pairs pairs;
  std::size_t position = 0;
};

struct Node {
  Type type = Type::end;
  Operator op = Operator::none;
  bool truth = false;           // of the values true and false
  bool null = false;            // the value null
  bool keep_array = false;      // `[]`: a sequence of one stays an array
  bool keep_singleton = false;  // on a path of which a step has keep_array
  bool constructed = false;     // an array constructor that is the first or last step
  bool tuple = false;           // binds variables beside its values
  bool thunk = false;           // a lambda without arguments, around a call in tail position
  std::uint16_t depth = 1;
  std::size_t position = 0;
  double number = 0;
  std::string_view text;    // of names, strings, variables and operators
  Node* left = nullptr;     // operand, condition, procedure, pattern, lambda's body
  Node* right = nullptr;    // operand, then, update
  Node* third = nullptr;    // else, delete
  std::vector<Node*> list;  // steps, arguments, parameters, elements, expressions
  Pairs pairs;              // of an object constructor, or of a group-by as written
  std::vector<SortTerm> terms;
  std::unique_ptr<Group> group;
  std::vector<Stage> predicates;  // of a node that is no step
  std::vector<Stage> stages;      // of a step
  std::string_view focus;         // `@$variable`
  std::string_view index;         // `#$variable`
  Slot* ancestor = nullptr;       // this step's input is somebody's parent
  Slot* slot = nullptr;           // of a parent
  std::vector<Slot*> seeking;     // parents that steps further left must provide
  const Signature* signature = nullptr;
  const Regex* regex = nullptr;
};

/// A parsed expression with all that its nodes refer to.
struct Program {
  std::deque<Node> nodes;
  std::deque<Slot> slots;
  std::deque<std::string> texts;
  std::deque<Signature> signatures;
  std::deque<Regex> regexes;
  const Node* root = nullptr;
  Dialect dialect = Dialect::step_functions;

  Node* node(Type type, std::size_t position);
  std::string_view keep(std::string text);
};

/// How deep expressions may be nested as text; what the tree of a long chain like a+b+c+... counts, too.
inline constexpr std::uint16_t kMaxNesting = 500;

std::string_view type_name(const Node& node);

}  // namespace spillway::jsonata
