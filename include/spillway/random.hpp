#pragma once
/// Randomness without state: a draw is a pure function of (seed, stream name, journey, attempt, n).
///
/// A request therefore meets the same service time in every candidate architecture (common random
/// numbers), adding a service disturbs no other, and threads, ranks or the order of events change nothing.
///
/// A Stream is named once, when the world is built ("worker/compute"). `at(journey, attempt)` is then a
/// fresh sequence of Draws, of which the n-th is a hash of the key and n. Two rounds of a 64-bit bijective
/// mixer stand between the counters and the bits, so neighbouring journeys, attempts and draws are
/// unrelated (tests/engine/random_test.cpp: avalanche, chi-squared, serial correlation, collisions).
/// Within a stream the keys of all journeys below 2^48 with attempts below 2^16 are distinct, by
/// construction.

#include <bit>
#include <cstdint>
#include <string_view>

namespace spillway {

/// A bijection of 64 bits in which each input bit flips each output bit with probability near 1/2, also for
/// counters and other inputs of low entropy (Pelle Evensen's "moremur" constants in Stafford's scheme).
constexpr std::uint64_t mix_bits(std::uint64_t x) {
  x ^= x >> 27;
  x *= 0x3C79AC492BA7B653U;
  x ^= x >> 33;
  x *= 0x1C69B3F74AC4AE35U;
  x ^= x >> 27;
  return x;
}

/// 2^64 divided by the golden ratio, odd: the step of a Weyl sequence, which spreads counters evenly.
inline constexpr std::uint64_t kWeylStep = 0x9E3779B97F4A7C15U;

/// The draws of one key. The n-th call is a pure function of (key, n); a copy repeats the same draws.
class Draws {
 public:
  explicit constexpr Draws(std::uint64_t key) : counter_{key} {}

  constexpr std::uint64_t bits() { return mix_bits(counter_ += kWeylStep); }

  /// In [0, 1), all multiples of 2^-53.
  constexpr double uniform() { return static_cast<double>(bits() >> 11) * 0x1p-53; }

  /// In (0, 1), symmetric about 1/2: 1 - open01() is exact and has the same distribution, so an inverse
  /// distribution function may be fed from either end.
  constexpr double open01() { return (static_cast<double>(bits() >> 12) + 0.5) * 0x1p-52; }

  /// True with probability p. Takes one draw whatever p is, so that changing a probability shifts no other
  /// draw. It is uniform() < p, scaled so that nobody waits for the scaling of the draw.
  constexpr bool chance(double p) { return static_cast<double>(bits() >> 11) < p * 0x1p53; }

  /// Below n, without bias (Lemire's multiplication with rejection; a second draw has probability below n /
  /// 2^64). n must not be zero.
  constexpr std::uint64_t below(std::uint64_t n);

 private:
  std::uint64_t counter_;
};

/// A named source of draws. Eight bytes, no state that moves: share it freely.
class Stream {
 public:
  /// The stream of nobody: deterministic, for members that are assigned later.
  constexpr Stream() = default;
  Stream(std::uint64_t seed, std::string_view name);

  constexpr Draws at(std::uint64_t journey, std::uint32_t attempt = 0) const {
    const std::uint64_t who = journey ^ std::rotl(static_cast<std::uint64_t>(attempt), 48);
    return Draws{mix_bits(key_ + who * kWeylStep) ^ key_};
  }

  /// What tells this stream from any other.
  constexpr std::uint64_t key() const { return key_; }

 private:
  std::uint64_t key_ = 0;
};

constexpr std::uint64_t Draws::below(std::uint64_t n) {
  __extension__ using Wide = unsigned __int128;
  Wide product = static_cast<Wide>(bits()) * n;
  if (static_cast<std::uint64_t>(product) < n) {
    const std::uint64_t unfair = (0 - n) % n;
    while (static_cast<std::uint64_t>(product) < unfair) product = static_cast<Wide>(bits()) * n;
  }
  return static_cast<std::uint64_t>(product >> 64);
}

}  // namespace spillway
