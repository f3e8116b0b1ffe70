// The ledger's rows grow with the topology; what has been counted moves along.

#include "observe/ledger.hpp"

namespace spillway {

void Ledger::lend() {
  const std::size_t services = world_.services().size();
  const std::size_t meters = world_.meters().size();
  std::vector<MeterTally> rows(services * meters);
  for (std::size_t i = 0; i < rows_.size(); ++i) rows[i / meters_ * meters + i % meters_] = rows_[i];
  rows_ = std::move(rows);
  services_ = services;
  meters_ = meters;
  for (std::size_t service = 0; service < services; ++service)
    world_.lend(ServiceId{static_cast<std::uint32_t>(service)}, rows_.data() + service * meters);
}

std::vector<Usage> Ledger::usage() const {
  std::vector<Usage> usage;
  for (std::size_t service = 0; service < services_; ++service) {
    for (std::size_t meter = 0; meter < meters_; ++meter) {
      const MeterTally& row = rows_[service * meters_ + meter];
      if (!row.used) continue;
      const Int128 repeats = row.repeats.sum();
      check(repeats >= 0 && repeats <= row.quantity, "a meter's repeats are more than its quantity");
      check(row.repeats[RetryLayer::none] == 0, "a meter has repeats that no layer made");
      Usage& use = usage.emplace_back();
      use.resource = world_.services()[service]->name();
      use.meter = world_.meters()[meter];
      use.quantity = static_cast<Quantity>(row.quantity);
      for (const RetryLayer layer : kLayersTryingAgain)
        use.by_layer[layer] = static_cast<Quantity>(row.repeats[layer]);
    }
  }
  return usage;
}

}  // namespace spillway
