#pragma once
/// The ledger: how much of each meter each resource used, and which parts of it the repeated attempts of each
/// layer caused. The bill prices it (observe/bill.hpp).

#include <algorithm>
#include <vector>

#include "model/tally.hpp"
#include "observe/bill.hpp"
#include "spillway/world.hpp"

namespace spillway {

class Ledger final : public Tallier {
 public:
  explicit Ledger(World& world) : world_(world) { world.add_tallier(*this); }

  /// Forgets what was used: the warm-up is over.
  void reset() { std::ranges::fill(rows_, MeterTally{}); }

  /// By resource and meter, in the order of their numbers.
  std::vector<Usage> usage() const;

 private:
  void lend() override;

  World& world_;
  std::size_t services_ = 0;      ///< that have rows
  std::size_t meters_ = 0;        ///< of each of them
  std::vector<MeterTally> rows_;  ///< by service, then meter
};

}  // namespace spillway
