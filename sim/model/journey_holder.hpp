#pragma once
/// Who keeps journeys alive beyond their end by more than calls, messages and receipts, and so has to account
/// for it: a record that nobody can name would be a leak.

#include <cstdint>

namespace spillway {

class JourneyHolder {
 public:
  virtual ~JourneyHolder() = default;
  /// How many references to journeys it holds beside those of its calls, messages and receipts.
  virtual std::uint64_t journeys_held() const = 0;
};

}  // namespace spillway
