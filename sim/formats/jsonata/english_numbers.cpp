#include "formats/jsonata/english_numbers.hpp"

#include <cmath>
#include <vector>

#include "formats/jsonata/text.hpp"

namespace spillway::jsonata {
namespace {

constexpr std::string_view kFew[] = {"Zero",    "One",     "Two",       "Three",    "Four",
                                     "Five",    "Six",     "Seven",     "Eight",    "Nine",
                                     "Ten",     "Eleven",  "Twelve",    "Thirteen", "Fourteen",
                                     "Fifteen", "Sixteen", "Seventeen", "Eighteen", "Nineteen"};
constexpr std::string_view kOrdinals[] = {
    "Zeroth",     "First",     "Second",    "Third",       "Fourth",     "Fifth",     "Sixth",
    "Seventh",    "Eighth",    "Ninth",     "Tenth",       "Eleventh",   "Twelfth",   "Thirteenth",
    "Fourteenth", "Fifteenth", "Sixteenth", "Seventeenth", "Eighteenth", "Nineteenth"};
constexpr std::string_view kTens[] = {"Twenty", "Thirty",  "Forty",  "Fifty",
                                      "Sixty",  "Seventy", "Eighty", "Ninety"};
constexpr std::string_view kMagnitudes[] = {"Thousand", "Million", "Billion", "Trillion"};

struct Word {
  std::string text;
  double value;
};

std::vector<Word> all_words() {
  std::vector<Word> words;
  const auto add = [&](std::string_view word, std::string_view suffix, double value) {
    words.push_back({to_lower(word) + std::string(suffix), value});
  };
  for (std::size_t i = 0; i < std::size(kFew); ++i) add(kFew[i], "", static_cast<double>(i));
  for (std::size_t i = 0; i < std::size(kOrdinals); ++i) add(kOrdinals[i], "", static_cast<double>(i));
  for (std::size_t i = 0; i < std::size(kTens); ++i) {
    const auto value = static_cast<double>((i + 2) * 10);
    add(kTens[i], "", value);
    add(kTens[i].substr(0, kTens[i].size() - 1), "ieth", value);
  }
  add("hundred", "", 100);
  add("hundredth", "", 100);
  double value = 1;
  for (const std::string_view magnitude : kMagnitudes) {
    value *= 1000;
    add(magnitude, "", value);
    add(magnitude, "th", value);
  }
  return words;
}

std::string below_hundred(double value, bool ordinal) {
  const auto number = static_cast<std::size_t>(value);
  if (number < 20) return std::string((ordinal ? kOrdinals : kFew)[number]);
  const std::string_view tens = kTens[number / 10 - 2];
  if (number % 10 > 0)
    return std::string(tens) + "-" + below_hundred(static_cast<double>(number % 10), ordinal);
  return ordinal ? std::string(tens.substr(0, tens.size() - 1)) + "ieth" : std::string(tens);
}

std::string words_of(double value, bool follows, bool ordinal) {
  if (value < 100) return (follows ? " and " : "") + below_hundred(value, ordinal);
  double unit = 100;
  std::string_view name = "Hundred";
  if (value >= 1000) {
    unit = 1000;
    std::size_t magnitude = 0;
    while (magnitude + 1 < std::size(kMagnitudes) && value >= unit * 1000) {
      unit *= 1000;
      ++magnitude;
    }
    name = kMagnitudes[magnitude];
  }
  const double count = std::floor(value / unit);
  const double rest = value - count * unit;
  std::string words = (follows ? ", " : "") + words_of(count, false, false) + " " + std::string(name);
  if (rest > 0) return words + words_of(rest, true, ordinal);
  return ordinal ? words + "th" : words;
}

}  // namespace

std::string number_to_words(double value, bool ordinal) { return words_of(value, false, ordinal); }

std::string word_pattern() {
  std::string pattern = "(?:";
  for (const Word& word : all_words()) pattern += word.text + "|";
  return pattern + "and|[\\-, ])+";
}

double words_to_number(std::string_view text) {
  std::vector<std::string> parts{""};
  for (std::size_t at = 0; at < text.size();) {
    const bool blank = text[at] == ' ' || text[at] == '\t' || text[at] == '\n';
    if (text.substr(at, 2) == ", ") {
      at += 2;
    } else if (text.substr(at, 5) == " and ") {
      at += 5;
    } else if (blank || text[at] == '-' || text[at] == '\\') {
      at += 1;
    } else {
      parts.back().push_back(text[at++]);
      continue;
    }
    parts.emplace_back();
  }
  const std::vector<Word> words = all_words();
  std::vector<double> segments{0};
  for (const std::string& part : parts) {
    double value = NAN;
    for (const Word& word : words) {
      if (word.text == part) value = word.value;
    }
    if (!(value < 100)) {
      segments.back() *= value;
    } else if (segments.back() >= 1000) {
      segments.push_back(value);
    } else {
      segments.back() += value;
    }
  }
  double sum = 0;
  for (const double segment : segments) sum += segment;
  return sum;
}

}  // namespace spillway::jsonata
