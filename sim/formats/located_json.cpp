#include "formats/located_json.hpp"

// JSON through nlohmann's SAX events, which do not recurse. They carry no positions, so a cursor walks the
// text beside them: the parser has proved the text well-formed up to the event.

#include <algorithm>

#include <fmt/format.h>
#include "formats/located_builder.hpp"

namespace spillway {

namespace {

// Long names, nested, must not multiply: behind this, a value has its owner's place.
constexpr std::size_t kLongestPointer = 600;

/// A text after its placeholders were replaced, and where each stretch of it began before.
struct Substituted {
  struct Stretch {
    std::size_t now = 0;
    std::size_t before = 0;
    bool replaced = false;
  };
  std::string text;
  std::vector<Stretch> stretches{{0, 0, false}};

  [[nodiscard]] std::size_t before(std::size_t offset) const {
    const auto after = std::upper_bound(stretches.begin(), stretches.end(), offset,
                                        [](std::size_t at, const Stretch& s) { return at < s.now; });
    const Stretch& in = *std::prev(after);
    return in.replaced ? in.before : in.before + (offset - in.now);
  }
};

Substituted substitute(std::string_view text, const Substitutions& values) {
  Substituted result;
  std::size_t copied = 0;
  for (std::size_t open = text.find("${"); open != std::string_view::npos; open = text.find("${", open + 2)) {
    const std::size_t close = text.find_first_of("}\n", open);
    if (close == std::string_view::npos || text[close] != '}') continue;
    const auto found = values.find(text.substr(open + 2, close - open - 2));
    if (found == values.end()) continue;
    result.text.append(text.substr(copied, open - copied));
    result.stretches.push_back({result.text.size(), open, true});
    result.text.append(found->second);
    copied = close + 1;
    result.stretches.push_back({result.text.size(), copied, false});
  }
  result.text.append(text.substr(copied));
  return result;
}

/// Lines and columns of byte offsets.
class Lines {
 public:
  explicit Lines(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') starts_.push_back(i + 1);
    }
  }
  [[nodiscard]] TextPlace at(std::size_t offset) const {
    const auto after = std::upper_bound(starts_.begin(), starts_.end(), offset);
    const auto line = after - starts_.begin();
    return {static_cast<std::uint32_t>(line), static_cast<std::uint32_t>(offset - *std::prev(after) + 1)};
  }

 private:
  std::vector<std::size_t> starts_{0};
};

class JsonEvents final : public nlohmann::json_sax<Json> {
 public:
  JsonEvents(std::string_view text, LocatedBuilder& builder) : text_(text), builder_(builder) {
    if (text_.starts_with("\xEF\xBB\xBF")) cursor_ = 3;
  }

  bool null() override { return scalar(nullptr); }
  bool boolean(bool value) override { return scalar(value); }
  bool number_integer(number_integer_t value) override { return scalar(value); }
  bool number_unsigned(number_unsigned_t value) override { return scalar(value); }
  bool number_float(number_float_t value, const string_t& /*text*/) override { return scalar(value); }
  bool string(string_t& value) override { return scalar(std::move(value)); }
  bool binary(binary_t& /*value*/) override { return false; }
  bool start_object(std::size_t /*size*/) override {
    builder_.begin(token(), true);
    return true;
  }
  bool key(string_t& value) override {
    builder_.key(token(), std::move(value));
    return true;
  }
  bool end_object() override {
    token();
    builder_.end();
    return true;
  }
  bool start_array(std::size_t /*size*/) override {
    builder_.begin(token(), false);
    return true;
  }
  bool end_array() override { return end_object(); }
  bool parse_error(std::size_t position, const std::string& /*last*/,
                   const nlohmann::detail::exception& error) override {
    std::string_view why = error.what();
    const std::size_t dash = why.find(" - ");
    const std::size_t detail = why.rfind(": ");
    if (dash != std::string_view::npos) {
      why.remove_prefix(dash + 3);
    } else if (detail != std::string_view::npos) {
      why.remove_prefix(detail + 2);
    }
    throw LocatedRefusal{position > 0 ? position - 1 : 0, fmt::format("not well-formed JSON: {}", why)};
  }

 private:
  bool scalar(Json value) {
    builder_.scalar(token(), std::move(value));
    return true;
  }

  /// Moves past the next token and says where it begins.
  std::size_t token() {
    cursor_ = std::min(text_.find_first_not_of(" \t\r\n,:", cursor_), text_.size());
    const std::size_t begin = cursor_;
    if (cursor_ >= text_.size()) return begin;
    if (text_[cursor_] == '"') {
      for (++cursor_; cursor_ < text_.size() && text_[cursor_] != '"'; ++cursor_) {
        if (text_[cursor_] == '\\') ++cursor_;
      }
      ++cursor_;
    } else if (std::string_view{"[]{}"}.find(text_[cursor_]) != std::string_view::npos) {
      ++cursor_;
    } else {
      cursor_ = text_.find_first_of(" \t\r\n,:[]{}\"", cursor_);
    }
    cursor_ = std::min(cursor_, text_.size());
    return begin;
  }

