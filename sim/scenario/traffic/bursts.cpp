// A visit is one slope of constant rate.
#include "scenario/traffic/bursts.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "engine/math.hpp"
#include "scenario/traffic/steady.hpp"
#include "spillway/check.hpp"

namespace spillway {
namespace {

/// The jump weights of every state as a square matrix whose rows add up to 1.
std::vector<std::vector<double>> jumps_of(const std::vector<BurstState>& states) {
  std::vector<std::vector<double>> jumps(states.size(), std::vector<double>(states.size(), 0));
  for (std::size_t i = 0; i < states.size(); ++i) {
    const std::vector<double>& weights = states[i].weights;
    if (weights.empty()) jumps[i][(i + 1) % states.size()] = 1;
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    for (std::size_t j = 0; j < weights.size(); ++j) jumps[i][j] = weights[j] / sum;
  }
  return jumps;
}

}  // namespace

bool all_reachable(const std::vector<BurstState>& states) {
  auto jumps = jumps_of(states);
  const std::size_t n = states.size();
  for (std::size_t k = 0; k < n; ++k) {  // Warshall's closure
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        if (jumps[i][k] > 0 && jumps[k][j] > 0) jumps[i][j] = 1;
      }
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      if (i != j && jumps[i][j] <= 0) return false;
    }
  }
  return true;
}

std::size_t pick(const std::vector<double>& weights, double u) {
  double left = u * std::accumulate(weights.begin(), weights.end(), 0.0);
  std::size_t last = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] <= 0) continue;
    last = i;
    if (left < weights[i]) break;
    left -= weights[i];
  }
  return last;
}

std::vector<double> visit_shares(std::vector<std::vector<double>> jumps) {
  const std::size_t n = jumps.size();
  for (std::size_t k = n; k-- > 1;) {
    double leaving = 0;
    for (std::size_t j = 0; j < k; ++j) leaving += jumps[k][j];
    if (leaving <= 0) continue;  // states that are never left for earlier ones keep all weight behind
    for (std::size_t i = 0; i < k; ++i) {
      jumps[i][k] /= leaving;
      for (std::size_t j = 0; j < k; ++j) jumps[i][j] += jumps[i][k] * jumps[k][j];
    }
  }
  std::vector<double> shares(n, 0);
  shares[0] = 1;
  for (std::size_t k = 1; k < n; ++k) {
    for (std::size_t i = 0; i < k; ++i) shares[k] += shares[i] * jumps[i][k];
  }
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  for (double& share : shares) share /= sum;
  return shares;
}

BurstCurve::BurstCurve(std::vector<BurstState> states, bool start_anywhere, Stream visits)
    : states_(std::move(states)), visits_(visits) {
  check(!states_.empty(), "bursts have a state");
  for (const BurstState& state : states_) {
    check(state.rate >= 0 && state.mean > Duration{}, "a state has a rate and a length");
    check(state.weights.empty() || state.weights.size() == states_.size(), "a weight for each state");
  }
  shares_ = visit_shares(jumps_of(states_));
  double sum = 0;
  for (std::size_t i = 0; i < states_.size(); ++i) {
    shares_[i] *= static_cast<double>(states_[i].mean.count());
    sum += shares_[i];
  }
  for (std::size_t i = 0; i < states_.size(); ++i) {
    shares_[i] /= sum;
    mean_rate_ += shares_[i] * states_[i].rate;
  }
  check(mean_rate_ > 0, "some state has a rate above zero");
  if (!start_anywhere) return;
  Draws draws = visits_.at(0, 1);
  state_ = pick(shares_, draws.uniform());
  // A stay that is met at a random moment has a uniform part of it left; an exponential one is as long as
  // any.
  if (states_[state_].fixed) first_part_ = draws.open01();
}

bool BurstCurve::next_slope(Slope& slope) {
  Draws draws = visits_.at(visit_++);
  const BurstState& state = states_[state_];
  const double mean_ns = static_cast<double>(state.mean.count());
  const double stay_ns =
      state.fixed ? mean_ns * first_part_ : math::exponential_of_draw(draws.bits()) * mean_ns;
  first_part_ = 1;
  // At least a nanosecond, so that time passes whatever is drawn.
  const double length_ns = std::clamp(std::floor(stay_ns + 0.5), 1.0, kFarNs);
  slope = Slope{Duration{static_cast<std::int64_t>(length_ns)}, state.rate, state.rate};
  state_ = state.weights.empty() ? (state_ + 1) % states_.size() : pick(state.weights, draws.uniform());
  return true;
}

double BurstCurve::expected(Time from, Time to) const {
  return mean_rate_ * static_cast<double>((to - from).count()) / 1e9;
}

}  // namespace spillway
