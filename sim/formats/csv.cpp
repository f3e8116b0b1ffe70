// The hot path is scan_row(): one table look-up a byte and a sentinel line feed behind the last byte, so that
// the inner loop needs no bounds test. A row that the chunk cuts is scanned again from its start once the
// chunk behind it is there; the buffer doubles for long rows, so that the work stays linear in the bytes.
#include "formats/csv.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace spillway {
namespace {

constexpr std::size_t kChunk = std::size_t{64} << 10U;

std::size_t byte(char c) { return static_cast<unsigned char>(c); }

}  // namespace

std::size_t TextBytes::read(char* into, std::size_t room) {
  const std::size_t n = std::min(room, text_.size() - position_);
  if (n > 0) std::memcpy(into, text_.data() + position_, n);
  position_ += n;
  return n;
}

CsvReader::CsvReader(ByteSource& source, CsvOptions options)
    : source_(&source), options_(options), buffer_(kChunk + 1), fields_(64) {
  special_[byte(options_.delimiter)] = true;
  special_[byte('\n')] = true;
  special_[byte('"')] = true;
}

bool CsvReader::rewind() {
  if (!source_->rewind()) return false;
  begin_ = end_ = count_ = row_at_ = 0;
  line_ = next_line_ = 1;
  lines_in_row_ = 0;
  error_.reset();
  at_end_ = started_ = false;
  return true;
}

bool CsvReader::next() {
  count_ = 0;
  if (error_) return false;
  if (!started_ && !skip_mark()) return false;
  while (true) {
    if (begin_ == end_) {
      if (at_end_ || !fill()) return false;
      continue;
    }
    switch (scan_row()) {
      case Scan::bad: return false;
      case Scan::more:
        if (!fill()) return false;
        break;
      case Scan::row:
        if (count_ > 0) return true;
        break;
    }
  }
}

/// Brings more bytes behind the unread ones; false when reading has failed or a row is too long.
bool CsvReader::fill() {
  if (begin_ > 0) std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = row_at_ = 0;
  line_ = next_line_;
  if (end_ + 1 == buffer_.size()) {
    if (end_ >= options_.row_limit) {
      return fail_offset(buffer_.data(),
                         "the row that starts here is too long: is this a table, and is a quote "
                         "closed?");
    }
    buffer_.resize(buffer_.size() * 2 - 1);
  }
  while (end_ + 1 < buffer_.size()) {
    const std::size_t n = source_->read(buffer_.data() + end_, buffer_.size() - 1 - end_);
    if (n == 0) {
      at_end_ = true;
      if (!source_->problem().empty()) return fail_offset(buffer_.data(), std::string(source_->problem()));
      break;
    }
    end_ += n;
  }
  return true;
}

bool CsvReader::skip_mark() {
  started_ = true;
  if (!fill()) return false;
  const std::string_view start(buffer_.data(), std::min<std::size_t>(end_, 3));
  if (start == "\xEF\xBB\xBF") begin_ = row_at_ = 3;
  if (start.starts_with("\xFF\xFE") || start.starts_with("\xFE\xFF")) {
    return fail_offset(buffer_.data(), "the text is UTF-16: save it as UTF-8");
  }
  return true;
}

/// Reads one row from begin_ on. `row` with no fields: a blank line or a comment went by.
CsvReader::Scan CsvReader::scan_row() {
  row_at_ = begin_;
  count_ = 0;
  lines_in_row_ = 0;
  unquoted_.clear();
  line_ = next_line_;
  char* const stop = buffer_.data() + end_;
  *stop = '\n';
  const char* at = buffer_.data() + begin_;
  if (*at == options_.comment) {
    const auto* eol =
        static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(stop - at) + 1));
    if (eol == stop && !at_end_) return Scan::more;
    drop_line(eol);
    return Scan::row;
  }
  while (true) {
    const char* const field = at;
    if (*at == '"' && at != stop) {
      if (const Scan seen = scan_quoted(at); seen != Scan::row) return seen;
    } else {
      while (!special_[byte(*at)]) ++at;
      if (*at == '"') {
        fail_offset(at, "a quote inside an unquoted field");
        return Scan::bad;
      }
      if (at == stop && !at_end_) return Scan::more;
      const bool cr = *at == '\n' && at > field && at[-1] == '\r';
      add_field(field, cr ? at - 1 : at, field);
    }
    if (*at == '\n') break;
    ++at;
  }
  // A line of nothing is no row; an empty quoted field is.
  if (count_ == 1 && fields_[0].size == 0 && buffer_[row_at_] != '"') count_ = 0;
  drop_line(at);
  return Scan::row;
}

