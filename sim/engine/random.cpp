// The key of a stream is a hash of its seed and name, made byte by byte so that it is the same on any
// machine. Both halves are mixed: seeds are usually small neighbours (1, 2, 3...) and names share long
// prefixes.
#include "spillway/random.hpp"

namespace spillway {

Stream::Stream(std::uint64_t seed, std::string_view name) {
  std::uint64_t hash = mix_bits(seed + kWeylStep);
  for (const char letter : name) {
    hash = mix_bits((hash ^ static_cast<unsigned char>(letter)) + kWeylStep);
  }
  key_ = mix_bits(hash + name.size());
}

}  // namespace spillway
