// Any bytes through the CSV reader, whole and in small drops: no crash, no hang, and the same rows both ways.
#include "formats/csv.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "formats/csv_number.hpp"

namespace {

using namespace spillway;

class Dripping final : public ByteSource {
 public:
  Dripping(std::string_view text, std::size_t drop) : text_(text), drop_(drop) {}
  std::size_t read(char* into, std::size_t room) override { return text_.read(into, std::min(room, drop_)); }
  bool rewind() override { return text_.rewind(); }

 private:
  TextBytes text_;
  std::size_t drop_;
};

void expect(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  TextBytes bytes(text);
  Dripping drops(text, 1 + size % 7);
  CsvReader whole(bytes);
  CsvReader dripped(drops);
  std::uint64_t line = 0;
  while (whole.next()) {
    expect(dripped.next() && dripped.size() == whole.size() && dripped.line() == whole.line());
    expect(whole.line() > line);
    line = whole.line();
    for (std::size_t i = 0; i < whole.size(); ++i) {
      expect(whole[i] == dripped[i]);
      std::int64_t value = 0;
      for (const int scale : {0, 6, 9}) parse_scaled(whole[i], scale, value);
      parse_timestamp(whole[i], value);
    }
  }
  expect(!dripped.next() && whole.error().has_value() == dripped.error().has_value());
  return 0;
}
