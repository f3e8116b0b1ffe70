#pragma once
/// Dates and times by a picture such as "[D1o] [MNn] [Y0001]", written and read.
/// Source: XPath and XQuery Functions and Operators 3.1, section 9.8.4 (2017).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/jsonata/integer_picture.hpp"

namespace spillway::jsonata {

class DatePicture {
 public:
  explicit DatePicture(std::string_view picture);

  /// `zone`: the offset as a number hhmm, e.g. -500 for "-0500".
  std::string format(std::int64_t ms, std::int64_t zone) const;
  /// The time that a text means, or nothing when it does not fit. Larger parts that the picture does not have
  /// come from `now_ms`.
  std::optional<double> parse(std::string_view text, std::int64_t now_ms) const;

 private:
  enum class Names : std::uint8_t { none, lower, upper, title };
  struct Part {
    std::string literal;
    char component = 0;  // 0: a literal
    std::string modifier;
    Names names = Names::none;
    bool zulu = false;                 // `t`: UTC is written Z
    std::optional<std::size_t> least;  // width
    std::optional<std::size_t> most;
    std::optional<IntegerPicture> integer;
    int year_digits = -1;
    std::size_t exact_digits = 0;  // for reading, when another number follows at once
  };
  struct Fields;

  void add_literal(std::string_view text);
  void add_marker(std::string_view marker);
  void read_width(Part& part, std::string_view width);
  void set_integer(Part& part, const std::string& format);
  static std::string formatted(const Part& part, std::int64_t ms, std::int64_t hours, std::int64_t minutes);
  static std::string formatted_name(const Part& part, std::int64_t value);
  static std::string formatted_zone(const Part& part, std::int64_t hours, std::int64_t minutes);
  static std::string pattern(const Part& part);
  static double parsed(const Part& part, std::string_view text);
  static double parsed_name(const Part& part, std::string_view text);
  static double parsed_zone(const Part& part, std::string_view text);

  std::vector<Part> parts_;
};

}  // namespace spillway::jsonata
