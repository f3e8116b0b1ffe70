#pragma once
/// JSONPath as Step Functions accepts it (the dialect of Jayway's library), and reference paths, its part
/// that names one place.
///
/// `$` begins at the input, `$$` at the context object, `$name` at a variable. A path that may select several
/// values ("indefinite": wildcards, unions, slices, filters, deep scan) gives an array of what it found; any
/// other gives the value itself, or nothing.
/// Sources: states-language.net/spec.html, "Paths" and "Reference Paths" (2025); the filter operators of the
/// dialect, but for regular expressions, which are refused.
///
/// Invariant: a path's depth is limited when it is parsed, and what a search may touch when it runs.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "formats/json.hpp"

namespace spillway::asl {

struct PathFilter;

struct PathStep {
  enum class Kind : std::uint8_t { names, indices, slice, wildcard, filter, function };
  Kind kind = Kind::names;
  bool deep = false;               ///< `..`: applied to the value and to all within it
  std::vector<std::string> names;  ///< the function's name too
  std::vector<std::int64_t> indices;
  std::optional<std::int64_t> from;
  std::optional<std::int64_t> to;
  std::int64_t stride = 1;
  std::vector<PathFilter> filter;  ///< in postfix order

  [[nodiscard]] bool definite() const;
};

class Path {
 public:
  enum class Root : std::uint8_t { input, context, variable, current };

  /// The whole text must be a path; the error says what is wrong with it.
  static tl::expected<Path, std::string> parse(std::string_view text);
  /// The longest path at the start of a text, as an argument of an intrinsic function; says how much was
  /// read.
  static tl::expected<Path, std::string> parse_argument(std::string_view text, std::size_t& used);

  /// What stands there: `root` is the document that `this->root` names (for a variable, its value).
  [[nodiscard]] std::optional<Json> find(const Json& document) const;

  /// Whether it names one place and may be written to: only names and single indices.
  [[nodiscard]] bool is_reference() const;
  [[nodiscard]] bool definite() const;

  Root root = Root::input;
  std::string variable;
  std::vector<PathStep> steps;
  std::string text;
};

/// `document` with `value` put at the reference path, missing objects made on the way; nothing where an
/// existing value is in the way.
std::optional<Json> put(Json document, const Path& reference, Json value);

/// One element of a filter's postfix program: an operand, or an operator that takes what stands before it.
struct PathFilter {
  enum class Kind : std::uint8_t { literal, path, compare, exists, all, any, negate };
  enum class Compare : std::uint8_t { eq, ne, lt, le, gt, ge, in, nin, contains, size, empty };
  Kind kind = Kind::literal;
  Compare compare = Compare::eq;
  Json literal;
  Path path;
};

}  // namespace spillway::asl
