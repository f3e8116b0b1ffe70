#pragma once
/// Traffic as the world meets it: one arrival after another, asked for when the last has come, never held
/// whole.
///
/// Invariants: times never decrease; memory does not grow with what has passed; the n-th arrival is a pure
/// function of the description, the seed and n, whatever the architecture does with it. So the same traffic
/// meets every candidate.

#include <cstdint>
#include <limits>
#include <string_view>

#include "spillway/time.hpp"

namespace spillway {

inline constexpr std::uint32_t kAnyClass = UINT32_MAX;

/// One unit of traffic at the door, with what the recording or the description says about it.
struct Arrival {
  Time at{};
  Duration work{-1};  ///< a service duration of its own, or -1: none
  std::uint32_t traffic_class = kAnyClass;
  std::int64_t bytes = -1;  ///< size of the request's body, or -1: not said
  std::uint64_t key = 0;    ///< what it is about, when has_key
  bool has_key = false;

  /// Somebody arrives, and that is all that is said. Written member by member: a whole Arrival that is built
  /// beside and copied waits for its own stores, with every request.
  void set_plain(Time when) {
    at = when;
    work = Duration{-1};
    traffic_class = kAnyClass;
    bytes = -1;
    key = 0;
    has_key = false;
  }
};

class Arrivals {
 public:
  virtual ~Arrivals() = default;

  /// The next arrival, all of its members; false: no more, or problem() says why the traffic could not be
  /// read on.
  virtual bool next(Arrival& arrival) = 0;

  /// Expected arrivals a second over [from, to); NaN when it is not known. Recorded traffic is read through
  /// for it.
  virtual double mean_rate(Time from, Time to) const = 0;

  /// Why next() ended early, as "file:line:column: message"; empty while all is well. A run whose traffic has
  /// a problem has failed: ask once next() has said false.
  virtual std::string_view problem() const { return {}; }
};

}  // namespace spillway
