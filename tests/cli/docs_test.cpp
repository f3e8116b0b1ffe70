// The settings table of each service's page is what `spillway explain TYPE --markdown` prints. With
// SPILLWAY_APPROVE=1 in the environment the pages are rewritten.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "cli/command.hpp"
#include "services/catalogue.hpp"

namespace spillway::testing {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The page whose title names the type.
fs::path page_of(std::string_view type) {
  for (const auto& entry : fs::directory_iterator(SPILLWAY_SOURCE_DIR "/docs/services")) {
    const std::string text = read(entry.path());
    const std::string title = " " + text.substr(2, text.find('\n') - 2) + " ";
    if (title.find(" " + std::string(type) + " ") != std::string::npos) return entry.path();
  }
  return {};
}

/// Where the table stands: under a heading of the type's own when the page shows several types.
struct Place {
  std::size_t begin;
  std::size_t end;
};
Place table_in(const std::string& page, std::string_view type) {
  const std::size_t own = page.find("\n### " + std::string(type) + "\n");
  const std::size_t heading = own == std::string::npos ? page.find("\n## Settings\n") : own;
  const std::size_t begin = page.find("| setting |", heading);
  return {begin, begin == std::string::npos ? begin : page.find("\n\n", begin) + 1};
}

TEST(ServicePages, HoldTheSettingsAsTheCommandExplainsThem) {
  const Scratch folder;
  for (const ServiceType& type : catalogue()) {
    const fs::path path = page_of(type.type);
    ASSERT_FALSE(path.empty()) << type.type << " has no page";
    std::string page = read(path);
    const auto [begin, end] = table_in(page, type.type);
    ASSERT_NE(begin, std::string::npos) << path << " has no settings table of " << type.type;
    const Said said = spillway(folder, "explain " + std::string(type.type) + " --markdown");
    ASSERT_EQ(said.code, 0) << said.err;
    if (std::getenv("SPILLWAY_APPROVE") != nullptr) {
      page.replace(begin, end - begin, said.out);
      std::ofstream(path, std::ios::binary) << page;
      continue;
    }
    EXPECT_EQ(page.substr(begin, end - begin), said.out) << path;
  }
}

}  // namespace
}  // namespace spillway::testing
