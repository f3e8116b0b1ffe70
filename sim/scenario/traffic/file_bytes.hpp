#pragma once
/// The bytes of a file on disk, for the readers in formats/, and where its error messages get the file's
/// name.

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "formats/csv.hpp"

namespace spillway {

class FileBytes final : public ByteSource {
 public:
  /// The message when the file cannot be opened: "cannot read 'x.csv': No such file or directory".
  static tl::expected<std::unique_ptr<FileBytes>, std::string> open(const std::string& path);
  std::size_t read(char* into, std::size_t room) override;
  bool rewind() override;
  std::string_view problem() const override { return problem_; }
  const std::string& path() const { return path_; }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  FileBytes(std::string path, std::FILE* file);

  std::string path_;
  std::unique_ptr<std::FILE, Close> file_;
  std::string problem_;
};

/// "file:line:column: message", as editors and terminals understand it.
std::string located(const std::string& path, const CsvError& error);

}  // namespace spillway
