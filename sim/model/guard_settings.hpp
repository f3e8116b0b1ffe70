#pragma once
/// What a scenario says of circuit breakers and hedging, wherever a connection has a `retry`.

#include "model/circuit_breaker.hpp"
#include "model/hedging.hpp"
#include "spillway/settings.hpp"

namespace spillway {

struct PortConfig;

/// The settings `circuit_breaker` and `hedging`: neither is there unless the user writes it.
Settings guard_settings();

/// Gives a port what the members of `connection` say of the two.
void read_guards(const Value& connection, PortConfig& port);

}  // namespace spillway
