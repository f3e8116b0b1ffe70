#pragma once
/// Strings as JavaScript sees them, on UTF-8 bytes: code points, UTF-16 positions, letter case. Half of a
/// surrogate pair, which only an escape in an expression can make, is held as three bytes (WTF-8).

#include <cstdint>
#include <string>
#include <string_view>

namespace spillway::jsonata {

/// Reads the code point at `at` and moves behind it. A byte that starts none is read as itself.
char32_t next_point(std::string_view text, std::size_t& at);
void append_point(std::string& text, char32_t point);
/// Appends a UTF-16 code unit; the second half of a pair joins the first.
void append_unit(std::string& text, char32_t unit);

std::size_t count_points(std::string_view text);
/// The byte at which the n-th code point starts; the end when there are fewer.
std::size_t byte_of_point(std::string_view text, std::size_t n);
/// How many UTF-16 units the text has.
std::size_t count_units(std::string_view text);
bool is_high_surrogate(char32_t point);
bool is_low_surrogate(char32_t point);

std::string to_upper(std::string_view text);
std::string to_lower(std::string_view text);

/// Valid UTF-8: half pairs become U+FFFD, adjacent halves become their code point.
std::string well_formed(std::string_view text);
bool is_ascii(std::string_view text);

/// As JSON.stringify quotes it.
void append_quoted(std::string& out, std::string_view text);

}  // namespace spillway::jsonata
