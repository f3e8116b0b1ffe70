// The reader of paths: a cursor over the text, without recursion but for filters, whose depth is limited.

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>
#include "formats/asl/path.hpp"

namespace spillway::asl {

namespace {

constexpr int kDeepestFilter = 16;
constexpr std::size_t kMostSteps = 200;

/// Thrown inside of this file only.
struct BadPath {
  std::string why;
};

class PathReader {
 public:
  PathReader(std::string_view text, bool argument, int depth)
      : text_(text), argument_(argument), depth_(depth) {}

  Path read(Path::Root dollar) {
    Path path;
    if (depth_ > kDeepestFilter) throw BadPath{"its filters are nested too deeply"};
    read_root(path, dollar);
    while (at_ < text_.size() && (text_[at_] == '.' || text_[at_] == '[')) {
      if (path.steps.size() >= kMostSteps)
        throw BadPath{fmt::format("it has more than {} steps", kMostSteps)};
      path.steps.push_back(read_step());
      const bool function = path.steps.back().kind == PathStep::Kind::function;
      if (function) break;
    }
    path.text = text_.substr(0, at_);
    return path;
  }

  [[nodiscard]] std::size_t used() const { return at_; }

 private:
  void read_root(Path& path, Path::Root dollar) {
    path.root = dollar;
    if (dollar == Path::Root::current) {
      if (!take('@')) throw BadPath{"it must begin with '@'"};
      return;
    }
    if (!take('$')) throw BadPath{"it must begin with '$'"};
    if (take('$')) {
      path.root = Path::Root::context;
      return;
    }
    const std::size_t begin = at_;
    while (at_ < text_.size() && !ends_name(text_[at_])) ++at_;
    if (at_ == begin) return;
    path.root = Path::Root::variable;
    path.variable = text_.substr(begin, at_ - begin);
    const auto first = static_cast<unsigned char>(path.variable[0]);
    const bool letter = (first >= 'A' && first <= 'Z') || (first >= 'a' && first <= 'z') || first == '_';
    if (!letter && first < 0x80U) throw BadPath{fmt::format("'{}' follows its '$'", path.variable)};
  }

  PathStep read_step() {
    PathStep step;
    if (take('.')) {
      step.deep = take('.');
      if (at_ < text_.size() && text_[at_] == '[') {  // `$.[0]` is `$[0]`
        read_bracket(step);
      } else if (take('*')) {
        step.kind = PathStep::Kind::wildcard;
      } else {
        read_name(step);
      }
      return step;
    }
    read_bracket(step);
    return step;
  }

  void read_name(PathStep& step) {
    const std::size_t begin = at_;
    while (at_ < text_.size() && !ends_name(text_[at_])) ++at_;
    if (at_ == begin) throw BadPath{"a '.' without a name after it"};
    step.names.emplace_back(text_.substr(begin, at_ - begin));
    if (!text_.substr(at_).starts_with("()")) return;
    static constexpr std::array<std::string_view, 8> kFunctions{"length", "min",    "max",  "avg",
                                                                "sum",    "stddev", "keys", "size"};
    if (std::find(kFunctions.begin(), kFunctions.end(), step.names[0]) == kFunctions.end()) {
      throw BadPath{fmt::format("there is no function '{}()'", step.names[0])};
    }
    step.kind = PathStep::Kind::function;
    at_ += 2;
  }

  void read_bracket(PathStep& step) {
    if (!take('[')) throw BadPath{"'[' expected"};
    blanks();
    if (take('*')) {
      step.kind = PathStep::Kind::wildcard;
    } else if (take('?')) {
      step.kind = PathStep::Kind::filter;
      blanks();
      if (!take('(')) throw BadPath{"a filter is written [?(...)]"};
      read_any(step.filter, 0);
      blanks();
      if (!take(')')) throw BadPath{"its filter has no closing ')'"};
    } else if (at_ < text_.size() && (text_[at_] == '\'' || text_[at_] == '"')) {
      do {
        blanks();
        step.names.push_back(quoted());
        blanks();
      } while (take(','));
    } else {
      read_indices(step);
    }
    blanks();
    if (!take(']')) throw BadPath{"its '[' has no closing ']'"};
  }

  void read_indices(PathStep& step) {
    step.kind = PathStep::Kind::indices;
    std::optional<std::int64_t> first = number();
    blanks();
    if (take(':')) {
      step.kind = PathStep::Kind::slice;
      step.from = first;
      blanks();
      step.to = number();
      blanks();
      if (take(':')) step.stride = number().value_or(1);
      if (step.stride < 1) throw BadPath{"a slice's step must be positive"};
      return;
    }
    if (!first)
      throw BadPath{"a name in quotes, an index, '*', a slice or a filter must stand in its brackets"};
    step.indices.push_back(*first);
    while (take(',')) {
      blanks();
      first = number();
      if (!first) throw BadPath{"an index is missing behind a ','"};
      step.indices.push_back(*first);
      blanks();
    }
  }

  std::optional<std::int64_t> number() {
    std::int64_t value = 0;
    const char* begin = text_.data() + at_;
    const auto [end, bad] = std::from_chars(begin, text_.data() + text_.size(), value);
    if (end == begin) return std::nullopt;
    if (bad != std::errc{}) throw BadPath{"an index is too large"};
    at_ += static_cast<std::size_t>(end - begin);
    return value;
  }

  std::string quoted() {
    const char quote = at_ < text_.size() ? text_[at_] : '\0';
    if (quote != '\'' && quote != '"') throw BadPath{"a name in quotes expected"};
    std::string value;
    for (++at_; at_ < text_.size() && text_[at_] != quote; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      value += text_[at_];
    }
    if (!take(quote)) throw BadPath{"a quote is not closed"};
    return value;
  }

