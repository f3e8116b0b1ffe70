#include "scenario/compose.hpp"

// Files that extend files, and merging. Setting by path is in compose_set.cpp.

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include "model/setting_forms.hpp"
#include "scenario/compose_set.hpp"
#include "scenario/variables.hpp"

namespace spillway {

namespace {

constexpr std::size_t kLongestChain = 16;

/// "a/b/../c" and "./a/c" name the same file as "a/c"; only the text is looked at, so that it works without a
/// disk.
std::string normal(std::string_view path) {
  std::vector<std::string_view> parts;
  const bool absolute = path.starts_with('/');
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    if (part.empty() || part == ".") continue;
    if (part == ".." && !parts.empty() && parts.back() != "..") {
      parts.pop_back();
    } else {
      parts.push_back(part);
    }
  }
  return (absolute ? "/" : "") + fmt::format("{}", fmt::join(parts, "/"));
}

bool in(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Whether two maps give the same value in different forms, each its only key.
bool changes_form(const Node& base, const Node& over, const ComposeRules& rules) {
  if (base.entries.size() != 1 || over.entries.size() != 1) return false;
  const std::string& before = base.entries.front().name;
  const std::string& after = over.entries.front().name;
  if (before == after) return false;
  return std::any_of(
      rules.alternatives.begin(), rules.alternatives.end(),
      [&](const std::vector<std::string>& forms) { return in(forms, before) && in(forms, after); });
}

bool changes_type(const Node& base, const Node& over) {
  const Node* before = base.find("type");
  const Node* after = over.find("type");
  if (before == nullptr || after == nullptr || !before->is_scalar() || !after->is_scalar()) return false;
  return before->text != after->text;
}

bool merges(const Node& base, const Node& over, const ComposeRules& rules) {
  return base.is_map() && over.is_map() && !changes_type(base, over) && !changes_form(base, over, rules);
}

void erase_key(Node& node, std::string_view name) {
  std::erase_if(node.entries, [&](const Entry& entry) { return entry.name == name; });
}

class Composer {
 public:
  Composer(const ComposeRules& rules, Sources& sources, Files& files, Diagnostics& diagnostics)
      : rules_(rules), sources_(sources), files_(files), diagnostics_(diagnostics) {}

  /// `from` is where the file is named; nowhere for the command line.
  std::optional<Node> load(const std::string& path, const Position& from, Rule unreadable);

 private:
  std::optional<Node> extended(Node node);
  void take_file(Node& node);

  const ComposeRules& rules_;
  Sources& sources_;
  Files& files_;
  Diagnostics& diagnostics_;
  std::vector<std::string> chain_;
};

std::optional<Node> Composer::load(const std::string& path, const Position& from, Rule unreadable) {
  const auto text = files_.read(path);
  if (!text) {
    const Position at = from.file == 0 ? Position{sources_.add(path, ""), 0, 0, 0} : from;
    diagnostics_.add(unreadable, at, fmt::format("cannot read '{}': {}", path, text.error()));
    return std::nullopt;
  }
  const std::uint32_t file = sources_.add(path, *text);
  std::optional<Node> node = read_document(sources_, file, diagnostics_);
  if (!node) return std::nullopt;
  if (node->is_null()) {
    diagnostics_.add(Rule::empty_document, {file, 1, 1, 1}, "the file holds no scenario");
    return std::nullopt;
  }
  if (!node->is_map()) {
    diagnostics_.add(Rule::wrong_kind, node->at,
                     fmt::format("a scenario is a map, not {}", described(*node)));
    return std::nullopt;
  }
  chain_.push_back(normal(path));
  take_file(*node);
  node = extended(std::move(*node));
  chain_.pop_back();
  return node;
}

/// The node laid onto the file that it extends.
std::optional<Node> Composer::extended(Node node) {
  const Entry* extends = node.entry("extends");
  if (extends == nullptr) return node;
  const Node name = extends->value;
  erase_key(node, "extends");
  if (!name.is_scalar() || name.text.empty()) {
    diagnostics_.add(Rule::bad_extends, name.at,
                     fmt::format("'extends' must be a file's name, not {}", described(name)));
    return node;
  }
  const std::string path = name.text.starts_with('/') ? name.text : sources_.folder(name.at) + name.text;
  if (in(chain_, normal(path))) {
    diagnostics_.add(Rule::extends_cycle, name.at,
                     fmt::format("files extend each other in a circle: {} -> {}", fmt::join(chain_, " -> "),
                                 normal(path)));
    return node;
  }
  if (chain_.size() >= kLongestChain) {
    diagnostics_.add(Rule::bad_extends, name.at,
                     fmt::format("more than {} files extend each other", kLongestChain));
    return node;
  }
  std::optional<Node> base = load(path, name.at, Rule::bad_extends);
  if (!base) return node;
  merge(*base, std::move(node), rules_);
  return base;
}

/// `traffic: file.yaml` is replaced by what the file says: the map itself, or its only member `traffic`.
void Composer::take_file(Node& node) {
  for (Entry& entry : node.entries) {
    if (entry.name != rules_.file_key || !entry.value.is_scalar()) continue;
    const Node name = entry.value;
    const std::string path = name.text.starts_with('/') ? name.text : sources_.folder(name.at) + name.text;
    const auto text = files_.read(path);
    Node empty;
    empty.shape = Node::Shape::map;
    empty.at = name.at;
    entry.value = std::move(empty);
    if (!text) {
      diagnostics_.add(Rule::referenced_file, name.at,
                       fmt::format("cannot read '{}': {}", path, text.error()));
      continue;
    }
    std::optional<Node> read = read_document(sources_, sources_.add(path, *text), diagnostics_);
    if (!read) continue;
    std::erase_if(read->entries, [](const Entry& own) { return own.name.starts_with("x-"); });
    const bool wrapped = read->entries.size() == 1 && read->entries.front().name == rules_.file_key;
    entry.value = wrapped ? Node{read->entries.front().value} : std::move(*read);
  }
}

}  // namespace

ComposeRules scenario_rules() {
  ComposeRules rules;
  std::vector<std::string> forms;
  for (const Setting& form : distribution_forms(Quantity::duration)) forms.push_back(form.name);
  rules.alternatives.push_back(std::move(forms));
  rules.entities.emplace_back("variables");
  return rules;
}

void merge(Node& base, Node over, const ComposeRules& rules) {
  if (!merges(base, over, rules)) {
    base = std::move(over);
    return;
  }
  for (Entry& entry : over.entries) {
    const auto found = std::find_if(base.entries.begin(), base.entries.end(),
                                    [&](const Entry& candidate) { return candidate.name == entry.name; });
    if (entry.value.is_null()) {
      if (found != base.entries.end()) base.entries.erase(found);
    } else if (found == base.entries.end()) {
      base.entries.push_back(std::move(entry));
    } else {
      if (!merges(found->value, entry.value, rules)) found->at = entry.at;
      merge(found->value, std::move(entry.value), rules);
    }
  }
}

std::optional<Node> compose(const std::string& path, std::span<const std::string> sets,
                            const ComposeRules& rules, Sources& sources, Files& files,
                            Diagnostics& diagnostics) {
  Composer composer{rules, sources, files, diagnostics};
  std::optional<Node> node = composer.load(path, {}, Rule::file_unreadable);
  if (!node) return node;
  for (const std::string& set : sets) apply_set(*node, set, rules, sources, diagnostics);
  apply_variables(*node, diagnostics);
  return node;
}

}  // namespace spillway
