#pragma once
/// The account's concurrency in one Region: what the functions without reserved concurrency share. Reserved
/// concurrency is taken out of it whether it is used or not, and a floor always stays unreserved (Lambda
/// Developer Guide, "Understanding Lambda function scaling").

#include <cstdint>

#include "spillway/world.hpp"

namespace spillway {

class ConcurrencyPool : public Shared {
 public:
  explicit ConcurrencyPool(std::int64_t limit) : limit_(limit) {}

  void set_limit(std::int64_t limit) { limit_ = limit; }
  void reserve(std::int64_t concurrency) { reserved_ += concurrency; }

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
};

}  // namespace spillway
