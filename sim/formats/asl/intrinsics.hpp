#pragma once
/// The intrinsic functions, `States.Format(...)` and the like, parsed once and evaluated against a scope.
///
/// An argument is a string in single quotes, a number, true, false, null, a path, or another function. What a
/// function refuses fails with States.IntrinsicFailure.
/// Sources: states-language.net/spec.html, appendix B (2025); Step Functions developer guide, "Intrinsic
/// functions" (2026); MathAdd's rounding (each argument, halves up) as recorded on AWS.

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "formats/asl/path.hpp"
#include "formats/asl/scope.hpp"

namespace spillway::asl {

enum class Intrinsic : std::uint8_t {
  format,
  string_to_json,
  json_to_string,
  array,
  array_partition,
  array_contains,
  array_range,
  array_get_item,
  array_length,
  array_unique,
  base64_encode,
  base64_decode,
  hash,
  json_merge,
  math_random,
  math_add,
  string_split,
  uuid
};

struct IntrinsicCall;

struct IntrinsicArgument {
  enum class Kind : std::uint8_t { literal, text, path, call };
  Kind kind = Kind::literal;
  Json literal;     ///< a text has its escapes resolved here
  std::string raw;  ///< of a text: with its escapes, which Format reads itself
  Path path;
  std::vector<IntrinsicCall> call;  ///< one element for a nested call
};

struct IntrinsicCall {
  Intrinsic function = Intrinsic::uuid;
  std::vector<IntrinsicArgument> arguments;
};

bool looks_like_intrinsic(std::string_view text);
/// The whole text must be a call; names, numbers of arguments and literals of a wrong kind are found here.
tl::expected<IntrinsicCall, std::string> parse_intrinsic(std::string_view text);

/// Throws Failed.
Json evaluate(const IntrinsicCall& call, const Scope& scope);
/// What a path selects from the scope; nothing where it leads nowhere.
std::optional<Json> look_up(const Path& path, const Scope& scope);

/// Deeper documents are refused wherever one could be made, so that no recursion over a document overflows.
/// AWS publishes no limit: an assumption.
inline constexpr std::size_t kDeepestDocument = 256;

}  // namespace spillway::asl
