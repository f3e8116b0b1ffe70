#pragma once
/// Responses that leave for callers on the internet, which are billed as data transfer out. Whoever stands at
/// the edge (a gateway, a load balancer, a function's URL) has one, and says how large its responses are.
///
/// Source: AWS Price List, data transfer. The size of answers that are no success is left out.

#include "spillway/world.hpp"

namespace spillway {

class InternetEgress {
 public:
  explicit InternetEgress(bool internet) : internet_(internet) {}

  /// Some responses will be so large: only then is there a line for them on the bill.
  void expect(World& world, std::int64_t bytes) {
    if (internet_ && bytes > 0) meter_ = world.meter("network.internet_egress");
  }

  /// What of a response is billed; false: nothing.
  struct Billed {
    MeterId meter{};
    std::int64_t bytes = 0;
    explicit operator bool() const { return bytes > 0; }
  };
  Billed of(Outcome outcome, std::int64_t bytes) const {
    return {meter_, internet_ && outcome == Outcome::ok ? bytes : 0};
  }

 private:
  bool internet_;
  MeterId meter_{};
};

}  // namespace spillway
