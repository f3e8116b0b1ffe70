#pragma once
/// The local cache of idempotency records: what an execution environment itself knows to be done. Work that
/// it finds there is left out without asking the store.
///
/// Only completed records are kept, for others may change at any time, and none beyond its expiry. Where an
/// environment's cache is full, the record that was used longest ago goes; another environment's is not
/// touched. What an environment knew goes with it.
///
/// All environments' records stand in one pool, so the memory follows the records that are kept.
///
/// Source: aws-powertools/powertools-lambda-python, idempotency: `use_local_cache`, `local_cache_max_items`
/// (2024-10-24).

#include <cstdint>
#include <vector>

#include "model/key_index.hpp"
#include "model/linked_list.hpp"
#include "spillway/time.hpp"

namespace spillway {

class IdempotencyCache {
 public:
  /// Each environment keeps at most so many records; none with zero.
  explicit IdempotencyCache(std::int64_t max_items) : max_items_(max_items) {}

  /// Whether the environment knows that the key's work is done. To be asked for is to be used.
  bool holds(Time now, std::uint32_t environment, std::uint64_t key);
  /// The work is done; known until the record expires.
  void store(std::uint32_t environment, std::uint64_t key, Time expires);
  /// The environment has lost its memory.
  void clear(std::uint32_t environment);

  /// Records that are kept, of all environments.
  std::size_t size() const { return records_.alive(); }

 private:
  enum class RecordId : std::uint32_t {};
  struct Record {
    std::uint64_t name = 0;  ///< of the key in its environment
    Time expires{};
    RecordId previous{UINT32_MAX}, next{UINT32_MAX};
  };
  struct Environment {
    LinkedList<Record, RecordId, &Record::previous, &Record::next> by_use{};
    std::int64_t held = 0;
  };

  void drop(Environment& environment, RecordId id);

  std::int64_t max_items_;
  KeyIndex index_;  ///< by name
  Pool<Record, RecordId> records_;
  std::vector<Environment> environments_;  ///< by number
};

}  // namespace spillway
