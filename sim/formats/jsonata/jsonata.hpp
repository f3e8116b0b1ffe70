#pragma once
/// JSONata, the language in which a state machine with `QueryLanguage: JSONata` selects and builds its data.
///
/// An expression is parsed once and evaluated many times; evaluation is a pure function of the input, the
/// variables and the environment (time and random bits), so that a run can be repeated. Whatever the
/// expression and the input are, the answer is a value, "undefined", or one error: depth, steps, memory and
/// the matching of regular expressions are limited.
/// Sources: docs.jsonata.org (language 2.2.2, 2026), and for Dialect::step_functions the Step Functions
/// developer guide, "Transforming data with JSONata" (2026). Errors carry the codes of the reference
/// implementation (S…: syntax, T…: types, D…: values and limits). Step Functions runs version 2.0.6; where
/// that errs and 2.2.2 is mended, the latter is followed: `$string` of whole numbers beyond 15 digits, date
/// pictures whose numbers adjoin, exponents in number pictures. An Expression does not change when it is
/// evaluated: threads may share it.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "formats/json.hpp"

namespace spillway::jsonata {

/// What went wrong: `position` counts bytes of the expression's text up to the offending place.
struct Error {
  std::string message;
  std::string code;
  std::size_t position = 0;
};

/// Which language: the one of the reference implementation, or what Step Functions makes of it: no `$eval`,
/// none of the operators younger than 2.0.6 (`??`, `?:`), and in addition `$partition`, `$range`, `$hash`,
/// `$random(seed)`, `$uuid` and `$parse`.
enum class Dialect : std::uint8_t { reference, step_functions };

/// The variables that the expression sees, named without their `$`. Values are not copied: they must live
/// until evaluate() returns.
class Bindings {
 public:
  Bindings() = default;
  void bind(std::string name, const Json& value);
  void bind(std::string name, Json&& value) = delete;
  /// Null when nothing is bound to the name. The last one bound wins.
  const Json* find(std::string_view name) const;

 private:
  std::vector<std::pair<std::string, const Json*>> values_;
};

/// What an evaluation takes from the world around it.
struct Environment {
  std::int64_t now_ms = 0;                     ///< Unix time; the same during one evaluation, as JSONata says
  std::function<std::uint64_t()> random_bits;  ///< for $random, $uuid and $shuffle, which fail without it
};

struct Limits {
  std::size_t depth = 1000;                      ///< of expressions and calls within each other
  std::size_t steps = 20'000'000;                ///< expressions evaluated, and elements that loops touch
  std::size_t memory = std::size_t{256} << 20U;  ///< bytes that one evaluation may take
  std::size_t range = 10'000'000;                ///< elements of `[a..b]`, as in the reference
};

struct Program;

class Expression {
 public:
  static tl::expected<Expression, Error> parse(std::string_view text,
                                               Dialect dialect = Dialect::step_functions);
  Expression(Expression&&) noexcept;
  Expression& operator=(Expression&&) noexcept;
  ~Expression();

  /// A discarded Json as input means that there is none. The value, or nullopt where JSONata says
  /// "undefined". Functions in the result become empty strings inside of arrays and objects, and are
  /// undefined on their own.
  tl::expected<std::optional<Json>, Error> evaluate(const Json& input, const Bindings& variables = {},
                                                    const Environment& environment = {},
                                                    const Limits& limits = {}) const;

 private:
  explicit Expression(std::unique_ptr<const Program> program);
  std::unique_ptr<const Program> program_;
};

/// A number as JavaScript prints it (1e21, 0.000001, 1e-7), which `$string` and `&` do.
std::string number_text(double value);

}  // namespace spillway::jsonata
