// How an event source mapping polls, gathers, invokes, ramps, and treats failures and throttles.

#include <gtest/gtest.h>

#include "services/function.hpp"
#include "services/sqs_event_source.hpp"
#include "support/small_world.hpp"

namespace spillway {
namespace {

using testing::at;
using testing::FactLog;
using testing::fixed;
using testing::Probe;

Program each_message(Duration work, double fails = 0) {
  Program program;
  program.add({.verb = Step::Verb::compute, .duration = fixed(work)});
  program.add({.verb = Step::Verb::fail, .probability = fails});
  program.add({.verb = Step::Verb::end});
  return program;
}

struct Worker {
  Worker(QueueConfig queue_config, SqsEventSourceConfig source_config, FunctionConfig function_config,
         Program program) {
    probe = &world.add<Probe>("probe");
    queue = &world.add<Queue>("queue", std::move(queue_config));
    dead = &world.add<Queue>("dead", QueueConfig{});
    if (queue->config().max_receive_count > 0) queue->set_dead_letter_queue(*dead);
    function = &world.add<Function>("worker", std::move(function_config));
    function->set_program(std::move(program));
    source = &world.add<SqsEventSource>("worker.queue", *queue, std::move(source_config));
    source->attach(world.connect(source->id(), function->id()), function->config().timeout);
    port = world.connect(probe->id(), queue->id());
  }
  void send(int count, Time when = at(0s)) {
    for (int i = 0; i < count; ++i) probe->send_at(when, port, 100);
  }
  void run(Duration end) {
    EXPECT_FALSE(world.start().has_value());
    world.run(at(end));
  }
  std::int64_t invocations() { return log.used(world.meter("lambda.requests")); }

