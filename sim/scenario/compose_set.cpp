#include "scenario/compose_set.hpp"

// The walk along a path. Maps on the way are made where they are absent (the value's setting may have stood
// at its default), except for resources and traffic: a new name there is a misspelt one.

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

namespace spillway {

namespace {

/// One name of a path, and where it stands in the argument.
struct Segment {
  std::string name;
  std::size_t begin = 0;
  std::size_t end = 0;
  bool quoted = false;
};

/// Splits "a.b[0].\"c.d\""; nothing when it is malformed.
std::optional<std::vector<Segment>> split(std::string_view path) {
  std::vector<Segment> segments;
  std::size_t i = 0;
  while (i < path.size()) {
    Segment segment;
    const char first = path[i];
    if (first == '"' || first == '\'' || first == '[') {
      const char close = first == '[' ? ']' : first;
      const std::size_t end = path.find(close, i + 1);
      if (end == std::string_view::npos) return std::nullopt;
      segment = {std::string{path.substr(i + 1, end - i - 1)}, i + 1, end, first != '['};
      i = end + 1;
    } else {
      const std::size_t end = std::min(path.find_first_of(".[\"'", i), path.size());
      segment = {std::string{path.substr(i, end - i)}, i, end, false};
      i = end;
    }
    if (segment.name.empty()) return std::nullopt;
    segments.push_back(std::move(segment));
    if (i < path.size() && path[i] == '.') {
      if (++i == path.size()) return std::nullopt;
    } else if (i < path.size() && path[i] != '[') {
      return std::nullopt;
    }
  }
  if (segments.empty()) return std::nullopt;
  return segments;
}

void move_to(Node& node, const Sources& sources, std::uint32_t file, std::size_t offset) {
  node.at = sources.at(file, node.at.column - 1 + offset, node.at.length);
  for (Node& item : node.items) move_to(item, sources, file, offset);
  for (Entry& entry : node.entries) {
    entry.at = sources.at(file, entry.at.column - 1 + offset, entry.at.length);
    move_to(entry.value, sources, file, offset);
  }
}

class Setter {
 public:
  Setter(const std::string& set, const ComposeRules& rules, Sources& sources, Diagnostics& diagnostics)
      : set_(set),
        rules_(rules),
        sources_(sources),
        diagnostics_(diagnostics),
        file_(sources.add("--set", set)) {}

  void apply(Node& root);

 private:
  std::optional<Node> value(std::size_t offset);
  Node* step_list(Node& node, const Segment& segment);
  Node* step_map(Node& node, std::size_t depth, const std::vector<Segment>& segments, std::size_t& used);
  [[nodiscard]] Position place(const Segment& segment) const {
    return sources_.at(file_, segment.begin, segment.end - segment.begin);
  }
  void refuse(Rule rule, const Position& at, std::string message, std::string meant = {}) {
    diagnostics_.add(rule, at, std::move(message), std::move(meant));
  }

  const std::string& set_;
  const ComposeRules& rules_;
  Sources& sources_;
  Diagnostics& diagnostics_;
  std::uint32_t file_;
};

/// The value is read as a text of its own, and its positions moved to where it stands in the argument.
std::optional<Node> Setter::value(std::size_t offset) {
  Sources alone;
  Diagnostics found;
  const std::uint32_t file = alone.add("--set", set_.substr(offset));
  std::optional<Node> node = read_document(alone, file, found);
  for (Diagnostic diagnostic : found.sorted()) {
    diagnostic.rule = diagnostic.rule == Rule::syntax ? Rule::set_value : diagnostic.rule;
    const bool first = diagnostic.at.line <= 1 && diagnostic.at.column > 0;
    diagnostic.at =
        sources_.at(file_, first ? diagnostic.at.column - 1 + offset : offset, diagnostic.at.length);
    diagnostics_.add(std::move(diagnostic));
  }
  if (node && found.empty()) {
    move_to(*node, sources_, file_, offset);
    return node;
  }
  return std::nullopt;
}

Node* Setter::step_list(Node& node, const Segment& segment) {
  std::size_t index = 0;
  const char* const last = segment.name.data() + segment.name.size();
  const auto [end, error] = std::from_chars(segment.name.data(), last, index);
  if (error == std::errc{} && end == last && index < node.items.size()) return &node.items[index];
  refuse(Rule::set_path, place(segment),
         fmt::format("'{}' is not an element of a list of {}: they count from 0", segment.name,
                     node.items.size()));
  return nullptr;
}

/// Goes down one key, or makes it; a key with dots may take several segments.
Node* Setter::step_map(Node& node, std::size_t depth, const std::vector<Segment>& segments,
                       std::size_t& used) {
  const Segment& segment = segments[depth];
  std::string name;
  Entry* longest = nullptr;
  for (std::size_t i = depth; i < segments.size(); ++i) {
    name += (i > depth ? "." : "") + segments[i].name;
    const auto found = std::find_if(node.entries.begin(), node.entries.end(),
                                    [&](const Entry& e) { return e.name == name; });
    if (found == node.entries.end()) continue;
    longest = &*found;
    used = i - depth + 1;
  }
  if (longest != nullptr) {
    longest->at = place({{}, segment.begin, segments[depth + used - 1].end, false});
    return &longest->value;
  }
  const bool entity = depth == 1 && std::find(rules_.entities.begin(), rules_.entities.end(),
                                              segments[0].name) != rules_.entities.end();
  if (entity) {
    std::vector<std::string> names;
    for (const Entry& entry : node.entries) names.push_back(entry.name);
    refuse(Rule::set_path, place(segment),
           fmt::format("there is no '{}' in '{}'", segment.name, segments[0].name),
           nearest(segment.name, names));
    return nullptr;
  }
  used = 1;
  Node made;
  made.shape = Node::Shape::map;
  made.at = place(segment);
  node.entries.push_back({segment.name, place(segment), std::move(made)});
  return &node.entries.back().value;
}

void Setter::apply(Node& root) {
  const std::size_t equals = set_.find('=');
  if (equals == std::string::npos) {
    return refuse(Rule::set_value, sources_.at(file_, 0, set_.size()), "--set needs PATH=VALUE");
  }
  const auto segments = split(std::string_view{set_}.substr(0, equals));
  if (!segments) {
    return refuse(Rule::set_path, sources_.at(file_, 0, equals), "the path is not names separated by dots");
  }
  const DocumentLimits limits;
  if (segments->size() > limits.depth) {
    return refuse(Rule::set_path, sources_.at(file_, 0, equals), "the path is too long");
  }
  std::optional<Node> given = value(equals + 1);
  if (!given) return;
  Node* node = &root;
  Node* parent = nullptr;
  for (std::size_t depth = 0; depth < segments->size();) {
    const Segment& segment = (*segments)[depth];
    std::size_t used = 1;
    parent = node;
    if (node->is_list()) {
      node = step_list(*node, segment);
    } else if (node->is_map()) {
      node = step_map(*node, depth, *segments, used);
    } else {
      return refuse(Rule::set_path, place(segment),
                    fmt::format("'{}' cannot be set inside {}", segment.name, described(*node)));
    }
    if (node == nullptr) return;
    depth += used;
  }
  if (given->is_null() && parent != nullptr && parent->is_map()) {
    std::erase_if(parent->entries, [&](const Entry& entry) { return &entry.value == node; });
  } else {
    merge(*node, std::move(*given), rules_);
  }
}

}  // namespace

void apply_set(Node& root, const std::string& set, const ComposeRules& rules, Sources& sources,
               Diagnostics& diagnostics) {
  Setter{set, rules, sources, diagnostics}.apply(root);
}

}  // namespace spillway
