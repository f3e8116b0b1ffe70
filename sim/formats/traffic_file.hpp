#pragma once
/// Recorded traffic as tables with a header line: one row a request (RequestFile) or one row a stretch of
/// time with the number of requests in it (CountFile).
///
/// A column of times or durations needs a unit: a suffix of its name (`t_s`, `duration_ms`, `_us`, `_ns`), a
/// name that is one (`minute`), or a setting. A time without a unit is an error, never a guess; only an ISO
/// 8601 timestamp needs none. Every row has as many fields as the header, times do not decrease, nothing is
/// negative.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "formats/csv.hpp"

namespace spillway {

/// How the numbers of a column become nanoseconds: written * multiple * 10^scale. timestamp: ISO 8601
/// instead.
struct TimeUnit {
  int scale = 9;
  std::int64_t multiple = 1;
  bool timestamp = false;
};
/// "s", "ms", "minute", "h", ...; nothing for an unknown word.
std::optional<TimeUnit> time_unit(std::string_view word);
/// The unit that a column's name tells: `t_s`, `minute`, `Duration_ms`.
std::optional<TimeUnit> unit_in_name(std::string_view column);

/// One request of a list. The texts live until the next row is read.
struct RequestRow {
  std::int64_t at_ns = 0;
  std::int64_t work_ns = -1;  // -1: the list has no such column, or the field is empty
  std::int64_t bytes = -1;
  std::string_view traffic_class;  // empty: none
  std::string_view key;
  bool has_key = false;
};

/// Which columns to read; an empty name is a column that is not read. `time` is always read.
struct RequestColumns {
  std::string time = "time";
  std::string duration{};
  std::string bytes{};
  std::string traffic_class{};
  std::string key{};
  std::string time_unit{};      // empty: by the column's name, or a timestamp
  std::string duration_unit{};  // empty: by the column's name
};

class RequestFile {
 public:
  /// Reads the header. `source` outlives the reader.
  static tl::expected<RequestFile, CsvError> open(ByteSource& source, const RequestColumns& columns);
  /// The next request; false at the end or at an error.
  bool next(RequestRow& row);
  bool rewind();
  const std::optional<CsvError>& error() const { return csv_.error(); }
  std::uint64_t line() const { return csv_.line(); }
  /// Ends the reading with an error about the row just read (its class is unknown, say).
  void reject_class(std::string message) { csv_.fail_at(class_, std::move(message)); }

 private:
  explicit RequestFile(ByteSource& source) : csv_(source) {}

  CsvReader csv_;
  std::size_t width_ = 0;
  std::size_t time_ = kNoColumn;
  std::size_t work_ = kNoColumn;
  std::size_t bytes_ = kNoColumn;
  std::size_t class_ = kNoColumn;
  std::size_t key_ = kNoColumn;
  TimeUnit time_unit_;
  TimeUnit work_unit_;
  std::int64_t last_ns_ = INT64_MIN;
};

/// One stretch of time and what came in it.
struct CountRow {
  std::int64_t from_ns = 0;     // since the first row's start
  std::int64_t millionths = 0;  // requests * 10^6: forecasts have fractions
};

struct CountColumns {
  std::string count = "requests";
  std::string
      time{};  // when the stretch starts; empty: `minute`, `second`, `hour` or `day` if there, else none
  std::string time_unit{};                // empty: by the column's name
  std::int64_t step_ns = 60'000'000'000;  // the length of a stretch
};

/// Rows of counts. With a time column, missing stretches are stretches without requests, and one that starts
/// before the last has ended is an error; without, row after row is step after step.
class CountFile {
 public:
  static tl::expected<CountFile, CsvError> open(ByteSource& source, const CountColumns& columns);
  bool next(CountRow& row);
  bool rewind();
  const std::optional<CsvError>& error() const { return csv_.error(); }

 private:
  explicit CountFile(ByteSource& source) : csv_(source) {}

  CsvReader csv_;
  std::size_t width_ = 0;
  std::size_t count_ = kNoColumn;
  std::size_t time_ = kNoColumn;
  TimeUnit unit_;
  std::int64_t step_ns_ = 0;
  std::int64_t first_ns_ = 0;
  std::int64_t free_from_ns_ = 0;  // where the next stretch may start, since the first row's start
  bool started_ = false;
};

}  // namespace spillway
