#include "formats/hash.hpp"

#include <openssl/evp.h>

#include <array>

#include <fmt/format.h>

namespace spillway {

std::optional<std::string> hash_hex(std::string_view algorithm, std::string_view data) {
  const EVP_MD* digest = algorithm == "MD5"       ? EVP_md5()
                         : algorithm == "SHA-1"   ? EVP_sha1()
                         : algorithm == "SHA-256" ? EVP_sha256()
                         : algorithm == "SHA-384" ? EVP_sha384()
                         : algorithm == "SHA-512" ? EVP_sha512()
                                                  : nullptr;
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  if (digest == nullptr || EVP_Digest(data.data(), data.size(), bytes.data(), &size, digest, nullptr) != 1) {
    return std::nullopt;
  }
  std::string text;
  for (unsigned i = 0; i < size; ++i) text += fmt::format("{:02x}", bytes[i]);
  return text;
}

}  // namespace spillway
