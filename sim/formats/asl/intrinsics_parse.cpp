// The grammar of intrinsic functions, and the table of what each takes.

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include "formats/asl/intrinsics.hpp"

namespace spillway::asl {

namespace {

constexpr int kDeepestCall = 32;

/// One row a function; a letter an argument: n a number, s a text, a an array, b a boolean, * anything.
/// A literal of another kind is refused when it is read; a path may give anything.
struct Signature {
  std::string_view name;
  Intrinsic function;
  std::size_t least;
  std::size_t most;
  std::string_view kinds;
};

constexpr std::size_t kAny = 1000;
constexpr std::array<Signature, 18> kSignatures{{
    {"States.Format", Intrinsic::format, 1, kAny, "s"},
    {"States.StringToJson", Intrinsic::string_to_json, 1, 1, "s"},
    {"States.JsonToString", Intrinsic::json_to_string, 1, 1, "*"},
    {"States.Array", Intrinsic::array, 0, kAny, ""},
    {"States.ArrayPartition", Intrinsic::array_partition, 2, 2, "an"},
    {"States.ArrayContains", Intrinsic::array_contains, 2, 2, "a*"},
    {"States.ArrayRange", Intrinsic::array_range, 3, 3, "nnn"},
    {"States.ArrayGetItem", Intrinsic::array_get_item, 2, 2, "an"},
    {"States.ArrayLength", Intrinsic::array_length, 1, 1, "a"},
    {"States.ArrayUnique", Intrinsic::array_unique, 1, 1, "a"},
    {"States.Base64Encode", Intrinsic::base64_encode, 1, 1, "s"},
    {"States.Base64Decode", Intrinsic::base64_decode, 1, 1, "s"},
    {"States.Hash", Intrinsic::hash, 2, 2, "ss"},
    {"States.JsonMerge", Intrinsic::json_merge, 3, 3, "**b"},
    {"States.MathRandom", Intrinsic::math_random, 2, 3, "nnn"},
    {"States.MathAdd", Intrinsic::math_add, 2, 2, "nn"},
    {"States.StringSplit", Intrinsic::string_split, 2, 2, "ss"},
    {"States.UUID", Intrinsic::uuid, 0, 0, ""},
}};

struct BadCall {
  std::string why;
};

class CallReader {
 public:
  explicit CallReader(std::string_view text) : text_(text) {}

  IntrinsicCall whole() {
    IntrinsicCall call = read(0);
    blanks();
    if (at_ < text_.size()) throw BadCall{fmt::format("'{}' follows its ')'", text_.substr(at_))};
    return call;
  }

 private:
  IntrinsicCall read(int depth) {
    if (depth > kDeepestCall) throw BadCall{"functions are nested too deeply"};
    blanks();
    const std::size_t open = std::min(text_.find('(', at_), text_.size());
    std::string_view name = text_.substr(at_, open - at_);
    while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
    const auto row = std::find_if(kSignatures.begin(), kSignatures.end(),
                                  [&](const Signature& s) { return s.name == name; });
    if (row == kSignatures.end()) throw BadCall{fmt::format("there is no function '{}'", name)};
    if (open == text_.size()) throw BadCall{fmt::format("{} has no '('", name)};
    at_ = open + 1;
    IntrinsicCall call;
    call.function = row->function;
    blanks();
    while (!take(')')) {
      if (!call.arguments.empty() && !take(',')) throw BadCall{fmt::format("{} has no ')'", name)};
      call.arguments.push_back(argument(depth));
      blanks();
    }
    check(*row, call);
    return call;
  }

  IntrinsicArgument argument(int depth) {
    blanks();
    IntrinsicArgument argument;
    const char first = at_ < text_.size() ? text_[at_] : '\0';
    if (first == '\'') {
      text(argument);
    } else if (first == '$') {
      std::size_t used = 0;
      auto path = Path::parse_argument(text_.substr(at_), used);
      if (!path) throw BadCall{fmt::format("'{}': {}", text_.substr(at_), path.error())};
      argument.kind = IntrinsicArgument::Kind::path;
      argument.path = std::move(*path);
      at_ += used;
    } else if (text_.substr(at_).starts_with("States.")) {
      argument.kind = IntrinsicArgument::Kind::call;
      argument.call.push_back(read(depth + 1));
    } else {
      literal(argument);
    }
    return argument;
  }

  /// A text in single quotes; only ' { } and \ may be escaped.
  void text(IntrinsicArgument& argument) {
    argument.kind = IntrinsicArgument::Kind::text;
    std::string value;
    for (++at_; at_ < text_.size() && text_[at_] != '\''; ++at_) {
      if (text_[at_] == '\\') {
        argument.raw += '\\';
        ++at_;
        if (at_ >= text_.size() || std::string_view{"'{}\\"}.find(text_[at_]) == std::string_view::npos) {
          throw BadCall{"only ' { } and \\ may stand behind a '\\' in a text"};
        }
      }
      argument.raw += text_[at_];
      value += text_[at_];
    }
    if (!take('\'')) throw BadCall{"a text has no closing '"};
    argument.literal = std::move(value);
  }

  void literal(IntrinsicArgument& argument) {
    const std::size_t end = std::min(text_.find_first_of(",) ", at_), text_.size());
    const std::string_view word = text_.substr(at_, end - at_);
    argument.literal = Json::parse(word, nullptr, false);
    if (argument.literal.is_discarded() || !argument.literal.is_primitive() || argument.literal.is_string()) {
      throw BadCall{
          fmt::format("'{}' is no argument: a text in single quotes, a number, true, false, null, a "
                      "path or a function is",
                      word)};
    }
    at_ = end;
  }

  static void check(const Signature& row, const IntrinsicCall& call) {
    const std::size_t count = call.arguments.size();
    if (count < row.least || count > row.most) {
      throw BadCall{fmt::format("{} takes {} argument{}, not {}", row.name,
                                row.least == row.most ? fmt::format("{}", row.least)
                                : row.most == kAny    ? fmt::format("at least {}", row.least)
                                                      : fmt::format("{} or {}", row.least, row.most),
                                row.most == 1 ? "" : "s", count)};
    }
    for (std::size_t i = 0; i < std::min(count, row.kinds.size()); ++i) {
      const IntrinsicArgument& argument = call.arguments[i];
      if (argument.kind == IntrinsicArgument::Kind::path || argument.kind == IntrinsicArgument::Kind::call) {
        continue;
      }
      const Json& value = argument.literal;
      const char kind = row.kinds[i];
      const bool good = kind == '*' || (kind == 'n' && value.is_number()) ||
                        (kind == 's' && value.is_string()) || (kind == 'b' && value.is_boolean());
      if (!good) {
        throw BadCall{fmt::format("argument {} of {} must be {}, not {}", i + 1, row.name,
                                  kind == 'n'   ? "a number or a path"
                                  : kind == 's' ? "a text or a path"
                                  : kind == 'a' ? "a path or States.Array"
                                                : "true or false",
                                  value.dump(-1, ' ', false, Json::error_handler_t::replace))};
      }
    }
  }

  void blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n')) ++at_;
  }
  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

bool looks_like_intrinsic(std::string_view text) { return text.starts_with("States."); }

tl::expected<IntrinsicCall, std::string> parse_intrinsic(std::string_view text) {
  try {
    return CallReader(text).whole();
  } catch (const BadCall& bad) {
    return tl::unexpected(bad.why);
  }
}

}  // namespace spillway::asl
