#pragma once
/// Turns the tree as written into one that can be evaluated: chains of `.` become paths, predicates and bound
/// variables move to their steps, a call in tail position becomes a thunk, and each `%` learns which step
/// keeps the value that it stands for.

#include "formats/jsonata/syntax.hpp"

namespace spillway::jsonata {

/// Throws a Failure where the tree means nothing. The result is the program's root.
const Node* resolve(Node* root, Program& program);

}  // namespace spillway::jsonata
