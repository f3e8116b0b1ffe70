#include "formats/asl/template.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace spillway::asl {

namespace {

Template constant(const Json& value, const std::string& field) {
  Template result;
  result.field = field;
  result.constant = value;
  return result;
}

/// A JSON array or object whose parts are all constant is one constant.
Template folded(Template made, const Json& value) {
  const bool constant_parts = std::all_of(made.items.begin(), made.items.end(), [](const Template& item) {
    return item.kind == Template::Kind::constant;
  });
  return constant_parts ? constant(value, made.field) : std::move(made);
}

class Reader {
 public:
  Reader(Language language, std::vector<TemplateMistake>& mistakes)
      : language_(language), mistakes_(mistakes) {}

  Template read(const Json& value, const std::string& field, const std::string& pointer) {
    if (value.is_object()) return object(value, field, pointer);
    if (value.is_array()) return array(value, field, pointer);
    if (language_ == Language::jsonata && value.is_string() &&
        value.get_ref<const std::string&>().starts_with("{%")) {
      return take(read_expression(value.get_ref<const std::string&>(), field), pointer);
    }
    return constant(value, field);
  }

 private:
  Template object(const Json& value, const std::string& field, const std::string& pointer) {
    Template result;
    result.kind = Template::Kind::object;
    result.field = field;
    for (const auto& member : value.items()) {
      const std::string& name = member.key();
      const std::string inner = fmt::format("{}/{}", pointer, name);
      const std::string inner_field = fmt::format("{}/{}", field, name);
      if (language_ == Language::json_path && name.ends_with(".$")) {
        result.names.push_back(name.substr(0, name.size() - 2));
        result.items.push_back(query(member.value(), name, inner));
      } else {
        result.names.push_back(name);
        result.items.push_back(read(member.value(), inner_field, inner));
      }
    }
    return folded(std::move(result), value);
  }

  Template array(const Json& value, const std::string& field, const std::string& pointer) {
    Template result;
    result.kind = Template::Kind::array;
    result.field = field;
    for (std::size_t i = 0; i < value.size(); ++i) {
      result.items.push_back(
          read(value[i], fmt::format("{}[{}]", field, i), fmt::format("{}/{}", pointer, i)));
    }
    return folded(std::move(result), value);
  }

  Template query(const Json& value, const std::string& name, const std::string& pointer) {
    if (!value.is_string()) {
      mistakes_.push_back(
          {pointer, fmt::format("'{}' must be a path or an intrinsic function, as its name ends "
                                "in '.$'",
                                name)});
      return {};
    }
    return take(read_query(value.get_ref<const std::string&>(), name), pointer);
  }

  Template take(tl::expected<Template, std::string> read, const std::string& pointer) {
    if (read) return *std::move(read);
    mistakes_.push_back({pointer, read.error()});
    return {};
  }

  Language language_;
  std::vector<TemplateMistake>& mistakes_;
};

/// `$states` as the expressions of one evaluation see it.
Json states_of(const Scope& scope) {
  Json states = Json::object();
  if (scope.input != nullptr) states["input"] = *scope.input;
  if (scope.context != nullptr) states["context"] = *scope.context;
  if (scope.result != nullptr) states["result"] = *scope.result;
  if (scope.error_output != nullptr) states["errorOutput"] = *scope.error_output;
  return states;
}

[[noreturn]] void fail_query(std::string cause) {
  Failure failure{"States.QueryEvaluationError", std::move(cause), false, true, false};
  throw Failed{std::move(failure)};
}

class Evaluation {
 public:
  Evaluation(const Scope& scope, Json states) : scope_(scope), states_(std::move(states)) {
    if (scope.variables != nullptr) {
      for (const auto& variable : scope.variables->items()) bindings_.bind(variable.key(), variable.value());
    }
    bindings_.bind("states", states_);
    environment_.now_ms = scope.now_ms;
    if (scope.random_bits != nullptr) environment_.random_bits = *scope.random_bits;
  }

