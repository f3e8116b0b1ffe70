// Broken scenarios, each with what a user is told about it. SPILLWAY_APPROVE=1 in the environment rewrites
// what is expected; the change then shows in the diff.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "scenario/design_rule.hpp"
#include "scenario/scenario.hpp"

namespace spillway::testing {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path{SPILLWAY_SOURCE_DIR} / "tests/golden/broken";

std::string text_of(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// A first line `# --set PATH=VALUE` is the command line that goes with the file.
std::vector<std::string> sets_of(const std::string& text) {
  constexpr std::string_view kMark = "# --set ";
  std::vector<std::string> sets;
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line) && line.starts_with(kMark);)
    sets.push_back(line.substr(kMark.size()));
  return sets;
}

std::vector<std::string> broken_files() {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator{kFolder}) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".spillway.yaml") || name.ends_with(".spillway.json")) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// Reads from the folder itself, so that messages hold no path of this machine.
class BrokenScenario : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { fs::current_path(kFolder); }
  void TearDown() override { fs::current_path(before_); }

 private:
  const fs::path before_ = fs::current_path();
};

TEST_P(BrokenScenario, IsToldAsApproved) {
  const fs::path path = kFolder / GetParam();
  const fs::path expected = kFolder / (GetParam() + ".expected");
  DiskFiles files;
  Sources sources;
  Diagnostics diagnostics;
  const bool loaded =
      load_scenario(GetParam(), sets_of(text_of(path)), sources, files, diagnostics).has_value();
  EXPECT_FALSE(loaded);
  const std::string report = render_text(diagnostics, sources);
  EXPECT_FALSE(report.empty()) << "nothing is wrong with it";
  if (std::getenv("SPILLWAY_APPROVE") != nullptr) {
    std::ofstream{expected, std::ios::binary} << report;
    return;
  }
  EXPECT_EQ(report, text_of(expected));
}

std::string test_name(const ::testing::TestParamInfo<std::string>& tested) {
  std::string name = tested.param;
  std::replace_if(name.begin(), name.end(), [](char c) { return c == '.' || c == '-'; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Files, BrokenScenario, ::testing::ValuesIn(broken_files()), test_name);

TEST(BrokenScenarios, AreAtLeastSixtyAndCoverEveryRule) {
  const std::vector<std::string> names = broken_files();
  EXPECT_GE(names.size(), 60U);
  std::string all;
  for (const std::string& name : names) all += text_of(kFolder / (name + ".expected"));
  for (const RuleInfo& rule : rules()) {
    // A million values, sixteen megabytes and a file that is not there are tested elsewhere, without a file.
    if (rule.rule == Rule::file_size || rule.rule == Rule::too_many_values) continue;
    if (rule.rule == Rule::file_unreadable) continue;
    if (is_design_rule(rule.rule)) continue;  // what breaks them can be read
    EXPECT_NE(all.find(rule_id(rule.rule)), std::string::npos) << rule_id(rule.rule) << ": " << rule.title;
  }
}

}  // namespace
}  // namespace spillway::testing
