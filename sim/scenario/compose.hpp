#pragma once
/// Composing: one tree from a scenario file, the files it extends, its traffic file and the command line's
/// --set.
///
/// `extends: base.spillway.yaml` takes everything from the base; maps are merged key by key, anything else
/// replaces what the base says, and null removes it. Two things are replaced whole although they are maps,
/// because a mixture of both would mean nothing: a resource that changes its `type`, and a value that changes
/// from one of a set of alternative forms to another (`{ lognormal: ... }` to `{ constant: ... }`).
///
/// Every key and value keeps the position of the file it came from; a value of --set stands in a source named
/// "--set".

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scenario/document.hpp"
#include "scenario/resolve.hpp"

namespace spillway {

struct ComposeRules {
  /// Top-level maps of things that --set may change but not invent, so that a misspelt name is found.
  std::vector<std::string> entities{"resources", "traffic"};
  /// Sets of keys that are alternative forms of one value.
  std::vector<std::vector<std::string>> alternatives;
  /// A top-level map that may be given as a file's name.
  std::string file_key = "traffic";
};

/// The rules of a scenario: distributions are alternatives of each other.
ComposeRules scenario_rules();

/// Loads `path` with everything it extends, then applies each "PATH=VALUE" in order. The tree has no
/// `extends` and, of the top level, no `traffic` that is a file's name. Nothing is returned when the first
/// file cannot be read at all.
std::optional<Node> compose(const std::string& path, std::span<const std::string> sets,
                            const ComposeRules& rules, Sources& sources, Files& files,
                            Diagnostics& diagnostics);

/// Lays `over` onto `base`, as described above.
void merge(Node& base, Node over, const ComposeRules& rules);

}  // namespace spillway
