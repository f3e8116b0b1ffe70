#include "page.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "report/page.hpp"
#include "report/page_data.hpp"

namespace spillway::cli {

std::vector<ResultFile> PageFiles::for_folder() const {
  std::vector<ResultFile> files{{"report.json", data + "\n"}};
  if (!html.empty()) files.push_back({"report.html", html});
  return files;
}

std::optional<std::string> PageFiles::write(const std::string& path) const {
  if (path.empty()) return std::nullopt;
  if (path != "-") return write_file(path, html);
  print(html);
  return std::nullopt;
}

bool wants_page(const RunFlags& flags) { return !flags.report.empty() || !flags.out.empty(); }

bool can_report(const RunFlags& flags) {
  if (flags.report.empty()) return true;
  if (page_shell().empty()) {
    complain("spillway: this command was built without the report page: configure with -DSPILLWAY_PAGE=ON");
    return false;
  }
  if (flags.report == "-") return true;
  const std::filesystem::path path(flags.report);
  std::error_code ignored;
  const bool has_folder =
      path.parent_path().empty() || std::filesystem::is_directory(path.parent_path(), ignored);
  if (has_folder && path.has_filename() && !std::filesystem::is_directory(path, ignored)) return true;
  complain(fmt::format("spillway: --report cannot write '{}': {}", flags.report,
                       has_folder ? "it is a folder" : "there is no such folder"));
  return false;
}

PageFiles make_page(const RunFlags& flags, const std::vector<Experiment>& experiments,
                    const std::vector<std::vector<JudgedThreshold>>& judged,
                    const std::vector<Contrast>& contrasts) {
  PageFiles files;
  if (!wants_page(flags)) return files;
  files.data = page_data(experiments, judged, contrasts);
  files.html = render_page(page_shell(), files.data).value_or("");
  return files;
}

}  // namespace spillway::cli
