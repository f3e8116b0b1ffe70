#include "scenario/document.hpp"

// What both formats share: the checks of the bytes before any parser sees them, and the tree's assembly with
// duplicate keys, depth and amounts checked.

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include "scenario/document_builder.hpp"

namespace spillway {

namespace {

bool is_control(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first == 0x7FU) return true;
  if (first == 0xC2U) return static_cast<unsigned char>(text[1]) < 0xA0U && text[1] != '\x85';
  return first < 0x20U && first != '\t' && first != '\n' && first != '\r';
}

bool check_bytes(const Sources& sources, std::uint32_t file, Diagnostics& diagnostics,
                 const DocumentLimits& limits) {
  const std::string_view text = sources.text(file);
  if (text.size() > limits.bytes) {
    diagnostics.add(Rule::file_size, {file, 0, 0, 0},
                    fmt::format("the file has {} bytes; at most {} are read", text.size(), limits.bytes));
    return false;
  }
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text.substr(i));
    const auto byte = static_cast<unsigned>(static_cast<unsigned char>(text[i]));
    if (length == 0) {
      diagnostics.add(Rule::encoding, sources.at(file, i), fmt::format("byte 0x{:02X} is not UTF-8", byte));
      return false;
    }
    if (is_control(text.substr(i))) {
      diagnostics.add(Rule::encoding, sources.at(file, i), fmt::format("control character 0x{:02X}", byte));
      return false;
    }
    i += length;
  }
  return true;
}

std::size_t size_of(const Node& node) {
  std::size_t size = 1;
  for (const Node& item : node.items) size += size_of(item);
  for (const Entry& entry : node.entries) size += size_of(entry.value);
  return size;
}

std::size_t height_of(const Node& node) {
  std::size_t height = 0;
  for (const Node& item : node.items) height = std::max(height, height_of(item));
  for (const Entry& entry : node.entries) height = std::max(height, height_of(entry.value));
  return node.is_list() || node.is_map() ? height + 1 : 0;
}

}  // namespace

const Entry* Node::entry(std::string_view name) const {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.name == name; });
  return found == entries.end() ? nullptr : &*found;
}

const Node* Node::find(std::string_view name) const {
  const Entry* found = entry(name);
  return found == nullptr ? nullptr : &found->value;
}

std::string described(const Node& node) {
  constexpr std::size_t kShown = 40;
  switch (node.shape) {
    case Node::Shape::null: return "nothing";
    case Node::Shape::list: return "a list";
    case Node::Shape::map: return "a map";
    case Node::Shape::scalar: break;
  }
  if (node.text.size() <= kShown) return fmt::format("'{}'", node.text);
  std::size_t end = kShown;
  while (end > 0 && (static_cast<unsigned char>(node.text[end]) & 0xC0U) == 0x80U) --end;
  return fmt::format("'{}...'", node.text.substr(0, end));
}

std::optional<Node> read_document(const Sources& sources, std::uint32_t file, Diagnostics& diagnostics,
                                  const DocumentLimits& limits) {
  if (!check_bytes(sources, file, diagnostics, limits)) return std::nullopt;
  Diagnostics found;
  DocumentBuilder builder{found, limits};
  bool whole = false;
  try {
    const auto read = sources.name(file).ends_with(".json") ? read_json : read_yaml;
    whole = read(sources, file, builder, found);
  } catch (const StopReading&) {
    whole = false;
  }
  const std::vector<Diagnostic> all = found.sorted();
  const bool torn =
      std::any_of(all.begin(), all.end(), [](const Diagnostic& d) { return d.rule == Rule::syntax; });
  for (const Diagnostic& one : all) {
    // Where brackets do not match, a value may look like a key; the bracket is what matters.
    if (!torn || one.rule != Rule::key_not_plain) diagnostics.add(one);
  }
  if (!whole) return std::nullopt;
  return builder.take_root();
}

// ---- DocumentBuilder -----------------------------------------------------------------------------------

