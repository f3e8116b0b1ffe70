#include "formats/jsonata/signature.hpp"

#include <algorithm>

#include "formats/jsonata/failure.hpp"

namespace spillway::jsonata {
namespace {

constexpr std::string_view kAnything = "asnblfom";
constexpr std::string_view kAnyJson = "asnblom";

/// The letter of a value's kind; 'm' for a missing one.
char letter(const Value& value) {
  constexpr char kLetters[] = {'m', 'l', 'b', 'n', 's', 'a', 'o', 'f'};
  return kLetters[static_cast<std::size_t>(value.kind())];
}

std::size_t closing(std::string_view text, std::size_t at, char open, char close) {
  int depth = 1;
  while (++at < text.size()) {
    if (text[at] == close && --depth == 0) return at;
    if (text[at] == open) ++depth;
  }
  return text.size();
}

std::string_view plural(std::string_view subtype) {
  switch (subtype.empty() ? ' ' : subtype[0]) {
    case 'a': return "arrays";
    case 'b': return "booleans";
    case 'f': return "functions";
    case 'n': return "numbers";
    case 'o': return "objects";
    case 's': return "strings";
    default: return "other values";
  }
}

std::string_view kinds_of(char symbol) {
  switch (symbol) {
    case 's': return "sm";
    case 'n': return "nm";
    case 'b': return "bm";
    case 'l': return "lm";
    case 'o': return "om";
    case 'a':
    case 'x': return kAnything;
    case 'f': return "f";
    case 'j': return kAnyJson;
    default: return {};
  }
}

}  // namespace

Signature::Signature(std::string_view text) {
  for (std::size_t at = 1; at < text.size() && text[at] != ':'; ++at) {
    const char symbol = text[at];
    if (const std::string_view kinds = kinds_of(symbol); !kinds.empty()) {
      parameters_.push_back({std::string(kinds), symbol, {}});
    } else if (symbol == '(') {
      const std::size_t close = closing(text, at, '(', ')');
      const std::string_view choice = text.substr(at + 1, close - at - 1);
      if (choice.find('<') != std::string_view::npos) {
        fail_at(at, "S0402", "A choice of parameterized types is not supported: {}", choice);
      }
      parameters_.push_back({std::string(choice) + "m", '(', {}});
      at = close;
    } else if (symbol == '<') {
      if (parameters_.empty() || (parameters_.back().type != 'a' && parameters_.back().type != 'f')) {
        fail_at(at, "S0401", "Only functions and arrays have type parameters");
      }
      const std::size_t close = closing(text, at, '<', '>');
      parameters_.back().subtype = text.substr(at + 1, close - at - 1);
      at = close;
    } else if (!parameters_.empty()) {
      Parameter& last = parameters_.back();
      last.context = last.context || symbol == '-';
      last.optional = last.optional || symbol == '-' || symbol == '?';
      last.repeated = last.repeated || symbol == '+';
    }
  }
}

/// [p][a]: whether the parameters from p on can take the arguments from a on (all of them, or some).
Signature::Reach Signature::reachable(std::string_view kinds, std::size_t parameters, bool to_the_end) const {
  Reach reach(parameters + 1, std::vector<char>(kinds.size() + 1, 0));
  for (std::size_t a = 0; a <= kinds.size(); ++a) reach[parameters][a] = !to_the_end || a == kinds.size();
  for (std::size_t p = parameters; p-- > 0;) {
    const Parameter& parameter = parameters_[p];
    for (std::size_t a = kinds.size() + 1; a-- > 0;) {
      bool ok = parameter.optional && reach[p + 1][a];
      if (a < kinds.size() && parameter.kinds.find(kinds[a]) != std::string::npos) {
        ok = ok || reach[p + 1][a + 1] || (parameter.repeated && reach[p][a + 1]);
      }
      reach[p][a] = ok;
    }
  }
  return reach;
}

/// How many arguments each parameter takes, the first ones as many as they can; false when they do not fit.
bool Signature::split(std::string_view kinds, std::size_t parameters, bool to_the_end,
                      std::vector<std::size_t>& counts) const {
  const Reach reach = reachable(kinds, parameters, to_the_end);
  counts.assign(parameters, 0);
  if (!reach[0][0]) return false;
  std::size_t a = 0;
  for (std::size_t p = 0; p < parameters; ++p) {
    const Parameter& parameter = parameters_[p];
    const std::size_t most = parameter.repeated ? kinds.size() : std::min(a + 1, kinds.size());
    std::size_t end = a;
    while (end < most && parameter.kinds.find(kinds[end]) != std::string::npos) ++end;
    while (end > a && !reach[p + 1][end]) --end;
    counts[p] = end - a;
    a = end;
  }
  return true;
}

void Signature::refuse(std::string_view kinds, std::string_view function) const {
  std::size_t good = 0;
  std::vector<std::size_t> counts;
  for (std::size_t p = 1; p <= parameters_.size() && split(kinds, p, false, counts); ++p) {
    good = 0;
    for (const std::size_t count : counts) good += count;
  }
  fail("T0410", "Argument {} of function \"{}\" does not match function signature", good + 1, function);
}

/// Whether each parameter takes the argument in its own place, and only the last ones are missing: nearly all
/// calls, which need no search.
bool Signature::is_straight(const std::vector<Value>& arguments) const {
  if (arguments.size() > parameters_.size()) return false;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const Parameter& parameter = parameters_[i];
    if (parameter.repeated) return false;
    const bool fits = i < arguments.size() ? parameter.kinds.find(letter(arguments[i])) != std::string::npos
                                           : parameter.optional;
    if (!fits) return false;
  }
  return true;
}

