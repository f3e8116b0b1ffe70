// Values back to text: the canonical scenario of scenario.lock.json, in which every default is written out.
// Reading it again gives the same values.

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include <fmt/format.h>
#include "scenario/resolve.hpp"

namespace spillway {

namespace {

using Json = nlohmann::ordered_json;

Json number_json(double number) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (number == std::floor(number) && std::fabs(number) < kExact) return static_cast<std::int64_t>(number);
  return number;
}

Json value_json(const Value& value);

Json members_json(const Value& value) {
  Json object = Json::object();
  for (const Member& member : value.members()) {
    if (member.value.is_set()) object[member.name] = value_json(member.value);
  }
  return object;
}

Json items_json(const Value& value) {
  Json array = Json::array();
  for (const Value& item : value.items()) array.push_back(value_json(item));
  return array;
}

Json value_json(const Value& value) {
  const ValueData& data = value.data();
  if (data.is_word) return data.text;
  switch (data.kind) {
    case Kind::duration: return print_duration(data.integer);
    case Kind::bytes: return print_bytes(data.integer);
    case Kind::rate: return print_rate(data.number);
    case Kind::count: return data.integer;
    case Kind::number:
    case Kind::probability: return number_json(data.number);
    case Kind::boolean: return data.integer != 0;
    case Kind::text:
    case Kind::choice:
    case Kind::reference: return data.text;
    case Kind::list:
    case Kind::program: return items_json(value);
    case Kind::document: return Json::parse(data.text, nullptr, false);
    case Kind::distribution:
    case Kind::bytes_distribution:
    case Kind::retry:
    case Kind::object:
    case Kind::map: return members_json(value);
  }
  return nullptr;
}

void note_positions(Json& table, const Value& value, const std::string& path, const Sources& sources) {
  if (!value.is_set()) return;
  if (!path.empty()) table[path] = sources.place(value.is_default() ? Position{} : value.position());
  if (value.kind() == Kind::document || value.is_default()) return;
  for (const Member& member : value.members()) {
    note_positions(table, member.value, path.empty() ? member.name : path + "." + member.name, sources);
  }
  for (std::size_t i = 0; i < value.items().size(); ++i) {
    note_positions(table, value.items()[i], fmt::format("{}[{}]", path, i), sources);
  }
}

std::string dump(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

}  // namespace

std::string scenario_json(const Value& value) { return dump(value_json(value)); }

std::string lock_json(const Value& value, const Sources& sources) {
  Json scenario = value_json(value);
  Json positions = Json::object();
  note_positions(positions, value, "", sources);
  scenario["x-positions"] = std::move(positions);
  return dump(scenario);
}

}  // namespace spillway
