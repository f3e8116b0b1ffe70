#include "scenario/schema.hpp"

// One function a kind. Distributions, retries and programs refer to themselves, so they are definitions.

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include "model/setting_forms.hpp"

namespace spillway {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kDigits = R"([0-9](_?[0-9])*)";
constexpr const char* kDecimal = R"([0-9](_?[0-9])*(\.[0-9](_?[0-9])*)?)";
constexpr const char* kExponent = R"(([eE][-+]?[0-9]{1,3})?)";

Json ref(std::string_view name) { return Json{{"$ref", fmt::format("#/definitions/{}", name)}}; }
/// A text of this pattern, or a variable in its place.
Json text_of(const std::string& pattern) {
  return Json{{"type", "string"}, {"pattern", pattern + R"(|^\$\{[^}]+\}$)"}};
}

Json any_of(Json first, Json second) {
  Json all = Json::array();
  all.push_back(std::move(first));
  all.push_back(std::move(second));
  return Json{{"anyOf", std::move(all)}};
}

/// The scenario text of a default as JSON.
Json default_json(const Setting& setting) {
  const auto read = value_of("value: " + setting.fallback, {document("value", "")});
  return read ? Json::parse((*read)["value"].text(), nullptr, false) : Json(setting.fallback);
}

void bound(Json& json, const Setting& setting, const char* least, const char* most) {
  const auto number = [](double value) {
    return value == static_cast<double>(static_cast<std::int64_t>(value))
               ? Json(static_cast<std::int64_t>(value))
               : Json(value);
  };
  if (setting.at_least) json[least] = number(*setting.at_least);
  if (setting.at_most) json[most] = number(*setting.at_most);
}

std::string help_text(const Setting& setting) {
  std::string text = setting.help;
  if (!setting.fallback.empty()) text += fmt::format(" Default: {}.", setting.fallback);
  if (!setting.source.empty()) text += fmt::format(" Source: {}.", setting.source);
  return text;
}

Json setting_json(const Setting& setting);

Json object_json(const Settings& fields, const std::vector<std::string>& exactly_one) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const Setting& field : fields) {
    properties[field.name] = setting_json(field);
    if (field.required) required.push_back(field.name);
  }
  Json json{{"type", "object"}, {"properties", std::move(properties)}};
  json["patternProperties"] = Json{{"^x-", Json::object()}};
  json["additionalProperties"] = false;
  if (!required.empty()) json["required"] = std::move(required);
  if (exactly_one.empty()) return json;
  Json choices = Json::array();
  for (const std::string& name : exactly_one) choices.push_back(Json{{"required", Json::array({name})}});
  json["oneOf"] = std::move(choices);
  return json;
}

Json with_shorthand(Json object, const Settings& fields, std::string_view shorthand) {
  const auto member =
      std::find_if(fields.begin(), fields.end(), [&](const Setting& f) { return f.name == shorthand; });
  return member == fields.end() ? object : any_of(setting_json(*member), std::move(object));
}

Json list_json(const Setting& setting) {
  Json json{{"type", "array"}, {"items", setting_json(setting.fields.at(0))}};
  bound(json, setting, "minItems", "maxItems");
  return json;
}

Json map_json(const Setting& setting) {
  Json json{{"type", "object"}};
  json["patternProperties"] = Json{{"^x-", Json::object()}};
  json["additionalProperties"] = setting_json(setting.fields.at(0));
  bound(json, setting, "minProperties", "maxProperties");
  return json;
}

Json numeric_json(const Setting& setting, const char* type, Json text) {
  Json json{{"type", type}};
  if (setting.kind != Kind::number) json["minimum"] = 0;
  if (setting.kind == Kind::probability) json["maximum"] = 1;
  bound(json, setting, "minimum", "maximum");
  return any_of(std::move(json), std::move(text));
}

std::string_view distribution_name(Quantity quantity) {
  switch (quantity) {
    case Quantity::duration: return "distribution";
    case Quantity::bytes: return "bytes_distribution";
    case Quantity::number: return "number_distribution";
  }
  return "distribution";
}

Json kind_json(const Setting& setting) {
  switch (setting.kind) {
    case Kind::duration: return ref("duration");
    case Kind::bytes: return ref("bytes");
    case Kind::rate: return ref("rate");
    case Kind::count: return numeric_json(setting, "integer", text_of(fmt::format("^{}$", kDigits)));
    case Kind::number:
      return numeric_json(setting, "number", text_of(fmt::format("^-?{}{}$", kDecimal, kExponent)));
    case Kind::probability:
      return numeric_json(setting, "number", text_of(fmt::format("^{}{} ?%?$", kDecimal, kExponent)));
    case Kind::boolean: return Json{{"type", "boolean"}};
    case Kind::text:
    case Kind::reference: return Json{{"type", "string"}, {"minLength", 1}};
    case Kind::choice: return Json{{"enum", setting.choices}};
    case Kind::distribution:
    case Kind::bytes_distribution: return ref(distribution_name(quantity_of(setting)));
    case Kind::retry: return ref("retry");
    case Kind::program: return ref("program");
    case Kind::object:
      return with_shorthand(object_json(setting.fields, setting.exactly_one), setting.fields,
                            setting.shorthand);
    case Kind::list: return list_json(setting);
    case Kind::map: return map_json(setting);
    case Kind::document: return Json::object();
  }
  return Json::object();
}

