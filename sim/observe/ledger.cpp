// The ledger's rows grow with the highest numbers of resource and meter, within the first facts of a run.

#include "observe/ledger.hpp"

#include <algorithm>

namespace spillway {

void Ledger::used_first(const Fact& fact) {
  const std::size_t services = std::max({services_, fact.service + std::size_t{1}, world_.services().size()});
  const std::size_t meters = std::max({meters_, fact.subject + std::size_t{1}, world_.meters().size()});
  std::vector<Row> rows(services * meters);
  for (std::size_t i = 0; i < rows_.size(); ++i) rows[i / meters_ * meters + i % meters_] = rows_[i];
  rows_ = std::move(rows);
  services_ = services;
  meters_ = meters;
  used(fact);
}

std::vector<Usage> Ledger::usage() const {
  std::vector<Usage> usage;
  for (std::size_t service = 0; service < services_; ++service) {
    for (std::size_t meter = 0; meter < meters_; ++meter) {
      const Row& row = rows_[service * meters_ + meter];
      if (!row.used) continue;
      check(row.repeats >= 0 && row.repeats <= row.quantity, "a meter's repeats are more than its quantity");
      usage.push_back({world_.services()[service]->name(), world_.meters()[meter],
                       static_cast<Quantity>(row.quantity), static_cast<Quantity>(row.repeats)});
    }
  }
  return usage;
}

}  // namespace spillway
