// spillway report: a result folder shown again, as the page or as text for scripts and pull requests.

#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "command.hpp"
#include "page.hpp"
#include "report/digest.hpp"
#include "report/page.hpp"

namespace spillway::cli {

namespace {

std::optional<std::string> page_data_of(const std::string& folder) {
  std::ifstream in(std::filesystem::path(folder) / "report.json", std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  std::string data = text.str();
  while (data.ends_with('\n')) data.pop_back();
  if (in) return data;
  complain(fmt::format(
      "spillway: '{}' holds no report.json: is it a folder that 'run -o' or 'compare -o' wrote?", folder));
  return std::nullopt;
}

tl::expected<std::string, std::string> rendered(const std::string& data, const std::string& format) {
  auto markdown = markdown_digest(data);  // whatever is asked for, what is no page data must not get far
  if (!markdown || format == "markdown") return markdown;
  if (format == "csv") return csv_digest(data);
  if (format == "json") return data + "\n";
  auto page = render_page(page_shell(), data);
  if (page) return std::move(*page);
  return tl::unexpected(std::string("this command was built without the report page"));
}

}  // namespace

int report(const std::string& folder, const std::string& format, const std::string& target) {
  const auto data = page_data_of(folder);
  if (!data) return kUsage;
  const auto text = rendered(*data, format);
  if (!text) {
    complain(fmt::format("spillway: cannot show '{}': {}", folder, text.error()));
    return kUsage;
  }
  const bool to_stdout = target == "-" || (target.empty() && format != "html");
  if (to_stdout) {
    print(*text);
    return kDone;
  }
  const std::string path = target.empty() ? (std::filesystem::path(folder) / "report.html").string() : target;
  if (const auto problem = write_file(path, *text)) {
    complain("spillway: " + *problem);
    return kUsage;
  }
  return kDone;
}

}  // namespace spillway::cli
