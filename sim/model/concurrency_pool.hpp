#pragma once
/// The account's concurrency in one Region: what the functions without reserved concurrency share. Reserved
/// concurrency is taken out of it whether it is used or not, so is the provisioned concurrency of functions
/// without reserved, and a floor always stays unreserved (Lambda Developer Guide, "Understanding Lambda
/// function scaling"). And the limit that goes with each unit of concurrency, reserved or the account's: ten
/// requests a second.

#include <cstdint>

#include "spillway/world.hpp"

namespace spillway {

/// At most so many in any second of the clock. The guide gives the limit and not the mechanism; a window is
/// an assumption, and costs a comparison.
class RequestRate {
 public:
  void limit(std::int64_t most) { most_ = most; }
  bool take(Time now) {
    if (now - since_ >= Duration{1s}) {
      since_ = now - (now - since_) % Duration{1s};
      taken_ = 0;
    }
    if (taken_ >= most_) return false;
    ++taken_;
    return true;
  }
  /// What was taken just now was not used: the request was refused for another reason.
  void give() { --taken_; }

 private:
  std::int64_t most_ = INT64_MAX;
  std::int64_t taken_ = 0;
  Time since_ = kStart;
};

class ConcurrencyPool : public Shared {
 public:
  explicit ConcurrencyPool(std::int64_t limit) : limit_(limit) {}

  void set_limit(std::int64_t limit) { limit_ = limit; }
  void reserve(std::int64_t concurrency) { reserved_ += concurrency; }
  void limit_rate(std::int64_t per_second) { rate_.limit(per_second); }
  bool take_rate(Time now) { return rate_.take(now); }
  void give_rate() { rate_.give(); }

  std::int64_t limit() const { return limit_; }
  std::int64_t unreserved() const { return limit_ - reserved_; }
  std::int64_t in_use() const { return in_use_; }

  bool take() {
    if (in_use_ >= unreserved()) return false;
    ++in_use_;
    return true;
  }
  void give() { --in_use_; }

 private:
  std::int64_t limit_;
  std::int64_t reserved_ = 0;
  std::int64_t in_use_ = 0;
  RequestRate rate_;
};

}  // namespace spillway
