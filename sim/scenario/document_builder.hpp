#pragma once
/// The part that reading YAML and reading JSON share: events come in, a tree goes out, and what both formats
/// must not contain is reported once, here.

#include <string>
#include <unordered_map>
#include <vector>

#include "scenario/document.hpp"

namespace spillway {

/// Thrown to leave a parser's call stack when a limit is passed; its diagnostic is already made.
struct StopReading {};

class DocumentBuilder {
 public:
  DocumentBuilder(Diagnostics& diagnostics, const DocumentLimits& limits)
      : diagnostics_(diagnostics), limits_(limits) {}

  void scalar(Position at, std::string text, bool quoted, std::size_t anchor = 0);
  void null(Position at, std::size_t anchor = 0);
  void begin(Node::Shape shape, Position at, std::size_t anchor = 0);
  void end();
  void alias(Position at, std::size_t anchor);

  [[nodiscard]] bool expects_key() const;
  [[nodiscard]] Node take_root() { return std::move(root_); }

 private:
  struct Frame {
    Node node;
    std::size_t anchor = 0;
    bool has_key = false;
    bool drops = false;  ///< the value to come has a key that was refused
    std::string key;
    Position key_at;
    std::unordered_map<std::string, Position> seen;
  };

  void count(Position at, std::size_t values);
  void take_key(Frame& frame, const Node& node);
  void place(Node node, std::size_t anchor);

  Diagnostics& diagnostics_;
  const DocumentLimits& limits_;
  std::vector<Frame> open_;
  std::unordered_map<std::size_t, Node> anchors_;
  Node root_;
  std::size_t values_ = 0;
  std::size_t copied_ = 0;
};

/// The two readers; false when the text is not well-formed, with its diagnostic made.
bool read_yaml(const Sources& sources, std::uint32_t file, DocumentBuilder& builder,
               Diagnostics& diagnostics);
bool read_json(const Sources& sources, std::uint32_t file, DocumentBuilder& builder,
               Diagnostics& diagnostics);

}  // namespace spillway
