// What handler programs do, step by step.

#include "model/handler.hpp"

#include <gtest/gtest.h>

#include "support/small_world.hpp"

namespace spillway {
namespace {

using testing::at;
using testing::fixed;
using testing::Probe;
using testing::Server;

/// Runs its program for every call, side by side.
class Runner final : public Handler {
 public:
  using Handler::Handler;
  void on_call(CallId id) override { run(last_ = prepare(id, 0)); }
  void program_done(FrameId id) override { answer(frame(id).serving, frame(id).outcome); }
  void cancel_last() { cancel(last_); }
  std::uint32_t alive() { return frames().alive(); }

 private:
  FrameId last_ = kNoFrame;
};

struct Handled {
  Handled() : probe(world.add<Probe>("probe")), runner(world.add<Runner>("runner")) {
    callee = &world.add<Server>("callee", 10ms);
    asked = world.connect(runner.id(), callee->id());
  }
  void run(Program program) {
    program.add({.verb = Step::Verb::end});
    runner.set_program(std::move(program));
    probe.send_at(at(0s), world.connect(probe.id(), runner.id()));
    EXPECT_FALSE(world.start().has_value());
    world.run(at(10s));
  }

  World world;
  Probe& probe;
  Runner& runner;
  Server* callee;
  PortId asked;
};

TEST(Handler, RunsItsStepsOneAfterTheOther) {
  Handled handled;
  Program program;
  program.add({.verb = Step::Verb::compute, .duration = fixed(5ms)});
  program.add({.verb = Step::Verb::call, .port = handled.asked});
  program.add({.verb = Step::Verb::compute, .duration = fixed(7ms)});
  handled.run(std::move(program));
  EXPECT_EQ(handled.probe.answers[0].when, at(22ms));
  EXPECT_EQ(handled.runner.alive(), 0u);
}

TEST(Handler, DoesNotWaitForWhatItEmits) {
  Handled handled;
  Program program;
  program.add({.verb = Step::Verb::emit, .port = handled.asked});
  handled.run(std::move(program));
  EXPECT_EQ(handled.probe.answers[0].when, at(0ms));
  EXPECT_EQ(handled.callee->calls.size(), 1u);
}

TEST(Handler, GoesOnAfterTheLastArmOfAFork) {
  Handled handled;
  Program program;
  const auto fork = program.add({.verb = Step::Verb::fork});
  for (const Duration arm : {30ms, 80ms, 20ms}) {
    program.steps[fork].arms.push_back({.start = program.next()});
    program.add({.verb = Step::Verb::compute, .duration = fixed(arm)});
    program.add({.verb = Step::Verb::end});
  }
  program.steps[fork].target = program.next();
  program.add({.verb = Step::Verb::compute, .duration = fixed(1ms)});
  handled.run(std::move(program));
  EXPECT_EQ(handled.probe.answers[0].when, at(81ms));
  EXPECT_EQ(handled.runner.alive(), 0u);
}

TEST(Handler, FailsWithAFailedCallUnlessItCarriesOn) {
  for (const bool carry_on : {false, true}) {
    Handled handled;
    handled.callee->outcomes = {Outcome::fault};
    Program program;
    program.add({.verb = Step::Verb::call, .carry_on = carry_on, .port = handled.asked});
    handled.run(std::move(program));
    EXPECT_EQ(handled.probe.answers[0].outcome, carry_on ? Outcome::ok : Outcome::error);
  }
}

TEST(Handler, TakesTheArmOfItsChance) {
  Handled handled;
  Program program;
  const auto branch = program.add({.verb = Step::Verb::branch});
  program.steps[branch].arms.push_back({.probability = 0, .start = program.next()});
  program.add({.verb = Step::Verb::compute, .duration = fixed(1s)});
  const auto jump = program.add({.verb = Step::Verb::jump});
  program.steps[branch].arms.push_back({.probability = 1, .start = program.next()});
  program.add({.verb = Step::Verb::compute, .duration = fixed(3ms)});
  program.steps[branch].target = program.steps[jump].target = program.next();
  handled.run(std::move(program));
  EXPECT_EQ(handled.probe.answers[0].when, at(3ms));
}

TEST(Handler, ThatIsCancelledAsksNobodyAnyMoreAndFreesItsFrames) {
  Handled handled;
  Program program;
  program.add({.verb = Step::Verb::compute, .duration = fixed(50ms)});
  program.add({.verb = Step::Verb::call, .port = handled.asked});
  program.add({.verb = Step::Verb::end});
  handled.runner.set_program(std::move(program));
  handled.probe.send_at(at(0s), handled.world.connect(handled.probe.id(), handled.runner.id()));
  EXPECT_FALSE(handled.world.start().has_value());
  handled.world.run(at(20ms));
  handled.runner.cancel_last();
  handled.world.run(at(1s));
  EXPECT_TRUE(handled.callee->calls.empty());
  EXPECT_TRUE(handled.probe.answers.empty());
  EXPECT_EQ(handled.runner.alive(), 0u);
}

}  // namespace
}  // namespace spillway
