#pragma once
/// What each layer's repeated attempts cost a month: the bill's share of retries, parted among those who
/// tried again.
///
/// A repeat belongs to the layer that made it. Work that is asked for again since its caller was asked again
/// belongs to the layer that asked the caller again, and so on towards the client: of every resource's
/// repeats it is known how many its callers' own layers made, and how many they passed on.
///
/// The bill knows how much of a line all repeats used, not each one, so a line is parted by the number of
/// repeats. That is exact where one layer alone reaches a resource again, and otherwise as though each
/// layer's repeats had used as much. What comes from a resource of whose own repeats nothing is known, such
/// as the consumer of a message that was sent twice, is nobody's (RetryLayer::none).
///
/// Invariant: the layers of a line add up to its share of retries, to the last digit.

#include <array>
#include <span>
#include <string>
#include <vector>

#include "report/retry_layers.hpp"

namespace spillway {

inline constexpr std::size_t kRetryCosts = kRetryLayers.size() + 1;

/// In the order of kRetryLayers, and last what is nobody's.
struct LayerCosts {
  std::array<Money, kRetryCosts> month{};

  static RetryLayer layer(std::size_t place) {
    return place < kRetryLayers.size() ? kRetryLayers.at(place) : RetryLayer::none;
  }
  Money of(RetryLayer layer) const;
  LayerCosts& operator+=(const LayerCosts& other);
};

struct RetryCosts {
  std::vector<LayerCosts> lines;  ///< of the bill, in its order
  LayerCosts total;
};

RetryCosts retry_costs(const Experiment& experiment);

}  // namespace spillway
