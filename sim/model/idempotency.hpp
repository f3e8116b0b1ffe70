#pragma once
/// What a store of idempotency records knows: for each key whether its work is in progress, and until when,
/// or done, and for how long that is remembered.
///
/// A key is claimed by a conditional write: it succeeds where there is no record, where the record has
/// expired, or where it is in progress and the time of its claimant is over. A claim that succeeds must be
/// completed or forgotten; who dies in between leaves it in progress until that time.
///
/// The time to live of a table deletes late, so an expired record counts as none, whether it is still there
/// or not; here it goes when room is needed.
///
/// Source: aws-powertools/powertools-lambda-python, idempotency (2024-10-24).

#include <cstdint>
#include <vector>

#include "spillway/time.hpp"
#include "spillway/world.hpp"

namespace spillway {

class IdempotencyRecords final : public Shared {
 public:
  enum class Claim : std::uint8_t { taken, in_progress, completed };

  /// `locked_until`: when the claimant's time is over; `expires`: when its record does.
  Claim claim(Time now, std::uint64_t key, Time locked_until, Time expires);
  /// The work is done; remembered until `expires`.
  void complete(Time now, std::uint64_t key, Time expires);
  /// The work failed: whoever comes next does it anew.
  void forget(std::uint64_t key);
  /// Until when a record is remembered that a claim has come to.
  Time expiry(std::uint64_t key) const { return records_[place(key)].expires; }

  /// Places in use, by records that have expired too.
  std::size_t size() const { return used_; }

 private:
  enum class State : std::uint8_t { none, in_progress, completed };
  struct Record {
    std::uint64_t key = 0;
    Time expires{};
    Time locked_until{};
    State state = State::none;
  };

  Record& find(Time now, std::uint64_t key);
  std::size_t place(std::uint64_t key) const;
  void make_room(Time now);

  std::vector<Record> records_{};  ///< open addressing; its size is a power of two
  std::size_t used_ = 0;
};

}  // namespace spillway
