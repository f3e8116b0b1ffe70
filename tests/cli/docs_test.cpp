// The settings table of each service's page is what `spillway explain TOPIC --markdown` prints. With
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

/// A table of settings: what explains it, and the page that shows it.
struct Shown {
  std::string topic;
  fs::path page;
};
std::vector<Shown> all_shown() {
  std::vector<Shown> all{
      {"aws.lambda.function.event_sources", SPILLWAY_SOURCE_DIR "/docs/services/sqs_event_source.md"}};
  for (const ServiceType& type : catalogue()) all.push_back({std::string(type.type), page_of(type.type)});
  return all;
}

/// Where the table stands: under a heading of the topic's own when the page shows several.
struct Place {
  std::size_t begin;
  std::size_t end;
};
Place table_in(const std::string& page, const std::string& topic) {
  const std::size_t own = page.find("\n### " + topic + "\n");
  const std::size_t heading = own == std::string::npos ? page.find("\n## Settings\n") : own;
  const std::size_t begin = page.find("| setting |", heading);
  return {begin, begin == std::string::npos ? begin : page.find("\n\n", begin) + 1};
}

TEST(ServicePages, HoldTheSettingsAsTheCommandExplainsThem) {
  const Scratch folder;
  for (const auto& [topic, path] : all_shown()) {
    ASSERT_FALSE(path.empty()) << topic << " has no page";
    std::string page = read(path);
    const auto [begin, end] = table_in(page, topic);
    ASSERT_NE(begin, std::string::npos) << path << " has no settings table of " << topic;
    const Said said = spillway(folder, "explain " + topic + " --markdown");
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
