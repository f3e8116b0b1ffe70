#pragma once
/// Numbers as JavaScript rounds and prints them, shared by the functions that format.

#include <string>
#include <string_view>

#include "formats/jsonata/jsonata.hpp"

namespace spillway::jsonata {

/// To `places` decimal places (negative: tens, hundreds, ...), ties to the even neighbour.
double round_half_even(double value, int places);
/// The nearest double that 15 significant digits write: what `$string` shows of a fraction.
double fifteen_digits(double value);
/// Reads a decimal number that is known to be one; too large is infinite.
double read_number(std::string_view text);
bool is_whole(double value);

std::string format_number(double value, std::string_view picture,
                          const std::vector<std::pair<std::string, std::string>>& options);

}  // namespace spillway::jsonata
