// Choice states: rules, and the conditions within them.

#include <array>

#include <fmt/format.h>
#include "formats/asl/loader.hpp"

namespace spillway::asl {

ChoiceFields Loader::read_choice(const Part& part, const State& state, const Names& names) {
  ChoiceFields choice;
  if (part.has("Default")) choice.otherwise = target(part, "Default", names);
  const Json* rules = list(part, "Choices", true);
  if (rules == nullptr) return choice;
  if (rules->empty()) problem(part.to("Choices"), "at least one rule must be given");
  for (std::size_t i = 0; i < rules->size(); ++i) {
    const Part one{(*rules)[i], part.to("Choices") + '/' + std::to_string(i)};
    if (!one.value.is_object()) {
      problem(one.pointer, "a rule must be an object");
      continue;
    }
    ChoiceRule rule;
    rule.when = read_condition(one, state.language, false);
    rule.next = target(one, "Next", names);
    if (state.language == Language::jsonata) rule.output = payload(one, "Output", state.language);
    if (one.has("Assign")) rule.assign = assignments(one, state.language);
    choice.rules.push_back(std::move(rule));
  }
  return choice;
}

Condition Loader::read_condition(const Part& part, Language language, bool inner) {
  Condition condition;
  if (!part.value.is_object()) {
    problem(part.pointer, "a rule must be an object");
    return condition;
  }
  if (inner && part.has("Next")) key_problem(part.to("Next"), "only the outermost rule says what is next");
  if (language == Language::jsonata) {
    static constexpr std::array<std::string_view, 5> kKnown{"Assign", "Comment", "Condition", "Next",
                                                            "Output"};
    check_keys(part, kKnown, "a rule in JSONata");
    condition.kind = Condition::Kind::expression;
    const Json* value = part.find("Condition");
    if (value == nullptr || !(value->is_boolean() || value->is_string())) {
      problem(value == nullptr ? part.pointer : part.to("Condition"),
              "'Condition' must be given: true, false or an expression");
      return condition;
    }
    condition.expression = payload(part, "Condition", language);
    if (value->is_string() && !is_expression(value->get_ref<const std::string&>())) {
      problem(part.to("Condition"), "'Condition' must be written as '{% expression %}'");
    }
    return condition;
  }
  for (const auto& [name, kind] :
       {std::pair{"And", Condition::Kind::all}, std::pair{"Or", Condition::Kind::any}}) {
    const Json* parts = part.has(name) ? list(part, name) : nullptr;
    if (parts == nullptr) continue;
    condition.kind = kind;
    if (parts->empty()) problem(part.to(name), fmt::format("'{}' must hold at least one rule", name));
    for (std::size_t i = 0; i < parts->size(); ++i) {
      condition.parts.push_back(
          read_condition({(*parts)[i], part.to(name) + '/' + std::to_string(i)}, language, true));
    }
    return condition;
  }
  if (const Json* negated = part.find("Not")) {
    condition.kind = Condition::Kind::negate;
    condition.parts.push_back(read_condition({*negated, part.to("Not")}, language, true));
    return condition;
  }
  return read_comparison(part);
}

Condition Loader::read_comparison(const Part& part) {
  Condition condition;
  int operators = 0;
  for (const auto& member : part.value.items()) {
    const std::string& name = member.key();
    if (name == "Variable" || name == "Next" || name == "Comment" || name == "Assign" || full()) continue;
    const auto op = find_choice_operator(name);
    if (!op) {
      std::vector<std::string> names = choice_operator_names();
      const std::vector<std::string_view> known(names.begin(), names.end());
      key_problem(part.to(name), fmt::format("there is no comparison '{}'", name), closest(name, known));
      ++operators;
      continue;
    }
    ++operators;
    condition.op = *op;
    if (op->by_path) {
      condition.other = query(part, name.c_str());
      continue;
    }
    condition.literal = member.value();
    if (const std::string mistake = literal_mistake(*op, member.value()); !mistake.empty()) {
      problem(part.to(name), fmt::format("'{}' {}", name, mistake));
    }
  }
  if (operators != 1) {
    problem(part.pointer, operators == 0 ? "a comparison such as StringEquals is missing"
                                         : "a rule has one comparison; combine several by And or Or");
  }
  const auto variable = text(part, "Variable", true);
  if (!variable) return condition;
  if (auto path = Path::parse(*variable)) {
    condition.variable = *std::move(path);
  } else {
    problem(part.to("Variable"), fmt::format("'{}' is no path: {}", *variable, path.error()));
  }
  return condition;
}

}  // namespace spillway::asl
