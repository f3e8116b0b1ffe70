#include "formats/asl/intrinsics.hpp"

// What each intrinsic function does with its arguments.

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <utility>

#include <fmt/format.h>
#include "formats/hash.hpp"

namespace spillway::asl {

namespace {

constexpr const char* kFailure = "States.IntrinsicFailure";
constexpr std::int64_t kLargestRange = 262'144;  // elements: more could not leave a state

using Arguments = std::vector<Json>;

std::string text_of(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

const std::string& text_at(const Arguments& arguments, std::size_t i) {
  if (!arguments[i].is_string()) fail(kFailure, fmt::format("argument {} must be a text", i + 1));
  return arguments[i].get_ref<const std::string&>();
}

const Json& array_at(const Arguments& arguments, std::size_t i) {
  if (!arguments[i].is_array()) fail(kFailure, fmt::format("argument {} must be an array", i + 1));
  return arguments[i];
}

/// A number rounded as Java rounds: halves go up.
std::int64_t whole_at(const Arguments& arguments, std::size_t i) {
  const Json& value = arguments[i];
  if (!value.is_number()) fail(kFailure, fmt::format("argument {} must be a number", i + 1));
  if (value.is_number_integer() && !value.is_number_unsigned()) return value.get<std::int64_t>();
  const double number = value.get<double>();
  if (!(std::abs(number) < 9e15)) fail(kFailure, fmt::format("argument {} is too large", i + 1));
  return static_cast<std::int64_t>(std::floor(number + 0.5));
}

/// Format's template: `{}` takes the next argument, `\{` is a brace.
Json format(const std::string& raw, const Arguments& arguments) {
  std::string result;
  std::size_t next = 1;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '\\' && i + 1 < raw.size()) {
      result += raw[++i];
    } else if (raw[i] == '{' && i + 1 < raw.size() && raw[i + 1] == '}') {
      if (next >= arguments.size()) fail(kFailure, "States.Format has more {} than arguments");
      const Json& value = arguments[next++];
      if (value.is_structured()) fail(kFailure, "States.Format takes no arrays and objects");
      result += value.is_string() ? value.get_ref<const std::string&>() : text_of(value);
      ++i;
    } else {
      result += raw[i];
    }
  }
  if (next != arguments.size()) fail(kFailure, "States.Format has more arguments than {}");
  return result;
}

/// How deep brackets nest in a JSON text, before a parser that builds it is let near.
bool nested_too_deeply(std::string_view text) {
  std::size_t depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kDeepestDocument) return true;
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return false;
}

Json string_to_json(const std::string& text) {
  if (nested_too_deeply(text)) fail(kFailure, "the text is nested too deeply");
  Json value = Json::parse(text, nullptr, false);
  if (value.is_discarded()) fail(kFailure, "the text is not well-formed JSON");
  return value;
}

Json partition(const Json& array, std::int64_t size) {
  if (size < 1) fail(kFailure, "the size of a part must be positive");
  Json parts = Json::array();
  for (const Json& value : array) {
    if (parts.empty() || parts.back().size() >= static_cast<std::size_t>(size))
      parts.push_back(Json::array());
    parts.back().push_back(value);
  }
  return parts;
}

Json range(std::int64_t first, std::int64_t last, std::int64_t step) {
  if (step == 0) fail(kFailure, "the step of a range must not be zero");
  Json values = Json::array();
  for (std::int64_t at = first; step > 0 ? at <= last : at >= last;) {
    if (values.size() >= static_cast<std::size_t>(kLargestRange)) fail(kFailure, "the range is too large");
    values.push_back(at);
    if (__builtin_add_overflow(at, step, &at)) break;
  }
  return values;
}

Json get_item(const Json& array, std::int64_t index) {
  if (index < 0 || index >= static_cast<std::int64_t>(array.size())) {
    fail(kFailure, fmt::format("there is no element {}", index));
  }
  return array[static_cast<std::size_t>(index)];
}

/// Equal values have equal texts: sorted keys, and 1.0 written as 1.
std::string canonical(const Json& value) {
  nlohmann::json sorted = value;
  if (sorted.is_number_float() && std::floor(sorted.get<double>()) == sorted.get<double>() &&
      std::abs(sorted.get<double>()) < 9e15) {
    sorted = static_cast<std::int64_t>(sorted.get<double>());
  }
  return sorted.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Json unique(const Json& array) {
  Json result = Json::array();
  std::set<std::string> seen;
  for (const Json& value : array) {
    if (seen.insert(canonical(value)).second) result.push_back(value);
  }
  return result;
}

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string base64_encoded(std::string_view data) {
  std::string text;
  for (std::size_t i = 0; i < data.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      bits = bits << 8U | (i + k < data.size() ? static_cast<unsigned char>(data[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      text += i + k > data.size() ? '=' : kBase64[bits >> (18 - 6 * k) & 63U];
    }
  }
  return text;
}

std::string base64_decoded(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  std::string data;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : text) {
    const std::size_t digit = kBase64.find(c);
    if (digit == std::string_view::npos) fail(kFailure, "the text is not Base64");
    bits = bits << 6U | static_cast<std::uint32_t>(digit);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    data += static_cast<char>(bits >> held & 0xFFU);
  }
  return data;
}

Json split(const std::string& text, const std::string& delimiters) {
  if (delimiters.empty()) return Json::array({text});
  Json parts = Json::array();
  for (std::size_t begin = text.find_first_not_of(delimiters); begin != std::string::npos;) {
    const std::size_t end = text.find_first_of(delimiters, begin);
    parts.push_back(text.substr(begin, end - begin));
    begin = text.find_first_not_of(delimiters, end);
  }
  return parts;
}

Json merge(const Arguments& arguments) {
  if (!arguments[0].is_object() || !arguments[1].is_object()) fail(kFailure, "only objects can be merged");
  if (!arguments[2].is_boolean() || arguments[2].get<bool>()) {
    fail(kFailure, "only shallow merging is supported; the last argument must be false");
  }
  Json result = arguments[0];
  for (const auto& member : arguments[1].items()) result[member.key()] = member.value();
  return result;
}

std::uint64_t bits(const Scope& scope) {
  if (scope.random_bits == nullptr) fail(kFailure, "no source of random numbers");
  return (*scope.random_bits)();
}

/// The first number of the generator SplitMix64, which the seed begins. AWS does not say which it uses.
std::uint64_t seeded(std::uint64_t seed) {
  std::uint64_t z = seed + 0x9E3779B97F4A7C15U;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31U);
}

Json random(const Arguments& arguments, const Scope& scope) {
  const std::int64_t first = whole_at(arguments, 0);
  const std::int64_t last = whole_at(arguments, 1);
  if (first >= last) fail(kFailure, "the range of random numbers is empty");
  const std::uint64_t drawn =
      arguments.size() > 2 ? seeded(static_cast<std::uint64_t>(whole_at(arguments, 2))) : bits(scope);
  const std::uint64_t width = static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(first);
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(first) + drawn % width);
}

