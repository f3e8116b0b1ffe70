#pragma once
/// Integers as English words ("two thousand and first"), there and back.

#include <string>
#include <string_view>

namespace spillway::jsonata {

/// In title case. The value is a whole number that is not negative.
std::string number_to_words(double value, bool ordinal);
/// Of words in lower case; NaN when one of them is unknown.
double words_to_number(std::string_view text);
/// All the words, as alternatives of a regular expression.
std::string word_pattern();

}  // namespace spillway::jsonata