  World world;
  FactLog log{world};
  Probe* probe;
  Queue* queue;
  Queue* dead;
  Function* function;
  SqsEventSource* source;
  PortId port;
};

TEST(SqsEventSource, DeletesWhatTheFunctionHandled) {
  Worker worker({}, {}, {}, each_message(10ms));
  worker.send(25);
  worker.run(60s);
  EXPECT_EQ(worker.log.ended(Ending::succeeded), 25);
  EXPECT_EQ(worker.queue->visible(), 0);
  EXPECT_EQ(worker.world.receipts().alive(), 0u);
  EXPECT_EQ(worker.world.calls().alive(), 0u);
}

TEST(SqsEventSource, HandlesTheMessagesOfABatchOneAfterTheOther) {
  Worker worker({}, {.batch_size = 10, .window = 1s}, {.timeout = 10s}, each_message(100ms));
  worker.send(10);
  worker.run(60s);
  EXPECT_EQ(worker.invocations(), 1);
  EXPECT_EQ(worker.log.used(worker.world.meter("lambda.duration.x86")), 1000 * 128);
}

TEST(SqsEventSource, ClosesABatchWhenItIsFullOrItsWindowIsOver) {
  Worker worker({}, {.batch_size = 10, .window = 2s}, {}, each_message(1ms));
  worker.send(12);
  worker.send(1, at(1s));
  worker.run(60s);
  EXPECT_EQ(worker.invocations(), 2) << "ten at once, then three when the window of the second batch ends";
}

TEST(SqsEventSource, BeginsWithFiveBatchesAndAdds300AMinute) {
  Worker worker({.visibility_timeout = 12h}, {.batch_size = 1},
                {.timeout = 900s, .account_concurrency = 5000}, each_message(800s));
  worker.send(2000);
  EXPECT_FALSE(worker.world.start().has_value());
  worker.world.run(at(1ms));
  EXPECT_EQ(worker.function->environments(), 5);
  worker.world.run(at(60s + 1ms));
  EXPECT_EQ(worker.function->environments(), 305);
  worker.world.run(at(240s + 1ms));
  EXPECT_EQ(worker.function->environments(), 1205);
  worker.world.run(at(700s));
  EXPECT_EQ(worker.function->environments(), 1250) << "the mapping's own cap";
}

TEST(SqsEventSource, KeepsToItsMaximumConcurrency) {
  Worker worker({}, {.batch_size = 1, .maximum_concurrency = 2}, {.timeout = 30s}, each_message(10s));
  worker.send(10);
  EXPECT_FALSE(worker.world.start().has_value());
  worker.world.run(at(25s));
  EXPECT_EQ(worker.function->environments(), 2);
  worker.world.run(at(51s));
  EXPECT_EQ(worker.log.ended(Ending::succeeded), 10);
}

TEST(SqsEventSource, LeavesAFailedBatchToItsVisibilityTimeoutUntilItIsDeadLettered) {
  Worker worker({.visibility_timeout = 30s, .max_receive_count = 3}, {}, {}, each_message(1ms, 1.0));
  worker.send(1);
  worker.run(200s);
  EXPECT_EQ(worker.invocations(), 3);
  EXPECT_EQ(worker.log.ended(Ending::dead_lettered), 1);
  EXPECT_EQ(worker.dead->visible(), 1);
}

TEST(SqsEventSource, FailsTheWholeBatchWithOneMessageUnlessTheHandlerReportsEach) {
  const auto succeeded_at_once = [](bool reports) {
    Program program = each_message(1ms);
    program.steps[1].probability = 0.5;
    program.steps[1].draws = Stream(1, "coin");
    Worker worker({.visibility_timeout = 600s},
                  {.batch_size = 10, .window = 1s, .partial_responses = reports}, {}, std::move(program));
    worker.send(10);
    worker.run(10s);
    return worker.log.ended(Ending::succeeded);
  };
  EXPECT_EQ(succeeded_at_once(false), 0);
  EXPECT_GT(succeeded_at_once(true), 0);
  EXPECT_LT(succeeded_at_once(true), 10);
}

TEST(SqsEventSource, ThrottlesEatTheReceiveCountUnderReservedButNotUnderMaximumConcurrency) {
  const auto dead_letters = [](std::optional<std::int64_t> reserved, std::int32_t maximum) {
    Worker worker({.visibility_timeout = 30s, .max_receive_count = 3},
                  {.batch_size = 1, .maximum_concurrency = maximum},
                  {.timeout = 20s, .reserved_concurrency = reserved}, each_message(10s));
    worker.send(25);
    worker.run(1h);
    EXPECT_EQ(worker.log.ended(Ending::succeeded) + worker.log.ended(Ending::dead_lettered), 25);
    return worker.log.ended(Ending::dead_lettered);
  };
  EXPECT_EQ(dead_letters(std::nullopt, 2), 0);
  EXPECT_GT(dead_letters(2, 0), 0);
}

TEST(SqsEventSource, ExtendsTheVisibilityTimeoutThatItsWindowWouldOutlast) {
  Worker worker({.visibility_timeout = 5s}, {.window = 3s}, {.timeout = 10s}, each_message(9s));
  worker.send(1);
  worker.run(60s);
  EXPECT_EQ(worker.invocations(), 1) << "visible again after window + timeout + 30 s, not after 5 s";
}

TEST(SqsEventSource, WorksTwiceWhenTheVisibilityTimeoutIsShorterThanTheHandler) {
  Worker worker({.visibility_timeout = 4s}, {}, {.timeout = 30s}, each_message(10s));
  worker.send(1);
  worker.run(60s);
  EXPECT_EQ(worker.invocations(), 3) << "received again at 4 s and at 8 s, deleted at 10 s";
  EXPECT_EQ(worker.log.ended(Ending::succeeded), 1);
  EXPECT_EQ(worker.log.marks(Mark::duplicate), 2);
}

TEST(SqsEventSource, BillsTheEmptyLongPollsOfFiveIdlePollersWithoutAnEvent) {
  Worker worker({}, {}, {}, each_message(1ms));
  EXPECT_FALSE(worker.world.start().has_value());
  worker.world.run(at(1h));
  EXPECT_EQ(worker.world.simulation().events(), 0u);
  worker.source->account();
  EXPECT_EQ(worker.log.used(worker.world.meter("sqs.requests.standard")), 5 * 3600 / 20);
}

TEST(SqsEventSource, BillsNoEmptyPollWhileItsPollersAreBusy) {
  Worker worker({.visibility_timeout = 12h}, {.batch_size = 1}, {.timeout = 900s}, each_message(600s));
  worker.send(5);
  EXPECT_FALSE(worker.world.start().has_value());
  worker.world.run(at(600s - 1ms));
  worker.source->account();
  EXPECT_EQ(worker.log.used(worker.world.meter("sqs.requests.standard")), 5 + 5)
      << "five sends, five receives";
}

}  // namespace
}  // namespace spillway
