#pragma once
/// Documents: YAML or JSON text read strictly into a tree in which every key and value knows its line and
/// column.
///
/// Strict means: what YAML readers disagree about is refused instead of guessed (duplicate keys, merge keys,
/// tags, several documents, keys that are not plain text), and what could exhaust a machine is capped (size,
/// depth, values, copies made by aliases). Both formats give the same tree. A scalar stays text: what it
/// means is for its setting.
///
/// Invariant: any bytes end in a tree or in diagnostics, never in a crash, a hang or unbounded memory.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenario/diagnostic.hpp"

namespace spillway {

struct Entry;

struct Node {
  enum class Shape : std::uint8_t { null, scalar, list, map };

  Shape shape = Shape::null;
  bool quoted = false;  ///< a scalar in quotes or a block: text, whatever it looks like
  Position at;
  std::string text;  ///< of a scalar, as written, without quotes and escapes
  std::vector<Node> items;
  std::vector<Entry> entries;

  [[nodiscard]] bool is_scalar() const { return shape == Shape::scalar; }
  [[nodiscard]] bool is_list() const { return shape == Shape::list; }
  [[nodiscard]] bool is_map() const { return shape == Shape::map; }
  [[nodiscard]] bool is_null() const { return shape == Shape::null; }
  [[nodiscard]] const Node* find(std::string_view name) const;
  [[nodiscard]] const Entry* entry(std::string_view name) const;
};

struct Entry {
  std::string name;
  Position at;
  Node value;
};

/// "a map", "a list", "nothing", "the text 'abc'": for messages.
std::string described(const Node& node);

struct DocumentLimits {
  std::size_t bytes = std::size_t{16} << 20U;
  std::size_t depth = 64;
  std::size_t values = 1'000'000;
  std::size_t copied = 10'000;  ///< values that aliases may copy in all
};

/// Reads a text that `sources` holds; as JSON when its name ends in ".json", otherwise as YAML. Every problem
/// is added to `diagnostics`; nothing is returned when no tree could be made.
std::optional<Node> read_document(const Sources& sources, std::uint32_t file, Diagnostics& diagnostics,
                                  const DocumentLimits& limits = {});

}  // namespace spillway
