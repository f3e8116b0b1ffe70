#include "spillway/settings.hpp"

// How values answer, and how descriptions are written. A value asked in a way that its description does not
// allow is a mistake of ours, so it stops the program with the names that matter; the user's mistakes were
// all reported before a Value exists.

#include <cstdio>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>

namespace spillway {

namespace {

[[noreturn]] void refuse(std::string_view why) {
  fmt::print(stderr, "spillway: mistaken use of a setting: {}\n", why);
  std::abort();
}

// tidy: allow(float-time) a bound as the schema writes it
double seconds(Duration bound) { return static_cast<double>(bound.count()) / 1e9; }

}  // namespace

std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::duration: return "a duration";
    case Kind::bytes: return "a size";
    case Kind::rate: return "a rate";
    case Kind::count: return "a whole number";
    case Kind::number: return "a number";
    case Kind::probability: return "a probability";
    case Kind::boolean: return "true or false";
    case Kind::text: return "a text";
    case Kind::choice: return "one of its choices";
    case Kind::reference: return "the name of a resource";
    case Kind::distribution: return "a distribution";
    case Kind::bytes_distribution: return "a distribution of sizes";
    case Kind::retry: return "a retry policy";
    case Kind::program: return "a list of steps";
    case Kind::object: return "an object";
    case Kind::list: return "a list";
    case Kind::map: return "a map";
    case Kind::document: return "a document";
  }
  refuse("no such kind");
}

// ---- Value ----------------------------------------------------------------------------------------

Value::Value() = default;
Value::Value(ValueData data) : data_(std::move(data)) {}
Value::Value(ValueData data, std::vector<Value> items) : data_(std::move(data)), items_(std::move(items)) {}
Value::Value(ValueData data, std::vector<Member> members)
    : data_(std::move(data)), members_(std::move(members)) {}
Value::Value(const Value&) = default;
Value::Value(Value&&) noexcept = default;
Value& Value::operator=(const Value&) = default;
Value& Value::operator=(Value&&) noexcept = default;
Value::~Value() = default;

Value Value::under(const Position& key) && {
  data_.key = key;
  return std::move(*this);
}

void Value::expect(Kind kind) const {
  if (!data_.set) refuse(fmt::format("{} is asked for where nothing is set", kind_name(kind)));
  if (data_.is_word)
    refuse(fmt::format("{} is asked for where the word '{}' is set", kind_name(kind), data_.text));
  if (data_.kind != kind) {
    refuse(fmt::format("{} is asked for where {} is set", kind_name(kind), kind_name(data_.kind)));
  }
}

Duration Value::duration() const {
  expect(Kind::duration);
  return Duration{data_.integer};
}

std::int64_t Value::bytes() const {
  expect(Kind::bytes);
  return data_.integer;
}

double Value::rate() const {
  expect(Kind::rate);
  return data_.number;
}

std::int64_t Value::count() const {
  expect(Kind::count);
  return data_.integer;
}

double Value::number() const {
  expect(Kind::number);
  return data_.number;
}

double Value::probability() const {
  expect(Kind::probability);
  return data_.number;
}

bool Value::boolean() const {
  expect(Kind::boolean);
  return data_.integer != 0;
}

const std::string& Value::text() const {
  if (!data_.set) refuse("a text is asked for where nothing is set");
  return data_.text;
}

std::size_t Value::choice_index() const {
  expect(Kind::choice);
  return static_cast<std::size_t>(data_.integer);
}

const Value* Value::find(std::string_view name) const {
  for (const Member& member : members_) {
    if (member.name == name) return &member.value;
  }
  return nullptr;
}

const Value& Value::operator[](std::string_view name) const {
  const Value* value = find(name);
  if (value == nullptr) refuse(fmt::format("no setting named '{}' was described", name));
  return *value;
}

const Member& Value::given() const {
  for (const Member& member : members_) {
    if (member.value.is_set() && !member.value.is_default()) return member;
  }
  refuse("none of an object's members was given");
}

// ---- Described ----------------------------------------------------------------------------------------

