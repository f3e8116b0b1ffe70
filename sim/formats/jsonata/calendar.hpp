#pragma once
/// The Gregorian calendar on Unix milliseconds, with ISO 8601 weeks of years and of months.

#include <cstdint>

namespace spillway::jsonata {

struct CivilTime {
  std::int64_t year;
  int month;  ///< 1 to 12
  int day;
  int hour;
  int minute;
  int second;
  int millisecond;
};

inline constexpr std::int64_t kDayMs = 86'400'000;
/// Times beyond are no dates in JavaScript.
inline constexpr double kLargestMs = 8.64e15;

CivilTime civil_time(std::int64_t ms);
/// Fields beyond their range carry over into the next larger one. `month` counts from 1.
std::int64_t unix_ms(std::int64_t year, std::int64_t month, std::int64_t day);
/// A component of a date picture (Y, M, D, d, F, W, w, X, x, H, h, m, s, f) as a number; P is 0 or 1.
std::int64_t date_component(std::int64_t ms, char component);

}  // namespace spillway::jsonata
