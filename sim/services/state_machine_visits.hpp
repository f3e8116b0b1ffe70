#pragma once
/// How often an execution enters each state when nothing fails: what the static view needs to know of a state
/// machine without running it.

#include <functional>
#include <vector>

#include "formats/asl/definition.hpp"

namespace spillway {

struct VisitAssumptions {
  /// The chances of a Choice's next states; empty: each way out is as likely as the others.
  std::function<std::vector<std::pair<asl::StateIndex, double>>(asl::StateIndex)> branches;
  /// How many items a Map goes through.
  std::function<double(asl::StateIndex)> items;
};

/// By state. Catchers are never taken. A loop without a way out is cut off at a thousand rounds.
std::vector<double> expected_visits(const asl::Machine& machine, const VisitAssumptions& assumptions);

/// Attempts of a state that fails each time, at most: one more than its retriers allow together.
double most_attempts(const asl::State& state);

}  // namespace spillway
