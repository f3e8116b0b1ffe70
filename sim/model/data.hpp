#pragma once
/// Data files inside the program: quotas, measured cold starts, prices. Every figure that a provider may
/// change lives in a dated file under data/ or scenarios/prices/, not in code; the build turns those files
/// into constants (cmake/embed.cmake), so that the binary needs no file beside it.

#include <span>
#include <string_view>

namespace spillway {

struct EmbeddedFile {
  std::string_view path;  // from the project's root, e.g. "data/quotas/aws.json"
  std::string_view contents;
};

/// All files, sorted by path.
std::span<const EmbeddedFile> embedded_files();

/// One file's contents, or an empty view when no such file was built in.
std::string_view embedded(std::string_view path);

}  // namespace spillway
