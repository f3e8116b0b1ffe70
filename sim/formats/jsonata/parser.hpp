#pragma once
/// Reads an expression's text into a tree by operator precedence (Pratt). The tree stands as it is written;
/// resolve() (resolver.hpp) makes it one that can be evaluated.

#include <string_view>

#include "formats/jsonata/lexer.hpp"
#include "formats/jsonata/syntax.hpp"

namespace spillway::jsonata {

class Parser {
 public:
  Parser(std::string_view text, Program& program);
  /// The whole text as one expression, or a thrown Failure.
  Node* parse();

 private:
  Node* expression(int binding);
  Node* first(const Token& token);
  Node* first_operator(const Token& token);
  Node* follow(const Token& token, Node* left);
  Node* follow_special(const Token& token, Node* left);
  void advance(bool after_operand = false) { token_ = lexer_.next(after_operand); }
  void expect(std::string_view op, bool after_operand = false);

  Node* block(const Token& token);
  Node* array(const Token& token);
  Node* object(const Token& token, Node* left);
  Node* transform(const Token& token);
  Node* call(const Token& token, Node* left);
  Node* lambda(Node* call);
  void lambda_signature(Node* lambda);
  Node* filter(const Token& token, Node* left);
  Node* order(const Token& token, Node* left);
  Node* binding(const Token& token, Node* left, Operator op);
  Node* condition(const Token& token, Node* left);
  Node* otherwise(const Token& token, Node* left);

  Node* make(Type type, const Token& token);
  Node* copy(const Node& node);
  Node* closed(Node* node);

  std::string_view text_;
  Program& program_;
  Lexer lexer_;
  Token token_;
  int nesting_ = 0;
};

}  // namespace spillway::jsonata
