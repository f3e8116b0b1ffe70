#include "formats/jsonata/parser.hpp"

#include <algorithm>

#include "formats/jsonata/failure.hpp"

namespace spillway::jsonata {
namespace {

constexpr std::size_t kMaxNodes = 200'000;

struct Infix {
  std::string_view text;
  int binding;
  Operator op;
};

/// How tightly the operators that follow an operand bind it.
constexpr Infix kInfix[] = {
    {".", 75, Operator::map},         {"[", 80, Operator::filter},
    {"{", 70, Operator::group},       {"(", 80, Operator::none},
    {"@", 80, Operator::focus},       {"#", 80, Operator::index},
    {"?", 20, Operator::none},        {"+", 50, Operator::add},
    {"-", 50, Operator::subtract},    {"*", 60, Operator::multiply},
    {"/", 60, Operator::divide},      {"%", 60, Operator::modulo},
    {"=", 40, Operator::equal},       {"<", 40, Operator::less},
    {">", 40, Operator::greater},     {"^", 40, Operator::order},
    {":=", 10, Operator::assign},     {"!=", 40, Operator::unequal},
    {"<=", 40, Operator::less_equal}, {">=", 40, Operator::greater_equal},
    {"~>", 40, Operator::chain},      {"?:", 40, Operator::none},
    {"??", 40, Operator::none},       {"and", 30, Operator::logical_and},
    {"or", 25, Operator::logical_or}, {"in", 40, Operator::in},
    {"&", 50, Operator::concatenate},
};

const Infix* infix_of(const Token& token) {
  if (token.type != Token::Type::op) return nullptr;
  const auto same_text = [&](const Infix& row) { return row.text == token.text; };
  const auto* found = std::find_if(std::begin(kInfix), std::end(kInfix), same_text);
  return found == std::end(kInfix) ? nullptr : found;
}

std::string shown(const Token& token) {
  if (token.type == Token::Type::end) return "the end";
  if (token.type == Token::Type::number) return number_text(token.number);
  if (token.type == Token::Type::variable) return "$" + token.text;
  return token.text;
}

}  // namespace

Parser::Parser(std::string_view text, Program& program)
    : text_(text), program_(program), lexer_(text, program.dialect == Dialect::reference) {}

Node* Parser::parse() {
  advance();
  Node* root = expression(0);
  if (token_.type != Token::Type::end)
    fail_at(token_.position, "S0201", "Syntax error: \"{}\"", shown(token_));
  return root;
}

Node* Parser::make(Type type, const Token& token) {
  if (program_.nodes.size() > kMaxNodes) fail_at(token.position, "D1011", "The expression is too large");
  Node* node = program_.node(type, token.position);
  if (!token.text.empty()) node->text = program_.keep(token.text);
  return node;
}

/// Notes how deep the tree has grown below a node that is complete.
Node* Parser::closed(Node* node) {
  std::uint16_t depth = 0;
  const auto see = [&](const Node* child) {
    if (child) depth = std::max(depth, child->depth);
  };
  see(node->left);
  see(node->right);
  see(node->third);
  for (const Node* child : node->list) see(child);
  for (const auto& [key, value] : node->pairs) {
    see(key);
    see(value);
  }
  for (const SortTerm& term : node->terms) see(term.expression);
  if (depth >= kMaxNesting) fail_at(node->position, "D1011", "The expression is nested too deeply");
  node->depth = static_cast<std::uint16_t>(depth + 1);
  return node;
}

void Parser::expect(std::string_view op, bool after_operand) {
  if (!token_.is(op)) {
    if (token_.type == Token::Type::end) {
      fail_at(token_.position, "S0203", "Expected \"{}\" before end of expression", op);
    }
    fail_at(token_.position, "S0202", "Expected \"{}\", got \"{}\"", op, shown(token_));
  }
  advance(after_operand);
}

Node* Parser::expression(int binding) {
  if (++nesting_ > kMaxNesting) fail_at(token_.position, "D1011", "The expression is nested too deeply");
  Token token = token_;
  advance(true);
  Node* left = first(token);
  for (const Infix* infix = infix_of(token_); infix && binding < infix->binding; infix = infix_of(token_)) {
    token = token_;
    advance();
    left = follow(token, left);
  }
  --nesting_;
  return left;
}

/// What a token means at the start of an expression.
Node* Parser::first(const Token& token) {
  switch (token.type) {
    case Token::Type::end: return make(Type::end, token);
    case Token::Type::name: return make(Type::name, token);
    case Token::Type::variable: return make(Type::variable, token);
    case Token::Type::string: return make(Type::string, token);
    case Token::Type::number: {
      Node* node = make(Type::number, token);
      node->number = token.number;
      return node;
    }
    case Token::Type::value: {
      Node* node = make(Type::value, token);
      node->truth = token.text == "true";
      node->null = token.text == "null";
      return node;
    }
    case Token::Type::regex: {
      Node* node = make(Type::regex, token);
      try {
        node->regex = &program_.regexes.emplace_back(token.text, token.ignore_case, token.multiline);
      } catch (Failure& failure) {
        failure.error.position = token.position;
        failure.placed = true;
        throw;
      }
      return node;
    }
    case Token::Type::op: break;
  }
  return first_operator(token);
}

Node* Parser::first_operator(const Token& token) {
  const std::string_view op = token.text;
  if (op == "and" || op == "or" || op == "in") return make(Type::name, token);
  if (op == "*") return make(Type::wildcard, token);
  if (op == "**") return make(Type::descendant, token);
  if (op == "%") return make(Type::parent, token);
  if (op == "(") return block(token);
  if (op == "[") return array(token);
  if (op == "{") return object(token, nullptr);
  if (op == "|") return transform(token);
  if (op == "-") {
    Node* node = make(Type::negation, token);
    node->left = expression(70);
    return closed(node);
  }
  fail_at(token.position, "S0211", "The symbol \"{}\" cannot be used as a unary operator", op);
}

/// What an operator means behind an operand.
Node* Parser::follow(const Token& token, Node* left) {
  const Infix& infix = *infix_of(token);
  switch (infix.op) {
    case Operator::none: return follow_special(token, left);
    case Operator::filter: return filter(token, left);
    case Operator::group: return object(token, left);
    case Operator::order: return order(token, left);
    case Operator::focus:
    case Operator::index: return binding(token, left, infix.op);
    case Operator::assign:
      if (left->type != Type::variable) {
        fail_at(left->position, "S0212", "The left side of := must be a variable name (start with $)");
      }
      break;
    default: break;
  }
  Node* node = make(Type::binary, token);
  node->op = infix.op;
  node->left = left;
  // Assignment groups to the right, all others to the left.
  node->right = expression(infix.op == Operator::assign ? infix.binding - 1 : infix.binding);
  return closed(node);
}

Node* Parser::follow_special(const Token& token, Node* left) {
  if (token.text == "(") return call(token, left);
  if (token.text == "?") return condition(token, left);
  return otherwise(token, left);
}

}  // namespace spillway::jsonata
