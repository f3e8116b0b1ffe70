#include "scenario/static/load.hpp"

#include <algorithm>
#include <cmath>

#include <Eigen/Dense>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/strong_components.hpp>

#include "spillway/distribution.hpp"

namespace spillway {

namespace {

using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;

/// One traffic class's equations over the places. `worst`: every attempt fails.
class Equations {
 public:
  Equations(const Topology& topology, std::size_t of, bool worst)
      : topology_(topology), of_(of), worst_(worst), size_(topology.places.size()) {}

  /// Adds to `load` what follows when `sent[p]` requests a second start at place p.
  void solve(const std::vector<double>& sent, Load& load) {
    find_unlimited(sent);
    const auto n = static_cast<Eigen::Index>(size_);
    Eigen::MatrixXd system = Eigen::MatrixXd::Identity(n, n);
    Eigen::VectorXd gamma = Eigen::VectorXd::Zero(n);
    for (std::size_t from = 0; from < size_; ++from) {
      if (!unlimited_[from]) gamma(static_cast<Eigen::Index>(from)) = sent[from];
      for (const Hop& hop : topology_.places[from].hops) {
        if (unlimited_[from] || unlimited_[hop.to] || share(hop) <= 0) continue;
        system(static_cast<Eigen::Index>(hop.to), static_cast<Eigen::Index>(from)) -=
            share(hop) * worked(hop);
      }
    }
    const Eigen::VectorXd worked_on = system.partialPivLu().solve(gamma);
    for (std::size_t place = 0; place < size_; ++place) {
      const double rate = std::max(0.0, worked_on(static_cast<Eigen::Index>(place)));
      load.worked[place][of_] = unlimited_[place] ? kUnlimited : rate;
    }
    for (std::size_t place = 0; place < size_; ++place) load.arrived[place][of_] = sent[place];
    for (std::size_t from = 0; from < size_; ++from) {
      const double rate = load.worked[from][of_];
      for (const Hop& hop : topology_.places[from].hops) {
        if (rate > 0 && share(hop) > 0)
          load.arrived[hop.to][of_] += rate * share(hop) * (worst_ ? hop.sent() : 1);
      }
    }
  }

 private:
  double share(const Hop& hop) const {
    return hop.kind == Hop::Kind::redrive && !worst_ ? 0 : hop.share[of_];
  }
  double worked(const Hop& hop) const { return worst_ ? hop.worked() : 1; }

  /// Marks the places that traffic reaches over a hop without a bound, or in a cycle that feeds itself at
  /// least as much as it is given, and all behind them.
  void find_unlimited(const std::vector<double>& sent) {
    unlimited_.assign(size_, false);
    const std::vector<bool> reached = behind(sent);
    std::vector<double> starts(size_, 0);
    for (std::size_t from = 0; from < size_; ++from) {
      for (const Hop& hop : topology_.places[from].hops) {
        if (reached[from] && share(hop) > 0 && std::isinf(worked(hop))) starts[hop.to] = 1;
      }
    }
    std::vector<std::size_t> component(size_, 0);
    const std::size_t components = strong_components(component);
    for (std::size_t which = 0; which < components; ++which) {
      std::vector<std::size_t> members;
      for (std::size_t place = 0; place < size_; ++place) {
        if (component[place] == which && reached[place]) members.push_back(place);
      }
      if (members.empty() || settles(members)) continue;
      for (const std::size_t place : members) starts[place] = 1;
    }
    unlimited_ = behind(starts);
  }

  std::size_t strong_components(std::vector<std::size_t>& component) const {
    Graph graph(size_);
    for (std::size_t from = 0; from < size_; ++from) {
      for (const Hop& hop : topology_.places[from].hops) {
        if (share(hop) > 0) add_edge(from, hop.to, graph);
      }
    }
    return static_cast<std::size_t>(boost::strong_components(graph, component.data()));
  }

  /// Whether a request that enters these places makes finitely many in them: M has a spectral radius below
  /// one if and only if (I - M) y = 1 has a solution of at least one everywhere.
  bool settles(const std::vector<std::size_t>& members) const {
    const auto n = static_cast<Eigen::Index>(members.size());
    Eigen::MatrixXd system = Eigen::MatrixXd::Identity(n, n);
    for (Eigen::Index row = 0; row < n; ++row) {
      for (const Hop& hop : topology_.places[members[static_cast<std::size_t>(row)]].hops) {
        const auto to = std::ranges::find(members, hop.to);
        if (to == members.end() || share(hop) <= 0) continue;
        if (std::isinf(worked(hop))) return false;
        system(row, to - members.begin()) -= share(hop) * worked(hop);
      }
    }
    const Eigen::VectorXd visits = system.partialPivLu().solve(Eigen::VectorXd::Ones(n));
    return visits.allFinite() && visits.minCoeff() >= 1 - 1e-9 && visits.maxCoeff() < 1e9;
  }

