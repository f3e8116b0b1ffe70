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
  explicit Ledger(World& world) : world_(world) { world.facts().subscribe(*this, {FactKind::used}); }

  void observe(const Fact& fact) override {
    if (fact.service >= rows_.size() || fact.subject >= rows_[fact.service].size()) [[unlikely]] {
      make_room(fact.service, fact.subject);
    }
    Row& row = rows_[fact.service][fact.subject];
    row.quantity += fact.value;
    row.repeats += fact.extra;
    row.used = true;
  }

  /// Forgets what was used: the warm-up is over.
  void reset() {
    for (auto& rows : rows_) rows.assign(rows.size(), Row{});
  }

  /// By resource and meter, in the order of their numbers.
  std::vector<Usage> usage() const;

 private:
  struct Row {
    Int128 quantity = 0;
    Int128 repeats = 0;
    bool used = false;
  };

  void make_room(std::size_t service, std::size_t meter);

  World& world_;
  std::vector<std::vector<Row>> rows_;  ///< by service, then meter
};

}  // namespace spillway
