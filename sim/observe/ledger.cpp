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
      check(row.repeats >= 0 && row.repeats <= row.quantity, "a meter's repeats are more than its quantity");
      usage.push_back({world_.services()[service]->name(), world_.meters()[meter],
                       static_cast<Quantity>(row.quantity), static_cast<Quantity>(row.repeats)});
    }
  }
  return usage;
}

}  // namespace spillway
