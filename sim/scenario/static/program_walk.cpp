#include "scenario/static/program_walk.hpp"

#include <algorithm>

#include "spillway/distribution.hpp"

namespace spillway {

namespace {

class Walk {
 public:
  explicit Walk(const WalkedRequest& request) : request_(request) {}

  /// Seconds of these steps, weighed by `chance`, the probability that they are reached; takes off what ends
  /// in them.
  double steps(const Value& program, double& chance) const {
    double seconds = 0;
    for (const Value& step : program.items()) seconds += one(step, chance);
    return seconds;
  }

 private:
  double one(const Value& step, double& chance) const {
    const std::string& verb = step.text();
    if (verb == "compute") return chance * compute(step["compute"]);
    if (verb == "call" || verb == "emit") {
      const double waited = request_.hop(step, chance);
      return verb == "call" && chance > 0 ? chance * waited : 0;
    }
    if (verb == "parallel") return parallel(step["parallel"], chance);
    if (verb == "branch") return branch(step["branch"], chance);
    if (verb == "once") return once(step["once"], chance);
    if (verb == "idempotent") return steps(step["idempotent"]["steps"], chance);
    if (verb == "fail") chance *= 1 - step["fail"]["probability"].probability();
    return 0;
  }

  double compute(const Value& duration) const {
    return duration.is_word("request") ? request_.work_seconds : duration.distribution().mean() * 1e-9;
  }

  double parallel(const Value& arms, double& chance) const {
    double longest = 0;
    double left = chance;
    for (const Value& arm : arms.items()) {
      double reached = chance;
      longest = std::max(longest, steps(arm, reached));
      if (chance > 0) left *= reached / chance;
    }
    chance = left;
    return longest;
  }

  /// As the handler takes arms: in their order, an arm of the request's class takes all that is left.
  double branch(const Value& arms, double& chance) const {
    double seconds = 0;
    double rest = 1;
    double after = 0;
    for (const Value& arm : arms.items()) {
      double taken = arm["probability"].is_set() ? std::min(rest, arm["probability"].probability()) : rest;
      if (arm["when"].is_set()) taken = arm["when"].text() == request_.class_name ? rest : 0;
      double reached = chance * taken;
      seconds += steps(arm["steps"], reached);
      after += reached;
      rest -= taken;
    }
    chance = after + chance * std::max(0.0, rest);
    return seconds;
  }

  double once(const Value& program, double& chance) const {
    const double before = chance * request_.first;
    double reached = before;
    const double seconds = steps(program, reached);
    chance -= before - reached;
    return seconds;
  }

  const WalkedRequest& request_;
};

}  // namespace

double walk_program(const Value& program, const WalkedRequest& request) {
  if (!program.is_set()) return 0;
  double chance = 1;
  return Walk(request).steps(program, chance);
}

}  // namespace spillway
