// Any bytes as the two files of the Azure trace; a header that fits stands before them half of the time.
#include "formats/azure.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace {

using namespace spillway;

void read_invocations(std::string_view text) {
  TextBytes bytes(text);
  auto file = AzureInvocations::open(bytes);
  if (!file) return;
  AzureFunction row;
  std::vector<std::uint32_t> counts;
  while (file->next(row) && file->counts(counts)) {
  }
}

void read_durations(std::string_view text) {
  TextBytes bytes(text);
  auto file = AzureDurations::open(bytes);
  if (!file) return;
  AzureFunction row;
  AzureDuration of;
  while (file->next(row) && file->durations(of)) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read_invocations(text);
  read_durations(text);
  read_invocations(std::string("HashOwner,HashApp,HashFunction,Trigger,1,2\n").append(text));
  read_durations(
      std::string("HashOwner,HashApp,HashFunction,Average,Count,percentile_Average_0,percentile_Average_1,"
                  "percentile_Average_25,percentile_Average_50,percentile_Average_75,percentile_Average_99,"
                  "percentile_Average_100\n")
          .append(text));
  return 0;
}
