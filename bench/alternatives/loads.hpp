#pragma once
/// The loads that pending-event sets are measured under.
///
/// HOLD is the classic one: N entries pend; each operation pops the next and pushes it back some delay later.
/// The delays come from a table drawn beforehand, so that what is measured is the set and not the drawing.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string_view>
#include <vector>

#include "engine/math.hpp"
#include "engine/pending_set.hpp"
#include "report.hpp"
#include "spillway/random.hpp"

namespace spillway::bench {

inline constexpr double kMillisecond = 1e6;
inline constexpr double kSecond = 1e9;

struct Load {
  std::string_view name;
  double (*delay)(Draws&);  ///< ns
};

inline double exponential(Draws& draws, double mean) { return -mean * math::log(draws.open01()); }

/// The eight distributions of goal P2.
inline constexpr std::array<Load, 8> kLoads{{
    {"exponential", [](Draws& d) { return exponential(d, kSecond); }},
    {"uniform", [](Draws& d) { return 2 * kSecond * d.uniform(); }},
    {"bimodal", [](Draws& d) { return d.chance(0.5) ? exponential(d, 10 * kMillisecond) : 600 * kSecond; }},
    {"ties", [](Draws& d) { return static_cast<double>(1 + d.below(2000)) * kMillisecond; }},
    {"constant", [](Draws&) { return kSecond; }},
    {"pareto", [](Draws& d) { return kMillisecond * math::pow(d.open01(), -1 / 1.1); }},
    {"90/10", [](Draws& d) { return exponential(d, d.chance(0.9) ? kMillisecond : 100 * kSecond); }},
    {"biased", [](Draws& d) { return kSecond * (0.9 + 0.2 * d.uniform()); }},
}};

/// A ring of delays; its size is a power of two.
class Delays {
 public:
  explicit Delays(const Load& load, std::uint64_t key = 1) {
    Draws draws(key);
    for (std::uint64_t& delay : ring_) delay = static_cast<std::uint64_t>(load.delay(draws));
  }
  std::uint64_t next() { return ring_[at_++ % kSize]; }

 private:
  static constexpr std::size_t kSize = 1U << 14U;
  std::vector<std::uint64_t> ring_ = std::vector<std::uint64_t>(kSize);
  std::size_t at_ = 0;
};

/// What a measurement may take before it is given up: some alternatives need linear time on some loads.
inline constexpr double kPatience = 8;  // seconds of CPU

/// ns per pop+push after the set has reached its steady state; infinite if patience ran out. Adds what was
/// popped to the hash.
template <typename Set>
double hold(const Load& load, std::size_t pending, std::size_t operations, Hash& hash) {
  const auto set = std::make_unique<Set>();
  Delays delays(load);
  Draws draws(2);  // not from the ring: repeated delays would start as equal times
  std::size_t pushed = 0;
  std::uint64_t words = 0;
  const auto fill = [&](std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
      set->push({static_cast<std::uint64_t>(load.delay(draws)), pushed++});
  };
  const auto turn = [&](std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      PendingEvent entry = set->pop();
      words = words * 3 + entry.word;
      entry.time += delays.next();
      set->push(entry);
    }
  };
  double patience = kPatience;
  const auto patiently = [&patience](std::size_t count, const auto& work) {
    while (count > 0 && patience > 0) {
      const std::size_t part = std::min<std::size_t>(count, 1000);
      patience -= cpu_seconds([&] { work(part); });
      count -= part;
    }
  };
  patiently(pending, fill);
  patiently(pending + pending / 2, turn);
  const double probe = cpu_seconds([&] { turn(patience > 0 ? 1000 : 0); });
  if (patience <= 0 || probe * static_cast<double>(operations) / 1000 > kPatience) {
    return std::numeric_limits<double>::infinity();
  }
  const double elapsed = cpu_seconds([&] { turn(operations); });
  hash.add(words);
  return elapsed * 1e9 / static_cast<double>(operations);
}

}  // namespace spillway::bench
