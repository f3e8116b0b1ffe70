#pragma once
/// From the steps that a scenario writes to a program that runs: ports are made, arms become jumps.

#include <map>
#include <string>

#include "model/program.hpp"
#include "services/catalogue.hpp"

namespace spillway {

class ProgramBuilder {
 public:
  /// For the handler `owner`, whose service has been added to the wiring's world.
  /// Its `compute` steps take `scale` billionths of the time that the program says.
  ProgramBuilder(Wiring& wiring, const Service& owner, std::int64_t scale = Step::kWhole)
      : wiring_(wiring), owner_(owner), scale_(scale) {}

  /// Builds the whole program of a resolved setting of kind program.
  Program build(const Value& steps) {
    add(steps);
    return finish();
  }
  /// In parts, where a handler has several programs: add() says where each begins.
  std::uint16_t add(const Value& steps);
  Program finish();

 private:
  void add_steps(const Value& steps);
  void add_step(const Value& step);
  void add_compute(const Value& step);
  void add_call(const Value& step, Step::Verb verb, const std::string& word);
  void add_parallel(const Value& arms);
  void add_branch(const Value& arms);
  void add_once(const Value& steps);
  void add_idempotent(const Value& settings);
  std::uint16_t add_record_write(std::size_t wrapper, Step::Verb verb, const Value& settings,
                                 std::string operation);
  Stream stream(std::string_view purpose);

  Wiring& wiring_;
  const Service& owner_;
  std::int64_t scale_;
  Program program_;
  std::uint32_t streams_ = 0;
  std::map<std::pair<std::uint32_t, std::string>, std::uint32_t>
      siblings_;  ///< calls so far, by callee and operation
};

}  // namespace spillway
