#include "formats/asl/timestamp.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

namespace spillway::asl {

namespace {

/// Reads fixed fields from the front of a text.
struct Cursor {
  std::string_view rest;
  bool good = true;

  int digits(std::size_t count) {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (i >= rest.size() || rest[i] < '0' || rest[i] > '9') {
        good = false;
        return 0;
      }
      value = value * 10 + (rest[i] - '0');
    }
    rest.remove_prefix(count);
    return value;
  }
  void expect(char c) {
    if (rest.empty() || rest[0] != c) {
      good = false;
      return;
    }
    rest.remove_prefix(1);
  }
};

std::int32_t fraction(Cursor& cursor) {
  if (cursor.rest.empty() || cursor.rest[0] != '.') return 0;
  cursor.expect('.');
  std::int32_t value = 0;
  std::int32_t scale = 100'000'000;
  const std::size_t count = std::min(cursor.rest.find_first_not_of("0123456789"), cursor.rest.size());
  if (count == 0) cursor.good = false;
  for (std::size_t i = 0; i < count; ++i, scale /= 10) value += (cursor.rest[i] - '0') * scale;
  cursor.rest.remove_prefix(count);
  return value;
}

/// Seconds east of UTC.
int offset(Cursor& cursor) {
  if (cursor.rest.starts_with('Z')) {
    cursor.expect('Z');
    return 0;
  }
  const bool west = cursor.rest.starts_with('-');
  cursor.expect(west ? '-' : '+');
  const int hours = cursor.digits(2);
  cursor.expect(':');
  const int minutes = cursor.digits(2);
  if (hours > 23 || minutes > 59) cursor.good = false;
  return (west ? -1 : 1) * (hours * 3600 + minutes * 60);
}

}  // namespace

std::optional<Timestamp> parse_timestamp(std::string_view text) {
  Cursor cursor{text};
  const int year = cursor.digits(4);
  cursor.expect('-');
  const int month = cursor.digits(2);
  cursor.expect('-');
  const int day = cursor.digits(2);
  cursor.expect('T');
  const int hour = cursor.digits(2);
  cursor.expect(':');
  const int minute = cursor.digits(2);
  cursor.expect(':');
  const int second = cursor.digits(2);
  const std::int32_t nanoseconds = fraction(cursor);
  const int east = offset(cursor);
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!cursor.good || !cursor.rest.empty() || !date.ok() || hour > 23 || minute > 59 || second > 60)
    return {};
  const std::int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
  return Timestamp{days * 86'400 + hour * 3600 + minute * 60 + second - east, nanoseconds};
}

std::string timestamp_text(const Timestamp& at) {
  const std::int64_t days = at.seconds >= 0 ? at.seconds / 86'400 : -((86'399 - at.seconds) / 86'400);
  const std::chrono::year_month_day date{
      std::chrono::sys_days{std::chrono::days{static_cast<std::int32_t>(days)}}};
  const std::int64_t rest = at.seconds - days * 86'400;
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), rest / 3600,
                     rest / 60 % 60, rest % 60, at.nanoseconds / 1'000'000);
}

}  // namespace spillway::asl
