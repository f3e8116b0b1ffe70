#pragma once
/// Integers by a picture, as XPath's fn:format-integer has them: decimal digits of any script with grouping
/// signs, letters, Roman numerals, English words; cardinal or ordinal. Also used by date pictures.
/// Source: XPath and XQuery Functions and Operators 3.1, section 4.6 (2017).

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::jsonata {

class IntegerPicture {
 public:
  enum class Primary : std::uint8_t { decimal, letters, roman, words, sequence };
  enum class Case : std::uint8_t { lower, upper, title };

  /// Throws a Failure when the digits are of more than one script.
  explicit IntegerPicture(std::string_view picture);

  std::string format(double value) const;
  /// NaN when the text is no such number.
  double parse(std::string_view text) const;
  /// A regular expression for what parse() reads; `width`: exactly so many digits.
  std::string pattern(std::size_t width) const;

  std::size_t mandatory_digits = 0;
  std::size_t optional_digits = 0;
  /// The regular grouping sign, or 0.
  char32_t regular_sign() const { return interval_ > 0 ? signs_[0].sign : 0; }

 private:
  struct Sign {
    std::size_t position;  // digits to its right
    char32_t sign;
  };
  void read_digits(std::string_view picture);
  void find_interval();
  std::string decimal(double value) const;
  void group(std::u32string& digits) const;
  [[noreturn]] void refuse() const;

  Primary primary_ = Primary::decimal;
  Case case_ = Case::lower;
  bool ordinal_ = false;
  char32_t zero_ = '0';
  std::vector<Sign> signs_;   // from the right
  std::size_t interval_ = 0;  // digits between signs, when these are regular
  std::string token_;
};

}  // namespace spillway::jsonata
