#include "formats/json.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace spillway {
namespace {

using Pairs = std::vector<std::pair<const Json*, const Json*>>;

bool same_number(const Json& a, const Json& b) {
  if (a.is_number_float() || b.is_number_float()) return a.get<double>() == b.get<double>();
  if (a.is_number_unsigned() && b.is_number_unsigned())
    return a.get<std::uint64_t>() == b.get<std::uint64_t>();
  // A value beyond int64 is held as unsigned, and then equals no signed one.
  const auto fits = [](const Json& n) {
    return !n.is_number_unsigned() || n.get<std::uint64_t>() <= INT64_MAX;
  };
  return fits(a) && fits(b) && a.get<std::int64_t>() == b.get<std::int64_t>();
}

/// Compares two containers' sizes and puts their members aside; false when they cannot be equal.
bool same_shape(const Json& a, const Json& b, Pairs& rest) {
  if (a.size() != b.size()) return false;
  if (a.is_array()) {
    for (std::size_t i = 0; i < a.size(); ++i) rest.emplace_back(&a[i], &b[i]);
    return true;
  }
  auto other = b.begin();  // usually the keys stand in the same order, and no search is needed
  for (auto it = a.begin(); it != a.end(); ++it, ++other) {
    const auto found = other.key() == it.key() ? other : b.find(it.key());
    if (found == b.end()) return false;
    rest.emplace_back(&*it, &*found);
  }
  return true;
}

std::size_t quoted_bytes(const std::string& text) {
  const bool plain =
      std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
  if (plain) return text.size() + 2;
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace).size();
}

std::size_t digits(std::uint64_t number) {
  std::size_t count = 1;
  for (; number >= 10; number /= 10) ++count;
  return count;
}

/// Of what is neither a list nor an object.
std::size_t leaf_bytes(const Json& value) {
  if (value.is_string()) return quoted_bytes(value.get_ref<const std::string&>());
  if (value.is_number_unsigned()) return digits(value.get<std::uint64_t>());
  if (value.is_number_integer()) {
    const auto number = value.get<std::int64_t>();
    return number < 0 ? 1 + digits(-static_cast<std::uint64_t>(number))
                      : digits(static_cast<std::uint64_t>(number));
  }
  return value.dump().size();
}

}  // namespace

bool same(const Json& a, const Json& b) {
  Pairs rest{{&a, &b}};
  while (!rest.empty()) {
    const auto [x, y] = rest.back();
    rest.pop_back();
    if (x->is_number() && y->is_number()) {
      if (!same_number(*x, *y)) return false;
    } else if (x->type() != y->type()) {
      return false;
    } else if (x->is_structured()) {
      if (!same_shape(*x, *y, rest)) return false;
    } else if (*x != *y) {
      return false;
    }
  }
  return true;
}

Measure measure(const Json& value) {
  if (!value.is_structured()) return {.depth = 0, .bytes = leaf_bytes(value)};
  Measure total;
  std::vector<std::pair<const Json*, std::size_t>> open{{&value, 1}};
  while (!open.empty()) {
    const auto [at, depth] = open.back();
    open.pop_back();
    total.depth = std::max(total.depth, depth);
    // Brackets, commas, and for an object the keys with their quotes and colons.
    total.bytes += 2 + (at->empty() ? 0 : at->size() - 1);
    for (auto child = at->begin(); child != at->end(); ++child) {
      if (at->is_object()) total.bytes += quoted_bytes(child.key()) + 1;
      if (child->is_structured())
        open.emplace_back(&*child, depth + 1);
      else
        total.bytes += leaf_bytes(*child);
    }
  }
  return total;
}

}  // namespace spillway
