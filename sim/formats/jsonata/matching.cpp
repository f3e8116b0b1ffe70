#include "formats/jsonata/matching.hpp"

#include "formats/jsonata/evaluator.hpp"
#include "formats/jsonata/failure.hpp"
#include "formats/jsonata/text.hpp"

namespace spillway::jsonata {
namespace {

constexpr std::size_t kSearchCost = 50;  // steps: a search does far more than an expression

std::size_t byte_of_unit(std::string_view text, double units) {
  std::size_t at = 0;
  for (double seen = 0; seen < units && at < text.size();) seen += next_point(text, at) >= 0x10000 ? 2 : 1;
  return at;
}

Value units(std::string_view text, std::size_t bytes) {
  return Value(static_cast<double>(count_units(text.substr(0, bytes))));
}

Value groups_of(Memory& memory, const RegexMatch& match) {
  Array* groups = memory.array();
  for (const auto& group : match.groups) groups->items.push_back(group ? Value(*group) : Value());
  return Value(groups);
}

std::string_view searchable(Evaluator& evaluator, std::string_view text) {
  if (is_ascii(text)) return text;
  const std::string valid = well_formed(text);
  return valid == text ? text : evaluator.memory().text(valid);
}

Value match_object(Evaluator& evaluator, const Function& regex, std::string_view subject, std::size_t from) {
  evaluator.spend(kSearchCost + subject.size() / 64);
  if (from > subject.size()) return {};
  const auto match = regex.node->regex->find(subject, from);
  if (!match) return {};
  Memory& memory = evaluator.memory();
  Function* next = memory.function();
  next->type = Function::Type::next_match;
  next->base = &regex;
  next->subject = subject;
  next->from = match->end;
  Object* object = memory.object();
  object->set("match", Value(subject.substr(match->begin, match->end - match->begin)));
  object->set("start", units(subject, match->begin));
  object->set("end", units(subject, match->end));
  object->set("groups", groups_of(memory, *match));
  object->set("next", Value(next));
  return Value(object);
}

[[noreturn]] void refuse_matcher() {
  fail("T1010",
       "The matcher function argument passed to a function does not return the correct object structure");
}

}  // namespace

Value match_regex(Evaluator& evaluator, const Function& regex, const std::vector<Value>& arguments) {
  if (arguments.empty() || !arguments[0].is(Kind::string)) return {};
  const std::string_view subject = searchable(evaluator, arguments[0].text());
  const bool placed = arguments.size() > 1 && arguments[1].is(Kind::number);
  return match_object(evaluator, regex, subject, placed ? byte_of_unit(subject, arguments[1].number()) : 0);
}

Value match_next(Evaluator& evaluator, const Function& next) {
  if (next.from >= next.subject.size()) return {};
  const Value found = match_object(evaluator, *next.base, next.subject, next.from);
  if (found.is(Kind::object) && found.member("match").text().empty()) {
    fail("D1004", "Regular expression matches zero length string: /{}/", next.base->node->regex->pattern());
  }
  return found;
}

Matches::Matches(Call& call, const Value& pattern, std::string_view subject)
    : evaluator_(call.evaluator), pattern_(pattern), subject_(searchable(evaluator_, subject)) {
  const Function& function = pattern.function();
  if (function.type == Function::Type::regex) regex_ = &function;
}

std::optional<Match> Matches::next() {
  if (!regex_) return next_of_user();
  if (!first_ && at_ >= subject_.size()) return std::nullopt;
  evaluator_.spend(kSearchCost + (subject_.size() - at_) / 256);
  const auto found = regex_->node->regex->find(subject_, at_);
  if (!found) return std::nullopt;
  if (!first_ && found->begin == found->end) {
    fail("D1004", "Regular expression matches zero length string: /{}/", regex_->node->regex->pattern());
  }
  first_ = false;
  at_ = found->end;
  object_ = {};
  return Match{found->begin, found->end, subject_.substr(found->begin, found->end - found->begin),
               groups_of(evaluator_.memory(), *found)};
}

Value Matches::object(const Match& match) {
  if (!object_.is_undefined()) return object_;
  Object* made = evaluator_.memory().object();
  made->set("match", Value(match.text));
  made->set("start", units(subject_, match.begin));
  made->set("end", units(subject_, match.end));
  made->set("groups", match.groups);
  return Value(made);
}

std::optional<Match> Matches::next_of_user() {
  const Value caller = first_ ? pattern_ : object_.member("next");
  if (!caller.is(Kind::function)) return std::nullopt;
  evaluator_.spend(kSearchCost);
  std::vector<Value> arguments;
  if (first_) arguments.emplace_back(subject_);
  first_ = false;
  object_ = evaluator_.apply(caller, std::move(arguments), Value::null());
  if (object_.is_undefined()) return std::nullopt;
  if (!object_.is(Kind::object)) refuse_matcher();
  const Value start = object_.member("start");
  const Value end = object_.member("end");
  const Value groups = object_.member("groups");
  const Value text = object_.member("match");
  if (!start.is(Kind::number) || !end.is(Kind::number) || !groups.is(Kind::array)) refuse_matcher();
  const std::string_view matched = text.is(Kind::string) ? text.text() : std::string_view();
  return Match{byte_of_unit(subject_, start.number()), byte_of_unit(subject_, end.number()), matched, groups};
}

}  // namespace spillway::jsonata
