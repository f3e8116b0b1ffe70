// The forms of the language, each read behind the token that opens it: blocks, constructors, calls, lambdas,
// predicates, order-by, conditions.
#include "formats/jsonata/failure.hpp"
#include "formats/jsonata/parser.hpp"

namespace spillway::jsonata {

Node* Parser::block(const Token& token) {
  Node* node = make(Type::block, token);
  while (!token_.is(")")) {
    node->list.push_back(expression(0));
    if (!token_.is(";")) break;
    expect(";");
  }
  expect(")", true);
  return closed(node);
}

Node* Parser::array(const Token& token) {
  Node* node = make(Type::array, token);
  while (!token_.is("]")) {
    Node* item = expression(0);
    if (token_.is("..")) {
      Node* range = make(Type::binary, token_);
      range->op = Operator::range;
      range->left = item;
      expect("..");
      range->right = expression(0);
      item = closed(range);
    }
    node->list.push_back(item);
    if (!token_.is(",")) break;
    expect(",");
    if (token_.is("]"))
      fail_at(token_.position, "S0211", "The symbol \"]\" cannot be used as a unary operator");
  }
  expect("]", true);
  return closed(node);
}

/// `{...}`: an object of its own, or behind an operand the keys by which that is grouped.
Node* Parser::object(const Token& token, Node* left) {
  Node* node = make(left ? Type::binary : Type::object, token);
  node->op = left ? Operator::group : Operator::none;
  node->left = left;
  if (!token_.is("}")) {
    while (true) {
      Node* key = expression(0);
      expect(":");
      node->pairs.emplace_back(key, expression(0));
      if (!token_.is(",")) break;
      expect(",");
    }
  }
  expect("}", true);
  return closed(node);
}

Node* Parser::transform(const Token& token) {
  Node* node = make(Type::transform, token);
  node->left = expression(0);
  expect("|");
  node->right = expression(0);
  if (token_.is(",")) {
    expect(",");
    node->third = expression(0);
  }
  expect("|");
  return closed(node);
}

Node* Parser::call(const Token& token, Node* left) {
  Node* node = make(Type::call, token);
  node->left = left;
  if (!token_.is(")")) {
    while (true) {
      if (token_.is("?")) {
        node->type = Type::partial;
        node->list.push_back(make(Type::placeholder, token_));
        expect("?");
      } else {
        node->list.push_back(expression(0));
      }
      if (!token_.is(",")) break;
      expect(",");
    }
  }
  expect(")", true);
  const bool defines = left->type == Type::name && (left->text == "function" || left->text == "\u03BB");
  return closed(defines ? lambda(node) : node);
}

Node* Parser::lambda(Node* node) {
  for (std::size_t i = 0; i < node->list.size(); ++i) {
    const Node& parameter = *node->list[i];
    if (parameter.type != Type::variable) {
      fail_at(parameter.position, "S0208",
              "Parameter {} of function definition must be a variable name (start with $)", i + 1);
    }
  }
  node->type = Type::lambda;
  if (token_.is("<")) lambda_signature(node);
  expect("{");
  node->left = expression(0);
  expect("}");
  return node;
}

void Parser::lambda_signature(Node* node) {
  const std::size_t position = token_.position;
  std::string text = "<";
  for (int depth = 1; depth > 0 && !token_.is("{") && token_.type != Token::Type::end;) {
    advance();
    depth += token_.is("<") ? 1 : token_.is(">") ? -1 : 0;
    text += token_.text;
  }
  expect(">");
  try {
    node->signature = &program_.signatures.emplace_back(text);
  } catch (Failure& failure) {
    failure.error.position += position;
    throw;
  }
}

Node* Parser::filter(const Token& token, Node* left) {
  if (token_.is("]")) {  // an empty predicate: a sequence of one stays an array
    Node* step = left;
    while (step->type == Type::binary && step->op == Operator::filter) step = step->left;
    step->keep_array = true;
    expect("]");
    return left;
  }
  Node* node = make(Type::binary, token);
  node->op = Operator::filter;
  node->left = left;
  node->right = expression(0);
  expect("]", true);
  return closed(node);
}

Node* Parser::order(const Token& token, Node* left) {
  Node* node = make(Type::binary, token);
  node->op = Operator::order;
  node->left = left;
  expect("(");
  while (true) {
    const bool descending = token_.is(">");
    if (descending || token_.is("<")) advance();
    node->terms.push_back({expression(0), descending});
    if (!token_.is(",")) break;
    expect(",");
  }
  expect(")");
  return closed(node);
}

Node* Parser::binding(const Token& token, Node* left, Operator op) {
  Node* node = make(Type::binary, token);
  node->op = op;
  node->left = left;
  node->right = expression(80);
  if (node->right->type != Type::variable) {
    fail_at(node->right->position, "S0214", "The right side of \"{}\" must be a variable name (start with $)",
            token.text);
  }
  return closed(node);
}

Node* Parser::condition(const Token& token, Node* left) {
  Node* node = make(Type::condition, token);
  node->left = left;
  node->right = expression(0);
  if (token_.is(":")) {
    expect(":");
    node->third = expression(0);
  }
  return closed(node);
}

/// `a ?: b` and `a ?? b`: a, unless it is false or does not exist. The condition has a tree of its own, since
/// resolving a tree changes it.
Node* Parser::otherwise(const Token& token, Node* left) {
  Node* node = make(Type::condition, token);
  node->left = copy(*left);
  if (token.text == "??") {
    Node* exists = make(Type::call, token);
    exists->left = make(Type::variable, token);
    exists->left->text = "exists";
    exists->list.push_back(node->left);
    node->left = closed(exists);
  }
  node->right = left;
  node->third = expression(0);
  return closed(node);
}

Node* Parser::copy(const Node& node) {
  Node* made = make(node.type, {Token::Type::end, node.position, {}});
  const auto copied = [&](const Node* child) { return child ? copy(*child) : nullptr; };
  made->op = node.op;
  made->truth = node.truth;
  made->null = node.null;
  made->keep_array = node.keep_array;
  made->depth = node.depth;
  made->number = node.number;
  made->text = node.text;
  made->left = copied(node.left);
  made->right = copied(node.right);
  made->third = copied(node.third);
  for (const Node* child : node.list) made->list.push_back(copied(child));
  for (const auto& [key, value] : node.pairs) made->pairs.emplace_back(copied(key), copied(value));
  for (const SortTerm& term : node.terms) made->terms.push_back({copied(term.expression), term.descending});
  made->signature = node.signature;
  made->regex = node.regex;
  return made;
}

}  // namespace spillway::jsonata
