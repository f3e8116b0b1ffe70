#include "formats/asl/choice.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include "formats/asl/timestamp.hpp"

namespace spillway::asl {

namespace {

struct Row {
  std::string_view name;
  ChoiceOperator op;
};

using C = Comparison;
using O = Operand;
// Of these, each but StringMatches and the Is... has a form that ends in Path.
constexpr std::array<Row, 23> kRows{{
    {"StringEquals", {O::string, C::equals, false}},
    {"StringLessThan", {O::string, C::less, false}},
    {"StringGreaterThan", {O::string, C::greater, false}},
    {"StringLessThanEquals", {O::string, C::less_equals, false}},
    {"StringGreaterThanEquals", {O::string, C::greater_equals, false}},
    {"NumericEquals", {O::numeric, C::equals, false}},
    {"NumericLessThan", {O::numeric, C::less, false}},
    {"NumericGreaterThan", {O::numeric, C::greater, false}},
    {"NumericLessThanEquals", {O::numeric, C::less_equals, false}},
    {"NumericGreaterThanEquals", {O::numeric, C::greater_equals, false}},
    {"BooleanEquals", {O::boolean, C::equals, false}},
    {"TimestampEquals", {O::timestamp, C::equals, false}},
    {"TimestampLessThan", {O::timestamp, C::less, false}},
    {"TimestampGreaterThan", {O::timestamp, C::greater, false}},
    {"TimestampLessThanEquals", {O::timestamp, C::less_equals, false}},
    {"TimestampGreaterThanEquals", {O::timestamp, C::greater_equals, false}},
    {"StringMatches", {O::string, C::matches, false}},
    {"IsNull", {O::is_null, C::equals, false}},
    {"IsPresent", {O::is_present, C::equals, false}},
    {"IsNumeric", {O::is_numeric, C::equals, false}},
    {"IsString", {O::is_string, C::equals, false}},
    {"IsBoolean", {O::is_boolean, C::equals, false}},
    {"IsTimestamp", {O::is_timestamp, C::equals, false}},
}};
constexpr std::size_t kWithPath = 16;  // the first rows

template <typename T>
bool ordered(Comparison comparison, const T& left, const T& right) {
  switch (comparison) {
    case C::equals: return left == right;
    case C::less: return left < right;
    case C::greater: return right < left;
    case C::less_equals: return !(right < left);
    case C::greater_equals: return !(left < right);
    case C::matches: return false;
  }
  return false;
}

std::optional<Timestamp> moment(const Json& value) {
  return value.is_string() ? parse_timestamp(value.get_ref<const std::string&>()) : std::nullopt;
}

bool compare(const ChoiceOperator& op, const Json& left, const Json& right) {
  switch (op.operand) {
    case O::string:
      if (!left.is_string() || !right.is_string()) return false;
      if (op.comparison == C::matches) {
        return string_matches(right.get_ref<const std::string&>(), left.get_ref<const std::string&>());
      }
      return ordered(op.comparison, left.get_ref<const std::string&>(), right.get_ref<const std::string&>());
    case O::numeric:
      if (!left.is_number() || !right.is_number()) return false;
      if (left.is_number_integer() && right.is_number_integer()) return ordered(op.comparison, left, right);
      return ordered(op.comparison, left.get<double>(), right.get<double>());
    case O::boolean: return left.is_boolean() && right.is_boolean() && left == right;
    case O::timestamp: {
      const auto a = moment(left);
      const auto b = moment(right);
      return a && b && ordered(op.comparison, *a, *b);
    }
    default: return false;
  }
}

bool has_type(Operand operand, const std::optional<Json>& value) {
  if (!value) return false;
  switch (operand) {
    case O::is_present: return true;
    case O::is_null: return value->is_null();
    case O::is_numeric: return value->is_number();
    case O::is_string: return value->is_string();
    case O::is_boolean: return value->is_boolean();
    case O::is_timestamp: return moment(*value).has_value();
    default: return false;
  }
}

bool compare(const Condition& condition, const Scope& scope) {
  const auto value = look_up(condition.variable, scope);
  if (!value && condition.op.operand != O::is_present) {
    fail("States.Runtime", fmt::format("Invalid path '{}': The choice state's condition path references an "
                                       "invalid value.",
                                       condition.variable.text));
  }
  if (condition.op.operand >= O::is_null) {
    return has_type(condition.op.operand, value) == condition.literal.get<bool>();
  }
  if (!condition.other) return compare(condition.op, *value, condition.literal);
  if (condition.other->kind == Template::Kind::path && !look_up(condition.other->path, scope)) {
    fail("States.Runtime", fmt::format("Invalid path '{}': The choice state's condition path references an "
                                       "invalid value.",
                                       condition.other->text));
  }
  return compare(condition.op, *value, evaluate(*condition.other, scope));
}

}  // namespace

std::optional<ChoiceOperator> find_choice_operator(std::string_view name) {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    const Row& row = kRows[i];
    if (row.name == name) return row.op;
    if (i < kWithPath && name.starts_with(row.name) && name.substr(row.name.size()) == "Path") {
      ChoiceOperator op = row.op;
      op.by_path = true;
      return op;
    }
  }
  return std::nullopt;
}

std::vector<std::string> choice_operator_names() {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    names.emplace_back(kRows[i].name);
    if (i < kWithPath) names.push_back(std::string(kRows[i].name) + "Path");
  }
  return names;
}

std::string literal_mistake(const ChoiceOperator& op, const Json& literal) {
  switch (op.operand) {
    case O::string: return literal.is_string() ? "" : "must be a text";
    case O::numeric: return literal.is_number() ? "" : "must be a number";
    case O::timestamp: return moment(literal) ? "" : "must be a timestamp such as 2026-11-22T05:05:00Z";
    default: return literal.is_boolean() ? "" : "must be true or false";
  }
}

bool string_matches(std::string_view pattern, std::string_view text) {
  // Greedy with one place to come back to: the last star. Linear in pattern times text.
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t tried = 0;
  while (t < text.size() || p < pattern.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      tried = t;
      continue;
    }
    const bool escaped =
        p + 1 < pattern.size() && pattern[p] == '\\' && (pattern[p + 1] == '*' || pattern[p + 1] == '\\');
    const std::size_t literal = escaped ? p + 1 : p;
    if (literal < pattern.size() && t < text.size() && pattern[literal] == text[t]) {
      p = literal + 1;
      ++t;
    } else if (star != std::string_view::npos && tried < text.size()) {
      p = star + 1;
      t = ++tried;
    } else {
      return false;
    }
  }
  return true;
}

bool holds(const Condition& condition, const Scope& scope) {
  const auto part_holds = [&](const Condition& part) { return holds(part, scope); };
  switch (condition.kind) {
    case Condition::Kind::all: return std::all_of(condition.parts.begin(), condition.parts.end(), part_holds);
    case Condition::Kind::any: return std::any_of(condition.parts.begin(), condition.parts.end(), part_holds);
    case Condition::Kind::negate: return !holds(condition.parts[0], scope);
    case Condition::Kind::compare: return compare(condition, scope);
    case Condition::Kind::expression: {
      const Json value = evaluate(*condition.expression, scope);
      if (value.is_boolean()) return value.get<bool>();
      Failure failure{
          "States.QueryEvaluationError",
          fmt::format("The JSONata expression '{}' specified for the field 'Condition' returned an "
                      "unexpected result type. Expected 'boolean'.",
                      condition.expression->text),
          false, true, false};
      throw Failed{std::move(failure)};
    }
  }
  return false;
}

}  // namespace spillway::asl
