#pragma once
/// The known name that a mistyped one probably meant, for "did you mean ...?".

#include <span>
#include <string_view>

namespace spillway {

/// The name with the fewest edits (insert, delete, replace, swap of neighbours; letters compare without case)
/// from `word`; the first of equals. Empty when even that one differs by more than a third of its letters:
/// a far-fetched suggestion is worse than none.
std::string_view nearest_name(std::string_view word, std::span<const std::string_view> names);

}  // namespace spillway
