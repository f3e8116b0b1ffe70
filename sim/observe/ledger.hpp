#pragma once
/// The ledger: how much of each meter each resource used, and which part of it repeated attempts caused. The
/// bill prices it (observe/bill.hpp). Sums are exact integers of 128 bits: the MB*ms of a large account's
/// month need them.

#include <cstdint>
#include <string>
#include <vector>

#include "engine/math.hpp"
#include "observe/bill.hpp"
#include "spillway/world.hpp"

namespace spillway {

class Ledger final : public Observer {
 public:
  explicit Ledger(World& world) : world_(world) {
    world.facts().subscribe<&Ledger::used>(*this, FactKind::used);
  }

  /// Forgets what was used: the warm-up is over.
  void reset() { rows_.assign(rows_.size(), Row{}); }

  /// By resource and meter, in the order of their numbers.
  std::vector<Usage> usage() const;

 private:
  struct Row {
    Int128 quantity = 0;
    Int128 repeats = 0;
    bool used = false;
  };

  void used(const Fact& fact) {
    if (fact.service >= services_ || fact.subject >= meters_) [[unlikely]]
      return used_first(fact);
    Row& row = rows_[fact.service * meters_ + fact.subject];
    row.quantity += fact.value;
    row.repeats += fact.extra;
    row.used = true;
  }
  void used_first(const Fact& fact);

  World& world_;
  std::size_t services_ = 0;  ///< that have rows
  std::size_t meters_ = 0;    ///< of each of them
  std::vector<Row> rows_;     ///< by service, then meter
};

}  // namespace spillway
