// YAML through yaml-cpp's events. A plain scalar is what the core schema of YAML 1.2 says it is, so that a
// definition means the same in both formats.

#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>  // and std::istringstream, as the library reads from nothing but a stream
#include <yaml-cpp/parser.h>

#include <fmt/format.h>
#include "formats/located_builder.hpp"

namespace spillway {

namespace {

bool is_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  return Json::accept(text) && text.find_first_of("0123456789") != std::string_view::npos && text[0] != '"' &&
         text[0] != '[' && text[0] != '{';
}

/// What a plain scalar means: null, a boolean, a number, else text.
Json plain(const std::string& text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return nullptr;
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  if (!is_number(text)) return text;
  Json value = Json::parse(text.starts_with('+') ? text.substr(1) : text, nullptr, false);
  if (value.is_discarded()) return text;
  return value;
}

class YamlEvents final : public YAML::EventHandler {
 public:
  explicit YamlEvents(LocatedBuilder& builder) : builder_(builder) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) throw LocatedRefusal{offset(mark), "a second document begins here"};
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override { scalar(mark, nullptr, "null"); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    throw LocatedRefusal{offset(mark), "aliases are not read; write the value out"};
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                const std::string& value) override {
    refuse_tag(mark, tag);
    scalar(mark, tag == "?" ? plain(value) : Json(value), value);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                       YAML::EmitterStyle::value /*style*/) override {
    open(mark, tag, false);
  }
  void OnSequenceEnd() override { builder_.end(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                  YAML::EmitterStyle::value /*style*/) override {
    open(mark, tag, true);
  }
  void OnMapEnd() override { builder_.end(); }

  [[nodiscard]] int documents() const { return documents_; }
  static std::size_t offset(const YAML::Mark& mark) {
    return mark.pos > 0 ? static_cast<std::size_t>(mark.pos) : 0;
  }

 private:
  void open(const YAML::Mark& mark, const std::string& tag, bool object) {
    refuse_tag(mark, tag);
    if (builder_.expects_key()) throw LocatedRefusal{offset(mark), "a key must be plain text"};
    builder_.begin(offset(mark), object);
  }
  void scalar(const YAML::Mark& mark, Json value, const std::string& text) {
    if (builder_.expects_key()) {
      builder_.key(offset(mark), text);
    } else {
      builder_.scalar(offset(mark), std::move(value));
    }
  }
  static void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    throw LocatedRefusal{offset(mark), fmt::format("the tag '{}' has no meaning here", tag)};
  }

  LocatedBuilder& builder_;
  int documents_ = 0;
};

}  // namespace

void read_located_yaml(const std::string& text, LocatedBuilder& builder) {
  std::istringstream input{text};
  YamlEvents events{builder};
  try {
    YAML::Parser parser{input};
    while (parser.HandleNextDocument(events)) {
    }
  } catch (const YAML::DeepRecursion& error) {
    throw LocatedRefusal{YamlEvents::offset(error.mark), "nested too deeply"};
  } catch (const YAML::Exception& error) {
    throw LocatedRefusal{YamlEvents::offset(error.mark), fmt::format("not well-formed YAML: {}", error.msg)};
  }
  if (events.documents() == 0) builder.scalar(0, nullptr);
}

}  // namespace spillway
