// Any bytes as a table of counts: stretches follow each other, and nothing is negative.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "formats/traffic_file.hpp"

namespace {

using namespace spillway;

void read_table(std::string_view text, const CountColumns& columns) {
  TextBytes bytes(text);
  auto file = CountFile::open(bytes, columns);
  if (!file) return;
  std::int64_t free_from_ns = 0;
  CountRow row;
  while (file->next(row)) {
    if (row.from_ns < free_from_ns || row.millionths < 0) std::abort();
    free_from_ns = row.from_ns + columns.step_ns;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read_table(text, {});
  read_table(std::string("minute,requests\n").append(text), {});
  read_table(std::string("requests\n").append(text), {});
  read_table(std::string("at,n\n").append(text), {.count = "n", .time = "at", .time_unit = "timestamp"});
  return 0;
}
