// The settings with a grammar of their own. Distributions and program steps are described as objects in
// model/setting_forms, so this file only chooses the form; documents are kept as JSON and as a tree with
// positions.

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include "model/setting_forms.hpp"
#include "scenario/resolve.hpp"

namespace spillway {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kProgramDepth = 16;

std::vector<std::string> names_of(const Settings& forms) {
  std::vector<std::string> names;
  for (const Setting& form : forms) names.push_back(form.name);
  return names;
}

/// The bare numbers in a message of the engine's are nanoseconds or bytes; the user wrote units.
std::string bad_distribution(const Value& value, const std::string& why) {
  if (value.kind() != Kind::distribution && value.kind() != Kind::bytes_distribution) return why;
  const Value& form = value[value.text()];
  const auto differ = [&](std::string_view low, std::string_view high) {
    const Value* least = form.find(low);
    const Value* most = form.find(high);
    if (least == nullptr || most == nullptr || !least->is_set() || !most->is_set()) return false;
    return least->data().integer > most->data().integer || least->data().number > most->data().number;
  };
  if (value.text() == "lognormal" && differ("median", "p99"))
    return "the p99 of a lognormal is below its median";
  if (value.text() == "uniform" && differ("from", "to"))
    return "a uniform distribution ends before it begins";
  if (value.text() == "normal" && differ("min", "max")) return "the max of a normal is below its min";
  if (value.text() == "quantiles" && why.starts_with("values")) return "a higher quantile has a lower value";
  if (value.text() == "quantiles" && why.starts_with("quantiles")) return "a quantile is given twice";
  return why;
}

double unit_size(std::string_view unit) {
  if (unit == "number") return 1;
  const std::string one = "1" + std::string{unit};
  const Parsed<std::int64_t> time = parse_duration(one);
  return static_cast<double>(time ? *time : parse_bytes(one).value_or(1));
}

}  // namespace

// ---- Distributions -------------------------------------------------------------------------------------

Value Resolver::from_distribution(const Setting& setting, const Node& node) {
  if (node.is_scalar() &&
      std::find(setting.words.begin(), setting.words.end(), node.text) != setting.words.end()) {
    return from_scalar(setting, node);
  }
  if (node.is_list()) return refuse_kind(setting, node);
  const Settings forms = distribution_forms(quantity_of(setting));
  Node bare;
  bare.shape = Node::Shape::map;
  bare.at = node.at;
  if (node.is_scalar()) bare.entries.push_back({"constant", node.at, node});
  const Node& written = node.is_scalar() ? bare : node;
  const Setting* chosen = nullptr;
  const Entry* entry = nullptr;
  for (const Entry& candidate : written.entries) {
    const auto form =
        std::find_if(forms.begin(), forms.end(), [&](const Setting& f) { return f.name == candidate.name; });
    if (form == forms.end()) {
      const std::vector<std::string> names = names_of(forms);
      diagnostics_.add(Rule::unknown_distribution, candidate.at,
                       fmt::format("unknown distribution '{}'", candidate.name),
                       diagnostics_.full() ? std::string{} : nearest(candidate.name, names));
      return unset(setting, {});
    }
    if (chosen != nullptr) {
      return refuse(setting, candidate.at, Rule::exactly_one,
                    fmt::format("a distribution has one form, but this has '{}' and '{}'", chosen->name,
                                candidate.name));
    }
    chosen = &*form;
    entry = &candidate;
  }
  if (chosen == nullptr)
    return refuse(setting, node.at, Rule::exactly_one,
                  "a distribution needs a form, such as { exponential: ... }");
  const std::size_t before = diagnostics_.errors();
  ValueData data = start(setting, node);
  data.text = chosen->name;
  Setting named = *chosen;
  if (node.is_scalar()) named.name = setting.name;
  Value form = this->setting(named, &entry->value, entry->at);
  if (chosen->name == "samples" && diagnostics_.errors() == before)
    form = from_samples(setting, entry->value, std::move(form));
  std::vector<Member> members;
  members.push_back({chosen->name, std::move(form)});
  Value value{std::move(data), std::move(members)};
  if (diagnostics_.errors() == before) check_distribution(setting, node, value);
  return value;
}

void Resolver::check_distribution(const Setting& setting, const Node& node, const Value& value) {
  const Distribution::Made made = make_distribution(value);
  if (!made) {
    diagnostics_.add(Rule::bad_distribution, node.at, bad_distribution(value, made.error()));
    return;
  }
  const double unit = quantity_of(setting) == Quantity::duration ? 1e9 : 1;
  if (setting.at_least && !check_bounds(setting, node, made->lower() / unit)) return;
  if (setting.at_most) check_bounds(setting, node, made->upper() / unit);
}

Value Resolver::from_samples(const Setting& setting, const Node& node, Value form) {
  const Node* given = node.is_map() ? node.find("file") : &node;
  const Node& name = given == nullptr ? node : *given;
  std::string path = form["file"].text();
  std::string column = form["column"].is_set() ? form["column"].text() : std::string{};
  if (const std::size_t hash = path.rfind('#'); hash != std::string::npos && column.empty()) {
    column = path.substr(hash + 1);
    path.resize(hash);
  }
  const Quantity quantity = quantity_of(setting);
  const bool has_unit = form["unit"].is_set();
  if (!has_unit && quantity == Quantity::duration) {
    return refuse(setting, name.at, Rule::missing_unit,
                  "samples of durations need a 'unit', such as unit: ms");
  }
  const std::string unit = has_unit ? form["unit"].text() : quantity == Quantity::bytes ? "B" : "number";
  const bool fits = quantity == Quantity::number     ? unit == "number"
                    : quantity == Quantity::duration ? parse_duration("1" + unit).has_value()
                                                     : parse_bytes("1" + unit).has_value();
  if (!fits)
    return refuse(setting, name.at, Rule::bad_samples,
                  fmt::format("'{}' is not a unit for these samples", unit));
  const auto text = files_.read(path.starts_with('/') ? path : sources_.folder(name.at) + path);
  if (!text)
    return refuse(setting, name.at, Rule::referenced_file,
                  fmt::format("cannot read '{}': {}", path, text.error()));
  auto numbers = read_samples(*text, column, unit_size(unit));
  if (!numbers) {
    const SamplesError& error = numbers.error();
    return refuse(setting, name.at, Rule::bad_samples,
                  error.line == 0 ? fmt::format("'{}': {}", path, error.why)
                                  : fmt::format("'{}' line {}: {}", path, error.line, error.why));
  }
  ValueData data = form.data();
  data.numbers = std::move(*numbers);
  return Value{std::move(data), form.members()};
}

