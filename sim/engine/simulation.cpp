// The table of thunks behind bound-member events. It is filled by the initialisers of detail::kOrdinal before
// main() runs and never written again, so simulations on several threads may read it without a lock.

#include "spillway/simulation.hpp"

namespace spillway::detail {

std::array<Thunk, Thunks::kMost>& Thunks::table() {
  static constinit std::array<Thunk, kMost> thunks{};
  return thunks;
}

std::uint16_t Thunks::add(Thunk thunk) {
  static constinit std::uint16_t count = 0;
  check(count < kMost, "too many kinds of events");
  table()[count] = thunk;
  return count++;
}

}  // namespace spillway::detail
