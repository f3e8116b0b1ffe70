#pragma once
/// The subcommand `validate`: its flags and what it does.

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace spillway::cli {

struct ValidateFlags {
  std::vector<std::string> paths;
  std::vector<std::string> sets;
  std::vector<std::string> vars;
  std::string format = "text";
  bool strict = false;  ///< warnings count as errors
  bool quiet = false;   ///< findings only
};
CLI::App* add_validate(CLI::App& app, ValidateFlags& flags);

int validate(const ValidateFlags& flags);

}  // namespace spillway::cli
