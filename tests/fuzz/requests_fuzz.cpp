// Any bytes as a list of requests: times never fall, nothing is negative, and a second reading gives the
// same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "formats/traffic_file.hpp"

namespace {

using namespace spillway;

struct Seen {
  std::uint64_t rows = 0;
  std::int64_t last_ns = 0;
};

Seen read_all(RequestFile& file) {
  Seen seen;
  RequestRow row;
  for (; file.next(row); ++seen.rows) {
    if (row.at_ns < seen.last_ns || row.work_ns < -1 || row.bytes < -1) std::abort();
    seen.last_ns = row.at_ns;
  }
  return seen;
}

void read_list(std::string_view text, const RequestColumns& columns) {
  TextBytes bytes(text);
  auto file = RequestFile::open(bytes, columns);
  if (!file) return;
  const Seen first = read_all(*file);
  if (!file->rewind()) std::abort();
  const Seen second = read_all(*file);
  if (first.rows != second.rows || first.last_ns != second.last_ns) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read_list(text, {.time = "time"});
  read_list(text, {.time = "t_s", .duration = "d_ms", .bytes = "b", .traffic_class = "c", .key = "k"});
  read_list(std::string("t_s,d_ms,b,c,k\n").append(text),
            {.time = "t_s", .duration = "d_ms", .bytes = "b", .traffic_class = "c", .key = "k"});
  read_list(std::string("time,x\n").append(text), {.time = "time"});
  return 0;
}
