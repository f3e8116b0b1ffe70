// Filling tables of lognormal quantiles, and sharing them among the distributions of one sigma: most
// scenarios have a handful of sigmas and hundreds of distributions.
#include "engine/lognormal_table.hpp"

#include <map>
#include <mutex>

#include "engine/math_tables.hpp"

namespace spillway::math {

std::shared_ptr<const LognormalTable> LognormalTable::of(double sigma) {
  static std::mutex mutex;
  static std::map<double, std::weak_ptr<const LognormalTable>> tables;
  const std::lock_guard lock(mutex);
  if (auto table = tables[sigma].lock()) return table;
  std::erase_if(tables, [](const auto& entry) { return entry.second.expired(); });
  auto table = std::make_shared<const LognormalTable>(sigma);
  tables[sigma] = table;
  return table;
}

LognormalTable::LognormalTable(double sigma) : sigma_(sigma) {
  for (std::size_t i = 0; i < kSide; ++i) {
    const std::uint64_t step = kFirstDrawStep + kFirstStep + i;
    const double start = std::bit_cast<double>(step << kDrawStepShift);
    const double end = std::bit_cast<double>((step + 1) << kDrawStepShift);
    DrawStep below{};
    DrawStep above{};
    for (std::size_t point = 0; point < below.size(); ++point) {
      const double p = start + (kStepPoints[point] + 0.5) * (end - start);
      above[point] = exp(sigma * tables::minus_normal_quantile(p));
      below[point] = 1 / above[point];
    }
    steps_[i] = fit_step(below);
    steps_[kSide + i] = fit_step(above);
  }
}

}  // namespace spillway::math
