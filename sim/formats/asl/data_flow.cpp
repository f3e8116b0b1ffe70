#include "formats/asl/data_flow.hpp"

#include <charconv>

#include <fmt/format.h>

namespace spillway::asl {

namespace {

Json select(const Selector& selector, const Scope& scope, const char* field) {
  if (selector.discards) return Json::object();
  auto found = look_up(selector.path, scope);
  if (!found) {
    fail("States.Runtime", fmt::format("Invalid path '{}': '{}' leads nowhere", selector.path.text, field));
  }
  return *std::move(found);
}

/// The variables after an Assign, which sees those before it.
Json assigned(const Template* assign, const Scope& scope) {
  Json variables = scope.variables == nullptr ? Json::object() : *scope.variables;
  if (assign == nullptr) return variables;
  const Json fresh = evaluate(*assign, scope);
  for (const auto& variable : fresh.items()) {
    if (scope.outer_variables != nullptr && scope.outer_variables->contains(variable.key())) {
      fail("States.Runtime",
           fmt::format("The variable '{}' belongs to an outer scope and cannot be assigned here",
                       variable.key()));
    }
    // AWS: 256 KiB for each variable (Step Functions developer guide, "Variables", 2026).
    const Measure size = measure(variable.value());
    if (size.bytes > kPayloadLimit) fail_size(variable.key());
    if (size.depth > kDeepestDocument) fail("States.Runtime", "a variable is nested too deeply");
    variables[variable.key()] = variable.value();
  }
  return variables;
}

Json placed(const std::optional<Selector>& result_path, const Json& input, const Json& result) {
  if (!result_path) return result;
  if (result_path->discards) return input;
  auto combined = put(input, result_path->path, result);
  if (!combined) {
    fail("States.ResultPathMatchFailure",
         fmt::format("Unable to apply ReferencePath {} to the input", result_path->path.text));
  }
  return *std::move(combined);
}

Leaving checked(const State& state, Leaving leaving) {
  const Measure size = measure(leaving.output);
  if (size.bytes > kPayloadLimit) fail_size(state.name);
  if (size.depth > kDeepestDocument) fail("States.Runtime", "the output is nested too deeply");
  return leaving;
}

bool works(const State& state) {
  return state.type == StateType::task || state.type == StateType::parallel || state.type == StateType::map ||
         state.type == StateType::pass;
}

}  // namespace

Scope with_input(const Scope& scope, const Json& input) {
  Scope inner = scope;
  inner.input = &input;
  return inner;
}

const Json& effective_input(const State& state, const Scope& scope, Json& room) {
  if (!state.input_path) return *scope.input;
  room = select(*state.input_path, scope, "InputPath");
  return room;
}

Leaving finish(const State& state, const Scope& scope, const Json& result, StateIndex next,
               const Overrides* overrides) {
  const Template* assign = overrides != nullptr ? overrides->assign : state.assign ? &*state.assign : nullptr;
  const Template* output = overrides != nullptr ? overrides->output : state.output ? &*state.output : nullptr;
  if (state.language == Language::jsonata) {
    return checked(state,
                   {output != nullptr ? evaluate(*output, scope) : result, next, assigned(assign, scope)});
  }
  const Json selected =
      state.result_selector ? evaluate(*state.result_selector, with_input(scope, result)) : result;
  Json variables = assigned(assign, with_input(scope, selected));
  Json combined = works(state) ? placed(state.result_path, *scope.input, selected) : selected;
  if (state.output_path) combined = select(*state.output_path, with_input(scope, combined), "OutputPath");
  return checked(state, {std::move(combined), next, std::move(variables)});
}

Leaving finish_caught(const State& state, const Catcher& catcher, const Scope& scope,
                      const Failure& failure) {
  const Json error{{"Error", failure.error.value_or("")}, {"Cause", failure.cause.value_or("")}};
  const Template* assign = catcher.assign ? &*catcher.assign : nullptr;
  if (state.language == Language::jsonata) {
    Scope inner = scope;
    inner.error_output = &error;
    return checked(state, {catcher.output ? evaluate(*catcher.output, inner) : error, catcher.next,
                           assigned(assign, inner)});
  }
  Json variables = assigned(assign, with_input(scope, error));
  return checked(state,
                 {placed(catcher.result_path, *scope.input, error), catcher.next, std::move(variables)});
}

void fail_field(bool jsonata, std::string cause) {
  Failure failure{jsonata ? "States.QueryEvaluationError" : "States.Runtime", std::move(cause), false,
                  jsonata, false};
  throw Failed{std::move(failure)};
}

void fail_size(const std::string& what) {
  fail("States.DataLimitExceeded",
       fmt::format("The state/task '{}' returned a result with a size exceeding the "
                   "maximum number of bytes service limit.",
                   what));
}

Json evaluate_field(const Template& source, const Scope& scope) {
  if (source.kind == Template::Kind::path) {
    auto found = look_up(source.path, scope);
    if (!found)
      fail("States.Runtime", fmt::format("Invalid path '{}': '{}' leads nowhere", source.text, source.field));
    return *std::move(found);
  }
  return evaluate(source, scope);
}

std::int64_t whole_number(const Template& source, const Scope& scope, const char* field, std::int64_t least) {
  const bool ata = source.kind == Template::Kind::expression;
  const Json value = evaluate_field(source, scope);
  std::optional<std::int64_t> number;
  if (value.is_number_integer() && !(value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX)) {
    number = value.get<std::int64_t>();
  } else if (value.is_number_float() && value.get<double>() > -9e15 && value.get<double>() < 9e15) {
    const auto whole = static_cast<std::int64_t>(value.get<double>());
    if (static_cast<double>(whole) == value.get<double>()) number = whole;
  } else if (value.is_string() && !ata) {
    const std::string& text = value.get_ref<const std::string&>();
    std::int64_t read = 0;
    const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), read);
    if (bad == std::errc{} && end == text.data() + text.size() && !text.empty()) number = read;
  }
  if (!number) {
    fail_field(ata, fmt::format("The {} field refers to value \"{}\" which is not a valid integer: {}", field,
                                value.is_string() ? value.get<std::string>() : value.dump(), source.text));
  }
  if (*number < least) {
    fail_field(ata, fmt::format("The {} parameter references a {} value: {} == {}", field,
                                *number < 0 ? "negative" : "too small", source.text, *number));
  }
  return *number;
}

double percentage(const Template& source, const Scope& scope) {
  const bool ata = source.kind == Template::Kind::expression;
  Json value = evaluate_field(source, scope);
  if (value.is_string() && !ata) value = Json::parse(value.get<std::string>(), nullptr, false);
  if (!value.is_number()) fail_field(ata, "The ToleratedFailurePercentage field refers to what is no number");
  const auto number = value.get<double>();
  if (!(number >= 0 && number <= 100))
    fail_field(ata, "ToleratedFailurePercentage must be between 0 and 100.");
  return number;
}

}  // namespace spillway::asl
