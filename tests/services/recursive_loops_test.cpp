// Chains that lead back to a function: where they are counted, where they are stopped, and what becomes of
// what is dropped.

#include "services/recursive_loops.hpp"

#include "services/function_events.hpp"
#include "services/load_balancer.hpp"
#include "services/sqs_event_source.hpp"
#include "support/one_function.hpp"

namespace spillway {
namespace {

using testing::at;
using testing::FactLog;
using testing::fixed;
using testing::Probe;
using testing::Server;

/// Works for a millisecond, and makes these calls one after the other; one that fails is carried on from.
Program asking(const std::vector<PortId>& ports, double fails = 0) {
  Program program;
  program.add({.verb = Step::Verb::compute, .duration = fixed(1ms)});
  for (const PortId port : ports) program.add({.verb = Step::Verb::call, .carry_on = true, .port = port});
  if (fails > 0) program.add({.verb = Step::Verb::fail, .probability = fails});
  program.add({.verb = Step::Verb::end});
  return program;
}

struct Loops {
  Loops() { probe = &world.add<Probe>("probe"); }

  Function& function(const std::string& name, FunctionConfig config = {}) {
    config.timeout = 900s;
    return world.add<Function>(name, std::move(config));
  }
  Queue& queue(const std::string& name, QueueConfig config = {}) {
    return world.add<Queue>(name, std::move(config));
  }
  void feed(Queue& from, Function& to, SqsEventSourceConfig config = {.batch_size = 1}) {
    auto& source = world.add<SqsEventSource>(to.name() + "<" + from.name(), from, std::move(config));
    source.attach(world.connect(source.id(), to.id()), to.config().timeout);
  }
  PortId ask(const Service& from, const Service& to, std::string operation = {}, std::uint32_t sibling = 0) {
    return world.connect(from.id(), to.id(), {.operation = std::move(operation), .sibling = sibling});
  }
  void send(const Service& to, Time when = at(0s), std::string operation = {}) {
    probe->send_at(when, ask(*probe, to, std::move(operation)));
  }
  void run(Duration end = 1h) {
    complete(world);
    ASSERT_FALSE(world.start().has_value());
    world.run(at(end));
  }
  /// Invocations of all functions.
  std::int64_t invocations() { return log.used(world.meter("lambda.requests")); }

