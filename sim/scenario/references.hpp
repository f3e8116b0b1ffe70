#pragma once
/// Names inside a scenario that must mean something: resources that are referred to, and traffic classes of
/// branches.

#include <string>
#include <vector>

#include "scenario/diagnostic.hpp"
#include "spillway/settings.hpp"

namespace spillway {

struct Names {
  std::vector<std::string> resources;
  std::vector<std::string> types;  ///< of the resources
  std::vector<std::string> classes;
};

/// Reports every reference in `members` (of an object that `settings` describe) that names no resource or one
/// of a type that cannot stand there, and every `when` that names no class.
void check_references(const Settings& settings, const Value& object, const Names& names,
                      Diagnostics& diagnostics);

/// Where a text stands in a tree of values, such as a route that its callee does not have; the tree's own
/// place otherwise.
Position find_text(const Value& value, std::string_view text);

}  // namespace spillway
