#pragma once
/// Material that others measured and that the project does not carry: it lies beside the project
/// (`../shared`), or where SPILLWAY_SHARED says. Tests that need it are skipped without it.

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace spillway {

inline std::string shared_path(const std::string& path) {
  const char* folder = std::getenv("SPILLWAY_SHARED");
  return (folder != nullptr ? std::string(folder) : std::string(SPILLWAY_SOURCE_DIR) + "/../shared") + "/" +
         path;
}

inline bool read_shared(const std::string& path, std::string& text) {
  std::ifstream file(shared_path(path), std::ios::binary);
  if (!file) return false;
  text.assign(std::istreambuf_iterator<char>(file), {});
  return true;
}

}  // namespace spillway