void DocumentBuilder::count(Position at, std::size_t values) {
  values_ += values;
  if (values_ <= limits_.values) return;
  diagnostics_.add(Rule::too_many_values, at, fmt::format("more than {} values", limits_.values));
  throw StopReading{};
}

bool DocumentBuilder::expects_key() const {
  return !open_.empty() && open_.back().node.is_map() && !open_.back().has_key;
}

void DocumentBuilder::take_key(Frame& frame, const Node& node) {
  frame.has_key = true;
  frame.key = node.text;
  frame.key_at = node.at;
  frame.drops = true;
  if (!node.is_scalar()) {
    diagnostics_.add(
        Rule::key_not_plain, node.at,
        node.is_null() ? "a key is empty" : fmt::format("a key must be plain text, not {}", described(node)));
  } else if (node.text == "<<" && !node.quoted) {
    diagnostics_.add(Rule::merge_key, node.at,
                     "merge keys are not supported; use an alias for the whole value, or 'extends'");
  } else if (const auto [first, fresh] = frame.seen.emplace(node.text, node.at); !fresh) {
    diagnostics_.add(Rule::duplicate_key, node.at,
                     fmt::format("{} is given twice, first on line {}", described(node), first->second.line));
  } else {
    frame.drops = false;
  }
}

void DocumentBuilder::place(Node node, std::size_t anchor) {
  if (anchor != 0) {
    count(node.at, size_of(node));
    anchors_.insert_or_assign(anchor, node);
  }
  if (open_.empty()) {
    root_ = std::move(node);
    return;
  }
  Frame& frame = open_.back();
  if (frame.node.is_list()) {
    frame.node.items.push_back(std::move(node));
    return;
  }
  if (!frame.has_key) return take_key(frame, node);
  if (node.is_null() && node.at.length <= 1) node.at = frame.key_at;
  if (!frame.drops) frame.node.entries.push_back({std::move(frame.key), frame.key_at, std::move(node)});
  frame.has_key = false;
}

void DocumentBuilder::scalar(Position at, std::string text, bool quoted, std::size_t anchor) {
  count(at, 1);
  Node node;
  node.shape = Node::Shape::scalar;
  node.quoted = quoted;
  node.at = at;
  node.text = std::move(text);
  place(std::move(node), anchor);
}

void DocumentBuilder::null(Position at, std::size_t anchor) {
  count(at, 1);
  Node node;
  node.at = at;
  place(std::move(node), anchor);
}

void DocumentBuilder::begin(Node::Shape shape, Position at, std::size_t anchor) {
  count(at, 1);
  if (open_.size() >= limits_.depth) {
    diagnostics_.add(Rule::depth, at, fmt::format("nested more than {} levels deep", limits_.depth));
    throw StopReading{};
  }
  Frame frame;
  frame.node.shape = shape;
  frame.node.at = at;
  frame.anchor = anchor;
  open_.push_back(std::move(frame));
}

void DocumentBuilder::end() {
  Frame frame = std::move(open_.back());
  open_.pop_back();
  place(std::move(frame.node), frame.anchor);
}

void DocumentBuilder::alias(Position at, std::size_t anchor) {
  const auto found = anchors_.find(anchor);
  Node copy;
  copy.at = at;
  if (expects_key()) {
    diagnostics_.add(Rule::key_not_plain, at, "a key must be plain text, not an alias");
    Frame& frame = open_.back();
    frame.has_key = frame.drops = true;
    return;
  }
  if (found == anchors_.end()) {
    diagnostics_.add(Rule::alias, at, "an alias stands inside the value that it repeats");
    return place(std::move(copy), 0);
  }
  const std::size_t size = size_of(found->second);
  copied_ += size;
  if (copied_ > limits_.copied || open_.size() + height_of(found->second) > limits_.depth) {
    diagnostics_.add(Rule::alias, at, fmt::format("aliases copy more than {} values", limits_.copied));
    throw StopReading{};
  }
  count(at, size);
  place(found->second, 0);
}

}  // namespace spillway
