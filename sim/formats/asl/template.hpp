#pragma once
/// Values with expressions inside: payload templates of JSONPath (`"name.$": "$.path"`), of JSONata
/// (`"{% expression %}"`), and the single fields that hold one expression.
///
/// A template is parsed once, when the definition is read; what holds no expression is one constant.
/// Source: states-language.net/spec.html, "Payload Template", "JSONata" (2025).

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "formats/asl/intrinsics.hpp"
#include "formats/asl/path.hpp"
#include "formats/asl/scope.hpp"
#include "formats/jsonata/jsonata.hpp"

namespace spillway::asl {

enum class Language : std::uint8_t { json_path, jsonata };

struct Template {
  enum class Kind : std::uint8_t { constant, path, intrinsic, expression, object, array };

  Kind kind = Kind::constant;
  std::string field;  ///< where it stands, "Output/name", for causes
  std::string text;   ///< the expression as written
  Json constant;
  Path path;
  IntrinsicCall call;
  std::optional<jsonata::Expression> expression;
  std::vector<std::string> names;  ///< of an object's members, whose values are its items
  std::vector<Template> items;

  /// Whether a JSONata expression stands anywhere in it.
  [[nodiscard]] bool has_expression() const;
};

/// A mistake in a template and the pointer to it, relative to the template.
struct TemplateMistake {
  std::string pointer;
  std::string message;
};

/// Reads a payload template or an `Arguments` / `Output` / `Assign` value. Every mistake is added to
/// `mistakes`. The value's depth is limited by its reader.
Template read_template(const Json& value, Language language, const std::string& field,
                       std::vector<TemplateMistake>& mistakes);
/// Reads one text as a path or an intrinsic function (fields whose names end in "Path").
tl::expected<Template, std::string> read_query(std::string_view text, const std::string& field);
/// Whether a text is written as a JSONata expression, `{% ... %}`.
bool is_expression(std::string_view text);
tl::expected<Template, std::string> read_expression(std::string_view text, const std::string& field);

/// Throws Failed: States.ParameterPathFailure, States.IntrinsicFailure or States.QueryEvaluationError.
Json evaluate(const Template& source, const Scope& scope);

}  // namespace spillway::asl
