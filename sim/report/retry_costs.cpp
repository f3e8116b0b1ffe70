#include "report/retry_costs.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace spillway {

namespace {

constexpr std::size_t kLayers = kRetryLayers.size();
constexpr double kWeight = 1e12;    // of a whole share, as an integer
constexpr double kSettled = 1e-13;  // a step that moves no share further is the last
constexpr int kMostSteps = 10'000;  // inwards from the client, and round circles

using Shares = std::array<double, kLayers>;

std::size_t place_of(RetryLayer layer) {
  return static_cast<std::size_t>(std::ranges::find(kRetryLayers, layer) - kRetryLayers.begin());
}

/// Repeats that reach one resource: by the layer that made them, and by the caller that passed them on.
struct Reached {
  Shares made{};
  std::map<std::string, double> passed_on;
  double total = 0;

  void add(RetryLayer layer, double count) {
    made.at(place_of(layer)) += count;
    total += count;
  }
  void add(const std::string& caller, double count) {
    if (count == 0) return;
    passed_on[caller] += count;
    total += count;
  }
};

using Resources = std::map<std::string, Reached>;

void add_run(Resources& resources, const RunResult& run, const std::vector<std::string>& clients) {
  for (const EdgeResult& edge : run.edges) {
    const EdgeRepeats repeats = repeats_on(edge, run, clients);
    const auto made = static_cast<double>(repeats.made);
    resources[edge.to].add(repeats.layer, made);
    resources[edge.to].add(RetryLayer::hedge, static_cast<double>(repeats.hedged));
    resources[edge.to].add(edge.from, static_cast<double>(repeats.passed_on));
    // A message that is received again is a repeat of its queue's receives and deletes, too.
    if (repeats.layer == RetryLayer::redrive)
      resources[queue_of_event_source(edge.from)].add(RetryLayer::redrive, made);
  }
  for (const ResourceResult& resource : run.resources) {
    const std::int64_t retried = resource.mark(Mark::state_retried);
    if (retried > 0) resources[resource.name].add(RetryLayer::workflow, static_cast<double>(retried));
  }
}

using ByResource = std::map<std::string, Shares>;

/// One step further: what callers pass on is parted as their own is, as far as that is known.
ByResource next_shares(const Resources& resources, const ByResource& known) {
  ByResource next;
  for (const auto& [name, reached] : resources) {
    if (reached.total == 0) continue;
    Shares& shares = next[name] = reached.made;
    for (const auto& [caller, count] : reached.passed_on) {
      const auto callers = known.find(caller);
      if (callers == known.end()) continue;
      for (std::size_t i = 0; i < kLayers; ++i) shares.at(i) += count * callers->second.at(i);
    }
    for (double& share : shares) share /= reached.total;
  }
  return next;
}

double furthest(const ByResource& from, const ByResource& to) {
  double most = from.size() == to.size() ? 0 : 1;
  for (const auto& [name, shares] : from) {
    for (std::size_t i = 0; i < kLayers; ++i)
      most = std::max(most, std::abs(to.at(name).at(i) - shares.at(i)));
  }
  return most;
}

/// Which part of each resource's repeats each layer caused.
ByResource shares_of(const Resources& resources) {
  ByResource shares;
  for (int step = 0; step < kMostSteps; ++step) {
    ByResource next = next_shares(resources, shares);
    const bool settled = furthest(shares, next) < kSettled;
    shares = std::move(next);
    if (settled) break;
  }
  return shares;
}

/// An index is written with its table, which is what is asked.
Shares found_for(const std::string& resource, const ByResource& shares) {
  const auto own = shares.find(resource);
  if (own != shares.end()) return own->second;
  const auto table = shares.find(resource.substr(0, resource.find('/')));
  return table != shares.end() ? table->second : Shares{};
}

LayerCosts parted(const Money& cost, const Shares& shares) {
  std::array<Quantity, kRetryCosts> weights{};
  auto left = static_cast<std::int64_t>(kWeight);
  for (std::size_t i = 0; i < kLayers; ++i) {
    const auto weight = std::min(left, static_cast<std::int64_t>(std::llround(shares.at(i) * kWeight)));
    weights.at(i) = static_cast<Quantity>(weight);
    left -= weight;
  }
  weights.back() = static_cast<Quantity>(left < 1000 ? 0 : left);  // less is rounding
  LayerCosts costs;
  std::ranges::copy(apportion(cost, weights), costs.month.begin());
  return costs;
}

}  // namespace

Money LayerCosts::of(RetryLayer layer) const { return month.at(place_of(layer)); }

LayerCosts& LayerCosts::operator+=(const LayerCosts& other) {
  for (std::size_t i = 0; i < kRetryCosts; ++i) month.at(i) += other.month.at(i);
  return *this;
}

RetryCosts retry_costs(const Experiment& experiment) {
  const std::vector<std::string> clients = experiment.scenario->client_names();
  Resources resources;
  for (const RunResult& run : experiment.replications) add_run(resources, run, clients);
  const ByResource shares = shares_of(resources);
  RetryCosts costs;
  for (const BillLine& line : experiment.bill.lines) {
    costs.lines.push_back(parted(line.cost.month_by_retries, found_for(line.resource, shares)));
    costs.total += costs.lines.back();
  }
  return costs;
}

}  // namespace spillway
