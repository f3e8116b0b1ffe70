#include "scenario/references.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "model/setting_forms.hpp"

namespace spillway {

namespace {

class Checker {
 public:
  Checker(const Names& names, Diagnostics& diagnostics)
      : names_(names), diagnostics_(diagnostics), steps_(step_forms()) {}

  void object(const Settings& settings, const Value& value) {
    for (const Setting& setting : settings) {
      if (const Value* const member = value.find(setting.name)) one(setting, *member);
    }
  }

 private:
  void one(const Setting& setting, const Value& value) {
    if (!value.is_set()) return;
    switch (setting.kind) {
      case Kind::reference: return reference(setting, value);
      case Kind::object: return object(setting.fields, value);
      case Kind::list:
        for (const Value& item : value.items()) one(setting.fields.front(), item);
        return;
      case Kind::map:
        for (const Member& member : value.members()) {
          if (setting.names_class) traffic_class(member.name, member.value.key_position());
          one(setting.fields.front(), member.value);
        }
        return;
      case Kind::text:
        if (setting.names_class) traffic_class(value.text(), value.position());
        return;
      case Kind::program:
        for (const Value& step : value.items()) program_step(step);
        return;
      default: return;
    }
  }

  void program_step(const Value& step) {
    const auto form = std::ranges::find(steps_, step.text(), &Setting::name);
    if (form == steps_.end()) return;
    object(form->fields, step);
  }

  void traffic_class(std::string_view name, const Position& position) {
    if (contains(names_.classes, name)) return;
    diagnostics_.add(Rule::unknown_class, position, fmt::format("no traffic has a class '{}'", name),
                     nearest(name, names_.classes));
  }

  void reference(const Setting& setting, const Value& value) {
    const auto found = std::ranges::find(names_.resources, value.text());
    if (found == names_.resources.end()) {
      diagnostics_.add(Rule::unknown_resource, value.position(),
                       fmt::format("there is no resource '{}'", value.text()),
                       nearest(value.text(), names_.resources));
      return;
    }
    const std::string& type = names_.types[static_cast<std::size_t>(found - names_.resources.begin())];
    if (setting.choices.empty() || contains(setting.choices, type)) return;
    diagnostics_.add(Rule::wrong_resource_type, value.position(),
                     fmt::format("'{}' must name a resource of type {}, but '{}' is {}", setting.name,
                                 fmt::join(setting.choices, " or "), value.text(), type));
  }

  static bool contains(const std::vector<std::string>& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
  }

  const Names& names_;
  Diagnostics& diagnostics_;
  Settings steps_;
};

const Value* find_value(const Value& value, std::string_view text) {
  const bool worded =
      value.kind() == Kind::text && value.is_set() && value.items().empty() && value.members().empty();
  if (worded && value.text() == text) return &value;
  for (const Value& item : value.items()) {
    if (const Value* const found = find_value(item, text)) return found;
  }
  for (const Member& member : value.members()) {
    if (const Value* const found = find_value(member.value, text)) return found;
  }
  return nullptr;
}

}  // namespace

void check_references(const Settings& settings, const Value& object, const Names& names,
                      Diagnostics& diagnostics) {
  Checker(names, diagnostics).object(settings, object);
}

Position find_text(const Value& value, std::string_view text) {
  const Value* const found = find_value(value, text);
  return found != nullptr ? found->position() : value.position();
}

}  // namespace spillway
