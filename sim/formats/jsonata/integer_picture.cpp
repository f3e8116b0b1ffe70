#include "formats/jsonata/integer_picture.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "formats/jsonata/english_numbers.hpp"
#include "formats/jsonata/failure.hpp"
#include "formats/jsonata/numbers.hpp"
#include "formats/jsonata/text.hpp"

namespace spillway::jsonata {
namespace {

/// The zeros of the decimal digits of the basic plane's scripts (Unicode 15, general category Nd).
constexpr char32_t kZeros[] = {0x30,   0x660,  0x6F0,  0x7C0,  0x966,  0x9E6,  0xA66,  0xAE6,  0xB66,  0xBE6,
                               0xC66,  0xCE6,  0xD66,  0xDE6,  0xE50,  0xED0,  0xF20,  0x1040, 0x1090, 0x17E0,
                               0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620,
                               0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10};

constexpr double kLargestRoman = 4'000'000;

struct Numeral {
  int value;
  std::string_view text;
};
constexpr Numeral kNumerals[] = {{1000, "m"}, {900, "cm"}, {500, "d"}, {400, "cd"}, {100, "c"},
                                 {90, "xc"},  {50, "l"},   {40, "xl"}, {10, "x"},   {9, "ix"},
                                 {5, "v"},    {4, "iv"},   {1, "i"}};

std::string to_roman(double value) {
  std::string out;
  for (const Numeral& numeral : kNumerals) {
    for (; value >= numeral.value; value -= numeral.value) out += numeral.text;
  }
  return out;
}

double from_roman(std::string_view text) {
  double sum = 0;
  int highest = 1;
  for (std::size_t i = text.size(); i-- > 0;) {
    int value = 0;
    for (const Numeral& numeral : kNumerals) {
      if (numeral.text.size() == 1 && numeral.text[0] == text[i]) value = numeral.value;
    }
    if (value == 0) return NAN;
    sum += value < highest ? -value : value;
    highest = std::max(highest, value);
  }
  return sum;
}

std::string to_letters(double value, char first) {
  std::string out;
  for (; value > 0; value = std::floor((value - 1) / 26)) {
    out.push_back(static_cast<char>(first + static_cast<int>(std::fmod(value - 1, 26))));
  }
  std::reverse(out.begin(), out.end());
  return out;
}

double from_letters(std::string_view text, char first) {
  double value = 0;
  for (const char c : text) value = value * 26 + (c - first + 1);
  return value;
}

}  // namespace

IntegerPicture::IntegerPicture(std::string_view picture) {
  const std::size_t semicolon = picture.rfind(';');
  const std::string_view format = picture.substr(0, semicolon);
  ordinal_ = semicolon != std::string_view::npos && picture.substr(semicolon + 1, 1) == "o";
  if (format == "A" || format == "a") {
    primary_ = Primary::letters;
  } else if (format == "I" || format == "i") {
    primary_ = Primary::roman;
  } else if (format == "W" || format == "w" || format == "Ww") {
    primary_ = Primary::words;
  } else {
    read_digits(format);
    return;
  }
  case_ = format == "Ww" ? Case::title : format[0] < 'a' ? Case::upper : Case::lower;
}

void IntegerPicture::read_digits(std::string_view picture) {
  std::u32string points;
  for (std::size_t at = 0; at < picture.size();) points.push_back(next_point(picture, at));
  std::reverse(points.begin(), points.end());
  std::size_t position = 0;
  for (const char32_t point : points) {
    const auto holds = [&](char32_t zero) { return point >= zero && point <= zero + 9; };
    const auto* zero = std::find_if(std::begin(kZeros), std::end(kZeros), holds);
    if (zero != std::end(kZeros)) {
      if (mandatory_digits > 0 && zero_ != *zero) {
        fail("D3131", "In a decimal digit pattern, all digits must be from the same decimal group");
      }
      zero_ = *zero;
      ++mandatory_digits;
      ++position;
    } else if (point == '#') {
      ++optional_digits;
      ++position;
    } else {
      signs_.push_back({position, point});
    }
  }
  if (mandatory_digits == 0) {
    primary_ = Primary::sequence;
    token_ = picture;
    signs_.clear();
  }
  find_interval();
}

/// Grouping is regular when one sign stands after every n digits.
void IntegerPicture::find_interval() {
  std::size_t factor = 0;
  for (const Sign& sign : signs_) {
    if (sign.sign != signs_[0].sign) return;
    factor = std::gcd(sign.position, factor);
  }
  for (std::size_t i = 1; i <= signs_.size(); ++i) {
    const auto at_multiple = [&](const Sign& sign) { return sign.position == i * factor; };
    if (std::none_of(signs_.begin(), signs_.end(), at_multiple)) return;
  }
  interval_ = factor;
}

void IntegerPicture::refuse() const {
  fail("D3130",
       "Formatting or parsing an integer as a sequence starting with \"{}\" is not supported by this "
       "implementation",
       token_);
}

std::string IntegerPicture::format(double value) const {
  const bool negative = value < 0;
  value = std::abs(value);
  std::string out;
  switch (primary_) {
    case Primary::letters: out = to_letters(value, case_ == Case::upper ? 'A' : 'a'); break;
    case Primary::roman:
      if (value > kLargestRoman) fail("D1001", "Number out of range: {}", number_text(value));
      out = to_roman(value);
      if (case_ == Case::upper) out = to_upper(out);
      break;
    case Primary::words:
      out = number_to_words(value, ordinal_);
      if (case_ != Case::title) out = case_ == Case::upper ? to_upper(out) : to_lower(out);
      break;
    case Primary::decimal: out = decimal(value); break;
    case Primary::sequence: refuse();
  }
  return negative ? "-" + out : out;
}

std::string IntegerPicture::decimal(double value) const {
  const std::string plain = number_text(value);
  std::u32string digits(plain.begin(), plain.end());
  if (digits.size() < mandatory_digits) digits.insert(0, mandatory_digits - digits.size(), U'0');
  for (char32_t& digit : digits) digit += zero_ - U'0';
  group(digits);
  std::string out;
  for (const char32_t digit : digits) append_point(out, digit);
  if (!ordinal_) return out;
  const char32_t last = digits.back();
  const bool teen = digits.size() > 1 && digits[digits.size() - 2] == U'1';
  const bool known = !teen && last >= U'1' && last <= U'3';
  return out + (!known ? "th" : last == U'1' ? "st" : last == U'2' ? "nd" : "rd");
}

void IntegerPicture::group(std::u32string& digits) const {
  if (interval_ > 0) {
    for (std::size_t n = (digits.size() - 1) / interval_; n > 0; --n) {
      digits.insert(digits.size() - n * interval_, 1, signs_[0].sign);
    }
    return;
  }
  for (std::size_t i = signs_.size(); i-- > 0;) {
    const Sign& sign = signs_[i];
    digits.insert(digits.size() > sign.position ? digits.size() - sign.position : 0, 1, sign.sign);
  }
}

double IntegerPicture::parse(std::string_view text) const {
  switch (primary_) {
    case Primary::letters: return from_letters(text, case_ == Case::upper ? 'A' : 'a');
    case Primary::roman: return from_roman(to_lower(text));
    case Primary::words: return words_to_number(to_lower(text));
    case Primary::sequence: refuse();
    case Primary::decimal: break;
  }
  if (ordinal_) text = text.substr(0, text.size() - std::min<std::size_t>(2, text.size()));
  std::string digits;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t point = next_point(text, at);
    const auto is_sign = [&](const Sign& sign) { return sign.sign == point; };
    const bool skipped = interval_ > 0 ? point == ',' : std::any_of(signs_.begin(), signs_.end(), is_sign);
    if (skipped) continue;
    const bool sign = digits.empty() && point == '-';
    if (!sign && (point < zero_ || point > zero_ + 9)) break;
    digits.push_back(sign ? '-' : static_cast<char>('0' + (point - zero_)));
  }
  return digits.empty() || digits == "-" ? NAN : read_number(digits);
}

std::string IntegerPicture::pattern(std::size_t width) const {
  switch (primary_) {
    case Primary::letters: return case_ == Case::upper ? "[A-Z]+" : "[a-z]+";
    case Primary::roman: return case_ == Case::upper ? "[MDCLXVI]+" : "[mdclxvi]+";
    case Primary::words: return word_pattern();
    case Primary::sequence: refuse();
    case Primary::decimal: break;
  }
  std::string out = width > 0 ? fmt::format("[0-9]{{{}}}", std::min<std::size_t>(width, 1000)) : "[0-9]+";
  return ordinal_ ? out + "(?:th|st|nd|rd)" : out;
}

}  // namespace spillway::jsonata
