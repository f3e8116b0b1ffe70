// State machines that others wrote, as a newcomer tries them: `spillway import`, then `spillway run`. The
// material lies beside the project; the test is skipped by name without it.

#include <gtest/gtest.h>

#include <algorithm>

#include "cli/command.hpp"
#include "formats/shared_data.hpp"

namespace spillway::testing {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> definitions() {
  std::vector<fs::path> found;
  const fs::path folder = fs::weakly_canonical(shared_path("corpus/asl-dev"));
  if (!fs::exists(folder)) return found;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string kind = entry.path().extension();
    if (entry.is_regular_file() && (kind == ".json" || kind == ".yaml")) found.push_back(entry.path());
  }
  std::ranges::sort(found);
  return found;
}

TEST(AslSamples, EachIsImportedAndRunsUnderLoad) {
  const std::vector<fs::path> samples = definitions();
  if (samples.empty()) GTEST_SKIP() << "no definitions beside the project";
  for (const fs::path& sample : samples) {
    const Scratch folder;
    const Said imported = spillway(folder, "import " + sample.string() + " -o sample.spillway.yaml");
    ASSERT_EQ(imported.code, 0) << sample << "\n" << imported.err;
    const Said ran =
        spillway(folder, "run sample.spillway.yaml --horizon 1m --set traffic.callers.arrivals.poisson=10/s");
    EXPECT_EQ(ran.code, 0) << sample << "\n" << ran.err;
    EXPECT_NE(ran.out.find("workflow"), std::string::npos) << ran.out;
  }
  RecordProperty("definitions", static_cast<int>(samples.size()));
}

}  // namespace
}  // namespace spillway::testing
