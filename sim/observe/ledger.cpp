// The ledger's rows grow with the highest numbers of resource and meter, within the first facts of a run.

#include "observe/ledger.hpp"

#include <algorithm>

namespace spillway {

void Ledger::make_room(std::size_t service, std::size_t meter) {
  if (service >= rows_.size()) rows_.resize(std::max(service + 1, world_.services().size()));
  std::vector<Row>& rows = rows_[service];
  if (meter >= rows.size()) rows.resize(std::max(meter + 1, world_.meters().size()));
}

std::vector<Usage> Ledger::usage() const {
  std::vector<Usage> usage;
  for (std::size_t service = 0; service < rows_.size(); ++service) {
    for (std::size_t meter = 0; meter < rows_[service].size(); ++meter) {
      const Row& row = rows_[service][meter];
      if (!row.used) continue;
      check(row.repeats >= 0 && row.repeats <= row.quantity, "a meter's repeats are more than its quantity");
      usage.push_back({world_.services()[service]->name(), world_.meters()[meter],
                       static_cast<Quantity>(row.quantity), static_cast<Quantity>(row.repeats)});
    }
  }
  return usage;
}

}  // namespace spillway
