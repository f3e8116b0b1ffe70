// Single values: quantities, booleans, texts and choices. A plain scalar that some YAML reader would take for
// another type than the user meant (yes, 012, null) is refused rather than guessed.

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include "scenario/resolve.hpp"

namespace spillway {

namespace {

/// A bound as the user would write the value.
std::string print_bound(Kind kind, double bound) {
  constexpr double kNanoseconds = 1e9;
  switch (kind) {
    case Kind::duration:
    case Kind::distribution: return print_duration(std::llround(bound * kNanoseconds));
    case Kind::bytes:
    case Kind::bytes_distribution: return print_bytes(std::llround(bound));
    case Kind::rate: return print_rate(bound);
    default: return print_number(bound);
  }
}

/// The setting's words, when there are any, as the end of a message.
std::string or_words(const Setting& setting) {
  if (setting.words.empty()) return {};
  return fmt::format(", or {}", fmt::join(setting.words, ", "));
}

}  // namespace

bool Resolver::check_bounds(const Setting& setting, const Node& node, double value) {
  const bool low = setting.at_least && value < *setting.at_least;
  const bool high = setting.at_most && value > *setting.at_most;
  if (!low && !high) return true;
  const auto bound = [&](double limit) {
    return print_bound(setting.unit == "number" ? Kind::number : setting.kind, limit);
  };
  const std::string range =
      setting.at_least && setting.at_most
          ? fmt::format("from {} to {}", bound(*setting.at_least), bound(*setting.at_most))
      : low ? "at least " + bound(*setting.at_least)
            : "at most " + bound(*setting.at_most);
  const std::string given = node.is_scalar() ? node.text : "one that can be outside";
  diagnostics_.add(Rule::out_of_bounds, node.at,
                   fmt::format("'{}' must be {}, not {}", setting.name, range, given));
  return false;
}

Value Resolver::from_scalar(const Setting& setting, const Node& node) {
  if (!node.is_scalar()) return refuse_kind(setting, node);
  if (std::find(setting.words.begin(), setting.words.end(), node.text) != setting.words.end()) {
    ValueData data = start(setting, node);
    data.is_word = true;
    data.text = node.text;
    return Value{std::move(data)};
  }
  switch (setting.kind) {
    case Kind::boolean: return from_boolean(setting, node);
    case Kind::choice: return from_choice(setting, node);
    case Kind::text:
    case Kind::reference: return from_text(setting, node);
    default: return from_quantity(setting, node);
  }
}

Value Resolver::from_quantity(const Setting& setting, const Node& node) {
  ValueData data = start(setting, node);
  double canonical = 0;
  const auto take = [&](auto parsed, auto& into, double unit) -> std::optional<UnitError> {
    if (!parsed) return parsed.error();
    into = *parsed;
    canonical = static_cast<double>(*parsed) / unit;
    return std::nullopt;
  };
  std::optional<UnitError> error;
  switch (setting.kind) {
    case Kind::duration: error = take(parse_duration(node.text), data.integer, 1e9); break;
    case Kind::bytes: error = take(parse_bytes(node.text), data.integer, 1); break;
    case Kind::rate: error = take(parse_rate(node.text), data.number, 1); break;
    case Kind::count: error = take(parse_count(node.text), data.integer, 1); break;
    case Kind::probability: error = take(parse_probability(node.text), data.number, 1); break;
    default: error = take(parse_number(node.text), data.number, 1); break;
  }
  if (error)
    return refuse(setting, node.at, error->rule, error->message + or_words(setting), error->suggestion);
  if (!check_bounds(setting, node, canonical)) return unset(setting, {});
  if (setting.kind == Kind::probability && data.number > 1) {
    return refuse(setting, node.at, Rule::out_of_bounds,
                  fmt::format("'{}' must be from 0 to 1, not {}", setting.name, node.text));
  }
  return Value{std::move(data)};
}

Value Resolver::from_boolean(const Setting& setting, const Node& node) {
  const bool yes = node.text == "true";
  if (!node.quoted && (yes || node.text == "false")) {
    ValueData data = start(setting, node);
    data.integer = yes ? 1 : 0;
    return Value{std::move(data)};
  }
  if (is_implicit_boolean(node.text)) {
    constexpr std::string_view kTrue = "yYtToO";
    const bool meant = kTrue.find(node.text.front()) != std::string_view::npos && node.text != "off" &&
                       node.text != "Off" && node.text != "OFF";
    return refuse(setting, node.at, Rule::implicit_boolean, fmt::format("'{}' is not a boolean", node.text),
                  meant ? "true" : "false");
  }
  return refuse(
      setting, node.at, Rule::wrong_kind,
      fmt::format("'{}' must be true or false{}, not {}{}", setting.name, or_words(setting),
                  node.quoted && (yes || node.text == "false") ? "the quoted text " : "", described(node)));
}

Value Resolver::from_text(const Setting& setting, const Node& node) {
  if (!node.quoted) {
    const std::string quoted = fmt::format("put it in quotes to mean text: \"{}\"", node.text);
    if (is_implicit_boolean(node.text)) {
      return refuse(setting, node.at, Rule::implicit_boolean,
                    fmt::format("'{}' is a boolean to some readers; {}", node.text, quoted));
    }
    if (node.text == "true" || node.text == "false" || looks_like_number(node.text)) {
      return refuse(setting, node.at, Rule::wrong_kind,
                    fmt::format("'{}' must be {}, not {}; {}", setting.name, kind_name(setting.kind),
                                node.text, quoted));
    }
  }
  if (node.text.empty()) {
    return refuse(setting, node.at, Rule::no_value, fmt::format("'{}' is empty", setting.name));
  }
  ValueData data = start(setting, node);
  data.text = node.text;
  return Value{std::move(data)};
}

Value Resolver::from_choice(const Setting& setting, const Node& node) {
  const auto found = std::find(setting.choices.begin(), setting.choices.end(), node.text);
  if (found == setting.choices.end()) {
    const std::vector<std::string>& choices = setting.choices;
    return refuse(setting, node.at, Rule::not_a_choice,
                  fmt::format("{} is not a choice of '{}': one of {}", described(node), setting.name,
                              fmt::join(choices, ", ")),
                  nearest(node.text, choices));
  }
  ValueData data = start(setting, node);
  data.text = node.text;
  data.integer = found - setting.choices.begin();
  return Value{std::move(data)};
}

}  // namespace spillway
