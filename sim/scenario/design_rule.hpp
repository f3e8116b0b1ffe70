#pragma once
/// The numbers of the design rules: Rules like those of reading, from 100 on. What each means stands in
/// diagnostic_rules.cpp, what it looks at in scenario/static/design_rules.

#include "scenario/diagnostic.hpp"

namespace spillway {

namespace design {

inline constexpr Rule cycle{100};
inline constexpr Rule unreachable{101};
inline constexpr Rule no_dead_letters{102};
inline constexpr Rule short_visibility{103};
inline constexpr Rule impatient_caller{104};
inline constexpr Rule impatient_gateway{105};
inline constexpr Rule multiplied_retries{106};
inline constexpr Rule no_idempotency{107};
inline constexpr Rule reserve_below_source{108};
inline constexpr Rule window_over_visibility{109};
inline constexpr Rule few_receives{110};
inline constexpr Rule calls_over_timeout{111};
inline constexpr Rule over_limit{112};
inline constexpr Rule short_lived_dead_letters{113};
inline constexpr Rule nobody_polls{114};
inline constexpr Rule needless_acceptance{115};

}  // namespace design

/// Of a finding of such a rule the suggestion is a cure, not what was probably meant.
constexpr bool is_design_rule(Rule rule) { return rule >= design::cycle; }

}  // namespace spillway
