#pragma once
/// Short ways to evaluate an expression in a test.

#include <gtest/gtest.h>

#include <string>

#include "formats/jsonata/jsonata.hpp"

namespace spillway::jsonata {

/// What came out, as text: the value's JSON, "undefined", or "error CODE".
inline std::string outcome(const std::string& text, const Json& input = nullptr,
                           Dialect dialect = Dialect::reference, const Limits& limits = {}) {
  const auto expression = Expression::parse(text, dialect);
  if (!expression) return "error " + expression.error().code;
  const auto result = expression->evaluate(input, {}, {}, limits);
  if (!result) return "error " + result.error().code;
  return *result ? (*result)->dump() : "undefined";
}

}  // namespace spillway::jsonata
