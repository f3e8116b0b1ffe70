#pragma once
/// Decimal text into scaled integers, exactly: "0.1" seconds is 100,000,000 ns and not what a binary fraction
/// makes of it. Times, durations and counts of a trace never pass through a floating-point number.

#include <cstdint>
#include <string_view>

namespace spillway {

enum class NumberError : std::uint8_t { none, empty, not_a_number, out_of_range };

/// `text` times 10^scale, rounded to the nearest integer, halves away from zero. Takes a sign, a fraction and
/// an exponent ("1.5e-3", as data frames write small numbers); blanks around it are ignored. Whatever does
/// not fit into 64 bits, or has more digits before its point than 19, is out of range.
NumberError parse_scaled(std::string_view text, int scale, std::int64_t& value);

/// An ISO 8601 date and time ("2020-05-17T12:34:56.789Z", "2020-05-17 12:34:56+02:00"; UTC when no zone is
/// given) as nanoseconds since 1970.
NumberError parse_timestamp(std::string_view text, std::int64_t& since_1970_ns);

/// "is empty", "is not a number", "is out of range".
std::string_view describe(NumberError error);

}  // namespace spillway
