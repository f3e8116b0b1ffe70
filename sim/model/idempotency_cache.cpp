#include "model/idempotency_cache.hpp"

namespace spillway {

namespace {

std::uint64_t name_of(std::uint32_t environment, std::uint64_t key) {
  return key ^ mix_bits(std::uint64_t{environment} + 1);
}

}  // namespace

void IdempotencyCache::drop(Environment& environment, RecordId id) {
  environment.by_use.remove(records_, id);
  --environment.held;
  index_.erase(records_[id].name);
  records_.release(id);
}

bool IdempotencyCache::holds(Time now, std::uint32_t environment, std::uint64_t key) {
  const std::uint32_t found = index_.find(name_of(environment, key));
  if (found == KeyIndex::kNone) return false;
  const auto id = RecordId{found};
  Environment& own = environments_[environment];
  if (records_[id].expires <= now) {
    drop(own, id);
    return false;
  }
  own.by_use.remove(records_, id);
  own.by_use.push_back(records_, id);
  return true;
}

void IdempotencyCache::store(std::uint32_t environment, std::uint64_t key, Time expires) {
  if (max_items_ == 0) return;
  if (environments_.size() <= environment) environments_.resize(environment + 1);
  Environment& own = environments_[environment];
  const std::uint64_t name = name_of(environment, key);
  if (const std::uint32_t known = index_.find(name); known != KeyIndex::kNone) drop(own, RecordId{known});
  if (own.held == max_items_) drop(own, own.by_use.front());
  const RecordId id = records_.take();
  records_[id].name = name;
  records_[id].expires = expires;
  index_.insert(name, static_cast<std::uint32_t>(id));
  own.by_use.push_back(records_, id);
  ++own.held;
}

void IdempotencyCache::clear(std::uint32_t environment) {
  if (environments_.size() <= environment) return;
  Environment& own = environments_[environment];
  while (!own.by_use.empty()) drop(own, own.by_use.front());
}

}  // namespace spillway
