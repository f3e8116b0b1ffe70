#include "model/hedging.hpp"

#include <algorithm>
#include <cmath>

#include "spillway/check.hpp"

namespace spillway {

HedgingDelay::HedgingDelay(const HedgingPolicy& policy) : quantile_(policy.quantile) {
  if (quantile_ <= 0) {
    delay_ = policy.delay;
    return;
  }
  latencies_.resize(kRemembered);
  scratch_.reserve(kRemembered);
}

void HedgingDelay::measured(Duration latency) {
  if (latencies_.empty()) return;
  latencies_[next_] = latency;
  next_ = next_ + 1 == kRemembered ? 0 : next_ + 1;
  known_ = std::min(known_ + 1, kRemembered);
  if (next_ % kRenewed != 0) return;
  const auto count = static_cast<std::ptrdiff_t>(known_);
  scratch_.assign(latencies_.begin(), latencies_.begin() + count);
  // The nearest rank: the least latency that at least this share does not exceed.
  const double rank = std::ceil(quantile_ * static_cast<double>(known_));
  const auto place =
      scratch_.begin() + std::clamp<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(rank) - 1, 0, count - 1);
  std::ranges::nth_element(scratch_, place);
  delay_ = *place;
}

HedgedId HedgedCalls::begin(const HedgedCall& hedged, CallId first) {
  const HedgedId id = pool_.take();
  pool_[id] = hedged;
  pool_[id].first = first;
  pool_[id].sides[0] = first;
  note(first, id);
  return id;
}

void HedgedCalls::join(HedgedId id, CallId side) {
  HedgedCall& hedged = pool_[id];
  auto* const place = std::ranges::find(hedged.sides, kNoCall);
  check(place != hedged.sides.end(), "a call has too many sides");
  *place = side;
  ++hedged.waited_for;
  note(side, id);
}

HedgedId HedgedCalls::leave(CallId side) {
  const HedgedId id = of(side);
  HedgedCall& hedged = pool_[id];
  *std::ranges::find(hedged.sides, side) = kNoCall;
  --hedged.waited_for;
  if (hedged.first == side) hedged.first = kNoCall;
  note(side, kNotHedged);
  return id;
}

void HedgedCalls::note(CallId call, HedgedId as) {
  const auto number = static_cast<std::size_t>(call);
  if (number >= of_.size()) {
    of_.reserve(number + number / 8 + 1);
    of_.resize(of_.capacity(), kNotHedged);
  }
  of_[number] = as;
}

}  // namespace spillway
