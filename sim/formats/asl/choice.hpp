#pragma once
/// The rules of a Choice state.
///
/// A comparison of values of the wrong type is false, not an error. A path that leads nowhere is an error
/// (States.Runtime), but for IsPresent. `IsX: false` holds whenever `IsX: true` does not.
/// Sources: states-language.net/spec.html, "Choice State" (2025); 623 executions recorded on AWS (2023-26).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/asl/template.hpp"

namespace spillway::asl {

enum class Comparison : std::uint8_t { equals, less, greater, less_equals, greater_equals, matches };
enum class Operand : std::uint8_t {
  string,
  numeric,
  boolean,
  timestamp,
  is_null,
  is_present,
  is_numeric,
  is_string,
  is_boolean,
  is_timestamp
};

/// One row of the language's operators, such as NumericLessThanEqualsPath.
struct ChoiceOperator {
  Operand operand = Operand::string;
  Comparison comparison = Comparison::equals;
  bool by_path = false;
};
std::optional<ChoiceOperator> find_choice_operator(std::string_view name);
/// Every operator's name, for suggestions.
std::vector<std::string> choice_operator_names();
/// Why a literal does not fit its operator; empty when it does.
std::string literal_mistake(const ChoiceOperator& op, const Json& literal);

struct Condition {
  enum class Kind : std::uint8_t { compare, all, any, negate, expression };
  Kind kind = Kind::compare;
  std::vector<Condition> parts;
  ChoiceOperator op;
  Path variable;
  Json literal;
  std::optional<Template> other;  ///< of a ...Path operator
  std::optional<Template> expression;
};

/// Throws Failed. `scope.input` is the effective input.
bool holds(const Condition& condition, const Scope& scope);
/// `*` matches any text, `\*` a star, `\\` a backslash.
bool string_matches(std::string_view pattern, std::string_view text);

}  // namespace spillway::asl
