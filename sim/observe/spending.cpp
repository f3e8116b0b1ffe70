#include "observe/spending.hpp"

#include <algorithm>

#include "observe/series.hpp"

namespace spillway {

Spending::Spending(World& world, Duration horizon, Duration width)
    : world_(world), width_(width > Duration::zero() ? width : bucket_width(horizon)), most_(kMostBuckets) {
  world.facts().subscribe(*this, {FactKind::used});
}

Spending::Row& Spending::row(const Fact& fact) {
  if (fact.service >= places_.size()) places_.resize(fact.service + std::size_t{1});
  auto& of_service = places_[fact.service];
  if (fact.subject >= of_service.size()) of_service.resize(fact.subject + std::size_t{1});
  std::size_t& place = of_service[fact.subject];
  if (place == 0) {
    rows_.push_back({.service = fact.service, .meter = fact.subject, .quantity = {}});
    place = rows_.size();
  }
  return rows_[place - 1];
}

void Spending::observe(const Fact& fact) {
  Row& row = this->row(fact);
  if (settling_) {
    row.settled += fact.value;
    return;
  }
  const auto bucket = std::min(most_ - 1, static_cast<std::size_t>((fact.at - kStart) / width_));
  if (bucket >= row.quantity.size()) row.quantity.resize(bucket + 1);
  row.quantity[bucket] += fact.value;
}

std::vector<MeterLine> Spending::report(std::size_t buckets) const {
  std::vector<MeterLine> lines;
  for (const Row& row : rows_) {
    MeterLine line{world_.services()[row.service]->name(), world_.meters()[row.meter], {}};
    line.quantity.assign(buckets, static_cast<double>(row.settled) / static_cast<double>(buckets));
    for (std::size_t i = 0; i < row.quantity.size(); ++i) {
      line.quantity[std::min(i, buckets - 1)] += static_cast<double>(row.quantity[i]);
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace spillway
