#include "formats/jsonata/lexer.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "formats/jsonata/failure.hpp"
#include "formats/jsonata/text.hpp"

namespace spillway::jsonata {
namespace {

constexpr std::string_view kBlanks = " \t\n\r\v";
constexpr std::string_view kOperators = ".[]{}(),@#;:?+-*/%|=<>^&!~";
constexpr std::string_view kPairs[] = {"..", ":=", "!=", ">=", "<=", "**", "~>"};
constexpr std::string_view kYoungPairs[] = {"?:", "??"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Token Lexer::next(bool after_operand) {
  skip_blanks();
  if (at_ >= text_.size()) return {Token::Type::end, text_.size(), {}};
  const char c = peek();
  if (!after_operand && c == '/') return regex();
  if (const std::size_t length = operator_length()) return op(length);
  if (c == '"' || c == '\'') return string();
  Token token{Token::Type::number, at_, {}};
  if (is_digit(c) && number(token)) return token;
  if (c == '`') {
    const std::size_t close = text_.find('`', at_ + 1);
    if (close == std::string_view::npos) {
      fail_at(text_.size(), "S0105", "The quoted property name is not closed by a backquote (`)");
    }
    token = {Token::Type::name, at_, std::string(text_.substr(at_ + 1, close - at_ - 1))};
    at_ = close + 1;
    return token;
  }
  return name();
}

void Lexer::skip_blanks() {
  while (at_ < text_.size()) {
    if (kBlanks.find(text_[at_]) != std::string_view::npos) {
      ++at_;
    } else if (text_.substr(at_, 2) == "/*") {
      const std::size_t close = text_.find("*/", at_ + 2);
      if (close == std::string_view::npos) fail_at(at_, "S0106", "The comment is not closed by */");
      at_ = close + 2;
    } else {
      return;
    }
  }
}

std::size_t Lexer::operator_length() const {
  const std::string_view pair = text_.substr(at_, 2);
  const auto matches = [&](std::string_view op) { return op == pair; };
  if (std::any_of(std::begin(kPairs), std::end(kPairs), matches)) return 2;
  if (young_ && std::any_of(std::begin(kYoungPairs), std::end(kYoungPairs), matches)) return 2;
  return kOperators.find(peek()) != std::string_view::npos ? 1 : 0;
}

Token Lexer::op(std::size_t length) {
  Token token{Token::Type::op, at_, std::string(text_.substr(at_, length))};
  if (token.text == "!" || token.text == "~") fail_at(at_, "S0204", "Unknown operator: \"{}\"", token.text);
  at_ += length;
  return token;
}

/// The pattern ends at a slash that is neither escaped nor inside of brackets.
Token Lexer::regex() {
  Token token{Token::Type::regex, at_, {}};
  const std::size_t start = ++at_;
  int depth = 0;
  for (; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (c == '/' && depth == 0) {
      std::size_t slashes = 0;
      while (at_ - slashes > start && text_[at_ - slashes - 1] == '\\') ++slashes;
      if (slashes % 2 == 0) {
        if (at_ == start) fail_at(at_, "S0301", "A regular expression cannot be empty");
        token.text = text_.substr(start, at_++ - start);
        while (flag(token)) ++at_;
        return token;
      }
    }
    const bool escaped = text_[at_ - 1] == '\\';
    if (!escaped && (c == '(' || c == '[' || c == '{')) ++depth;
    if (!escaped && (c == ')' || c == ']' || c == '}')) --depth;
  }
  fail_at(at_, "S0302", "The regular expression is not closed by /");
}

bool Lexer::flag(Token& token) {
  const char c = peek();
  token.ignore_case = token.ignore_case || c == 'i';
  token.multiline = token.multiline || c == 'm';
  return c == 'i' || c == 'm';
}

Token Lexer::string() {
  Token token{Token::Type::string, at_, {}};
  const char quote = text_[at_++];
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == quote) {
      ++at_;
      return token;
    }
    if (c == '\\') {
      ++at_;
      escape(token.text);
    } else {
      token.text.push_back(c);
    }
    ++at_;
  }
  fail_at(text_.size(), "S0101", "The string is not closed by its quote");
}

/// Reads what stands behind a backslash, up to its last character.
void Lexer::escape(std::string& out) {
  constexpr std::string_view kCodes = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  const char c = peek();
  const std::size_t known = c == '\0' ? std::string_view::npos : kCodes.find(c);
  if (known != std::string_view::npos) {
    out.push_back(kMeanings[known]);
    return;
  }
  if (c != 'u') fail_at(at_, "S0103", "Unknown escape sequence: \\{}", c == '\0' ? ' ' : c);
  char32_t unit = 0;
  for (std::size_t i = 1; i <= 4; ++i) {
    const int digit = hex_value(peek(i));
    if (digit < 0) fail_at(at_, "S0104", "The escape sequence \\u must be followed by four hex digits");
    unit = unit * 16 + static_cast<char32_t>(digit);
  }
  at_ += 4;
  append_unit(out, unit);
}

bool Lexer::number(Token& token) {
  std::size_t end = at_;
  const auto digits = [&] {
    while (end < text_.size() && is_digit(text_[end])) ++end;
  };
  const auto is_digit_at = [&](std::size_t i) { return i < text_.size() && is_digit(text_[i]); };
  if (text_[end] == '0') {
    ++end;
  } else {
    digits();
  }
  if (end < text_.size() && text_[end] == '.' && is_digit_at(end + 1)) {
    ++end;
    digits();
  }
  if (end < text_.size() && (text_[end] == 'e' || text_[end] == 'E')) {
    const bool sign = end + 1 < text_.size() && (text_[end + 1] == '+' || text_[end + 1] == '-');
    const std::size_t first = end + (sign ? 2 : 1);
    if (is_digit_at(first)) {
      end = first;
      digits();
    }
  }
  const std::string_view digits_text = text_.substr(at_, end - at_);
  const auto [stop, error] =
      std::from_chars(digits_text.data(), digits_text.data() + digits_text.size(), token.number);
  if (error == std::errc::result_out_of_range) {
    // Too small is 0, as JavaScript reads it; too large is an error.
    const std::size_t exponent = digits_text.find_first_of("eE");
    const bool small = exponent != std::string_view::npos && digits_text[exponent + 1] == '-';
    if (!small) fail_at(at_, "S0102", "The number is out of range: {}", digits_text);
    token.number = 0;
  }
  at_ = end;
  return true;
}

Token Lexer::name() {
  const std::size_t start = at_;
  const auto ends = [](char c) {
    return kBlanks.find(c) != std::string_view::npos || kOperators.find(c) != std::string_view::npos;
  };
  while (at_ < text_.size() && !ends(text_[at_])) ++at_;
  const std::string_view word = text_.substr(start, at_ - start);
  if (word[0] == '$') return {Token::Type::variable, start, std::string(word.substr(1))};
  if (word == "or" || word == "in" || word == "and") return {Token::Type::op, start, std::string(word)};
  if (word == "true" || word == "false" || word == "null") {
    return {Token::Type::value, start, std::string(word)};
  }
  return {Token::Type::name, start, std::string(word)};
}

}  // namespace spillway::jsonata
