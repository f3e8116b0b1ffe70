// $now, $millis, $fromMillis and $toMillis. Time comes from the caller, and is one during an evaluation.
// A timestamp without a zone is read as UTC, in which Step Functions' servers run.
#include <cmath>
#include <cstdlib>

#include "formats/jsonata/calendar.hpp"
#include "formats/jsonata/date_picture.hpp"
#include "formats/jsonata/evaluator.hpp"
#include "formats/jsonata/failure.hpp"
#include "formats/jsonata/functions.hpp"
#include "formats/jsonata/numbers.hpp"

namespace spillway::jsonata {
namespace {

constexpr std::string_view kIso8601 = "[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]";

Value formatted(Call& call, double ms, const Value& picture, const Value& zone) {
  if (!(std::abs(ms) <= kLargestMs)) fail("D1001", "Number out of range: {}", number_text(ms));
  std::int64_t offset = 0;
  if (zone.is(Kind::string)) offset = std::atoi(std::string(zone.text()).c_str());
  if (std::abs(offset) > 10'000) fail("D3134", "The timezone offset cannot have more than four digits");
  const DatePicture format(picture.is(Kind::string) ? picture.text() : kIso8601);
  return call.evaluator.memory().string(format.format(static_cast<std::int64_t>(ms), offset));
}

Value now(Call& call) {
  return formatted(call, static_cast<double>(call.evaluator.environment().now_ms), call[0], call[1]);
}

Value millis(Call& call) { return Value(static_cast<double>(call.evaluator.environment().now_ms)); }

Value from_millis(Call& call) {
  return call[0].is_undefined() ? Value() : formatted(call, call[0].number(), call[1], call[2]);
}

/// Walks an ISO 8601 timestamp: year, and then optionally month, day, time, fraction and zone.
class Timestamp {
 public:
  explicit Timestamp(std::string_view text) : text_(text) {}

  /// Unix milliseconds; NaN when the text is no timestamp, or one of a day or hour that does not exist.
  double read() {
    double year = 0;
    double month = 1;
    double day = 1;
    if (!digits(4, year)) return NAN;
    if (sign('-') && !digits(2, month)) return NAN;
    if (at_ > 4 && sign('-') && !digits(2, day)) return NAN;
    double hour = 0;
    double minute = 0;
    double second = 0;
    double fraction = 0;
    if (sign('T')) {
      if (!digits(2, hour) || !sign(':') || !digits(2, minute) || !sign(':') || !digits(2, second))
        return NAN;
      if (!read_fraction(fraction)) return NAN;
    }
    double zone = 0;
    if (!read_zone(zone) || at_ != text_.size()) return NAN;
    shaped_ = month < 20 && day < 40 && hour < 30 && minute < 60 && second < 60;
    const bool midnight = hour == 24 && minute == 0 && second == 0 && fraction == 0;
    if (month < 1 || month > 12 || day < 1 || (hour > 23 && !midnight) || minute > 59 || second > 59)
      return NAN;
    if (day > 31) return NAN;
    const std::int64_t days = unix_ms(static_cast<std::int64_t>(year), static_cast<std::int64_t>(month),
                                      static_cast<std::int64_t>(day));
    return static_cast<double>(days) + hour * 3'600'000 + minute * 60'000 + second * 1000 + fraction -
           zone * 60'000;
  }

  /// Whether the text that read() has read looks like a timestamp, be there such a day or not.
  bool is_shaped() const { return shaped_; }

 private:
  bool sign(char c) {
    const bool found = at_ < text_.size() && text_[at_] == c;
    at_ += found ? 1 : 0;
    return found;
  }

  bool digits(std::size_t count, double& value) {
    value = 0;
    for (std::size_t i = 0; i < count; ++i, ++at_) {
      if (at_ >= text_.size() || text_[at_] < '0' || text_[at_] > '9') return false;
      value = value * 10 + (text_[at_] - '0');
    }
    return true;
  }

  bool read_fraction(double& ms) {
    if (!sign('.')) return true;
    double unit = 100;
    const std::size_t start = at_;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      if (unit >= 1) ms += unit * (text_[at_] - '0');
      unit /= 10;
    }
    return at_ > start;
  }

  bool read_zone(double& minutes) {
    if (at_ == text_.size() || sign('Z')) return true;
    const bool behind = sign('-');
    if (!behind && !sign('+')) return false;
    double hour = 0;
    double minute = 0;
    if (!digits(2, hour)) return false;
    sign(':');
    if (!digits(2, minute)) return false;
    minutes = (hour * 60 + minute) * (behind ? -1 : 1);
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool shaped_ = false;
};

Value to_millis(Call& call) {
  if (call[0].is_undefined()) return {};
  const std::string_view text = call[0].text();
  if (call[1].is(Kind::string)) {
    const auto ms = DatePicture(call[1].text()).parse(text, call.evaluator.environment().now_ms);
    return ms ? Value(*ms) : Value();
  }
  Timestamp timestamp(text);
  const double ms = timestamp.read();
  if (!timestamp.is_shaped()) {
    fail("D3110",
         "The argument of the toMillis function must be an ISO 8601 formatted timestamp. Given \"{}\"", text);
  }
  return Value(ms);
}

constexpr Native kFunctions[] = {
    {"now", "<s?s?:s>", 2, 2, now},
    {"millis", "<:n>", 0, 0, millis},
    {"fromMillis", "<n-s?s?:s>", 3, 3, from_millis},
    {"toMillis", "<s-s?:n>", 2, 2, to_millis},
};

}  // namespace

std::span<const Native> date_functions() { return kFunctions; }

}  // namespace spillway::jsonata
