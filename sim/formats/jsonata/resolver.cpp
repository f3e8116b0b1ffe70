#include "formats/jsonata/resolver.hpp"

#include <algorithm>
#include <utility>

#include "formats/jsonata/failure.hpp"
#include "formats/jsonata/parents.hpp"

namespace spillway::jsonata {
namespace {

class Resolver {
 public:
  explicit Resolver(Program& program) : program_(program) {}
  Node* resolved(Node* node);

 private:
  Node* operation(Node* node);
  Node* map(Node* node);
  Node* filter(Node* node);
  Node* group(Node* node);
  Node* order(Node* node);
  Node* focus(Node* node);
  Node* index(Node* node);
  Node* negation(Node* node);
  Node* block(Node* node);
  Node* parent(Node* node);
  void children(Node* node);
  void child(Node* node, Node*& place);
  Node* path_of(Node* step);
  static void mark_path(Node* path);
  Node* tail_call(Node* node);

  Program& program_;
};

Node* Resolver::resolved(Node* node) {
  const bool keep_array = node->keep_array;
  Node* result = node;
  switch (node->type) {
    case Type::binary: result = operation(node); break;
    case Type::negation: result = negation(node); break;
    case Type::name:
      result = path_of(node);
      result->keep_singleton = keep_array;
      break;
    case Type::parent: result = parent(node); break;
    case Type::block: result = block(node); break;
    case Type::lambda: node->left = tail_call(resolved(node->left)); break;
    case Type::transform:
      node->left = resolved(node->left);
      node->right = resolved(node->right);
      if (node->third) node->third = resolved(node->third);
      break;
    case Type::end: fail_at(node->position, "S0207", "Unexpected end of expression");
    default: children(node); break;
  }
  result->keep_array = result->keep_array || keep_array;
  return result;
}

void Resolver::child(Node* node, Node*& place) {
  if (!place) return;
  place = resolved(place);
  hand_up_parents(node, *place);
}

void Resolver::children(Node* node) {
  for (Node*& item : node->list) child(node, item);
  for (auto& [key, value] : node->pairs) {
    child(node, key);
    child(node, value);
  }
  if (node->type == Type::call || node->type == Type::partial) {
    node->left = resolved(node->left);  // what is called looks for no parent on behalf of the call
    return;
  }
  child(node, node->left);
  child(node, node->right);
  child(node, node->third);
}

Node* Resolver::operation(Node* node) {
  switch (node->op) {
    case Operator::map: return map(node);
    case Operator::filter: return filter(node);
    case Operator::group: return group(node);
    case Operator::order: return order(node);
    case Operator::focus: return focus(node);
    case Operator::index: return index(node);
    case Operator::assign:
      node->type = Type::bind;
      node->left = resolved(node->left);
      child(node, node->right);
      return node;
    case Operator::chain:
      node->type = Type::apply;
      node->left = resolved(node->left);
      node->right = resolved(node->right);
      node->keep_array = node->left->keep_array || node->right->keep_array;
      return node;
    default: children(node); return node;
  }
}

Node* Resolver::path_of(Node* step) {
  Node* path = program_.node(Type::path, step->position);
  path->depth = step->depth;
  path->list.push_back(step);
  return path;
}

Node* Resolver::map(Node* node) {
  Node* left = resolved(node->left);
  Node* path = left->type == Type::path ? left : path_of(left);
  if (left->type == Type::parent) path->seeking = {left->slot};
  Node* rest = resolved(node->right);
  if (rest->type == Type::path) {
    path->list.insert(path->list.end(), rest->list.begin(), rest->list.end());
  } else {
    if (!rest->predicates.empty()) rest->stages = std::exchange(rest->predicates, {});
    path->list.push_back(rest);
  }
  mark_path(path);
  settle_parents(path);
  return path;
}

void Resolver::mark_path(Node* path) {
  for (Node* step : path->list) {
    if (step->type == Type::number || step->type == Type::value) {
      fail_at(step->position, "S0213",
              "The literal value {} cannot be used as a step within a path expression",
              step->type == Type::number ? number_text(step->number) : std::string(step->text));
    }
    if (step->type == Type::string) step->type = Type::name;
    path->keep_singleton = path->keep_singleton || step->keep_array;
  }
  for (Node* step : {path->list.front(), path->list.back()}) {
    if (step->type == Type::array) step->constructed = true;
  }
}

Node* Resolver::filter(Node* node) {
  Node* result = resolved(node->left);
  const bool in_path = result->type == Type::path;
  Node* step = in_path ? result->list.back() : result;
  if (step->group)
    fail_at(node->position, "S0209", "A predicate cannot follow a grouping expression in a step");
  Node* predicate = resolved(node->right);
  for (Slot* slot : predicate->seeking) {
    if (slot->level == 1) {
      seek_parent(step, slot);
    } else {
      --slot->level;
    }
  }
  hand_up_parents(step, *predicate);
  (in_path ? step->stages : step->predicates).push_back({predicate, {}});
  return result;
}

Node* Resolver::group(Node* node) {
  Node* result = resolved(node->left);
  if (result->group) fail_at(node->position, "S0210", "Each step can only have one grouping expression");
  for (auto& [key, value] : node->pairs) {
    key = resolved(key);
    value = resolved(value);
  }
  result->group = std::make_unique<Group>(Group{std::move(node->pairs), node->position});
  return result;
}

Node* Resolver::order(Node* node) {
  Node* result = resolved(node->left);
  if (result->type != Type::path) result = path_of(result);
  Node* sort = program_.node(Type::sort, node->position);
  sort->terms = std::move(node->terms);
  for (SortTerm& term : sort->terms) {
    term.expression = resolved(term.expression);
    hand_up_parents(sort, *term.expression);
  }
  result->list.push_back(sort);
  settle_parents(result);
  return result;
}

Node* Resolver::focus(Node* node) {
  Node* result = resolved(node->left);
  Node* step = result->type == Type::path ? result->list.back() : result;
  if (!step->stages.empty() || !step->predicates.empty()) {
    fail_at(node->position, "S0215", "A context variable binding must precede any predicates on a step");
  }
  if (step->type == Type::sort) {
    fail_at(node->position, "S0216",
            "A context variable binding must precede the 'order-by' clause on a step");
  }
  step->keep_array = step->keep_array || node->keep_array;
  step->focus = node->right->text;
  step->tuple = true;
  return result;
}

Node* Resolver::index(Node* node) {
  Node* result = resolved(node->left);
  Node* step = result;
  if (result->type == Type::path) {
    step = result->list.back();
  } else {
    result = path_of(result);
    if (!step->predicates.empty()) step->stages = std::exchange(step->predicates, {});
  }
  if (step->stages.empty()) {
    step->index = node->right->text;
  } else {
    step->stages.push_back({nullptr, node->right->text});
  }
  step->tuple = true;
  return result;
}

Node* Resolver::negation(Node* node) {
  node->left = resolved(node->left);
  if (node->left->type == Type::number) {
    node->left->number = -node->left->number;
    return node->left;
  }
  hand_up_parents(node, *node->left);
  return node;
}

Node* Resolver::block(Node* node) {
  for (Node*& part : node->list) {
    child(node, part);
    const bool constructed = part->constructed || (part->type == Type::path && part->list[0]->constructed);
    node->constructed = node->constructed || constructed;
  }
  return node;
}

Node* Resolver::parent(Node* node) {
  const std::size_t label = program_.slots.size();
  node->slot = &program_.slots.emplace_back(Slot{label, 1, program_.keep("!" + std::to_string(label))});
  return node;
}

/// A lambda's last call needs nothing of the lambda any more: it becomes a thunk that the caller runs.
Node* Resolver::tail_call(Node* node) {
  if (node->type == Type::call && node->predicates.empty()) {
    Node* thunk = program_.node(Type::lambda, node->position);
    thunk->thunk = true;
    thunk->left = node;
    return thunk;
  }
  if (node->type == Type::condition) {
    node->right = tail_call(node->right);
    if (node->third) node->third = tail_call(node->third);
  } else if (node->type == Type::block && !node->list.empty()) {
    node->list.back() = tail_call(node->list.back());
  }
  return node;
}

}  // namespace

const Node* resolve(Node* root, Program& program) {
  Node* result = Resolver(program).resolved(root);
  if (result->type == Type::parent || !result->seeking.empty()) {
    fail_at(result->position, "S0217",
            "The object representing the 'parent' cannot be derived from this expression: {}",
            type_name(*result));
  }
  return result;
}

}  // namespace spillway::jsonata
