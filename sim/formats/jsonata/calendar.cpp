// Days from and to dates: Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms" (2021).
#include "formats/jsonata/calendar.hpp"

namespace spillway::jsonata {
namespace {

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

/// Monday is 1, Sunday 7.
int weekday(std::int64_t day_ms) {
  const std::int64_t days = floor_div(day_ms, kDayMs);
  return static_cast<int>(((days + 3) % 7 + 7) % 7) + 1;
}

/// Week 1 of a year or month starts on the Monday of the week that holds its first Thursday.
std::int64_t first_week(std::int64_t year, std::int64_t month) {
  const std::int64_t first = unix_ms(year, month, 1);
  const int day = weekday(first);
  return day > 4 ? first + (8 - day) * kDayMs : first - (day - 1) * kDayMs;
}

/// The number of the week that holds `today`, in a period that starts at (year, month).
std::int64_t week_number(std::int64_t today, std::int64_t year, std::int64_t month, std::int64_t months) {
  if (today >= first_week(year, month + months)) return 1;
  std::int64_t start = first_week(year, month);
  if (today < start) start = first_week(year, month - months);
  return (today - start) / (7 * kDayMs) + 1;
}

}  // namespace

std::int64_t unix_ms(std::int64_t year, std::int64_t month, std::int64_t day) {
  year += floor_div(month - 1, 12);
  month = (month - 1) - floor_div(month - 1, 12) * 12 + 1;
  const std::int64_t y = month <= 2 ? year - 1 : year;
  const std::int64_t era = floor_div(y, 400);
  const std::int64_t year_of_era = y - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5;
  const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return (era * 146'097 + day_of_era - 719'468 + day - 1) * kDayMs;
}

CivilTime civil_time(std::int64_t ms) {
  const std::int64_t days = floor_div(ms, kDayMs);
  const std::int64_t in_day = ms - days * kDayMs;
  const std::int64_t shifted = days + 719'468;
  const std::int64_t era = floor_div(shifted, 146'097);
  const std::int64_t doe = shifted - era * 146'097;
  const std::int64_t yoe = (doe - doe / 1460 + doe / 36'524 - doe / 146'096) / 365;
  const std::int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const std::int64_t mp = (5 * doy + 2) / 153;
  const int month = static_cast<int>(mp < 10 ? mp + 3 : mp - 9);
  const auto part = [&](std::int64_t unit, std::int64_t range) {
    return static_cast<int>(in_day / unit % range);
  };
  return {yoe + era * 400 + (month <= 2 ? 1 : 0),
          month,
          static_cast<int>(doy - (153 * mp + 2) / 5 + 1),
          part(3'600'000, 24),
          part(60'000, 60),
          part(1000, 60),
          part(1, 1000)};
}

std::int64_t date_component(std::int64_t ms, char component) {
  const CivilTime time = civil_time(ms);
  const std::int64_t today = unix_ms(time.year, time.month, time.day);
  switch (component) {
    case 'Y': return time.year;
    case 'M': return time.month;
    case 'D': return time.day;
    case 'd': return (today - unix_ms(time.year, 1, 1)) / kDayMs + 1;
    case 'F': return weekday(today);
    case 'W': return week_number(today, time.year, 1, 12);
    case 'w': return week_number(today, time.year, time.month, 1);
    case 'X':
      if (today < first_week(time.year, 1)) return time.year - 1;
      return today >= first_week(time.year + 1, 1) ? time.year + 1 : time.year;
    case 'x': {
      if (today < first_week(time.year, time.month)) return time.month == 1 ? 12 : time.month - 1;
      const bool next = today >= first_week(time.year, time.month + 1);
      return next ? time.month % 12 + 1 : time.month;
    }
    case 'H': return time.hour;
    case 'h': return time.hour % 12 == 0 ? 12 : time.hour % 12;
    case 'P': return time.hour >= 12 ? 1 : 0;
    case 'm': return time.minute;
    case 's': return time.second;
    case 'f': return time.millisecond;
    default: return 0;
  }
}

}  // namespace spillway::jsonata
