#pragma once
/// Cuts an expression's text into tokens, one at a time: whether a `/` divides or opens a regular expression
/// only the parser knows.

#include <cstdint>
#include <string>
#include <string_view>

namespace spillway::jsonata {

struct Token {
  enum class Type : std::uint8_t { end, op, name, variable, string, number, value, regex };
  Type type = Type::end;
  std::size_t position = 0;
  std::string text;  ///< the operator, name, string, or the regular expression's pattern
  double number = 0;
  bool ignore_case = false;  ///< flags of a regular expression
  bool multiline = false;

  bool is(std::string_view op) const { return type == Type::op && text == op; }
};

class Lexer {
 public:
  /// `young` allows the operators `??` and `?:`.
  Lexer(std::string_view text, bool young) : text_(text), young_(young) {}
  /// The next token; `after_operand`: where an operator is expected, and `/` divides.
  Token next(bool after_operand);

 private:
  void skip_blanks();
  Token regex();
  bool flag(Token& token);
  Token string();
  void escape(std::string& out);
  bool number(Token& token);
  Token name();
  Token op(std::size_t length);
  std::size_t operator_length() const;
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  std::string_view text_;
  std::size_t at_ = 0;
  bool young_;
};

}  // namespace spillway::jsonata
