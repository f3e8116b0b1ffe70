#include "services/workflow_documents.hpp"

#include <string>
#include <utility>

namespace spillway {

namespace {

std::string text_of(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

/// FNV-1a: the same on every machine.
std::uint64_t hash_of(const std::string& text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

}  // namespace

DocumentId Documents::share(Json value) {
  const std::string text = text_of(value);
  const std::uint64_t hash = hash_of(text);
  const auto [from, to] = by_hash_.equal_range(hash);
  for (auto known = from; known != to; ++known) {
    if (entry(known->second).value == value) return refer(known->second);
  }
  const DocumentId id = add(std::move(value), hash, static_cast<std::int64_t>(text.size()), false);
  by_hash_.emplace(hash, id);
  return id;
}

DocumentId Documents::keep_fresh(Json value) {
  const auto bytes = static_cast<std::int64_t>(text_of(value).size());
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
