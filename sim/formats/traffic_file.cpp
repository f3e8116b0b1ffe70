// Both readers look columns up once, in open(), so that a row costs its bytes and nothing else.
#include "formats/traffic_file.hpp"

#include <array>
#include <limits>
#include <utility>

#include "formats/csv_number.hpp"

namespace spillway {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::string_view kUnits = "ns, us, ms, s, m, h or d";

struct NamedUnit {
  std::string_view name;
  TimeUnit unit;
};
constexpr std::array<NamedUnit, 20> kNamedUnits{{
    {"ns", {0, 1}},       {"us", {3, 1}},           {"ms", {6, 1}},           {"s", {9, 1}},
    {"m", {9, 60}},       {"h", {9, 3600}},         {"d", {9, 86400}},        {"second", {9, 1}},
    {"minute", {9, 60}},  {"hour", {9, 3600}},      {"day", {9, 86400}},      {"seconds", {9, 1}},
    {"minutes", {9, 60}}, {"hours", {9, 3600}},     {"days", {9, 86400}},     {"sec", {9, 1}},
    {"min", {9, 60}},     {"milliseconds", {6, 1}}, {"microseconds", {3, 1}}, {"nanoseconds", {0, 1}},
}};

/// Nanoseconds of one field, or the error to report.
NumberError to_ns(std::string_view text, const TimeUnit& unit, std::int64_t& ns) {
  if (unit.timestamp) return parse_timestamp(text, ns);
  if (unit.multiple == 1) return parse_scaled(text, unit.scale, ns);
  // Minutes and longer: exact to the nanosecond as well, since 10^9 * 60 holds every decimal's ninth digit.
  const NumberError error = parse_scaled(text, unit.scale, ns);
  if (error == NumberError::none && __builtin_mul_overflow(ns, unit.multiple, &ns))
    return NumberError::out_of_range;
  return error;
}

std::string quoted(std::string_view text) {
  constexpr std::size_t kShown = 40;
  return "'" + std::string(text.substr(0, kShown)) + (text.size() > kShown ? "...'" : "'");
}

/// Reads the header row; the message when there is none.
std::optional<CsvError> read_header(CsvReader& csv) {
  if (csv.next()) return std::nullopt;
  if (csv.error()) return csv.error();
  return CsvError{1, 1, "the file is empty: a header line with the columns' names is needed"};
}

/// Finds a column that must be there.
std::optional<CsvError> find(CsvReader& csv, std::string_view name, std::size_t& column) {
  column = column_named(csv, name);
  if (column != kNoColumn) return std::nullopt;
  return CsvError{csv.line(), 1, "no column " + quoted(name) + "; the columns are " + column_names(csv)};
}

/// The unit of a column: what the settings say, else what its name tells. Nothing: neither does.
tl::expected<std::optional<TimeUnit>, CsvError> unit_of(const CsvReader& csv, std::size_t column,
                                                        std::string_view set) {
  if (set.empty()) return unit_in_name(trimmed(csv[column]));
  if (const auto unit = time_unit(set)) return unit;
  return tl::unexpected(
      CsvError{csv.line(), 1, "unknown unit " + quoted(set) + ": use " + std::string(kUnits)});
}

CsvError no_unit(const CsvReader& csv, std::string_view name, std::string_view setting) {
  return {csv.line(), 1,
          "column " + quoted(name) + " has no unit: end its name with _s, _ms, _us or _ns, or set " +
              std::string(setting) + " to " + std::string(kUnits)};
}

bool wrong_width(CsvReader& csv, std::size_t width) {
  if (csv.size() == width) return false;
  csv.fail_at(csv.size(), "this row has " + std::to_string(csv.size()) + " fields, the header has " +
                              std::to_string(width));
  return true;
}

void reject(CsvReader& csv, std::size_t column, NumberError error) {
  csv.fail_at(column, quoted(csv[column]) + " " + std::string(describe(error)));
}

/// A field that holds a number of nanoseconds and is not negative.
bool read_ns(CsvReader& csv, std::size_t column, const TimeUnit& unit, std::int64_t& ns) {
  if (const NumberError error = to_ns(csv[column], unit, ns); error != NumberError::none) {
    reject(csv, column, error);
    return false;
  }
  if (ns >= 0) return true;
  csv.fail_at(column, quoted(csv[column]) + " is negative");
  return false;
}

}  // namespace

std::optional<TimeUnit> time_unit(std::string_view word) {
  for (const NamedUnit& named : kNamedUnits) {
    if (named.name == word) return named.unit;
  }
  if (word == "timestamp") return TimeUnit{0, 1, true};
  return std::nullopt;
}

std::optional<TimeUnit> unit_in_name(std::string_view column) {
  const std::size_t mark = column.rfind('_');
  if (mark != std::string_view::npos) return time_unit(column.substr(mark + 1));
  // A bare letter is a variable's name more often than a unit.
  return column.size() < 2 ? std::nullopt : time_unit(column);
}

