#include "scenario/variables.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace spillway {

namespace {

/// The name in "${name}", or empty: another text.
std::string_view used_name(const Node& node) {
  const std::string_view text = node.text;
  if (!node.is_scalar() || text.size() < 4 || !text.starts_with("${") || !text.ends_with('}')) return {};
  return text.substr(2, text.size() - 3);
}

class Substitution {
 public:
  Substitution(std::vector<Entry> variables, Diagnostics& diagnostics)
      : variables_(std::move(variables)), diagnostics_(diagnostics) {
    for (const Entry& variable : variables_) {
      if (used_name(variable.value).empty()) continue;
      diagnostics_.add(Rule::wrong_kind, variable.value.at,
                       fmt::format("variable '{}' cannot be another variable", variable.name));
    }
  }

  void apply(Node& node) const {
    if (const std::string_view name = used_name(node); !name.empty()) return replace(node, std::string(name));
    for (Node& item : node.items) apply(item);
    for (Entry& entry : node.entries) apply(entry.value);
  }

 private:
  /// The place stays that of the value that is used: there a mistake in it is to be mended.
  void replace(Node& node, const std::string& name) const {
    const auto found = std::ranges::find(variables_, name, &Entry::name);
    if (found != variables_.end()) {
      node = found->value;
      return;
    }
    std::vector<std::string> names;
    for (const Entry& variable : variables_) names.push_back(variable.name);
    diagnostics_.add(Rule::unknown_property, node.at, fmt::format("there is no variable '{}'", name),
                     nearest(name, names));
  }

  std::vector<Entry> variables_;
  Diagnostics& diagnostics_;
};

}  // namespace

void apply_variables(Node& root, Diagnostics& diagnostics) {
  std::vector<Entry> variables;
  const auto found = std::ranges::find(root.entries, "variables", &Entry::name);
  if (found != root.entries.end()) {
    if (found->value.is_map()) {
      variables = std::move(found->value.entries);
    } else {
      diagnostics.add(Rule::wrong_kind, found->value.at,
                      fmt::format("'variables' is a map, not {}", described(found->value)));
    }
    root.entries.erase(found);
  }
  Substitution(std::move(variables), diagnostics).apply(root);
}

}  // namespace spillway
