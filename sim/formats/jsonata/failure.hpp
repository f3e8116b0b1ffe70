#pragma once
/// How the inside of JSONata stops: a thrown Failure, caught where parse() and evaluate() end, so that the
/// recursive rules of the language stay readable. Nothing else is ever thrown across that border.

#include <fmt/format.h>

#include <string>
#include <utility>

#include "formats/jsonata/jsonata.hpp"

namespace spillway::jsonata {

struct Failure {
  Error error;
  bool placed = false;  ///< whether the position is known; the innermost expression fills it in
};

// Kept out of the callers: what formatting needs of the stack would widen each level of evaluation.
template <typename... Values>
[[noreturn, gnu::noinline, gnu::cold]] void fail(const char* code, fmt::format_string<Values...> text,
                                                 Values&&... values) {
  throw Failure{{fmt::format(text, std::forward<Values>(values)...), code, 0}, false};
}

template <typename... Values>
[[noreturn, gnu::noinline, gnu::cold]] void fail_at(std::size_t position, const char* code,
                                                    fmt::format_string<Values...> text, Values&&... values) {
  throw Failure{{fmt::format(text, std::forward<Values>(values)...), code, position}, true};
}

}  // namespace spillway::jsonata
