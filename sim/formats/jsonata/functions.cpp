#include "formats/jsonata/functions.hpp"

#include <map>

namespace spillway::jsonata {
namespace {

struct Registry {
  std::map<std::string_view, Builtin> by_name;

  explicit Registry(Dialect dialect) {
    for (const auto family :
         {string_functions(), matching_functions(), encoding_functions(), number_functions(),
          array_functions(), object_functions(), higher_order_functions(), date_functions(),
          dialect == Dialect::reference ? reference_functions() : step_functions()}) {
      for (const Native& native : family) {
        // A later family's function replaces an earlier one.
        by_name.insert_or_assign(native.name, Builtin{&native, Signature(native.signature)});
      }
    }
  }
};

const Registry& registry(Dialect dialect) {
  static const Registry reference(Dialect::reference);
  static const Registry step(Dialect::step_functions);
  return dialect == Dialect::reference ? reference : step;
}

}  // namespace

const Builtin* find_builtin(std::string_view name, Dialect dialect) {
  const auto& functions = registry(dialect).by_name;
  const auto found = functions.find(name);
  return found == functions.end() ? nullptr : &found->second;
}

}  // namespace spillway::jsonata