  /// The places with something in `starts`, and all that they lead to.
  std::vector<bool> behind(const std::vector<double>& starts) const {
    std::vector<bool> found(size_, false);
    std::vector<std::size_t> open;
    for (std::size_t place = 0; place < size_; ++place) {
      if (starts[place] <= 0) continue;
      found[place] = true;
      open.push_back(place);
    }
    while (!open.empty()) {
      const std::size_t from = open.back();
      open.pop_back();
      for (const Hop& hop : topology_.places[from].hops) {
        if (share(hop) <= 0 || found[hop.to]) continue;
        found[hop.to] = true;
        open.push_back(hop.to);
      }
    }
    return found;
  }

  const Topology& topology_;
  std::size_t of_;
  bool worst_;
  std::size_t size_;
  std::vector<bool> unlimited_;
};

/// Of a client's requests, the part of each class.
std::vector<double> class_shares(const Topology& topology, const Value& client) {
  std::vector<double> shares(topology.classes, 0);
  double sum = 0;
  for (const auto& [name, of] : client["classes"].members()) {
    const auto& classes = topology.scenario->classes;
    const double weight = of["weight"].number();
    shares[static_cast<std::size_t>(std::ranges::find(classes, name) - classes.begin())] = weight;
    sum += weight;
  }
  if (sum <= 0) shares.front() = sum = 1;
  for (double& share : shares) share /= sum;
  return shares;
}

/// Users in a closed loop: each sends once in a pause and an answer, when nothing queues (Little).
TrafficRate closed_rate(const Value& closed, double answered_s) {
  const double turn_s = closed["think"].distribution().mean() * 1e-9 + answered_s;
  const double rate = turn_s > 0 ? static_cast<double>(closed["users"].count()) / turn_s : kUnlimited;
  return {.mean = rate, .peak = rate};
}

class Solver {
 public:
  explicit Solver(const Topology& topology) : topology_(topology) {}

  Loads solve() {
    loads_.mean.held = holding_seconds(topology_, false);
    loads_.mean_worst.held = holding_seconds(topology_, true);
    loads_.peak.held = loads_.mean.held;
    loads_.peak_worst.held = loads_.mean_worst.held;
    read_traffic();
    one(loads_.mean, &TrafficRate::mean, false);
    one(loads_.peak, &TrafficRate::peak, false);
    one(loads_.mean_worst, &TrafficRate::mean, true);
    one(loads_.peak_worst, &TrafficRate::peak, true);
    return std::move(loads_);
  }

 private:
  std::size_t place_of(std::size_t client) const {
    const auto found = std::ranges::find(topology_.places, topology_.resources() + client, &Place::vertex);
    return static_cast<std::size_t>(found - topology_.places.begin());
  }

  void read_traffic() {
    const auto& clients = topology_.scenario->traffic;
    for (std::size_t client = 0; client < clients.size(); ++client) {
      const Value& settings = clients[client].value;
      shares_.push_back(class_shares(topology_, settings));
      if (!settings["closed"].is_set()) {
        loads_.traffic.push_back(traffic_rate(*topology_.scenario, clients[client]));
        continue;
      }
      double answered_s = 0;
      for (std::size_t of = 0; of < topology_.classes; ++of)
        answered_s += shares_[client][of] * loads_.mean.held[place_of(client)][of];
      loads_.traffic.push_back(closed_rate(settings["closed"], answered_s));
    }
  }

  void one(Load& load, double TrafficRate::* rate, bool worst) const {
    load.arrived.assign(topology_.places.size(), std::vector<double>(topology_.classes, 0));
    load.worked = load.arrived;
    for (std::size_t of = 0; of < topology_.classes; ++of) {
      std::vector<double> sent(topology_.places.size(), 0);
      for (std::size_t client = 0; client < shares_.size(); ++client) {
        const double all = loads_.traffic[client].*rate;
        sent[place_of(client)] = std::isfinite(all) ? all * shares_[client][of] : 0;
      }
      Equations(topology_, of, worst).solve(sent, load);
    }
  }

  const Topology& topology_;
  Loads loads_;
  std::vector<std::vector<double>> shares_;  // by client and class
};

}  // namespace

const Load& Loads::of(double Rates::* which) const {
  if (which == &Rates::mean) return mean;
  if (which == &Rates::peak) return peak;
  return which == &Rates::mean_worst ? mean_worst : peak_worst;
}

Loads solve_loads(const Topology& topology) { return Solver(topology).solve(); }

double arrived_at(const Topology& topology, const Load& load, std::size_t vertex) {
  double sum = 0;
  for (std::size_t place = 0; place < topology.places.size(); ++place) {
    if (topology.places[place].vertex != vertex) continue;
    for (const double rate : load.arrived[place]) sum += rate;
  }
  return sum;
}

}  // namespace spillway
