// C's file functions without their buffer: the reader asks for large chunks anyway.
#include "scenario/traffic/file_bytes.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

namespace spillway {
namespace {

std::string why(const std::string& path, int error) {
  return "cannot read '" + path + "': " + std::generic_category().message(error);
}

}  // namespace

FileBytes::FileBytes(std::string path, std::FILE* file) : path_(std::move(path)), file_(file) {
  std::setvbuf(file, nullptr, _IONBF, 0);
}

tl::expected<std::unique_ptr<FileBytes>, std::string> FileBytes::open(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return tl::unexpected(why(path, errno));
  return std::unique_ptr<FileBytes>(new FileBytes(path, file));
}

std::size_t FileBytes::read(char* into, std::size_t room) {
  const std::size_t n = std::fread(into, 1, room, file_.get());
  if (n == 0 && std::ferror(file_.get()) != 0) problem_ = why(path_, errno);
  return n;
}

bool FileBytes::rewind() {
  std::clearerr(file_.get());
  problem_.clear();
  return std::fseek(file_.get(), 0, SEEK_SET) == 0;
}

std::string located(const std::string& path, const CsvError& error) {
  return path + ":" + std::to_string(error.line) + ":" + std::to_string(error.column) + ": " + error.message;
}

}  // namespace spillway