/// Draft-07 ignores everything beside a $ref, so a description goes around it.
Json setting_json(const Setting& setting) {
  Json json = kind_json(setting);
  if (!setting.words.empty()) json = any_of(Json{{"enum", setting.words}}, std::move(json));
  if (json.contains("$ref")) {
    Json inner = Json::array();
    inner.push_back(std::move(json));
    json = Json{{"allOf", std::move(inner)}};
  }
  if (setting.help.empty()) return json;
  json["description"] = help_text(setting);
  json["markdownDescription"] = help_text(setting);
  if (!setting.fallback.empty()) json["default"] = default_json(setting);
  return json;
}

Json distribution_json(Quantity quantity) {
  const Settings forms = distribution_forms(quantity);
  Json properties = Json::object();
  for (const Setting& form : forms) properties[form.name] = setting_json(form);
  properties["quantiles"]["propertyNames"] = Json{{"pattern", R"(^p[0-9]+(\.[0-9]+)?$)"}};
  Json object{{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
  object["minProperties"] = 1;
  object["maxProperties"] = 1;
  return any_of(setting_json(forms.front()), std::move(object));
}

Json program_json() {
  Json steps = Json::array();
  for (const Setting& form : step_forms()) steps.push_back(setting_json(form));
  return Json{{"type", "array"}, {"items", Json{{"anyOf", std::move(steps)}}}};
}

Json definitions() {
  const std::string part = fmt::format("{} ?(d|h|m|s|ms|us|ns) *", kDecimal);
  Json all = Json::object();
  all["duration"] = text_of(fmt::format("^ *({})+$", part));
  all["bytes"] = text_of(fmt::format("^ *{} ?(B|[KMGT]iB|[KMGT]B) *$", kDecimal));
  all["rate"] = text_of(fmt::format("^ *{}{} */ *[smhd] *$", kDecimal, kExponent));
  for (const Quantity quantity : {Quantity::duration, Quantity::bytes, Quantity::number}) {
    all[std::string{distribution_name(quantity)}] = distribution_json(quantity);
  }
  const Settings retry = retry_fields();
  all["retry"] = with_shorthand(object_json(retry, {}), retry, "profile");
  all["program"] = program_json();
  return all;
}

/// The settings of each type apply where `type` names it, so that an editor completes only what fits.
Json typed_json(std::span<const TypedSettings> types) {
  Json names = Json::array();
  Json cases = Json::array();
  for (const TypedSettings& type : types) {
    names.push_back(type.type);
    Json then = object_json(type.settings, {});
    then["properties"]["type"] = Json{{"const", type.type}, {"description", type.help}};
    Json when{{"properties", Json{{"type", Json{{"const", type.type}}}}},
              {"required", Json::array({"type"})}};
    cases.push_back(Json{{"if", std::move(when)}, {"then", std::move(then)}});
  }
  Json json{{"type", "object"}, {"properties", Json{{"type", Json{{"enum", std::move(names)}}}}}};
  if (!cases.empty()) json["allOf"] = std::move(cases);
  return json;
}

/// Adds what only a whole scenario needs: one that extends another may leave out what its base says.
void require_whole(Json& root, const SchemaInput& input) {
  Json then{{"required", std::move(root["required"])}};
  then["properties"] =
      Json{{input.typed_map, Json{{"additionalProperties", Json{{"required", Json::array({"type"})}}}}}};
  then["properties"][input.typed_map]["patternProperties"] = Json{{"^x-", Json::object()}};
  root.erase("required");
  root["if"] = Json{{"not", Json{{"required", Json::array({"extends"})}}}};
  root["then"] = std::move(then);
}

}  // namespace

std::string json_schema(const SchemaInput& input) {
  Json root = object_json(input.root, {});
  Json& properties = root["properties"];
  const Json description =
      properties.contains(input.typed_map) ? properties[input.typed_map].value("description", "") : "";
  properties[input.typed_map] =
      Json{{"type", "object"},
           {"description", description},
           {"patternProperties", Json{{"^x-", Json::object()}}},
           {"additionalProperties", any_of(ref("resource"), Json{{"type", "null"}})}};
  if (properties.contains(input.file_key)) {
    properties[input.file_key] = any_of(Json{{"type", "string"}}, std::move(properties[input.file_key]));
  }
  properties["extends"] = Json{
      {"type", "string"}, {"description", "The scenario file that this one changes, relative to this file."}};
  properties["variables"] = Json{
      {"type", "object"},
      {"description", "Values by name: where one is wanted, write ${name}. --var NAME=VALUE gives another."}};
  if (!root.contains("required")) root["required"] = Json::array();
  require_whole(root, input);
  Json schema{{"$schema", "http://json-schema.org/draft-07/schema#"}, {"title", "Spillway scenario"}};
  schema.update(root);
  schema["definitions"] = definitions();
  schema["definitions"]["resource"] = typed_json(input.types);
  return schema.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace spillway
