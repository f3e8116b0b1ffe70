// ECMAScript's syntax is rewritten where PCRE2 reads another meaning into the same characters: letters that
// ECMAScript does not know as escapes, groups that it does not have, `[` inside of a class, and the blanks of
// `\s`. What only PCRE2 knows is refused, as a JavaScript engine would.
#include "formats/jsonata/regex.hpp"

#include <pcre2.h>

#include "formats/jsonata/failure.hpp"

namespace spillway::jsonata {
namespace {

constexpr std::uint32_t kMatchLimit = 500'000;  // steps of backtracking: some ten milliseconds
constexpr std::uint32_t kDepthLimit = 100'000;
constexpr std::uint32_t kHeapLimitKib = 64 * 1024;
constexpr std::string_view kMoreBlanks = R"(\u00a0\ufeff\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000)";

[[noreturn]] void refuse(std::string_view pattern, std::string_view why) {
  fail("S0303", "The regular expression /{}/ is not valid: {}", pattern, why);
}

class Rewriter {
 public:
  explicit Rewriter(std::string_view pattern) : in_(pattern) {}

  std::string rewritten() {
    while (at_ < in_.size()) {
      const char c = in_[at_];
      if (c == '\\') {
        escape();
      } else if (in_class_) {
        in_class_ = c != ']';
        if (c == '[') out_.push_back('\\');
        copy(1);
      } else if (c == '[') {
        open_class();
      } else if (c == '(') {
        group();
      } else {
        quantifier_or_literal(c);
      }
    }
    return std::move(out_);
  }

 private:
  void copy(std::size_t n) {
    out_.append(in_.substr(at_, n));
    at_ += n;
  }

  void open_class() {
    in_class_ = true;
    copy(in_.substr(at_, 2) == "[^" ? 2 : 1);
  }

  void group() {
    if (in_.substr(at_, 2) == "(*") refuse(in_, "nothing to repeat");
    if (in_.substr(at_, 2) == "(?") {
      const std::string_view kind = in_.substr(at_ + 2, 2);
      const bool plain = !kind.empty() && (kind[0] == ':' || kind[0] == '=' || kind[0] == '!');
      const bool look_behind = kind == "<=" || kind == "<!";
      const bool named = kind.size() == 2 && kind[0] == '<' && !look_behind;
      if (!plain && !look_behind && !named) refuse(in_, "invalid group");
      return copy(plain || named ? 3 : 4);
    }
    copy(1);
  }

  void quantifier_or_literal(char c) {
    copy(1);
    const bool quantifier = c == '*' || c == '+' || c == '?';
    if (quantifier && at_ < in_.size() && in_[at_] == '+') refuse(in_, "nothing to repeat");
  }

  void escape() {
    if (at_ + 1 >= in_.size()) refuse(in_, "\\ at the end of the pattern");
    const char c = in_[at_ + 1];
    constexpr std::string_view kShared = "bBdDwWfnrtcxu123456789k";
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (c == 'v') {
      out_ += "\\x0b";
    } else if (c == '0') {
      out_ += "\\x00";
    } else if (c == 's') {
      out_ += in_class_ ? "\\s" : "[\\s";
      out_ += kMoreBlanks;
      if (!in_class_) out_ += "]";
    } else if (c == 'S') {
      out_ += in_class_ ? "\\S" : "[^\\s" + std::string(kMoreBlanks) + "]";
    } else if (letter && kShared.find(c) == std::string_view::npos) {
      out_.push_back(c);
    } else {
      return copy(2);
    }
    at_ += 2;
  }

  std::string_view in_;
  std::size_t at_ = 0;
  std::string out_;
  bool in_class_ = false;
};

}  // namespace

struct Regex::Compiled {
  explicit Compiled(pcre2_code* pattern_code)
      : code(pattern_code), context(pcre2_match_context_create(nullptr)) {
    pcre2_set_match_limit(context, kMatchLimit);
    pcre2_set_depth_limit(context, kDepthLimit);
    pcre2_set_heap_limit(context, kHeapLimitKib);
  }
  Compiled(const Compiled&) = delete;
  Compiled& operator=(const Compiled&) = delete;
  ~Compiled() {
    pcre2_match_context_free(context);
    pcre2_code_free(code);
  }
  pcre2_code* code;
  pcre2_match_context* context;
};

Regex::Regex(std::string_view pattern, bool ignore_case, bool multiline) : pattern_(pattern) {
  const std::string rewritten = Rewriter(pattern).rewritten();
  std::uint32_t options = PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_ALT_BSUX | PCRE2_MATCH_UNSET_BACKREF |
                          PCRE2_ALLOW_EMPTY_CLASS | PCRE2_NEVER_BACKSLASH_C;
  if (ignore_case) options |= PCRE2_CASELESS;
  if (multiline) options |= PCRE2_MULTILINE;
  const std::unique_ptr<pcre2_compile_context, decltype(&pcre2_compile_context_free)> context(
      pcre2_compile_context_create(nullptr), pcre2_compile_context_free);
  pcre2_set_newline(context.get(), PCRE2_NEWLINE_ANYCRLF);
  int error = 0;
  std::size_t offset = 0;
  pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(rewritten.data()), rewritten.size(), options,
                                   &error, &offset, context.get());
  if (!code) {
    std::string why(128, '\0');
    const int length = pcre2_get_error_message(error, reinterpret_cast<PCRE2_UCHAR*>(why.data()), why.size());
    why.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
    refuse(pattern, why);
  }
  compiled_ = std::make_unique<Compiled>(code);
}

Regex::Regex(Regex&&) noexcept = default;
Regex::~Regex() = default;

std::optional<RegexMatch> Regex::find(std::string_view subject, std::size_t from) const {
  // Matching writes to its data: each search has its own, so that threads can share an expression.
  const std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> data(
      pcre2_match_data_create_from_pattern(compiled_->code, nullptr), pcre2_match_data_free);
  const int found = pcre2_match(compiled_->code, reinterpret_cast<PCRE2_SPTR>(subject.data()), subject.size(),
                                from, PCRE2_NO_UTF_CHECK, data.get(), compiled_->context);
  if (found == PCRE2_ERROR_NOMATCH) return std::nullopt;
  if (found < 0) {
    fail("D1012", "The regular expression /{}/ backtracks too much on this string", pattern_);
  }
  const std::size_t* bounds = pcre2_get_ovector_pointer(data.get());
  RegexMatch match{bounds[0], bounds[1], {}};
  const std::uint32_t pairs = pcre2_get_ovector_count(data.get());
  for (std::uint32_t i = 1; i < pairs; ++i) {
    const bool set = static_cast<int>(i) < found && bounds[2 * i] != PCRE2_UNSET;
    match.groups.emplace_back();
    if (set) match.groups.back() = subject.substr(bounds[2 * i], bounds[2 * i + 1] - bounds[2 * i]);
  }
  return match;
}

}  // namespace spillway::jsonata