  std::string_view text_;
  LocatedBuilder& builder_;
  std::size_t cursor_ = 0;
};

}  // namespace

TextPlace LocatedJson::at(std::string_view pointer) const {
  // What has no place of its own stands where its owner does.
  for (;; pointer = pointer.substr(0, pointer.rfind('/'))) {
    if (const auto found = places.find(pointer); found != places.end()) return found->second.value;
    if (pointer.find('/') == std::string_view::npos) return {1, 1};
  }
}

TextPlace LocatedJson::key_at(std::string_view pointer) const {
  const auto found = places.find(pointer);
  return found == places.end() ? at(pointer) : found->second.key;
}

tl::expected<LocatedJson, TextProblem> read_located(std::string_view text, TextFormat format,
                                                    const Substitutions& substitutions,
                                                    const LocatedLimits& limits) {
  const auto too_large = [&](std::size_t bytes) {
    return TextProblem{{1, 1},
                       fmt::format("the text has {} bytes; at most {} are read", bytes, limits.bytes)};
  };
  if (text.size() > limits.bytes) return tl::unexpected(too_large(text.size()));
  const Lines lines(text);
  const Substituted source = substitute(text, substitutions);
  if (source.text.size() > limits.bytes) return tl::unexpected(too_large(source.text.size()));
  LocatedBuilder builder(limits);
  try {
    format == TextFormat::json ? read_located_json(source.text, builder)
                               : read_located_yaml(source.text, builder);
  } catch (const LocatedRefusal& refusal) {
    const std::size_t offset =
        std::min(source.before(std::min(refusal.offset, source.text.size())), text.size());
    return tl::unexpected(TextProblem{lines.at(offset), refusal.message});
  }
  LocatedJson result;
  result.value = std::move(builder.root);
  for (LocatedBuilder::Place& place : builder.places) {
    result.places.emplace(
        std::move(place.pointer),
        LocatedJson::Places{lines.at(source.before(place.key)), lines.at(source.before(place.value))});
  }
  return result;
}

void read_located_json(const std::string& text, LocatedBuilder& builder) {
  JsonEvents events{text, builder};
  Json::sax_parse(text, &events);
}

// ---- LocatedBuilder -------------------------------------------------------------------------------------

std::string LocatedBuilder::note(std::size_t offset) {
  if (values_ >= limits_.values) {
    throw LocatedRefusal{offset, fmt::format("more than {} values", limits_.values)};
  }
  std::string pointer;
  std::size_t key_at = offset;
  if (!open_.empty()) {
    const Frame& frame = open_.back();
    pointer = frame.value.is_object() ? fmt::format("{}/{}", frame.pointer, frame.name)
                                      : fmt::format("{}/{}", frame.pointer, frame.value.size());
    if (frame.value.is_object()) key_at = frame.key_at;
  }
  ++values_;
  if (pointer.size() <= kLongestPointer) places.push_back({pointer, key_at, offset});
  return pointer.size() <= kLongestPointer ? pointer : std::string(kLongestPointer + 1, '/');
}

void LocatedBuilder::place(Json value) {
  if (open_.empty()) {
    root = std::move(value);
    return;
  }
  Frame& frame = open_.back();
  if (frame.value.is_array()) {
    frame.value.push_back(std::move(value));
    return;
  }
  // Appended as to a list: the keys are known to differ, and a look-up for each would take quadratic time.
  using List = Json::object_t::Container;
  static_cast<List&>(frame.value.get_ref<Json::object_t&>())
      .emplace_back(std::move(frame.name), std::move(value));
  frame.has_key = false;
}

void LocatedBuilder::key(std::size_t offset, std::string name) {
  Frame& frame = open_.back();
  if (!frame.seen.insert(name).second) {
    throw LocatedRefusal{offset, fmt::format("the key '{}' is given twice", name)};
  }
  frame.name = std::move(name);
  frame.key_at = offset;
  frame.has_key = true;
}

void LocatedBuilder::scalar(std::size_t offset, Json value) {
  note(offset);
  place(std::move(value));
}

void LocatedBuilder::begin(std::size_t offset, bool object) {
  if (open_.size() >= limits_.depth) {
    throw LocatedRefusal{offset, fmt::format("nested more than {} levels deep", limits_.depth)};
  }
  Frame frame;
  frame.pointer = note(offset);
  frame.value = object ? Json::object() : Json::array();
  open_.push_back(std::move(frame));
}

void LocatedBuilder::end() {
  Json value = std::move(open_.back().value);
  open_.pop_back();
  place(std::move(value));
}

}  // namespace spillway
