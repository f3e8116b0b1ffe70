// Any bytes as a JSONata expression over a small document: no crash, no hang, and the same answer twice.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "formats/jsonata/jsonata.hpp"

namespace {

using namespace spillway;

void expect(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  static const Json input =
      Json::parse(R"({"a":[{"b":1,"c":"x y"},{"b":[2,{"a":3}]}],"b":"2020-01-02","n":-1.5})");
  const auto dialect = data[0] % 2 ? jsonata::Dialect::reference : jsonata::Dialect::step_functions;
  const auto expression = jsonata::Expression::parse(text, dialect);
  if (!expression) {
    expect(!expression.error().code.empty() && expression.error().position <= text.size());
    return 0;
  }
  jsonata::Environment environment;
  environment.random_bits = [] { return std::uint64_t{42}; };
  jsonata::Limits limits;
  limits.depth = 200;
  limits.steps = 20'000;
  limits.memory = std::size_t{16} << 20U;
  limits.range = 10'000;
  const auto once = expression->evaluate(input, {}, environment, limits);
  const auto twice = expression->evaluate(input, {}, environment, limits);
  expect(once.has_value() == twice.has_value());
  if (!once) return 0;
  expect(once->has_value() == twice->has_value());
  if (*once) expect((*once)->dump() == (*twice)->dump());
  return 0;
}
