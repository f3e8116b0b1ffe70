#include "model/idempotency.hpp"

#include <algorithm>
#include <bit>

#include "spillway/random.hpp"

namespace spillway {

namespace {

constexpr std::size_t kFewest = 64;

}  // namespace

/// Where the key is, or would be.
std::size_t IdempotencyRecords::place(std::uint64_t key) const {
  const std::size_t mask = records_.size() - 1;
  std::size_t at = mix_bits(key) & mask;
  while (records_[at].state != State::none && records_[at].key != key) at = (at + 1) & mask;
  return at;
}

/// Doubles as what sweeps: expired records stay behind.
void IdempotencyRecords::make_room(Time now) {
  std::vector<Record> old = std::move(records_);
  const auto lives = [now](const Record& record) {
    return record.state != State::none && record.expires > now;
  };
  used_ = static_cast<std::size_t>(std::ranges::count_if(old, lives));
  records_.assign(std::bit_ceil(std::max(kFewest, 4 * used_)), Record{});
  for (const Record& record : old) {
    if (lives(record)) records_[place(record.key)] = record;
  }
}

/// The key's record, made where there is none.
IdempotencyRecords::Record& IdempotencyRecords::find(Time now, std::uint64_t key) {
  if (2 * (used_ + 1) > records_.size()) make_room(now);
  Record& record = records_[place(key)];
  if (record.state == State::none) {
    ++used_;
    record = {.key = key, .expires = Time::min()};
  }
  return record;
}

IdempotencyRecords::Claim IdempotencyRecords::claim(Time now, std::uint64_t key, Time locked_until,
                                                    Time expires) {
  Record& record = find(now, key);
  if (record.expires > now && record.state == State::completed) return Claim::completed;
  if (record.expires > now && record.locked_until > now) return Claim::in_progress;
  record.expires = expires;
  record.locked_until = locked_until;
  record.state = State::in_progress;
  return Claim::taken;
}

void IdempotencyRecords::complete(Time now, std::uint64_t key, Time expires) {
  Record& record = find(now, key);
  record.expires = expires;
  record.state = State::completed;
}

void IdempotencyRecords::forget(std::uint64_t key) {
  if (records_.empty()) return;
  Record& record = records_[place(key)];
  if (record.state != State::none) record.expires = Time::min();
}

}  // namespace spillway
