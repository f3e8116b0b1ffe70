// Fields by their kind, and the table of which state may have which.

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include "formats/asl/loader.hpp"

namespace spillway::asl {

namespace {

enum class Speaks : std::uint8_t { both, path, ata };

/// A field, the types that have it (T task, P pass, C choice, W wait, S succeed, F fail, A parallel, M map),
/// and the query language to which it belongs.
struct FieldRow {
  std::string_view name;
  std::string_view types;
  Speaks speaks = Speaks::both;
};

constexpr std::array<FieldRow, 51> kFields{{
    {"Type", "TPCWSFAM"},
    {"Comment", "TPCWSFAM"},
    {"QueryLanguage", "TPCWSFAM"},
    {"Next", "TPWAM"},
    {"End", "TPWAM"},
    {"InputPath", "TPCWSAM", Speaks::path},
    {"OutputPath", "TPCWSAM", Speaks::path},
    {"Parameters", "TPAM", Speaks::path},
    {"ResultSelector", "TAM", Speaks::path},
    {"ResultPath", "TPAM", Speaks::path},
    {"Arguments", "TA", Speaks::ata},
    {"Output", "TPCWSAM", Speaks::ata},
    {"Assign", "TPCWAM"},
    {"Retry", "TAM"},
    {"Catch", "TAM"},
    {"Result", "P", Speaks::path},
    {"Resource", "T"},
    {"TimeoutSeconds", "T"},
    {"TimeoutSecondsPath", "T", Speaks::path},
    {"HeartbeatSeconds", "T"},
    {"HeartbeatSecondsPath", "T", Speaks::path},
    {"Credentials", "T"},
    {"Choices", "C"},
    {"Default", "C"},
    {"Seconds", "W"},
    {"SecondsPath", "W", Speaks::path},
    {"Timestamp", "W"},
    {"TimestampPath", "W", Speaks::path},
    {"Error", "F"},
    {"ErrorPath", "F", Speaks::path},
    {"Cause", "F"},
    {"CausePath", "F", Speaks::path},
    {"Branches", "A"},
    {"ItemProcessor", "M"},
    {"Iterator", "M"},
    {"Items", "M", Speaks::ata},
    {"ItemsPath", "M", Speaks::path},
    {"ItemSelector", "M"},
    {"ItemReader", "M"},
    {"ItemBatcher", "M"},
    {"ResultWriter", "M"},
    {"MaxConcurrency", "M"},
    {"MaxConcurrencyPath", "M", Speaks::path},
    {"ToleratedFailureCount", "M"},
    {"ToleratedFailureCountPath", "M", Speaks::path},
    {"ToleratedFailurePercentage", "M"},
    {"ToleratedFailurePercentagePath", "M", Speaks::path},
    {"Label", "M"},
    {"Version", ""},
    {"StartAt", ""},
    {"States", ""},
}};

constexpr std::string_view kLetters = "TPCWSFAM";  // in the order of StateType

}  // namespace

void Loader::check_state_keys(const Part& part, StateType type, Language language) {
  const char letter = kLetters[static_cast<std::size_t>(type)];
  std::vector<std::string_view> own;
  for (const FieldRow& row : kFields) {
    const bool spoken =
        row.speaks == Speaks::both || (row.speaks == Speaks::ata) == (language == Language::jsonata);
    if (spoken && row.types.find(letter) != std::string_view::npos) own.push_back(row.name);
  }
  for (const auto& member : part.value.items()) {
    if (full()) return;
    const std::string& name = member.key();
    if (std::find(own.begin(), own.end(), name) != own.end()) continue;
    const auto row =
        std::find_if(kFields.begin(), kFields.end(), [&](const FieldRow& r) { return r.name == name; });
    const bool foreign = row != kFields.end() && row->types.find(letter) != std::string_view::npos;
    key_problem(part.to(name),
                foreign ? fmt::format("'{}' is a field of {}, and this state is written in {}", name,
                                      row->speaks == Speaks::path ? "JSONPath" : "JSONata",
                                      language == Language::jsonata ? "JSONata" : "JSONPath")
                        : fmt::format("a {} state has no field '{}'", type_name(type), name),
                foreign ? std::string() : closest(name, own));
  }
}

std::optional<std::string> Loader::text(const Part& part, const char* field, bool required) {
  const Json* value = part.find(field);
  if (value == nullptr) {
    if (required) problem(part.pointer, fmt::format("'{}' is missing", field));
    return std::nullopt;
  }
  if (value->is_string()) return value->get<std::string>();
  problem(part.to(field), fmt::format("'{}' must be a text", field));
  return std::nullopt;
}

std::optional<std::int64_t> Loader::whole(const Part& part, const char* field, Bounds bounds) {
  const Json* value = part.find(field);
  if (value == nullptr) return std::nullopt;
  const bool number = value->is_number_integer() &&
                      !(value->is_number_unsigned() && value->get<std::uint64_t>() > std::uint64_t{1} << 62U);
  if (number && value->get<std::int64_t>() >= bounds.least && value->get<std::int64_t>() <= bounds.most) {
    return value->get<std::int64_t>();
  }
  problem(part.to(field),
          fmt::format("'{}' must be a whole number from {} to {}", field, bounds.least, bounds.most));
  return std::nullopt;
}

bool Loader::flag(const Part& part, const char* field) {
  const Json* value = part.find(field);
  if (value == nullptr) return false;
  if (value->is_boolean()) return value->get<bool>();
  problem(part.to(field), fmt::format("'{}' must be true or false", field));
  return false;
}

const Json* Loader::object(const Part& part, const char* field, bool required) {
  const Json* value = part.find(field);
  if (value == nullptr) {
    if (required) problem(part.pointer, fmt::format("'{}' is missing", field));
    return nullptr;
  }
  if (value->is_object()) return value;
  problem(part.to(field), fmt::format("'{}' must be an object", field));
  return nullptr;
}

const Json* Loader::list(const Part& part, const char* field, bool required) {
  const Json* value = part.find(field);
  if (value == nullptr) {
    if (required) problem(part.pointer, fmt::format("'{}' is missing", field));
    return nullptr;
  }
  if (value->is_array()) return value;
  problem(part.to(field), fmt::format("'{}' must be a list", field));
  return nullptr;
}

std::string Loader::one_of(const Part& part, const char* field, std::span<const std::string_view> values,
                           std::string_view otherwise) {
  const auto value = text(part, field);
  if (!value) return std::string(otherwise);
  if (std::find(values.begin(), values.end(), *value) != values.end()) return *value;
  std::string all;
  for (const std::string_view one : values) all += fmt::format("{}{}", all.empty() ? "" : ", ", one);
  problem(part.to(field), fmt::format("'{}' must be one of {}", field, all), closest(*value, values));
  return std::string(otherwise);
}

std::optional<Template> Loader::payload(const Part& part, const char* field, Language language) {
  const Json* value = part.find(field);
  if (value == nullptr) return std::nullopt;
  std::vector<TemplateMistake> mistakes;
  Template result = read_template(*value, language, field, mistakes);
  for (TemplateMistake& mistake : mistakes) {
    problem(part.to(field) + mistake.pointer, std::move(mistake.message));
  }
  return result;
}

std::optional<Template> Loader::query(const Part& part, const char* field) {
  const auto value = text(part, field);
  if (!value) return std::nullopt;
  auto read = read_query(*value, field);
  if (read) return *std::move(read);
  problem(part.to(field), read.error());
  return std::nullopt;
}

std::optional<Template> Loader::number(const Part& part, const char* field, const char* path_field,
                                       Language language, Bounds bounds) {
  if (part.has(path_field) && language == Language::json_path) {
    if (part.has(field))
      problem(part.to(path_field), fmt::format("'{}' and '{}' exclude each other", field, path_field));
    return query(part, path_field);
  }
  const Json* value = part.find(field);
  if (value == nullptr) return std::nullopt;
  if (language == Language::jsonata && value->is_string() &&
      value->get_ref<const std::string&>().starts_with("{%")) {
    return payload(part, field, language);
  }
  if (value->is_number_float()) {  // a percentage may have a fraction
    const double fraction = value->get<double>();
    if (bounds.most != 100 || !(fraction >= 0 && fraction <= 100)) whole(part, field, bounds);
  } else {
    whole(part, field, bounds);
  }
  Template result;
  result.field = field;
  result.constant = *value;
  return result;
}

std::optional<Template> Loader::words(const Part& part, const char* field, const char* path_field,
                                      Language language) {
  if (part.has(path_field) && language == Language::json_path) {
    if (part.has(field))
      problem(part.to(path_field), fmt::format("'{}' and '{}' exclude each other", field, path_field));
    return query(part, path_field);
  }
  if (!text(part, field)) return std::nullopt;
  return payload(part, field, language);
}

std::optional<Selector> Loader::selector(const Part& part, const char* field, bool reference) {
  const Json* value = part.find(field);
  if (value == nullptr) return std::nullopt;
  Selector result;
  if (value->is_null()) {
    result.discards = true;
    return result;
  }
  const auto written = text(part, field);
  if (!written) return std::nullopt;
  auto path = Path::parse(*written);
  if (!path) {
    problem(part.to(field), fmt::format("'{}' is no path: {}", *written, path.error()));
    return std::nullopt;
  }
  if (reference && (!path->is_reference() || path->root != Path::Root::input)) {
    problem(part.to(field),
            fmt::format("'{}' must be a reference path: '$', then only names and single indices", *written));
    return std::nullopt;
  }
  result.path = *std::move(path);
  return result;
}

std::optional<Template> Loader::assignments(const Part& part, Language language) {
  const Json* value = object(part, "Assign");
  if (value == nullptr) return std::nullopt;
  for (const auto& member : value->items()) {
    std::string name = member.key();
    if (language == Language::json_path && name.ends_with(".$")) name.resize(name.size() - 2);
    const std::string pointer = part.to("Assign") + '/' + member.key();
    const bool bad = name.empty() || name.size() > 80 ||
                     name.find_first_of(" .[]()$'\"{}%,:;") != std::string::npos ||
                     (name[0] >= '0' && name[0] <= '9');
    if (bad) key_problem(pointer, fmt::format("'{}' is no name of a variable", name));
    if (name == "states") key_problem(pointer, "the variable 'states' is reserved");
  }
  return payload(part, "Assign", language);
}

}  // namespace spillway::asl
