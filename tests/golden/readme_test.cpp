// What the README shows of its comparison is what the command prints: the command line is read from the
// README, run, and compared with the block that follows it there. With SPILLWAY_APPROVE=1 in the environment
// the block is rewritten. Neither the clock nor a path of the machine stands in it.

#include <gtest/gtest.h>

#include <cstdlib>
#include <sstream>

#include "cli/command.hpp"

namespace spillway::testing {
namespace {

namespace fs = std::filesystem;

constexpr const char* kReadme = SPILLWAY_SOURCE_DIR "/README.md";
constexpr std::size_t kColumns = 115;  // of the README's block; what is longer ends in dots there

std::string readme() {
  std::ifstream file(kReadme, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Where the lines of the first code block after a place stand.
struct Block {
  std::size_t begin;
  std::size_t end;
};
Block block_after(const std::string& text, std::size_t from) {
  const std::size_t begin = text.find('\n', text.find("\n```\n", from) + 1) + 1;
  return {begin, text.find("```\n", begin)};
}

/// The byte at which a column begins, counted from 0. All but a character's first byte begin with the
/// bits 10.
std::size_t byte_of(std::string_view line, std::size_t column) {
  for (std::size_t at = 0; at < line.size(); ++at) {
    const bool begins = (static_cast<unsigned char>(line[at]) & 0xC0U) != 0x80U;
    if (begins && column-- == 0) return at;
  }
  return line.size();
}

std::string cut_to_columns(const std::string& line) {
  if (byte_of(line, kColumns) == line.size()) return line;
  return line.substr(0, byte_of(line, kColumns - 3)) + "...";
}

std::string cut_lines(const std::string& text) {
  std::istringstream lines(text);
  std::string cut;
  for (std::string line; std::getline(lines, line);) cut += cut_to_columns(line) + "\n";
  return cut;
}

TEST(Readme, ShowsWhatItsComparisonPrints) {
  std::string page = readme();
  const std::string program = "\nspillway ";
  const std::size_t words = page.find(program + "compare ") + program.size();
  const std::size_t after = page.find('\n', words);
  const Scratch folder;
  fs::create_directory_symlink(SPILLWAY_SOURCE_DIR "/scenarios", folder.path() / "scenarios");
  const Said said = spillway(folder, page.substr(words, after - words));
  ASSERT_EQ(said.code, 99) << said.err << "one of the two misses a threshold, and the README shows it";

  const auto [begin, end] = block_after(page, after + 1);
  const std::string now = cut_lines(said.out);
  if (std::getenv("SPILLWAY_APPROVE") != nullptr) {
    page.replace(begin, end - begin, now);
    std::ofstream(kReadme, std::ios::binary) << page;
    return;
  }
  EXPECT_EQ(page.substr(begin, end - begin), now);
}

}  // namespace
}  // namespace spillway::testing