Json uuid(const Scope& scope) {
  const std::uint64_t high = (bits(scope) & ~std::uint64_t{0xF000}) | 0x4000U;
  const std::uint64_t low = (bits(scope) & ~(3ULL << 62U)) | 1ULL << 63U;
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32U, high >> 16U & 0xFFFFU,
                     high & 0xFFFFU, low >> 48U, low & 0xFFFFFFFFFFFFU);
}

Json sum(std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  if (__builtin_add_overflow(a, b, &result)) fail(kFailure, "the sum is too large");
  return result;
}

Json argument_value(const IntrinsicArgument& argument, const Scope& scope) {
  switch (argument.kind) {
    case IntrinsicArgument::Kind::call: return evaluate(argument.call[0], scope);
    case IntrinsicArgument::Kind::path: {
      auto found = look_up(argument.path, scope);
      if (!found) fail(kFailure, fmt::format("the path '{}' leads nowhere", argument.path.text));
      return *std::move(found);
    }
    default: return argument.literal;
  }
}

Json apply(Intrinsic function, const Arguments& a, const std::string& raw, const Scope& scope) {
  switch (function) {
    case Intrinsic::format: return format(raw, a);
    case Intrinsic::string_to_json: return string_to_json(text_at(a, 0));
    case Intrinsic::json_to_string: return text_of(a[0]);
    case Intrinsic::array: return Json(a);
    case Intrinsic::array_partition: return partition(array_at(a, 0), whole_at(a, 1));
    case Intrinsic::array_contains:
      return std::any_of(array_at(a, 0).begin(), a[0].end(), [&](const Json& v) { return same(v, a[1]); });
    case Intrinsic::array_range: return range(whole_at(a, 0), whole_at(a, 1), whole_at(a, 2));
    case Intrinsic::array_get_item: return get_item(array_at(a, 0), whole_at(a, 1));
    case Intrinsic::array_length: return array_at(a, 0).size();
    case Intrinsic::array_unique: return unique(array_at(a, 0));
    case Intrinsic::base64_encode: return base64_encoded(text_at(a, 0));
    case Intrinsic::base64_decode:
      return Json::parse(text_of(base64_decoded(text_at(a, 0))));  // UTF-8 made whole
    case Intrinsic::hash: {
      auto digest = hash_hex(text_at(a, 1), text_at(a, 0));
      if (!digest) fail(kFailure, "the algorithm must be MD5, SHA-1, SHA-256, SHA-384 or SHA-512");
      return *std::move(digest);
    }
    case Intrinsic::json_merge: return merge(a);
    case Intrinsic::math_random: return random(a, scope);
    case Intrinsic::math_add: return sum(whole_at(a, 0), whole_at(a, 1));
    case Intrinsic::string_split: return split(text_at(a, 0), text_at(a, 1));
    case Intrinsic::uuid: return uuid(scope);
  }
  return nullptr;
}

}  // namespace

void fail(const char* error, std::string cause) {
  throw Failed{Failure{error, std::move(cause), false, false, false}};
}

Json evaluate(const IntrinsicCall& call, const Scope& scope) {
  Arguments values;
  for (const IntrinsicArgument& argument : call.arguments) values.push_back(argument_value(argument, scope));
  std::string raw;
  if (call.function == Intrinsic::format) {
    raw =
        call.arguments[0].kind == IntrinsicArgument::Kind::text ? call.arguments[0].raw : text_at(values, 0);
  }
  Json result = apply(call.function, values, raw, scope);
  if (measure(result).depth > kDeepestDocument) fail(kFailure, "the result is nested too deeply");
  return result;
}

std::optional<Json> look_up(const Path& path, const Scope& scope) {
  switch (path.root) {
    case Path::Root::context: return scope.context == nullptr ? std::nullopt : path.find(*scope.context);
    case Path::Root::variable: {
      if (scope.variables == nullptr) return std::nullopt;
      const auto value = scope.variables->find(path.variable);
      return value == scope.variables->end() ? std::nullopt : path.find(*value);
    }
    default: return scope.input == nullptr ? std::nullopt : path.find(*scope.input);
  }
}

}  // namespace spillway::asl
