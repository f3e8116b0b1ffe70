#pragma once
/// A state machine as `spillway explain` shows it: a line a state, as nested as its definition, and what an
/// execution comes to.

#include <string>
#include <string_view>

#include "formats/asl/definition.hpp"

namespace spillway {

std::string machine_text(const asl::Machine& machine, std::string_view name);

}  // namespace spillway
