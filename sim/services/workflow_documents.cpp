#include "services/workflow_documents.hpp"

#include <functional>
#include <utility>

namespace spillway {

namespace {

std::int64_t bytes_of(const Json& value) { return static_cast<std::int64_t>(measure(value).bytes); }

}  // namespace

DocumentId Documents::share(Json value) {
  const std::uint64_t hash =
      std::hash<Json>{}(value);  // only looked up by, so that nothing hangs on its bits
  const auto [from, to] = by_hash_.equal_range(hash);
  for (auto known = from; known != to; ++known) {
    if (entry(known->second).value == value) return refer(known->second);
  }
  const std::int64_t bytes = bytes_of(value);
  const DocumentId id = add(std::move(value), hash, bytes, false);
  by_hash_.emplace(hash, id);
  return id;
}

DocumentId Documents::keep_fresh(Json value) {
  const std::int64_t bytes = bytes_of(value);
  return add(std::move(value), 0, bytes, true);
}

DocumentId Documents::add(Json value, std::uint64_t hash, std::int64_t bytes, bool fresh) {
  if (free_.empty()) {
    free_.push_back(DocumentId{static_cast<std::uint32_t>(entries_.size())});
    entries_.emplace_back();
  }
  const DocumentId id = free_.back();
  free_.pop_back();
  entry(id) = {std::move(value), hash, bytes, 1, fresh};
  return id;
}

void Documents::forget(DocumentId id) {
  Entry& gone = entry(id);
  if (!gone.fresh) {
    const auto [from, to] = by_hash_.equal_range(gone.hash);
    for (auto known = from; known != to; ++known) {
      if (known->second != id) continue;
      by_hash_.erase(known);
      break;
    }
  }
  gone.value = nullptr;
  free_.push_back(id);
}

}  // namespace spillway
