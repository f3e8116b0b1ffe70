// Traces: which hops a journey made, and who caused those that were repeated.

#include "observe/traces.hpp"

#include <gmock/gmock.h>

#include "services/sqs_event_source.hpp"
#include "support/small_world.hpp"

namespace spillway {
namespace {

using testing::at;
using ::testing::ElementsAre;
using testing::fixed;
using ::testing::Pair;
using testing::Probe;
using testing::Server;

/// Of each hop: which attempt it was, and who caused it if it was repeated.
std::vector<std::pair<int, RetryLayer>> repeats(const Trace& trace) {
  std::vector<std::pair<int, RetryLayer>> all;
  for (const TraceHop& hop : trace.hops) all.emplace_back(hop.attempt, hop.layer);
  return all;
}
constexpr std::pair<int, RetryLayer> kNew{1, RetryLayer::none};

/// A queue, and an event source that brings its messages to a server in batches of two.
struct Brought {
  explicit Brought(SqsEventSourceConfig config) {
    queue = &world.add<Queue>("queue", QueueConfig{.visibility_timeout = 30s});
    source = &world.add<SqsEventSource>("server<queue", *queue, std::move(config));
    source->attach(world.connect(source->id(), server.id()), 1s);
    port = world.connect(probe.id(), queue->id());
  }
  std::vector<Trace> run() {
    EXPECT_FALSE(world.start().has_value());
    world.run(at(60s));
    std::vector<Trace> slowest = traces.report().slowest;
    std::ranges::sort(slowest, {}, &Trace::born);
    return slowest;
  }

  World world;
  Traces traces{world};
  Probe& probe = world.add<Probe>("probe");
  Server& server = world.add<Server>("server", 10ms);
  Queue* queue;
  SqsEventSource* source;
  PortId port;
};

TEST(Traces, SayWhoMadeEachAttemptAfterTheFirst) {
  World world;
  Traces traces{world};
  auto& probe = world.add<Probe>("probe");
  auto& server = world.add<Server>("server", 10ms);
  server.outcomes = {Outcome::fault, Outcome::ok};
  PortConfig config{.retry = {.max_attempts = 2, .base = 10ms, .retry_on = kRetryTransient}};
  probe.send_at(at(0s), world.connect(probe.id(), server.id(), std::move(config)));
  EXPECT_FALSE(world.start().has_value());
  world.run(at(1s));
  const auto slowest = traces.report().slowest;
  ASSERT_EQ(slowest.size(), 1u);
  EXPECT_THAT(repeats(slowest[0]), ElementsAre(kNew, Pair(2, RetryLayer::sdk)));
}

TEST(Traces, TellTheMessagesOfABatchThatComeAgainFromThoseThatAreNew) {
  Brought two({.batch_size = 2, .window = 3s});
  two.server.outcomes = {Outcome::fault};
  two.probe.send_at(at(0s), two.port);   // alone in its batch, which fails
  two.probe.send_at(at(32s), two.port);  // brought together with what comes back
  const auto slowest = two.run();
  ASSERT_EQ(two.server.calls.size(), 2u);
  ASSERT_EQ(slowest.size(), 2u);
  EXPECT_THAT(repeats(slowest[0]), ElementsAre(kNew, kNew, Pair(1, RetryLayer::redrive)));
  EXPECT_THAT(repeats(slowest[1]), ElementsAre(kNew, kNew));
}

TEST(Traces, SayThatAnEventSourceInvokedAThrottledBatchAgain) {
  Brought two({.batch_size = 2});
  two.server.outcomes = {Outcome::throttled};
  two.probe.send_at(at(0s), two.port);
  const auto slowest = two.run();
  ASSERT_EQ(slowest.size(), 1u);
  EXPECT_THAT(repeats(slowest[0]), ElementsAre(kNew, kNew, Pair(1, RetryLayer::event_source)));
}

}  // namespace
}  // namespace spillway
