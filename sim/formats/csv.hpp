#pragma once
/// A streaming reader of comma-separated text (RFC 4180, as spreadsheets and data tools write it).
///
/// Traffic traces are larger than memory and come from anywhere, so: the text is read in chunks and a row is
/// forgotten when the next is asked for; whatever the bytes are, the answer is rows or one error with its
/// line and column, never a guess. Understood: quotes with doubled quotes and line breaks inside, LF and
/// CRLF, a UTF-8 byte-order mark, a last line without a line end, blank lines and comment lines that start
/// with '#'. An error: a quote inside an unquoted field, text after a closing quote, an unclosed quote, a row
/// beyond `row_limit` (the text is not a table, or a quote is never closed), UTF-16.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway {

/// Where bytes come from. The formats never open a file themselves.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Fills `into` with up to `room` bytes and says how many; 0 is the end, or a failure when problem() is not
  /// empty.
  virtual std::size_t read(char* into, std::size_t room) = 0;
  /// Starts again at the first byte; false when the source cannot.
  virtual bool rewind() = 0;
  virtual std::string_view problem() const { return {}; }
};

/// Bytes that are in memory already (an inline table, a test).
class TextBytes final : public ByteSource {
 public:
  explicit TextBytes(std::string_view text) : text_(text) {}
  std::size_t read(char* into, std::size_t room) override;
  bool rewind() override {
    position_ = 0;
    return true;
  }

 private:
  std::string_view text_;
  std::size_t position_ = 0;
};

/// What is wrong with a table and where: line and column count from 1, the column in bytes.
struct CsvError {
  std::uint64_t line = 0;
  std::uint64_t column = 0;
  std::string message;
};

struct CsvOptions {
  char delimiter = ',';
  char comment = '#';
  std::size_t row_limit = std::size_t{4} << 20U;
};

class CsvReader {
 public:
  explicit CsvReader(ByteSource& source, CsvOptions options = {});

  /// Moves to the next row; false at the end of the text or at an error.
  bool next();
  /// Starts again at the first byte; false when the source cannot.
  bool rewind();

  /// The fields of this row: valid until the next call of next().
  std::size_t size() const { return count_; }
  std::string_view operator[](std::size_t i) const { return {fields_[i].begin, fields_[i].size}; }
  /// The line on which this row starts.
  std::uint64_t line() const { return line_; }

  const std::optional<CsvError>& error() const { return error_; }
  /// Notes that field `i` of this row is wrong (i == size(): the end of the row) and ends the reading.
  void fail_at(std::size_t i, std::string message);

 private:
  struct Field {
    const char* begin;
    std::uint32_t size;
    std::uint32_t offset;  // of the field's first byte in the row, quote included
  };
  enum class Scan : std::uint8_t { row, more, bad };

  bool fill();
  bool skip_mark();
  Scan scan_row();
  Scan scan_quoted(const char*& at);
  void add_field(const char* begin, const char* end, const char* raw);
  void drop_line(const char* at);
  bool fail_offset(const char* at, std::string message);

  ByteSource* source_;
  CsvOptions options_;
  std::array<bool, 256> special_{};
  std::vector<char> buffer_;
  std::size_t begin_ = 0;  // of the unread bytes in buffer_
  std::size_t end_ = 0;
  std::vector<Field> fields_;
  std::size_t count_ = 0;
  std::string unquoted_;  // the texts of this row's fields that held doubled quotes
  std::size_t row_at_ = 0;
  std::uint64_t line_ = 1;          // of this row
  std::uint64_t next_line_ = 1;     // of the first unread byte
  std::uint64_t lines_in_row_ = 0;  // line ends inside this row's quotes
  std::optional<CsvError> error_;
  bool at_end_ = false;
  bool started_ = false;
};

/// The place of a column in a header row, compared without the blanks around it; kNoColumn when absent.
inline constexpr std::size_t kNoColumn = SIZE_MAX;
std::size_t column_named(const CsvReader& header, std::string_view name);
/// "'a', 'b' and 3 more", for messages.
std::string column_names(const CsvReader& header);
std::string_view trimmed(std::string_view text);

}  // namespace spillway
