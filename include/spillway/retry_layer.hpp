#pragma once
/// Who tries again. A repeated attempt belongs to the layer that made it, and so does what is done for it
/// behind its callee, until a deeper layer tries again itself.

#include <array>
#include <cstddef>
#include <cstdint>

namespace spillway {

/// From the client inwards. A call's lineage keeps it in three bits.
enum class RetryLayer : std::uint8_t {
  none,
  client,        ///< who sends the traffic
  sdk,           ///< a call of a handler
  event_source,  ///< throttled batches, within the visibility of one receive
  redrive,       ///< a queue that delivers again what was not deleted
  asynchronous,  ///< Lambda's queue of events
  workflow,      ///< the Retry of a state machine's state
  hedge,         ///< a client that asks again while it still waits
};
inline constexpr std::size_t kRetryLayers = 8;
const char* name_of(RetryLayer layer);

/// All but RetryLayer::none.
inline constexpr std::array kLayersTryingAgain{
    RetryLayer::client,       RetryLayer::sdk,      RetryLayer::event_source, RetryLayer::redrive,
    RetryLayer::asynchronous, RetryLayer::workflow, RetryLayer::hedge};

/// One amount for each layer.
template <class Amount>
struct ByRetryLayer {
  std::array<Amount, kRetryLayers> of{};

  Amount& operator[](RetryLayer layer) { return of[static_cast<std::size_t>(layer)]; }
  const Amount& operator[](RetryLayer layer) const { return of[static_cast<std::size_t>(layer)]; }
  Amount sum() const {
    Amount sum{};
    for (const Amount& amount : of) sum += amount;
    return sum;
  }
  ByRetryLayer& operator+=(const ByRetryLayer& other) {
    for (std::size_t i = 0; i < kRetryLayers; ++i) of[i] += other.of[i];
    return *this;
  }
  friend bool operator==(const ByRetryLayer&, const ByRetryLayer&) = default;
};

}  // namespace spillway
