#include "services/table_partitions.hpp"

#include <algorithm>

namespace spillway {

namespace {

constexpr std::int64_t kMilli = 1000;
constexpr Duration kCoolsDown = 1min;  // without a refusal: it is not hot any more

}  // namespace

TablePartitions::TablePartitions(const Limits& limits) : limits_(limits) { partitions_.push_back(fresh()); }

TablePartitions::Partition TablePartitions::fresh() const {
  return {.reads = TokenBucket(limits_.reads * kMilli, limits_.reads),
          .writes = TokenBucket(limits_.writes * kMilli, limits_.writes)};
}

std::size_t TablePartitions::find(std::uint64_t position) const {
  const auto after = std::ranges::upper_bound(partitions_, position, {}, &Partition::start);
  return static_cast<std::size_t>(after - partitions_.begin()) - 1;
}

void TablePartitions::spread(std::int64_t count) {
  const auto wanted = static_cast<std::size_t>(count);
  while (even_ && partitions_.size() < wanted) partitions_.push_back(fresh());
  while (partitions_.size() < wanted) split_widest();
}

std::uint64_t TablePartitions::last_of(std::size_t which) const {
  return which + 1 < partitions_.size() ? partitions_[which + 1].start - 1 : UINT64_MAX;
}

void TablePartitions::cut(std::size_t which, std::uint64_t start) {
  Partition added = fresh();
  added.start = start;
  partitions_.insert(partitions_.begin() + static_cast<std::ptrdiff_t>(which) + 1, std::move(added));
}

/// Ranges that were equal, and only counted, get their first positions: the least that `at` puts there.
void TablePartitions::note_starts() {
  __extension__ using Wide = unsigned __int128;
  if (!even_) return;
  const std::size_t size = partitions_.size();
  for (std::size_t i = 0; i < size; ++i)
    partitions_[i].start = static_cast<std::uint64_t>(((Wide{i} << 64) + size - 1) / size);
  even_ = false;
}

void TablePartitions::split_widest() {
  std::size_t widest = 0;
  const auto width = [&](std::size_t which) { return last_of(which) - partitions_[which].start; };
  for (std::size_t i = 1; i < partitions_.size(); ++i) {
    if (width(i) > width(widest)) widest = i;
  }
  cut(widest, partitions_[widest].start + width(widest) / 2 + 1);
}

// ---- Heat
// ---------------------------------------------------------------------------------------------------------

void TablePartitions::refused(Time now, std::size_t which, std::uint64_t position) {
  if (limits_.split_after == Duration::max()) return;
  Partition& partition = partitions_[which];
  if (!partition.heat) {
    partition.heat = std::make_unique<Heat>();
    partition.heat->positions.reserve(kSamples);
  }
  Heat& heat = *partition.heat;
  if (heat.positions.empty() || now - heat.last > kCoolsDown) {
    heat.positions.clear();
    heat.since = now;
    heat.next_sample = now;
  }
  heat.last = now;
  if (now >= heat.next_sample && heat.positions.size() < kSamples) {
    heat.positions.push_back(position);
    heat.next_sample += limits_.split_after / static_cast<std::int64_t>(kSamples);
  }
  if (now - heat.since >= limits_.split_after) split_for_heat(which);
}

void TablePartitions::split_for_heat(std::size_t which) {
  note_starts();
  std::vector<std::uint64_t> positions = std::move(partitions_[which].heat->positions);
  partitions_[which].heat.reset();
  std::ranges::sort(positions);
  const std::uint64_t middle = positions[positions.size() / 2];
  const auto same = static_cast<std::size_t>(std::ranges::count(positions, middle));
  const bool alone = 2 * same >= positions.size();
  const std::uint64_t start = partitions_[which].start;
  const std::uint64_t last = last_of(which);
  if (start == last) return;  // a single item
  ++heat_splits_;
  // From the end, so that `which` stays the partition that is cut.
  if ((alone || middle == start) && middle < last) cut(which, middle + 1);
  if (middle > start) cut(which, middle);
}

}  // namespace spillway
