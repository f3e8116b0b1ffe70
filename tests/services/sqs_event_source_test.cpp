// How an event source mapping polls, gathers, invokes, ramps, and treats failures and throttles.

#include <gtest/gtest.h>

#include "services/function.hpp"
#include "services/sqs_event_source.hpp"
#include "support/queue_world.hpp"

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
    producer = &world.add<testing::Producer>("producer");
    producer_port = world.connect(producer->id(), queue->id());
  }
  void send(int count, Time when = at(0s)) {
    for (int i = 0; i < count; ++i) probe->send_at(when, port, 100);
  }
  void send(Time when, testing::Producer::Message message) {
    producer->send_at(when, producer_port, message);
  }
  /// The most that a gauge of a service ever showed.
  std::int64_t most(const Service& service, Gauge gauge) {
    std::int64_t most = 0;
    for (const Fact& fact : log.facts) {
      if (fact.kind == FactKind::levelled && fact.service == static_cast<std::uint16_t>(service.id()) &&
          fact.subject == static_cast<std::uint32_t>(gauge))
        most = std::max(most, fact.value);
    }
    return most;
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
  testing::Producer* producer;
  PortId port;
  PortId producer_port;
};

/// Fails for the messages of traffic class 1.
Program failing_class(Duration work) {
  Program program;
  program.add({.verb = Step::Verb::compute, .duration = fixed(work)});
  program.add({.verb = Step::Verb::branch, .target = 3, .arms = {{.traffic_class = 1, .start = 2}}});
  program.add({.verb = Step::Verb::fail});
  program.add({.verb = Step::Verb::end});
  return program;
}

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

TEST(SqsEventSource, RepeatsAThrottledBatchItselfAndRedeliveryWhatComesBack) {
  const auto repeated = [](Program program, RetryLayer layer) {
    Worker worker({.visibility_timeout = 60s}, {.batch_size = 1}, {.timeout = 20s, .reserved_concurrency = 1},
                  std::move(program));
    worker.send(2);
    worker.run(90s);
    return worker.log.repeated(worker.world.meter("lambda.requests"), layer);
  };
  // The second waits for the first. Each runs once, and then comes back, when both are shown again together.
  EXPECT_EQ(repeated(each_message(5s), RetryLayer::event_source), 1);
  EXPECT_EQ(repeated(each_message(5s), RetryLayer::redrive), 0);
  EXPECT_EQ(repeated(each_message(5s, 1), RetryLayer::event_source), 2);
  EXPECT_EQ(repeated(each_message(5s, 1), RetryLayer::redrive), 1);
}

TEST(SqsEventSource, LaysABatchToRedeliveryThatBringsOneMessageAgain) {
  Worker worker({.visibility_timeout = 30s}, {.batch_size = 2, .window = 3s, .partial_responses = true},
                {.timeout = 10s}, failing_class(10ms));
  worker.send(at(0s), {.traffic_class = 1});
  worker.send(at(29s), {});  // received before the one that comes back
  worker.run(40s);
  EXPECT_EQ(worker.invocations(), 2);
  EXPECT_EQ(worker.log.repeated(worker.world.meter("lambda.requests"), RetryLayer::redrive), 1);
}

