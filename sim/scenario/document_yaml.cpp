// YAML through yaml-cpp's events: its tree forgets what was written twice and stops at the first document, so
// the tree is built here instead. Its marks are byte offsets, from which lines and columns are found in the
// source.

#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include "scenario/document_builder.hpp"

namespace spillway {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

class YamlEvents final : public YAML::EventHandler {
 public:
  YamlEvents(const Sources& sources, std::uint32_t file, std::size_t skipped, DocumentBuilder& builder,
             Diagnostics& diagnostics)
      : sources_(sources), file_(file), skipped_(skipped), builder_(builder), diagnostics_(diagnostics) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ < 2) return;
    diagnostics_.add(Rule::several_documents, place(mark, 1),
                     "a second document begins here; one file is one scenario");
    throw StopReading{};
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const std::size_t offset = offset_of(mark);
    const std::string_view rest = std::string_view{sources_.text(file_)}.substr(offset);
    const bool written = rest.starts_with('~') || rest.starts_with("null") || rest.starts_with("Null") ||
                         rest.starts_with("NULL");
    builder_.null(place(mark, written && !rest.starts_with('~') ? 4 : 1), anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    builder_.alias(place(mark, 1), anchor);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_tag(mark, tag);
    builder_.scalar(place(mark, length_of(mark, value)), value, tag != "?", anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    refuse_tag(mark, tag);
    builder_.begin(Node::Shape::list, place(mark, 1), anchor);
  }
  void OnSequenceEnd() override { builder_.end(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    refuse_tag(mark, tag);
    builder_.begin(Node::Shape::map, place(mark, 1), anchor);
  }
  void OnMapEnd() override { builder_.end(); }

  [[nodiscard]] std::size_t documents() const { return documents_; }

  [[nodiscard]] Position place(const YAML::Mark& mark, std::size_t bytes) const {
    return sources_.at(file_, offset_of(mark), bytes);
  }

 private:
  [[nodiscard]] std::size_t offset_of(const YAML::Mark& mark) const {
    const std::size_t pos = mark.pos > 0 ? static_cast<std::size_t>(mark.pos) : 0;
    return std::min(pos + skipped_, sources_.text(file_).size());
  }

  void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    diagnostics_.add(Rule::tag, place(mark, 1),
                     fmt::format("the tag '{}' has no meaning in a scenario", tag));
  }

  /// How many bytes the scalar takes in the source, for the caret: up to its closing quote.
  [[nodiscard]] std::size_t length_of(const YAML::Mark& mark, const std::string& value) const {
    const std::string_view rest = std::string_view{sources_.text(file_)}.substr(offset_of(mark));
    const char quote = rest.empty() ? '\0' : rest.front();
    if (quote != '"' && quote != '\'') return quote == '|' || quote == '>' ? 1 : value.size();
    for (std::size_t i = 1; i < rest.size() && rest[i] != '\n'; ++i) {
      if (rest[i] == '\\' && quote == '"') {
        ++i;
      } else if (rest[i] == quote) {
        return i + 1;
      }
    }
    return 1;
  }

  const Sources& sources_;
  std::uint32_t file_;
  std::size_t skipped_;
  DocumentBuilder& builder_;
  Diagnostics& diagnostics_;
  std::size_t documents_ = 0;
};

}  // namespace

bool read_yaml(const Sources& sources, std::uint32_t file, DocumentBuilder& builder,
               Diagnostics& diagnostics) {
  std::string_view text = sources.text(file);
  const std::size_t skipped = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  std::istringstream input{std::string{text.substr(skipped)}};
  YamlEvents events{sources, file, skipped, builder, diagnostics};
  try {
    YAML::Parser parser{input};
    while (parser.HandleNextDocument(events)) {
    }
  } catch (const YAML::DeepRecursion& error) {
    diagnostics.add(Rule::depth, events.place(error.mark, 1), "nested too deeply");
    return false;
  } catch (const YAML::Exception& error) {
    const bool anchor = std::string_view{error.msg}.find("anchor is not defined") != std::string_view::npos;
    const Position at = events.place(error.mark, 1);
    const std::string_view line = sources.line(file, at.line);
    if (!anchor && line.substr(0, line.find_first_not_of(" \t")).find('\t') != std::string_view::npos) {
      diagnostics.add(Rule::syntax, at, "the line is indented by a tab; YAML is indented by spaces");
      return false;
    }
    diagnostics.add(anchor ? Rule::alias : Rule::syntax, at,
                    anchor ? error.msg : fmt::format("not well-formed YAML: {}", error.msg));
    return false;
  }
  if (events.documents() == 0) builder.null(sources.at(file, 0));
  return true;
}

}  // namespace spillway
