#pragma once
/// Spending: how much of each meter was used in each bucket of the time lines, so that the bill can be drawn
/// over time. What is billed by time (a table's capacity, storage) is told all at once when the run is
/// settled; it is spread evenly over the buckets, as it accrued.

#include <cstdint>
#include <string>
#include <vector>

#include "engine/math.hpp"
#include "spillway/world.hpp"

namespace spillway {

struct MeterLine {
  std::string resource;
  std::string meter;
  std::vector<double> quantity;  ///< by bucket, in counted units
};

class Spending final : public Observer {
 public:
  Spending(World& world, Duration horizon, Duration width);

  void observe(const Fact& fact) override;

  /// From now on what is told was used since the last time it was told: true around Service::account().
  void settling(bool on) { settling_ = on; }

  /// One line for each resource and meter that was used.
  std::vector<MeterLine> report(std::size_t buckets) const;

 private:
  struct Row {
    std::uint16_t service = 0;
    std::uint32_t meter = 0;
    std::vector<std::int64_t> quantity;
    Int128 settled = 0;
  };
  Row& row(const Fact& fact);

  World& world_;
  Duration width_;
  std::size_t most_;
  bool settling_ = false;
  std::vector<std::vector<std::size_t>> places_;  ///< by service, then meter: row + 1
  std::vector<Row> rows_;
};

}  // namespace spillway
