#pragma once
/// Who keeps the value that `%` stands for: the step whose input it is, one or more steps further left. A
/// node hands up the parents that it cannot find itself, until a path's steps, or a path further out, provide
/// them.

#include "formats/jsonata/syntax.hpp"

namespace spillway::jsonata {

/// The parents that `from` looks for are looked for further out, by `to`.
void hand_up_parents(Node* to, const Node& from);
/// Finds, in the steps before the last, who keeps the parents that the last one looks for.
void settle_parents(Node* path);
/// Goes one step to the left: the node keeps its input for the slot, or is passed by. Throws a Failure where
/// nothing can keep it.
void seek_parent(Node* node, Slot* slot);

}  // namespace spillway::jsonata
