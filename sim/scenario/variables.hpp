#pragma once
/// `variables: { rate: 100/s }` and `--var rate=200/s`: values that a scenario names once and uses as
/// `${rate}`.

#include "scenario/document.hpp"

namespace spillway {

/// Takes the map `variables` off the tree and puts its values where `${name}` stands as a whole value. A name
/// that is not there, and a variable whose value is another, are diagnostics.
void apply_variables(Node& root, Diagnostics& diagnostics);

}  // namespace spillway
