#pragma once
/// From what a scenario says about retries to the policy: the name of a profile, or an object whose members
/// change what its profile says (without one, plain back-off with full jitter). The members are
/// retry_fields().

#include <cstdint>
#include <string_view>

#include "model/retry_policy.hpp"
#include "spillway/settings.hpp"

namespace spillway {

/// The policy that a setting of kind retry describes. Where nothing is set, the profile `otherwise`.
RetryPolicy retry_policy(const Value& setting, std::string_view otherwise);

/// The bits of the outcomes that a list names.
std::uint8_t outcome_bits(const Value& outcomes);

}  // namespace spillway
