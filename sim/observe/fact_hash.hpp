#pragma once
/// One number for everything that happened: every field of every fact, in order. Two runs with equal hashes
/// went the same way; a run prints it, and the tests compare it between event sets, threads and compilers.
/// It tells runs apart by accident-proof odds (2^-64); it is no cryptographic hash.

#include <bit>
#include <cstdint>

#include "spillway/fact.hpp"

namespace spillway {

class FactHash final : public Observer {
 public:
  FactHash() = default;
  explicit FactHash(FactBus& facts) { facts.subscribe_all<&FactHash::hear>(*this); }

  void observe(const Fact& fact) override { hear(fact); }

  std::uint64_t value() const {
    std::uint64_t hash = state_;
    hash = (hash ^ hash >> 32) * 0xd6e8feb86659fd93u;
    hash = (hash ^ hash >> 32) * 0xd6e8feb86659fd93u;
    return hash ^ hash >> 32;
  }

 private:
  void hear(const Fact& fact) {
    // Each field is spread by a multiplication of its own, side by side; only the last line waits for the
    // fact before.
    const std::uint64_t about = std::uint64_t{fact.subject} << 32 | std::uint64_t{fact.service} << 16 |
                                static_cast<std::uint64_t>(fact.kind) << 8 | fact.detail;
    const auto at = static_cast<std::uint64_t>(fact.at.time_since_epoch().count());
    std::uint64_t word = (at + 1) * 0x9e3779b97f4a7c15u;
    word ^= std::rotl((static_cast<std::uint64_t>(fact.value) + 2) * 0xbf58476d1ce4e5b9u, 17);
    word ^= std::rotl((static_cast<std::uint64_t>(fact.extra) + 3) * 0x94d049bb133111ebu, 31);
    word ^= std::rotl((about + 4) * 0xd6e8feb86659fd93u, 47);
    state_ = (std::rotl(state_, 29) ^ word) * 0xff51afd7ed558ccdu;
  }

  std::uint64_t state_ = 0x6a09e667f3bcc909u;
};

}  // namespace spillway
