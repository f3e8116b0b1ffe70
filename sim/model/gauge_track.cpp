#include "model/gauge_track.hpp"

#include <numeric>

namespace spillway {

std::optional<std::int64_t> Dwell::quantile(double q) const {
  const double whole = static_cast<double>(std::accumulate(ns.begin(), ns.end(), Int128{0}));
  if (whole <= 0) return std::nullopt;
  Int128 below = 0;
  for (std::size_t level = 0; level < kLevels; ++level) {
    below += ns[level];
    if (static_cast<double>(below) >= q * whole) return static_cast<std::int64_t>(level);
  }
  return std::nullopt;
}

}  // namespace spillway