/// Reads a field that starts with a quote; leaves `at` on the delimiter or line feed behind it.
CsvReader::Scan CsvReader::scan_quoted(const char*& at) {
  const char* const stop = buffer_.data() + end_;
  const char* const field = at++;
  const char* const text = at;
  bool doubled = false;
  std::uint64_t lines = 0;
  while (true) {
    while (*at != '"' && *at != '\n') ++at;
    if (at == stop) {
      if (!at_end_) return Scan::more;
      fail_offset(field, "this quote is never closed");
      return Scan::bad;
    }
    if (*at == '\n') {
      ++lines;
    } else if (at + 1 < stop && at[1] == '"') {
      doubled = true;
      ++at;
    } else {
      break;
    }
    ++at;
  }
  const char* const close = at++;
  if (at + 1 >= stop && !at_end_) return Scan::more;
  if (*at == '\r' && at[1] == '\n') ++at;
  if (*at != options_.delimiter && *at != '\n') {
    fail_offset(at, "text behind a closing quote");
    return Scan::bad;
  }
  lines_in_row_ += lines;
  if (!doubled) {
    add_field(text, close, field);
    return Scan::row;
  }
  // The row's bytes bound what all its fields can need, so that views into unquoted_ stay valid.
  if (unquoted_.empty()) unquoted_.reserve(end_ - row_at_);
  const std::size_t from = unquoted_.size();
  for (const char* c = text; c < close; ++c) {
    unquoted_.push_back(*c);
    if (*c == '"') ++c;
  }
  add_field(unquoted_.data() + from, unquoted_.data() + unquoted_.size(), field);
  return Scan::row;
}

void CsvReader::add_field(const char* begin, const char* end, const char* raw) {
  if (count_ == fields_.size()) fields_.resize(count_ * 2);
  fields_[count_++] = Field{begin, static_cast<std::uint32_t>(end - begin),
                            static_cast<std::uint32_t>(raw - (buffer_.data() + row_at_))};
}

/// The line that ends at `at` (a line feed, or the end of the text) is read.
void CsvReader::drop_line(const char* at) {
  const auto offset = static_cast<std::size_t>(at - buffer_.data());
  begin_ = std::min(offset + 1, end_);
  next_line_ += 1 + lines_in_row_;
}

bool CsvReader::fail_offset(const char* at, std::string message) {
  const char* line_start = buffer_.data() + row_at_;
  std::uint64_t line = line_;
  for (const char* c = line_start; c < at; ++c) {
    if (*c != '\n') continue;
    ++line;
    line_start = c + 1;
  }
  error_ = CsvError{line, static_cast<std::uint64_t>(at - line_start) + 1, std::move(message)};
  count_ = 0;
  return false;
}

void CsvReader::fail_at(std::size_t i, std::string message) {
  if (error_) return;
  std::size_t offset = 0;
  if (count_ > 0) {
    const Field& field = fields_[std::min(i, count_ - 1)];
    offset = field.offset + (i < count_ ? 0 : field.size);
  }
  fail_offset(buffer_.data() + row_at_ + offset, std::move(message));
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::size_t column_named(const CsvReader& header, std::string_view name) {
  for (std::size_t i = 0; i < header.size(); ++i) {
    if (trimmed(header[i]) == name) return i;
  }
  return kNoColumn;
}

std::string column_names(const CsvReader& header) {
  constexpr std::size_t kShown = 8;
  constexpr std::size_t kLength = 40;
  std::string names;
  for (std::size_t i = 0; i < std::min(header.size(), kShown); ++i) {
    names += (i == 0 ? "'" : ", '") + std::string(trimmed(header[i]).substr(0, kLength)) + "'";
  }
  if (header.size() > kShown) names += " and " + std::to_string(header.size() - kShown) + " more";
  return names;
}

}  // namespace spillway
