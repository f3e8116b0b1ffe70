#pragma once
/// The JSON documents of a run, each held once: a document is a number, and equal documents have one number,
/// so that what is computed from a document can be remembered by it. (Where a number is held as another type,
/// 1 as signed or unsigned, the document is another one: it is computed once more, to the same end.)
///
/// Documents are counted by reference and freed with their last one; memory follows what is in flight.
///
/// A *fresh* document holds something of one execution alone (its id, a random number, the time). It is not
/// looked up among the others, and whatever is computed from it is not worth remembering.

#include <cstdint>
#include <deque>
#include <unordered_map>
#include <vector>

#include "formats/json.hpp"

namespace spillway {

enum class DocumentId : std::uint32_t {};
inline constexpr auto kNoDocument = DocumentId{UINT32_MAX};

class Documents {
 public:
  /// Each hands out one reference.
  DocumentId share(Json value);
  DocumentId keep_fresh(Json value);

  DocumentId refer(DocumentId id) {
    if (id != kNoDocument) ++entry(id).references;
    return id;
  }
  void unrefer(DocumentId id) {
    if (id != kNoDocument && --entry(id).references == 0) forget(id);
  }
  /// Puts another document, whose reference is handed over, in the place of one.
  void replace(DocumentId& place, DocumentId by) {
    unrefer(place);
    place = by;
  }

  const Json& operator[](DocumentId id) const { return entries_[static_cast<std::size_t>(id)].value; }
  bool fresh(DocumentId id) const {
    return id != kNoDocument && entries_[static_cast<std::size_t>(id)].fresh;
  }
  /// As compact JSON in UTF-8.
  std::int64_t bytes(DocumentId id) const {
    return id == kNoDocument ? 0 : entries_[static_cast<std::size_t>(id)].bytes;
  }
  std::size_t alive() const { return entries_.size() - free_.size(); }

 private:
  struct Entry {
    Json value;
    std::uint64_t hash = 0;
    std::int64_t bytes = 0;
    std::uint32_t references = 0;
    bool fresh = false;
  };

  Entry& entry(DocumentId id) { return entries_[static_cast<std::size_t>(id)]; }
  DocumentId add(Json value, std::uint64_t hash, std::int64_t bytes, bool fresh);
  void forget(DocumentId id);

  std::deque<Entry> entries_;
  std::vector<DocumentId> free_;
  std::unordered_multimap<std::uint64_t, DocumentId> by_hash_;
};

}  // namespace spillway
