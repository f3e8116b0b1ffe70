#pragma once
/// What the expressions of a state see, and how they fail.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "formats/json.hpp"

namespace spillway::asl {

/// An error of the modelled execution, as Retry and Catch see it.
struct Failure {
  std::optional<std::string> error;  ///< absent when a Fail state names none
  std::optional<std::string> cause;
  bool heartbeat = false;   ///< a States.Timeout that a missed heartbeat caused
  bool evaluation = false;  ///< a JSONata expression failed, which the history shows as an event of its own
  bool started = false;     ///< a Map state refused its bounds after it had started

  [[nodiscard]] bool is(const char* name) const { return error && *error == name; }
};

/// Thrown by the evaluation of expressions; the functions of step.hpp turn it into a result.
struct Failed {
  Failure failure;
};

[[noreturn]] void fail(const char* error, std::string cause);

/// The documents in view. Nothing is owned; `input` is `$` in JSONPath, which is the raw input, the effective
/// input or the result, as the field has it.
struct Scope {
  const Json* input = nullptr;
  const Json* context = nullptr;
  const Json* variables = nullptr;        ///< an object, by names without '$'
  const Json* outer_variables = nullptr;  ///< those of the scopes around, which may be read and not assigned
  const Json* result = nullptr;           ///< JSONata's $states.result, once there is one
  const Json* error_output = nullptr;     ///< JSONata's $states.errorOutput, in a Catch
  const std::function<std::uint64_t()>* random_bits = nullptr;
  std::int64_t now_ms = 0;
  bool items_are_read = true;  ///< whether any state looks at `$$.Map.Item`, so that iterations must have it
};

}  // namespace spillway::asl
