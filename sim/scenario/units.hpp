#pragma once
/// Units: the text of a quantity read exactly. Decimals become whole nanoseconds or bytes by integer
/// arithmetic; what would be rounded, overflow or leave its unit to a guess is refused, with what was
/// probably meant.

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "scenario/diagnostic.hpp"
#include "spillway/time.hpp"

namespace spillway {

struct UnitError {
  Rule rule = Rule::bad_quantity;
  std::string message;
  std::string suggestion;
};

template <class T>
using Parsed = tl::expected<T, UnitError>;

Parsed<std::int64_t> parse_duration(std::string_view text);  ///< ns: "250ms", "1.5s", "1h30m"
Parsed<std::int64_t> parse_bytes(std::string_view text);     ///< "512MiB", "1.5GB", "6B"
Parsed<double> parse_rate(std::string_view text);            ///< per second: "400/s", "10/m", "5/h", "1/d"
Parsed<double> parse_probability(std::string_view text);     ///< "0.05", "5 %"; its bounds are its setting's
Parsed<std::int64_t> parse_count(std::string_view text);     ///< "1000", "1_000"
Parsed<double> parse_number(std::string_view text);          ///< "0.5", "-3", "1e6"

/// Whether a plain scalar would be a boolean to some YAML reader but is not true or false.
bool is_implicit_boolean(std::string_view text);
/// Whether a plain scalar is a number in YAML or JSON, not a text.
bool looks_like_number(std::string_view text);

/// The shortest text that reads back as the same quantity: "90m", "1500ms", "512MiB", "400/s".
std::string print_duration(std::int64_t nanoseconds);
std::string print_bytes(std::int64_t bytes);
std::string print_rate(double per_second);
std::string print_number(double number);

}  // namespace spillway
