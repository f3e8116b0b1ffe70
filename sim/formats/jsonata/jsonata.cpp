// Where the inside of JSONata meets its callers: failures become errors, values become documents.
#include "formats/jsonata/jsonata.hpp"

#include "formats/jsonata/evaluator.hpp"
#include "formats/jsonata/failure.hpp"
#include "formats/jsonata/parser.hpp"
#include "formats/jsonata/resolver.hpp"

namespace spillway::jsonata {

Expression::Expression(std::unique_ptr<const Program> program) : program_(std::move(program)) {}
Expression::Expression(Expression&&) noexcept = default;
Expression& Expression::operator=(Expression&&) noexcept = default;
Expression::~Expression() = default;

tl::expected<Expression, Error> Expression::parse(std::string_view text, Dialect dialect) {
  try {
    auto program = std::make_unique<Program>();
    program->dialect = dialect;
    program->root = resolve(Parser(text, *program).parse(), *program);
    return Expression(std::move(program));
  } catch (Failure& failure) {
    return tl::unexpected(std::move(failure.error));
  }
}

tl::expected<std::optional<Json>, Error> Expression::evaluate(const Json& input, const Bindings& variables,
                                                              const Environment& environment,
                                                              const Limits& limits) const {
  try {
    Evaluator evaluator(*program_, variables, environment, limits);
    const Value value = evaluator.run(input);
    if (value.is_undefined() || value.is(Kind::function)) return std::nullopt;
    return to_json(value);
  } catch (Failure& failure) {
    return tl::unexpected(std::move(failure.error));
  }
}

}  // namespace spillway::jsonata