TEST(SqsEventSource, LaysWhatComesBackFromTheDeadLetterQueueToRedelivery) {
  for (const bool filtering : {false, true}) {
    Worker worker({.visibility_timeout = 30s, .max_receive_count = 1},
                  {.batch_size = 1, .filter = {.pass = filtering ? 0.999 : 1}}, {.timeout = 20s},
                  each_message(10ms, 0.5));
    worker.dead->set_redrive_back(*worker.queue, {.start = at(300s)});
    worker.send(10);
    worker.run(100s);
    const std::int64_t died = worker.log.marks(Mark::dead_lettered);
    ASSERT_GT(died, 1);
    worker.world.run(at(1h));
    const std::int64_t handled = 2 * died - worker.log.marks(Mark::dead_lettered);
    ASSERT_GT(handled, 0);
    ASSERT_EQ(worker.invocations(), 10 + died);
    const auto repeated = [&](const char* meter) {
      return worker.log.repeated(worker.world.meter(meter), RetryLayer::redrive);
    };
    EXPECT_EQ(repeated("lambda.requests"), died);
    EXPECT_EQ(repeated("sqs.requests.standard"), 3 + died + handled)
        << "the move, each receive, and the deletes of what was handled at last";
  }
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

// ---- FIFO -------------------------------------------------------------------------------------------------

TEST(SqsEventSource, RunsAsManyBatchesAtOnceAsGroupsAreActiveLQ1) {
  Worker worker({.visibility_timeout = 60s, .fifo = FifoConfig{}},
                {.batch_size = 1, .maximum_concurrency = 10}, {.timeout = 30s}, each_message(1s));
  for (int i = 0; i < 120; ++i) worker.send(at(0s), {.key = static_cast<std::uint64_t>(i % 6)});
  worker.run(60s);
  EXPECT_EQ(worker.most(*worker.function, Gauge::concurrency), 6);
  EXPECT_EQ(worker.log.ended(Ending::succeeded), 120);
}

TEST(SqsEventSource, FillsABatchOfAFifoQueueWithSeveralGroupsOrWithOne) {
  const auto invocations = [](bool one_group) {
    Worker worker({.delay = 1s, .fifo = FifoConfig{}}, {.batch_size = 10, .one_group = one_group},
                  {.timeout = 30s}, each_message(1ms));
    for (int i = 0; i < 6; ++i) worker.send(at(0s), {.key = static_cast<std::uint64_t>(i)});
    worker.run(10s);
    return worker.invocations();
  };
  EXPECT_EQ(invocations(true), 6);
  EXPECT_EQ(invocations(false), 1);
}

TEST(SqsEventSource, KeepsTheOrderOfAGroupWhenABatchFails) {
  Worker worker({.visibility_timeout = 30s, .max_receive_count = 2, .fifo = FifoConfig{}}, {.batch_size = 1},
                {.timeout = 20s}, failing_class(1s));
  worker.send(at(0s), {.key = 1, .traffic_class = 1});
  for (int i = 0; i < 3; ++i) worker.send(at(1s), {.key = 1});
  worker.send(at(1s), {.key = 2});
  EXPECT_FALSE(worker.world.start().has_value());
  worker.world.run(at(50s));
  EXPECT_EQ(worker.log.ended(Ending::succeeded), 1) << "only the other group went on";
  worker.world.run(at(80s));
  EXPECT_EQ(worker.log.ended(Ending::dead_lettered), 1);
  EXPECT_EQ(worker.log.ended(Ending::succeeded), 4) << "the dead letter set its group free";
}

TEST(SqsEventSource, StopsABatchOfAFifoQueueAtItsFirstFailure) {
  const auto handled = [](bool is_fifo) {
    QueueConfig config{.visibility_timeout = 600s};
    if (is_fifo) config.fifo = FifoConfig{.group = FifoConfig::Group::single};
    Worker worker(std::move(config),
                  {.batch_size = 10,
                   .window = is_fifo ? 0s : 1s,
                   .partial_responses = true,
                   .delivery_latency = fixed(1s)},
                  {.timeout = 60s}, failing_class(1s));
    // The first message opens a batch of its own; the five behind it are one batch.
    worker.send(at(0s), {});
    for (int i = 0; i < 5; ++i) worker.send(at(is_fifo ? 500ms : 1500ms), {.traffic_class = i == 1});
    worker.run(60s);
    return worker.log.ended(Ending::succeeded);
  };
  EXPECT_EQ(handled(false), 1 + 4);
  EXPECT_EQ(handled(true), 1 + 1) << "what stands behind the failed message is not tried";
}

TEST(SqsEventSource, WaitsForTheRateOfAFifoQueuesReceives) {
  Worker worker({.fifo = FifoConfig{.rate = 10}}, {.batch_size = 1, .start_concurrency = 100},
                {.timeout = 30s}, each_message(1ms));
  for (int i = 0; i < 100; ++i) worker.send(at(200ms * i), {.key = static_cast<std::uint64_t>(i)});
  worker.run(60s);
  EXPECT_EQ(worker.log.ended(Ending::succeeded), 100);
}

// ---- Filters, limits, provisioned mode --------------------------------------------------------------------

TEST(SqsEventSource, DeletesWhatItsFilterDoesNotPassUnseen) {
  Worker worker({}, {.filter = {.classes = {1}}}, {}, each_message(1ms));
  for (int i = 0; i < 40; ++i) worker.send(at(10ms * i), {.traffic_class = i % 4 == 0});
  worker.run(60s);
  EXPECT_EQ(worker.invocations(), 10);
  EXPECT_EQ(worker.log.marks(Mark::filtered), 30);
  EXPECT_EQ(worker.log.ended(Ending::succeeded), 40);
  EXPECT_EQ(worker.log.used(worker.world.meter("sqs.requests.standard")), 3 * 40)
      << "sent, received, deleted";
}

TEST(SqsEventSource, PassesAShareOfTheMessagesTheSameAtEachReceive) {
  Worker worker({.visibility_timeout = 1s, .max_receive_count = 5},
                {.batch_size = 1, .filter = {.pass = 0.25}}, {}, each_message(1ms, 1.0));
  worker.send(400);
  worker.run(600s);
  EXPECT_NEAR(static_cast<double>(worker.log.ended(Ending::dead_lettered)), 100, 25);
  EXPECT_EQ(worker.log.marks(Mark::filtered), worker.log.ended(Ending::succeeded));
}

TEST(SqsEventSource, ClosesABatchThatHoldsSixMegabytes) {
  Worker worker({}, {.batch_size = 100, .window = 300s}, {.timeout = 10s}, each_message(1ms));
  for (int i = 0; i < 7; ++i) worker.send(at(0s), {.bytes = 1 << 20});
  worker.run(60s);
  EXPECT_EQ(worker.invocations(), 1) << "six messages at once; the seventh waits for its window";
  EXPECT_EQ(worker.log.ended(Ending::succeeded), 6);
}

TEST(SqsEventSource, ShowsAMessageAgainWhenTheHandlerSays) {
  Worker worker({.visibility_timeout = 600s}, {.partial_responses = true, .failure_visibility = 5s},
                {.timeout = 10s}, failing_class(1s));
  worker.send(at(0s), {.traffic_class = 1});
  worker.run(14s);
  EXPECT_EQ(worker.invocations(), 3) << "at 0, 6 and 12 s, and not at 600 s";
}

TEST(SqsEventSource, RunsTenBatchesForEachProvisionedPoller) {
  Worker worker({.visibility_timeout = 12h},
                {.batch_size = 1, .provisioned = {.least = 2, .most = 5}, .ramp_per_minute = 1000},
                {.timeout = 900s}, each_message(800s));
  worker.send(200);
  EXPECT_FALSE(worker.world.start().has_value());
  worker.world.run(at(1ms));
  EXPECT_EQ(worker.function->environments(), 20);
  worker.world.run(at(1s));
  EXPECT_EQ(worker.function->environments(), 36) << "1,000 a minute more";
  worker.world.run(at(60s));
  EXPECT_EQ(worker.function->environments(), 50);
}

TEST(SqsEventSource, BillsProvisionedPollersByTheSecondAndEachForAMinute) {
  Worker worker({.visibility_timeout = 12h},
                {.batch_size = 1, .provisioned = {.least = 2, .most = 5}, .ramp_per_minute = 1000},
                {.timeout = 900s}, each_message(10s));
  worker.send(60, at(600s));
  worker.run(1200s);
  worker.source->account();
  const std::int64_t seconds = worker.log.used(worker.world.meter("lambda.event_poller.sqs"));
  EXPECT_GE(seconds, 2 * 1200 + 3 * 60) << "three were added, for less than a minute";
  EXPECT_LE(seconds, 2 * 1200 + 3 * 65);
}

TEST(SqsEventSource, LimitsProvisionedPollersToTenPollsASecondEach) {
  Worker worker({}, {.batch_size = 1, .provisioned = {.least = 2, .most = 2}}, {.account_concurrency = 5000},
                each_message(1ms));
  worker.send(400);
  worker.run(10s);
  std::int64_t in_a_second = 0;
  for (const Fact& fact : worker.log.facts)
    in_a_second += fact.kind == FactKind::ended && fact.at >= at(5s) && fact.at < at(6s);
  EXPECT_EQ(in_a_second, 20);
}

TEST(SqsEventSource, LimitsProvisionedPollersToAMegabyteASecondEach) {
  Worker worker({}, {.batch_size = 1, .provisioned = {.least = 2, .most = 2}}, {}, each_message(1ms));
  for (int i = 0; i < 40; ++i) worker.send(at(0s), {.bytes = 1'000'000});
  worker.run(10s);
  EXPECT_NEAR(static_cast<double>(worker.log.ended(Ending::succeeded)), 20, 2);
}

TEST(SqsEventSource, KeepsFewerPollersWhileTheQueueIsEmptyWhenToldSo) {
  Worker worker({}, {.idle_pollers = 2}, {}, each_message(1ms));
  EXPECT_FALSE(worker.world.start().has_value());
  worker.world.run(at(1h));
  worker.source->account();
  EXPECT_EQ(worker.log.used(worker.world.meter("sqs.requests.standard")), 2 * 3600 / 20);
}

}  // namespace
}  // namespace spillway