  // ---- filters: any := all ('||' all)*, all := one ('&&' one)* ----

  using Filter = std::vector<PathFilter>;

  void read_any(Filter& into, int depth) {
    read_all(into, depth);
    for (blanks(); take("||"); blanks()) {
      read_all(into, depth);
      add(into, PathFilter::Kind::any);
    }
  }

  void read_all(Filter& into, int depth) {
    read_one(into, depth);
    for (blanks(); take("&&"); blanks()) {
      read_one(into, depth);
      add(into, PathFilter::Kind::all);
    }
  }

  void read_one(Filter& into, int depth) {
    if (depth > kDeepestFilter) throw BadPath{"its filter is nested too deeply"};
    blanks();
    bool negated = false;
    while (at_ + 1 < text_.size() && text_[at_] == '!' && text_[at_ + 1] != '=') {
      ++at_;
      negated = !negated;
      blanks();
    }
    if (take('(')) {
      read_any(into, depth + 1);
      blanks();
      if (!take(')')) throw BadPath{"its filter has no closing ')'"};
    } else {
      read_comparison(into);
    }
    if (negated) add(into, PathFilter::Kind::negate);
  }

  void read_comparison(Filter& into) {
    read_operand(into);
    blanks();
    static constexpr std::array<std::pair<std::string_view, PathFilter::Compare>, 11> kOperators{
        {{"==", PathFilter::Compare::eq},
         {"!=", PathFilter::Compare::ne},
         {"<=", PathFilter::Compare::le},
         {">=", PathFilter::Compare::ge},
         {"<", PathFilter::Compare::lt},
         {">", PathFilter::Compare::gt},
         {"in ", PathFilter::Compare::in},
         {"nin ", PathFilter::Compare::nin},
         {"contains ", PathFilter::Compare::contains},
         {"size ", PathFilter::Compare::size},
         {"empty ", PathFilter::Compare::empty}}};
    if (text_.substr(at_).starts_with("=~"))
      throw BadPath{"regular expressions are not supported in filters"};
    for (const auto& [word, compare] : kOperators) {
      if (!take(word)) continue;
      blanks();
      read_operand(into);
      add(into, PathFilter::Kind::compare);
      into.back().compare = compare;
      return;
    }
    if (into.back().kind != PathFilter::Kind::path) throw BadPath{"its filter compares nothing"};
    add(into, PathFilter::Kind::exists);
  }

  void read_operand(Filter& into) {
    blanks();
    PathFilter operand;
    const char first = at_ < text_.size() ? text_[at_] : '\0';
    if (first == '@' || first == '$') {
      PathReader inner(text_.substr(at_), true, depth_ + 1);
      operand.kind = PathFilter::Kind::path;
      operand.path = inner.read(first == '@' ? Path::Root::current : Path::Root::input);
      at_ += inner.used();
    } else if (first == '\'' || first == '"') {
      operand.literal = quoted();
    } else if (first == '[') {
      operand.literal = list();
    } else {
      const std::size_t begin = at_;
      while (at_ < text_.size() &&
             std::string_view{" )],=!<>&|"}.find(text_[at_]) == std::string_view::npos) {
        ++at_;
      }
      const std::string_view word = text_.substr(begin, at_ - begin);
      if (word.empty()) throw BadPath{"its filter lacks a value"};
      operand.literal = Json::parse(word, nullptr, false);
      // A bare word is a text, as AWS has it.
      if (!operand.literal.is_primitive() || operand.literal.is_discarded())
        operand.literal = std::string(word);
    }
    into.push_back(std::move(operand));
  }

  Json list() {
    Json values = Json::array();
    ++at_;
    for (blanks(); !take(']'); blanks()) {
      Filter one;
      if (at_ >= text_.size() || text_[at_] == '[') throw BadPath{"a list in its filter is not closed"};
      read_operand(one);
      if (one.back().kind != PathFilter::Kind::literal)
        throw BadPath{"a list in a filter holds plain values"};
      values.push_back(std::move(one.back().literal));
      blanks();
      take(',');
    }
    return values;
  }

  static void add(Filter& into, PathFilter::Kind kind) {
    PathFilter element;
    element.kind = kind;
    into.push_back(std::move(element));
  }

  // ---- characters ----

  [[nodiscard]] bool ends_name(char c) const {
    if (c == '.' || c == '[' || c == '(' || c == ' ' || c == '\t' || c == '\n' || c == '\r') return true;
    return argument_ && std::string_view{",)]=!<>&|'"}.find(c) != std::string_view::npos;
  }
  void blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }
  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool take(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  std::string_view text_;
  bool argument_;
  int depth_;
  std::size_t at_ = 0;
};

tl::expected<Path, std::string> read(std::string_view text, bool argument, std::size_t& used) {
  try {
    PathReader reader(text, argument, 0);
    Path path = reader.read(Path::Root::input);
    used = reader.used();
    return path;
  } catch (const BadPath& bad) {
    return tl::unexpected(bad.why);
  }
}

}  // namespace

tl::expected<Path, std::string> Path::parse(std::string_view text) {
  std::size_t used = 0;
  auto path = read(text, false, used);
  if (path && used < text.size()) {
    return tl::unexpected(fmt::format("what follows '{}' cannot be read", text.substr(0, used)));
  }
  return path;
}

tl::expected<Path, std::string> Path::parse_argument(std::string_view text, std::size_t& used) {
  return read(text, true, used);
}

}  // namespace spillway::asl
