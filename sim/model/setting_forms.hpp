#pragma once
/// The forms that many settings share, described like any object: how a distribution, a retry policy and a
/// program's step are written. The reader, the schema and the docs read them from here.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "spillway/distribution.hpp"
#include "spillway/settings.hpp"

namespace spillway {

/// What a distribution is over: the kind of its parameters.
enum class Quantity : std::uint8_t { duration, bytes, number };
Quantity quantity_of(const Setting& setting);

/// One setting for each form of a distribution ("lognormal", "quantiles", ...), named after it. Exactly one
/// is given.
Settings distribution_forms(Quantity quantity);

/// The members of a custom retry policy; a bare word is its `profile`.
Settings retry_fields();

/// One object for each verb of a program; its first field is the verb itself, the others are modifiers.
Settings step_forms();

/// Builds the distribution that a resolved value describes, or says why it cannot be.
Distribution::Made make_distribution(const Value& value);

/// The share of a quantile's name: 0.999 of "p99.9"; nothing when it is no such name or not within 0 and 1.
std::optional<double> quantile_of(std::string_view name);

}  // namespace spillway