/// What a parameter gets that no argument was given for.
Value Signature::absent(const Parameter& parameter, const Value& context, std::size_t index,
                        std::string_view function) {
  if (!parameter.context) return {};
  if (parameter.kinds.find(letter(context)) != std::string::npos) return context;
  fail("T0411", "Context value is not a compatible type with argument {} of function \"{}\"", index + 1,
       function);
}

void Signature::apply(std::vector<Value>& arguments, const Value& context, Memory& memory,
                      std::string_view function) const {
  if (is_straight(arguments)) {
    const std::size_t given = arguments.size();
    for (std::size_t i = 0; i < given; ++i) {
      arguments[i] = adapted(parameters_[i], letter(arguments[i]), 1, arguments[i], i, memory, function);
    }
    for (std::size_t i = given; i < parameters_.size(); ++i) {
      arguments.push_back(absent(parameters_[i], context, i, function));
    }
    return;
  }
  std::string kinds;
  for (const Value& argument : arguments) kinds.push_back(letter(argument));
  std::vector<std::size_t> counts;
  if (!split(kinds, parameters_.size(), true, counts)) refuse(kinds, function);
  const auto argument = [&](std::size_t i) { return i < arguments.size() ? arguments[i] : Value(); };
  std::vector<Value> result;
  result.reserve(std::max(arguments.size(), parameters_.size()));
  std::size_t next = 0;
  for (std::size_t p = 0; p < parameters_.size(); ++p) {
    const Parameter& parameter = parameters_[p];
    if (counts[p] == 0) {
      result.push_back(parameter.context ? absent(parameter, context, next, function) : argument(next++));
      continue;
    }
    for (std::size_t i = 0; i < counts[p]; ++i, ++next) {
      const char kind = next < kinds.size() ? kinds[next] : 'm';
      result.push_back(adapted(parameter, kind, counts[p], argument(next), next, memory, function));
    }
  }
  arguments = std::move(result);
}

/// An argument for an array parameter: its elements are checked, and what is no array becomes one.
Value Signature::adapted(const Parameter& parameter, char kind, std::size_t matched, const Value& argument,
                         std::size_t index, Memory& memory, std::string_view function) const {
  if (parameter.type != 'a') return argument;
  if (kind == 'm') return {};
  bool fits = true;
  if (!parameter.subtype.empty()) {
    if (kind != 'a') {
      fits = matched == 1 && parameter.subtype.size() == 1 && parameter.subtype[0] == kind;
    } else {
      for (std::size_t i = 0; i < argument.size() && fits; ++i) {
        fits = letter(argument.at(i)) == parameter.subtype[0];
      }
    }
  }
  if (!fits) {
    fail("T0412", "Argument {} of function \"{}\" must be an array of \"{}\"", index + 1, function,
         plural(parameter.subtype));
  }
  if (kind == 'a') return argument;
  Array* wrapped = memory.array();
  wrapped->items.push_back(argument);
  return Value(wrapped);
}

}  // namespace spillway::jsonata
