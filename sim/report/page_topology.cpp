// What stands in the topology and what connects it; and each setting with the place that it comes from.

#include <algorithm>

#include <fmt/format.h>

#include "report/page_parts.hpp"

namespace spillway::page {

namespace {

/// Settings as rows: objects and maps opened up, everything else as the text of its value.
class SettingRows {
 public:
  explicit SettingRows(const Sources& sources) : sources_(sources) {}

  Json take(const Value& value, const Settings& described) {
    open(value, described, "");
    return std::move(rows_);
  }

 private:
  void open(const Value& value, const Settings& described, const std::string& path) {
    for (const Member& member : value.members()) {
      if (!member.value.is_set() || member.name == "type") continue;
      const auto row = std::ranges::find(described, member.name, &Setting::name);
      const Setting* const setting = row != described.end() ? &*row : nullptr;
      const std::string name = path.empty() ? member.name : path + "." + member.name;
      const bool opens = setting != nullptr && member.value.kind() == Kind::object &&
                         !member.value.members().empty() && !member.value.is_word();
      if (opens) {
        open(member.value, setting->fields, name);
      } else {
        add(name, member.value, setting);
      }
    }
  }

  void add(const std::string& name, const Value& value, const Setting* setting) {
    const Json shown = Json::parse(scenario_json(value), nullptr, false);
    Json row{{"name", name}, {"value", shown.is_string() ? shown : Json(shown.dump())}};
    if (value.is_default()) {
      row["default"] = true;
    } else {
      row["place"] = sources_.place(value.position());
    }
    if (setting != nullptr) {
      row["help"] = setting->help;
      if (!setting->source.empty()) row["source"] = setting->source;
    }
    rows_.push_back(std::move(row));
  }

  const Sources& sources_;
  Json rows_ = Json::array();
};

const Settings& settings_of(const std::vector<TypedSettings>& types, std::string_view type) {
  static const Settings kNone;
  const auto row = std::ranges::find(types, type, &TypedSettings::type);
  return row == types.end() ? kNone : row->settings;
}

Json nodes(const Experiment& experiment) {
  const Scenario& scenario = *experiment.scenario;
  const auto types = resource_types();
  Json all = Json::array();
  for (const ResourceResult& resource : experiment.replications.front().resources) {
    const char* const kind = resource.is_client ? "client" : resource.type.empty() ? "poller" : "resource";
    Json node{{"name", resource.name}, {"type", resource.type}, {"kind", kind}};
    const auto& members = resource.is_client ? scenario.traffic : scenario.resources;
    const auto member = std::ranges::find(members, resource.name, &Member::name);
    if (member != members.end()) {
      node["settings"] = SettingRows(*scenario.sources)
                             .take(member->value, resource.is_client ? client_settings()
                                                                     : settings_of(types, resource.type));
    }
    all.push_back(std::move(node));
  }
  return all;
}

Json calls(const Experiment& experiment) {
  Json all = Json::array();
  for (const EdgeResult& edge : experiment.replications.front().edges) {
    all.push_back({{"id", edge.name()}, {"from", edge.from}, {"to", edge.to}, {"operation", edge.operation}});
  }
  return all;
}

/// What moves without a call: pollers that take from queues, and queues that pass on what was received too
/// often.
Json links(const Experiment& experiment) {
  const Scenario& scenario = *experiment.scenario;
  const RunResult& run = experiment.replications.front();
  Json all = Json::array();
  for (const Member& member : scenario.resources) {
    const Value* const sources = member.value.find("event_sources");
    if (sources != nullptr && sources->is_set()) {
      for (const Value& source : sources->items()) {
        const std::string poller = member.name + "<" + source["from"].text();
        const bool known = run.resource(poller) != nullptr;
        all.push_back(
            {{"kind", "polls"}, {"from", source["from"].text()}, {"to", known ? poller : member.name}});
      }
    }
    const Value* const redrive = member.value.find("redrive");
    const Value* const to = redrive != nullptr && redrive->is_set() ? redrive->find("to") : nullptr;
    if (to != nullptr && to->is_set())
      all.push_back({{"kind", "redrive"}, {"from", member.name}, {"to", to->text()}});
  }
  return all;
}

}  // namespace

Json topology(const Experiment& experiment) {
  return {{"nodes", nodes(experiment)}, {"calls", calls(experiment)}, {"links", links(experiment)}};
}

}  // namespace spillway::page