// ---- Programs ------------------------------------------------------------------------------------------

Value Resolver::from_program(const Setting& setting, const Node& node) {
  if (!node.is_list()) return refuse_kind(setting, node);
  if (program_depth_ >= kProgramDepth) {
    return refuse(setting, node.at, Rule::program_depth,
                  fmt::format("steps are nested more than {} levels deep", kProgramDepth));
  }
  ++program_depth_;
  std::vector<Value> steps;
  steps.reserve(node.items.size());
  for (const Node& item : node.items) steps.push_back(from_step(item));
  --program_depth_;
  return Value{start(setting, node), std::move(steps)};
}

Value Resolver::from_step(const Node& node) {
  Setting whole;
  whole.name = "step";
  whole.kind = Kind::object;
  if (!node.is_map()) {
    return refuse(whole, node.at, Rule::wrong_kind,
                  fmt::format("a step is a map such as {{ compute: 5ms }}, not {}", described(node)));
  }
  const Settings forms = step_forms();
  const std::vector<std::string> verbs = names_of(forms);
  const Entry* verb = nullptr;
  for (const Entry& entry : node.entries) {
    if (std::find(verbs.begin(), verbs.end(), entry.name) == verbs.end()) continue;
    if (verb != nullptr) {
      return refuse(whole, entry.at, Rule::exactly_one,
                    fmt::format("a step does one thing, but this has '{}' and '{}'", verb->name, entry.name));
    }
    verb = &entry;
  }
  if (verb == nullptr) {
    const Position at = node.entries.empty() ? node.at : node.entries.front().at;
    const std::string name = node.entries.empty() ? std::string{} : node.entries.front().name;
    return refuse(whole, at, Rule::unknown_step,
                  fmt::format("unknown step '{}': one of {}", name, fmt::join(verbs, ", ")),
                  diagnostics_.full() ? std::string{} : nearest(name, verbs));
  }
  const auto form =
      std::find_if(forms.begin(), forms.end(), [&](const Setting& f) { return f.name == verb->name; });
  ValueData data = start(whole, node);
  data.text = form->name;
  return Value{std::move(data), members_of(node, form->fields, verb->at)};
}

// ---- Documents -----------------------------------------------------------------------------------------

namespace {

Json json_of(const Value& value) {
  const ValueData& data = value.data();
  if (!value.members().empty()) {
    Json object = Json::object();
    for (const Member& member : value.members()) object[member.name] = json_of(member.value);
    return object;
  }
  if (!value.items().empty()) {
    Json array = Json::array();
    for (const Value& item : value.items()) array.push_back(json_of(item));
    return array;
  }
  return Json::parse(data.text, nullptr, false);
}

/// A plain scalar as JSON text: the core schema's null, booleans and numbers, everything else a string.
std::string json_scalar(const Node& node) {
  if (!node.quoted) {
    if (node.text == "true" || node.text == "false") return node.text;
    if (Json::accept(node.text) && node.text.find_first_of("0123456789") != std::string::npos &&
        node.text.front() != '"')
      return node.text;
  }
  return Json(node.text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

/// Each part keeps its own JSON text only where it is a scalar or empty, so that a large document is not kept
/// twice a level.
Value Resolver::document_value(const Node& node) {
  Setting part;
  part.kind = Kind::document;
  ValueData data = start(part, node);
  std::vector<Value> items;
  std::vector<Member> members;
  switch (node.shape) {
    case Node::Shape::null: data.text = "null"; break;
    case Node::Shape::scalar:
      if (!node.quoted && is_implicit_boolean(node.text)) {
        return refuse(
            part, node.at, Rule::implicit_boolean,
            fmt::format("'{0}' is a boolean to some readers; put it in quotes to mean text: \"{0}\"",
                        node.text));
      }
      data.text = json_scalar(node);
      break;
    case Node::Shape::list:
      for (const Node& item : node.items) items.push_back(document_value(item));
      if (items.empty()) data.text = "[]";
      return Value{std::move(data), std::move(items)};
    case Node::Shape::map:
      for (const Entry& entry : node.entries)
        members.push_back({entry.name, document_value(entry.value).under(entry.at)});
      if (members.empty()) data.text = "{}";
      return Value{std::move(data), std::move(members)};
  }
  return Value{std::move(data)};
}

Value Resolver::from_document(const Setting& setting, const Node& node) {
  const std::size_t before = diagnostics_.errors();
  Value value = document_value(node);
  if (diagnostics_.errors() != before) return unset(setting, {});
  ValueData data = value.data();
  data.text = json_of(value).dump(-1, ' ', false, Json::error_handler_t::replace);
  if (!value.items().empty()) return Value{std::move(data), value.items()};
  return Value{std::move(data), value.members()};
}

}  // namespace spillway
