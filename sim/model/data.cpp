// See data.hpp. The files themselves are in a source that the build generates.
#include "model/data.hpp"

namespace spillway {

std::string_view embedded(std::string_view path) {
  for (const EmbeddedFile& file : embedded_files()) {
    if (file.path == path) return file.contents;
  }
  return {};
}

}  // namespace spillway
