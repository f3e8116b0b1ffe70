#pragma once
/// Bursts: a rate that jumps between states, each held for a random (or fixed) time: on-off traffic, and the
/// Markov-modulated Poisson process with any number of states.
///
/// Which state comes next is drawn by weights, or is simply the next in the list. An n-state process given by
/// switch rates q_ij is the same thing: the mean stay in i is 1 / sum_j q_ij, and the weights of its
/// successors are q_ij. Every visit's draws hang on its number alone, and not on the arrivals in it.

#include <cstdint>
#include <vector>

#include "scenario/traffic/curve.hpp"

namespace spillway {

struct BurstState {
  double rate = 0;     // a second
  Duration mean{};     // of a stay
  bool fixed = false;  // every stay as long as the mean, instead of exponential
  std::vector<double>
      weights{};  // of each state to come next; empty: the next in the list, then the first again
};

class BurstCurve final : public LinearCurve {
 public:
  /// Starts in the first state, or in one drawn by the share of time that the process spends in each.
  BurstCurve(std::vector<BurstState> states, bool start_anywhere, Stream visits);
  /// By the long-run mean rate: what the visits will be is not known beforehand.
  double expected(Time from, Time to) const override;
  /// The long-run share of time in each state.
  const std::vector<double>& shares() const { return shares_; }

 protected:
  bool next_slope(Slope& slope) override;

 private:
  std::vector<BurstState> states_;
  std::vector<double> shares_;
  double mean_rate_ = 0;
  double first_part_ = 1;
  Stream visits_;
  std::uint64_t visit_ = 0;
  std::size_t state_ = 0;
};

/// Whether every state is reached from every other sooner or later: otherwise the long run has no shares.
bool all_reachable(const std::vector<BurstState>& states);

/// The first i at which the cumulated weights exceed u * their sum; u is in [0, 1).
std::size_t pick(const std::vector<double>& weights, double u);

/// The share of visits to each state of a chain with these jump weights (rows need not add up to 1), by the
/// elimination of Grassmann, Taksar and Heyman, which subtracts nothing and so loses no digits.
std::vector<double> visit_shares(std::vector<std::vector<double>> jumps);

}  // namespace spillway
