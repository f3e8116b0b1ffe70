#pragma once
/// The JSON Schema (draft-07, the one that every editor reads) of a scenario, made from the same descriptions
/// as the reader uses, so that an editor completes and checks what the reader accepts.
///
/// What a schema cannot say is left to the reader: bounds of quantities with units, references, and whether a
/// distribution's parameters fit together.

#include <span>
#include <string>

#include "scenario/resolve.hpp"
#include "spillway/settings.hpp"

namespace spillway {

struct SchemaInput {
  Settings root;                         ///< the scenario's own members
  std::span<const TypedSettings> types;  ///< what a member of `typed_map` may be
  std::string typed_map = "resources";   ///< the root's map of typed objects
  std::string file_key = "traffic";      ///< the root's member that may be a file's name
};

std::string json_schema(const SchemaInput& input);

}  // namespace spillway