tl::expected<RequestFile, CsvError> RequestFile::open(ByteSource& source, const RequestColumns& columns) {
  RequestFile file(source);
  CsvReader& csv = file.csv_;
  if (auto error = read_header(csv)) return tl::unexpected(*error);
  file.width_ = csv.size();
  const std::array<std::pair<const std::string*, std::size_t*>, 4> optional{
      {{&columns.duration, &file.work_},
       {&columns.bytes, &file.bytes_},
       {&columns.traffic_class, &file.class_},
       {&columns.key, &file.key_}}};
  if (auto error = find(csv, columns.time, file.time_)) return tl::unexpected(*error);
  for (const auto& [name, column] : optional) {
    if (name->empty()) continue;
    if (auto error = find(csv, *name, *column)) return tl::unexpected(*error);
  }
  const auto time = unit_of(csv, file.time_, columns.time_unit);
  if (!time) return tl::unexpected(time.error());
  if (file.work_ != kNoColumn) {
    const auto work = unit_of(csv, file.work_, columns.duration_unit);
    if (!work) return tl::unexpected(work.error());
    if (!*work || (*work)->timestamp) return tl::unexpected(no_unit(csv, columns.duration, "duration_unit"));
    file.work_unit_ = **work;
  }
  // Without a unit only timestamps can be read: the first row tells which it is.
  file.time_unit_ = *time ? **time : TimeUnit{0, 1, true};
  const CsvError missing = no_unit(csv, columns.time, "time_unit");
  if (!*time && csv.next()) {
    std::int64_t ns = 0;
    if (csv.size() > file.time_ && parse_timestamp(csv[file.time_], ns) == NumberError::not_a_number &&
        parse_scaled(csv[file.time_], 0, ns) == NumberError::none) {
      return tl::unexpected(missing);
    }
  }
  if (csv.error()) return tl::unexpected(*csv.error());
  if (!*time && !file.rewind()) return tl::unexpected(CsvError{1, 1, "the source cannot be read twice"});
  return file;
}

bool RequestFile::rewind() {
  last_ns_ = INT64_MIN;
  return csv_.rewind() && csv_.next();
}

bool RequestFile::next(RequestRow& row) {
  if (!csv_.next() || wrong_width(csv_, width_)) return false;
  if (!read_ns(csv_, time_, time_unit_, row.at_ns)) return false;
  if (row.at_ns < last_ns_) {
    csv_.fail_at(time_, quoted(csv_[time_]) + " is before the row above: sort the rows by time");
    return false;
  }
  last_ns_ = row.at_ns;
  if (work_ != kNoColumn) {
    row.work_ns = -1;
    if (!csv_[work_].empty() && !read_ns(csv_, work_, work_unit_, row.work_ns)) return false;
  }
  if (bytes_ != kNoColumn) {
    row.bytes = -1;
    if (!csv_[bytes_].empty() && !read_ns(csv_, bytes_, TimeUnit{0, 1}, row.bytes)) return false;
  }
  if (class_ != kNoColumn) row.traffic_class = trimmed(csv_[class_]);
  if (key_ != kNoColumn) {
    row.key = csv_[key_];
    row.has_key = !row.key.empty();
  }
  return true;
}

tl::expected<CountFile, CsvError> CountFile::open(ByteSource& source, const CountColumns& columns) {
  CountFile file(source);
  CsvReader& csv = file.csv_;
  if (columns.step_ns <= 0) return tl::unexpected(CsvError{1, 1, "the step must be longer than zero"});
  if (auto error = read_header(csv)) return tl::unexpected(*error);
  file.width_ = csv.size();
  file.step_ns_ = columns.step_ns;
  if (auto error = find(csv, columns.count, file.count_)) return tl::unexpected(*error);
  if (!columns.time.empty()) {
    if (auto error = find(csv, columns.time, file.time_)) return tl::unexpected(*error);
    const auto unit = unit_of(csv, file.time_, columns.time_unit);
    if (!unit) return tl::unexpected(unit.error());
    if (!*unit) return tl::unexpected(no_unit(csv, columns.time, "time_unit"));
    file.unit_ = **unit;
    return file;
  }
  for (const std::string_view name : {"second", "minute", "hour", "day"}) {
    const std::size_t column = column_named(csv, name);
    if (column == kNoColumn || column == file.count_) continue;
    file.time_ = column;
    file.unit_ = *time_unit(name);
    break;
  }
  return file;
}

bool CountFile::rewind() {
  started_ = false;
  free_from_ns_ = 0;
  return csv_.rewind() && csv_.next();
}

bool CountFile::next(CountRow& row) {
  if (!csv_.next() || wrong_width(csv_, width_)) return false;
  if (const NumberError error = parse_scaled(csv_[count_], 6, row.millionths); error != NumberError::none) {
    reject(csv_, count_, error);
    return false;
  }
  if (row.millionths < 0) {
    csv_.fail_at(count_, quoted(csv_[count_]) + " is negative");
    return false;
  }
  row.from_ns = free_from_ns_;
  if (time_ != kNoColumn) {
    std::int64_t from_ns = 0;
    if (!read_ns(csv_, time_, unit_, from_ns)) return false;
    if (!started_) first_ns_ = from_ns;
    row.from_ns = from_ns - first_ns_;
    if (row.from_ns < free_from_ns_) {
      csv_.fail_at(time_, quoted(csv_[time_]) +
                              " starts before the row above has ended: sort the rows by time, and "
                              "set step to the time from row to row");
      return false;
    }
  }
  started_ = true;
  if (row.from_ns > kMost - step_ns_) {
    csv_.fail_at(time_ == kNoColumn ? count_ : time_, "the table is longer than 292 years");
    return false;
  }
  free_from_ns_ = row.from_ns + step_ns_;
  return true;
}

}  // namespace spillway
