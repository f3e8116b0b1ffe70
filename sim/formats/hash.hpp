#pragma once
/// Message digests, as text: what the languages of state machines offer (MD5, SHA-1, SHA-256, SHA-384,
/// SHA-512).

#include <optional>
#include <string>
#include <string_view>

namespace spillway {

/// Lower-case hexadecimal digits; nothing for an algorithm of another name.
std::optional<std::string> hash_hex(std::string_view algorithm, std::string_view data);

}  // namespace spillway
