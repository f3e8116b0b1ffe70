// JSON through nlohmann's SAX events. They carry no positions, so a cursor walks the text beside them: the
// parser has already proved the text well-formed up to the event, so the cursor need only find where the next
// token begins.

#include <algorithm>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include "scenario/document_builder.hpp"

namespace spillway {

namespace {

using Json = nlohmann::json;

class JsonEvents final : public nlohmann::json_sax<Json> {
 public:
  JsonEvents(const Sources& sources, std::uint32_t file, DocumentBuilder& builder, Diagnostics& diagnostics)
      : sources_(sources),
        text_(sources.text(file)),
        file_(file),
        builder_(builder),
        diagnostics_(diagnostics) {
    if (text_.starts_with("\xEF\xBB\xBF")) cursor_ = 3;
  }

  bool null() override {
    builder_.null(token());
    return true;
  }
  bool boolean(bool /*value*/) override { return plain(); }
  bool number_integer(number_integer_t /*value*/) override { return plain(); }
  bool number_unsigned(number_unsigned_t /*value*/) override { return plain(); }
  bool number_float(number_float_t /*value*/, const string_t& /*text*/) override { return plain(); }
  bool string(string_t& value) override {
    builder_.scalar(token(), value, true);
    return true;
  }
  bool binary(binary_t& /*value*/) override { return false; }
  bool start_object(std::size_t /*size*/) override {
    builder_.begin(Node::Shape::map, token());
    return true;
  }
  bool key(string_t& value) override {
    builder_.scalar(token(), value, true);
    return true;
  }
  bool end_object() override {
    token();
    builder_.end();
    return true;
  }
  bool start_array(std::size_t /*size*/) override {
    builder_.begin(Node::Shape::list, token());
    return true;
  }
  bool end_array() override { return end_object(); }
  bool parse_error(std::size_t position, const std::string& /*last*/,
                   const nlohmann::detail::exception& error) override {
    std::string_view why = error.what();
    const std::size_t detail = why.rfind(": ");
    const std::size_t dash = why.find(" - ");
    if (dash != std::string_view::npos) {
      why.remove_prefix(dash + 3);
    } else if (detail != std::string_view::npos) {
      why.remove_prefix(detail + 2);
    }
    diagnostics_.add(Rule::syntax, sources_.at(file_, position > 0 ? position - 1 : 0),
                     fmt::format("not well-formed JSON: {}", why));
    return false;
  }

 private:
  /// Moves past the next token and says where it stands.
  Position token() {
    while (cursor_ < text_.size() &&
           std::string_view{" \t\r\n,:"}.find(text_[cursor_]) != std::string_view::npos) {
      ++cursor_;
    }
    begin_ = cursor_;
    if (cursor_ >= text_.size()) return sources_.at(file_, begin_);
    if (text_[cursor_] == '"') {
      for (++cursor_; cursor_ < text_.size() && text_[cursor_] != '"'; ++cursor_) {
        if (text_[cursor_] == '\\') ++cursor_;
      }
      cursor_ = std::min(cursor_ + 1, text_.size());
    } else if (std::string_view{"[]{}"}.find(text_[cursor_]) != std::string_view::npos) {
      ++cursor_;
    } else {
      while (cursor_ < text_.size() &&
             std::string_view{" \t\r\n,:[]{}\""}.find(text_[cursor_]) == std::string_view::npos) {
        ++cursor_;
      }
    }
    return sources_.at(file_, begin_, cursor_ - begin_);
  }

  /// A number or a boolean, kept as it is written.
  bool plain() {
    const Position at = token();
    builder_.scalar(at, std::string{text_.substr(begin_, cursor_ - begin_)}, false);
    return true;
  }

  const Sources& sources_;
  std::string_view text_;
  std::uint32_t file_;
  DocumentBuilder& builder_;
  Diagnostics& diagnostics_;
  std::size_t cursor_ = 0;
  std::size_t begin_ = 0;
};

}  // namespace

bool read_json(const Sources& sources, std::uint32_t file, DocumentBuilder& builder,
               Diagnostics& diagnostics) {
  JsonEvents events{sources, file, builder, diagnostics};
  return Json::sax_parse(sources.text(file), &events);
}

}  // namespace spillway
