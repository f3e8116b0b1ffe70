// The renderings of diagnostics that programs read: JSON, SARIF 2.1.0 (OASIS standard) and GitHub workflow
// commands.

#include <nlohmann/json.hpp>

#include <fmt/format.h>
#include "scenario/diagnostic.hpp"

namespace spillway {

namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

Json region(const Position& at) {
  return Json{{"startLine", at.line}, {"startColumn", at.column}, {"endColumn", at.column + at.length}};
}

Json sarif_result(const Diagnostic& found, std::size_t index, const Sources& sources) {
  Json place{{"artifactLocation", {{"uri", sources.name(found.at.file)}}}};
  if (found.at.line > 0) place["region"] = region(found.at);
  Json result{{"ruleId", rule_id(found.rule)},
              {"ruleIndex", index},
              {"level", severity_name(found.severity)},
              {"message", {{"text", full_message(found)}}}};
  result["locations"] = Json::array({Json{{"physicalLocation", std::move(place)}}});
  return result;
}

std::size_t rule_index(Rule rule) {
  std::size_t index = 0;
  while (rules()[index].rule != rule) ++index;
  return index;
}

/// GitHub's escapes: in a message the line breaks and '%', in a property also ':' and ','.
std::string escaped(std::string_view text, bool property) {
  std::string out;
  for (const char c : text) {
    const bool special = c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ','));
    if (special) {
      out += fmt::format("%{:02X}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

std::string render_json(const Diagnostics& diagnostics, const Sources& sources) {
  Json all = Json::array();
  for (const Diagnostic& found : diagnostics.sorted()) {
    Json row{{"rule", rule_id(found.rule)},
             {"severity", severity_name(found.severity)},
             {"file", sources.name(found.at.file)},
             {"line", found.at.line},
             {"column", found.at.column},
             {"length", found.at.length},
             {"message", found.message}};
    row["suggestion"] = found.suggestion.empty() ? Json(nullptr) : Json(found.suggestion);
    all.push_back(std::move(row));
  }
  return dump(
      Json{{"format_version", "1.0"}, {"diagnostics", std::move(all)}, {"dropped", diagnostics.dropped()}});
}

std::string render_sarif(const Diagnostics& diagnostics, const Sources& sources, std::string_view version) {
  Json table = Json::array();
  for (const RuleInfo& rule : rules()) {
    table.push_back(Json{{"id", rule_id(rule.rule)},
                         {"shortDescription", {{"text", rule.title}}},
                         {"fullDescription", {{"text", rule.explanation}}},
                         {"defaultConfiguration", {{"level", severity_name(rule.severity)}}}});
  }
  Json results = Json::array();
  for (const Diagnostic& found : diagnostics.sorted()) {
    results.push_back(sarif_result(found, rule_index(found.rule), sources));
  }
  Json driver{{"name", "spillway"}, {"version", version}, {"rules", std::move(table)}};
  Json run{{"tool", {{"driver", std::move(driver)}}},
           {"columnKind", "unicodeCodePoints"},
           {"results", std::move(results)}};
  Json log{{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"}, {"version", "2.1.0"}};
  log["runs"] = Json::array({std::move(run)});
  return dump(log);
}

std::string render_github(const Diagnostics& diagnostics, const Sources& sources) {
  std::string out;
  for (const Diagnostic& found : diagnostics.sorted()) {
    const std::string_view command =
        found.severity == Severity::note ? "notice" : severity_name(found.severity);
    out += fmt::format("::{} file={},line={},col={},endColumn={},title={}::{}\n", command,
                       escaped(sources.name(found.at.file), true), found.at.line, found.at.column,
                       found.at.column + found.at.length, rule_id(found.rule),
                       escaped(full_message(found), false));
  }
  return out;
}

}  // namespace spillway
