#include "formats/jsonata/syntax.hpp"

#include <utility>

namespace spillway::jsonata {

Node* Program::node(Type type, std::size_t position) {
  Node& made = nodes.emplace_back();
  made.type = type;
  made.position = position;
  return &made;
}

std::string_view Program::keep(std::string text) { return texts.emplace_back(std::move(text)); }

std::string_view type_name(const Node& node) {
  constexpr std::string_view kNames[] = {"end",      "path",       "binary",   "negation",  "array",
                                         "object",   "name",       "string",   "number",    "value",
                                         "wildcard", "descendant", "parent",   "condition", "block",
                                         "bind",     "regex",      "function", "partial",   "placeholder",
                                         "variable", "lambda",     "apply",    "transform", "sort"};
  return kNames[static_cast<std::size_t>(node.type)];
}

}  // namespace spillway::jsonata
