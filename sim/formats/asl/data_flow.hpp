#pragma once
/// How documents flow through one state: the parts that the functions of step.hpp are made of. All of them
/// throw Failed.

#include <cstdint>
#include <string>

#include "formats/asl/definition.hpp"
#include "formats/asl/step.hpp"

namespace spillway::asl {

/// The raw input through InputPath: the input itself where nothing is selected, else what is put in `room`.
const Json& effective_input(const State& state, const Scope& scope, Json& room);
Scope with_input(const Scope& scope, const Json& input);

/// A rule's own Output and Assign, which stand in for the state's.
struct Overrides {
  const Template* output = nullptr;
  const Template* assign = nullptr;
};

/// From the result to the output: ResultSelector, Assign, ResultPath, OutputPath, or Assign and Output.
Leaving finish(const State& state, const Scope& scope, const Json& result, StateIndex next,
               const Overrides* overrides);
Leaving finish_caught(const State& state, const Catcher& catcher, const Scope& scope, const Failure& failure);

/// A field that holds a path, an intrinsic function, an expression or a constant; a path that leads nowhere
/// is States.Runtime here.
Json evaluate_field(const Template& source, const Scope& scope);
/// A whole number of at least `least`; AWS takes a text of digits as well. `field` is for the cause.
std::int64_t whole_number(const Template& source, const Scope& scope, const char* field, std::int64_t least);
double percentage(const Template& source, const Scope& scope);
/// States.QueryEvaluationError in JSONata, States.Runtime in JSONPath.
[[noreturn]] void fail_field(bool jsonata, std::string cause);
[[noreturn]] void fail_size(const std::string& what);

/// map.cpp
Entered enter_map(const State& state, const Scope& scope);
FanOut map_items(const State& state, const Scope& scope, const Json& items);

}  // namespace spillway::asl
