#pragma once
/// Timestamps as the Amazon States Language takes them: RFC 3339 with an upper-case 'T', and 'Z' or an
/// offset.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace spillway::asl {

/// A moment since 1970 in UTC, kept in two parts so that every year from 0 to 9999 fits.
struct Timestamp {
  std::int64_t seconds = 0;
  std::int32_t nanoseconds = 0;
  friend auto operator<=>(const Timestamp&, const Timestamp&) = default;
};

std::optional<Timestamp> parse_timestamp(std::string_view text);
/// "2026-11-22T03:24:22.000Z", as the context object shows it.
std::string timestamp_text(const Timestamp& at);

}  // namespace spillway::asl
