#pragma once
/// Of the requests on one meter, those that the repeats of each layer caused.
///
/// A request of a batch has one price, and of its messages some may be new and others repeated, by several
/// layers. A layer's share is that of its messages; but a bill counts whole requests. So what a layer did not
/// get of them it is owed, and gets of a later request: in the long run each has what is its own.
///
/// Invariants: at most all requests of a call are repeats, and of the requests so far the repeats are short
/// of their share by less than one.

#include <algorithm>
#include <cstdint>

#include "spillway/retry_layer.hpp"

namespace spillway {

class RepeatedRequests {
 public:
  using Counts = ByRetryLayer<std::int64_t>;

  /// `repeats`: of the messages that the requests carry, those that each layer repeated.
  Counts part(std::int64_t requests, std::int64_t messages, const Counts& repeats) {
    for (const RetryLayer layer : kLayersTryingAgain)
      owed_[layer] += requests * repeats[layer] * kRequest / messages;
    Counts parts;
    for (std::int64_t whole = owed_.sum() / kRequest; whole > 0; --whole) {
      const RetryLayer next = owed_most();
      owed_[next] -= kRequest;
      ++parts[next];
    }
    return parts;
  }

 private:
  /// In units of owed_: each number of entries that one call can carry divides it, and of a larger batch
  /// less than a millionth of a request is lost.
  static constexpr std::int64_t kRequest = 2'520'000;

  RetryLayer owed_most() const {
    return *std::ranges::max_element(kLayersTryingAgain, {}, [this](RetryLayer of) { return owed_[of]; });
  }

  Counts owed_;
};

}  // namespace spillway
