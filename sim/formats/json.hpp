#pragma once
/// JSON as Spillway's formats hold it: objects keep the order in which their keys were written, because the
/// provider's answers show them in that order.

#include <nlohmann/json.hpp>

namespace spillway {

using Json = nlohmann::ordered_json;

/// Deep equality as JSON means it: the order of keys does not matter, and 1 equals 1.0. Walks with a stack of
/// its own, so that no depth of nesting can overflow the program's.
bool same(const Json& a, const Json& b);

/// How deep a value is nested and how many bytes of UTF-8 it has as compact JSON text, found without
/// recursion and without making that text.
struct Measure {
  std::size_t depth = 0;
  std::size_t bytes = 0;
};
Measure measure(const Json& value);

}  // namespace spillway