  Json run(const Template& source) {
    switch (source.kind) {
      case Template::Kind::constant: return source.constant;
      case Template::Kind::path: return path(source);
      case Template::Kind::intrinsic: return evaluate(source.call, scope_);
      case Template::Kind::expression: return expression(source);
      case Template::Kind::array: {
        Json list = Json::array();
        for (const Template& item : source.items) list.push_back(run(item));
        return list;
      }
      case Template::Kind::object: {
        Json object = Json::object();
        for (std::size_t i = 0; i < source.items.size(); ++i) object[source.names[i]] = run(source.items[i]);
        return object;
      }
    }
    return nullptr;
  }

 private:
  Json path(const Template& source) {
    auto found = look_up(source.path, scope_);
    if (!found) {
      fail("States.ParameterPathFailure",
           fmt::format("The JSONPath '{}' specified for the field '{}' could not be found in the input",
                       source.text, source.field));
    }
    return *std::move(found);
  }

  Json expression(const Template& source) {
    auto value = source.expression->evaluate(nullptr, bindings_, environment_);
    if (!value) {
      fail_query(fmt::format(
          "The JSONata expression '{}' specified for the field '{}' threw an error during evaluation. {}: {}",
          source.text, source.field, value.error().code, value.error().message));
    }
    if (!*value) {
      fail_query(fmt::format(
          "The JSONata expression '{}' specified for the field '{}' returned nothing (undefined).",
          source.text, source.field));
    }
    if (measure(**value).depth > kDeepestDocument) {
      fail_query(fmt::format("The JSONata expression '{}' returned what is nested too deeply.", source.text));
    }
    return **std::move(value);
  }

  const Scope& scope_;
  Json states_;
  jsonata::Bindings bindings_;
  jsonata::Environment environment_;
};

}  // namespace

bool Template::has_expression() const {
  return kind == Kind::expression ||
         std::any_of(items.begin(), items.end(), [](const Template& t) { return t.has_expression(); });
}

Template read_template(const Json& value, Language language, const std::string& field,
                       std::vector<TemplateMistake>& mistakes) {
  return Reader(language, mistakes).read(value, field, "");
}

tl::expected<Template, std::string> read_query(std::string_view text, const std::string& field) {
  Template result;
  result.field = field;
  result.text = text;
  if (looks_like_intrinsic(text)) {
    auto call = parse_intrinsic(text);
    if (!call) return tl::unexpected(fmt::format("'{}': {}", text, call.error()));
    result.kind = Template::Kind::intrinsic;
    result.call = *std::move(call);
    return result;
  }
  auto path = Path::parse(text);
  if (!path) {
    return tl::unexpected(fmt::format("'{}' is no path and no intrinsic function: {}", text, path.error()));
  }
  result.kind = Template::Kind::path;
  result.path = *std::move(path);
  return result;
}

bool is_expression(std::string_view text) { return text.starts_with("{%") && text.ends_with("%}"); }

tl::expected<Template, std::string> read_expression(std::string_view text, const std::string& field) {
  if (!is_expression(text) || text.size() < 4) {
    return tl::unexpected(fmt::format("'{}' must end in '%}}' to be an expression", text));
  }
  std::string_view inside = text.substr(2, text.size() - 4);
  const std::size_t begin = inside.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return tl::unexpected(std::string("the expression is empty"));
  if (begin != 1 || inside[0] != ' ') {
    return tl::unexpected(fmt::format("one blank must stand behind '{{%' in '{}'", text));
  }
  inside = inside.substr(begin, inside.find_last_not_of(" \t\r\n") - begin + 1);
  auto expression = jsonata::Expression::parse(inside);
  if (!expression) {
    return tl::unexpected(fmt::format("'{}' is no JSONata expression: {} {}", inside, expression.error().code,
                                      expression.error().message));
  }
  Template result;
  result.kind = Template::Kind::expression;
  result.field = field;
  result.text = inside;
  result.expression.emplace(*std::move(expression));
  return result;
}

Json evaluate(const Template& source, const Scope& scope) {
  if (source.kind == Template::Kind::constant) return source.constant;
  return Evaluation(scope, source.has_expression() ? states_of(scope) : Json()).run(source);
}

}  // namespace spillway::asl