Described::Described(Kind kind, std::string_view name, std::string_view help) {
  setting_.kind = kind;
  setting_.name = name;
  setting_.help = help;
}

Described& Described::fallback(std::string_view text) {
  setting_.fallback = text;
  return *this;
}

Described& Described::required() {
  setting_.required = true;
  return *this;
}

Described& Described::optional() {
  setting_.optional = true;
  return *this;
}

Described& Described::at_least(double bound) {
  setting_.at_least = bound;
  return *this;
}

Described& Described::at_least(Duration bound) { return at_least(seconds(bound)); }

Described& Described::at_most(double bound) {
  setting_.at_most = bound;
  return *this;
}

Described& Described::at_most(Duration bound) { return at_most(seconds(bound)); }
Described& Described::between(double low, double high) { return at_least(low).at_most(high); }
Described& Described::between(Duration low, Duration high) { return at_least(low).at_most(high); }

Described& Described::unit(std::string_view name) {
  setting_.unit = name;
  return *this;
}

Described& Described::words(std::vector<std::string> words) {
  setting_.words = std::move(words);
  return *this;
}

Described& Described::of_types(std::vector<std::string> types) {
  setting_.choices = std::move(types);
  return *this;
}

Described& Described::exactly_one(std::vector<std::string> names) {
  setting_.exactly_one = std::move(names);
  return *this;
}

Described& Described::shorthand(std::string_view member,
                                std::vector<std::pair<std::string, std::string>> means) {
  setting_.shorthand = member;
  setting_.shorthand_means = std::move(means);
  return *this;
}

Described& Described::source(std::string_view where) {
  setting_.source = where;
  return *this;
}

Described& Described::adjustable() {
  setting_.adjustable = true;
  return *this;
}

Described& Described::names_class() {
  setting_.names_class = true;
  return *this;
}

Described duration(std::string_view name, std::string_view help) { return {Kind::duration, name, help}; }
Described bytes(std::string_view name, std::string_view help) { return {Kind::bytes, name, help}; }
Described rate(std::string_view name, std::string_view help) { return {Kind::rate, name, help}; }
Described count(std::string_view name, std::string_view help) { return {Kind::count, name, help}; }
Described number(std::string_view name, std::string_view help) { return {Kind::number, name, help}; }
Described probability(std::string_view name, std::string_view help) {
  return {Kind::probability, name, help};
}
Described boolean(std::string_view name, std::string_view help) { return {Kind::boolean, name, help}; }
Described text(std::string_view name, std::string_view help) { return {Kind::text, name, help}; }

Described choice(std::string_view name, std::string_view help, std::vector<std::string> choices) {
  Described made{Kind::choice, name, help};
  made.setting_.choices = std::move(choices);
  return made;
}

Described reference(std::string_view name, std::string_view help) { return {Kind::reference, name, help}; }
Described distribution(std::string_view name, std::string_view help) {
  return {Kind::distribution, name, help};
}

Described bytes_distribution(std::string_view name, std::string_view help) {
  return {Kind::bytes_distribution, name, help};
}

Described number_distribution(std::string_view name, std::string_view help) {
  return Described{Kind::distribution, name, help}.unit("number");
}

Described retry(std::string_view name, std::string_view help) { return {Kind::retry, name, help}; }
Described program(std::string_view name, std::string_view help) { return {Kind::program, name, help}; }

Described object(std::string_view name, std::string_view help, Settings fields) {
  Described made{Kind::object, name, help};
  made.setting_.fields = std::move(fields);
  return made;
}

Described list(std::string_view name, std::string_view help, Setting element) {
  Described made{Kind::list, name, help};
  made.setting_.fields.push_back(std::move(element));
  return made;
}

Described map(std::string_view name, std::string_view help, Setting element) {
  Described made{Kind::map, name, help};
  made.setting_.fields.push_back(std::move(element));
  return made;
}

Described document(std::string_view name, std::string_view help) { return {Kind::document, name, help}; }

}  // namespace spillway
