#pragma once
/// A token bucket in integer arithmetic: it refills continuously, holds at most `burst` tokens, starts full,
/// and a request takes whole tokens or none. One token is kRefill units, so that a rate of tokens a second
/// adds an exact number of units a nanosecond's worth of time without rounding drift: the time not yet turned
/// into units is kept.

#include <algorithm>
#include <cstdint>

#include "spillway/time.hpp"

namespace spillway {

class TokenBucket {
 public:
  /// Never refuses.
  TokenBucket() = default;

  /// `rate_millis` thousandths of a token a second (so 0.5/s is 500), `burst` whole tokens; both > 0 or the
  /// bucket refuses everything once its burst is spent.
  TokenBucket(std::int64_t rate_millis, std::int64_t burst)
      : rate_(rate_millis), capacity_(Wide{burst} * kUnit), units_(capacity_), limited_(true) {}

  static TokenBucket per_second(double rate, double burst) {
    return TokenBucket(static_cast<std::int64_t>(rate * 1e3 + 0.5), static_cast<std::int64_t>(burst));
  }

  bool limited() const { return limited_; }

  /// Takes `tokens` when they are all there.
  bool take(Time now, std::int64_t tokens = 1) {
    if (!limited_) return true;
    refill(now);
    return take_units(Wide{tokens} * kUnit);
  }

  /// Takes `thousandths` of tokens when they are all there, for capacity that is counted in fractions.
  bool take_millis(Time now, std::int64_t thousandths) {
    if (!limited_) return true;
    refill(now);
    return take_units(Wide{thousandths} * (kUnit / 1000));
  }

  /// Whether `tokens` are there, without taking them.
  bool holds(Time now, std::int64_t tokens) {
    if (!limited_) return true;
    refill(now);
    return units_ >= Wide{tokens} * kUnit;
  }

  /// Gives tokens back, never above the burst.
  void give(std::int64_t tokens) { units_ = std::min(capacity_, units_ + Wide{tokens} * kUnit); }

  /// Another rate and burst from now on; tokens beyond the new burst are lost.
  void change(Time now, std::int64_t rate_millis, std::int64_t burst) {
    refill(now);
    rate_ = rate_millis;
    capacity_ = Wide{burst} * kUnit;
    units_ = std::min(capacity_, units_);
    limited_ = true;
  }

  /// How long until `tokens` will be there if nobody takes any; zero when they are.
  Duration wait(Time now, std::int64_t tokens = 1) {
    if (holds(now, tokens)) return Duration::zero();
    if (rate_ == 0) return Duration::max();
    const Wide missing = Wide{tokens} * kUnit - units_;
    return Duration{static_cast<std::int64_t>((missing + rate_ - 1) / rate_)};
  }

  std::int64_t whole_tokens(Time now) {
    refill(now);
    return static_cast<std::int64_t>(units_ / kUnit);
  }

 private:
  // rate_ thousandths of tokens a second = rate_ units a nanosecond when a token is 1e12 units.
  __extension__ using Wide = __int128;  // 64 bits would end at a burst of nine million tokens
  static constexpr std::int64_t kUnit = 1'000'000'000'000;

  bool take_units(Wide units) {
    if (units_ < units) return false;
    units_ -= units;
    return true;
  }

  void refill(Time now) {
    const std::int64_t elapsed = (now - last_).count();
    last_ = now;
    units_ = std::min(capacity_, units_ + Wide{elapsed} * rate_);
  }

  std::int64_t rate_ = 0;
  Wide capacity_ = 0;
  Wide units_ = 0;
  Time last_ = kStart;
  bool limited_ = false;
};

}  // namespace spillway
