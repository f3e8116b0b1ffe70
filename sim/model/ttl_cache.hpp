#pragma once
/// A cache whose entries live for one time to live, each: what an authorizer said of a token, what a gateway
/// answered to a request. Where it is full, the oldest entry goes.
///
/// Entries expire in the order in which they were stored, so one queue serves expiry and eviction; storing a
/// key again leaves its old place in the queue behind, to be passed over. The memory follows the entries that
/// live, and is kept for those to come.

#include <cstdint>
#include <deque>
#include <memory_resource>
#include <unordered_map>

#include "spillway/time.hpp"

namespace spillway {

class TtlCache {
 public:
  /// A `ttl` of zero keeps nothing; `capacity` in bytes.
  explicit TtlCache(Duration ttl, std::int64_t capacity = INT64_MAX) : ttl_(ttl), capacity_(capacity) {}

  bool holds(Time now, std::uint64_t key) {
    expire(now);
    return entries_.contains(key);
  }

  /// Keeps the key from now on for the whole time to live, in the place of what it was. Not what is larger
  /// than everything.
  void store(Time now, std::uint64_t key, std::int64_t bytes) {
    if (ttl_ <= Duration::zero() || bytes > capacity_) return;
    expire(now);
    remove(key);
    while (bytes_ > capacity_ - bytes) drop_oldest();
    order_.push_back({now, key, ++stored_});
    entries_[key] = {stored_, bytes};
    bytes_ += bytes;
  }

  std::size_t size() const { return entries_.size(); }
  std::int64_t bytes() const { return bytes_; }

 private:
  struct Entry {
    std::uint64_t serial;
    std::int64_t bytes;
  };
  struct Place {
    Time stored;
    std::uint64_t key;
    std::uint64_t serial;
  };

  void remove(std::uint64_t key) {
    const auto known = entries_.find(key);
    if (known == entries_.end()) return;
    bytes_ -= known->second.bytes;
    entries_.erase(known);
  }
  void drop_oldest() {
    const Place oldest = order_.front();
    order_.pop_front();
    const auto known = entries_.find(oldest.key);
    if (known != entries_.end() && known->second.serial == oldest.serial) remove(oldest.key);
  }
  void expire(Time now) {
    while (!order_.empty() && now - order_.front().stored >= ttl_) drop_oldest();
  }

  Duration ttl_;
  std::int64_t capacity_;
  std::int64_t bytes_ = 0;
  std::uint64_t stored_ = 0;
  std::pmr::unsynchronized_pool_resource memory_;
  std::pmr::unordered_map<std::uint64_t, Entry> entries_{&memory_};
  std::pmr::deque<Place> order_{&memory_};
};

}  // namespace spillway
