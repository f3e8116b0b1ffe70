// spillway explain: every topic from the same tables that the program itself runs on.

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "command.hpp"
#include "model/quotas.hpp"
#include "observe/metrics_registry.hpp"
#include "scenario/units.hpp"
#include "services/catalogue.hpp"

namespace spillway::cli {

namespace {

std::string bounds(const Setting& setting) {
  const auto text = [&](double bound) {
    if (setting.kind == Kind::duration) return print_duration(std::llround(bound * 1e9));
    if (setting.kind == Kind::bytes) return print_bytes(std::llround(bound));
    if (setting.kind == Kind::rate) return print_rate(bound);
    return fmt::format("{}", bound);
  };
  std::string words;
  if (setting.at_least) words += "from " + text(*setting.at_least);
  if (setting.at_most) words += fmt::format("{}to {}", words.empty() ? "" : " ", text(*setting.at_most));
  if (!setting.choices.empty() && setting.choices.size() <= 12)
    words = fmt::format("{}", fmt::join(setting.choices, ", "));
  return words;
}

std::string fallback(const Setting& setting) {
  if (setting.required) return "required";
  return setting.fallback.empty() ? "-" : setting.fallback;
}

/// Of an object, or of an entry of a list or a map; none of anything else.
const Settings& members(const Setting& setting) {
  const bool of_entries = setting.kind == Kind::list || setting.kind == Kind::map;
  return of_entries ? setting.fields.front().fields : setting.fields;
}

void table_rows(std::string& out, const Settings& settings, const std::string& prefix, bool markdown) {
  for (const Setting& setting : settings) {
    const std::string name = prefix + setting.name;
    if (markdown) {
      out += fmt::format("| `{}` | {} | {} | {} | {} | {} |\n", name, kind_name(setting.kind),
                         fallback(setting) == "-" ? "" : "`" + fallback(setting) + "`", bounds(setting),
                         setting.help, setting.source);
    } else {
      out += fmt::format("  {:<34} {}\n", name, setting.help);
      out += fmt::format("  {:<34} {}; default {}{}{}\n", "", kind_name(setting.kind), fallback(setting),
                         bounds(setting).empty() ? "" : "; " + bounds(setting),
                         setting.source.empty() ? "" : "; " + setting.source);
    }
    if (setting.kind == Kind::object) table_rows(out, members(setting), name + ".", markdown);
    if (setting.kind == Kind::list) table_rows(out, members(setting), name + "[].", markdown);
    if (setting.kind == Kind::map) table_rows(out, members(setting), name + ".*.", markdown);
  }
}

std::string text_table(std::string title, const Settings& settings) {
  table_rows(title, settings, "", false);
  return title;
}

std::string markdown_table(const Settings& settings) {
  std::string out = "| setting | kind | default | bounds | meaning | source |\n|---|---|---|---|---|---|\n";
  table_rows(out, settings, "", true);
  return out;
}

Settings settings_of(const ServiceType& type) {
  return type.type == "client" ? client_settings() : type.describe();
}

std::string type_text(const ServiceType& type, bool markdown) {
  if (markdown) return markdown_table(settings_of(type));
  return text_table(fmt::format("{}: {}\n\n", type.type, type.summary), settings_of(type));
}

std::string metric_text(const MetricInfo& metric, std::string_view of) {
  return fmt::format("{} (of {}): {}\n  unit {}, better {}\n", metric.name, of, metric.help, metric.unit,
                     name_of(metric.better));
}

std::string topics() {
  std::string out = "Types of resources:\n";
  for (const ServiceType& type : catalogue()) out += fmt::format("  {:<24} {}\n", type.type, type.summary);
  out += "\nThe scenario itself:\n  scenario\n\nRetry profiles:\n";
  for (const RetryProfile& profile : retry_profiles())
    out += fmt::format("  {:<24} {}\n", profile.name, profile.source);
  out += "\nMetrics of journeys:\n ";
  for (const MetricInfo& metric : journey_metrics()) out += fmt::format(" {}", metric.name);
  out += "\n\nMetrics of resources:\n ";
  for (const MetricInfo& metric : resource_metrics()) out += fmt::format(" {}", metric.name);
  out += "\n\nRules:\n";
  for (const RuleInfo& rule : rules()) out += fmt::format("  {:<8} {}\n", rule_id(rule.rule), rule.title);
  return out + "\nQuotas have names such as lambda.concurrency.account.\n";
}

std::string profile_text(const RetryProfile& profile) {
  const RetryPolicy& policy = profile.policy;
  std::string out =
      fmt::format("{}: at most {} attempts; {}\n", profile.name, policy.max_attempts, profile.source);
  if (policy.max_attempts == 1) return out;
  out += fmt::format("  first back-off {} ms{}, doubling{}\n", policy.base / 1ms,
                     policy.throttled_base > Duration::zero()
                         ? fmt::format(" ({} ms after throttling)", policy.throttled_base / 1ms)
                         : "",
                     policy.cap == Duration::max() ? "" : fmt::format(", up to {} s", policy.cap / 1s));
  if (policy.quota.capacity > 0) {
    out += fmt::format("  retry quota {}: a retry costs {} (throttled {}, timed out {})\n",
                       policy.quota.capacity, policy.quota.cost_transient, policy.quota.cost_throttled,
                       policy.quota.cost_timeout);
  }
  return out;
}

/// A setting by its path below a type: "aws.lambda.function.keep_alive.idle". A page about a setting with
/// members shows these alone.
std::string setting_text(const std::string& topic, bool markdown) {
  for (const ServiceType& type : catalogue()) {
    const std::string prefix = std::string(type.type) + ".";
    if (!topic.starts_with(prefix)) continue;
    Settings settings = settings_of(type);
    std::string rest = topic.substr(prefix.size());
    while (!rest.empty()) {
      const std::string name = rest.substr(0, rest.find('.'));
      const auto row = std::ranges::find(settings, name, &Setting::name);
      if (row == settings.end()) break;
      rest = rest.size() > name.size() ? rest.substr(name.size() + 1) : "";
      const Setting found = *row;
      if (rest.empty() && markdown)
        return markdown_table(members(found).empty() ? Settings{found} : members(found));
      if (rest.empty()) return text_table(std::string(type.type) + "\n", {found});
      settings = members(found);
    }
  }
  return {};
}

std::string text_of(const std::string& topic, bool markdown) {
  if (const ServiceType* const type = find_service_type(topic)) return type_text(*type, markdown);
  if (topic == "scenario") {
    Settings settings = scenario_settings();
    std::erase_if(settings, [](const Setting& setting) { return setting.name == "traffic"; });
    if (markdown) return markdown_table(settings);
    return text_table("scenario: the members beside 'resources'\n\n", settings);
  }
  if (const RuleInfo* const rule = find_rule(topic)) {
    return fmt::format("{}: {}\n  {}\n", topic, rule->title, rule->explanation);
  }
  for (const RetryProfile& profile : retry_profiles()) {
    if (profile.name == topic) return profile_text(profile);
  }
  if (const Quota* const found = find_quota(topic)) {
    return fmt::format("{}: {}  ({}, {}, {})\n{}", found->name, found->value, to_text(found->limit),
                       found->source, found->date, found->note.empty() ? "" : "  " + found->note + "\n");
  }
  std::string out;
  for (const MetricInfo& metric : journey_metrics())
    out += metric.name == topic ? metric_text(metric, "journeys") : "";
  for (const MetricInfo& metric : resource_metrics())
    out += metric.name == topic ? metric_text(metric, "resources") : "";
  return out.empty() ? setting_text(topic, markdown) : out;
}

void setting_paths(std::vector<std::string>& paths, const Settings& settings, const std::string& prefix) {
  for (const Setting& setting : settings) {
    paths.push_back(prefix + setting.name);
    setting_paths(paths, members(setting), paths.back() + ".");
  }
}

/// What was probably meant: the nearest name, or the only setting that is called so.
std::string nearest_topic(const std::string& topic) {
  std::vector<std::string> names{"scenario"};
  for (const ServiceType& type : catalogue()) {
    names.emplace_back(type.type);
    setting_paths(names, settings_of(type), names.back() + ".");
  }
  for (const RetryProfile& profile : retry_profiles()) names.emplace_back(profile.name);
  for (const Quota& each : quotas()) names.push_back(each.name);
  for (const MetricInfo& metric : journey_metrics()) names.emplace_back(metric.name);
  for (const MetricInfo& metric : resource_metrics()) names.emplace_back(metric.name);
  for (const RuleInfo& rule : rules()) names.push_back(rule_id(rule.rule));
  const auto called_so = [&](const std::string& name) { return name.ends_with("." + topic); };
  if (std::ranges::count_if(names, called_so) == 1) return *std::ranges::find_if(names, called_so);
  return nearest(topic, names);
}

}  // namespace

int explain(const std::string& topic, bool markdown) {
  if (names_a_file(topic)) return explain_file(topic);
  const std::string text = topic.empty() ? topics() : text_of(topic, markdown);
  if (!text.empty()) {
    print(text);
    return kDone;
  }
  const std::string meant = nearest_topic(topic);
  complain(fmt::format("spillway: there is no topic '{}'{}", topic,
                       meant.empty() ? "" : fmt::format(" (did you mean '{}'?)", meant)));
  return kUsage;
}

}  // namespace spillway::cli
