#include "scenario/resolve.hpp"

// The walk over objects, lists and maps. Single values are read in resolve_scalar.cpp, the forms with a
// grammar of their own (distributions, programs, documents) in resolve_forms.cpp.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include "model/setting_forms.hpp"
#include "spillway/check.hpp"

namespace spillway {

namespace {

bool is_ignored(std::string_view key) { return key.starts_with("x-"); }

std::vector<std::string> names_of(const Settings& fields) {
  std::vector<std::string> names;
  names.reserve(fields.size());
  for (const Setting& field : fields) names.push_back(field.name);
  return names;
}

const Setting* find_field(const Settings& fields, std::string_view name) {
  for (const Setting& field : fields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

/// An object without a default of its own gets its members' defaults, unless one of them has none that would
/// do.
bool fills_itself(const Setting& setting) {
  if (setting.kind != Kind::object || setting.optional || setting.required || !setting.exactly_one.empty())
    return false;
  return std::none_of(setting.fields.begin(), setting.fields.end(),
                      [](const Setting& field) { return field.required; });
}

}  // namespace

tl::expected<std::string, std::string> DiskFiles::read(const std::string& path) {
  // Reading a folder as a file throws out of the standard library.
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return tl::unexpected<std::string>("it is a folder");
  std::ifstream file{path, std::ios::binary};
  if (!file) return tl::unexpected<std::string>("it does not exist or cannot be opened");
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  if (file.bad()) return tl::unexpected<std::string>("it cannot be read");
  return text;
}

ValueData Resolver::start(const Setting& setting, const Node& node) const {
  ValueData data;
  data.kind = setting.kind;
  data.set = true;
  data.fallback = in_default_;
  if (!in_default_) data.position = node.at;
  return data;
}

Value Resolver::unset(const Setting& setting, const Position& key) const {
  ValueData data;
  data.kind = setting.kind;
  data.fallback = true;
  data.key = key;
  return Value{std::move(data)};
}

Value Resolver::refuse(const Setting& setting, const Position& at, Rule rule, std::string message,
                       std::string meant) {
  diagnostics_.add(rule, at, std::move(message), std::move(meant));
  return unset(setting, {});
}

Value Resolver::refuse_kind(const Setting& setting, const Node& node) {
  if (node.is_null()) {
    return refuse(setting, node.at, Rule::no_value,
                  fmt::format("'{}' has no value; leave it out to get its default", setting.name));
  }
  return refuse(
      setting, node.at, Rule::wrong_kind,
      fmt::format("'{}' must be {}, not {}", setting.name, kind_name(setting.kind), described(node)));
}

/// A default is scenario text like the user's, so it is read like the user's; it must not fail.
Value Resolver::fallback(const Setting& setting, const Position& key) {
  if (setting.fallback.empty() && !fills_itself(setting)) return unset(setting, key);
  Sources sources;
  Diagnostics diagnostics;
  const std::string text = setting.fallback.empty() ? "{}" : setting.fallback;
  const std::uint32_t file = sources.add("default of " + setting.name, text);
  const std::optional<Node> node = read_document(sources, file, diagnostics);
  Resolver inner{sources, files_, diagnostics};
  inner.in_default_ = true;
  Value value = node ? inner.from_node(setting, *node, node->at) : unset(setting, key);
  if (!diagnostics.empty()) fmt::print(stderr, "{}", render_text(diagnostics, sources));
  check(diagnostics.empty(), "a setting's default is not one of its values");
  return value;
}

Value Resolver::setting(const Setting& setting, const Node* node, const Position& key) {
  if (node == nullptr) return fallback(setting, key);
  Value value = from_node(setting, *node, key.line > 0 ? key : node->at);
  return in_default_ ? value : std::move(value).under(key);
}

Value Resolver::from_node(const Setting& setting, const Node& node, const Position& place) {
  if (node.is_null() && setting.kind != Kind::document) return refuse_kind(setting, node);
  switch (setting.kind) {
    case Kind::object:
    case Kind::retry: return from_fields(setting, node, place);
    case Kind::list: return from_list(setting, node);
    case Kind::map: return from_map(setting, node);
    case Kind::distribution:
    case Kind::bytes_distribution: return from_distribution(setting, node);
    case Kind::program: return from_program(setting, node);
    case Kind::document: return from_document(setting, node);
    default: return from_scalar(setting, node);
  }
}

// ---- Objects, lists, maps ------------------------------------------------------------------------------

void Resolver::refuse_unknown(const Node& node, const Settings& fields, std::string_view ignored) {
  constexpr std::size_t kListed = 16;
  const std::vector<std::string> names = names_of(fields);
  for (const Entry& entry : node.entries) {
    if (is_ignored(entry.name) || entry.name == ignored || find_field(fields, entry.name) != nullptr)
      continue;
    std::string message = fmt::format("unknown property '{}'", entry.name);
    std::string meant = diagnostics_.full() ? std::string{} : nearest(entry.name, names);
    if (meant.empty() && !names.empty() && names.size() <= kListed) {
      message += fmt::format("; there are {}", fmt::join(names, ", "));
    }
    diagnostics_.add(Rule::unknown_property, entry.at, std::move(message), std::move(meant));
  }
}

std::vector<Member> Resolver::members_of(const Node& node, const Settings& fields, const Position& place,
                                         std::string_view ignored) {
  refuse_unknown(node, fields, ignored);
  std::vector<Member> members;
  members.reserve(fields.size());
  for (const Setting& field : fields) {
    const Entry* entry = node.entry(field.name);
    if (entry != nullptr) {
      members.push_back({field.name, setting(field, &entry->value, entry->at)});
      continue;
    }
    if (field.required) {
      diagnostics_.add(Rule::missing_property, place,
                       fmt::format("missing property '{}': {}", field.name, field.help));
    }
    members.push_back({field.name, fallback(field, {})});
  }
  return members;
}

Value Resolver::object(const Node& node, const Settings& fields, const Position& key) {
  Setting whole;
  whole.name = "scenario";
  whole.kind = Kind::object;
  whole.fields = fields;
  return setting(whole, &node, key);
}

void Resolver::check_exactly_one(const Setting& setting, const Node& node, const Position& place) {
  const std::vector<std::string>& names = setting.exactly_one;
  if (names.empty() || in_default_) return;
  const Entry* first = nullptr;
  for (const Entry& entry : node.entries) {
    if (std::find(names.begin(), names.end(), entry.name) == names.end()) continue;
    if (first != nullptr) {
      diagnostics_.add(Rule::exactly_one, entry.at,
                       fmt::format("'{}' excludes '{}': give exactly one of {}", first->name, entry.name,
                                   fmt::join(names, ", ")));
    } else {
      first = &entry;
    }
  }
  if (first != nullptr) return;
  diagnostics_.add(Rule::exactly_one, place,
                   fmt::format("'{}' needs exactly one of {}", setting.name, fmt::join(names, ", ")));
}

Value Resolver::from_fields(const Setting& setting, const Node& node, const Position& place) {
  const Settings retry = setting.kind == Kind::retry ? retry_fields() : Settings{};
  const Settings& fields = setting.kind == Kind::retry ? retry : setting.fields;
  const std::string_view shorthand =
      setting.kind == Kind::retry ? std::string_view{"profile"} : setting.shorthand;
  ValueData data = start(setting, node);
  if (std::find(setting.words.begin(), setting.words.end(), node.text) != setting.words.end() &&
      node.is_scalar()) {
    return from_scalar(setting, node);
  }
  if (node.is_map()) {
    check_exactly_one(setting, node, place);
    return Value{std::move(data), members_of(node, fields, place)};
  }
  const Setting* member = shorthand.empty() ? nullptr : find_field(fields, shorthand);
  if (member == nullptr) return refuse_kind(setting, node);
  Node expanded;
  expanded.shape = Node::Shape::map;
  expanded.at = node.at;
  expanded.entries.push_back({member->name, node.at, node});
  for (const auto& [name, text] : setting.shorthand_means) {
    Node means;
    means.shape = Node::Shape::scalar;
    means.text = text;
    means.at = node.at;
    expanded.entries.push_back({name, node.at, std::move(means)});
  }
  return Value{std::move(data), members_of(expanded, fields, place)};
}

void Resolver::check_length(const Setting& setting, const Node& node, std::size_t length) {
  const auto size = static_cast<double>(length);
  const bool low = setting.at_least && size < *setting.at_least;
  const bool high = setting.at_most && size > *setting.at_most;
  if (!low && !high) return;
  diagnostics_.add(
      Rule::wrong_length, node.at,
      fmt::format("'{}' has {} entries; it must have at {} {}", setting.name, length, low ? "least" : "most",
                  print_number(low ? *setting.at_least : *setting.at_most)));
}

Value Resolver::from_list(const Setting& setting, const Node& node) {
  if (!node.is_list()) return refuse_kind(setting, node);
  check_length(setting, node, node.items.size());
  std::vector<Value> items;
  items.reserve(node.items.size());
  for (const Node& item : node.items) items.push_back(this->setting(setting.fields.at(0), &item));
  return Value{start(setting, node), std::move(items)};
}

Value Resolver::from_map(const Setting& setting, const Node& node) {
  if (!node.is_map()) return refuse_kind(setting, node);
  std::vector<Member> members;
  for (const Entry& entry : node.entries) {
    if (is_ignored(entry.name)) continue;
    Setting element = setting.fields.at(0);
    element.name = entry.name;
    members.push_back({entry.name, this->setting(element, &entry.value, entry.at)});
  }
  check_length(setting, node, members.size());
  return Value{start(setting, node), std::move(members)};
}

// ---- Typed objects -------------------------------------------------------------------------------------

Value Resolver::typed(const Node& node, std::span<const TypedSettings> types, const Position& key) {
  Setting whole;
  whole.name = "resource";
  whole.kind = Kind::object;
  if (!node.is_map()) {
    return refuse(whole, node.at, Rule::wrong_kind,
                  fmt::format("a resource is a map with a 'type', not {}", described(node)));
  }
  const Position place = key.line > 0 ? key : node.at;
  const Entry* type = node.entry("type");
  if (type == nullptr) {
    return refuse(whole, place, Rule::missing_property,
                  "missing property 'type': what this resource is, such as aws.sqs.queue");
  }
  const auto found = std::find_if(types.begin(), types.end(), [&](const TypedSettings& candidate) {
    return type->value.is_scalar() && candidate.type == type->value.text;
  });
  if (found == types.end()) {
    std::vector<std::string> names;
    for (const TypedSettings& candidate : types) names.push_back(candidate.type);
    return refuse(whole, type->value.at, Rule::unknown_type,
                  fmt::format("unknown type {}", described(type->value)), nearest(type->value.text, names));
  }
  Setting names_type;
  names_type.name = "type";
  std::vector<Member> members = members_of(node, found->settings, place, "type");
  members.insert(members.begin(), Member{"type", setting(names_type, &type->value, type->at)});
  return Value{start(whole, node), std::move(members)}.under(key);
}

Value Resolver::typed_map(const Node& node, std::span<const TypedSettings> types, const Position& key) {
  Setting whole;
  whole.name = "resources";
  whole.kind = Kind::map;
  if (!node.is_map()) return refuse_kind(whole, node);
  std::vector<Member> members;
  for (const Entry& entry : node.entries) {
    if (!is_ignored(entry.name)) members.push_back({entry.name, typed(entry.value, types, entry.at)});
  }
  return Value{start(whole, node), std::move(members)}.under(key);
}

tl::expected<Value, std::string> value_of(std::string_view yaml, const Settings& settings) {
  Sources sources;
  Diagnostics diagnostics;
  DiskFiles files;
  const std::uint32_t file = sources.add("settings", std::string{yaml});
  const std::optional<Node> node = read_document(sources, file, diagnostics);
  Value value;
  if (node) value = Resolver{sources, files, diagnostics}.object(*node, settings);
  if (!diagnostics.empty()) return tl::unexpected(render_text(diagnostics, sources));
  return value;
}

}  // namespace spillway
