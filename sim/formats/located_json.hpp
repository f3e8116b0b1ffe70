#pragma once
/// A JSON or YAML text as one value in which every key and every value knows its line and column, so that a
/// mistake in a definition is told at its place.
///
/// The text may hold placeholders `${Name}`; those that are given a value are replaced before it is parsed (a
/// placeholder may stand for a number), and places still count in the text as it was written.
///
/// Invariant: any bytes end in a value or in one problem; size, depth and the number of values are limited,
/// and what readers disagree about (duplicate keys, aliases, tags) is refused.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "formats/json.hpp"

namespace spillway {

/// Both count from 1; the column counts bytes.
struct TextPlace {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

struct TextProblem {
  TextPlace at;
  std::string message;
};

enum class TextFormat : std::uint8_t { json, yaml };

struct LocatedLimits {
  std::size_t bytes = std::size_t{1} << 20U;
  std::size_t depth = 100;
  std::size_t values = 100'000;
};

using Substitutions = std::map<std::string, std::string, std::less<>>;

struct LocatedJson {
  struct Places {
    TextPlace key;  ///< of an object's member; the value's own otherwise
    TextPlace value;
  };

  Json value;
  std::map<std::string, Places, std::less<>> places;  ///< by the names on the way, each behind a '/'

  [[nodiscard]] TextPlace at(std::string_view pointer) const;
  [[nodiscard]] TextPlace key_at(std::string_view pointer) const;
};

tl::expected<LocatedJson, TextProblem> read_located(std::string_view text, TextFormat format,
                                                    const Substitutions& substitutions = {},
                                                    const LocatedLimits& limits = {});

}  // namespace spillway
