#include "formats/json.hpp"

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

}  // namespace spillway
