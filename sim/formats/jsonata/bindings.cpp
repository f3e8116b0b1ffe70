// Variables are few (the workflow's own and $states), so they are searched from the last bound to the first.
#include "formats/jsonata/jsonata.hpp"

namespace spillway::jsonata {

void Bindings::bind(std::string name, const Json& value) { values_.emplace_back(std::move(name), &value); }

const Json* Bindings::find(std::string_view name) const {
  for (auto it = values_.rbegin(); it != values_.rend(); ++it) {
    if (it->first == name) return it->second;
  }
  return nullptr;
}

}  // namespace spillway::jsonata
