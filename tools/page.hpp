#pragma once
/// The report page on its way to disk: from the flags, whether one is wanted and may be written; from the
/// results, its files.

#include <string_view>
#include <vector>

#include "command.hpp"
#include "experiment/comparison.hpp"
#include "report/results.hpp"

namespace spillway::cli {

/// The page without data, as tools/web builds it; empty in a command that was built without it.
std::string_view page_shell();

struct PageFiles {
  std::string data;  ///< JSON
  std::string html;  ///< empty without a shell

  std::vector<ResultFile> for_folder() const;
  /// To a file, or to stdout for "-"; nothing when there is no path. What went wrong, or nothing.
  std::optional<std::string> write(const std::string& path) const;
};

bool wants_page(const RunFlags& flags);
/// Whether the page that the flags ask for can be made and written; complains otherwise, before any work.
bool can_report(const RunFlags& flags);
PageFiles make_page(const RunFlags& flags, const std::vector<Experiment>& experiments,
                    const std::vector<std::vector<JudgedThreshold>>& judged,
                    const std::vector<Contrast>& contrasts);

}  // namespace spillway::cli
