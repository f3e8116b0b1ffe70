#pragma once
/// The built-in functions, by family. A family is a table of rows: name, signature, arity, implementation.

#include <span>
#include <string_view>

#include "formats/jsonata/function.hpp"
#include "formats/jsonata/jsonata.hpp"
#include "formats/jsonata/signature.hpp"

namespace spillway::jsonata {

std::span<const Native> string_functions();
std::span<const Native> matching_functions();
std::span<const Native> encoding_functions();
std::span<const Native> number_functions();
std::span<const Native> array_functions();
std::span<const Native> object_functions();
std::span<const Native> higher_order_functions();
std::span<const Native> date_functions();
/// Only in the reference's dialect.
std::span<const Native> reference_functions();
/// Only in the dialect of Step Functions.
std::span<const Native> step_functions();

struct Builtin {
  const Native* native;
  Signature signature;
};
/// The function of that name, without `$`; null when the dialect has none.
const Builtin* find_builtin(std::string_view name, Dialect dialect);

}  // namespace spillway::jsonata
