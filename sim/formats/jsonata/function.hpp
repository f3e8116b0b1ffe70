#pragma once
/// Functions as values: lambdas with what they close over, the built-in ones, regular expressions (which are
/// functions from a string to a match), and what partial application, chaining and `|...|` make of them.

#include <memory_resource>
#include <span>
#include <string_view>
#include <vector>

#include "formats/jsonata/value.hpp"

namespace spillway::jsonata {

struct Node;
class Evaluator;
class Regex;
class Signature;

/// Variables of one scope. A tuple's variables are seen through it, without being copied.
struct Frame {
  Frame(Frame* outer_scope, std::pmr::memory_resource* memory) : outer(outer_scope), own(memory) {}
  Frame* outer;
  const Object* tuple = nullptr;
  Object own;
};

/// A call of a built-in function. Arguments that were not given read as undefined.
struct Call {
  Evaluator& evaluator;
  std::span<const Value> arguments;
  Frame* frame = nullptr;
  Value input;

  Value operator[](std::size_t i) const { return i < arguments.size() ? arguments[i] : Value(); }
};

using Implementation = Value (*)(Call&);

struct Native {
  std::string_view name;
  std::string_view signature;
  std::size_t arity;       ///< of the function as a value: how many arguments $map and its kin hand over
  std::size_t parameters;  ///< how many a partial application may fill
  Implementation run;
};

struct Function {
  enum class Type : std::uint8_t { lambda, native, partial, chain, transform, regex, next_match };

  explicit Function(std::pmr::memory_resource* memory) : parameters(memory), bound(memory), holes(memory) {}

  Type type = Type::lambda;
  bool thunk = false;              ///< a call in tail position, made when the caller has returned
  const Node* node = nullptr;      ///< lambda: its definition; transform, regex: the expression
  const Native* native = nullptr;  ///< native
  const Signature* signature = nullptr;
  Value input;                                    ///< what `$` means inside
  Frame* frame = nullptr;                         ///< what the function closes over
  std::pmr::vector<std::string_view> parameters;  ///< lambda: the names that arguments are bound to
  std::pmr::vector<Value> bound;   ///< partial: arguments, undefined where open; chain: first and second
  const Function* base = nullptr;  ///< partial: what is called
  std::string_view subject;        ///< next_match: the string that is searched
  std::size_t from = 0;            ///< next_match: the byte from which the search goes on
  std::pmr::vector<char> holes;    ///< partial: which arguments are open

  std::size_t arity() const;
};

}  // namespace spillway::jsonata
