#include "formats/jsonata/parents.hpp"

#include "formats/jsonata/failure.hpp"

namespace spillway::jsonata {

void hand_up_parents(Node* to, const Node& from) {
  if (to == &from) return;
  const std::vector<Slot*> slots = from.seeking;
  to->seeking.insert(to->seeking.end(), slots.begin(), slots.end());
  if (from.type == Type::parent) to->seeking.push_back(from.slot);
}

void settle_parents(Node* path) {
  const Node& last = *path->list.back();
  std::vector<Slot*> slots = last.seeking;
  if (last.type == Type::parent) slots.push_back(last.slot);
  for (Slot* slot : slots) {
    std::size_t left = path->list.size() - 1;
    while (slot->level > 0) {
      if (left == 0) {
        path->seeking.push_back(slot);
        break;
      }
      Node* step = path->list[--left];
      while (left > 0 && !step->focus.empty() && !path->list[left - 1]->focus.empty()) {
        step = path->list[--left];  // steps that bind the focus one after the other share their parent
      }
      seek_parent(step, slot);
    }
  }
}

void seek_parent(Node* node, Slot* slot) {
  switch (node->type) {
    case Type::name:
    case Type::wildcard:
      if (--slot->level > 0) return;
      if (node->ancestor) slot->name = node->ancestor->name;
      node->ancestor = slot;
      node->tuple = true;
      return;
    case Type::parent: ++slot->level; return;
    case Type::block:
      if (node->list.empty()) return;
      node->tuple = true;
      return seek_parent(node->list.back(), slot);
    case Type::path: {
      node->tuple = true;
      std::size_t left = node->list.size();
      seek_parent(node->list[--left], slot);
      while (slot->level > 0 && left > 0) seek_parent(node->list[--left], slot);
      return;
    }
    default: break;
  }
  fail_at(node->position, "S0217",
          "The object representing the 'parent' cannot be derived from this expression: {}",
          type_name(*node));
}

}  // namespace spillway::jsonata