  World world;
  FactLog log{world};
  Probe* probe;
};

std::string dropped(int count) { return "{\"recursive_invocations_dropped\":" + std::to_string(count) + "}"; }

/// A function that sends to the queue that feeds it.
struct SelfFed : Loops {
  explicit SelfFed(FunctionConfig config = {}, QueueConfig of_queue = {.max_receive_count = 3}) {
    fn = &function("fn", std::move(config));
    q = &queue("q", of_queue);
    dead = &queue("dead");
    q->set_dead_letter_queue(*dead);
    feed(*q, *fn);
    fn->set_program(asking({ask(*fn, *q)}));
  }
  Function* fn;
  Queue* q;
  Queue* dead;
};

TEST(RecursiveLoops, StopBeforeThe17thInvocation) {
  SelfFed loop;
  loop.send(*loop.q);
  loop.run();
  EXPECT_EQ(loop.invocations(), 16);
}

TEST(RecursiveLoops, EndInTheDeadLetterQueueOfTheQueueAfterItsReceives) {
  SelfFed loop;
  loop.send(*loop.q);
  loop.run();
  EXPECT_EQ(loop.fn->details(), dropped(3)) << "each receive is dropped";
  EXPECT_EQ(loop.dead->visible(), 1);
  EXPECT_EQ(loop.q->visible(), 0);
}

TEST(RecursiveLoops, GoOnWhereTheyAreAllowed) {
  SelfFed loop({.stops_loops = false});
  loop.send(*loop.q);
  loop.run(10s);
  EXPECT_GT(loop.invocations(), 1000);
  EXPECT_EQ(loop.fn->details(), "");
}

TEST(RecursiveLoops, AreCountedForEachJourneyAndAgainWhenItsRecordIsUsedAgain) {
  SelfFed loop;
  loop.send(*loop.q);
  loop.send(*loop.q);
  loop.send(*loop.q, at(30min));
  loop.run(10h);
  EXPECT_EQ(loop.invocations(), 3 * 16);
  EXPECT_EQ(loop.dead->visible(), 3);
}

TEST(RecursiveLoops, CountTheFirstInvocationWhoeverMadeIt) {
  SelfFed loop;
  loop.send(*loop.fn);
  loop.run();
  EXPECT_EQ(loop.invocations(), 16);
}

TEST(RecursiveLoops, CountNoInvocationThatIsTriedAgainTwice) {
  Loops loop;
  auto& fn = loop.function("fn");
  auto& q = loop.queue("q", {.max_receive_count = 20});
  auto& dead = loop.queue("dead");
  auto& aside = loop.queue("aside");
  q.set_dead_letter_queue(dead);
  loop.feed(q, fn);
  loop.feed(aside, fn);
  fn.set_program(asking({}, 1));
  loop.ask(fn, aside);  // it could lead back
  loop.send(q);
  loop.run(3h);
  EXPECT_EQ(loop.invocations(), 20) << "one message, received twenty times, is one invocation of the chain";
  EXPECT_EQ(fn.details(), dropped(0));
}

TEST(RecursiveLoops, CountAThrottledInvocationOnce) {
  // One environment for three chains, each of which finds it taken again and again.
  SelfFed loop({.reserved_concurrency = 1, .rate_per_concurrency = 0});
  for (int i = 0; i < 3; ++i) loop.send(*loop.q);
  loop.run(3h);
  EXPECT_GT(loop.log.marks(Mark::concurrency_throttled), 0);
  EXPECT_EQ(loop.invocations(), 3 * 16);
}

TEST(RecursiveLoops, GoThroughSeveralFunctionsEachCountedByItself) {
  Loops loop;
  auto& first = loop.function("first");
  auto& second = loop.function("second");
  auto& q = loop.queue("q", {.max_receive_count = 1});
  auto& dead = loop.queue("dead");
  q.set_dead_letter_queue(dead);
  loop.feed(q, first);
  first.set_program(asking({loop.ask(first, second, "invoke_async")}));
  second.set_program(asking({loop.ask(second, q)}));
  loop.send(q);
  loop.run();
  EXPECT_EQ(loop.invocations(), 32);
  EXPECT_EQ(first.details(), dropped(1));
  EXPECT_EQ(second.details(), dropped(0));
}

TEST(RecursiveLoops, OfEventsEndInTheFunctionsDeadLetterQueue) {
  Loops loop;
  auto& fn = loop.function("fn");
  auto& dead = loop.queue("dead");
  fn.set_async({.dead_letters = dead.id()});
  fn.set_program(asking({loop.ask(fn, fn, "invoke_async")}));
  loop.send(fn, at(0s), "invoke_async");
  loop.run();
  EXPECT_EQ(loop.invocations(), 16);
  EXPECT_EQ(fn.details(), dropped(1)) << "it is not tried again";
  EXPECT_EQ(dead.visible(), 1);
  EXPECT_EQ(loop.log.ended(Ending::dead_lettered), 1);
}

TEST(RecursiveLoops, OfEventsThatFailAndAreTriedAgainCountEachEventOnce) {
  Loops loop;
  auto& fn = loop.function("fn");
  fn.set_async({.maximum_retries = 2});
  fn.set_program(asking({}, 1));
  loop.ask(fn, fn, "invoke_async");
  loop.send(fn, at(0s), "invoke_async");
  loop.run();
  EXPECT_EQ(loop.invocations(), 3);
  EXPECT_EQ(fn.details(), dropped(0));
}

TEST(RecursiveLoops, OfInvocationsTellTheirCaller) {
  Loops loop;
  auto& fn = loop.function("fn");
  fn.set_program(asking({loop.ask(fn, fn)}));
  loop.send(fn);
  loop.run();
  EXPECT_EQ(loop.invocations(), 16);
  EXPECT_EQ(loop.probe->answers.front().outcome, Outcome::ok) << "the 16th carried on from the refusal";
}

TEST(RecursiveLoops, DoNotGoThroughTheFunctionsUrl) {
  Loops loop;
  auto& fn = loop.function("fn");
  fn.set_program(asking({loop.ask(fn, fn, "url")}));
  loop.send(fn);
  loop.run(1s);
  EXPECT_GT(loop.invocations() + static_cast<std::int64_t>(loop.world.calls().alive()), 500);
  EXPECT_EQ(fn.details(), "");
}

TEST(RecursiveLoops, DoNotGoThroughALoadBalancer) {
  Loops loop;
  auto& fn = loop.function("fn");
  auto& balancer = loop.world.add<LoadBalancer>("lb", LoadBalancerConfig{});
  balancer.add_rule({.name = "default"});
  balancer.add_target(fn.id(), true, {});
  fn.set_program(asking({loop.ask(fn, balancer)}));
  loop.ask(fn, fn);  // there is another way back
  loop.send(fn);
  loop.run(1s);
  EXPECT_GT(fn.environments(), 100);
  EXPECT_EQ(fn.details(), dropped(0));
}

TEST(RecursiveLoops, DropABatchWhenOneOfItsMessagesIsInALoop) {
  // Three messages in one batch: each sends one of its own, and the next batch has those.
  Loops loop;
  auto& fn = loop.function("fn");
  auto& q = loop.queue("q", {.max_receive_count = 1});
  auto& dead = loop.queue("dead");
  q.set_dead_letter_queue(dead);
  loop.feed(q, fn, {.batch_size = 10, .window = 1s});
  fn.set_program(asking({loop.ask(fn, q)}));
  for (int i = 0; i < 2; ++i) loop.send(q);
  loop.send(q, at(8500ms));  // joins the others when they have gone round for a while
  loop.run();
  EXPECT_EQ(loop.invocations(), 16);
  EXPECT_EQ(dead.visible(), 3);
}

TEST(RecursiveLoops, CountEachOfSeveralCallsOfOneTargetByItsOwnPath) {
  // Twenty messages of one invocation are twenty invocations of the next function, and no chain of twenty.
  Loops loop;
  auto& first = loop.function("first");
  auto& second = loop.function("second");
  auto& q = loop.queue("q");
  auto& back = loop.queue("back");
  loop.feed(q, second);
  loop.feed(back, first);
  std::vector<PortId> ports;
  for (std::uint32_t n = 0; n < 20; ++n) ports.push_back(loop.ask(first, q, {}, n));
  first.set_program(asking(ports));
  second.set_program(asking({}));
  loop.ask(second, back);  // it could lead back
  loop.send(first);
  loop.run();
  EXPECT_EQ(loop.invocations(), 21);
  EXPECT_EQ(second.details(), dropped(0));
}

TEST(RecursiveLoops, StopOnEveryPathOfAFork) {
  Loops loop;
  auto& fn = loop.function("fn");
  auto& q = loop.queue("q", {.max_receive_count = 1});
  auto& dead = loop.queue("dead");
  q.set_dead_letter_queue(dead);
  loop.feed(q, fn);
  fn.set_program(asking({loop.ask(fn, q, {}, 0), loop.ask(fn, q, {}, 1)}));
  loop.send(q);
  loop.run(2h);
  EXPECT_LT(loop.invocations(), 1000);
  EXPECT_EQ(q.visible(), 0);
  EXPECT_EQ(loop.world.calls().alive(), 0u);
}

TEST(RecursiveLoops, CountNothingWhereNothingLeadsBack) {
  Loops loop;
  auto& first = loop.function("first");
  auto& second = loop.function("second");
  auto& q = loop.queue("q");
  auto& server = loop.world.add<Server>("server", 1ms);
  loop.feed(q, second);
  first.set_program(asking({loop.ask(first, q)}));
  second.set_program(asking({loop.ask(second, server)}));
  loop.ask(server, first);  // a chain does not go on through it
  loop.send(first);
  loop.run();
  EXPECT_EQ(loop.invocations(), 2);
  EXPECT_EQ(first.details(), "");
  EXPECT_EQ(second.details(), "");
}

}  // namespace
}  // namespace spillway
